"""What happened, in IRC's words, to the byte."""

from itertools import starmap
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import parse
from antechamber.codec.irc.encoding import Encodings, IrcEncoding, cut, msgid_of, timestamp
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
from antechamber.protocol.limits import IRC_MULTILINE_LINES_MAX
from antechamber.protocol.notices import (
    Announcement,
    Done,
    Goodbye,
    Idling,
    Invitation,
    Message,
    Offer,
    Place,
    Refusal,
    Sent,
    TransferFailed,
    Whispered,
)
from tests import strategies

CLOCK = "12:00:00"
TIME = 1318877200.620
STAMP = "time=2011-10-17T18:46:40.620Z"
HOSTS = {"general": {"Mary": "m.cloak", "Zoë": "z.cloak", "+1": "p.cloak"}, "a;b": {}}
ALL = sum(Capability)


def encoding(capabilities: int = 0) -> IrcEncoding:
    return Encodings(HOSTS).of(capabilities)


def entry(event: AnyEvent, sequence: int = 7, channel: str = "general", time: float = TIME) -> Entry:
    return Entry(channel, sequence, time, event)


def told(event: AnyEvent, capabilities: int = 0) -> bytes:
    """Return what is read of an event, which is the same in every way of asking."""
    entries = [entry(event)]
    lines = encode_lines(entries)
    read = encoding(capabilities).one(entries[0], CLOCK, "Bob")
    assert encoding(capabilities).joined(entries, lines, CLOCK) == read
    return read


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Seated("Mary"), ":Mary!~u@m.cloak JOIN #general"),
        (Seated("Bob"), ":Bob!~u@antechamber JOIN #general"),
        (Seated("+1"), ":_1!~u@p.cloak JOIN #general"),
        (Said("Mary", "hi there"), ":Mary!~u@m.cloak PRIVMSG #general :hi there"),
        (Said("Zoë", "山田", form="notice"), ":Zoë!~u@z.cloak NOTICE #general :山田"),
        (Said("Mary", "waves", form="action"), ":Mary!~u@m.cloak PRIVMSG #general :\x01ACTION waves\x01"),
        (Left("Mary", "quit"), ":Mary!~u@m.cloak PART #general"),
        (Left("Mary", "quit", text="bye now"), ":Mary!~u@m.cloak PART #general :bye now"),
        (Left("Mary", "quit", text="Quit: bye"), ":Mary!~u@m.cloak QUIT :Quit: bye"),
        (Left("Mary", "quit", text="Quit: "), ":Mary!~u@m.cloak QUIT :Quit: "),
        (Left("Mary", "switched"), ":Mary!~u@m.cloak PART #general"),
        (Left("Mary", "closed"), ":Mary!~u@m.cloak PART #general"),
        (Left("Mary", "lost"), ":Mary!~u@m.cloak PART #general :Connection lost"),
        (Left("Mary", "lost", text="Ping timeout"), ":Mary!~u@m.cloak QUIT :Ping timeout"),
        (Left("Mary", "idle"), ":irc.antechamber KICK #general Mary :went AFK."),
        (Left("+1", "kicked"), ":irc.antechamber KICK #general _1 :Kicked by the operator"),
        (Left("+1", "kicked", by="Mary"), ":Mary!~u@m.cloak KICK #general _1 :Mary"),
        (
            Left("+1", "kicked", by="Mary", text="no\nmore"),
            ":Mary!~u@m.cloak KICK #general _1 :no \N{RETURN SYMBOL} more",
        ),
        (Muted("+1", 30), ":irc.antechamber NOTICE #general :_1 has been muted for 30 seconds."),
        (Announced("Hello all"), ":irc.antechamber NOTICE #general :Hello all"),
        (TopicSet("Mary", "Tea"), ":Mary!~u@m.cloak TOPIC #general :Tea"),
        (TopicSet("", ""), ":irc.antechamber TOPIC #general :"),
        (Renamed("Mary", "+2"), ":Mary!~u@m.cloak NICK _2"),
        (ModesSet("", (ModeChange("+m"),)), ":irc.antechamber MODE #general +m"),
        (
            ModesSet("Mary", tuple(starmap(ModeChange, [("+o", "+1"), ("+v", "Bob"), ("-m",), ("-k", "*")]))),
            ":Mary!~u@m.cloak MODE #general +ov-mk _1 Bob *",
        ),
        (
            ModesSet("Mary", (ModeChange("+b", "+*!*@*"), ModeChange("+l", "5"))),
            ":Mary!~u@m.cloak MODE #general +bl +*!*@* 5",
        ),
    ],
)
def test_an_event_is_worded(event: AnyEvent, expected: str) -> None:
    assert told(event) == f"{expected}\r\n".encode()
    assert told(event, Capability.SERVER_TIME) == f"@{STAMP} ".encode() + told(event)
    assert told(event, Capability.MESSAGE_TAGS) == b"@msgid=general-7 " + told(event)
    both = Capability.SERVER_TIME | Capability.MESSAGE_TAGS
    assert told(event, both) == f"@{STAMP};msgid=general-7 ".encode() + told(event)


