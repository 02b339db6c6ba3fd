"""What operators ask by their pages, and the operator at the server's own terminal as well."""

import pytest

from antechamber.codec.plain import PLAIN
from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Hello,
    Kick,
    List,
    Malformed,
    Move,
    Mute,
    Operate,
    Ping,
    Resume,
    Say,
    Shutdown,
    Who,
)
from antechamber.protocol.events import Announced, Entry, Moved, Queued, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Announcement, Channels, Done, Goodbye, Operating, Pong, Refusal
from antechamber.session.tokens import operator_token
from tests.fakes import NOON, NOT_KEPT, SECRET, FailingHouse, House, Person, not_kept, server

TOKEN = operator_token(SECRET)


def operator_of(house: House) -> Person:
    """Connect an operator by a page."""
    person = house.knock("")
    person.ask(Operate(TOKEN))
    house.run()
    person.new()
    return person


# Coming in


def test_the_token_makes_an_operator() -> None:
    house = House(limits=Limits(mute_seconds_max=600))
    page = house.knock("")
    page.ask(Operate(TOKEN, id="1"))
    house.run()
    (operating,) = page.messages()
    assert isinstance(operating, Operating)
    assert operating.server.startswith("antechamber/")
    assert (operating.protocol, operating.utc_offset_seconds, operating.id) == (1, 3600, "1")
    assert operating.mute_seconds_max == 600
    assert page.session.operator
    assert not page.session.observes


@pytest.mark.parametrize("door", ["", "general"])
@pytest.mark.parametrize("token", ["", "x", TOKEN + "x", TOKEN[:-1], TOKEN.upper(), "\N{SNOWMAN}"])
def test_another_token_ends_the_session(token: str, door: str) -> None:
    house = House()
    page = house.knock(door)
    page.ask(Operate(token, id="1"), Kick("general", "Mary"))
    house.run()
    text = "That is not the operator token of this server."
    assert page.messages() == [Refusal(NOON, "bad-token", text, "1", 3600), Goodbye(NOON, "refused", text)]
    assert not page.session.operator
    assert page.transport.closed


def test_another_version_of_the_protocol_is_refused() -> None:
    house = House()
    page = house.knock("")
    page.ask(Operate(TOKEN, protocol=2))
    house.run()
    assert [type(message) for message in page.messages()] == [Refusal, Goodbye]
    assert not page.session.operator


def test_a_member_becomes_no_operator_and_an_operator_no_member() -> None:
    house = House()
    mary, page = house.enter("Mary"), operator_of(house)
    mary.ask(Operate(TOKEN, id="1"))
    page.ask(Hello("Bob", id="1", channel="general"), Resume("t", id="2"), Operate(TOKEN, id="3"), Say("hi", "4"))
    house.run()
    assert mary.messages() == [Refusal(NOON, "named-already", "You are Mary already.", "1")]
    assert page.refusals() == [("named-already", n) for n in ("1", "2", "3")] + [("hello-first", "4")]
    assert not mary.session.operator
    house.check()


def test_an_operators_page_reads_nothing_that_it_did_not_ask_for() -> None:
    house = House()
    page, mary = operator_of(house), house.enter("Mary")
    mary.ask(Say("hi"))
    house.operator.ask(Announce("Tea"), Kick("general", "Nobody"))
    house.run()
    assert page.new() == b""
    assert house.operator.lines()[-1] == server("Nobody is not in general.")


def test_an_operator_in_a_turn_that_was_not_kept_is_one_all_the_same() -> None:
    house = FailingHouse()
    mary, page = house.enter("Mary"), house.knock("")
    house.fail()
    page.ask(Operate(TOKEN))
    mary.ask(Say("hi"))
    house.run()
    assert [type(message) for message in page.messages()] == [Operating]
    assert page.session.operator


# What is asked


