"""CHATHISTORY, by the bytes on the wire."""

from collections.abc import Iterable

import pytest

from antechamber.codec.irc.encoding import timestamp
from antechamber.irc import history_selection as selections
from antechamber.irc.network import IrcSettings
from antechamber.log import LogError
from antechamber.protocol.commands import Announce, Mute
from antechamber.protocol.events import Said
from antechamber.protocol.limits import HISTORY_ENTRIES_MAX
from tests.fakes import NOON, FailingLog
from tests.irc.wire import Client, Net

HISTORY = ("batch", "draft/chathistory", "message-tags")


class Past:
    """A channel where Bob has said `t1` to `t6`, one a second, while others come and go. Mary asks for its past."""

    def __init__(self, *capabilities: str, log: FailingLog | None = None) -> None:
        self.net = Net(log=log)
        self.mary = self.net.joins("Mary", capabilities=(*HISTORY, *capabilities))
        self.bob = self.net.joins("Bob", "#general")
        for number in range(1, 7):
            self.net.clock.time = NOON + number
            self.bob.sends(f"PRIVMSG #general :t{number}")
            if number == 3:
                self.net.joins("Ann").sends("PART #general")
        self.mary.reads()

    def msgid(self, text: str) -> str:
        """Return the id of the message with this text."""
        (number,) = [e.sequence for e in self.net.entries() if getattr(e.event, "text", None) == text]
        return f"general-{number}"

    def asks(self, *words: str) -> list[str]:
        """Return the texts of an answer, which has to be a batch with the target of its question."""
        lines = self.mary.asked(f"CHATHISTORY {' '.join(words)}")
        assert lines[0] == b":irc.antechamber BATCH +history chathistory #general", lines
        assert lines[-1] == b":irc.antechamber BATCH -history"
        assert all(line.startswith(b"@batch=history;") for line in lines[1:-1])
        return texts(lines[1:-1])


def texts(lines: Iterable[bytes]) -> list[str]:
    return [line.decode().rpartition(" :")[2] for line in lines]


def at(seconds: float, milliseconds: int = 0) -> str:
    """Return a time, in seconds after noon, as a selector."""
    minute, second = divmod(40 + int(seconds), 60)
    return f"timestamp=1970-01-12T13:{46 + minute}:{second:02}.{milliseconds:03}Z"


# What is found


def test_the_latest_are_told_with_their_ids_and_times_oldest_first() -> None:
    past = Past("server-time")
    lines = past.mary.asked("CHATHISTORY LATEST #general * 2")
    assert lines == [
        b":irc.antechamber BATCH +history chathistory #general",
        *(
            f"@batch=history;time=1970-01-12T13:46:4{n}.000Z;msgid={past.msgid(f't{n}')} "
            f":Bob!~u@bob.cloak PRIVMSG #general :t{n}".encode()
            for n in (5, 6)
        ),
        b":irc.antechamber BATCH -history",
    ]


def test_of_the_latest_those_are_told_that_are_after_a_bound() -> None:
    past = Past()
    assert past.asks("LATEST", "#general", f"msgid={past.msgid('t4')}", "9") == ["t5", "t6"]
    assert past.asks("LATEST", "#general", at(4), "1") == ["t6"]
    assert past.asks("LATEST", "#GENERAL".lower(), at(6), "9") == []


def test_before_and_after_leave_the_bound_out() -> None:
    past = Past()
    assert past.asks("BEFORE", "#general", f"msgid={past.msgid('t4')}", "2") == ["t2", "t3"]
    assert past.asks("BEFORE", "#general", at(3), "9") == ["t1", "t2"]
    assert past.asks("BEFORE", "#general", "msgid=general-1", "9") == []
    assert past.asks("BEFORE", "#general", at(-40), "9") == []
    assert past.asks("AFTER", "#general", f"msgid={past.msgid('t3')}", "2") == ["t4", "t5"]
    assert past.asks("AFTER", "#general", at(4), "9") == ["t5", "t6"]
    assert past.asks("AFTER", "#general", at(9), "9") == []
    assert past.asks("AFTER", "#general", "msgid=general-999999", "9") == []


