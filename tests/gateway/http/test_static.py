"""The page's files: which are served, their forms, and their headers."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request

from antechamber.gateway.http import static as pages
from antechamber.gateway.http.static import StaticFiles
from tests.gateway.front_desks import Place, front_desk

WEB = Path(pages.__file__).parents[2] / "web"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
_TOKENS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |(?P<pattern>(?:(?<=[(,=:\[!&|?{};+*%<>~^-])|(?<=return)|(?<==>))\s*
        /(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/)
    |(?P<mark>[`{}])""",
    re.DOTALL | re.VERBOSE,
)
"""The tokens of a script that matter for finding its templates."""
_IN_TEMPLATE = re.compile(r"(?:\\.|\$(?!\{)|[^`$\\])*(?P<end>`|\$\{)", re.DOTALL)


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    (tmp_path / "js" / "room").mkdir(parents=True)
    for path, content in {
        "index.html": "<!doctype html><title>Chat</title>" + " " * 200,
        "operator.html": "<!doctype html><title>Operator</title>" + " " * 200,
        "js/room/list.js": "export const list = [];\n" * 20,
        "css.css": "b{}",
        "icon.svg": "<svg/>" + " " * 200,
        "__init__.py": "",
        "notes.md": "x",
    }.items():
        (tmp_path / path).write_text(content, encoding="utf-8")
    monkeypatch.setattr(pages, "_WEB", tmp_path)
    async with front_desk() as place:
        yield place


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/web/js/room/list.js", "text/javascript; charset=utf-8"),
        ("/web/css.css", "text/css; charset=utf-8"),
        ("/web/icon.svg", "image/svg+xml"),
        ("/web/index.html", "text/html; charset=utf-8"),
        ("/operator", "text/html; charset=utf-8"),
    ],
)
async def test_a_file_is_served_with_its_type_and_a_strict_policy(place: Place, path: str, kind: str) -> None:
    answer = await place.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in answer.headers["permissions-policy"]
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(policy)


async def test_a_browser_gets_the_page_at_the_front_and_others_get_words(place: Place) -> None:
    page = await place.ask("GET", "/", HTML)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.body.startswith(b"<!doctype html><title>Chat")
    for headers in ({}, {"Accept": "*/*"}):
        words = await place.ask("GET", "/", headers)
        assert words.headers["content-type"] == "text/plain; charset=utf-8"
        assert "Accept" in words.headers["vary"]


async def test_where_there_is_no_page_everybody_gets_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(pages, "_WEB", tmp_path / "empty")
    async with front_desk() as place:
        assert (await place.ask("GET", "/", HTML)).headers["content-type"] == "text/plain; charset=utf-8"
        assert (await place.ask("GET", "/operator")).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/web/",
        "/web/none.js",
        "/web/__init__.py",
        "/web/notes.md",
        "/web/../pages.py",
        "/web/%2e%2e/pages.py",
        "/web/js",
    ],
)
async def test_nothing_else_is_served(place: Place, path: str) -> None:
    assert (await place.ask("GET", path)).status == 404


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("GZIP", True),
        ("gzip;q=0.5", True),
        ("*", True),
        ("br, gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("deflate, br", False),
        ("", False),
        (None, False),
    ],
)
async def test_a_file_is_packed_for_those_who_take_it_so(place: Place, accepts: str | None, packed: bool) -> None:
    headers = {} if accepts is None else {"Accept-Encoding": accepts}
    answer = await place.ask("GET", "/web/js/room/list.js", headers)
    assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
    assert "Accept-Encoding" in answer.headers["vary"]
    body = gzip.decompress(answer.body) if packed else answer.body
    assert body == b"export const list=[];" * 20
    assert (len(answer.body) < len(body)) == packed


async def test_scripts_and_styles_are_served_without_their_comments(place: Place, tmp_path: Path) -> None:
    (tmp_path / "told.js").write_text("/** Says it. */\nexport const text = `a  // b`; // why\n", encoding="utf-8")
    (tmp_path / "told.css").write_text("/* why */\nb > i {\n  color: red;\n}\n", encoding="utf-8")
    served = pages.StaticFiles()
    request = Request({"type": "http", "headers": []})
    assert served.answer("told.js", request).body == b"export const text=`a  // b`;"
    assert served.answer("told.css", request).body == b"b>i{color:red}"


async def test_what_packing_makes_no_smaller_is_served_as_it_is(place: Place) -> None:
    answer = await place.ask("GET", "/web/css.css", {"Accept-Encoding": "gzip"})
    assert (answer.body, answer.headers.get("content-encoding")) == (b"b{}", None)


