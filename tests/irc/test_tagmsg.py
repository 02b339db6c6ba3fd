"""TAGMSG, by the bytes on the wire."""

import pytest

from antechamber.protocol.commands import Mute
from antechamber.protocol.events import Tagged
from antechamber.protocol.limits import TARGETS_MAX
from tests.irc.wire import Client, Net

TAGS = ("message-tags",)
TYPING = b"@+typing=active :Mary!~u@mary.cloak TAGMSG #general"


def three(*capabilities: str) -> tuple[Net, Client, Client, Client]:
    """Return Mary and Bob, who read tags, and Carl, who does not, in one channel."""
    net = Net()
    mary, bob = net.joins("Mary", capabilities=(*TAGS, *capabilities)), net.joins("Bob", capabilities=TAGS)
    carl = net.joins("Carl")
    net.reads_away(mary, bob, carl)
    return net, mary, bob, carl


def test_that_one_writes_is_told_those_who_read_tags_and_not_kept() -> None:
    net, mary, bob, carl = three()
    page = net.enters("Pat")
    net.reads_away(mary, bob, carl)
    page.new()
    kept = net.rooms["general"].log.sequence
    assert mary.asked("@+typing=active TAGMSG #general") == []
    assert bob.reads() == [TYPING]
    assert carl.reads() == []
    assert page.new() == b""
    assert net.rooms["general"].log.sequence == kept


def test_that_one_writes_is_told_with_the_time_to_those_who_read_times() -> None:
    net, mary, _, _ = three()
    ann = net.joins("Ann", capabilities=(*TAGS, "server-time"))
    mary.sends("@+typing=done TAGMSG #general")
    time = b"time=1970-01-12T13:46:40.000Z"
    assert ann.reads() == [b"@%b;+typing=done :Mary!~u@mary.cloak TAGMSG #general" % time]


def test_who_reads_its_own_messages_reads_that_it_writes() -> None:
    _, mary, _, _ = three("echo-message", "labeled-response", "batch")
    assert mary.asked("@+typing=active TAGMSG #general") == [TYPING]
    assert mary.asked("@label=1;+typing=active TAGMSG #general") == [b"@label=1;" + TYPING[1:]]


def test_writing_is_a_sign_of_life() -> None:
    net, mary, _, _ = three()
    net.clock.time += 50
    mary.sends("@+typing=active TAGMSG #general")
    assert net.rooms["general"].channel.seated["Mary"].active_at == net.clock.time


def test_a_reaction_is_kept_and_read_by_those_who_read_tags() -> None:
    net, mary, bob, carl = three()
    assert mary.asked("@+draft/react=👋;+reply=general-1;+other=1 TAGMSG #general") == []
    number = net.rooms["general"].log.sequence
    tags = f"@msgid=general-{number};+draft/react=👋;+reply=general-1"
    assert bob.reads() == [f"{tags} :Mary!~u@mary.cloak TAGMSG #general".encode()]
    assert carl.reads() == []
    assert net.events()[-1] == Tagged("Mary", {"+draft/react": "👋", "+reply": "general-1"})


@pytest.mark.parametrize("line", ["TAGMSG #general", "@+other=1 TAGMSG #general", "@+typing=loud TAGMSG #general"])
def test_without_a_tag_that_passes_nothing_is_said(line: str) -> None:
    net, mary, bob, _ = three()
    kept = net.rooms["general"].log.sequence
    assert mary.asked(line) == []
    assert bob.reads() == []
    assert net.rooms["general"].log.sequence == kept


def test_who_reads_no_tags_says_none() -> None:
    _, _, bob, carl = three()
    assert carl.asked("@+typing=active TAGMSG #general") == []
    assert bob.reads() == []


def test_tags_are_refused_where_a_message_would_be() -> None:
    net, mary, bob, _ = three()
    ann = net.connects("Ann", *TAGS)
    line = "@+typing=active TAGMSG"
    assert ann.asked(f"{line} #general") == [b":irc.antechamber 404 Ann #general :Cannot send to channel"]
    assert ann.asked(f"{line} #no") == [b":irc.antechamber 403 Ann #no :No such channel"]
    assert ann.asked(f"{line} nobody") == [b":irc.antechamber 401 Ann nobody :No such nick/channel"]
    net.operator.ask(Mute("general", "Mary", 60))
    net.run()
    net.reads_away(mary, bob)
    muted = b":irc.antechamber 404 Mary #general :You are still muted for 60 seconds."
    assert mary.asked(f"{line} #general") == [muted]
    assert bob.reads() == []


def test_tags_go_to_people_too() -> None:
    net, mary, bob, carl = three("echo-message")
    page = net.enters("Pat")
    net.reads_away(mary, bob, carl)
    page.new()
    typing = b"@+typing=active :Mary!~u@mary.cloak TAGMSG Bob"
    assert mary.asked("@+typing=active TAGMSG bob") == [typing]
    assert bob.reads() == [typing]
    reaction = b"@msgid=pm-3b9aca00-1;+draft/react=x :Mary!~u@mary.cloak TAGMSG Bob"
    assert mary.asked("@+draft/react=x TAGMSG Bob") == [reaction]
    assert bob.reads() == [reaction]
    mary.sends("@+typing=active TAGMSG Carl,Pat")
    assert carl.reads() == []
    assert page.new() == b""


def test_tags_to_oneself_come_once_and_once_more_as_the_echo() -> None:
    _, mary, _, _ = three()
    line = b"@+typing=active :Mary!~u@mary.cloak TAGMSG Mary"
    assert mary.asked("@+typing=active TAGMSG Mary") == [line]
    mary.sends("CAP REQ echo-message")
    assert mary.asked("@+typing=active TAGMSG Mary") == [line, line]


@pytest.mark.parametrize("more", [0, 1])
def test_tags_go_to_so_many_targets_and_no_more(more: int) -> None:
    _, mary, bob, _ = three()
    targets = ",".join(["#general", *(f"nobody{number}" for number in range(TARGETS_MAX - 1 + more))])
    replies = mary.asked(f"@+typing=active TAGMSG {targets}")
    assert [line.split()[1] for line in replies] == ([b"407"] if more else [b"401"] * (TARGETS_MAX - 1))
    assert len(bob.reads()) == 1 - more


def test_what_many_write_at_once_is_one_write_for_each() -> None:
    net = Net()
    mary, bob, ann = (net.joins(nick, capabilities=("message-tags",)) for nick in ("Mary", "Bob", "Ann"))
    before = len(ann.transport.writes)
    net.reads_away(mary, bob, ann)
    mary.asks(b"@+typing=active TAGMSG #general\r\n@+typing=done TAGMSG #general\r\n")
    bob.sends("@+typing=active TAGMSG #general")
    ofs = [
        b"@+typing=%b :%b TAGMSG #general" % (state, source)
        for state, source in (
            (b"active", b"Mary!~u@mary.cloak"),
            (b"done", b"Mary!~u@mary.cloak"),
            (b"active", b"Bob!~u@bob.cloak"),
        )
    ]
    assert len(ann.transport.writes) == before + 1
    assert ann.reads() == ofs
    assert mary.reads() == ofs[2:]
    assert bob.reads() == ofs[:2]
