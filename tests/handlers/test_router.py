"""What each command does, and what is refused."""

import pytest

from antechamber import __version__
from antechamber.channel.snapshot import ChannelState
from antechamber.protocol.commands import (
    AskPlace,
    Command,
    Hello,
    Here,
    History,
    List,
    Malformed,
    Mute,
    Ping,
    Quit,
    Say,
    Search,
    Send,
    Switch,
    Whisper,
    Who,
)
from antechamber.protocol.events import Entry, Left, Queued, Said, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import ChannelInfo, Channels, Done, Goodbye, Place, Pong, Refusal, Welcome, Whispered
from antechamber.session.tokens import Claim, Tokens
from tests.fakes import NOON, House, server


def welcome(house: House, channel: str, name: str, entered: int, front_desk_port: int = 0) -> Welcome:
    token = Tokens(house.log.secret()).make(Claim(channel, name, entered))
    return Welcome(
        NOON,
        channel,
        name,
        f"antechamber/{__version__}",
        1,
        3600,
        front_desk_port,
        token,
        idle_seconds_max=100.0,
        line_bytes_max=16_384,
        file_bytes_max=100 << 20,
    )


# Hello


def test_a_hello_is_welcomed_and_seated() -> None:
    house = House()
    house.hub.announce_front_desk(9876)
    mary = house.knock()
    mary.ask(Hello("Mary"))
    house.run()
    assert mary.messages() == [welcome(house, "general", "Mary", 1, 9876), Entry("general", 2, NOON, Seated("Mary"))]
    assert house.events() == [Queued("Mary"), Seated("Mary")]
    assert house.operator.lines() == [server("Mary has joined the general channel.")]
    house.check()


def test_a_hello_to_a_full_channel_is_told_its_place() -> None:
    house = House(seats=1)
    house.enter("Mary")
    bob, eve = house.knock(), house.knock(plain=True)
    bob.ask(Hello("Bob"))
    eve.ask(Hello("Eve"))
    house.run()
    assert bob.messages() == [welcome(house, "general", "Bob", 3), Place(NOON, "general", 0)]
    assert eve.lines() == [
        server("Welcome to the general channel, Eve."),
        server("You are in the waiting queue and there are 1 user(s) ahead of you."),
    ]
    house.check()


def test_a_hello_enters_the_channel_of_its_door() -> None:
    house = House()
    house.enter("Mary", "games")
    assert house.state("games") == ChannelState({"Mary": 0.0}, [])
    assert house.state("general") == ChannelState({}, [])


@pytest.mark.parametrize(
    ("hello", "code", "text"),
    [
        (Hello("Mary"), "name-taken", "Cannot connect to the general channel."),
        (Hello("Bob"), "name-taken", "Cannot connect to the general channel."),
        (Hello("Eve"), "queue-full", "The waiting queue of the general channel is full."),
        (Hello(""), "bad-name", "A name has at least one character."),
        (Hello("E v e"), "bad-name", "A name has only letters, digits, marks and . _ - + ~ '"),
        (Hello("x" * 33), "bad-name", "A name has at most 32 characters."),
        (Hello("Joe", 2), "protocol", "This server speaks version 1 of the protocol, not 2."),
    ],
)
def test_a_hello_that_is_refused_is_turned_away(hello: Hello, code: str, text: str) -> None:
    house = House(seats=1, limits=Limits(waiting_max=1))
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, house.operator)
    json, plain = house.knock(), house.knock(plain=True)
    json.ask(Hello(hello.name, hello.protocol, "1"), Say("hi"))
    plain.ask(hello)
    house.run()
    assert json.messages() == [Refusal(NOON, code, text, "1", 3600), Goodbye(NOON, "refused", text)]
    assert plain.lines() == [server(text)]
    assert json.transport.closed
    assert plain.transport.closed
    assert mary.new() == bob.new() == house.operator.new() == b""
    house.check()


def test_a_name_as_long_as_its_bound_is_welcome() -> None:
    house = House()
    house.enter("x" * 32)
    assert list(house.state().seated) == ["x" * 32]


def test_a_second_hello_is_refused_and_changes_nothing() -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Hello("Bob", id="1"))
    house.run()
    assert mary.messages() == [Refusal(NOON, "named-already", "You are Mary already.", "1")]
    assert not mary.transport.closed
    house.check()


@pytest.mark.parametrize(
    "command",
    [
        Say("hi"),
        Whisper("Mary", "hi"),
        Switch("games"),
        Send("Mary", "a"),
        Quit(),
        AskPlace(),
        Who(),
        Here(),
        History(),
        Search("hi"),
    ],
)
def test_whoever_has_not_said_hello_is_asked_to(command: Command) -> None:
    house = House()
    mary, nobody = house.enter("Mary"), house.knock()
    nobody.ask(command)
    house.run()
    text = "Say who you are first: the first line is a hello."
    assert nobody.messages() == [Refusal(NOON, "hello-first", text)]
    assert mary.new() == b""
    nobody.ask(Hello("Bob"))
    house.run()
    assert nobody.session.seated


