"""A log that fails: nobody reads what is not kept, those who asked are told, and everybody is where they were."""

import logging

import pytest

from antechamber.channel.snapshot import ChannelState
from antechamber.protocol.commands import (
    Empty,
    Hello,
    Here,
    Kick,
    List,
    Mute,
    Ping,
    Quit,
    Received,
    Say,
    Send,
    Shutdown,
    Switch,
    Whisper,
)
from antechamber.protocol.events import Entry, Said, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import (
    Channels,
    Done,
    Goodbye,
    Offer,
    Place,
    Pong,
    Refusal,
    Sent,
    Ticket,
    TransferFailed,
    Welcome,
)
from antechamber.rooms.transfers import Abandon, Uploaded
from tests.fakes import (
    NOON,
    NOT_KEPT,
    FailingHouse,
    Person,
    failing_house,
    not_kept,
    server,
)

IDLE = Limits().idle_seconds_max


# Those who ask


def test_what_is_said_while_the_log_fails_is_read_by_nobody_and_its_speaker_is_told() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    before = house.events()
    mary.ask(Say("hi", "7"))
    house.run()
    assert mary.messages() == [not_kept("7")]
    assert bob.new() == house.operator.new() == b""
    assert house.events() == before
    house.check()


def test_what_is_said_again_once_the_log_works_is_read_by_all_even_under_the_same_id() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    mary.ask(Say("hi", "7"))
    house.run()
    mary.new()
    house.fail(False)
    mary.ask(Say("hi", "7"), Say("hi", "7"))
    house.run()
    entry = Entry("general", 5, NOON, Said("Mary", "hi", "7"))
    assert mary.messages() == [entry, Done(NOON, "7")]
    assert bob.messages() == [entry]
    house.check()


def test_what_was_kept_before_is_not_said_again_though_its_retry_came_in_a_turn_that_failed() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    house.fail(False)
    mary.ask(Say("once", "7"))
    house.run()
    house.fail()
    mary.ask(Say("once", "7"), Say("more", "8"))
    house.run()
    house.fail(False)
    mary.ask(Say("once", "7"), Say("more", "8"))
    house.run()
    said = [message.event for message in bob.messages() if isinstance(message, Entry)]
    assert said == [Said("Mary", "once", "7"), Said("Mary", "more", "8")]


def test_nobody_reads_anything_else_of_a_turn_that_is_not_kept() -> None:
    house, (mary, bob, eve) = failing_house("Mary", "Bob", "Eve")
    joe = house.knock()
    mary.ask(Say("hi", "1"))
    bob.ask(Whisper("Eve", "psst", "2"), List("3"), Ping("4"))
    house.operator.ask(Mute("general", "Eve", 5), Kick("general", "Bob"), Kick("general", "Ann"))
    joe.ask(Hello("Joe", id="5"))
    house.run()
    assert mary.refusals() == [("not-kept", "1")]
    refused, listed, ponged = bob.messages()
    assert refused == not_kept("2")
    assert isinstance(listed, Channels)
    assert listed.id == "3", "of this the log is not asked"
    assert ponged == Pong(NOON, "4")
    assert eve.new() == b""
    assert house.operator.lines() == [server(NOT_KEPT)] * 3
    assert not bob.transport.closed
    assert house.state() == ChannelState({"Mary": 0.0, "Bob": 0.0, "Eve": 0.0}, [])
    house.check()


def test_another_channel_of_the_same_turn_is_not_kept_either() -> None:
    house, (mary,) = failing_house("Mary")
    house.fail(False)
    ann = house.enter("Ann", "games")
    house.fail()
    mary.ask(Say("hi", "1"))
    ann.ask(Say("hi", "2"))
    house.run()
    assert mary.refusals() == [("not-kept", "1")]
    assert ann.refusals() == [("not-kept", "2")]
    house.check()


def test_a_turn_of_which_nothing_is_kept_works_while_the_log_fails() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    mary.ask(Whisper("Bob", "psst", "1"), List(), Ping())
    house.run()
    assert [type(message).__name__ for message in bob.messages()] == ["Whispered"]
    assert [type(message).__name__ for message in mary.messages()] == ["Done", "Channels", "Pong"]


def test_a_hello_that_is_not_kept_is_turned_away() -> None:
    house, (mary,) = failing_house("Mary")
    json, plain = house.knock(), house.knock(plain=True)
    json.ask(Hello("Joe", id="7"))
    plain.ask(Hello("Ann"), Say("hi"))
    house.run()
    assert json.messages() == [not_kept("7"), Goodbye(NOON, "refused", NOT_KEPT)]
    assert plain.lines() == [server(NOT_KEPT)]
    assert json.transport.closed
    assert plain.transport.closed
    assert mary.new() == b""
    json.vanish()
    house.loop.advance(5)
    house.fail(False)
    house.enter("Joe")
    assert list(house.state().seated) == ["Mary", "Joe"]
    house.check()


