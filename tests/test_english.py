"""The English of docstrings: a function's says what it does, and no sentence has a relative clause without its noun.

Each rule is a function from sources to the faults it finds. It is tried on the project, and on sources that break it.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "antechamber"

Sources = Mapping[str, str]
"""Sources by path: `log/memory.py`, seen from the package."""
Rule = Callable[[Sources], list[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

NO_VERBS = {"a", "an", "it", "let", "the", "this"} | {"how", "what", "when", "where", "whether", "why"}
"""Words with which no function's docstring begins: it begins with a verb that says what the function does. Neither does
it begin with any form of "who"."""
HEADLESS = re.compile(r"\b(?:by|for|from|of|than|to|with) who\b")
"""A relative clause without its noun: "the seat of who left" is "the seat of a member who left"."""


def package_sources() -> dict[str, str]:
    """Return the sources of the package."""
    return {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))
    }


def sources_beside_the_package() -> dict[str, str]:
    """Return the sources of the tests and the benches."""
    folders = (ROOT / "tests", ROOT / "bench")
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
    }


def functions(source: str) -> Iterator[Function]:
    """Yield the functions and methods that have a docstring, without properties: theirs may be noun phrases."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, Function)
            and ast.get_docstring(node)
            and not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
        ):
            yield node


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield every docstring with its line: of modules, classes, functions and attributes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def without_a_verb(sources: Sources) -> list[str]:
    """Find the functions whose docstrings do not begin with a verb that says what they do."""
    faults = []
    for path, source in sources.items():
        for node in functions(source):
            first = (ast.get_docstring(node) or "").split()[0].strip(".,:;")
            if first.lower() in NO_VERBS or first.startswith("Who"):
                faults.append(f'{path}:{node.lineno}: the docstring of {node.name} begins with "{first}"')
    return faults


def with_let(sources: Sources) -> list[str]:
    """Find the docstrings that begin with "Let", whatever they describe."""
    return [
        f"{path}:{line}: a docstring begins with Let"
        for path, source in sources.items()
        for line, text in docstrings(source)
        if text.split()[:1] == ["Let"]
    ]


def headless_relatives(sources: Sources) -> list[str]:
    """Find the docstrings that have a relative clause without its noun."""
    return [
        f'{path}:{line}: "{found[0]}" lacks its noun: write "a member who", say'
        for path, source in sources.items()
        for line, text in docstrings(source)
        if (found := HEADLESS.search(" ".join(text.split())))
    ]


RULES: list[Rule] = [without_a_verb, with_let, headless_relatives]


@pytest.mark.parametrize("rule", RULES)
def test_the_docstrings_keep_the_rule(rule: Rule) -> None:
    assert rule(package_sources()) == []


def test_no_docstring_of_the_tests_or_the_benches_begins_with_let() -> None:
    assert with_let(sources_beside_the_package()) == []


BROKEN: list[tuple[Rule, str, str]] = [
    (without_a_verb, 'def f():\n    """Let somebody in."""', 'a.py:1: the docstring of f begins with "Let"'),
    (without_a_verb, 'def f():\n    """Whether it waits."""', 'a.py:1: the docstring of f begins with "Whether"'),
    (
        without_a_verb,
        'class A:\n    async def f(self):\n        """The seats."""',
        'a.py:2: the docstring of f begins with "The"',
    ),
    (with_let, 'x = 1\n"""Let it be one."""', "a.py:2: a docstring begins with Let"),
    (with_let, '"""Let go."""', "a.py:1: a docstring begins with Let"),
    (
        headless_relatives,
        'def f():\n    """Return the seat of\n    who left."""',
        'a.py:2: "of who" lacks its noun: write "a member who", say',
    ),
    (
        headless_relatives,
        'x = 1\n"""Kept for who is away."""',
        'a.py:2: "for who" lacks its noun: write "a member who", say',
    ),
]


@pytest.mark.parametrize(("rule", "source", "fault"), BROKEN)
def test_the_rule_finds_a_broken_docstring(rule: Rule, source: str, fault: str) -> None:
    assert rule({"a.py": source}) == [fault]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (without_a_verb, '@property\ndef f(self):\n    """The members who are away."""'),
        (without_a_verb, '@functools.cached_property\ndef f(self):\n    """Whether it waits."""'),
        (without_a_verb, 'class A:\n    """The seats."""\n    def f(self): ...'),
        (with_let, 'def f():\n    """Letter by letter."""'),
        (headless_relatives, 'def f():\n    """Decide who gets a seat, and whose it was."""'),
    ],
)
def test_the_rule_accepts_what_is_just_allowed(rule: Rule, source: str) -> None:
    assert rule({"a.py": source}) == []
