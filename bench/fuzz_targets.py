"""The fuzzer's targets, one a line. `check` checks one input against the promise that its docstring states."""

import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from bench import fuzz_codecs, fuzz_frames, fuzz_irc, fuzz_readers
from bench.fuzz_mutate import Mutator
from bench.fuzz_promises import Ways
from bench.programs import ROOT

CORPUS = os.path.join(ROOT, "tests", "corpus")


class Target(NamedTuple):
    """One reader, and its input.

    `seeds` is the folder of the corpus with real input, in which each line is a frame, or each file if the target
    reads `whole_files`. An input has `frames` of them.
    """

    check: Callable[[bytes, Ways], None]
    seeds: str
    frames: int
    whole_files: bool = False


TARGETS: dict[str, Target] = {
    "jsonl": Target(fuzz_codecs.check_jsonl, "jsonl", 16),
    "plain": Target(fuzz_codecs.check_plain, "plain", 16),
    "operator": Target(fuzz_codecs.check_operator, "operator", 16),
    "lines": Target(fuzz_codecs.check_lines, "plain", 16),
    "json": Target(fuzz_codecs.check_other_readers, "jsonl", 16),
    "answers": Target(fuzz_codecs.check_answers, "jsonl", 16),
    "irc": Target(fuzz_irc.check_irc, "irc", 16),
    "said": Target(fuzz_irc.check_said, "irc", 16),
    "messages": Target(fuzz_readers.check_messages, "messages", 16),
    "returns": Target(fuzz_readers.check_returns, "messages", 16),
    "turns": Target(fuzz_readers.check_turns, "entries", 2),
    "names": Target(fuzz_readers.check_names, "names", 16),
    "tokens": Target(fuzz_readers.check_tokens, "tokens", 1),
    "searches": Target(fuzz_readers.check_searches, "searches", 16),
    "frames": Target(fuzz_frames.check_frames, "websocket", 1, whole_files=True),
    "configfile": Target(fuzz_readers.check_configfile, "configfile", 1, whole_files=True),
    "toml": Target(fuzz_readers.check_toml, "toml", 1, whole_files=True),
}


def files(folder: str) -> list[str]:
    """Return the paths of the corpus files in `folder`, in order."""
    path = os.path.join(CORPUS, folder)
    return [os.path.join(path, name) for name in sorted(os.listdir(path))] if os.path.isdir(path) else []


def content(path: str) -> bytes:
    """Return the content of a file."""
    with open(path, "rb") as file:
        return file.read()


def seeds(name: str) -> Sequence[bytes]:
    """Return a target's real frames and earlier findings."""
    target = TARGETS[name]
    found = [content(path) for path in files(f"found/{name}")]
    real = [content(path) for path in files(f"seeds/{target.seeds}")]
    if target.whole_files:
        return real + found
    return [line for text in real for line in text.splitlines() if line] + found


@cache
def mutator(name: str) -> Mutator:
    """Return the mutator of a target's inputs."""
    return Mutator(seeds(name))
