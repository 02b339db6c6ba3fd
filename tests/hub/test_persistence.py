"""Keeping: snapshots are made when they are due, by the limits of now, and no more after the end."""

from collections.abc import Sequence

import pytest

from antechamber.log import Batch
from antechamber.protocol.commands import Say
from antechamber.protocol.events import Said
from antechamber.protocol.limits import Limits, Retention
from antechamber.rooms.room import Room
from tests.fakes import FailingHouse, FailingLog, House


def rooms(retention: Retention, limits: Limits) -> list[Room]:
    """Return rooms with a retention, as from a config."""
    return [Room("general", 9001, 5, limits, retention=retention)]


def snapshots(house: House) -> int:
    """Return after which entry of the general channel the last snapshot was made."""
    snapshot = house.log.snapshot("general")
    return snapshot.sequence if snapshot else 0


def test_a_snapshot_is_made_after_so_many_entries_and_a_reload_changes_how_many() -> None:
    house = House(limits=Limits(snapshot_entries_max=4))
    mary = house.enter("Mary")  # two entries
    mary.ask(Say("hi"))
    house.run()
    assert snapshots(house) == 0
    mary.ask(Say("hi"))
    house.run()
    assert snapshots(house) == 4
    limits = Limits(snapshot_entries_max=1)
    house.hub.reload(rooms(Retention(), limits), limits)
    mary.ask(Say("hi"))
    house.run()
    assert snapshots(house) == 5


def test_a_channel_that_forgets_is_snapshotted_each_minute_until_it_forgets_no_more() -> None:
    house = House()
    mary = house.enter("Mary")
    house.hub.reload(rooms(Retention(entries_max=10), house.limits), house.limits)
    assert snapshots(house) == 2
    mary.ask(Say("hi"))
    house.loop.advance(59.9)
    assert snapshots(house) == 2
    house.loop.advance(0.1)
    assert snapshots(house) == 3
    house.hub.reload(rooms(Retention(), house.limits), house.limits)
    mary.ask(Say("hi"))
    house.loop.advance(120)
    assert snapshots(house) == 3


def test_after_the_end_no_snapshot_is_made() -> None:
    house = House()
    mary = house.enter("Mary")
    house.hub.reload(rooms(Retention(entries_max=10), house.limits), house.limits)
    mary.ask(Say("hi"))
    house.hub.close()
    house.loop.advance(120)
    assert snapshots(house) == 2


# Times


def said(house: House, name: str, *moves: float) -> list[float]:
    """Say something after each setting of the clock so far ahead; return the times of the messages."""
    member = house.enter(name)
    for number, seconds in enumerate(moves):
        house.clock.set_forward_seconds = seconds
        member.ask(Say(f"{name}{number}"))
        house.run()
    member.vanish()
    house.run()
    return [entry.time for entry in house.entries() if isinstance(entry.event, Said) and entry.event.name == name]


def test_times_within_a_channel_never_go_back() -> None:
    house = House()
    now = house.clock.now()
    assert said(house, "Mary", 0, 86_400, -86_400, 0, 86_400.0005) == [
        *(now, now + 86_400, now + 86_400.001, now + 86_400.002, now + 86_400.003),
    ]
    house.clock.set_forward_seconds = 0
    other = house.enter("Bob", "games")  # whose times are none of the other channel's
    assert [entry.time for entry in house.entries("games")] == [now, now]
    assert other.session.seated


def test_a_clock_that_has_caught_up_is_followed_again() -> None:
    house = House()
    now = house.clock.now()
    assert said(house, "Mary", 3_600, 0, 3_601) == [now + 3_600, now + 3_600.001, now + 3_601]


def test_times_do_not_go_back_over_a_restart() -> None:
    for snapshot_entries_max in (1_000, 1):
        limits = Limits(snapshot_entries_max=snapshot_entries_max)
        first = House(limits=limits)
        now = first.clock.now()
        said(first, "Mary", 86_400)
        second = House(limits=limits, log=first.log)
        times = said(second, "Bob", 0, -86_400)
        assert times[0] > now + 86_400
        every = [entry.time for entry in second.entries()]
        assert every == sorted(every)


def test_the_log_knows_when_a_turn_was_kept_whose_time_is_ahead() -> None:
    log = FailingLog()
    kept: list[Batch] = []

    def append(batches: Sequence[Batch]) -> None:
        kept.extend(batches)
        log.kept.append(batches)

    house = House(log=log)
    log.append = append  # type: ignore[method-assign]
    now = house.clock.now()
    said(house, "Mary", 3_600, 0, 3_601)
    assert [(batch.time - now, batch.kept_at) for batch in kept if b"said" in batch.lines] == [
        (3_600.0, None),
        (pytest.approx(3_600.001), now),
        (3_601.0, None),
    ]


def test_a_turn_that_was_not_kept_moves_no_time() -> None:
    house = FailingHouse()
    mary = house.enter("Mary")
    now = house.clock.now()
    house.fail()
    house.clock.set_forward_seconds = 86_400
    mary.ask(Say("lost"))
    house.run()
    house.fail(full=False)
    house.clock.set_forward_seconds = 0
    mary.ask(Say("kept"))
    house.run()
    [entry] = [entry for entry in house.entries() if isinstance(entry.event, Said)]
    assert entry.time == now
