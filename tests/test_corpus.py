"""What the fuzzer is fed, and what it has found: each input keeps its target's promise, however it is cut.

`corpus/found/TARGET/` has one file for each input that once broke a promise, as small as it could be made, under a name
that tells what is odd about it. A new finding gets its file there before it is mended.
"""

import os

import pytest

from bench.fuzz_promises import every_way
from bench.fuzz_targets import CORPUS, TARGETS, content, files

FOUND = [(name, path) for name in TARGETS for path in files(f"found/{name}")]
SEEDS = [(name, path) for name, target in TARGETS.items() for path in files(f"seeds/{target.seeds}")]


@pytest.mark.parametrize(("name", "path"), FOUND, ids=[f"{name}-{os.path.basename(path)}" for name, path in FOUND])
def test_what_was_found_once_is_mended(name: str, path: str) -> None:
    TARGETS[name].check(content(path), every_way)


@pytest.mark.parametrize(("name", "path"), SEEDS, ids=[f"{name}-{os.path.basename(path)}" for name, path in SEEDS])
def test_real_input_keeps_the_promise_together_and_line_by_line(name: str, path: str) -> None:
    text = content(path)
    TARGETS[name].check(text, every_way)
    for line in text.splitlines(keepends=True):
        TARGETS[name].check(line, every_way)


def test_every_folder_of_the_corpus_is_some_targets() -> None:
    assert set(os.listdir(os.path.join(CORPUS, "seeds"))) == {target.seeds for target in TARGETS.values()}
    assert set(os.listdir(os.path.join(CORPUS, "found"))) <= set(TARGETS)
