"""The log with a million messages: starts, beside those with an empty log, and searches.

The log is made first, one turn for each message, and the server's maintenance indexes it. Starts with the two logs
take turns. Searches are for words of messages in the log; each goes to an open log, as `antechamber history` does.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.machine import Watch
from bench.programs import ROOT, BenchError, folder, free_ports, greet, running, server_command, set_up, write_config
from bench.table import count, table, times

if TYPE_CHECKING:
    from antechamber.log.sqlite import SqliteLog

CHANNEL = "general"
LIMIT = 100
"""The most messages that a search finds: the default of `antechamber history`."""
_VOCABULARY_WORDS = 20_000
_MESSAGES_AN_APPEND = 1_000
_INDEX_SECONDS_MAX = 1_800.0

Question = Callable[[random.Random, Sequence[str]], str]
QUESTIONS: dict[str, Question] = {
    "a word": lambda chance, words: chance.choice(words),
    "two words": lambda chance, words: " ".join(chance.sample(words, 2)),
    "a phrase of two words": lambda chance, words: '"{} {}"'.format(*_neighbours(chance, words)),
    "the beginning of a word": lambda chance, words: f"{chance.choice(words)[:4]}*",
    "a word, and another that is nowhere": lambda chance, words: f"{chance.choice(words)} nowhere",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/log", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=20, help="of starts; default: %(default)s")
    parser.add_argument("--searches", type=int, default=400, help="of each kind; default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="100000 messages, 5 rounds, 100 searches of each kind")
    chosen = parser.parse_args(arguments)
    messages, rounds, searches = (
        (100_000, 5, 100) if chosen.quick else (chosen.messages, chosen.rounds, chosen.searches)
    )
    try:
        set_up()
        watch = Watch()
        with folder() as path:
            empty, full = os.path.join(path, "empty.db"), os.path.join(path, "full.db")
            begun = time.perf_counter()
            make_log(full, messages)
            made_seconds = time.perf_counter() - begun
            for log in (empty, full):
                welcome(path, log)  # the first replays everything, and keeps the snapshot that shortens all others
            starts = take_turns(path, [empty, full], rounds)
            found = search(full, searches)
            size = os.path.getsize(full)
    except BenchError as error:
        print(f"bench/log: {error}", file=sys.stderr)
        return 1
    print(f"{report_starts(starts, messages)}\n\n{report_searches(found, messages)}\n")
    print(f"The log has {size / messages:.0f} bytes a message with its index; it was made in {made_seconds:.0f} s.")
    print(watch.sentence())
    return 0


def make_log(path: str, messages: int) -> None:
    """Make a log in which one member sent `messages` messages and left.

    Raises BenchError if it is not indexed in time.
    """
    from antechamber.log.sqlite import SqliteLog
    from antechamber.protocol.events import Left, Queued, Said, Seated

    log = SqliteLog(path, tick_seconds=0)
    try:
        _keep(log, 1, [Queued("Mary"), Seated("Mary")])
        texts = conversation(messages)
        for first in range(3, messages + 3, _MESSAGES_AN_APPEND):
            size = min(_MESSAGES_AN_APPEND, messages + 3 - first)
            _keep(log, first, [Said("Mary", next(texts), id=str(number)) for number in range(first, first + size)])
        _keep(log, messages + 3, [Left("Mary", "quit")])
        if not log.maintenance.resting.wait(_INDEX_SECONDS_MAX):
            raise BenchError(f"the log was not indexed within {_INDEX_SECONDS_MAX:g} s")
    finally:
        log.close()


def _keep(log: "SqliteLog", first: int, events: Sequence[object]) -> None:
    """Append each event in its own turn."""
    from antechamber.log import Batch
    from antechamber.protocol.events import AnyEvent, Entry, encode_lines

    batches = []
    for sequence, event in enumerate(events, first):
        assert isinstance(event, AnyEvent)
        at = 1_700_000_000.0 + sequence * 0.5
        lines = bytes(encode_lines([Entry(CHANNEL, sequence, at, event)]))
        batches.append(Batch(CHANNEL, sequence, sequence, at, lines))
    log.append(batches)


def conversation(messages: int) -> Iterator[str]:
    """Yield the messages: words as frequent as in a natural language, the same in every run."""
    chance = random.Random(1)
    syllables = [
        consonant + vowel for consonant in "bdfgklmnprstvwz" for vowel in ("a", "e", "i", "o", "u", "ai", "ou")
    ]
    vocabulary: dict[str, None] = {}
    while len(vocabulary) < _VOCABULARY_WORDS:
        vocabulary["".join(chance.choices(syllables, k=chance.choice((1, 2, 2, 3, 3, 4))))] = None
    words = list(vocabulary)
    weights = [0.0]
    for rank in range(1, len(words) + 1):
        weights.append(weights[-1] + 1 / rank)
    for _ in range(messages):
        yield " ".join(chance.choices(words, cum_weights=weights[1:], k=chance.randint(3, 25)))


def welcome(path: str, data: str) -> float:
    """Time a server with the log `data` until its first member is welcome, in seconds."""
    ports = free_ports(4)
    config = os.path.join(path, "config")
    write_config(config, ports[:3], 5)
    command = server_command(config, ports[3], data)
    begun = time.perf_counter()
    with running(command):
        greet(ports[0]).close()
        return time.perf_counter() - begun


def look_back(data: str) -> float:
    """Time `antechamber history` for the last messages, in seconds."""
    command = [sys.executable, os.path.join(ROOT, "antechamber"), "history", CHANNEL, "--all", "--data", data]
    begun = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    elapsed = time.perf_counter() - begun
    if done.returncode or not done.stdout:
        raise BenchError(f"antechamber history found nothing: {done.stderr.decode(errors='replace').strip()}")
    return elapsed


def take_turns(path: str, logs: Sequence[str], rounds: int) -> dict[str, list[list[float]]]:
    """Measure each figure of each log once a round; return the milliseconds for each figure and log."""
    figures: dict[str, Callable[[str], float]] = {
        "server: first member welcome": lambda log: welcome(path, log),
        "antechamber history": look_back,
    }
    taken: dict[str, list[list[float]]] = {name: [[] for _ in logs] for name in figures}
    for number in range(rounds + 1):
        for name, take in figures.items():
            for log, values in zip(logs, taken[name], strict=True):
                milliseconds = take(log) * 1e3
                if number:  # round 0 fills the caches
                    values.append(milliseconds)
    return taken


def search(path: str, searches: int) -> dict[str, tuple[list[float], list[int]]]:
    """Run `searches` searches of each kind; return milliseconds and numbers of messages found."""
    from antechamber.log.reader import LogReader
    from antechamber.protocol.events import Said

    chance = random.Random(2)
    reader = LogReader(path)
    try:
        said = [kept.entry.event for kept in reader.latest(CHANNEL, 20_000)]
        texts = [event.text.split() for event in said if isinstance(event, Said)]
        replies: dict[str, tuple[list[float], list[int]]] = {}
        for kind, ask in QUESTIONS.items():
            milliseconds, found = replies[kind] = ([], [])
            for _ in range(searches):
                question = ask(chance, chance.choice(texts))
                begun = time.perf_counter()
                kept = reader.search(CHANNEL, question, LIMIT)
                milliseconds.append((time.perf_counter() - begun) * 1e3)
                found.append(len(kept))
                if not kept and "nowhere" not in question:
                    raise BenchError(f"a search for {question} found nothing")
    finally:
        reader.close()
    return replies


def _neighbours(chance: random.Random, words: Sequence[str]) -> Sequence[str]:
    first = chance.randrange(len(words) - 1)
    return words[first : first + 2]


def report_starts(taken: dict[str, list[list[float]]], messages: int) -> str:
    """Return the table of both logs' figures, and their ratios."""
    rows = []
    for name, (empty, full) in taken.items():
        ratio = median(full) / median(empty)
        rows.append([name, f"{median(empty):.1f}", f"{median(full):.1f}", times(ratio)])
    rounds = len(next(iter(taken.values()))[0])
    return table([f"milliseconds, medians of {rounds}", "empty log", f"{count(messages)} messages", "of empty"], rows)


def report_searches(replies: dict[str, tuple[list[float], list[int]]], messages: int) -> str:
    """Return the table of the searches."""
    rows = []
    for name, (milliseconds, found) in replies.items():
        p99 = quantiles(milliseconds, n=100)[98]
        rows.append([name, f"{median(found):.0f}", f"{median(milliseconds):.2f}", f"{p99:.2f}"])
    every = [each for milliseconds, _ in replies.values() for each in milliseconds]
    rows.append(["all of them", "", f"{median(every):.2f}", f"{quantiles(every, n=100)[98]:.2f}"])
    heads = [f"searches in {count(messages)} messages, milliseconds", f"found, of {LIMIT}", "median", "p99"]
    return table(heads, rows)
