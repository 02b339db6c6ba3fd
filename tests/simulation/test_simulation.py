"""The simulation on fresh seeds and on some that found something once; and that it finds what is broken on purpose."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from random import SystemRandom
from typing import Any

import pytest

from antechamber.channel import decide
from antechamber.channel.channel import Channel
from antechamber.feeds.metrics import Metrics
from antechamber.feeds.replay import Replay
from antechamber.hub.persistence import Persistence
from antechamber.protocol.events import Left, Moved, Seated
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Audience, Turn
from antechamber.session.session import Session
from tests.children import IMPORTING_TESTS
from tests.simulation.finding import Finding, simulate, worded
from tests.simulation.run import Run

FRESH_SEEDS = 20
PLANTED_SEEDS = 300
"""Seeds among which one finds what was broken on purpose."""


def see(finding: Finding | None) -> None:
    if finding is not None:
        pytest.fail(worded(finding), pytrace=False)


@pytest.mark.parametrize("seed", [2, 8, 14, 57, 88, 134, 216, 305, 491_199_909_343])
def test_a_seed_that_found_something_once_finds_nothing(seed: int) -> None:
    see(simulate(seed))


@pytest.mark.parametrize("share", [0, *(pytest.param(share, marks=pytest.mark.long) for share in range(1, 100))])
def test_fresh_seeds_find_nothing(share: int) -> None:
    chance = SystemRandom()
    for _ in range(FRESH_SEEDS):
        see(simulate(chance.randrange(1 << 32)))


def test_a_run_repeats_exactly_from_its_seed() -> None:
    code = "from tests.simulation.run import Run; run = Run(7); assert run.go(500) is None; print(run.fingerprint())"
    prints = {
        subprocess.run(
            [sys.executable, "-P", "-c", IMPORTING_TESTS + code],
            env={"PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hashes in ("1", "2")
    }
    other = Run(8)
    assert other.go(500) is None
    assert len(prints) == 1
    assert prints != {f"{other.fingerprint()}\n"}


# What is broken on purpose


def promote_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = decide._promotions
    monkeypatch.setattr(decide, "_promotions", lambda channel, freed, *others: kept(channel, freed + 1, *others))


def leave_an_entry_out(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Room.resume
    monkeypatch.setattr(
        Room, "resume", lambda self, turn, session, name, after: kept(self, turn, session, name, after + 1)
    )


def forget_the_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(self: Any, session: Session) -> int:
        kept_add = Audience.add
        Audience.add = lambda *_: None  # type: ignore[method-assign]
        read = kept(self, session)
        Audience.add = kept_add  # type: ignore[method-assign]
        return read

    kept = Replay._serve
    monkeypatch.setattr(Replay, "_serve", serve)


def hold_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room, "hold_over_at", lambda *_: float("inf"))


def tell_before_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def keep(self: Persistence, turn: Any) -> None:
        for part in turn.parts.values():
            part.number(self._rooms[part.channel].log.sequence + 1, turn.time)
        turn.deliver()
        kept(self, turn)

    kept = Persistence.keep
    monkeypatch.setattr(Persistence, "keep", keep)


def tell_watchers_of_no_departures(monkeypatch: pytest.MonkeyPatch) -> None:
    def kept(self: Metrics, turn: Turn) -> list[str]:
        changed = count(self, turn)
        return [name for name in changed if not any(isinstance(event, Left) for event in turn.parts[name].events)]

    count = Metrics.kept
    monkeypatch.setattr(Metrics, "kept", kept)


def move_one_too_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(self: Channel, event: Moved, time: float) -> None:
        move(self, Moved(event.name, event.ahead + 1), time)

    move = Channel._moved
    monkeypatch.setattr(Channel, "_moved", moved)


def inherit_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "inherit", lambda *_: None)


def seat_who_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def new(self: Room) -> Channel:
        return Channel(self.name, self.capacity, self.limits)

    monkeypatch.setattr(Room, "_new_channel", new)


def seat_the_last_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def promotions(self: Channel, freed: int, newcomers: Sequence[str] = ()) -> Iterable[Seated]:
        present = [name for name in (*self.waiting, *newcomers) if name not in self.away]
        return [Seated(name) for name in reversed(present)][: max(self.capacity - len(self.seated) + freed, 0)]

    monkeypatch.setattr(decide, "_promotions", promotions)


def forget_who_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room, "admit", lambda *_: None)


def hold_every_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room, "has_stayed", lambda *_: True)


def let_the_banned_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_banned_from_line", lambda *_: ())


def let_the_banned_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_ban", lambda *_: None)


def raise_in_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def idle_since(*_: object) -> Iterable[str]:
        raise KeyError("broken on purpose")

    monkeypatch.setattr(Channel, "idle_since", idle_since)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (promote_one_more, "got a seat in"),
        (leave_an_entry_out, "is told Resumed"),
        (forget_the_audience, "is no part of the audience"),
        (hold_for_ever, "is held in"),
        (tell_before_it_is_kept, "was told b'"),
        (tell_watchers_of_no_departures, "it watches and was told"),
        (move_one_too_far, "and in line"),
        (inherit_nothing, "is kept twice"),
        (seat_who_is_away, "and is away"),
        (seat_the_last_first, "was there before"),
        (forget_who_is_back, "where a seat is free"),
        (hold_every_visit, "and was there for"),
        (let_the_banned_wait, "and is banned there"),
        (let_the_banned_talk, "and talks"),
        (raise_in_the_program, "broken on purpose"),
    ],
)
def test_what_is_broken_on_purpose_is_found(monkeypatch: pytest.MonkeyPatch, break_it: Any, told: str) -> None:
    break_it(monkeypatch)
    found = next(failing for seed in range(PLANTED_SEEDS) if (failing := Run(seed).go(400)) is not None)
    assert told in found.problem


def test_a_finding_is_told_small_and_with_what_repeats_it(monkeypatch: pytest.MonkeyPatch) -> None:
    promote_one_more(monkeypatch)
    finding = next(finding for seed in range(PLANTED_SEEDS) if (finding := simulate(seed, 400)) is not None)
    text = worded(finding)
    assert finding.failing.problem in text
    assert f"bench/simulate --seed {finding.failing.seed} --steps 400\n" in text
    assert len(finding.needed) <= 20
    again = simulate(finding.failing.seed, 400)
    assert again is not None
    assert (again.failing.problem, again.needed, again.story) == (
        finding.failing.problem,
        finding.needed,
        finding.story,
    )