def test_each_command_is_answered_under_its_id() -> None:
    house = House(seats=2)
    page, mary = operator_of(house), house.enter("Mary")
    house.enter("Bob")
    for name in ("Eve", "Joe"):
        house.enter(name)
    house.quiet(mary, house.operator)
    page.ask(
        Move("general", "Joe", 0, "1"),
        Mute("general", "Mary", 60, "2"),
        Kick("general", "Bob", "3"),
        Empty("games", "4"),
        Announce("Tea", "help", "5"),
        Ping("6"),
        List("7"),
    )
    house.run()
    *done, pong, channels = page.messages()
    assert done == [Done(NOON, n) for n in "12345"]
    assert pong == Pong(NOON, "6")
    assert isinstance(channels, Channels)
    assert house.operator.lines() == [
        server("Muted Mary for 60 seconds."),
        server("Kicked Bob."),
        server("Joe has joined the general channel."),
        server("games has been emptied."),
        server("Told help: Tea"),
    ]
    house.check()


@pytest.mark.parametrize(
    ("command", "code", "text"),
    [
        (Kick("general", "Zoe", "1"), "not-in-channel", "Zoe is not in general."),
        (Kick("nowhere", "Mary", "1"), "no-such-channel", "nowhere does not exist."),
        (Mute("nowhere", "Mary", 5, "1"), "not-here", "Mary is not here."),
        (Mute("general", "Mary", 0, "1"), "invalid-mute-time", "Invalid mute time."),
        (Empty("nowhere", "1"), "no-such-channel", "nowhere does not exist."),
        (Move("nowhere", "Bob", 0, "1"), "no-such-channel", "nowhere does not exist."),
        (Move("general", "Mary", 0, "1"), "not-waiting", "Mary does not wait in general."),
        (
            Move("general", "Bob", -1, "1"),
            "bad-place",
            "A place in the waiting queue has 0 or more members ahead of it.",
        ),
        (Announce("Tea", "nowhere", "1"), "no-such-channel", "nowhere does not exist."),
        (Shutdown("1"), "operators-only", "The server is shut down only at the server's own terminal."),
        (Who("1", "nowhere"), "no-such-channel", "nowhere does not exist."),
        (Malformed("empty", "An empty announcement is not sent.", "1"), "empty", "An empty announcement is not sent."),
    ],
)
def test_what_cannot_be_done_is_told_to_the_page_and_not_to_the_terminal(
    command: Command, code: str, text: str
) -> None:
    house = House(seats=1)
    asked: list[bool] = []
    house.hub.on_shutdown(lambda: asked.append(True))
    page = operator_of(house)
    house.enter("Mary")
    house.enter("Bob")
    house.quiet(house.operator)
    page.ask(command)
    house.run()
    assert page.messages() == [Refusal(NOON, code, text, "1")]
    assert house.operator.new() == b""
    assert not page.transport.closed
    assert not asked
    house.check()


@pytest.mark.parametrize("command", [Move("general", "Bob", 0, "1"), Announce("Tea", "", "1")])
@pytest.mark.parametrize("named", [True, False])
def test_members_and_others_are_refused(command: Command, named: bool) -> None:
    house = House()
    someone = house.enter("Mary") if named else house.knock("")
    someone.ask(command)
    house.run()
    code, text = "operators-only", "Only the operator can do that."
    if named:
        code, text = "not-operator", "Only an operator of the channel may do that."
    assert someone.messages() == [Refusal(NOON, code, text, "1")]
    assert not someone.transport.closed


def test_a_command_that_came_before_is_done_once() -> None:
    house = House()
    page, mary = operator_of(house), house.enter("Mary")
    page.ask(Announce("Tea", "general", "1"), Announce("Tea", "general", "1"))
    house.run()
    assert page.messages() == [Done(NOON, "1")] * 2
    assert mary.messages() == [Entry("general", 3, NOON, Announced("Tea"))]


