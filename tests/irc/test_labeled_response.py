"""Labels on answers, by the bytes on the wire."""

import pytest

from antechamber.irc.labeled_response import LABEL_BYTES_MAX, batched, labelled
from tests.irc.wire import Net

LABELS = ("labeled-response", "batch", "message-tags")


def test_a_command_without_an_answer_is_acknowledged() -> None:
    net = Net()
    mary = net.joins("Mary", capabilities=LABELS)
    assert mary.asked("@label=a1 PRIVMSG #general :hello") == [b"@label=a1 :irc.antechamber ACK"]
    assert mary.asked("@label=a2 PONG :x") == [b"@label=a2 :irc.antechamber ACK"]


def test_an_answer_of_one_line_has_the_label() -> None:
    mary = Net().connects("Mary", *LABELS)
    told = [b"@label=a\\:1 :irc.antechamber 401 Mary nobody :No such nick/channel"]
    assert mary.asked(r"@label=a\:1 PRIVMSG nobody :hello") == told


def test_an_answer_of_several_lines_is_a_batch_with_the_label() -> None:
    mary = Net().connects("Mary", *LABELS)
    lines = mary.asked("@label=a1 PRIVMSG nobody,none :hello")
    assert lines == [
        b"@label=a1 :irc.antechamber BATCH +label labeled-response",
        b"@batch=label :irc.antechamber 401 Mary nobody :No such nick/channel",
        b"@batch=label :irc.antechamber 401 Mary none :No such nick/channel",
        b":irc.antechamber BATCH -label",
    ]


def test_one_s_own_message_comes_back_with_the_label_and_an_id() -> None:
    net = Net()
    mary = net.joins("Mary", capabilities=(*LABELS, "echo-message"))
    lines = mary.asked("@label=a1 PRIVMSG #general :hello")
    number = net.rooms["general"].log.sequence
    assert lines == [b"@label=a1;msgid=general-%d :Mary!~u@mary.cloak PRIVMSG #general :hello" % number]


def test_what_one_says_to_itself_has_the_label_once() -> None:
    mary = Net().connects("Mary", *LABELS)
    said = b";msgid=pm-3b9aca00-%d :Mary!~u@mary.cloak PRIVMSG Mary :note"
    bare = b"@" + said[1:] % 1
    assert mary.asked("@label=a1 PRIVMSG Mary :note") == [b"@label=a1 :irc.antechamber ACK", bare]
    mary.sends("CAP REQ echo-message")
    assert mary.asked("@label=a2 PRIVMSG Mary :note") == [b"@label=a2" + said % 2, b"@" + said[1:] % 2]


def test_a_command_that_there_is_not_has_a_labelled_answer_too() -> None:
    mary = Net().connects("Mary", *LABELS)
    assert mary.asked("@label=a1 SING") == [b"@label=a1 :irc.antechamber 421 Mary SING :Unknown command"]
    assert mary.asked("@label=a1 KICK") == [b"@label=a1 :irc.antechamber 461 Mary KICK :Not enough parameters"]


def test_labels_are_for_those_who_asked_for_them_and_for_batches() -> None:
    for capabilities in ((), ("labeled-response",), ("batch", "message-tags")):
        mary = Net().connects("Mary", *capabilities)
        assert mary.asked("@label=a1 PONG :x") == []


@pytest.mark.parametrize("more", [0, 1])
def test_a_label_has_so_many_bytes_and_no_more(more: int) -> None:
    mary = Net().connects("Mary", *LABELS)
    label = "x" * (LABEL_BYTES_MAX + more)
    assert mary.asked(f"@label={label} PONG :x") == ([] if more else [f"@label={label} :irc.antechamber ACK".encode()])


def test_an_answer_that_is_a_batch_is_not_put_into_another() -> None:
    batch = b":s BATCH +1 chathistory #c\r\n@batch=1 :m PRIVMSG #c :hi\r\n:s BATCH -1\r\n"
    assert labelled("a1", batch) == b"@label=a1 " + batch


def test_two_batches_are_put_into_one() -> None:
    two = b":s BATCH +1 x\r\n:s BATCH -1\r\n:s BATCH +2 x\r\n:s BATCH -2\r\n"
    assert labelled("a1", two) == (
        b"@label=a1 :irc.antechamber BATCH +label labeled-response\r\n"
        b"@batch=label :s BATCH +1 x\r\n:s BATCH -1\r\n"
        b"@batch=label :s BATCH +2 x\r\n:s BATCH -2\r\n"
        b":irc.antechamber BATCH -label\r\n"
    )


def test_a_batch_within_a_batch_keeps_its_own_lines() -> None:
    inner = b"@msgid=1 :m BATCH +7 draft/multiline #c\r\n@batch=7 :m PRIVMSG #c :BATCH -7\r\nBATCH -7\r\n"
    assert batched("history", "chathistory", "#c", inner + b"@time=t :m PRIVMSG #c :hi\r\n") == (
        b":irc.antechamber BATCH +history chathistory #c\r\n"
        b"@batch=history;msgid=1 :m BATCH +7 draft/multiline #c\r\n"
        b"@batch=7 :m PRIVMSG #c :BATCH -7\r\nBATCH -7\r\n"
        b"@batch=history;time=t :m PRIVMSG #c :hi\r\n"
        b":irc.antechamber BATCH -history\r\n"
    )