@pytest.mark.parametrize(
    "event",
    [
        *(Queued("Mary"), Moved("Mary", 3), Emptied(), Invited("Mary", "Bob"), Left("Mary", "quit", seated=False)),
        *(Left("Mary", "lost", seated=False), Tagged("Mary", {"+draft/react": "👍"}), ModesSet("Mary", ())),
    ],
)
def test_an_event_of_which_nothing_is_told(event: AnyEvent) -> None:
    assert told(event) == b""
    assert told(event, Capability.SERVER_TIME) == b""


def test_who_asked_for_it_reads_more_of_a_join_and_of_an_invitation() -> None:
    assert told(Seated("+1"), Capability.EXTENDED_JOIN) == b":_1!~u@p.cloak JOIN #general * :_1\r\n"
    assert told(Invited("Mary", "+2"), Capability.INVITE_NOTIFY) == b":Mary!~u@m.cloak INVITE _2 #general\r\n"


def test_the_tags_of_clients_are_for_who_asked_for_tags() -> None:
    said = Said("Mary", "yes", tags={"+draft/reply": "a b", "label": "1"})
    assert told(said) == b":Mary!~u@m.cloak PRIVMSG #general :yes\r\n"
    assert told(said, Capability.MESSAGE_TAGS) == (
        b"@msgid=general-7;+draft/reply=a\\sb :Mary!~u@m.cloak PRIVMSG #general :yes\r\n"
    )
    assert told(Said("Mary", "yes", tags={"x": "1"}), Capability.MESSAGE_TAGS) == (
        b"@msgid=general-7 :Mary!~u@m.cloak PRIVMSG #general :yes\r\n"
    )
    reaction = Tagged("Mary", {"+draft/react": "👍", "+draft/reply": "general-5"})
    assert told(reaction, Capability.MESSAGE_TAGS | Capability.SERVER_TIME) == (
        f"@{STAMP};msgid=general-7;+draft/react=👍;+draft/reply=general-5 :Mary!~u@m.cloak TAGMSG #general\r\n".encode()
    )
    assert told(Tagged("Mary", {"label": "1"}), Capability.MESSAGE_TAGS) == b""


def test_a_text_of_several_lines_is_several_messages_with_one_id() -> None:
    said = Said("Mary", "one\n\n two\n ", tags={"+a": ""})
    assert told(said) == b":Mary!~u@m.cloak PRIVMSG #general :one\r\n:Mary!~u@m.cloak PRIVMSG #general : two\r\n"
    assert (
        told(said, Capability.MESSAGE_TAGS | Capability.SERVER_TIME)
        == (
            f"@{STAMP};msgid=general-7;+a :Mary!~u@m.cloak PRIVMSG #general :one\r\n"
            f"@{STAMP} :Mary!~u@m.cloak PRIVMSG #general : two\r\n"
        ).encode()
    )
    assert told(Said("Mary", "a\nb", form="action")) == (
        b":Mary!~u@m.cloak PRIVMSG #general :\x01ACTION a\x01\r\n"
        b":Mary!~u@m.cloak PRIVMSG #general :\x01ACTION b\x01\r\n"
    )
    assert told(Announced("a\nb"), Capability.MESSAGE_TAGS).count(b"NOTICE #general :") == 2