def test_what_was_said_within_a_millisecond_is_of_that_time() -> None:
    past = Past()
    past.net.clock.time = NOON + 8.5004
    past.bob.sends("PRIVMSG #general :late")
    assert past.asks("AFTER", "#general", at(8, 500), "9") == []
    assert past.asks("AFTER", "#general", at(8, 499), "9") == ["late"]
    assert past.asks("BEFORE", "#general", at(8, 500), "1") == ["t6"]
    assert past.asks("BEFORE", "#general", at(8, 501), "1") == ["late"]


def test_around_has_what_is_named_and_what_is_on_both_sides() -> None:
    past = Past()
    assert past.asks("AROUND", "#general", f"msgid={past.msgid('t3')}", "3") == ["t2", "t3", "t4"]
    assert past.asks("AROUND", "#general", at(3), "1") == ["t3"]
    assert past.asks("AROUND", "#general", f"msgid={past.msgid('t1')}", "4") == ["t1", "t2", "t3", "t4"]
    assert past.asks("AROUND", "#general", at(2, 500), "2") == ["t2", "t3"]


def test_between_goes_forwards_or_backwards_from_the_first_bound() -> None:
    past = Past()
    first, last = f"msgid={past.msgid('t1')}", f"msgid={past.msgid('t5')}"
    assert past.asks("BETWEEN", "#general", first, last, "9") == ["t2", "t3", "t4"]
    assert past.asks("BETWEEN", "#general", first, last, "2") == ["t2", "t3"]
    assert past.asks("BETWEEN", "#general", last, first, "2") == ["t3", "t4"]
    assert past.asks("BETWEEN", "#general", at(1), at(5), "2") == ["t2", "t3"]
    assert past.asks("BETWEEN", "#general", at(5), first, "2") == ["t3", "t4"]
    assert past.asks("BETWEEN", "#general", first, first, "2") == []


def test_only_messages_are_told_to_those_who_cannot_replay_more() -> None:
    past = Past()
    past.bob.sends("TOPIC #general :none", "NOTICE #general :a notice", "@+draft/react=x TAGMSG #general")
    past.net.operator.ask(Announce("hear", "general"), Mute("general", "Bob", 3))
    past.net.run()
    assert past.asks("LATEST", "#general", "*", "4") == ["t6", "a notice", "hear", "Bob has been muted for 3 seconds."]


def test_events_are_replayed_to_those_who_can() -> None:
    past = Past("draft/event-playback")
    lines = past.mary.asked(f"CHATHISTORY BETWEEN #general {at(2)} {at(4)} 9")
    assert [b" ".join(line.split()[1:3]) for line in lines[1:-1]] == [
        b":Bob!~u@bob.cloak PRIVMSG",
        b":Ann!~u@ann.cloak JOIN",
        b":Ann!~u@ann.cloak PART",
    ]


def test_who_is_in_line_left_nothing_that_could_be_replayed() -> None:
    net = Net(seats=1)
    mary = net.joins("Mary", capabilities=(*HISTORY, "draft/event-playback"))
    bob = net.connects("Bob")
    bob.sends("JOIN #general", "PART #general")
    lines = mary.asked("CHATHISTORY LATEST #general * 9")
    assert [line.split()[2] for line in lines[1:-1]] == [b"JOIN"]


def test_without_batches_the_messages_come_as_they_are() -> None:
    past = Past()
    ann = past.net.joins("Eve")
    assert ann.asked("CHATHISTORY LATEST #general * 1") == [b":Bob!~u@bob.cloak PRIVMSG #general :t6"]


def test_a_message_of_several_lines_is_a_batch_within_the_batch() -> None:
    past = Past("draft/multiline")
    past.mary.sends("BATCH +1 draft/multiline #general", "@batch=1 PRIVMSG #general :a", "@batch=1 PRIVMSG #general :b")
    past.mary.sends("BATCH -1")
    lines = past.mary.asked("CHATHISTORY LATEST #general * 1")
    assert len(lines) == 6
    assert lines[1].startswith(b"@batch=history;msgid=general-")
    assert lines[2].startswith(b"@batch=")
    assert not lines[2].startswith(b"@batch=history")


def test_the_answer_has_the_label_of_the_question() -> None:
    past = Past("labeled-response")
    lines = past.mary.asked("@label=a1 CHATHISTORY LATEST #general * 1")
    assert lines[0] == b"@label=a1 :irc.antechamber BATCH +history chathistory #general"
    assert past.mary.asked("@label=a2 CHATHISTORY LATEST #no * 1") == [
        b"@label=a2 :irc.antechamber FAIL CHATHISTORY INVALID_TARGET LATEST #no :Messages could not be retrieved"
    ]


