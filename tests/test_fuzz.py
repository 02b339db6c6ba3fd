"""The fuzzer itself: it finds faults that were made on purpose, shows them small, and does the same again."""

import hmac
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import msgspec
import pytest

from antechamber.client.reconnect.membership import Membership, Reading
from antechamber.codec import jsonl, lines, plain
from antechamber.codec import sanitize as tidying
from antechamber.codec import slash_commands as typed
from antechamber.codec.irc import decoding as irc
from antechamber.codec.irc import encoding as irc_encoding
from antechamber.gateway.http import websocket
from antechamber.log import LogError
from antechamber.protocol import text
from antechamber.protocol.events import Entry, decode_entries
from antechamber.protocol.notices import Message
from bench import fuzz, fuzz_codecs, fuzz_readers, fuzz_shrink
from bench.fuzz import Share, carry_out, input_of, problem_of
from bench.fuzz_mutate import Mutator
from bench.fuzz_promises import by_byte, every_way, is_safe, one_way
from bench.fuzz_shrink import shrink
from bench.fuzz_targets import TARGETS

ROOT = Path(__file__).parent.parent
INPUTS_MAX = 3_000
"""Inputs in which a planted fault is found."""


def run_fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "fuzz"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


# The program


@pytest.mark.parametrize("share", [0, *(pytest.param(share, marks=pytest.mark.long) for share in range(1, 51))])
def test_some_thousand_frames_of_each_target_break_no_promise(share: int) -> None:
    seed = SystemRandom().randrange(1 << 32) if share else 1
    done = run_fuzz("--frames", "2000", "--seed", str(seed))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.startswith(f"seed {seed}\n")
    rows = dict(re.findall(r"^\| (\w+) +\| +([\d,]+) \|.*\| +0 \|$", done.stdout, re.MULTILINE))
    assert set(rows) == set(TARGETS)
    assert all(2000 <= int(frames.replace(",", "")) < 2016 for frames in rows.values())


def test_a_target_that_is_not_there_is_told_with_those_that_are() -> None:
    done = run_fuzz("--target", "morse")
    assert done.returncode == 2
    assert "there is no target morse; there are jsonl, plain," in done.stderr