def test_a_text_of_several_lines_is_a_batch_for_who_asked_for_it() -> None:
    batches = Capability.BATCH | Capability.MULTILINE
    said = Said("Mary", "one\n\ntwo", form="notice", tags={"+a": "1"})
    assert told(said, batches | Capability.MESSAGE_TAGS) == (
        b"@msgid=general-7;+a=1 :Mary!~u@m.cloak BATCH +7 draft/multiline #general\r\n"
        b"@batch=7 :Mary!~u@m.cloak NOTICE #general :one\r\n"
        b"@batch=7 :Mary!~u@m.cloak NOTICE #general :\r\n"
        b"@batch=7 :Mary!~u@m.cloak NOTICE #general :two\r\n"
        b":irc.antechamber BATCH -7\r\n"
    )
    room = 510 - len(":Mary!~u@m.cloak PRIVMSG #general :")
    assert told(Said("Mary", "x" * room + "y"), batches) == (
        b":Mary!~u@m.cloak BATCH +7 draft/multiline #general\r\n"
        b"@batch=7 :Mary!~u@m.cloak PRIVMSG #general :" + b"x" * room + b"\r\n"
        b"@batch=7;draft/multiline-concat :Mary!~u@m.cloak PRIVMSG #general :y\r\n"
        b":irc.antechamber BATCH -7\r\n"
    )
    assert told(Said("Mary", "short"), batches) == told(Said("Mary", "short"))
    assert b"BATCH" not in told(Said("Mary", "a\nb", form="action"), batches)