# How much of it


@pytest.mark.parametrize("more", [0, 1])
def test_an_answer_has_so_many_messages_and_no_more(more: int) -> None:
    past = Past()
    past.bob.sends(*(f"PRIVMSG #general :{number}" for number in range(HISTORY_ENTRIES_MAX + 1)))
    found = past.asks("LATEST", "#general", "*", f"{HISTORY_ENTRIES_MAX + more}")
    assert found == [f"{number}" for number in range(1, HISTORY_ENTRIES_MAX + 1)]
    assert (
        len(past.asks("AFTER", "#general", "msgid=general-1", f"{HISTORY_ENTRIES_MAX + more}")) == HISTORY_ENTRIES_MAX
    )


def test_only_so_many_entries_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    past = Past()
    there = len(past.net.entries())
    first = int(past.msgid("t1").removeprefix("general-"))
    monkeypatch.setattr(selections, "SCANNED_MAX", there - first + 1)
    assert past.asks("LATEST", "#general", "*", "9")[0] == "t1"
    monkeypatch.setattr(selections, "SCANNED_MAX", there - first)
    assert past.asks("LATEST", "#general", "*", "9")[0] == "t2"


def test_an_answer_has_no_more_bytes_than_it_may_but_one_message() -> None:
    past = Past()
    past.net.hub.budgets.limits.replace(past.net.limits._replace(catch_up_bytes_max=450))
    assert past.asks("LATEST", "#general", "*", "9") == ["t5", "t6"]
    past.net.hub.budgets.limits.replace(past.net.limits._replace(catch_up_bytes_max=1))
    assert past.asks("LATEST", "#general", "*", "9") == ["t6"]
    assert past.asks("AFTER", "#general", at(0), "9") == ["t1"]


# Whose business it is


def test_a_channel_where_one_does_not_sit_has_no_past() -> None:
    net = Net(seats=1)
    net.joins("Ann")
    mary = net.connects("Mary", *HISTORY)
    mary.sends("JOIN #general")
    for target in ("#general", "#games", "#nowhere", "Ann", "*"):
        assert mary.asked(f"CHATHISTORY LATEST {target} * 9") == [
            f":irc.antechamber FAIL CHATHISTORY INVALID_TARGET LATEST {target} "
            ":Messages could not be retrieved".encode()
        ]


def test_an_open_channel_s_past_begins_with_its_first_member() -> None:
    net = Net(settings=IrcSettings(open_channels=True))
    ann = net.joins("Ann", "#den")
    ann.sends("PRIVMSG #den :secret", "PART #den")
    mary = net.joins("Mary", "#den", capabilities=HISTORY)
    mary.sends("PRIVMSG #den :new")
    for question in (
        "LATEST #den * 9",
        "AFTER #den msgid=den-1 9",
        f"AFTER #den {at(-9)} 9",
        "AROUND #den msgid=den-1 9",
    ):
        assert texts(mary.asked(f"CHATHISTORY {question}")[1:-1]) == ["new"]
    assert mary.asked("CHATHISTORY BEFORE #den msgid=den-5 9")[1:-1] == []


def test_whoever_has_left_is_not_answered_any_more() -> None:
    past = Past()
    past.mary.asks(b"CHATHISTORY LATEST #general * 9\r\nPART #general\r\n")
    past.net.run()
    assert past.mary.reads() == [b":Mary!~u@mary.cloak PART #general"]