def test_what_is_not_kept_is_not_done() -> None:
    house = FailingHouse(seats=1)
    page = operator_of(house)
    house.enter("Mary")
    bob, eve, plain = house.enter("Bob"), house.enter("Eve"), house.enter("Joe", plain=True)
    house.fail()
    page.ask(Move("general", "Joe", 0, "1"), Announce("Tea", "", "2"))
    house.run()
    assert page.messages() == [not_kept("1"), not_kept("2")]
    assert bob.new() == eve.new() == plain.new() == b""
    assert list(house.state().waiting) == ["Bob", "Eve", "Joe"]
    house.check()
    house.fail(False)
    page.ask(Move("general", "Joe", 0, "1"))
    house.run()
    assert list(house.state().waiting) == ["Joe", "Bob", "Eve"]
    assert NOT_KEPT not in page.new().decode()
    house.check()


# Moving and announcing, as others read of it


def test_a_move_is_an_entry_for_those_seated_and_a_place_for_those_who_wait() -> None:
    house = House(seats=2)
    mary, plain = house.enter("Mary"), house.enter("Ann", plain=True)
    bob, eve = house.enter("Bob"), house.enter("Eve", plain=True)
    page = operator_of(house)
    house.quiet(mary, plain, house.operator)
    page.ask(Move("general", "Eve", 0))
    house.run()
    assert mary.messages() == [Entry("general", 7, NOON, Moved("Eve", 0))]
    assert plain.new() == b""
    assert [message.ahead for message in bob.messages()] == [1]  # type: ignore[union-attr]
    assert eve.lines() == [server("You are in the waiting queue and there are 0 user(s) ahead of you.")]
    assert house.operator.new() == b""
    mary.vanish()
    house.run()
    assert house.events()[-1] == Seated("Eve")
    house.check()


def test_an_announcement_is_read_by_all_in_the_channel_and_by_nobody_else() -> None:
    house = House(seats=2)
    mary, plain = house.enter("Mary"), house.enter("Ann", plain=True)
    bob, eve = house.enter("Bob"), house.enter("Eve", plain=True)
    zoe = house.enter("Zoe", "games")
    page = operator_of(house)
    house.quiet(mary, plain, house.operator)
    page.ask(Announce("Tea\nat 5", "general"))
    house.run()
    assert mary.messages() == [Entry("general", 7, NOON, Announced("Tea\nat 5"))]
    assert bob.messages() == [Announcement(NOON, "general", "Tea\nat 5")]
    assert plain.lines() == eve.lines() == [server("Tea ⏎ at 5")]
    assert house.operator.lines() == [server("Told general: Tea ⏎ at 5")]
    assert zoe.new() == b""
    house.check()


def test_without_a_channel_an_announcement_is_read_in_all_that_have_not_stopped() -> None:
    house = House()
    page, mary, zoe = operator_of(house), house.enter("Mary"), house.enter("Zoe", "games")
    house.rooms["help"].stopped = True
    page.ask(Announce("Tea", id="1"))
    house.run()
    assert page.messages() == [Done(NOON, "1")]
    assert mary.messages() == [Entry("general", 3, NOON, Announced("Tea"))]
    assert zoe.messages() == [Entry("games", 3, NOON, Announced("Tea"))]
    assert house.events("help") == []


def test_a_channel_that_has_stopped_hears_no_announcement() -> None:
    house = House()
    page = operator_of(house)
    house.rooms["help"].stopped = True
    page.ask(Announce("Tea", "help", "1"))
    house.run()
    assert page.refusals() == [("no-such-channel", "1")]


def test_who_is_away_in_the_line_is_moved_all_the_same() -> None:
    house = House(seats=1, limits=Limits(place_hold_seconds=300, held_visit_seconds_min=0))
    house.enter("Mary")
    bob, eve = house.enter("Bob"), house.enter("Eve")
    eve.vanish()
    house.operator.ask(Move("general", "Eve", 0), Announce("Tea"))
    house.run()
    assert [type(message).__name__ for message in bob.messages()] == ["Place", "Announcement"]
    assert house.events()[-3:] == [Queued("Eve", True), Moved("Eve", 0), Announced("Tea")]
    house.check()


def test_a_plain_session_is_no_operator() -> None:
    house = House()
    plain = house.knock(encoding=PLAIN)
    plain.ask(Kick("general", "Mary"))
    house.run()
    assert plain.lines() == [server("Only the operator can do that.")]
