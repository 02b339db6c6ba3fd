"""The shape of the house: who imports whom, and rooms small enough to be read in one sitting.

Each rule is a function from sources to the faults it finds; it is asked about the project, and about a house broken on
purpose, so that a rule that finds nothing cannot hide.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "antechamber"
FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 70

Sources = Mapping[str, str]
"""Sources by path: `src/antechamber/log/memory.py`, seen from the project's root."""
Rule = Callable[[Sources], list[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.ClassDef | Function

WORDS = {"limits", "text", "events", "commands", "notices"}
MAY_IMPORT: dict[str, set[str]] = {
    "limits": set(),
    "text": {"limits"},
    "paths": set(),
    "clock": set(),
    "terminal": set(),
    "events": set(),
    "commands": {"events"},
    "notices": {"events"},
    "addresses": set(),
    "waits": {"notices"},
    "decisions": {"events"},
    "modes": {"decisions", "events", "limits", "text"},
    "seats": {"limits"},
    "channel_state": {"modes"},
    "standing": {"channel_state", "events", "limits", "modes", "seats", "waits"},
    "channel": WORDS | {"channel_state", "decisions", "modes", "seats", "standing"},
    "roster": {"channel", "limits", "notices", "waits"},
    "directory": {"channel", "events", "text"},
    "founding": {"channel", "events", "modes"},
    "codec": WORDS,
    "log": WORDS,
    "session": WORDS | {"codec", "pace"},
    "tokens": {"addresses"},
    "holds": {"session", "tokens"},
    "transfers": WORDS | {"budgets", "clock", "session"},
    "fanout": WORDS | {"codec", "session"},
    "announcements": {"limits", "notices"},
    "logged": WORDS | {"announcements", "channel", "directory", "log", "roster", "tokens"},
    "room": WORDS | {"channel", "fanout", "founding", "holds", "log", "logged", "roster", "session"},
    "rooms": {"fanout", "limits", "log", "room", "text"},
    "idling": {"channel", "fanout", "notices", "room"},
    "catchup": WORDS | {"clock", "codec", "log", "room", "session"},
    "aside": set(),
    "archive": WORDS | {"aside", "channel", "clock", "fanout", "log", "room", "session", "tokens"},
    "answers": WORDS | {"budgets", "clock", "decisions", "fanout", "room", "session"},
    "questions": {"answers", "commands", "notices", "room", "roster", "session", "watching"},
    "inviting": {"fanout", "notices", "room"},
    "operator_commands": WORDS | {"answers", "channel", "fanout", "inviting", "room", "session", "tokens"},
    "role_commands": WORDS | {"answers", "channel", "inviting", "room", "session", "tokens"},
    "file_commands": WORDS | {"answers", "channel", "fanout", "room", "session", "transfers"},
    "metrics": {"events", "fanout", "notices"},
    "keeping": {"budgets", "clock", "fanout", "limits", "log", "metrics", "room"},
    "watching": {"budgets", "clock", "codec", "fanout", "notices", "room", "session"},
    "samples": {"clock", "metrics", "notices", "room"},
    "watch_commands": WORDS | {"answers", "room", "samples", "session", "watching"},
    "entering": WORDS
    | {"answers", "catchup", "channel", "fanout", "file_commands", "idling", "room", "session", "tokens"},
    "dispatch": WORDS
    | {"answers", "archive", "catchup", "channel", "clock", "entering", "fanout", "file_commands", "idling"}
    | {"operator_commands", "questions", "role_commands", "room", "samples", "session", "transfers", "watch_commands"}
    | {"budgets", "watching"},
    "alarm": {"clock"},
    "undoing": WORDS | {"alarm", "catchup", "clock", "dispatch", "fanout", "log", "room", "session", "transfers"},
    "turnstile": {"budgets", "clock", "commands", "session"},
    "hub": WORDS
    | {
        "alarm",
        "answers",
        "archive",
        "aside",
        "budgets",
        "catchup",
        "clock",
        "dispatch",
        "fanout",
        "keeping",
        "log",
        "metrics",
    }
    | {"room", "rooms", "samples", "session", "tokens", "transfers", "turnstile", "undoing", "watching"},
    "pace": set(),
    "budgets": {"clock", "limits", "pace"},
    "irc": WORDS
    | {"answers", "archive", "budgets", "catchup", "channel", "clock", "codec", "decisions", "dispatch", "fanout"}
    | {"file_commands", "hub", "idling", "inviting", "log", "modes", "room", "rooms", "session", "transfers"},
    "gateway": WORDS | {"budgets", "codec", "hub", "irc", "pace", "session", "transfers"},
    "irc_doors": {"codec", "config", "gateway", "hub", "irc"},
    "console": WORDS | {"codec", "hub", "session", "terminal"},
    "web": set(),
    "config": {"limits", "paths", "text"},
    "diagnostics": {"terminal"},
    "reload": WORDS | {"config", "gateway", "hub", "irc_doors", "log", "room"},
    "server": WORDS
    | {"aside", "budgets", "clock", "config", "console", "diagnostics", "gateway", "hub", "log", "reload", "transfers"},
    "client": WORDS | {"codec", "terminal"},
    "history": {"events", "log", "paths", "text"},
    "operator_link": {"config", "log", "text", "tokens"},
    "first_run": set(),
    "launch": {"first_run"},
    "__main__": {"client", "config", "history", "limits", "operator_link", "server", "text"},
}
"""Each room with the rooms it may import, be it late or for types alone. Every room may read the package's version."""

PURE = {"budgets", "limits", "text", "commands", "events", "codec", "metrics", "pace", "waits"}
PURE |= {"channel", "channel_state", "decisions", "modes", "seats", "standing"}
IMPURE = {"asyncio", "socket", "time", "random", "logging", "sqlite3", "threading", "uvloop"}
PLAIN_CLIENT_NEVER = {"asyncio", "uvloop", "starlette", "uvicorn"}
NAMES_NEVER = {"utils", "util", "helpers", "helper", "manager", "handler", "common", "base", "service", "misc"}
UNFINISHED = re.compile("|".join((r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bXX" + r"X\b", "NotImplemented" + "Error")))


def project_sources() -> dict[str, str]:
    found = [*ROOT.glob("chat*.py")]
    for folder in ("src", "tests", "bench"):
        found += ROOT.joinpath(folder).rglob("*.py")
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(found)}


def module_of(path: str) -> str:
    """Return the name that a source of the package is imported by, "" for any other source."""
    name = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return name if path.startswith(f"src/{PACKAGE}/") else ""


def room_of(module: str) -> str:
    """Return the room that the module is in, "" for the package itself and for what is not ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""


def imports(module: str, source: str, modules: set[str]) -> Iterator[str]:
    """Name every module that the source imports, be it late or for types; of ours, only what is in `modules`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            assert node.module is not None
            for alias in node.names:  # a module of a package, or a name in a module
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def import_graph(sources: Sources) -> dict[str, set[str]]:
    ours = {module_of(path): source for path, source in sources.items() if module_of(path)}
    rooms = {f"{PACKAGE}.{room}" for room in MAY_IMPORT}
    return {module: set(imports(module, source, set(ours) | rooms)) for module, source in ours.items()}


def arrows_broken(sources: Sources) -> list[str]:
    faults = []
    for module, imported in import_graph(sources).items():
        room = room_of(module)
        if room and room not in MAY_IMPORT:
            faults.append(f"{module} is in no known room: give {room} its place in this test and in ARCHITECTURE.md")
        for other in sorted(imported):
            if room_of(other) not in {"", room} | MAY_IMPORT.get(room, set()):
                faults.append(f"{module} imports {other}")
    return faults


def impurities(sources: Sources) -> list[str]:
    faults = []
    for module, imported in import_graph(sources).items():
        tops = {name.partition(".")[0] for name in imported}
        never = IMPURE if room_of(module) in PURE else PLAIN_CLIENT_NEVER if room_of(module) == "client" else set()
        faults += [f"{module} imports {name}" for name in sorted(tops & never)]
    return faults


def import_cycles(sources: Sources) -> list[str]:
    graph = import_graph(sources)
    done: set[str] = set()
    faults = []

    def visit(module: str, trail: list[str]) -> None:
        if module in trail:
            faults.append(" -> ".join([*trail[trail.index(module) :], module]))
        elif module not in done:
            for other in sorted(graph[module] & graph.keys()):
                visit(other, [*trail, module])
            done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return faults


def files_too_long(sources: Sources) -> list[str]:
    lengths = {path: len(source.splitlines()) for path, source in sources.items()}
    return [f"{path} has {length} lines" for path, length in lengths.items() if length > FILE_LINES_MAX]


def functions_too_long(sources: Sources) -> list[str]:
    faults = []
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, Function):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    faults.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
    return faults


def unfinished(sources: Sources) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, source in sources.items()
        for number, line in enumerate(source.splitlines(), 1)
        if UNFINISHED.search(line)
    ]


def empty_names(sources: Sources) -> list[str]:
    return [path for path in sources if NAMES_NEVER & set(re.split(r"[/._]", path))]


def without_docstring(sources: Sources) -> list[str]:
    """Find what is public in the package and says nothing of itself; what is inside a function is not public."""
    faults = []

    def visit(node: ast.Module | Definition, where: str) -> None:
        if ast.get_docstring(node) is None:
            faults.append(where)
        if isinstance(node, ast.Module | ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Definition) and not inner.name.startswith("_"):
                    visit(inner, f"{where}: {inner.name}")

    for path, source in sources.items():
        if not path.startswith("tests/"):
            visit(ast.parse(source), path)
    return faults


RULES: list[Rule] = [
    arrows_broken,
    impurities,
    import_cycles,
    files_too_long,
    functions_too_long,
    unfinished,
    empty_names,
    without_docstring,
]


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    assert rule(project_sources()) == []


def house(path: str, source: str) -> dict[str, str]:
    return {f"src/antechamber/{path}.py": source}


LONG = "\n".join(["def f() -> None:", '    """F."""', *["    print()"] * FUNCTION_LINES_MAX])
BROKEN: list[tuple[Rule, dict[str, str], str]] = [
    (
        arrows_broken,
        house("gateway/tcp", "import antechamber.channel"),
        "antechamber.gateway.tcp imports antechamber.channel",
    ),
    (
        arrows_broken,
        house("gateway/tcp", "from antechamber.log import memory"),
        "antechamber.gateway.tcp imports antechamber.log",
    ),
    (
        arrows_broken,
        house("log/memory", "from antechamber.channel import Channel"),
        "antechamber.log.memory imports antechamber.channel",
    ),
    (
        arrows_broken,
        house("client/plain", "def f():\n    from antechamber import hub"),
        "antechamber.client.plain imports antechamber.hub",
    ),
    (
        arrows_broken,
        house("codec/plain", "if TYPE_CHECKING:\n    from antechamber.session import Session"),
        "antechamber.codec.plain imports antechamber.session",
    ),
    (
        arrows_broken,
        house("events", "from antechamber.channel import x"),
        "antechamber.events imports antechamber.channel",
    ),
    (
        arrows_broken,
        house("attic", ""),
        "antechamber.attic is in no known room: give attic its place in this test and in ARCHITECTURE.md",
    ),
    (impurities, house("channel", "from time import monotonic"), "antechamber.channel imports time"),
    (impurities, house("codec/irc", "def f():\n    import asyncio.streams"), "antechamber.codec.irc imports asyncio"),
    (impurities, house("client/plain", "import asyncio"), "antechamber.client.plain imports asyncio"),
    (
        import_cycles,
        house("log/__init__", "from antechamber.log import a")
        | house("log/a", "def f():\n    from antechamber.log import LogError"),
        "antechamber.log -> antechamber.log.a -> antechamber.log",
    ),
    (import_cycles, house("log", "import antechamber.log"), "antechamber.log -> antechamber.log"),
    (
        files_too_long,
        house("log", "\n" * (FILE_LINES_MAX + 1)),
        f"src/antechamber/log.py has {FILE_LINES_MAX + 1} lines",
    ),
    (functions_too_long, house("log", LONG), f"src/antechamber/log.py:1: f has {FUNCTION_LINES_MAX + 2} lines"),
    (
        functions_too_long,
        house("log", "async " + LONG),
        f"src/antechamber/log.py:1: f has {FUNCTION_LINES_MAX + 2} lines",
    ),
    (unfinished, house("log", "\nx = 1  # TO" + "DO: more"), "src/antechamber/log.py:2: x = 1  # TO" + "DO: more"),
    (
        unfinished,
        house("log", "raise NotImplemented" + "Error"),
        "src/antechamber/log.py:1: raise NotImplemented" + "Error",
    ),
    (empty_names, house("log_utils", ""), "src/antechamber/log_utils.py"),
    (empty_names, house("helpers/log", ""), "src/antechamber/helpers/log.py"),
    (without_docstring, house("log", "x = 1"), "src/antechamber/log.py"),
    (without_docstring, house("log", '"""L."""\nclass A: ...'), "src/antechamber/log.py: A"),
    (
        without_docstring,
        house("log", '"""L."""\nclass A:\n    """A."""\n    async def f(self): ...'),
        "src/antechamber/log.py: A: f",
    ),
]


@pytest.mark.parametrize(("rule", "sources", "fault"), BROKEN)
def test_the_rule_finds_a_broken_house(rule: Rule, sources: Sources, fault: str) -> None:
    assert rule(sources) == [fault]


@pytest.mark.parametrize(
    ("rule", "sources"),
    [
        (files_too_long, house("log", "\n" * FILE_LINES_MAX)),
        (functions_too_long, house("log", "\n".join(LONG.splitlines()[:FUNCTION_LINES_MAX]))),
        (arrows_broken, house("hub", "from antechamber import __version__, limits")),
        (arrows_broken, house("log/a", "import antechamber.log.b")),
        (without_docstring, house("log", '"""L."""\ndef _f():\n    class A: ...')),
    ],
)
def test_the_rule_lets_be_what_is_just_allowed(rule: Rule, sources: Sources) -> None:
    assert rule(sources) == []


def test_no_room_may_import_what_it_does_not_need() -> None:
    used: dict[str, set[str]] = {room: set() for room in MAY_IMPORT}
    for module, imported in import_graph(project_sources()).items():
        if room := room_of(module):
            used[room] |= {room_of(other) for other in imported}
    spare = {room: allowed - used[room] for room, allowed in MAY_IMPORT.items()}
    spare = {room: more - WORDS if MAY_IMPORT[room] >= WORDS else more for room, more in spare.items()}
    assert {room: more for room, more in spare.items() if more} == {}, "WORDS alone may be given as a whole"


def test_the_rooms_arrows_lead_one_way() -> None:
    below: dict[str, set[str]] = dict(MAY_IMPORT)
    while bottom := {room for room, imported in below.items() if not imported & below.keys()}:
        below = {room: imported for room, imported in below.items() if room not in bottom}
    assert not below, "these rooms may import each other in a circle"


@pytest.mark.parametrize("path", ["chatserver.py", "chatclient.py", "__init__.py", "launch.py"])
def test_what_runs_before_pythons_age_is_known_is_read_by_old_ones(path: str) -> None:
    found = ROOT / path if path.startswith("chat") else ROOT / "src" / PACKAGE / path
    ast.parse(found.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("launch", {"re", "typing", "hashlib", "subprocess", "pathlib", "venv"}),
        ("__main__", {"msgspec", "asyncio", "dataclasses", "socket", "sqlite3", "subprocess", "pathlib", "shutil"}),
        ("config.reading", {"argparse", "msgspec", "asyncio", "dataclasses", "socket", "subprocess", "pathlib"}),
        ("config.reading", {"tomllib", "difflib", "shutil", f"{PACKAGE}.config.toml", f"{PACKAGE}.config.bounds"}),
    ],
)
def test_a_start_imports_little(module: str, heavy: set[str]) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); before = set(sys.modules); "
    code += f"import {PACKAGE}.{module}; print(*sorted(sys.modules.keys() - before))"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert heavy & set(ran.stdout.split()) == set()