# What is no question


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("", "INVALID_PARAMS * :Unknown command"),
        ("SING #general * 9", "UNKNOWN_COMMAND SING :Unknown command"),
        ("LATEST #general", "INVALID_PARAMS LATEST :Insufficient parameters"),
        ("BETWEEN #general msgid=general-1 9", "INVALID_PARAMS BETWEEN :Insufficient parameters"),
        ("LATEST #general * 0", "INVALID_PARAMS LATEST 0 :Invalid limit"),
        ("LATEST #general * -1", "INVALID_PARAMS LATEST -1 :Invalid limit"),
        ("LATEST #general * ten", "INVALID_PARAMS LATEST ten :Invalid limit"),
        ("LATEST #general * 1234567890", "INVALID_PARAMS LATEST 1234567890 :Invalid limit"),
        ("BEFORE #general * 9", "INVALID_PARAMS BEFORE * :Invalid message reference"),
        ("BEFORE #general msgid=games-1 9", "INVALID_PARAMS BEFORE msgid=games-1 :Invalid message reference"),
        ("BEFORE #general msgid=general-0 9", "INVALID_PARAMS BEFORE msgid=general-0 :Invalid message reference"),
        ("BEFORE #general msgid=general- 9", "INVALID_PARAMS BEFORE msgid=general- :Invalid message reference"),
        ("BEFORE #general msgid=5 9", "INVALID_PARAMS BEFORE msgid=5 :Invalid message reference"),
        ("BEFORE #general time=5 9", "INVALID_PARAMS BEFORE time=5 :Invalid message reference"),
        ("BEFORE #general timestamp=today 9", "INVALID_PARAMS BEFORE timestamp=today :Invalid message reference"),
        (
            "BEFORE #general timestamp=2026-02-30T00:00:00.000Z 9",
            "INVALID_PARAMS BEFORE timestamp=2026-02-30T00:00:00.000Z :Invalid message reference",
        ),
        (
            "BEFORE #general timestamp=2026-02-03T00:00:00.000+01:00Z 9",
            "INVALID_PARAMS BEFORE timestamp=2026-02-03T00:00:00.000+01:00Z :Invalid message reference",
        ),
        ("TARGETS * * 9", "INVALID_PARAMS TARGETS :Two timestamps and a limit are needed"),
        (f"TARGETS {at(0)} {at(9)}", "INVALID_PARAMS TARGETS :Two timestamps and a limit are needed"),
        (f"TARGETS {at(0)} {at(9)} 0", "INVALID_PARAMS TARGETS :Two timestamps and a limit are needed"),
    ],
)
def test_what_is_asked_in_vain_is_told_why(question: str, answer: str) -> None:
    past = Past()
    assert past.mary.asked(f"CHATHISTORY {question}") == [f":irc.antechamber FAIL CHATHISTORY {answer}".encode()]


def test_one_who_asks_again_before_the_answer_is_told_to_wait() -> None:
    past = Past()
    lines = past.mary.asked("CHATHISTORY LATEST #general * 1", "CHATHISTORY LATEST #general * 2")
    assert lines[0] == (
        b":irc.antechamber FAIL CHATHISTORY MESSAGE_ERROR LATEST #general "
        b":Your last request for history is not answered yet: ask again after that."
    )
    assert texts(lines[2:-1]) == ["t6"]


def test_what_cannot_be_read_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    past = Past()
    reader = past.net.hub.history_queries._reader
    assert reader is not None

    def fail(*_: object) -> None:
        raise LogError("the disk is gone")

    monkeypatch.setattr(reader, "before", fail)
    told = b":irc.antechamber FAIL CHATHISTORY MESSAGE_ERROR %b :Messages could not be retrieved"
    assert past.mary.asked("CHATHISTORY LATEST #general * 1") == [told % b"LATEST #general"]
    assert past.mary.asked(f"CHATHISTORY TARGETS {at(0)} {at(9)} 9") == [told % b"TARGETS *"]


# Where something was said


def conversations() -> tuple[Past, Client]:
    """Return the past with another channel, where the last message was said at 8.5 seconds."""
    past = Past()
    past.mary.sends("JOIN #games,#help")
    past.net.clock.time = NOON + 8.5
    past.mary.sends("PRIVMSG #games :hello")
    past.mary.reads()
    return past, past.mary


def test_the_channels_are_told_where_something_was_said_within_a_time() -> None:
    _, mary = conversations()
    games = b"@batch=history :irc.antechamber CHATHISTORY TARGETS #games 1970-01-12T13:46:48.500Z"
    general = b"@batch=history :irc.antechamber CHATHISTORY TARGETS #general 1970-01-12T13:46:46.000Z"
    begin, end = b":irc.antechamber BATCH +history draft/chathistory-targets", b":irc.antechamber BATCH -history"
    assert mary.asked(f"CHATHISTORY TARGETS {at(0)} {at(9)} 9") == [begin, general, games, end]
    assert mary.asked(f"CHATHISTORY TARGETS {at(9)} {at(0)} 1") == [begin, games, end]
    assert mary.asked(f"CHATHISTORY TARGETS {at(6)} {at(8, 501)} 9") == [begin, games, end]
    assert mary.asked(f"CHATHISTORY TARGETS {at(8, 500)} {at(9)} 9") == [begin, end]
    assert mary.asked(f"CHATHISTORY TARGETS {at(0)} {at(8, 500)} 9") == [begin, general, end]