def test_a_hello_to_the_queue_that_is_not_kept_is_turned_away() -> None:
    house, _ = failing_house("Mary", seats=1)
    bob = house.knock()
    bob.ask(Hello("Bob"))
    house.run()
    assert [type(message) for message in bob.messages()] == [Refusal, Goodbye]
    assert house.state() == ChannelState({"Mary": 0.0}, [])
    house.check()


def test_a_hello_that_was_refused_anyway_is_turned_away_too() -> None:
    house, (mary,) = failing_house("Mary")
    bad, empty = house.knock(), house.knock()
    mary.ask(Say("hi"))
    bad.ask(Hello("Mary"), Hello("Joe"), Quit())
    empty.ask(Quit(), Quit())
    house.run()
    assert [type(message) for message in bad.messages()] == [Refusal, Goodbye]
    assert [type(message) for message in empty.messages()] == [Goodbye]
    house.check()


def test_a_switch_that_is_not_kept_leaves_its_member_where_it_was() -> None:
    house, (mary, bob, eve) = failing_house("Mary", "Bob", "Eve", seats=2)
    mary.ask(Switch("games", "1"))
    house.run()
    assert mary.messages() == [not_kept("1")]
    assert bob.new() == eve.new() == b""
    assert house.state() == ChannelState({"Mary": 0.0, "Bob": 0.0}, ["Eve"])
    assert house.state("games") == ChannelState({}, [])
    house.check()
    house.fail(False)
    bob.ask(Say("hi"))
    house.run()
    assert mary.messages() == bob.messages() == [Entry("general", 6, NOON, Said("Bob", "hi"))]
    eve.ask(Switch("games"))
    house.run()
    assert [type(message) for message in eve.messages()] == [Welcome, Entry]
    house.check()


def test_a_switch_from_the_queue_that_is_not_kept_keeps_its_place() -> None:
    house, (mary, bob, eve) = failing_house("Mary", "Bob", "Eve", seats=1)
    bob.ask(Switch("games"))
    house.run()
    assert bob.messages() == [not_kept()]
    assert eve.new() == b""
    house.check()
    house.fail(False)
    mary.ask(Quit())
    house.run()
    assert [message.event for message in bob.messages() if isinstance(message, Entry)] == [Seated("Bob")]
    assert eve.messages() == [Place(NOON, "general", 0)]
    house.check()


def test_what_the_operator_asks_for_while_the_log_fails_is_not_done() -> None:
    house, (mary, bob, eve) = failing_house("Mary", "Bob", "Eve", seats=2)
    for command in (Kick("general", "Mary"), Kick("general", "Eve"), Mute("general", "Mary", 5), Empty("general")):
        house.operator.ask(command)
        house.run()
        assert house.operator.lines() == [server(NOT_KEPT)]
        assert mary.new() == bob.new() == eve.new() == b""
        assert house.state() == ChannelState({"Mary": 0.0, "Bob": 0.0}, ["Eve"])
        house.check()
    mary.ask(Whisper("Bob", "I am still here"))
    house.run()
    assert len(bob.messages()) == 1


def test_a_shutdown_needs_no_log() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    house.hub.on_shutdown(house.hub.close)
    mary.ask(Say("hi"))
    house.operator.ask(Shutdown())
    house.run()
    assert house.operator.new() == b""
    assert [type(message) for message in bob.messages()] == [Goodbye]
    assert bob.transport.closed


# Files


def house_with_file(state: str) -> tuple[FailingHouse, Person, Person]:
    """Return a house in which Mary has a file on its way to Bob; its log is full."""
    house, (mary, bob) = failing_house("Mary", "Bob")
    house.hub.announce_front_desk(9876)
    house.fail(False)
    mary.ask(Send("Bob", "a.txt", 5))
    if state == "offered":
        mary.ask(Uploaded("t1"))
    house.run()
    house.quiet(mary, bob)
    house.fail()
    return house, mary, bob


def test_a_ticket_that_was_not_told_is_void() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    house.hub.announce_front_desk(9876)
    mary.ask(Say("hi"), Send("Bob", "a.txt", 5, "", "7"))
    house.run()
    assert mary.refusals() == [("not-kept", ""), ("not-kept", "7")]
    assert house.transfers.get("t1") is None
    house.fail(False)
    mary.ask(Send("Bob", "a.txt", 5, "", "7"))
    house.run()
    (ticket,) = mary.messages()
    assert isinstance(ticket, Ticket)
    assert (ticket.ticket, ticket.id) == ("t2", "7")
    house.loop.advance(40)
    assert bob.new() == b""


def test_a_file_that_is_here_is_offered_once_the_log_works() -> None:
    house, mary, bob = house_with_file("asked")
    mary.ask(Uploaded("t1"), Say("hi"))
    house.run()
    assert bob.new() == b""
    assert mary.refusals() == [("not-kept", "")]
    house.fail(False)
    house.loop.advance(1)
    assert [type(message) for message in bob.messages()] == [Offer]


