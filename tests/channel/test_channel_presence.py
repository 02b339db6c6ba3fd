"""Who is away keeps the place in line, and no seat waits for it."""

import pytest

from antechamber.channel.decide import admit
from antechamber.protocol.commands import Command, Empty, Expire, Join, Kick, Leave, Move
from antechamber.protocol.events import AnyEvent, Left, Moved, Queued, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel


def line_of(*names: str, away: str = "", limits: Limits | None = None) -> KeptChannel:
    """Return a channel with Mary in its one seat and these in line, of whom some are away."""
    kept = KeptChannel(1, limits)
    for name in ("Mary", *names):
        kept.take(Join(), name)
    kept.away.update(away.split())
    return kept


def waiting(kept: KeptChannel) -> list[str]:
    return list(kept.channel.waiting)


@pytest.mark.parametrize(
    ("command", "by", "at"),
    [
        (Leave("quit"), "Mary", NOON),
        (Leave("switched"), "Mary", NOON),
        (Leave("lost"), "Mary", NOON),
        (Kick("general", "Mary"), "", NOON),
        (Empty("general"), "", NOON),
        (Expire(), "Mary", NOON + 100),
    ],
)
def test_the_seat_goes_to_the_first_who_is_present_and_who_is_away_keeps_the_place(
    command: Command, by: str, at: float
) -> None:
    kept = line_of("Bob", "Eve", "Joe", away="Bob")
    decision = kept.take(command, by, at)
    assert not isinstance(decision, Refused)
    assert list(decision)[1:] == [Seated("Eve")]
    assert waiting(kept) == ["Bob", "Joe"]
    assert kept.replayed().snapshot(0.0) == kept.channel.snapshot(0.0)


def test_more_seats_go_to_those_who_are_present() -> None:
    kept = line_of("Bob", "Eve", "Joe", "Zoe", away="Bob Joe")
    kept.channel.capacity = 3
    assert admit(kept.channel) == (Seated("Eve"), Seated("Zoe"))


def test_where_only_those_wait_who_are_away_a_newcomer_has_the_seat() -> None:
    kept = line_of("Bob", "Eve", away="Bob Eve")
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit")]
    assert kept.take(Join(), "Joe") == [Queued("Joe"), Seated("Joe")]
    assert kept.take(Join(), "Zoe") == [Queued("Zoe")]
    assert waiting(kept) == ["Bob", "Eve", "Zoe"]


def test_who_comes_back_in_time_is_first() -> None:
    kept = line_of("Bob", "Eve", "Joe", away="Bob Eve Joe")
    kept.take(Leave("quit"), "Mary")
    kept.away.discard("Joe")
    assert admit(kept.channel) == (Seated("Joe"),)
    kept.away.discard("Eve")
    assert admit(kept.channel) == (Seated("Eve"),)


def test_a_newcomer_gets_no_seat_before_one_who_is_back_and_waits_for_the_log() -> None:
    kept = line_of("Bob", away="Bob")
    kept.take(Leave("quit"), "Mary")
    kept.away.clear()
    assert kept.take(Join(), "Joe") == [Queued("Joe"), Seated("Bob")]
    assert waiting(kept) == ["Joe"]


def test_a_full_line_of_those_who_are_away_keeps_nobody_from_a_free_seat() -> None:
    kept = line_of("Bob", "Eve", away="Bob Eve", limits=Limits(waiting_max=2))
    assert kept.take(Join(), "Joe") == Refused("queue-full", "The waiting queue of the general channel is full.")
    kept.take(Leave("quit"), "Mary")
    assert kept.take(Join(), "Joe") == [Queued("Joe"), Seated("Joe")]


def test_who_is_away_is_moved_as_any_other() -> None:
    kept = line_of("Bob", "Eve", away="Eve")
    moved: list[AnyEvent] = [Moved("Eve", 0)]
    assert kept.take(Move("general", "Eve", 0)) == moved
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit"), Seated("Bob")]
    assert waiting(kept) == ["Eve"]


def test_the_departures_to_wait_for_are_those_of_who_is_present() -> None:
    channel = line_of("Bob", "Eve", "Joe", away="Bob").channel
    assert [channel.present_ahead(ahead) for ahead in range(4)] == [0, 0, 1, 2]