def test_a_text_at_the_bound_of_a_line_is_one_message_and_one_past_it_is_two() -> None:
    head = b":Mary!~u@m.cloak PRIVMSG #general :"
    room = 510 - len(head)
    assert told(Said("Mary", "x" * room)) == head + b"x" * room + b"\r\n"
    assert told(Said("Mary", "x" * (room + 1))) == head + b"x" * room + b"\r\n" + head + b"x\r\n"
    assert told(Said("Mary", "é" * (room // 2))) == head + "é".encode() * (room // 2) + b"\r\n"
    assert (
        told(Said("Mary", "é" * (room // 2 + 1)))
        == head + "é".encode() * (room // 2) + b"\r\n" + head + "é\r\n".encode()
    )
    action = room - len("\x01ACTION \x01")
    assert told(Said("Mary", "x" * action, form="action")).count(b"\n") == 1
    assert told(Said("Mary", "x" * (action + 1), form="action")).count(b"\n") == 2


def test_modes_go_four_arguments_to_a_line_and_fewer_where_those_are_long() -> None:
    changes = tuple(ModeChange("+b", f"{number}!*@*") for number in range(5))
    assert told(ModesSet("Mary", (*changes, ModeChange("+m"))), Capability.MESSAGE_TAGS) == (
        b"@msgid=general-7 :Mary!~u@m.cloak MODE #general +bbbb 0!*@* 1!*@* 2!*@* 3!*@*\r\n"
        b":Mary!~u@m.cloak MODE #general +bm 4!*@*\r\n"
    )
    long = tuple(ModeChange("-b", letter * 200) for letter in "abc")
    assert told(ModesSet("", long)).count(b"MODE #general -b ") == 3


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (Whispered(TIME, "general", "Mary", "Bob", "psst"), ":Mary!~u@m.cloak PRIVMSG Bob :psst"),
        (Whispered(TIME, "games", "Mary", "Bob", "psst"), ":Mary!~u@antechamber PRIVMSG Bob :psst"),
        (
            Place(TIME, "general", 3),
            ":irc.antechamber NOTICE Bob :#general: You are in the waiting queue and there are 3 user(s) ahead of you.",
        ),
        (
            Place(TIME, "general", 3, (20.0, 70.0)),
            ":irc.antechamber NOTICE Bob :#general: You are in the waiting queue and there are 3 user(s) ahead of you."
            " The wait to expect is 1 minute.",
        ),
        (
            Place(TIME, "general", 0, (100.0, 290.0)),
            ":irc.antechamber NOTICE Bob :#general: You are in the waiting queue and there are 0 user(s) ahead of you."
            " The wait to expect is 2 to 5 minutes.",
        ),
        (
            Place(TIME, "general", 0, (120.0, 120.0)),
            ":irc.antechamber NOTICE Bob :#general: You are in the waiting queue and there are 0 user(s) ahead of you."
            " The wait to expect is 2 minutes.",
        ),
        (Announcement(TIME, "general", "Soon."), ":irc.antechamber NOTICE Bob :#general: Soon."),
        (
            Idling(TIME, "general", 19.6),
            ":irc.antechamber NOTICE Bob :#general: You lose your seat in 20 seconds, unless you say something.",
        ),
        (Invitation(TIME, "general", "Mary"), ":Mary!~u@m.cloak INVITE Bob #general"),
        (Sent(TIME, "Bob", "+1", "a.txt"), ":irc.antechamber NOTICE Bob :You sent a.txt to _1."),
        (
            TransferFailed(TIME, "Bob", "Mary", "a.txt", "t1", "It is gone."),
            ":irc.antechamber NOTICE Bob :a.txt was not sent to Mary: It is gone.",
        ),
        (
            TransferFailed(TIME, "Mary", "Bob", "a.txt", "t1", "It is gone."),
            ":irc.antechamber NOTICE Bob :A file from Mary did not arrive: It is gone.",
        ),
        (Refusal(TIME, "not-kept", "Not kept."), ":irc.antechamber FAIL * NOT_KEPT :Not kept."),
        (Goodbye(TIME, "quit", "Bye", "general"), ":Bob!~u@antechamber PART #general :Bye"),
        (Goodbye(TIME, "quit", "", "general"), ":Bob!~u@antechamber PART #general"),
        (Goodbye(TIME, "kicked", "Out", "general", "Mary"), ":Mary!~u@m.cloak KICK #general Bob :Out"),
        (Goodbye(TIME, "idle", "You went AFK.", "general"), ":irc.antechamber KICK #general Bob :You went AFK."),
        (Goodbye(TIME, "emptied", "", "general"), ":irc.antechamber KICK #general Bob :emptied"),
        (Goodbye(TIME, "closed", "Gone", "general"), ":irc.antechamber KICK #general Bob :Gone"),
    ],
)
def test_a_notice_is_worded(notice: Message, expected: str) -> None:
    assert encoding().one(notice, CLOCK, "Bob") == f"{expected}\r\n".encode()
    assert encoding(ALL).one(notice, CLOCK, "Bob") == f"@{STAMP} {expected}\r\n".encode()


def test_a_goodbye_of_the_connection_is_an_error_without_tags() -> None:
    for capabilities in (0, ALL):
        read = encoding(capabilities).one(Goodbye(TIME, "shutdown", "Server shutting down"), CLOCK, "+1")
        assert read == b"ERROR :Closing Link: _1 (Server shutting down)\r\n"
    assert encoding().one(Goodbye(TIME, "slow", ""), CLOCK, "Bob") == b"ERROR :Closing Link: Bob (slow)\r\n"


@pytest.mark.parametrize(
    "notice", [Done(TIME, "1"), Offer(TIME, "Mary", "a", 1, "t", "/t"), Goodbye(TIME, "shutdown", "Bye", "general")]
)
def test_a_notice_of_which_nothing_is_told(notice: Message) -> None:
    assert encoding(ALL).one(notice, CLOCK, "Bob") == b""


def test_a_whisper_of_several_lines_is_several_messages() -> None:
    read = encoding().one(Whispered(TIME, "general", "Mary", "Bob", "a\n\nb"), CLOCK, "Bob")
    assert read == b":Mary!~u@m.cloak PRIVMSG Bob :a\r\n:Mary!~u@m.cloak PRIVMSG Bob :b\r\n"


# Sharing


def test_who_has_the_same_needs_shares_an_encoding() -> None:
    encodings = Encodings(HOSTS)
    own = Capability.ECHO_MESSAGE | Capability.LABELED_RESPONSE | Capability.MULTI_PREFIX | Capability.AWAY_NOTIFY
    assert encodings.of(own) is encodings.of(0)
    assert encodings.of(own | Capability.SERVER_TIME) is encodings.of(int(Capability.SERVER_TIME))
    assert encodings.of(Capability.BATCH) is encodings.of(Capability.MULTILINE) is encodings.of(0)
    shared = (Capability.SERVER_TIME, Capability.MESSAGE_TAGS, Capability.EXTENDED_JOIN, Capability.INVITE_NOTIFY)
    assert len({encodings.of(one) for one in (0, *shared, Capability.BATCH | Capability.MULTILINE)}) == 6
    assert encodings.of(0) is not Encodings(HOSTS).of(0)


def test_a_member_who_comes_from_elsewhere_now_is_told_from_there() -> None:
    hosts: dict[str, dict[str, str]] = {}
    read = Encodings(hosts).of(0)
    for host in ("antechamber", "a.cloak", "b.cloak"):
        assert (
            read.joined([entry(Said("Mary", "hi"))], b"", CLOCK) == f":Mary!~u@{host} PRIVMSG #general :hi\r\n".encode()
        )
        hosts["general"] = {"Mary": "a.cloak" if host == "antechamber" else "b.cloak"}


def test_more_members_than_are_remembered_are_told_of_all_the_same() -> None:
    read = encoding()
    said = [entry(Said(f"M{number}", "hi")) for number in range(2_001)]
    lines = read.joined(said, b"", CLOCK)
    assert lines.endswith(b"\r\n:M2000!~u@antechamber PRIVMSG #general :hi\r\n")
    assert read.joined(said, b"", CLOCK) == lines


def test_entries_of_several_times_and_channels_have_each_their_own_tags() -> None:
    read = encoding(ALL)
    said = [
        entry(Said("Mary", "a"), 1),
        entry(Said("Mary", "b"), 2, time=TIME + 1),
        entry(Said("Mary", "c"), 1, "a;b", TIME + 1),
    ]
    assert read.joined(said, encode_lines(said), CLOCK) == (
        b"@time=2011-10-17T18:46:40.620Z;msgid=general-1 :Mary!~u@m.cloak PRIVMSG #general :a\r\n"
        b"@time=2011-10-17T18:46:41.620Z;msgid=general-2 :Mary!~u@m.cloak PRIVMSG #general :b\r\n"
        b"@time=2011-10-17T18:46:41.620Z;msgid=a\\:b-1 :Mary!~u@antechamber PRIVMSG #a;b :c\r\n"
    )


events: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(Said, strategies.names, strategies.said, form=st.sampled_from(["message", "notice", "action"])),
    st.builds(Said, strategies.names, strategies.said),
    st.builds(Said, strategies.names, st.integers(0, 600).map("é".__mul__).map("x".__add__)),
    st.builds(
        Said, strategies.names, strategies.said, tags=st.dictionaries(st.sampled_from(["+a", "b"]), strategies.texts)
    ),
    st.builds(Tagged, strategies.names, st.dictionaries(st.sampled_from(["+a", "+b/c", "d"]), strategies.raw_texts)),
    st.builds(Seated, strategies.names),
    st.builds(Queued, strategies.names),
    st.builds(Left, strategies.names, st.sampled_from(["quit", "lost", "kicked", "idle"]), text=strategies.texts),
    st.builds(Announced, strategies.said),
    st.builds(TopicSet, strategies.names, strategies.texts),
)
capability_sets = st.integers(0, ALL)


@given(
    st.lists(st.sampled_from(["hi", "ho ho", "ä", "two\nlines", "x" * 600, "y" * 460]), min_size=1, max_size=6),
    st.lists(st.sampled_from([TIME, TIME + 1.0]), min_size=6, max_size=6),
    capability_sets,
)
@example(["hi", "ho ho"], [TIME] * 6, Capability.SERVER_TIME)
@example(["hi", "ä"], [TIME] * 6, 0)
def test_what_one_member_says_in_a_row_is_told_as_if_each_stood_alone(
    texts: list[str], times: list[float], capabilities: int
) -> None:
    said = [entry(Said("Mary", text), n, time=time) for n, (text, time) in enumerate(zip(texts, times, strict=False))]
    read = encoding(capabilities)
    assert read.joined(said, b"", CLOCK) == b"".join([read.one(each, CLOCK, "Bob") for each in said])


@given(st.lists(st.tuples(events, st.sampled_from([TIME, TIME + 0.001])), max_size=12), capability_sets)
def test_joined_and_one_say_the_same_in_lines_that_keep_their_bounds(
    happened: list[tuple[AnyEvent, float]], capabilities: int
) -> None:
    entries = [entry(event, number, time=time) for number, (event, time) in enumerate(happened, 1)]
    lines = encode_lines(entries)
    read = encoding(capabilities)
    joined = read.joined(entries, lines, CLOCK)
    assert joined == b"".join([encoding(capabilities).one(one, CLOCK, "Bob") for one in entries])
    for line in joined.splitlines(keepends=True):
        assert line.endswith(b"\r\n")
        tags, body = line.split(b" ", 1) if line.startswith(b"@") else (b"", line)
        assert len(body) <= 512
        assert len(tags) <= 4_607
        assert not tags or capabilities
        assert parse(body[:-2]) is not None


@given(strategies.said, capability_sets)
def test_what_is_said_is_read_whole(text: str, capabilities: int) -> None:
    data = encoding(capabilities).joined([entry(Said("Mary", text))], b"", CLOCK)
    read: list[Any] = [parse(line[:-2]) for line in data.splitlines(keepends=True)]
    texts = [line.params[1] for line in read if line.command == "PRIVMSG"]
    is_batch = any(line.command == "BATCH" for line in read)
    assert texts == [line for line in text.split("\n") if is_batch or "\n" not in text or line.strip()]


@given(st.text(st.characters(codec="utf-8"), max_size=200) | st.integers(0, 300).map("a b".__mul__), st.integers(4, 90))
def test_a_line_is_cut_into_pieces_that_fit_and_are_all_of_it(line: str, bytes_max: int) -> None:
    pieces = cut(line, bytes_max)
    assert "".join(pieces) == line
    assert all(len(piece.encode()) <= bytes_max for piece in pieces)
    assert len(pieces) == 1 or all(pieces)


def test_a_line_is_cut_after_a_word_where_one_ends_near() -> None:
    assert cut("one two three four", 10) == ["one two ", "three four"]
    assert cut("a bcdefghijklmn", 10) == ["a bcdefghi", "jklmn"]


def test_a_time_and_an_id_are_as_other_servers_have_them() -> None:
    assert timestamp(0.0) == "1970-01-01T00:00:00.000Z"
    assert timestamp(1795342512.5) == "2026-11-22T10:15:12.500Z"
    assert msgid_of("general", 12) == "general-12"
    assert msgid_of("a;b", 1) == "a\\:b-1"


@pytest.mark.parametrize("more", [0, 1])
def test_a_text_of_very_many_lines_is_told_as_one(more: int) -> None:
    lines = IRC_MULTILINE_LINES_MAX + more
    head = b":Mary!~u@m.cloak PRIVMSG #general :"
    assert told(Said("Mary", "\n".join(["a"] * lines))) == (
        head + " \N{RETURN SYMBOL} ".join(["a"] * lines).encode() + b"\r\n" if more else (head + b"a\r\n") * lines
    )
