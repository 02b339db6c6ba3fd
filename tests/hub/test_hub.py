"""The hub's turns: when they are taken, what they hold, what they leave behind."""

from collections.abc import Sequence

import pytest

from antechamber.channel.snapshot import ChannelState
from antechamber.codec.plain import OPERATOR
from antechamber.log import Batch
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Leave, List, Ping, Say, Shutdown, Whisper
from antechamber.protocol.events import Entry, Left, Queued, Said, Seated, encode_lines
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye
from antechamber.session.session import Session
from tests.fakes import NOON, FakeClock, FakeTransport, House, Person

IDLE = Limits().idle_seconds_max


# Taking turns


def test_a_lone_message_goes_out_with_the_next_step_and_no_timer() -> None:
    house = House()
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    house.quiet(mary, bob)
    timers = house.loop.pending()
    mary.ask(Say("hi"))
    assert mary.new() == bob.new() == b""
    assert house.loop.step() == 1
    assert mary.new() == bob.new() == b"[Mary (12:00:00)] hi\n"
    assert house.loop.soon == []
    assert house.loop.pending() == timers


def test_what_arrived_since_the_last_turn_is_taken_in_one() -> None:
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary)
    mary.ask(Say("1"))
    bob.ask(Say("2"))
    mary.ask(Say("3"), Say("4"))
    before = len(mary.transport.writes)
    assert house.loop.step() == 1
    assert len(mary.transport.writes) == before + 1
    assert [message.event for message in mary.messages() if isinstance(message, Entry)] == [
        Said("Mary", "1"),
        Said("Bob", "2"),
        Said("Mary", "3"),
        Said("Mary", "4"),
    ]


def test_a_turn_is_one_append_with_one_batch_a_channel() -> None:
    class Watched(MemoryLog):
        def append(self, batches: Sequence[Batch]) -> None:
            appended.append(list(batches))
            super().append(batches)

    appended: list[list[Batch]] = []
    house = House(log=Watched())
    mary, bob = house.enter("Mary"), house.enter("Bob", "games")
    appended.clear()
    mary.ask(Say("1"))
    bob.ask(Say("2"))
    mary.ask(Say("3"))
    mary.ask(Whisper("Mary", "psst"), List(), Ping())
    house.run()
    lines = encode_lines(
        [Entry("general", 3, NOON, Said("Mary", "1")), Entry("general", 4, NOON, Said("Mary", "3"))],
    )
    other = encode_lines([Entry("games", 3, NOON, Said("Bob", "2"))])
    assert appended == [[Batch("general", 3, 4, NOON, lines), Batch("games", 3, 3, NOON, other)]]
    mary.ask(Whisper("Mary", "psst"), List(), Ping())
    house.run()
    assert len(appended) == 1, "what is never kept asks nothing of the log"


def test_nobody_reads_before_the_log_has_kept() -> None:
    class Watched(MemoryLog):
        def append(self, batches: Sequence[Batch]) -> None:
            seen.extend(person.new() for person in people)
            super().append(batches)

    seen: list[bytes] = []
    people: list[Person] = []
    house = House(log=Watched())
    people += [house.enter("Mary"), house.operator]
    house.quiet(*people)
    people[0].ask(Say("hi"))
    house.run()
    assert seen == [b"", b""]
    assert all(person.new() for person in people)


def test_the_time_of_a_turn_is_the_clocks() -> None:
    house = House()
    mary = house.enter("Mary", plain=True)
    house.quiet(mary)
    house.clock.time += 61.5
    mary.ask(Say("hi"))
    house.run()
    assert mary.lines() == ["[Mary (12:01:01)] hi"]
    assert house.entries()[-1].time == NOON + 61.5


# Bounds


def test_reading_pauses_once_the_inbox_is_past_its_bound_and_goes_on_after_the_turn() -> None:
    house = House(limits=Limits(inbox_commands_max=3))
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(Say("1"), Say("2"))
    bob.ask(Say("3"))
    assert not mary.transport.paused
    assert not bob.transport.paused
    bob.ask(Say("4"))
    assert not mary.transport.paused
    assert bob.transport.paused
    mary.ask(Say("5"))
    assert mary.transport.paused
    house.run()
    assert not mary.transport.paused
    assert not bob.transport.paused
    assert [event for event in house.events() if isinstance(event, Said)] == [
        Said(name, text) for name, text in (("Mary", "1"), ("Mary", "2"), ("Bob", "3"), ("Bob", "4"), ("Mary", "5"))
    ]


def test_reading_stays_paused_until_all_of_the_inbox_is_taken() -> None:
    house = House(limits=Limits(inbox_commands_max=1, turn_characters_max=200))
    mary = house.enter("Mary")
    mary.ask(*[Ping() for _ in range(5)])
    assert mary.transport.paused
    house.loop.step()
    assert mary.transport.paused
    house.loop.step()
    assert mary.transport.paused
    house.loop.step()
    assert not mary.transport.paused
    assert len(mary.messages()) == 5


def test_a_session_whose_reading_went_on_is_left_alone_from_then_on() -> None:
    house = House(limits=Limits(inbox_commands_max=1))
    mary = house.enter("Mary")
    mary.ask(Ping(), Ping())
    house.run()
    mary.transport.paused = True  # as somebody else may have asked for
    mary.ask(Ping())
    house.run()
    assert mary.transport.paused


