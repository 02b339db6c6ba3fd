"""Messages of several lines, by the bytes on the wire."""

import pytest

from antechamber.protocol.events import Said
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, IRC_MULTILINE_BYTES_MAX, IRC_MULTILINE_LINES_MAX
from tests.fakes import FailingLog
from tests.irc.wire import Client, Net

_GOES_ON = ";draft/multiline-concat"
MULTILINE = ("batch", "draft/multiline", "message-tags")


def pair(*capabilities: str) -> tuple[Net, Client, Client]:
    net = Net()
    mary, bob = net.joins("Mary", capabilities=(*MULTILINE, *capabilities)), net.joins("Bob")
    net.reads_away(mary, bob)
    return net, mary, bob


def batch(*lines: str, target: str = "#general", opening: str = "", tags: str = "") -> list[str]:
    """Return a batch of messages of these texts, the later lines with these `tags` more."""
    inside = [f"@batch=1{tags if number else ''} PRIVMSG {target} :{line}" for number, line in enumerate(lines)]
    return [f"{opening}BATCH +1 draft/multiline {target}", *inside, "BATCH -1"]


def test_a_message_of_several_lines_is_one_entry() -> None:
    net, mary, bob = pair()
    ann = net.joins("Ann", capabilities=MULTILINE)
    net.reads_away(mary, bob)
    assert mary.asked(*batch("one", "", "two")) == []
    assert net.events()[-1] == Said("Mary", "one\n\ntwo")
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :" + text for text in (b"one", b"two")]
    number = net.rooms["general"].log.sequence
    assert ann.reads() == [
        b"@msgid=general-%d :Mary!~u@mary.cloak BATCH +%d draft/multiline #general" % (number, number),
        *(b"@batch=%d :Mary!~u@mary.cloak PRIVMSG #general :%b" % (number, line) for line in (b"one", b"", b"two")),
        b":irc.antechamber BATCH -%d" % number,
    ]


def test_lines_that_go_on_are_put_together() -> None:
    net, mary, _ = pair()
    mary.sends(*batch("how is ", "everyone?", tags=";draft/multiline-concat"))
    assert net.events()[-1] == Said("Mary", "how is everyone?")


def test_the_tags_and_the_label_are_those_of_the_opening() -> None:
    net, mary, _ = pair("labeled-response", "echo-message")
    lines = mary.asked(*batch("one", "two", opening="@label=a1;+reply=general-1 "))
    number = net.rooms["general"].log.sequence
    assert net.events()[-1] == Said("Mary", "one\ntwo", tags={"+reply": "general-1"})
    head = b"@label=a1;msgid=general-%d;+reply=general-1 " % number
    assert lines[0] == head + b":Mary!~u@mary.cloak BATCH +%d draft/multiline #general" % number
    assert not any(b"label" in line for line in lines[1:])


def test_other_commands_go_on_while_a_batch_is_open() -> None:
    net, mary, bob = pair()
    mary.sends("BATCH +1 draft/multiline #general", "@batch=1 PRIVMSG #general :one")
    assert mary.asked("PING :x") == [b":irc.antechamber PONG irc.antechamber :x"]
    mary.sends("PRIVMSG #general :between", "BATCH -1")
    assert [event.text for event in net.events()[-2:] if isinstance(event, Said)] == ["between", "one"]
    assert len(bob.reads()) == 2


def test_several_lines_go_to_people_as_well() -> None:
    net, mary, bob = pair()
    page = net.enters("Pat")
    bob.reads()
    page.new()
    mary.sends(*batch("one", "", "two", target="Bob"))
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG Bob :one", b":Mary!~u@mary.cloak PRIVMSG Bob :two"]
    mary.sends(*batch("one", "two", target="Pat"))
    assert [getattr(message, "text", "") for message in page.messages()] == ["one\ntwo"]


def test_what_is_too_long_for_one_line_comes_in_several() -> None:
    _, mary, bob = pair()
    text = "word " * 300
    mary.sends(*batch(*(text[start : start + 400] for start in range(0, 1500, 400)), target="Bob", tags=_GOES_ON))
    lines = bob.reads()
    assert max(map(len, lines)) <= IRC_BODY_BYTES_MAX
    assert "".join(line.decode().partition(" :")[2] for line in lines) == text.rstrip()
    mary.sends(*batch("\x01ACTION " + text[:400], text[:400], target="Bob", tags=_GOES_ON))
    assert all(line.endswith(b"\x01") and b" :\x01ACTION word" in line for line in bob.reads())


def test_what_one_does_may_have_several_lines() -> None:
    net, mary, bob = pair()
    mary.sends(*batch("\x01ACTION waves\x01"))
    assert net.events()[-1] == Said("Mary", "waves", form="action")
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :\x01ACTION waves\x01"]


@pytest.mark.parametrize("more", [0, 1])
def test_a_message_has_so_many_lines_and_no_more(more: int) -> None:
    net, mary, _ = pair()
    replies = mary.asked(*batch(*["x"] * (IRC_MULTILINE_LINES_MAX + more)))
    if more:
        limit = f"{IRC_MULTILINE_LINES_MAX}".encode()
        assert replies == [b":irc.antechamber FAIL BATCH MULTILINE_MAX_LINES %b :The batch has too many lines" % limit]
        assert not isinstance(net.events()[-1], Said)
    else:
        assert replies == []
        assert net.events()[-1] == Said("Mary", "\n".join(["x"] * IRC_MULTILINE_LINES_MAX))


