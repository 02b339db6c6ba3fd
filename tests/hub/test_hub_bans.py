"""A ban reaches those who wait, by every door, and keeps those who sit from whispers, offers and invitations."""

import pytest

from antechamber.log import Batch
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Hello, Invite, Kick, Quit, Rename, Send, SetModes, Whisper
from antechamber.protocol.events import AnyEvent, Entry, Left, ModeChange, ModesSet, Queued, Seated, encode_lines
from antechamber.protocol.notices import Goodbye, Place, TransferFailed
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Uploaded
from tests.fakes import NOON, SECRET, FailingHouse, House, Person, not_kept
from tests.reconnecting_people import HOLDS, come_back

OUT = "Banned from the general channel."


def line_of(*names: str, seats: int = 1) -> tuple[House, list[Person]]:
    """Return a house, and those who came there one after the other from hosts of their own."""
    house = House(seats=seats, limits=HOLDS)
    return house, [comes(house, name) for name in names]


def comes(house: House, name: str, *, plain: bool = False) -> Person:
    person = house.knock(plain=plain)
    person.session.host = f"{name.lower()}.cloak"
    person.ask(Hello(name))
    house.run()
    person.new()
    return person


def ban(house: House, *masks: str, sign: str = "+b") -> None:
    house.operator.ask(SetModes(tuple(ModeChange(sign, mask) for mask in masks), "general"))
    house.run()


def test_who_is_banned_while_it_waits_is_told_so_and_closed_and_the_line_moves_up() -> None:
    house, (mary, bob, eve) = line_of("Mary", "Bob", "Eve")
    ban(house, "*!*@bob.cloak")
    assert bob.messages() == [Goodbye(NOON, "kicked", OUT)]
    assert bob.transport.closed
    assert [message.ahead for message in eve.messages() if isinstance(message, Place)] == [0]
    mary.ask(Quit())
    house.run()
    assert eve.session.seated
    house.check()


def test_a_plain_session_is_closed_without_a_line() -> None:
    house, _ = line_of("Mary")
    bob = comes(house, "Bob", plain=True)
    ban(house, "Bob!*@*")
    assert bob.lines() == []
    assert bob.transport.closed


def test_an_operator_of_the_channel_is_named() -> None:
    house, (mary, bob) = line_of("Mary", "Bob")
    house.operator.ask(SetModes((ModeChange("+o", "Mary"),), "general"))
    mary.ask(SetModes((ModeChange("+b", "Bob!*@*"),)))
    house.run()
    assert bob.messages() == [Goodbye(NOON, "kicked", OUT, by="Mary")]


def test_who_is_away_in_the_line_loses_the_place_by_a_ban_and_is_told_when_it_is_back() -> None:
    house, (mary, bob) = line_of("Mary", "Bob")
    bob.vanish()
    house.run()
    ban(house, "Bob!*@*")
    assert house.state().waiting == []
    assert house.rooms["general"].held == {}
    back = come_back(house, bob)
    assert [getattr(message, "reason", getattr(message, "code", "")) for message in back.messages()] == [
        "resume-ended",
        "refused",
    ]
    mary.ask(Quit())
    house.run()
    assert list(house.state().seated) == []


def test_a_ban_that_the_log_did_not_keep_takes_no_place() -> None:
    house = FailingHouse(seats=1)
    mary, bob = comes(house, "Mary"), comes(house, "Bob")
    house.operator.ask(SetModes((ModeChange("+o", "Mary"),), "general"))
    house.run()
    house.quiet(mary, bob)
    house.fail()
    mary.ask(SetModes((ModeChange("+b", "Bob!*@*"),), id="1"))
    house.run()
    assert mary.messages() == [not_kept("1")]
    assert bob.messages() == []
    assert not bob.session.closed
    house.check()
    house.fail(False)
    mary.ask(Quit())
    house.run()
    assert bob.session.seated


def test_more_seats_after_a_reload_are_not_for_who_was_banned() -> None:
    house, (_, bob, eve) = line_of("Mary", "Bob", "Eve")
    ban(house, "Bob!*@*")
    house.hub.reload([Room(name, room.port, 3, HOLDS) for name, room in house.rooms.items()], HOLDS)
    assert list(house.state().seated) == ["Mary", "Eve"]
    assert bob.session.closed
    assert eve.session.seated


def test_nobody_takes_a_banned_name_in_line() -> None:
    house, (_, bob) = line_of("Mary", "Bob")
    ban(house, "Eve!*@*")
    bob.ask(Rename("Eve", "1"))
    house.run()
    assert bob.refusals() == [("banned-rename", "1")]


@pytest.mark.parametrize("snapshot", [False, True])
def test_who_waits_banned_in_the_log_of_an_earlier_version_leaves_at_the_start(snapshot: bool) -> None:
    log = MemoryLog(secret=SECRET)
    came = [Queued(name, True, host=f"{name.lower()}.cloak") for name in ("Mary", "Bob", "Eve")]
    banned = ModesSet("", (ModeChange("+b", "*!*@bob.cloak"),))
    events: list[AnyEvent] = [came[0], Seated("Mary"), *came[1:], banned]
    entries = [Entry("general", number, NOON, event) for number, event in enumerate(events, 1)]
    log.append([Batch("general", 1, len(entries), NOON, bytes(encode_lines(entries)))])
    if snapshot:
        before = Room("general", 9001, 1, HOLDS)
        before.read_log(log, NOON, NOON)
        log.keep_snapshot("general", before.log.snapshot(before.channel, 0.0))
    house = House(seats=1, limits=HOLDS, log=log)
    assert house.events()[-1] == Left("Bob", "kicked", False, "", OUT)
    assert house.state().waiting == ["Eve"]
    house.operator.ask(Kick("general", "Mary"))
    house.run()
    assert list(house.state().seated) == []
    house.check()


def test_who_is_banned_and_sits_is_refused_whispers_offers_and_invitations() -> None:
    house, (mary, bob) = line_of("Mary", "Bob", seats=5)
    house.hub.announce_front_desk(9876)
    ban(house, "Bob!*@*")
    house.quiet(mary, bob, house.operator)
    bob.ask(Whisper("Mary", "psst", "1"), Send("Mary", "a.txt", 5, id="2"), Invite("Zoe", id="3"))
    house.run()
    assert bob.refusals() == [("banned-talk", "1"), ("banned-talk", "2"), ("banned-talk", "3")]
    assert (mary.messages(), house.operator.lines()) == ([], [])
    mary.ask(Whisper("Bob", "psst", "1"), Send("Bob", "a.txt", 5, id="2"))
    house.run()
    assert len(bob.messages()) == 1
    assert house.transfers.get("t1") is not None


def test_a_file_is_not_offered_whose_sender_was_banned_while_bringing_it() -> None:
    house, (mary, bob) = line_of("Mary", "Bob", seats=5)
    house.hub.announce_front_desk(9876)
    bob.ask(Send("Mary", "a.txt", 5))
    house.run()
    ban(house, "Bob!*@*")
    house.quiet(mary, bob)
    bob.ask(Uploaded("t1"))
    house.run()
    problem = "You are banned in the general channel, so you cannot send files there."
    assert bob.messages() == [TransferFailed(NOON, "Bob", "Mary", "a.txt", "t1", problem)]
    assert mary.messages() == []
    assert house.transfers.get("t1") is None
