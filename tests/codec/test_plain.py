"""Plain text, exact to the character."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.codec.plain import OPERATOR, PLAIN, PlainDecoder, member_line, operator_line
from antechamber.protocol.commands import Hello, List, Malformed, PeerCommand, Quit, Say
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Entry,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
    encode_lines,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import (
    Announcement,
    ChannelInfo,
    Channels,
    Done,
    Entries,
    Goodbye,
    GoodbyeReason,
    Idling,
    Invitation,
    Members,
    Message,
    Named,
    Offer,
    Operating,
    Place,
    Pong,
    Presence,
    Refusal,
    Resumed,
    Samples,
    SeatedMember,
    Sent,
    Ticket,
    TransferFailed,
    WaitingMember,
    Welcome,
    Whispered,
)
from antechamber.protocol.text import clean
from tests import strategies

LIMITS = Limits()
CLOCK = "09:05:01"

# What people read


def entry(event: AnyEvent) -> Entry:
    return Entry("general", 1, 1.5, event)


def server(text: str) -> str:
    return f"[Server message (09:05:01)] {text}"


INFOS = [ChannelInfo("general", 9001, 5, 3, 0), ChannelInfo("games", 9002, 7, 7, 12)]

# Each message, as Mary reads it and as the operator does.
READ: list[tuple[Message, str | None, str | None]] = [
    (entry(Queued("Bob")), None, None),
    (entry(Queued("Mary")), None, None),
    (
        entry(Seated("Bob")),
        server("Bob has joined the channel."),
        server("Bob has joined the general channel."),
    ),
    (entry(Said("Bob", "hi  there")), "[Bob (09:05:01)] hi  there", "[Bob (09:05:01)] hi  there"),
    (entry(Said("Mary", "hi", "7")), "[Mary (09:05:01)] hi", "[Mary (09:05:01)] hi"),
    (entry(Said("Bob", "a\nb\n\nc")), "[Bob (09:05:01)] a ⏎ b ⏎  ⏎ c", "[Bob (09:05:01)] a ⏎ b ⏎  ⏎ c"),
    (entry(Said("Bob", "waves\nto", form="action")), "* Bob (09:05:01) waves ⏎ to", "* Bob (09:05:01) waves ⏎ to"),
    (entry(Said("Bob", "psst", form="notice")), "-Bob (09:05:01)- psst", "-Bob (09:05:01)- psst"),
    (entry(Moved("Bob", 3)), None, None),
    (
        entry(TopicSet("Bob", "Tea")),
        server("Bob has set the topic: Tea"),
        server("Bob has set the topic of general: Tea"),
    ),
    (
        entry(TopicSet("", "Tea")),
        server("The topic has been set: Tea"),
        server("The topic of general has been set: Tea"),
    ),
    (
        entry(TopicSet("Bob", "")),
        server("Bob has taken back the topic."),
        server("Bob has taken back the topic of general."),
    ),
    (
        entry(TopicSet("", "")),
        server("The topic has been taken back."),
        server("The topic of general has been taken back."),
    ),
    (
        entry(ModesSet("Bob", (ModeChange("+m"), ModeChange("+o", "Mary")))),
        server("Bob has set the modes: +m, +o Mary"),
        server("Bob has set the modes of general: +m, +o Mary"),
    ),
    (
        entry(ModesSet("", (ModeChange("-m"),))),
        server("The modes have been set: -m"),
        server("The modes of general have been set: -m"),
    ),
    (entry(Invited("Bob", "Eve")), server("Bob has invited Eve."), server("Bob has invited Eve to general.")),
    (entry(Invited("", "Eve")), server("Eve has been invited."), server("Eve has been invited to general.")),
    (
        entry(Renamed("Bob", "Rob")),
        server("Bob is now called Rob."),
        server("Bob is now called Rob in the general channel."),
    ),
    (entry(Tagged("Bob", {"+draft/react": "x"})), None, None),
    (Invitation(1.5, "games", "Bob"), server("Bob has invited you to the games channel."), None),
    (Invitation(1.5, "games", ""), server("The operator has invited you to the games channel."), None),
    (Named(1.5, "general", "Maria", "t"), None, None),
    (entry(Announced("Tea\nat 5")), server("Tea ⏎ at 5"), server("Told general: Tea ⏎ at 5")),
    (Announcement(1.5, "general", "Tea\nat 5"), server("Tea ⏎ at 5"), None),
    (Idling(1.5, "general", 20.0), None, None),
    (Members(1.5, "general", 7, [], []), None, "[Who] general: nobody is seated."),
    (
        Members(
            1.5,
            "general",
            7,
            [
                SeatedMember("Ada", 1.0, role="o"),
                SeatedMember("Bob", 1.0, 0.0, 5.0, True),
                SeatedMember("Vi", 1.0, role="v"),
            ],
            [WaitingMember("Kim", 1.0, True), WaitingMember("Leo", 1.0)],
        ),
        None,
        "[Who] general: Ada (op), Bob (away, muted), Vi (voice); waiting: Kim (away), Leo.",
    ),
    (Presence(1.5, "general", ["Bob"]), None, None),
    (Entries(1.5, "general", []), None, None),
    (Operating(1.5, "antechamber/1", 1, 0, 9), None, None),
    (Samples(1.5, "general", 60.0, 5, []), None, None),
    (entry(Left("Bob", "quit")), server("Bob has left the channel."), server("Bob has left the channel.")),
    (entry(Left("Bob", "quit", seated=False)), None, server("Bob has left the channel.")),
    (entry(Left("Bob", "switched")), server("Bob has left the channel."), server("Bob has left the channel.")),
    (entry(Left("Bob", "switched", seated=False)), None, server("Bob has left the channel.")),
    (entry(Left("Bob", "kicked")), server("Bob has left the channel."), server("Kicked Bob.")),
    (entry(Left("Bob", "kicked", seated=False)), None, server("Kicked Bob.")),
    (
        entry(Left("Bob", "kicked", by="Eve", text="Spam")),
        server("Bob has left the channel."),
        server("Eve has kicked Bob."),
    ),
    (entry(Left("Bob", "idle")), server("Bob went AFK."), server("Bob went AFK.")),
    (entry(Left("Bob", "lost")), None, None),
    (entry(Left("Bob", "lost", seated=False)), None, None),
    (
        entry(Muted("Bob", 60)),
        server("Bob has been muted for 60 seconds."),
        server("Muted Bob for 60 seconds."),
    ),
    (entry(Muted("Mary", 1)), server("You have been muted for 1 seconds."), server("Muted Mary for 1 seconds.")),
    (entry(Emptied()), None, server("general has been emptied.")),
    (
        Welcome(1.5, "general", "Mary", "antechamber/1", 1, 0, 9876),
        server("Welcome to the general channel, Mary."),
        None,
    ),
    (Resumed(1.5, "general", "Mary", True, 8, 9, "antechamber/1", 1, 0, 9876, "abc"), None, None),
    (entry(Left("Bob", "closed")), None, None),
    (Goodbye(1.5, "closed", "The operator closed the channel."), server("The operator closed the channel."), None),
    (Goodbye(1.5, "resumed", "Elsewhere."), server("Elsewhere."), None),
    (
        Place(1.5, "general", 0),
        server("You are in the waiting queue and there are 0 user(s) ahead of you."),
        None,
    ),
    (
        Place(1.5, "general", 12),
        server("You are in the waiting queue and there are 12 user(s) ahead of you."),
        None,
    ),
    (
        Whispered(1.5, "general", "Bob", "Mary", "psst"),
        "[Bob whispers to you: (09:05:01)] psst",
        "[Bob whispers to Mary: (09:05:01)] psst",
    ),
    (
        Whispered(1.5, "general", "Bob", "Mary", "a\nb"),
        "[Bob whispers to you: (09:05:01)] a ⏎ b",
        "[Bob whispers to Mary: (09:05:01)] a ⏎ b",
    ),
    (
        Channels(1.5, INFOS),
        "[Channel] general 3/5/0.\n[Channel] games 7/7/12.",
        "[Channel] general 3/5/0.\n[Channel] games 7/7/12.",
    ),
    (
        Sent(1.5, "Mary", "Bob", "../a.txt"),
        server("You sent ../a.txt to Bob."),
        server("Mary sent ../a.txt to Bob."),
    ),
    (
        TransferFailed(1.5, "Mary", "Bob", "a.txt", "t1", "Bob has left."),
        server("a.txt was not sent to Bob: Bob has left."),
        None,
    ),
    (
        TransferFailed(1.5, "Bob", "Mary", "a.txt", "t1", "Bob has left."),
        server("A file from Bob did not arrive: Bob has left."),
        None,
    ),
    (Ticket(1.5, "t1", "/files/t1", "1"), None, None),
    (Offer(1.5, "Bob", "a.txt", 5, "t1", "/files/t1"), None, None),
    (Done(1.5, "1"), None, None),
    (Pong(1.5, "1"), None, None),
    (
        Refusal(1.5, "name-taken", "Cannot connect to the general channel."),
        server("Cannot connect to the general channel."),
        server("Cannot connect to the general channel."),
    ),
    (Refusal(1.5, "not-here", "Bob is not here.", "1"), server("Bob is not here."), server("Bob is not here.")),
    (Refusal(1.5, "waiting", "You are waiting for a seat."), None, server("You are waiting for a seat.")),
    (Goodbye(1.5, "slow", "You read too slowly."), server("You read too slowly."), None),
    (Goodbye(1.5, "silent", "Who are you?"), server("Who are you?"), None),
    (Goodbye(1.5, "broken", "It has stopped."), server("It has stopped."), None),
]


@pytest.mark.parametrize(("message", "mine", "operators"), READ)
def test_a_message_is_read_in_these_words(message: Message, mine: str | None, operators: str | None) -> None:
    assert member_line(message, CLOCK, "Mary") == mine
    assert operator_line(message, CLOCK) == operators
    assert PLAIN.one(message, CLOCK, "Mary") == (b"" if mine is None else f"{mine}\n".encode())
    assert OPERATOR.one(message, CLOCK, "") == (b"" if operators is None else f"{operators}\n".encode())


@pytest.mark.parametrize("reason", ["quit", "kicked", "idle", "emptied", "shutdown", "refused"])
def test_a_connection_that_ends_as_it_should_ends_without_a_line(reason: GoodbyeReason) -> None:
    assert member_line(Goodbye(1.5, reason, "Goodbye."), CLOCK, "Mary") is None


def test_every_kind_of_message_is_tested_here() -> None:
    shown = {type(message) for message, *_ in READ}
    assert shown == set(get_args(Message))
    happened = {type(message.event) for message, *_ in READ if isinstance(message, Entry)}
    assert happened == set(get_args(AnyEvent))


@given(st.lists(strategies.entries, max_size=5))
def test_entries_are_worded_alike_one_by_one_and_joined(entries: list[Entry]) -> None:
    lines = encode_lines(entries)
    for encoding in (PLAIN, OPERATOR):
        each = [encoding.one(item, CLOCK, "") for item in entries]
        assert encoding.joined(entries, lines, CLOCK) == b"".join(each)
        assert all(line.count(b"\n") == (line != b"") for line in each)


@pytest.mark.parametrize("more", ["ho", "two\nlines"])
def test_what_one_member_says_in_a_row_is_worded_as_if_each_stood_alone(more: str) -> None:
    entries = [Entry("general", number, 1.5, Said("Bob", text)) for number, text in enumerate(["hi", "", more], 1)]
    for encoding in (PLAIN, OPERATOR):
        each = [encoding.one(item, CLOCK, "") for item in entries]
        assert encoding.joined(entries, b"", CLOCK) == b"".join(each)


@given(strategies.messages)
def test_no_message_controls_a_terminal(message: Message) -> None:
    for data in (PLAIN.one(message, CLOCK, "Mary"), OPERATOR.one(message, CLOCK, "")):
        text = data.decode()
        if text:
            assert text.endswith("\n")
            for line in text[:-1].split("\n"):
                assert clean(line) == line


# The decoder


def received(*chunks: bytes, line_bytes_max: int = 16_384) -> list[list[PeerCommand | Malformed]]:
    decoder = PlainDecoder(Limits(line_bytes_max=line_bytes_max))
    return [list(decoder.receive(chunk)) for chunk in chunks]


def test_the_first_line_that_is_not_empty_is_the_name() -> None:
    assert received(b"\n  \n Mary \nhi\n/list\n") == [[Hello("Mary", hold=False), Say("hi"), List()]]
    assert received(b"/quit\n/quit\n") == [[Hello("/quit", hold=False), Quit()]]


def test_a_name_is_normalised_and_safe() -> None:
    assert received("Zoe\u0308\x07\n".encode()) == [[Hello("Zoë\ufffd", hold=False)]]


def test_a_line_that_is_ignored_gives_nothing() -> None:
    assert received(b"Mary\n\n/whisper Bob\n   \n/quit now\nhi\r\n") == [[Hello("Mary", hold=False), Say("hi")]]


def test_lines_come_out_once_they_are_whole() -> None:
    assert received(b"Ma", b"ry\nh", b"i", b"\n") == [[], [Hello("Mary", hold=False)], [], [Say("hi")]]


def test_a_line_that_is_no_utf_8_is_refused_in_its_place() -> None:
    bad = Malformed("not-utf-8", "That line is not UTF-8 text.")
    assert received(b"Mary\nhi\n\xff\xfe\nho\n") == [[Hello("Mary", hold=False), Say("hi"), bad, Say("ho")]]
    assert received(b"\xc3\nMary\n") == [[bad, Hello("Mary", hold=False)]]


def test_a_character_may_come_in_two_chunks() -> None:
    assert received(b"Zo\xc3", b"\xab\n") == [[], [Hello("Zoë", hold=False)]]


@pytest.mark.parametrize(
    ("chunks", "commands"),
    [
        ([b"aaaaaaaa\nhi\n"], [[Say("aaaaaaaa"), Say("hi")]]),
        ([b"bbbbbbbbb\nhi\n"], [["too long", Say("hi")]]),
        ([b"aaaaaaaa", b"\nhi\n"], [[], [Say("aaaaaaaa"), Say("hi")]]),
        ([b"bbbbbbbbb", b"\nhi\n"], [["too long"], [Say("hi")]]),
        ([b"bbbbbbbbb", b"bbb", b"b\nhi\n"], [["too long"], [], [Say("hi")]]),
        ([b"ho\nbbbbbbbbb"], [[Say("ho"), "too long"]]),
    ],
)
def test_a_line_too_long_costs_its_sender_that_line_alone(chunks: list[bytes], commands: list[list[object]]) -> None:
    too_long = Malformed("line-too-long", "A line has at most 8 bytes.")
    expected = [[too_long if command == "too long" else command for command in chunk] for chunk in commands]
    assert received(b"Mary\n", *chunks, line_bytes_max=8) == [[Hello("Mary", hold=False)], *expected]


lines = st.one_of(
    st.sampled_from([b"hi", b"", b"  ", b"/list", b"/quit x", b"/whisper Bob psst", "/switch Zoe\u0308".encode()]),
    strategies.raw_texts.map(str.encode),
    st.binary(max_size=12),
)
endings = st.sampled_from([b"\n", b"\n", b"\r\n", b""])


@given(
    st.lists(st.tuples(lines, endings), max_size=8).map(lambda parts: b"".join(a + b for a, b in parts)),
    strategies.cuts,
    st.sampled_from([10, 16_384]),
)
def test_commands_are_the_same_wherever_the_stream_is_cut(stream: bytes, cuts: list[int], line_bytes_max: int) -> None:
    decoder = PlainDecoder(Limits(line_bytes_max=line_bytes_max))
    whole = list(decoder.receive(stream))
    for command in whole:
        assert clean(str(command)) == str(command)
    decoder = PlainDecoder(Limits(line_bytes_max=line_bytes_max))
    assert [command for piece in strategies.pieces(stream, cuts) for command in decoder.receive(piece)] == whole
    decoder = PlainDecoder(Limits(line_bytes_max=line_bytes_max))
    assert [command for byte in stream for command in decoder.receive(bytes([byte]))] == whole
