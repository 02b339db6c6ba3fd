"""The shape of the house: who imports whom, and files small enough to be read in one sitting.

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
FILE_LINES_MAX = 700
FUNCTION_LINES_MAX = 70

Sources = Mapping[str, str]
"""Sources by path: `src/antechamber/log/memory.py`, seen from the project's root."""
Rule = Callable[[Sources], list[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.ClassDef | Function

LAYERS: list[set[str]] = [
    {"bootstrap", "protocol", "runtime", "web"},
    {"channel", "codec", "config", "log"},
    {"session"},
    {"rooms"},
    {"feeds"},
    {"handlers"},
    {"hub"},
    {"irc"},
    {"gateway"},
    {"server"},
    {"cli", "client"},
    {"__main__"},
]
"""The packages, lowest first: each may import what stands in a line above its own, be it late or for types alone."""
ONLY: dict[str, set[str]] = {
    "client": {"bootstrap", "codec", "protocol", "runtime"},
    "cli": {"config", "log", "protocol", "runtime", "session"},
}
"""The packages that are programs of their own: of all that stands above them they may import these alone."""
NEVER: dict[str, set[str]] = {"gateway": {"channel", "log"}}
"""What a package may not import though it stands above it: a gateway carries bytes."""

PURE = ("channel.", "codec.", "protocol.")
PURE_MODULES = {"feeds.metrics", "session.budgets", "session.fair_share", "session.rate_limit"}
IMPURE = {"asyncio", "socket", "time", "random", "logging", "sqlite3", "threading", "uvloop"}
PLAIN_CLIENT_NEVER = {"asyncio", "prompt_toolkit", "wcwidth", "uvloop", "starlette", "uvicorn"}
"""What no client in a pipe pays for; the app on a terminal is a package of its own."""
ON_A_TERMINAL = ("client.app.", "server.prompt", "runtime.remembered")
"""The modules that may import the terminal's library, which is an optional one."""
NAMES_NEVER = {"utils", "util", "helpers", "helper", "manager", "common", "base", "service", "misc"}
UNFINISHED = re.compile("|".join((r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bXX" + r"X\b", "NotImplemented" + "Error")))


def project_sources() -> dict[str, str]:
    found = [ROOT / "chatserver.py", ROOT / "chatclient.py"]
    for folder in ("src", "tests", "bench"):
        found += ROOT.joinpath(folder).rglob("*.py")
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(found)}


def module_of(path: str) -> str:
    """Return the name that a source of the package is imported by, "" for any other source."""
    name = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return name if path.startswith(f"src/{PACKAGE}/") else ""


def package_of(module: str) -> str:
    """Return the package that the module is in, "" for the whole and for what is not ours."""
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
    packages = {f"{PACKAGE}.{package}" for layer in LAYERS for package in layer}
    return {module: set(imports(module, source, set(ours) | packages)) for module, source in ours.items()}


def arrows_broken(sources: Sources) -> list[str]:
    faults = []
    floor = {package: number for number, layer in enumerate(LAYERS) for package in layer}
    for module, imported in import_graph(sources).items():
        package = package_of(module)
        if package and package not in floor:
            faults.append(f"{module} is in no known package: give {package} its place in this test")
            continue
        below = {other for other in floor if not package or floor[other] < floor[package]} - NEVER.get(package, set())
        allowed = ONLY.get(package, below) | {"", package}
        faults += [f"{module} imports {other}" for other in sorted(imported) if package_of(other) not in allowed]
    return faults


def impurities(sources: Sources) -> list[str]:
    faults = []
    for module, imported in import_graph(sources).items():
        tops = {name.partition(".")[0] for name in imported}
        inner = module.removeprefix(f"{PACKAGE}.")
        pure = inner in PURE_MODULES or f"{inner}.".startswith(PURE)
        plain_client = package_of(module) == "client" and not inner.startswith("client.app")
        never = IMPURE if pure else PLAIN_CLIENT_NEVER if plain_client else set()
        if not inner.startswith(ON_A_TERMINAL):
            never = never | {"prompt_toolkit", "wcwidth"}
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
        house("gateway/channel_port", "import antechamber.channel.channel"),
        "antechamber.gateway.channel_port imports antechamber.channel.channel",
    ),
    (
        arrows_broken,
        house("gateway/channel_port", "from antechamber.log import memory"),
        "antechamber.gateway.channel_port imports antechamber.log",
    ),
    (
        arrows_broken,
        house("log/memory", "from antechamber.channel.channel import Channel"),
        "antechamber.log.memory imports antechamber.channel.channel",
    ),
    (
        arrows_broken,
        house("hub/hub", "import antechamber.irc.network"),
        "antechamber.hub.hub imports antechamber.irc.network",
    ),
    (
        arrows_broken,
        house("client/chat", "def f():\n    from antechamber import hub"),
        "antechamber.client.chat imports antechamber.hub",
    ),
    (
        arrows_broken,
        house("codec/plain", "if TYPE_CHECKING:\n    from antechamber.session.session import Session"),
        "antechamber.codec.plain imports antechamber.session.session",
    ),
    (
        arrows_broken,
        house("protocol/events", "from antechamber.channel.channel import x"),
        "antechamber.protocol.events imports antechamber.channel.channel",
    ),
    (
        arrows_broken,
        house("attic", ""),
        "antechamber.attic is in no known package: give attic its place in this test",
    ),
    (impurities, house("channel/channel", "from time import monotonic"), "antechamber.channel.channel imports time"),
    (impurities, house("feeds/metrics", "import logging"), "antechamber.feeds.metrics imports logging"),
    (
        impurities,
        house("codec/irc/decoding", "def f():\n    import asyncio.streams"),
        "antechamber.codec.irc.decoding imports asyncio",
    ),
    (impurities, house("client/chat", "import asyncio"), "antechamber.client.chat imports asyncio"),
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
        (arrows_broken, house("hub/hub", "from antechamber import __version__, protocol")),
        (arrows_broken, house("log/a", "import antechamber.log.b")),
        (without_docstring, house("log", '"""L."""\ndef _f():\n    class A: ...')),
    ],
)
def test_the_rule_lets_be_what_is_just_allowed(rule: Rule, sources: Sources) -> None:
    assert rule(sources) == []


def test_every_package_stands_in_the_list_once_and_is_there() -> None:
    listed = sorted(package for layer in LAYERS for package in layer)
    there = {package_of(module) for module in import_graph(project_sources())} - {""}
    assert listed == sorted(there | {"web"})


def test_what_is_kept_apart_is_in_the_list() -> None:
    named = set(ONLY) | set(NEVER) | set().union(*ONLY.values(), *NEVER.values())
    assert named <= set().union(*LAYERS)


@pytest.mark.parametrize(
    "path", ["chatserver.py", "chatclient.py", "__init__.py", "bootstrap/__init__.py", "bootstrap/launch.py"]
)
def test_what_runs_before_pythons_age_is_known_is_read_by_old_ones(path: str) -> None:
    found = ROOT / path if path.startswith("chat") else ROOT / "src" / PACKAGE / path
    ast.parse(found.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("bootstrap.launch", {"re", "typing", "hashlib", "subprocess", "pathlib", "venv"}),
        ("__main__", {"msgspec", "asyncio", "dataclasses", "socket", "sqlite3", "subprocess", "pathlib", "shutil"}),
        ("config.load", {"argparse", "msgspec", "asyncio", "dataclasses", "socket", "subprocess", "pathlib"}),
        ("server.console", {"prompt_toolkit", "wcwidth", f"{PACKAGE}.server.prompt"}),
        ("config.load", {"tomllib", "difflib", "shutil", f"{PACKAGE}.config.toml", f"{PACKAGE}.config.bounds"}),
    ],
)
def test_a_start_imports_little(module: str, heavy: set[str]) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); before = set(sys.modules); "
    code += f"import {PACKAGE}.{module}; print(*sorted(sys.modules.keys() - before))"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert heavy & set(ran.stdout.split()) == set()