@pytest.mark.parametrize("more", [0, 1])
def test_a_message_has_so_many_bytes_and_no_more(more: int) -> None:
    net, mary, _ = pair()
    size = IRC_MULTILINE_BYTES_MAX + more
    lines = ["x" * 255] * (size // 256) + ["x" * (size % 256)] * bool(size % 256)
    lines[-1] += "x" * (size - len("\n".join(lines)))
    replies = mary.asked(*batch(*lines))
    if more:
        limit = f"{IRC_MULTILINE_BYTES_MAX}".encode()
        assert replies == [b":irc.antechamber FAIL BATCH MULTILINE_MAX_BYTES %b :The batch is too long" % limit]
        assert not isinstance(net.events()[-1], Said)
    else:
        assert replies == []
        assert len("\n".join(lines)) == IRC_MULTILINE_BYTES_MAX


def test_all_lines_are_for_the_batch_s_target() -> None:
    net, mary, _ = pair("labeled-response")
    lines = ["@label=a BATCH +1 draft/multiline #general", "@batch=1 PRIVMSG #games :x", "@batch=1 PRIVMSG #general :y"]
    told = b"@label=a :irc.antechamber FAIL BATCH MULTILINE_INVALID_TARGET #general #games :Another target"
    assert mary.asked(*lines, "BATCH -1") == [told]
    assert not isinstance(net.events()[-1], Said)


@pytest.mark.parametrize(
    "lines",
    [
        ["BATCH +1 netsplit #general"],
        ["BATCH +1 draft/multiline"],
        ["BATCH 1 draft/multiline #general"],
        ["BATCH + draft/multiline #general"],
        [f"BATCH +{'x' * 65} draft/multiline #general"],
        ["BATCH +1 draft/multiline #general,#games"],
        ["BATCH -1"],
        ["BATCH +1 draft/multiline #general", "BATCH -2"],
        ["BATCH +1 draft/multiline #general", "BATCH +2 draft/multiline #general"],
        ["BATCH +1 draft/multiline #general", "@batch=1 NOTICE #general :x"],
        ["BATCH +1 draft/multiline #general", "@batch=1 PRIVMSG #general"],
        batch("", " "),
        batch("\x01VERSION\x01"),
    ],
)
def test_what_is_no_batch_is_told_so_once(lines: list[str]) -> None:
    _, mary, bob = pair()
    (told,) = mary.asked(*lines)
    assert told.startswith(b":irc.antechamber FAIL BATCH MULTILINE_INVALID :")
    assert bob.reads() == []


def test_batches_are_for_those_who_asked_for_them() -> None:
    net = Net()
    mary = net.joins("Mary", capabilities=("batch", "message-tags"))
    (told, *_) = mary.asked("BATCH +1 draft/multiline #general")
    assert told.startswith(b":irc.antechamber FAIL BATCH MULTILINE_INVALID :")


def test_the_longest_reference_opens_a_batch() -> None:
    _, mary, _ = pair()
    assert mary.asked(f"BATCH +{'x' * 64} draft/multiline #general") == []


@pytest.mark.parametrize(
    "lines", [("\x01VERSION\x01",), ("hello", "\x01VERSION\x01"), ("hello", "\x01ACTION waves\x01")]
)
@pytest.mark.parametrize("tags", ["", _GOES_ON])
def test_what_is_for_programs_gets_into_no_message_of_several_lines(lines: tuple[str, ...], tags: str) -> None:
    net, mary, bob = pair()
    entries = net.entries()
    assert mary.asked(*batch(*lines, tags=tags)) == [
        b":irc.antechamber FAIL BATCH MULTILINE_INVALID :A CTCP message must be a single line"
    ]
    assert (net.entries(), bob.reads()) == (entries, [])


def test_what_one_does_goes_on_past_the_mark_of_its_first_line() -> None:
    net, mary, _ = pair()
    mary.sends(*batch("\x01ACTION waves", "and smiles"))
    assert net.events()[-1] == Said("Mary", "waves\nand smiles", form="action")
    assert mary.asked(*batch("\x01ACTION\x01")) == [
        b":irc.antechamber FAIL BATCH MULTILINE_INVALID :The batch is empty"
    ]


def test_lines_of_an_open_batch_are_there_still_though_their_turn_was_not_kept() -> None:
    log = FailingLog()
    net = Net(log=log)
    mary, bob = net.joins("Mary", capabilities=MULTILINE), net.joins("Bob")
    net.reads_away(mary, bob)
    *lines, end = batch("one", "two")
    log.full = True
    bob.asks(b"PRIVMSG #general :not kept\r\n")
    assert mary.asked(*lines) == []
    assert mary.asked(end) == [
        b":irc.antechamber FAIL BATCH NOT_KEPT -1 :The server could not keep this, so nobody has read it:"
        b" the disk is full. Try again in a moment."
    ]
    log.full = False
    bob.reads()
    mary.sends(*lines, end)
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :" + text for text in (b"one", b"two")]
