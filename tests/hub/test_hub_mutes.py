"""A mute, on every port but IRC's, holds for members who leave and rejoin; one that was rolled back leaves nothing."""

import pytest

from antechamber.protocol.commands import (
    Announce,
    Empty,
    Hello,
    Invite,
    Kick,
    Mute,
    Privileged,
    Quit,
    Received,
    Rename,
    Resume,
    Say,
    Send,
    SetModes,
    SetTopic,
    Switch,
    Whisper,
)
from antechamber.protocol.events import Left, ModeChange, Said
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Refusal, Resumed, TransferFailed, Welcome
from antechamber.rooms.transfers import Uploaded
from tests.fakes import NOON, House, Person, failing_house, server

HOLDING = Limits(seat_hold_seconds=60, place_hold_seconds=60, held_visit_seconds_min=0, idle_seconds_max=1_000)
STILL = Refusal(NOON, "muted", "You are still muted for 300 seconds.")


def mute(house: House, seconds: int = 300) -> None:
    house.operator.ask(Mute("general", "Mary", seconds))
    house.run()
    house.operator.new()


def muted(
    *others: str, plain: bool = False, limits: Limits | None = None, seats: int = 5
) -> tuple[House, list[Person]]:
    """Return a house where Mary, who is muted, and others are in the general channel."""
    house = House(seats, limits)
    people = [house.enter(name, plain=plain) for name in ("Mary", *others)]
    mute(house)
    house.quiet(*people)
    return house, people


def test_who_quits_and_comes_again_by_a_terminal_is_muted_still() -> None:
    house, (mary, bob) = muted("Bob", plain=True, limits=HOLDING)
    mary.ask(Quit())
    house.run()
    mary = house.enter("Mary", plain=True)
    house.quiet(bob, house.operator)
    mary.ask(Say("hi"), Whisper("Bob", "hi"))
    house.run()
    assert mary.lines() == [server("You are still muted for 300 seconds.")] * 2
    assert bob.lines() == house.operator.lines() == []
    house.loop.advance(299.5)
    mary.ask(Say("hi"))
    house.run()
    assert mary.lines() == ["[Server message (12:04:59)] You are still muted for 0 seconds."]
    house.loop.advance(0.5)
    mary.ask(Say("hi"))
    house.run()
    assert house.events()[-1] == Said("Mary", "hi")
    house.check()


def test_who_switches_away_and_back_is_muted_still_and_not_elsewhere() -> None:
    house, (mary, _) = muted("Bob")
    mary.ask(Switch("games"), Say("hi"), Switch("general"), Say("hi", "7"))
    house.run()
    assert house.events("games")[-2:] == [Said("Mary", "hi"), Left("Mary", "switched")]
    assert mary.messages()[-1] == Refusal(NOON, "muted", STILL.text, "7")
    house.check()


@pytest.mark.parametrize("command", [Kick("general", "Mary"), Empty("general")])
def test_who_is_sent_out_and_comes_again_is_muted_still(command: Kick | Empty) -> None:
    house, _ = muted("Bob")
    house.operator.ask(command)
    house.run()
    mary = house.enter("Mary")
    mary.ask(Say("hi"))
    house.run()
    assert mary.messages() == [STILL]


def test_who_comes_back_to_its_seat_is_muted_still() -> None:
    house = House(limits=HOLDING)
    mary = house.knock()
    mary.ask(Hello("Mary"))
    house.run()
    (token,) = [message.token for message in mary.messages() if isinstance(message, Welcome)]
    mute(house)
    mary.vanish()
    house.run()
    again = house.knock()
    again.ask(Resume(token))
    house.run()
    assert isinstance(again.messages()[0], Resumed)
    again.ask(Say("hi"))
    house.run()
    assert again.messages() == [STILL]


def test_whose_hold_is_over_and_who_comes_again_is_muted_still() -> None:
    house, (mary,) = muted(limits=HOLDING)
    mary.vanish()
    house.run()
    house.loop.advance(60)
    assert house.events()[-1] == Left("Mary", "lost")
    mary = house.enter("Mary")
    mary.ask(Say("hi"))
    house.run()
    assert [message.text for message in mary.messages() if isinstance(message, Refusal)] == [
        "You are still muted for 240 seconds."
    ]