def test_it_ends_when_its_time_is_over() -> None:
    done = run_fuzz("--target", "lines", "--seconds", "0.2", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^seed \d+$", done.stderr, re.MULTILINE)


# What it is fed


def test_an_input_is_the_same_every_time_and_another_one_is_another() -> None:
    for name, target in TARGETS.items():
        inputs = [input_of(name, 7, number)[0] for number in range(40)]
        assert inputs == [input_of(name, 7, number)[0] for number in range(40)]
        assert len(set(inputs)) > 20
        assert inputs != [input_of(name, 8, number)[0] for number in range(40)]
        assert sum(data.count(b"\n") + 1 for data in inputs) >= 40 * target.frames


def test_a_stream_is_cut_without_losing_any_of_it() -> None:
    rng = Random(1)
    data = b"one\ntwo\n" * 9
    ways = [pieces for _ in range(100) for pieces in one_way(rng)(data)]
    assert all(b"".join(pieces) == data for pieces in (*ways, *every_way(data)))
    assert by_byte(data) in ways
    assert [data] != by_byte(data) == next(iter(every_way(data)))
    assert list(every_way(b"")) == [[], (b"", b"")]


def test_mutations_are_of_many_kinds() -> None:
    rng = Random(2)
    mutator = Mutator([b'{"type":"say","text":"hi"}', b'{"type":"ping","id":"1"}'])
    frames = [mutator.frame(rng) for _ in range(20_000)]
    assert any(len(frame) > 16_384 for frame in frames)
    decoded = [decoded for frame in frames if (decoded := _decoded(frame)) is not None]
    assert 0.2 < len(decoded) / len(frames) < 0.9
    assert {type(value) for each in decoded for value in each.values()} >= {str, int, float, bool, dict, list}
    assert b'{"type":"say","text":"hi"}' in frames
    assert any(b"\xff" in frame for frame in frames)
    assert any("\u202e".encode() in frame for frame in frames)


def _decoded(frame: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def test_what_is_safe_is_judged_by_the_tables_of_unicode() -> None:
    assert all(map(is_safe, ("", "hi", "Zoë 山田", "🚀", "\u00a0", "\u200d")))
    assert not any(
        map(is_safe, ("\0", "a\tb", "\x1b[2J", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ud800", "\n"))
    )


# Faults that were made on purpose


def as_it_is(text: str) -> str:
    return text


def greedy_split(_: lines.LineSplitter, data: bytes) -> list[bytes | None]:
    """Give the bytes after the last newline at once, as one who forgets that more may come."""
    return list(data.split(b"\n"))


def bare_message(line: bytes) -> Message:
    """Decode a message, and forget that text can be no UTF-8."""
    try:
        return jsonl._message_decoder.decode(line)
    except RecursionError as error:  # whose edge depends on who asks
        raise msgspec.DecodeError from error


def bare_turn(_: str, last: int, data: bytes) -> Sequence[Entry]:
    """Decode a turn, and forget that text can be no UTF-8."""
    try:
        return decode_entries(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise LogError(f"The log log.db is damaged near entry {last}.") from error


def every_frame(_: websocket.WebSocket, events: Sequence[Any]) -> Iterator[bytes]:
    """Give the frames of a message on one by one, whatever is in them."""
    for frame in events:
        yield bytes(frame.data) + b"\n"


PLANTED: list[tuple[str, Any, str, Any]] = [
    ("jsonl", jsonl, "clean", as_it_is),
    ("jsonl", tidying, "normalise_name", as_it_is),
    ("jsonl", lines.LineSplitter, "feed", greedy_split),
    ("json", jsonl, "tidy", lambda command, _: command),
    ("answers", jsonl, "clean", as_it_is),
    ("plain", plain, "clean", as_it_is),
    ("plain", plain, "normalise_name", as_it_is),
    ("plain", typed, "clean", as_it_is),
    ("plain", lines.LineSplitter, "feed", greedy_split),
    ("operator", typed, "clean", as_it_is),
    ("lines", lines.LineSplitter, "feed", greedy_split),
    ("irc", irc, "clean", as_it_is),
    ("irc", irc, "_PRINTABLE", bytes(range(0x0E, 0x100))),
    ("said", irc_encoding, "cut", lambda line, _: [line]),
    ("said", irc_encoding, "client_tags", ";".join),
    ("messages", fuzz_readers, "decode_message", bare_message),
    ("returns", Membership, "take_number", lambda *_: Reading.NEXT),
    ("turns", fuzz_readers, "decode_turn", bare_turn),
    ("names", fuzz_readers, "name_problem", lambda name, _: None),
    ("names", fuzz_readers, "safe_name", as_it_is),
    ("tokens", hmac, "compare_digest", lambda tag, other: True),
    ("searches", fuzz_readers, "match_expression", as_it_is),
    ("frames", websocket.WebSocket, "_messages", every_frame),
    ("configfile", text, "clean", as_it_is),
    ("toml", text, "clean", as_it_is),
]
"""Targets, each with a part of what it reads by and something worse in its place."""


@pytest.mark.parametrize(
    ("name", "owner", "part", "worse"), PLANTED, ids=[f"{name}-{part}" for name, _, part, _ in PLANTED]
)
def test_a_planted_fault_is_found_and_shown_small(
    name: str, owner: Any, part: str, worse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert carry_out(Share(name, 1, 0, 3)).finding is None
    monkeypatch.setattr(owner, part, worse)
    finding = carry_out(Share(name, 1, 0, INPUTS_MAX)).finding
    assert finding is not None
    assert len(finding.smallest) <= len(finding.data)
    assert problem_of(name, finding.smallest, None) == finding.problem
    again = carry_out(Share(name, 1, finding.frame // TARGETS[name].frames, 1)).finding
    assert again == finding
    monkeypatch.undo()
    assert problem_of(name, finding.smallest, None) is None


def test_a_planted_fault_is_told_with_what_repeats_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(typed, "clean", as_it_is)
    finding = carry_out(Share("operator", 5, 0, INPUTS_MAX)).finding
    assert finding is not None
    told = fuzz.worded(finding, 5)
    assert told.startswith("operator: BrokenPromise: a text is not safe: ")
    assert f"  again: bench/fuzz --seed 5 --target operator --from {finding.frame}\n" in told
    assert f"  smallest: {finding.smallest!r}" in told
    fuzz.save(finding, str(tmp_path / "found"))
    saved = {path.name: path.read_bytes() for path in (tmp_path / "found").iterdir()}
    assert saved == {
        f"operator-{finding.frame}-input": finding.data,
        f"operator-{finding.frame}-smallest": finding.smallest,
    }


def test_what_goes_on_for_ever_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse_for_ever(_: str) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz, "INPUT_SECONDS_MAX", 0.01)
    monkeypatch.setattr(fuzz_codecs, "parse_operator", parse_for_ever)
    finding = carry_out(Share("operator", 1, 0, 1)).finding
    assert finding is not None
    assert "it took longer than 0.01 seconds" in finding.problem


# Making it small


@pytest.mark.parametrize(
    ("data", "needle", "smallest"),
    [
        (b"x" * 999 + b"needle" + b"y" * 2000, b"needle", b"needle"),
        (b"needle", b"needle", b"needle"),
        (b"1needle2", b"", b""),
    ],
)
def test_an_input_is_made_as_small_as_what_matters_of_it(data: bytes, needle: bytes, smallest: bytes) -> None:
    assert shrink(data, lambda smaller: needle in smaller) == smallest


def test_what_does_not_matter_but_must_be_there_is_made_plain() -> None:
    assert shrink(b"\xff\n\x00\x1b!", lambda smaller: len(smaller) == 5) == b"a\naaa"


def test_making_it_small_ends() -> None:
    tried = 0

    def fails(_: bytes) -> bool:
        nonlocal tried
        tried += 1
        return bool(tried % 2)

    shrink(bytes(range(256)) * 400, fails)
    assert tried <= fuzz_shrink.TRIES_MAX