def test_garbage_instead_of_a_hello_is_turned_away() -> None:
    house = House()
    nobody = house.knock()
    nobody.ask(Malformed("no-json", "Not a line of JSON."), Hello("Mary"), Malformed("no-json", "Again."))
    house.run()
    assert nobody.messages() == [
        Refusal(NOON, "no-json", "Not a line of JSON.", utc_offset_seconds=3600),
        Goodbye(NOON, "refused", "Not a line of JSON."),
    ]
    assert nobody.transport.closed
    assert house.entries() == []


def test_garbage_of_a_member_is_refused_in_its_place() -> None:
    house = House()
    mary = house.enter("Mary", plain=True)
    mary.ask(Say("1"), Malformed("not-utf-8", "That line is not UTF-8 text."), Say("2"))
    house.run()
    assert mary.lines() == [
        "[Mary (12:00:00)] 1",
        server("That line is not UTF-8 text."),
        "[Mary (12:00:00)] 2",
    ]


# Talking


def test_what_is_said_is_read_by_all_who_sit_there_and_the_operator() -> None:
    house = House(seats=2)
    mary, bob = house.enter("Mary"), house.enter("Bob", plain=True)
    eve, ann = house.enter("Eve", plain=True), house.enter("Ann", "games", plain=True)
    house.quiet(mary, house.operator)
    mary.ask(Say("hi", "7"))
    house.run()
    assert mary.messages() == [Entry("general", 6, NOON, Said("Mary", "hi", "7"))]
    assert bob.new() == house.operator.new() == b"[Mary (12:00:00)] hi\n"
    assert eve.new() == ann.new() == b""


def test_a_whisper_is_read_by_its_target_and_the_operator() -> None:
    house = House()
    mary, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve")
    house.quiet(mary, bob, house.operator)
    mary.ask(Whisper("Bob", "psst", "7"), Whisper("Bob", "again"))
    house.run()
    assert bob.messages() == [
        Whispered(NOON, "general", "Mary", "Bob", "psst"),
        Whispered(NOON, "general", "Mary", "Bob", "again"),
    ]
    assert mary.messages() == [Done(NOON, "7")]
    assert eve.new() == b""
    assert house.operator.lines() == [
        "[Mary whispers to Bob: (12:00:00)] psst",
        "[Mary whispers to Bob: (12:00:00)] again",
    ]
    assert len(house.entries()) == 6, "a whisper is never kept"


def test_a_whisper_to_nobody_is_refused_and_the_operator_reads_it_all_the_same() -> None:
    house = House()
    mary = house.enter("Mary", plain=True)
    house.enter("Bob", "games")
    house.quiet(house.operator)
    mary.ask(Whisper("Bob", "psst"))
    house.run()
    assert mary.lines() == [server("Bob is not here.")]
    assert house.operator.lines() == ["[Mary whispers to Bob: (12:00:00)] psst"]


def test_a_muted_member_is_told_how_long_and_nobody_reads_anything() -> None:
    house = House()
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    house.operator.ask(Mute("general", "Mary", 60))
    house.run()
    house.quiet(mary, bob, house.operator)
    house.clock.time += 0.5
    mary.ask(Say("hi"), Whisper("Bob", "psst"), Whisper("Joe", "psst"))
    house.run()
    assert mary.lines() == [server("You are still muted for 59 seconds.")] * 3
    assert bob.new() == house.operator.new() == b""


def test_what_those_who_wait_type_reaches_nobody_and_is_answered_in_json_alone() -> None:
    house = House(seats=1)
    mary, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve", plain=True)
    house.quiet(mary, house.operator)
    for person in (bob, eve):
        person.ask(Say("hi"), Whisper("Mary", "psst"), Send("Mary", "a.txt"))
    house.run()
    assert bob.refusals() == [("waiting", "")] * 3
    assert eve.new() == mary.new() == house.operator.new() == b""


def test_a_list_shows_every_channel_in_order() -> None:
    house = House(seats=1)
    mary = house.enter("Mary")
    bob = house.enter("Bob", plain=True)
    house.quiet(mary)
    mary.ask(List("7"))
    bob.ask(List())
    house.run()
    infos = [
        ChannelInfo("general", 9001, 1, 1, 1),
        ChannelInfo("games", 9002, 1, 0, 0),
        ChannelInfo("help", 9003, 1, 0, 0),
    ]
    assert mary.messages() == [Channels(NOON, infos, "7")]
    assert bob.lines() == ["[Channel] general 1/1/1.", "[Channel] games 0/1/0.", "[Channel] help 0/1/0."]


def test_a_ping_is_answered() -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Ping("7"), Ping())
    house.run()
    assert mary.messages() == [Pong(NOON, "7"), Pong(NOON)]


# Leaving