def test_a_file_that_has_arrived_is_told_so_once_the_log_works() -> None:
    house, mary, bob = house_with_file("offered")
    bob.ask(Say("thanks"), Received("t1", "", "7"))
    house.run()
    assert mary.new() == b""
    assert bob.refusals() == [("not-kept", "")]
    house.fail(False)
    house.loop.advance(1)
    assert mary.messages() == [Sent(NOON + 1, "Mary", "Bob", "a.txt")]
    assert bob.messages() == [Done(NOON + 1, "7")]


def test_a_file_that_broke_is_told_so_once_the_log_works() -> None:
    house, mary, bob = house_with_file("offered")
    mary.ask(Say("hi"), Abandon("t1", "it broke."))
    house.run()
    mary.new()
    house.fail(False)
    house.loop.advance(1)
    failed = TransferFailed(NOON + 1, "Mary", "Bob", "a.txt", "t1", "it broke.")
    assert mary.messages() == bob.messages() == [failed]
    assert house.transfers.get("t1") is None


def test_a_file_that_ended_before_the_log_failed_stays_ended() -> None:
    house, mary, bob = house_with_file("offered")
    house.fail(False)
    bob.ask(Received("t1"))
    house.run()
    house.fail()
    mary.ask(Say("hi"))
    house.run()
    assert house.transfers.get("t1") is None


def test_a_file_ends_with_its_target_once_that_is_kept() -> None:
    house, mary, bob = house_with_file("asked")
    house.operator.ask(Kick("general", "Bob"))
    house.run()
    assert mary.new() == b""
    assert house.transfers.get("t1") is not None
    house.fail(False)
    house.operator.ask(Kick("general", "Bob"))
    house.run()
    assert [type(message) for message in mary.messages()] == [Entry, TransferFailed]
    assert bob.transport.closed


# Afterwards


def test_after_a_failure_the_next_entry_has_the_next_number() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    for n in range(3):
        mary.ask(Say(f"lost {n}"))
        house.run()
    house.fail(False)
    mary.new()
    mary.ask(Say("kept"))
    house.run()
    assert mary.messages() == bob.messages() == [Entry("general", 5, NOON, Said("Mary", "kept"))]
    house.check()


def test_a_failure_is_logged_for_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "antechamber.hub.hub")
    house, (mary,) = failing_house("Mary")
    mary.ask(Say("hi"))
    house.run()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert caplog.records[0].__dict__["why"] == "the disk is full."


def test_a_channel_that_cannot_even_be_read_again_stops_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    house.fail(False)
    ann = house.enter("Ann", "games")
    house.quiet(mary)
    house.fail()
    house.log.unreadable = True
    mary.ask(Say("hi"))
    house.run()
    assert [(record.exc_info, record.__dict__["why"]) for record in caplog.records] == [
        (None, "the disk is full."),
        (None, "the disk is gone"),
    ]
    text = "The general channel has stopped because of a fault in the server."
    assert mary.messages()[-1] == bob.messages()[-1] == Goodbye(NOON, "broken", text)
    assert mary.transport.closed
    house.fail(False)
    ann.ask(Say("hi"))
    house.run()
    assert [type(message) for message in ann.messages()] == [Entry]
    joe = house.knock()
    joe.ask(Hello("Joe"))
    house.run()
    assert joe.messages()[0] == Refusal(NOON, "stopped", "The general channel has stopped.", utc_offset_seconds=3600)


def test_another_failure_puts_off_no_end_of_an_idle_time_that_is_asked_for_again() -> None:
    house, _ = failing_house("Mary")
    house.loop.advance(IDLE)  # it is asked for, and the log fails
    house.loop.advance(0.5)
    house.knock().ask(Hello("Bob"))
    house.run()
    house.fail(False)
    house.loop.advance(0.55)
    assert list(house.state().seated) == []


def test_who_could_not_be_let_in_has_no_name_yet_so_that_it_is_asked_for_one_in_time() -> None:
    house, _ = failing_house()
    page = house.knock("")
    page.ask(Hello("Mary", channel="general", id="1"))
    house.run()
    assert page.messages() == [not_kept("1")]
    assert (page.session.name, page.session.closed) == ("", False)
    house.fail(False)
    page.ask(Hello("Bob", channel="general", id="2"))
    house.run()
    assert page.session.name == "Bob"


def test_a_switch_that_could_not_be_kept_leaves_the_name() -> None:
    house, (mary,) = failing_house("Mary")
    mary.ask(Switch("games"))
    house.run()
    assert (mary.session.name, mary.session.channel) == ("Mary", "general")


def test_a_page_of_an_operators_is_told_that_it_shuts_nothing_down_though_the_log_fails() -> None:
    house, (mary,) = failing_house("Mary")
    page = house.knock("")
    page.session.operator = True
    mary.ask(Say("hello"))
    page.ask(Shutdown(id="1"))
    house.run()
    assert page.messages() == [not_kept("1")]


def test_a_sign_of_life_needs_no_log() -> None:
    house, (mary,) = failing_house("Mary")
    mary.ask(Say("hello"), Here(id="1"))
    house.run()
    assert mary.messages() == [not_kept(), Done(NOON, "1")]
