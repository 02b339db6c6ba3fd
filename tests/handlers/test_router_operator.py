"""What the operator asks for."""

import pytest

from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Hello,
    Kick,
    List,
    Mute,
    Operate,
    Resume,
    Say,
    Shutdown,
    Who,
)
from antechamber.protocol.events import Emptied, Entry, Muted, Seated
from antechamber.protocol.notices import Goodbye, Refusal
from tests.fakes import NOON, House, server


def test_kicking_from_a_seat() -> None:
    house = House(seats=2)
    mary, bob, json = house.enter("Mary", plain=True), house.enter("Bob", plain=True), house.enter("Joe")
    house.quiet(mary, bob, house.operator)
    house.operator.ask(Kick("general", "Mary"))
    house.run()
    assert mary.new() == b""
    assert mary.transport.closed
    assert bob.lines() == [server("Mary has left the channel."), server("Joe has joined the channel.")]
    assert json.messages() == [Entry("general", 7, NOON, Seated("Joe"))]
    assert house.operator.lines() == [server("Kicked Mary."), server("Joe has joined the general channel.")]
    house.operator.ask(Kick("general", "Joe"))
    house.run()
    assert json.messages() == [Goodbye(NOON, "kicked", "The operator closed your connection.")]
    house.check()


def test_kicking_from_the_queue() -> None:
    house = House(seats=1)
    mary, bob, eve = house.enter("Mary", plain=True), house.enter("Bob", plain=True), house.enter("Eve", plain=True)
    house.quiet(mary, house.operator)
    house.operator.ask(Kick("general", "Bob"))
    house.run()
    assert mary.new() == bob.new() == b""
    assert bob.transport.closed
    assert eve.lines() == [server("You are in the waiting queue and there are 0 user(s) ahead of you.")]
    assert house.operator.lines() == [server("Kicked Bob.")]
    house.check()


def test_muting() -> None:
    house = House(seats=2)
    mary, bob, eve = house.enter("Mary", plain=True), house.enter("Bob", plain=True), house.enter("Eve", plain=True)
    house.quiet(mary, bob, house.operator)
    house.operator.ask(Mute("general", "Mary", 60))
    house.run()
    assert mary.lines() == [server("You have been muted for 60 seconds.")]
    assert bob.lines() == [server("Mary has been muted for 60 seconds.")]
    assert eve.new() == b""
    assert house.operator.lines() == [server("Muted Mary for 60 seconds.")]
    assert house.events()[-1] == Muted("Mary", 60)


def test_emptying() -> None:
    house = House(seats=1)
    mary, bob, eve = house.enter("Mary"), house.enter("Bob", plain=True), house.enter("Eve", plain=True)
    house.quiet(mary, house.operator)
    house.operator.ask(Empty("general"))
    house.run()
    assert mary.messages() == [Goodbye(NOON, "emptied", "The operator emptied the channel.")]
    assert mary.transport.closed
    assert bob.lines() == [server("Bob has joined the channel.")]
    assert eve.lines() == [server("You are in the waiting queue and there are 0 user(s) ahead of you.")]
    assert house.operator.lines() == [
        server("general has been emptied."),
        server("Bob has joined the general channel."),
    ]
    assert house.events()[-2:] == [Emptied(), Seated("Bob")]
    house.check()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Kick("general", "Joe"), "Joe is not in general."),
        (Kick("nowhere", "Mary"), "nowhere does not exist."),
        (Mute("general", "Joe", 5), "Joe is not here."),
        (Mute("general", "Joe", 0), "Joe is not here."),
        (Mute("nowhere", "Mary", 5), "Mary is not here."),
        (Mute("general", "Mary", 0), "Invalid mute time."),
        (Empty("nowhere"), "nowhere does not exist."),
    ],
)
def test_what_the_operator_cannot_do_is_told_to_it_alone(command: Command, text: str) -> None:
    house = House()
    mary = house.enter("Mary")
    house.quiet(house.operator)
    house.operator.ask(command)
    house.run()
    assert house.operator.lines() == [server(text)]
    assert mary.new() == b""


@pytest.mark.parametrize("command", [Hello("Mary"), Resume("t"), Operate("t"), Say("hi")])
def test_the_operator_is_no_member(command: Command) -> None:
    house = House()
    house.operator.ask(command)
    house.run()
    assert len(house.operator.lines()) == 1
    assert not house.operator.transport.closed
    assert house.entries() == []


@pytest.mark.parametrize("command", [Kick("general", "Bob"), Mute("general", "Bob", 5), Empty("general"), Shutdown()])
@pytest.mark.parametrize("named", [True, False])
def test_what_is_for_the_operator_only_is_refused_to_others(command: Command, named: bool) -> None:
    house = House()
    asked: list[bool] = []
    house.hub.on_shutdown(lambda: asked.append(True))
    bob = house.enter("Bob")
    mary = house.enter("Mary") if named else house.knock()
    house.quiet(bob, house.operator)
    mary.ask(command)
    house.run()
    refusal = Refusal(NOON, "operators-only", "Only the operator can do that.")
    if named and not isinstance(command, Shutdown):
        refusal = Refusal(NOON, "not-operator", "Only an operator of the channel may do that.")
    assert mary.messages() == [refusal]
    assert bob.new() == house.operator.new() == b""
    assert not asked


def test_no_token_stands_in_what_a_log_may_tell_of_a_command() -> None:
    assert "secret" not in repr(Operate("secret")) + repr(Resume("secret"))


def test_the_operator_asks_who_is_in_one_channel_or_in_all_and_is_told_once() -> None:
    house = House(seats=1)
    house.enter("Mary")
    house.enter("Bob")
    house.quiet(house.operator)
    house.operator.ask(Who(channel="general"), Who(channel="nowhere"), Who(), List())
    house.run()
    general = "[Who] general: Mary; waiting: Bob."
    assert house.operator.lines() == [
        general,
        server("nowhere does not exist."),
        *(general, "[Who] games: nobody is seated.", "[Who] help: nobody is seated."),
        *("[Channel] general 1/1/1.", "[Channel] games 0/1/0.", "[Channel] help 0/1/0."),
    ]
    house.enter("Eve")
    house.quiet(house.operator)


def test_a_stranger_asks_nothing_of_that() -> None:
    house = House()
    stranger = house.knock("")
    stranger.ask(Who("1", "general"))
    house.run()
    assert [message.code for message in stranger.messages() if isinstance(message, Refusal)] == ["hello-first"]


def test_what_the_operator_says_is_read_in_the_channel_and_told_to_the_operator() -> None:
    house = House()
    mary = house.enter("Mary", plain=True)
    house.quiet(mary, house.operator)
    house.operator.ask(Announce("Tea at 5", "general"), Announce("Tea", "nowhere"))
    house.run()
    assert mary.lines() == [server("Tea at 5")]
    assert sorted(house.operator.lines()) == sorted(
        [server("Told general: Tea at 5"), server("nowhere does not exist.")]
    )