def test_quitting_from_a_seat_is_read_by_those_who_stay_and_the_operator() -> None:
    house = House(seats=2)
    mary, bob = house.enter("Mary"), house.enter("Bob", plain=True)
    eve, ann = house.enter("Eve", plain=True), house.enter("Ann", plain=True)
    house.quiet(mary, house.operator)
    mary.ask(Quit(), Say("too late"))
    house.run()
    left, joined = server("Mary has left the channel."), server("Eve has joined the channel.")
    assert mary.messages() == [Goodbye(NOON, "quit", "Goodbye.")]
    assert mary.transport.closed
    assert bob.lines() == [left, joined]
    assert eve.lines() == [joined]
    assert ann.lines() == [server("You are in the waiting queue and there are 0 user(s) ahead of you.")]
    assert house.operator.lines() == [left, server("Eve has joined the general channel.")]
    house.check()


def test_quitting_from_the_queue_is_read_by_the_operator_alone() -> None:
    house = House(seats=1)
    mary, bob, eve = house.enter("Mary", plain=True), house.enter("Bob", plain=True), house.enter("Eve", plain=True)
    house.quiet(house.operator)
    bob.ask(Quit())
    house.run()
    assert bob.new() == mary.new() == b""
    assert eve.lines() == [server("You are in the waiting queue and there are 0 user(s) ahead of you.")]
    assert house.operator.lines() == [server("Bob has left the channel.")]
    house.check()


def test_a_connection_that_dies_frees_its_seat_and_the_plain_read_nothing_of_it() -> None:
    house = House(seats=2)
    mary, bob, json = house.enter("Mary"), house.enter("Bob", plain=True), house.enter("Joe")
    house.quiet(bob, house.operator)
    mary.vanish()
    mary.vanish()
    house.run()
    assert bob.lines() == [server("Joe has joined the channel.")]
    assert json.messages() == [Entry("general", 7, NOON, Seated("Joe"))]
    assert house.operator.lines() == [server("Joe has joined the general channel.")]
    assert house.events()[-2:] == [Left("Mary", "lost"), Seated("Joe")]
    house.check()


def test_a_connection_that_died_says_no_hello() -> None:
    house = House()
    nobody = house.knock()
    nobody.vanish()
    nobody.ask(Hello("Ghost"))
    house.run()
    assert house.entries() == []


def test_a_connection_that_dies_before_its_hello_is_never_mentioned() -> None:
    house = House()
    nobody = house.knock()
    nobody.vanish()
    house.run()
    assert house.entries() == []
    assert house.operator.data == b""


# Switching


def test_switching_leaves_here_and_enters_there() -> None:
    house = House(seats=1)
    mary, bob, joe = house.enter("Mary"), house.enter("Bob", plain=True), house.enter("Joe", "games", plain=True)
    house.quiet(mary, house.operator)
    mary.ask(Switch("games", "7"))
    house.run()
    assert mary.messages() == [
        welcome(house, "games", "Mary", 3),
        Place(NOON, "games", 0),
        Done(NOON, "7"),
    ]
    assert bob.lines() == [server("Bob has joined the channel.")]
    assert joe.new() == b""
    assert house.operator.lines() == [
        server("Mary has left the channel."),
        server("Bob has joined the general channel."),
    ]
    house.check()
    joe.ask(Quit())
    house.run()
    assert mary.messages() == [Entry("games", 5, NOON, Seated("Mary"))]


def test_switching_from_the_queue_works_and_is_read_by_the_operator_alone() -> None:
    house = House(seats=1)
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    house.quiet(mary, house.operator)
    bob.ask(Switch("games"))
    house.run()
    assert bob.lines() == [server("Welcome to the games channel, Bob."), server("Bob has joined the channel.")]
    assert mary.new() == b""
    assert house.operator.lines() == [
        server("Bob has left the channel."),
        server("Bob has joined the games channel."),
    ]
    house.check()


@pytest.mark.parametrize(
    ("channel", "code", "text"),
    [
        ("nowhere", "no-such-channel", "nowhere does not exist."),
        ("no\u202ewhere", "no-such-channel", "no\ufffdwhere does not exist."),
        ("games", "cannot-switch", "Cannot switch to the games channel."),
        ("help", "cannot-switch", "Cannot switch to the help channel."),
        ("general", "cannot-switch", "Cannot switch to the general channel."),
        ("full", "queue-full", "The waiting queue of the full channel is full."),
    ],
)
def test_a_switch_that_is_refused_changes_nothing(channel: str, code: str, text: str) -> None:
    house = House(seats=1, channels=["general", "games", "help", "full"], limits=Limits(waiting_max=1))
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.enter("Mary", "games")
    house.enter("Ann", "help")
    house.enter("Mary", "help")
    house.enter("Ann", "full")
    house.enter("Joe", "full")
    house.quiet(mary, house.operator)
    before = house.state()
    mary.ask(Switch(channel, "7"))
    house.run()
    assert mary.messages() == [Refusal(NOON, code, text, "7")]
    assert bob.new() == house.operator.new() == b""
    assert house.state() == before
    house.check()