def test_where_nothing_was_said_those_without_batches_read_nothing() -> None:
    net = Net()
    mary = net.joins("Mary")
    assert mary.asked("CHATHISTORY LATEST #general * 5") == []


# A clock that is set back


def clock_set_back(*, by_an_older_version: bool) -> tuple[Past, list[str]]:
    """Return a past in which somebody set the clock an hour ahead after `t6`, and back again, and all its messages.

    An older version kept the times as they were.
    """
    past = Past("server-time")
    room = past.net.hub.rooms["general"]
    for number, ahead in enumerate((3_600.0, 3_601.0, 20.0, 21.0, 3_602.0)):
        past.net.clock.set_forward_seconds = ahead - 6
        if by_an_older_version:
            room.log.last_at = 0.0
        past.bob.sends(f"PRIVMSG #general :u{number}")
    past.mary.reads()
    return past, [f"t{number}" for number in range(1, 7)] + [f"u{number}" for number in range(5)]


def times_of(lines: Iterable[bytes]) -> list[str]:
    return [line.partition(b"time=")[2].partition(b";")[0].decode() for line in lines]


@pytest.mark.parametrize("older", [False, True])
def test_history_by_time_loses_nothing_where_a_clock_was_set_back(older: bool) -> None:
    past, everything = clock_set_back(by_an_older_version=older)
    for seconds in (0, 3, 10, 20, 21, 30, 3_600, 3_601, 3_602, 3_700):
        before = past.asks("BEFORE", "#general", _at(seconds), "50")
        after = past.asks("AFTER", "#general", _at(seconds), "50")
        around = past.asks("AROUND", "#general", _at(seconds), "50")
        assert around == everything
        own = {entry.event.text: entry.time for entry in past.net.entries() if isinstance(entry.event, Said)}
        assert {text for text, time in own.items() if time < NOON + seconds} <= set(before)
        assert {text for text, time in own.items() if time > NOON + seconds} <= set(after)
        for other in (0, 20, 3_601):
            between = past.asks("BETWEEN", "#general", _at(seconds), _at(other), "50")
            low, high = sorted((NOON + seconds, NOON + other))
            assert {text for text, time in own.items() if low < time < high} <= set(between)
    past.mary.reads()


def test_who_pages_by_time_reads_everything_though_a_clock_was_set_back() -> None:
    past, everything = clock_set_back(by_an_older_version=False)
    read: list[str] = []
    bound = "LATEST #general * 2"
    while len(read) < len(everything):
        lines = past.mary.asked(f"CHATHISTORY {bound}")[1:-1]
        assert lines, read
        read = texts(lines) + read
        bound = f"BEFORE #general timestamp={times_of(lines)[0]} 2"
    assert read == everything
    read, bound = [], "AFTER #general timestamp=1970-01-01T00:00:00.000Z 2"
    while len(read) < len(everything):
        lines = past.mary.asked(f"CHATHISTORY {bound}")[1:-1]
        assert lines, read
        read += texts(lines)
        bound = f"AFTER #general timestamp={times_of(lines)[-1]} 2"
    assert read == everything


def test_a_channel_with_talk_between_two_times_is_among_the_targets_though_a_clock_was_set_back() -> None:
    past, _ = clock_set_back(by_an_older_version=True)
    lines = past.mary.asked(f"CHATHISTORY TARGETS {_at(3_500)} {_at(3_602)} 5")
    assert [line.split()[-2:] for line in lines[1:-1]] == [[b"#general", _at(3_601).partition("=")[2].encode()]]
    assert past.mary.asked(f"CHATHISTORY TARGETS {_at(100)} {_at(3_500)} 5")[1:-1] == []


def test_what_was_read_ahead_of_the_clock_is_marked_as_read() -> None:
    past, _ = clock_set_back(by_an_older_version=False)
    past.net.clock.set_forward_seconds = 0
    [line] = past.mary.asked(f"MARKREAD #general {_at(3_601)}")
    assert line.endswith(b" #general " + _at(3_601).encode())


def _at(seconds: float) -> str:
    return f"timestamp={timestamp(NOON + seconds)}"
