"""A fault of the program in one channel stops that channel, loudly, and no other."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from antechamber.channel.snapshot import ChannelState
from antechamber.protocol.commands import (
    Command,
    Empty,
    Hello,
    Kick,
    Leave,
    List,
    Mute,
    Quit,
    Say,
    Send,
    Switch,
    Whisper,
)
from antechamber.protocol.events import AnyEvent, Entry, Left, Muted, Said, Seated
from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits
from antechamber.protocol.notices import Goodbye, Message, Refusal, TransferFailed
from antechamber.rooms.transfers import Abandon
from tests.fakes import NOON, FailingLog, House, Person, break_deciding

IDLE = Limits().idle_seconds_max
TEXT = "The general channel has stopped because of a fault in the server."
BROKEN = Goodbye(NOON, "broken", TEXT)


class FaultyHouse(House):
    """A house of two seats a channel: Mary and Bob sit in general, Eve waits there, Ann sits in games."""

    def __init__(self, log: FailingLog | None = None) -> None:
        super().__init__(seats=2, log=log)
        self.mary, self.bob, self.eve = self.enter("Mary"), self.enter("Bob", plain=True), self.enter("Eve")
        self.ann = self.enter("Ann", "games")
        self.quiet(self.mary, self.bob, self.eve, self.ann, self.operator)

    def assert_only_general_stopped(self, *more: Person) -> None:
        clock = self.clock.text(self.clock.time)
        for person in (self.mary, self.eve, *more):
            assert last(person) == Goodbye(self.clock.time, "broken", TEXT), person.session.name
            assert person.transport.closed
        assert self.bob.lines()[-1] == f"[Server message ({clock})] {TEXT}"
        assert self.bob.transport.closed
        nobody = self.knock()
        nobody.ask(Hello("Joe"))
        self.ann.ask(Switch("general"), Say("hi"))
        self.operator.ask(Kick("general", "Mary"), Mute("general", "Mary", 5), Empty("general"))
        self.quiet(self.operator, self.ann)
        self.run()
        assert [(m.code, m.text) for m in nobody.messages() if isinstance(m, Refusal)] == [
            ("stopped", "The general channel has stopped.")
        ]
        assert nobody.transport.closed
        refused, said = self.ann.messages()
        assert isinstance(refused, Refusal)
        assert refused.text == "Cannot switch to the general channel."
        assert isinstance(said, Entry)
        assert not self.ann.transport.closed
        assert self.operator.lines() == [
            f"[Ann ({clock})] hi",
            f"[Server message ({clock})] general does not exist.",
            f"[Server message ({clock})] Mary is not here.",
            f"[Server message ({clock})] general does not exist.",
        ]
        for person in (self.mary, self.bob, self.eve):
            person.vanish()
        self.loop.advance(2 * IDLE)
        assert self.ann.transport.closed, "idle times go on elsewhere"
        assert self.rooms["general"].sessions == {}


def last(person: Person) -> Message | None:
    messages = person.messages()
    assert sum(isinstance(message, Goodbye) for message in messages) <= 1
    return messages[-1] if messages else None


class Fault(Exception):
    """Not one of those that anybody foresaw."""


def raising(*_: Any) -> Any:
    raise Fault


@pytest.fixture(autouse=True)
def _loud(caplog: pytest.LogCaptureFixture) -> Any:
    """Check that each of these tests logs its fault once, with its trace."""
    caplog.set_level(logging.ERROR, "antechamber.hub.hub")
    yield
    faults = [record for record in caplog.get_records("call") if record.exc_info is not None]
    assert len(faults) == 1
    assert faults[0].levelno == logging.ERROR


def on(kind: type[AnyEvent], apply: Callable[[AnyEvent, float], None]) -> Callable[[AnyEvent, float], None]:
    """Return an `apply` that fails for events of this kind."""

    def faulty(event: AnyEvent, time: float) -> None:
        if isinstance(event, kind):
            raise Fault
        apply(event, time)

    return faulty


def break_in(monkeypatch: pytest.MonkeyPatch, house: House, method: str) -> None:
    """Make the general channel fail when it decides, or when it applies events."""
    channel = house.rooms["general"].channel
    if method == "decide":
        break_deciding(monkeypatch, channel)
    else:
        monkeypatch.setattr(channel, method, raising)


ASKED: list[tuple[str, Command]] = [
    ("mary", Say("hi")),
    ("mary", Whisper("Bob", "psst")),
    ("eve", Say("hi")),
    ("mary", Send("Bob", "a.txt")),
    ("operator", Kick("general", "Bob")),
    ("operator", Mute("general", "Bob", 5)),
    ("operator", Empty("general")),
]


@pytest.mark.parametrize(("who", "command"), ASKED)
def test_a_fault_in_deciding_stops_the_channel(who: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    house = FaultyHouse()
    break_deciding(monkeypatch, house.rooms["general"].channel)
    getattr(house, who).ask(command)
    house.run()
    house.assert_only_general_stopped()


def test_a_fault_in_a_members_idle_clock_stops_the_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    house = FaultyHouse()
    monkeypatch.setattr(house.rooms["general"].channel, "touch", raising)
    house.mary.ask(List())
    house.run()
    house.assert_only_general_stopped()


@pytest.mark.parametrize("gone", ["quit", "lost", "switch", "kick"])
@pytest.mark.parametrize("kind", [Left, Seated])
def test_a_fault_while_somebody_leaves_stops_the_channel(
    gone: str, kind: type[AnyEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = FaultyHouse()
    joe = house.enter("Joe")
    channel = house.rooms["general"].channel
    house.mary.ask(Say("1"))
    house.run()
    house.quiet(house.mary, house.bob, joe)
    monkeypatch.setattr(channel, "apply", on(kind, channel.apply))
    if gone == "kick":
        house.operator.ask(Kick("general", "Mary"))
    else:
        commands = {"quit": Quit(), "lost": Leave("lost"), "switch": Switch("games")}
        house.mary.ask(commands[gone])
    house.run()
    if gone == "kick" and kind is Seated:
        assert last(house.mary) == Goodbye(NOON, "kicked", "The operator closed your connection.")
        house.mary = joe
    elif gone == "lost":
        house.mary = joe
    house.assert_only_general_stopped()


@pytest.mark.parametrize("method", ["decide", "apply"])
def test_a_fault_while_somebody_comes_in_stops_the_channel(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    house = FaultyHouse()
    break_in(monkeypatch, house, method)
    joe = house.knock()
    joe.ask(Hello("Joe"))
    house.run()
    house.assert_only_general_stopped(joe)


@pytest.mark.parametrize("method", ["decide", "apply"])
def test_a_fault_in_the_channel_that_somebody_switches_to_stops_that_channel_alone(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = FaultyHouse()
    joe = house.enter("Joe", "games")
    house.quiet(house.ann)
    break_in(monkeypatch, house, method)
    joe.ask(Switch("general", "7"))
    house.run()
    assert last(joe) == (BROKEN if method == "apply" else Refusal(NOON, "stopped", TEXT, "7"))
    house.assert_only_general_stopped()


def test_a_fault_when_an_idle_time_is_over_stops_the_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    house = FaultyHouse()
    monkeypatch.setattr(house.rooms["general"].channel, "idle_since", raising)
    house.loop.advance(50)
    house.ann.ask(List())
    house.loop.advance(IDLE - IDLE_WARNING_SECONDS - 50)
    house.assert_only_general_stopped()


def test_a_fault_in_no_channel_stops_none(monkeypatch: pytest.MonkeyPatch) -> None:
    house = FaultyHouse()
    house.hub.announce_front_desk(9876)
    house.mary.ask(Send("Mary", "a.txt", 5))
    house.run()
    house.quiet(house.mary)
    monkeypatch.setattr(house.transfers, "close", raising)
    house.mary.ask(Say("before"), Abandon("t1", "it broke."), Say("after"))
    house.run()
    assert [type(message) for message in house.mary.messages()] == [Entry, Entry]
    assert not house.rooms["general"].stopped


def test_what_was_decided_before_the_fault_is_kept_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    house = FaultyHouse()
    channel = house.rooms["general"].channel
    apply = channel.apply
    house.mary.ask(Say("before"))
    house.bob.ask(Quit())
    monkeypatch.setattr(channel, "apply", on(Seated, apply))
    house.run()
    messages = house.mary.messages()
    assert [message.event for message in messages if isinstance(message, Entry)] == house.events()[-2:]
    assert messages[-1] == BROKEN


def test_a_file_on_its_way_in_a_channel_that_stops_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    house = FaultyHouse()
    house.hub.announce_front_desk(9876)
    joe, zoe = house.enter("Joe", "help"), house.enter("Zoe", "help")
    house.quiet(joe)
    joe.ask(Send("Zoe", "a.txt", 5))
    house.run()
    zoe.ask(Switch("games"))
    house.run()
    house.quiet(joe)
    break_deciding(monkeypatch, house.rooms["help"].channel)
    joe.ask(Say("hi"))
    house.run()
    assert house.transfers.get("t1") is None
    assert not any(isinstance(message, TransferFailed) for message in zoe.messages())


def test_a_fault_in_a_turn_that_the_log_does_not_keep_stops_the_channel_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = FailingLog()
    house = FaultyHouse(log)
    before = house.events()
    log.full = True
    joe = house.knock()
    channel = house.rooms["general"].channel
    monkeypatch.setattr(channel, "apply", on(Muted, channel.apply))
    house.mary.ask(Say("lost"))
    house.bob.ask(Switch("games"))  # so that Eve gets a seat
    house.operator.ask(Kick("general", "Eve"))
    joe.ask(Hello("Joe"))
    house.ann.ask(Say("lost"))
    house.operator.ask(Mute("general", "Mary", 5))
    house.run()
    assert [type(message) for message in joe.messages()] == [Refusal, Goodbye]
    assert [type(message) for message in house.ann.messages()] == [Refusal]
    assert house.bob.lines() == [f"[Server message (12:00:00)] {TEXT}"]
    assert last(house.mary) == last(house.eve) == BROKEN
    assert all(person.transport.closed for person in (house.mary, house.bob, house.eve, joe))
    assert house.state("games") == ChannelState({"Ann": 0.0}, [])
    log.full = False
    house.loop.advance(2)
    assert house.ann.new() == b""
    house.ann.ask(Say("kept"))
    house.loop.advance(2 * IDLE)
    assert house.events() == before
    assert house.events("games")[-2:] == [Said("Ann", "kept"), Left("Ann", "idle")]
