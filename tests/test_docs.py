"""The documentation is true: the commands, options and files that it names are there, and none is left out.

What can be set is in `test_docs_config.py`, the protocol's part in `test_docs_protocol.py`;
`processes/test_worked_sessions.py` replays the sessions shown there.
"""

import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

import antechamber
from antechamber import __main__ as command_line
from tests.markdown import DOCUMENTS, ROOT, anchors, code, links, section, tables, unquoted

README, CHANGELOG, CONFIG = DOCUMENTS["README.md"], DOCUMENTS["CHANGELOG.md"], DOCUMENTS["docs/config.md"]
OWN = [name for name in DOCUMENTS if not name.startswith("bench/")]
"""The documents that name no options but our commands'."""
COMMANDS = [
    ("### `chatserver.py`, `antechamber serve`", "serve"),
    ("### `chatclient.py`, `antechamber join`", "join"),
    ("### `antechamber check-config`", "check-config"),
    ("### `antechamber operator-link`", "operator-link"),
    ("### `antechamber history`", "history"),
    ("### `antechamber backup`", "backup"),
    ("### `antechamber init`", "init"),
    ("### `antechamber completion`", "completion"),
]
"""Where in the config reference each command stands."""
LAUNCHERS = {"chatserver": "serve", "chatclient": "join"}


class Help(NamedTuple):
    """What a command's help says: the text of each argument by its name, and the commands there are."""

    arguments: dict[str, str]
    commands: list[str]


def read_help(text: str) -> Help:
    """Read what argparse prints."""
    arguments = {}
    for block in re.findall(r"^(?:positional arguments|options):\n((?:  .*\n)*)", text, re.MULTILINE):
        for entry in re.split(r"^  (?=\S)", block, flags=re.MULTILINE)[1:]:
            name, *words = entry.split()
            arguments[name] = " ".join(words)
    assert arguments.pop("-h,")
    return Help(arguments, re.findall(r"^    ([a-z-]+)", text, re.MULTILINE))


HelpOf = Callable[[str], Help]


@pytest.fixture
def help_of(capsys: pytest.CaptureFixture[str]) -> HelpOf:
    """Give what asks a command for its help."""

    def ask(command: str = "") -> Help:
        with pytest.raises(SystemExit):
            command_line.main([*command.split(), "--help"])
        return read_help(capsys.readouterr().out)

    return ask


# Commands and options


@pytest.mark.parametrize(("heading", "command"), COMMANDS)
def test_every_argument_is_documented_with_its_default(heading: str, command: str, help_of: HelpOf) -> None:
    rows = tables(section(CONFIG, heading))[-1]
    arguments = help_of(command).arguments
    assert [unquoted(row[0]).split()[0] for row in rows] == list(arguments)
    for (_, default, meaning), said in zip(rows, arguments.values(), strict=True):
        if found := re.search(r"\(default: (\S+)\)", said):
            assert default == f"`{found[1]}`"
        if choices := re.search(r"{(\S+)}", said):
            assert re.findall("`([a-z]+)`", meaning) == choices[1].split(",")


def test_every_command_is_documented(help_of: HelpOf) -> None:
    found = help_of("")
    rows = tables(section(CONFIG, "### `antechamber`"))[0]
    assert [unquoted(row[0]) for row in rows] == ["COMMAND", *found.arguments]
    assert re.findall("`([a-z-]+)`", rows[0][2]) == found.commands == [command for _, command in COMMANDS]


@pytest.mark.parametrize(("program", "command"), LAUNCHERS.items())
def test_a_launcher_takes_what_its_command_takes(
    program: str, command: str, help_of: HelpOf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [f"{program}.py", "--help"])
    with pytest.raises(SystemExit):
        getattr(command_line, program)()
    assert read_help(capsys.readouterr().out).arguments.keys() == help_of(command).arguments.keys()


@pytest.mark.parametrize("name", OWN)
def test_no_option_is_named_that_does_not_exist(name: str, help_of: HelpOf) -> None:
    known = {"--help", *help_of("").arguments}
    for _, command in COMMANDS:
        known |= help_of(command).arguments.keys()
    known |= set(re.findall(r"`\./check (--[a-z]+)`", ROOT.joinpath("check").read_text(encoding="utf-8")))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", DOCUMENTS[name])) <= known


@pytest.mark.parametrize("name", OWN)
def test_every_command_line_shown_can_be_typed(name: str, help_of: HelpOf) -> None:
    for line in code(DOCUMENTS[name]):
        program, *words = line.removeprefix("$ ").removeprefix("python3 ").split() or [""]
        if program.endswith(".py") or program.startswith("./"):
            assert (ROOT / program).is_file(), line
        command = LAUNCHERS.get(program.removesuffix(".py"), "")
        if program.removeprefix("./") == "antechamber":
            command = words[0]
        if command:
            assert {word for word in words if word.startswith("--")} <= help_of(command).arguments.keys(), line


# The documents themselves


def test_every_package_stands_in_the_architecture() -> None:
    architecture = DOCUMENTS["ARCHITECTURE.md"]
    told = {
        word for row in tables(section(architecture, "## The packages"))[0] for word in re.findall("`([^`]+)`", row[0])
    }
    package = ROOT / "src" / "antechamber"
    there = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    there |= {f"{path.name}/" for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert told == there


def test_every_bench_is_documented_and_no_other() -> None:
    told = [unquoted(row[0]) for row in tables(DOCUMENTS["bench/README.md"])[0]]
    there = [f"bench/{path.name}" for path in (ROOT / "bench").iterdir() if path.is_file() and not path.suffix]
    assert sorted(told) == sorted(there)


def test_the_readme_begins_with_the_two_commands_and_pictures_of_what_they_start() -> None:
    two = ["python3 chatserver.py configfile", "python3 chatclient.py 9001 Mary"]
    assert code(README)[:2] == two
    page, picture = re.findall(r"^!\[.+\]\((.+)\)$", README, re.MULTILINE)
    assert (ROOT / page).read_bytes().startswith(b"\x89PNG")
    drawn = (ROOT / picture).read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "■ Seated" in drawn


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    for link in links(DOCUMENTS[name]):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (ROOT / name).parent / path if path else ROOT / name
            assert target.exists(), link
            if anchor:
                assert anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_two_headings_have_one_anchor(name: str) -> None:
    found = anchors(DOCUMENTS[name])
    assert len(set(found)) == len(found)


def test_every_document_is_linked_from_the_readme() -> None:
    assert {name for name in DOCUMENTS if name != "README.md"} <= set(links(README)) | {"bench/README.md"}


def test_the_changelog_begins_with_this_version_and_its_date() -> None:
    entries = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", CHANGELOG, re.MULTILINE)
    assert entries[0][0] == antechamber.__version__
    days = [date.fromisoformat(day) for _, day in entries]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/design.md"])
def test_every_source_that_is_named_is_there(name: str) -> None:
    there = {
        path.relative_to(ROOT).as_posix() for folder in ("src", "tests", "docs", "bench") for path in sources(folder)
    }
    there |= {path.name for path in ROOT.iterdir() if path.suffix == ".py"}
    named = set(re.findall(r"`([\w/-]+\.py)`", DOCUMENTS[name]))
    assert {path for path in named if not any(f"/{one}".endswith(f"/{path}") for one in there)} == set()


def sources(folder: str) -> Iterator[Path]:
    """Return the Python sources below a folder of the checkout."""
    return (ROOT / folder).rglob("*.py")
