"""What is for a member goes to the membership that its sender saw, never to a stranger who took the name."""

from collections.abc import Callable

import pytest

from antechamber.protocol.commands import (
    Kick,
    Move,
    Mute,
    Privileged,
    Quit,
    Rename,
    Send,
    SetModes,
    Targeted,
    Whisper,
    Who,
)
from antechamber.protocol.events import Left, ModeChange, ModesSet, Moved, Muted, Queued
from antechamber.protocol.notices import Done, Members, Refusal, Ticket, Whispered
from tests.fakes import NOON, House, Person

ELSE = Refusal(NOON, "someone-else", "That was another Bob: the one you mean has left general.", "7")
Ask = Callable[[str, int], Targeted]
ASKS: list[Ask] = [
    lambda name, entered: Whisper(name, "psst", "7", entered),
    lambda name, entered: Send(name, "a.txt", 1, id="7", entered=entered),
    lambda name, entered: Kick("general", name, "7", entered=entered),
    lambda name, entered: Mute("general", name, 60, "7", entered),
    lambda name, entered: SetModes((ModeChange("+o", name), ModeChange("-v", name)), "general", "7", entered),
]


def house_with(*names: str, seats: int = 5) -> tuple[House, list[Person]]:
    """Return a house where these are in the general channel, the first being its operator; Bob has a voice."""
    house = House(seats)
    house.hub.announce_front_desk(9876)
    people = [house.enter(name) for name in names]
    changes = [ModeChange("+o", names[0]), *([ModeChange("+v", "Bob")] if seats > 1 else [])]
    house.operator.ask(SetModes(tuple(changes), "general"))
    house.run()
    house.quiet(*people, house.operator)
    return house, people


def entered(house: House, name: str) -> int:
    """Return by which entry a member came in, as everybody reads it."""
    watcher = house.enter(f"w{len(house.entries())}")
    watcher.ask(Who())
    house.run()
    (members,) = [message for message in watcher.messages() if isinstance(message, Members)]
    watcher.ask(Quit())
    house.run()
    return entries_of(members)[name]


def entries_of(members: Members) -> dict[str, int]:
    """Return by which entry each of a roster came in."""
    seated = {each.name: each.entered for each in members.seated}
    return seated | {each.name: each.entered for each in members.waiting}


def replaced(house: House, bob: Person) -> Person:
    """Replace Bob by another Bob."""
    bob.ask(Quit())
    house.run()
    return house.enter("Bob")


def test_a_roster_tells_by_which_entry_each_came_in() -> None:
    house, (mary, _, _) = house_with("Mary", "Bob", "Eve", seats=2)
    mary.ask(Who())
    house.run()
    (members,) = [message for message in mary.messages() if isinstance(message, Members)]
    queued = {entry.event.name: entry.sequence for entry in house.entries() if isinstance(entry.event, Queued)}
    assert entries_of(members) == queued


@pytest.mark.parametrize("ask", ASKS)
def test_a_stranger_who_took_the_name_is_not_meant(ask: Ask) -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    seen = entered(house, "Bob")
    stranger = replaced(house, bob)
    house.quiet(mary, stranger)
    events = len(house.events())
    mary.ask(ask("Bob", seen))
    house.run()
    assert mary.messages() == [ELSE]
    assert stranger.messages() == []
    assert len(house.events()) == events
    assert house.transfers.get("t1") is None


@pytest.mark.parametrize("ask", ASKS)
def test_whoever_was_seen_is_meant_under_its_new_name(ask: Ask) -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    seen = entered(house, "Bob")
    bob.ask(Rename("Rob"))
    house.run()
    stranger = house.enter("Bob")
    house.quiet(mary, bob, stranger)
    command = ask("Bob", seen)
    mary.ask(command)
    house.run()
    events = house.events()
    match command:
        case Whisper():
            assert bob.messages() == [Whispered(NOON, "general", "Mary", "Rob", "psst")]
            assert mary.messages() == [Done(NOON, "7")]
        case Send():
            assert mary.messages() == [Ticket(NOON, "t1", "/files/t1", "7")]
        case Kick():
            assert events[-1] == Left("Rob", "kicked", by="Mary")
        case Mute():
            assert events[-1] == Muted("Rob", 60)
        case _:
            assert events[-1] == ModesSet("Mary", (ModeChange("+o", "Rob"), ModeChange("-v", "Rob")))


@pytest.mark.parametrize("ask", ASKS)
def test_whoever_has_the_name_is_meant_where_nobody_was_seen(ask: Ask) -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    stranger = replaced(house, bob)
    house.operator.ask(SetModes((ModeChange("+v", "Bob"),), "general"))
    house.run()
    house.quiet(mary, stranger)
    mary.ask(ask("Bob", 0))
    house.run()
    assert [message for message in mary.messages() if isinstance(message, Refusal)] == []


@pytest.mark.parametrize("ask", ASKS)
def test_one_who_was_seen_and_whose_name_nobody_has_is_said_to_be_gone_as_ever(ask: Ask) -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    seen = entered(house, "Bob")
    bob.ask(Quit())
    house.run()
    house.quiet(mary)
    mary.ask(ask("Bob", seen))
    house.run()
    (refusal,) = mary.messages()
    assert isinstance(refusal, Refusal)
    assert refusal.code in ("not-here", "not-in-channel")


@pytest.mark.parametrize("by_role", [True, False])
def test_a_place_is_given_to_who_was_seen_in_the_line_alone(by_role: bool) -> None:
    house, (mary, _, bob) = house_with("Mary", "Eve", "Bob", seats=1)
    asker = mary if by_role else house.operator
    house.enter("Ann")
    seen = house.rooms["general"].channel.waiting["Bob"].entered
    stranger = replaced(house, bob)
    house.quiet(mary, stranger, house.operator)
    events = len(house.events())
    asker.ask(Move("general", "Bob", 0, "7", seen))
    house.run()
    if by_role:
        assert mary.messages() == [ELSE]
    assert len(house.events()) == events
    asker.ask(Move("general", "Bob", 0, "8", house.rooms["general"].channel.waiting["Bob"].entered))
    house.run()
    assert house.events()[-1] == Moved("Bob", 0)


@pytest.mark.parametrize("ask", ASKS[2:])
def test_the_servers_operator_names_what_it_saw_as_well(ask: Ask) -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    seen = entered(house, "Bob")
    replaced(house, bob)
    house.quiet(mary, house.operator)
    house.operator.ask(ask("Bob", seen))
    house.run()
    assert house.operator.lines() == [f"[Server message (12:00:00)] {ELSE.text}"]
    assert mary.messages() == []


def test_what_is_typed_is_aimed_too() -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    seen = entered(house, "Bob")
    stranger = replaced(house, bob)
    house.quiet(mary, stranger)
    mary.ask(Privileged(Kick("", "Bob", entered=seen), "/kick Bob", "7"))
    house.run()
    assert mary.messages() == [ELSE]
    assert stranger.messages() == []


def test_masks_are_nobodys_membership() -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    seen = entered(house, "Bob")
    replaced(house, bob)
    mary.ask(SetModes((ModeChange("+b", "Bob!*@*"),), entered=seen))
    house.run()
    assert house.events()[-1] == ModesSet("Mary", (ModeChange("+b", "Bob!*@*"),))
