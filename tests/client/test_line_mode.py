"""The line mode, at a terminal of the test's own: every key, what is held back, and what is asked."""

import os
import pty
import queue
import select
import termios
import threading
import time
from collections.abc import Iterator

import pytest

from antechamber.client.line_mode import HELD_LINES_MAX, LineMode
from antechamber.protocol.commands import PeerCommand, Quit, Say, Search, Whisper, Who
from antechamber.protocol.events import AnyEvent, Entry, Said, Seated
from antechamber.protocol.limits import CONSENT_LINES_MAX
from antechamber.protocol.notices import (
    ChannelInfo,
    Channels,
    Done,
    Entries,
    Idling,
    Members,
    Message,
    Offer,
    Place,
    SeatedMember,
    WaitingMember,
    Welcome,
)

NOON = 43_200.0
SECONDS_MAX = 30.0


def entry(sequence: int, event: AnyEvent) -> Entry:
    return Entry("general", sequence, NOON, event)


class Talker:
    """A conversation that does what the test says."""

    def __init__(self) -> None:
        self.done: queue.SimpleQueue[PeerCommand] = queue.SimpleQueue()
        self.over = threading.Event()
        self._ids = iter(range(1, 1_000))

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def do(self, command: PeerCommand) -> None:
        self.done.put(command)
        if isinstance(command, Quit):
            self.over.set()

    def run(self) -> int:
        self.over.wait()
        return 0


