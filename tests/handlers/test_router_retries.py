"""Ids of commands: a retry is harmless."""

import pytest

from antechamber.protocol.commands import Command, Here, Malformed, Mute, Say, Send, Switch, Whisper
from antechamber.protocol.events import Entry, Said
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Done, Refusal
from tests.fakes import NOON, House


@pytest.mark.parametrize(
    "command",
    [
        Say("hi", "7"),
        Whisper("Bob", "psst", "7"),
        Switch("games", "7"),
        Mute("general", "Bob", 5, "7"),
        Send("Bob", "a.txt", 5, "", "7"),
        Here("7"),
    ],
)
@pytest.mark.parametrize("turns", [1, 2])
def test_a_command_that_came_before_is_not_done_again(command: Command, turns: int) -> None:
    house = House()
    house.hub.announce_front_desk(9876)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    if isinstance(command, Mute):
        mary = house.operator
    mary.ask(command)
    if turns == 2:
        house.run()
    mary.ask(command)
    house.run()
    once = House()
    once.hub.announce_front_desk(9876)
    mary_once, bob_once = once.enter("Mary"), once.enter("Bob")
    (once.operator if isinstance(command, Mute) else mary_once).ask(command)
    once.run()
    assert bob.data == bob_once.data
    assert house.operator.data == once.operator.data
    if not isinstance(command, Mute):
        assert mary.all_messages() == [*mary_once.all_messages(), Done(NOON, "7")]
    assert house.events() == once.events()
    house.check()


def test_a_command_that_was_refused_is_judged_anew_when_it_comes_again() -> None:
    house = House()
    mary = house.enter("Mary")
    house.operator.ask(Mute("general", "Mary", 5))
    mary.ask(Say("hi", "7"))
    house.run()
    mary.new()
    house.clock.time += 5
    mary.ask(Say("hi", "7"))
    house.run()
    assert [message.event for message in mary.messages() if isinstance(message, Entry)] == [Said("Mary", "hi", "7")]


def test_garbage_under_the_id_of_a_command_that_came_before_changes_nothing() -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Say("hi", "7"), Malformed("empty", "An empty message is not sent.", "7"), Say("hi", "7"))
    house.run()
    assert [type(message) for message in mary.messages()] == [Entry, Refusal, Done]


def test_a_command_without_an_id_is_always_new() -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Say("hi"), Say("hi"))
    house.run()
    assert house.events()[2:] == [Said("Mary", "hi")] * 2


def test_more_ids_than_are_remembered_push_the_oldest_out() -> None:
    house = House(limits=Limits(recent_ids_max=2))
    mary = house.enter("Mary")
    mary.ask(*[Say("hi", command_id) for command_id in ("1", "2", "2", "1", "3", "1")])
    house.run()
    said = [event.id for event in house.events() if isinstance(event, Said)]
    assert said == ["1", "2", "3", "1"]