@pytest.mark.parametrize("accepts", ["gzip", ""])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_a_copy_that_is_still_right_is_not_sent_again(place: Place, accepts: str, form: str) -> None:
    first = await place.ask("GET", "/web/icon.svg", {"Accept-Encoding": accepts})
    headers = {"Accept-Encoding": accepts, "If-None-Match": form.format(first.headers["etag"])}
    caller = await place.call()
    await caller.ask("GET", "/web/icon.svg", headers)
    status, told = await caller.head()
    assert (status, told["etag"], "content-length" in told) == (304, first.headers["etag"], False)
    assert told["content-security-policy"]


async def test_each_form_of_a_file_has_a_tag_of_its_own_and_another_files_is_another(place: Place) -> None:
    asked = [("/web/icon.svg", "gzip"), ("/web/icon.svg", ""), ("/web/css.css", ""), ("/", "")]
    replies = [await place.ask("GET", path, {**HTML, "Accept-Encoding": accepts}) for path, accepts in asked]
    assert len({answer.headers["etag"] for answer in replies}) == 4
    wrong = await place.ask("GET", "/web/icon.svg", {"If-None-Match": replies[0].headers["etag"]})
    assert wrong.status == 200


async def test_a_head_is_answered_without_the_file(place: Place) -> None:
    answer = await place.ask("HEAD", "/web/icon.svg")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "206")


async def test_files_are_read_once(place: Place, tmp_path: Path) -> None:
    (tmp_path / "css.css").write_text("i{}", encoding="utf-8")
    assert (await place.ask("GET", "/web/css.css")).body == b"b{}"


def templates_in_templates(script: str) -> list[int]:
    """Return the lines at which a nested template begins."""
    found: list[int] = []
    # The open braces and templates, from the outermost to the innermost.
    inside: list[str] = []
    place = 0
    while match := (_IN_TEMPLATE if inside[-1:] == ["`"] else _TOKENS).search(script, place):
        place = match.end()
        mark = match["end"] if "end" in match.groupdict() else match["mark"]
        if inside[-1:] == ["`"]:
            if mark == "`":
                inside.pop()
            else:
                inside.append(mark)
        elif mark == "`":
            if "`" in inside:
                found.append(script.count("\n", 0, place) + 1)
            inside.append(mark)
        elif mark == "{":
            inside.append(mark)
        elif mark == "}":
            inside.pop()
    assert not inside, f"{inside} are open at the end"
    return found


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        ("const a = `one ${two ? `three` : ''}`;", [1]),
        ("const a = `one ${\n  two\n    ? `three\n  ${four}`\n    : ''\n}`;\nconst b = `${`c`}`;", [3, 7]),
        ("`${f({ a: { b: `c` } })}`", [1]),
        ("`${a}` + `${b}`; if (c) { d = `e`; }", []),
        ("`a \\` ${b['`']} $ ${/[`/]`/.test(c)} \\${`", []),
        ("// `\n/* ` {\n */ const a = '`{' + \"`}\"; return /`{/u; b = c / d; `e`;", []),
    ],
)
def test_a_template_in_a_template_is_found_over_any_lines(script: str, lines: list[int]) -> None:
    assert templates_in_templates(script) == lines


def test_no_template_of_a_script_stands_in_another() -> None:
    """The minifier takes spaces in a nested template for spaces between words of the script."""
    scripts = {path.relative_to(WEB).as_posix(): path.read_text(encoding="utf-8") for path in WEB.rglob("*.js")}
    assert {name: lines for name, script in scripts.items() if (lines := templates_in_templates(script))} == {}


def test_every_file_of_the_page_is_served() -> None:
    served = StaticFiles()
    request = Request({"type": "http", "headers": []})
    for path in WEB.rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            assert served.answer(path.relative_to(WEB).as_posix(), request).status_code == 200, path


def test_everything_that_the_page_names_is_there() -> None:
    """A broken import or link shows only in a browser, and perhaps late."""
    served = StaticFiles()
    for path in WEB.rglob("*"):
        if path.suffix not in (".html", ".js", ".css"):
            continue
        source = path.read_text(encoding="utf-8")
        for name in re.findall(r"""(?:src|href)="(/web/[^"]+)\"""", source):
            assert name.removeprefix("/web/") in served, f"{path} names {name}"
        for name in re.findall(
            r"""^(?:import|export)\s(?:[^'"=();]*\sfrom\s)?\s*['"]([./][^'"]+)['"]""", source, re.MULTILINE
        ):
            target = WEB / name.removeprefix("/web/") if name.startswith("/") else path.parent / name
            assert target.resolve().relative_to(WEB.resolve()).as_posix() in served, f"{path} imports {name}"