def test_what_arrives_while_a_turn_is_due_asks_for_no_other() -> None:
    house = House(limits=Limits(turn_characters_max=100))
    mary = house.enter("Mary")
    mary.ask(Ping(), Ping(), Ping())
    house.loop.step()
    mary.ask(Ping())
    assert len(house.loop.soon) == 1


def turns_of(house: House, person: Person) -> list[int]:
    """Return how many messages `person` reads in each turn that the hub takes."""
    counts = []
    while house.loop.step():
        counts.append(len(person.messages()))
    return counts


@pytest.mark.parametrize(("length", "turns"), [(900, [3]), (901, [2, 1])])
def test_a_turn_carries_as_much_text_as_its_bound(length: int, turns: list[int]) -> None:
    house = House(limits=Limits(turn_characters_max=2001))
    mary = house.enter("Mary")
    mary.ask(Say("x" * 900), Say("x" * length), Say("x"))
    assert turns_of(house, mary) == turns


def test_the_text_of_a_whisper_counts_like_that_of_a_message() -> None:
    house = House(limits=Limits(turn_characters_max=2001))
    mary = house.enter("Mary")
    mary.ask(Whisper("Mary", "x" * 900), Whisper("Mary", "x" * 901), Whisper("Mary", "x"))
    assert turns_of(house, mary) == [2, 1]


def test_each_command_counts_something() -> None:
    house = House(limits=Limits(turn_characters_max=201))
    mary = house.enter("Mary")
    mary.ask(*[Ping() for _ in range(7)])
    assert turns_of(house, mary) == [3, 3, 1]


# Slow consumers


class SlowTransport(FakeTransport):
    """A transport whose outbox is full: as the gateway's does, it closes its session and lets it leave."""

    house: House
    session: Session

    def write(self, data: bytes) -> None:
        super().write(data)
        if not self.session.closed:
            self.session.closed = True
            self.closed = True
            self.house.hub.submit(self.session, [Leave("lost")])


def test_a_slow_session_leaves_and_nobody_waits_for_it() -> None:
    house = House(seats=3)
    mary, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve")
    slow = SlowTransport()
    slow.house, slow.session = house, bob.session
    house.quiet(mary, eve)
    bob.session.transport = slow
    mary.ask(Say("1"))
    assert house.loop.step() == 1
    assert [type(message) for message in mary.messages()] == [Entry]
    assert [type(message) for message in eve.messages()] == [Entry]
    eve.ask(Say("2"))
    house.run()
    assert house.events()[-2:] == [Left("Bob", "lost"), Said("Eve", "2")]
    house.check()


# Shutting down


def test_a_shutdown_tells_everyone_goodbye_and_the_plain_nothing() -> None:
    house = House(seats=1)
    house.hub.on_shutdown(house.hub.close)
    mary, bob, eve = house.enter("Mary"), house.enter("Bob", plain=True), house.enter("Eve", "games", plain=True)
    house.quiet(mary, house.operator)
    house.operator.ask(Shutdown())
    house.run()
    assert mary.messages() == [Goodbye(NOON, "shutdown", "The server shuts down.")]
    assert bob.new() == eve.new() == house.operator.new() == b""
    assert all(person.transport.closed for person in (mary, bob, eve))
    assert house.state() == ChannelState({"Mary": 0.0}, ["Bob"]), "nobody has left: the next start drops them"


def test_what_came_before_a_shutdown_is_still_done() -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Say("last words"))
    house.hub.close()
    assert house.events()[-1] == Said("Mary", "last words")
    assert [type(message) for message in mary.messages()] == [Entry, Goodbye]


def test_what_comes_after_a_shutdown_was_asked_for_is_not_done() -> None:
    house = House()
    asked = []
    house.hub.on_shutdown(lambda: asked.append(True))
    mary = house.enter("Mary")
    house.operator.ask(Shutdown())
    mary.ask(Say("too late"))
    house.run()
    house.hub.close()
    assert asked == [True]
    assert Said("Mary", "too late") not in house.events()


def test_after_a_shutdown_there_is_no_turn_and_no_timer() -> None:
    house = House()
    mary = house.enter("Mary")
    house.hub.close()
    house.quiet(mary)
    house.hub.close()
    assert [timer.at - NOON for timer in house.loop.pending()] == [5.0], "the time to read the goodbye, no idle time"
    mary.ask(Say("hello?"))
    mary.vanish()
    house.loop.advance(1000)
    assert mary.new() == b""
    assert house.events() == [Queued("Mary"), Seated("Mary")]
    assert house.loop.pending() == []


# The clock is the hub's own argument


def test_the_hub_and_its_operator_use_the_clock_they_are_given() -> None:
    clock = FakeClock()
    house = House(clock=clock)
    clock.time = NOON + 59
    house.enter("Mary", plain=True)
    assert house.operator.lines() == ["[Server message (12:00:59)] Mary has joined the general channel."]
    assert house.hub.clock is clock
    assert house.operator.session.encoding is OPERATOR
