"""Keeping: snapshots are made when they are due, by the limits of now, and no more after the end."""

from antechamber.commands import Say
from antechamber.limits import Limits, Retention
from antechamber.room import Room
from tests.fakes import House


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
