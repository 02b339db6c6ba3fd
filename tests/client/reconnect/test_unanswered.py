"""What the person asks: in order, under ids, and kept until its answer is read."""

import threading
from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace

from antechamber.client.reconnect import unanswered as outgoing_module
from antechamber.client.reconnect.unanswered import WAITING_CHARACTERS_MAX, WAITING_COMMANDS_MAX, Unanswered
from antechamber.client.server_connection import ServerConnection
from antechamber.protocol.commands import List, PeerCommand, Quit, Say, Send, Switch, Whisper
from tests.client.scripted import SECONDS_MAX


class Line(ServerConnection):
    """A connection that keeps what is sent, and lets the test wait for it."""

    def __init__(self, ready: Callable[[], object] = lambda: None) -> None:
        self.sent: list[PeerCommand] = []
        self._ready = ready
        self._changed = threading.Condition()

    def send(self, line: bytes) -> None:
        self._ready()
        with self._changed:
            self.sent.append(msgspec.json.decode(line, type=PeerCommand))
            self._changed.notify_all()

    def has_sent(self, *commands: PeerCommand) -> None:
        """See to it that these are sent, and nothing else."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.sent) >= len(commands), SECONDS_MAX)
            assert self.sent == list(commands)


def announced(command: Send) -> Send:
    return replace(command, size=5)


def outgoing_on(line: Line) -> Unanswered:
    return Unanswered(line, "a-", announced)


def caught_up(outgoing: Unanswered) -> Line:
    """Follow a new connection, and wait until what was kept is sent."""
    line = Line()
    outgoing.follow(line)
    for thread in threading.enumerate():
        if thread.name == "outgoing":
            thread.join(SECONDS_MAX)
    return line


def test_commands_go_out_at_once_under_ids_of_their_own() -> None:
    line = Line()
    outgoing = outgoing_on(line)
    for command in (Say("one"), Send("Bob", "notes.txt"), List()):
        assert outgoing.send(command)
    line.has_sent(Say("one", "a-1"), Send("Bob", "notes.txt", 5, "", "a-2"), List("a-3"))


def test_what_is_not_answered_goes_out_again_by_the_next_connection_and_before_what_came_meanwhile() -> None:
    outgoing = outgoing_on(Line())
    for text in ("one", "two", "three"):
        outgoing.send(Say(text))
    outgoing.settle("a-2")
    outgoing.settle("b-1")
    outgoing.hold()
    outgoing.send(Say("four"))
    line = caught_up(outgoing)
    outgoing.send(Say("five"))
    line.has_sent(Say("one", "a-1"), Say("three", "a-3"), Say("four", "a-4"), Say("five", "a-5"))


def test_what_is_typed_while_what_was_kept_goes_out_comes_after_it() -> None:
    outgoing = outgoing_on(Line())
    outgoing.hold()
    outgoing.send(Say("one"))
    outgoing.send(Say("two"))
    going, may_go = threading.Event(), threading.Event()

    def ready() -> None:
        going.set()
        may_go.wait(SECONDS_MAX)

    line = Line(ready)
    outgoing.follow(line)
    assert going.wait(SECONDS_MAX)
    typing = threading.Thread(target=outgoing.send, args=(Say("three"),))
    typing.start()
    may_go.set()
    typing.join(SECONDS_MAX)
    line.has_sent(Say("one", "a-1"), Say("two", "a-2"), Say("three", "a-3"))


def test_a_connection_that_is_lost_while_it_catches_up_gets_no_more() -> None:
    outgoing = outgoing_on(Line())
    outgoing.hold()
    outgoing.send(Say("one"))
    outgoing.send(Say("two"))
    lost = Line(outgoing.hold)
    outgoing.follow(lost)
    for thread in threading.enumerate():
        if thread.name == "outgoing":
            thread.join(SECONDS_MAX)
    lost.has_sent(Say("one", "a-1"))
    outgoing.send(Say("three"))
    assert len(lost.sent) == 1
    caught_up(outgoing).has_sent(Say("one", "a-1"), Say("two", "a-2"), Say("three", "a-3"))


def test_a_file_is_announced_as_it_goes_out() -> None:
    outgoing = outgoing_on(Line())
    outgoing.hold()
    outgoing.send(Send("Bob", "notes.txt"))
    caught_up(outgoing).has_sent(Send("Bob", "notes.txt", 5, "", "a-1"))


def test_as_many_commands_are_kept_as_the_bound_says_and_a_quit() -> None:
    outgoing = outgoing_on(Line())
    outgoing.hold()
    assert all(outgoing.send(Say("x")) for _ in range(WAITING_COMMANDS_MAX))
    assert not outgoing.send(List())
    assert outgoing.send(Quit())
    assert len(caught_up(outgoing).sent) == WAITING_COMMANDS_MAX + 1


@pytest.mark.parametrize("command", [Say("y"), Whisper("Bob", "y")])
def test_as_many_characters_are_kept_as_the_bound_says(command: Say | Whisper) -> None:
    outgoing = outgoing_on(Line())
    outgoing.hold()
    assert outgoing.send(Say("x" * (WAITING_CHARACTERS_MAX - 1)))
    assert outgoing.send(command)
    assert not outgoing.send(command)
    assert outgoing.send(List())


def test_there_is_no_bound_while_there_is_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_module, "WAITING_COMMANDS_MAX", 1)
    line = Line()
    outgoing = outgoing_on(line)
    assert all(outgoing.send(List()) for _ in range(3))
    line.has_sent(List("a-1"), List("a-2"), List("a-3"))


def test_a_line_that_was_too_long_is_the_longest_that_was_sent() -> None:
    outgoing = outgoing_on(Line())
    outgoing.settle_longest()
    for text in ("one", "x" * 1000, "two"):
        outgoing.send(Say(text))
    outgoing.hold()
    outgoing.send(Say("y" * 2000))
    outgoing.settle_longest()
    caught_up(outgoing).has_sent(Say("one", "a-1"), Say("two", "a-3"), Say("y" * 2000, "a-4"))


def test_what_was_sent_can_be_given_up_and_the_talk_is_counted() -> None:
    outgoing = outgoing_on(Line())
    for command in (Say("one"), Whisper("Bob", "two"), Send("Bob", "three"), List(), Switch("games")):
        outgoing.send(command)
    outgoing.hold()
    outgoing.send(Say("four"))
    outgoing.send(List())
    assert outgoing.talk_left() == (1, 3)
    assert outgoing.give_up_sent() == 3
    assert outgoing.talk_left() == (1, 0)
    caught_up(outgoing).has_sent(Say("four", "a-6"), List("a-7"))


def test_what_only_those_do_who_have_a_seat_can_be_given_up() -> None:
    outgoing = outgoing_on(Line())
    outgoing.hold()
    for command in (Say("one"), Whisper("Bob", "two"), Send("Bob", "three"), List(), Switch("games")):
        outgoing.send(command)
    assert outgoing.give_up_talk() == 3
    caught_up(outgoing).has_sent(List("a-4"), Switch("games", "a-5"))


def windowed(line: Line) -> Unanswered:
    return Unanswered(line, "a-", announced, unanswered_max=2)


def test_no_more_go_out_than_may_be_unanswered_and_the_others_in_order_as_answers_come() -> None:
    line = Line()
    outgoing = windowed(line)
    says = [Say(str(number), f"a-{number}") for number in range(1, 6)]
    for say in says:
        outgoing.send(Say(say.text))
    line.has_sent(*says[:2])
    outgoing.settle("a-1")
    line.has_sent(*says[:3])
    outgoing.settle("a-2")
    outgoing.settle("a-3")
    line.has_sent(*says)
    outgoing.settle("a-4")
    outgoing.settle("a-5")
    outgoing.send(Say("6"))
    line.has_sent(*says, Say("6", "a-6"))


def test_no_more_go_out_again_than_may_be_unanswered() -> None:
    outgoing = windowed(Line())
    for number in range(1, 5):
        outgoing.send(Say(str(number)))
    outgoing.hold()
    line = caught_up(outgoing)
    line.has_sent(Say("1", "a-1"), Say("2", "a-2"))
    outgoing.settle_longest()
    outgoing.settle("a-2")
    line.has_sent(Say("1", "a-1"), Say("2", "a-2"), Say("3", "a-3"), Say("4", "a-4"))


def test_a_switch_that_was_carried_out_answers_what_was_sent_before_it_and_nothing_after() -> None:
    outgoing = outgoing_on(Line())
    for command in (Say("one"), Switch("games"), Say("two"), Switch("help"), Say("three")):
        outgoing.send(command)
    outgoing.settle_up_to_switch("nowhere")
    outgoing.settle_up_to_switch("games")
    caught_up(outgoing).has_sent(Say("two", "a-3"), Switch("help", "a-4"), Say("three", "a-5"))