class Desk:
    """Mary at a terminal in line mode."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.lines = LineMode("Mary", self.slave, self.slave)
        self.talker = Talker()
        self.shown = ""
        self.status: list[int] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        deadline = time.monotonic() + SECONDS_MAX
        while termios.tcgetattr(self.slave)[3] & termios.ICANON:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _run(self) -> None:
        self.status.append(self.lines.run(self.talker))  # type: ignore[arg-type]

    def types(self, text: str) -> None:
        os.write(self.master, text.encode())

    def hears(self, *messages: Message) -> None:
        for message in messages:
            self.lines.hear(message, message)
        self.lines.flush()

    def shows(self, text: str) -> str:
        """Read what is written until it ends with a text, and return all that is new."""
        deadline = time.monotonic() + SECONDS_MAX
        while not self.shown.endswith(text):
            assert select.select([self.master], [], [], deadline - time.monotonic())[0], self.shown
            self.shown += os.read(self.master, 65_536).decode().replace("\r\n", "\n")
        shown, self.shown = self.shown, ""
        return shown

    def asked(self, kind: type[PeerCommand]) -> PeerCommand:
        while not isinstance(command := self.talker.done.get(timeout=SECONDS_MAX), kind):
            pass
        return command

    def ends(self) -> int:
        self.talker.over.set()
        self._thread.join(SECONDS_MAX)
        return self.status[0]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("TERM", "dumb")
    desk = Desk()
    welcome = Welcome(NOON, "general", "Mary", "antechamber/0", 1, 0, 0, "t")
    members = Members(NOON, "general", 9, [SeatedMember("Bob", NOON, entered=3), SeatedMember("Mary", NOON)], [])
    desk.hears(welcome, entry(9, Seated("Mary")), members)
    desk.shows("Mary has joined the channel.\n")
    yield desk
    desk.ends()
    os.close(desk.master)
    for thread in threading.enumerate():
        if thread.name == "keys":  # which would read what has the number of its terminal next
            thread.join(SECONDS_MAX)
    desk.lines.clear()  # of a terminal that has gone
    os.close(desk.slave)


def test_what_is_said_waits_until_what_is_written_is_sent(desk: Desk) -> None:
    desk.types("a dr")
    desk.shows("a dr")
    desk.hears(entry(10, Said("Bob", "meanwhile")))
    desk.lines.note("a note")
    desk.types("aft\r")
    assert desk.shows("a note\n") == "aft\n[Bob (12:00:00)] meanwhile\nantechamber: a note\n"
    said = desk.asked(Say)
    assert isinstance(said, Say)
    assert said.text == "a draft"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("abc\x7f\x7fx", "ax"),
        ("日本\x7f語", "日語"),
        ("one two\x17three", "one three"),
        ("gone\x15kept", "kept"),
        ("up\x1b[Adown\x1bOP!", "updown!"),
        ("naïve", "naïve"),
        ("a\x1fb", "a\N{REPLACEMENT CHARACTER}b"),
        ("\x1b[200~one\rtwo\x1b[201~", "one\ntwo"),
    ],
)
def test_keys_edit_the_line(desk: Desk, keys: str, text: str) -> None:
    desk.types(f"{keys}\r")
    said = desk.asked(Say)
    assert isinstance(said, Say)
    assert said.text == text


def test_a_key_that_comes_in_two_parts_is_one(desk: Desk) -> None:
    desk.types("a\x1b[")
    desk.shows("a")
    desk.types("Ab\r")
    said = desk.asked(Say)
    assert isinstance(said, Say)
    assert said.text == "ab"


@pytest.mark.parametrize(("more", "left_out"), [(0, False), (1, True)])
def test_so_many_lines_wait_and_the_oldest_is_left_out_past_them(desk: Desk, more: int, left_out: bool) -> None:
    desk.types("x")
    desk.shows("x")
    for number in range(HELD_LINES_MAX + more):
        desk.lines.note(str(number))
    reading: list[str] = []
    reader = threading.Thread(target=lambda: reading.append(desk.shows(f"antechamber: {HELD_LINES_MAX + more - 1}\n")))
    reader.start()
    desk.types("\x7f")
    reader.join(SECONDS_MAX)
    assert ("(1 lines left out, as you were writing)" in reading[0]) == left_out
    assert ("antechamber: 0\n" in reading[0]) != left_out


@pytest.mark.parametrize(("lines", "asks"), [(CONSENT_LINES_MAX, False), (CONSENT_LINES_MAX + 1, True)])
def test_a_paste_past_the_limit_is_asked_about(desk: Desk, lines: int, asks: bool) -> None:
    text = "\r".join(f"line {number}" for number in range(lines))
    desk.types(f"\x1b[200~{text}\x1b[201~")
    desk.shows(f"line {lines - 1}")
    desk.types("\r")
    if asks:
        desk.shows(f"{lines} lines: Enter again sends them as one message, Ctrl-C does not.")
        desk.types("\r")
    said = desk.asked(Say)
    assert isinstance(said, Say)
    assert said.text == text.replace("\r", "\n")


def test_commands_are_those_of_the_app(desk: Desk) -> None:
    desk.types("/whi\t")
    desk.shows("/whisper ")
    desk.types("b\t")
    assert desk.shows("Bob ").endswith("Bob ")
    desk.types("psst\r")
    whisper = desk.asked(Whisper)
    assert isinstance(whisper, Whisper)
    assert (whisper.to, whisper.entered) == ("Bob", 3)
    desk.hears(Done(NOON, whisper.id))
    desk.shows("[You whisper to Bob] psst\n")
    desk.types("/wisper x\r")
    desk.shows("There is no command /wisper. To send it as a message, write / twice.\n")
    desk.types("/search tea\r")
    search = desk.asked(Search)
    desk.hears(Entries(NOON, "general", [entry(3, Said("Bob", "tea?"))], False, search.id))
    desk.shows("1 messages found with tea:\n[Bob (12:00:00)] tea?\n")
    desk.types("/who\r")
    who = desk.asked(Who)
    while who.id in ("", "id-2"):
        who = desk.asked(Who)
    desk.hears(
        Members(NOON, "general", 9, [SeatedMember("Bob", NOON, away=True)], [WaitingMember("Kim", NOON)], who.id)
    )
    desk.shows("Seated: Bob (away).\nIn line: Kim.\n")
    desk.types("/theme dark\r")
    desk.shows("There are no colours here.\n")
    desk.types("/help\r")
    desk.shows("//TEXT: says TEXT with one slash\n")


def test_the_place_the_wait_the_warning_and_mentions_are_told(desk: Desk) -> None:
    desk.hears(Place(NOON, "general", 2, (240.0, 540.0)))
    desk.shows("2 user(s) ahead of you. The wait is about 4 to 9 minutes.\n")
    desk.hears(Idling(NOON, "general", 20.0))
    desk.shows("You lose your seat in 20 seconds: write something to keep it.\a\n")
    desk.hears(entry(10, Said("Bob", "Mary, look")))
    desk.shows("Mary, look\a\n")
    desk.hears(Channels(NOON, [ChannelInfo("general", 9001, 5, 2, 1)]), entry(11, Said("Bob", "end")))
    assert "[Channel]" not in desk.shows("end\n")


def test_files_are_asked_about_and_answered(desk: Desk) -> None:
    answers: list[bool] = []
    for ticket in "123":
        desk.lines.ask(Offer(NOON, "Bob", "a.txt", 5, ticket, f"/files/{ticket}"), answers.append)
        desk.shows("Bob sends you a.txt (5 bytes): /accept takes it, /decline does not\a\n")
    desk.lines.withdraw("1")
    desk.types("/accept Eve\r/accept Bob\r/decline\r/decline\r")
    shown = desk.shows("There is no file to decline.\n")
    assert "There is no file to accept.\n" in shown
    assert answers == [True, False]


def test_the_interrupt_key_clears_and_then_leaves(desk: Desk) -> None:
    desk.types("draft\x03")
    desk.shows("draft\n")
    desk.types("\x03")
    desk.asked(Quit)
    assert desk.ends() == 130


def test_the_end_key_leaves_when_nothing_is_written(desk: Desk) -> None:
    desk.types("x\x04\x7f\x04")
    desk.asked(Quit)
    assert desk.ends() == 0


def test_the_terminal_is_given_back_as_it_was(desk: Desk) -> None:
    assert not termios.tcgetattr(desk.slave)[3] & termios.ECHO
    desk.ends()
    assert termios.tcgetattr(desk.slave)[3] & termios.ECHO