@pytest.mark.parametrize("snapshot_entries_max", [1, 1_000])
def test_a_mute_outlives_a_restart(snapshot_entries_max: int) -> None:
    first, (mary, _) = muted("Bob", limits=Limits(snapshot_entries_max=snapshot_entries_max))
    mary.ask(Quit())
    first.run()
    first.clock.time += 100
    second = House(log=first.log, clock=first.clock)
    mary = second.enter("Mary")
    mary.ask(Say("hi"))
    second.run()
    assert [message.text for message in mary.messages() if isinstance(message, Refusal)] == [
        "You are still muted for 200 seconds."
    ]


def test_a_mute_that_the_log_has_not_kept_is_none() -> None:
    house, (mary,) = failing_house("Mary")
    house.operator.ask(Mute("general", "Mary", 300))
    house.run()
    house.fail(False)
    mary.ask(Quit())
    house.run()
    mary = house.enter("Mary")
    mary.ask(Say("hi"))
    house.run()
    assert house.events()[-1] == Said("Mary", "hi")
    house.check()


def test_a_mute_that_was_to_be_replaced_when_the_log_failed_goes_on_as_it_was() -> None:
    house, (mary,) = failing_house("Mary")
    house.fail(False)
    mute(house)
    house.fail()
    house.operator.ask(Mute("general", "Mary", 1))
    house.run()
    house.fail(False)
    mary.ask(Quit())
    house.run()
    mary = house.enter("Mary")
    mary.ask(Say("hi"))
    house.run()
    assert mary.messages() == [STILL]


def test_who_waits_is_told_of_no_seat_more_and_changes_no_name() -> None:
    house, (mary, _) = muted("Bob", seats=2)
    mary.ask(Quit())
    house.run()
    house.enter("Eve")
    mary = house.enter("Mary")
    mary.ask(Rename("Rude"))
    house.run()
    assert mary.messages() == [STILL]


def test_one_who_is_muted_may_ask_still_what_gives_others_nothing_to_read() -> None:
    house, (mary, bob) = muted("Bob")
    house.hub.announce_front_desk(9876)
    mary.ask(Send("Bob", "a.txt", 1))
    house.run()
    assert house.transfers.get("t1") is not None
    mary.ask(Uploaded("t1"))
    house.run()
    assert bob.messages() != []


def test_why_one_who_is_muted_wants_no_file_is_not_told() -> None:
    house, (mary, bob) = muted("Bob")
    house.hub.announce_front_desk(9876)
    bob.ask(Send("Mary", "a.txt", 1), Uploaded("t1"))
    house.run()
    house.quiet(mary, bob)
    mary.ask(Received("t1", "rude words"))
    house.run()
    assert bob.messages() == [TransferFailed(NOON, "Bob", "Mary", "a.txt", "t1", "it was stopped.")]


def test_a_channels_operator_who_is_muted_gives_others_nothing_to_read() -> None:
    house, (mary, bob) = muted("Bob")
    house.operator.ask(SetModes((ModeChange("+o", "Mary"),), "general"))
    house.run()
    house.quiet(mary, bob)
    topic = SetTopic("rude")
    mary.ask(Announce("rude"), topic, Privileged(topic, "/topic rude"), Invite("rude"), Rename("Rude"))
    house.run()
    assert mary.messages() == [STILL] * 5
    assert bob.messages() == []
    mary.ask(Kick("", "Bob", text="rude"))
    house.run()
    assert house.events()[-1] == Left("Bob", "kicked", by="Mary")


def test_a_rollback_keeps_the_mutes_of_former_members_though_the_machines_clock_was_set() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    house.fail(False)
    mute(house)
    mary.ask(Quit())
    house.run()
    house.clock.set_forward_seconds = 86_500.0
    house.operator.ask(Mute("general", "Bob", 1))
    house.loop.advance(2.0)
    house.fail()
    bob.ask(Say("this is not kept"))
    house.run()
    house.fail(False)
    mary = house.enter("Mary")
    mary.ask(Say("hi"))
    house.run()
    assert mary.refusals() == [("muted", "")]
