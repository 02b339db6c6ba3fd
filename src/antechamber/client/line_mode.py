"""The line mode: a chat for a screen reader, a simple terminal, or whoever prefers lines, in which nothing mixes.

What others say is printed line by line. While something is written in the field, that waits until it is sent or
cleared. It draws nothing, moves no cursor, and needs no library.
"""

import codecs
import os
import re
import signal
import termios
import threading
import unicodedata
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from antechamber.client.commands import COMMANDS, Aim, Known, Local, Wrong, calls, read, suggest
from antechamber.client.conversation import Conversation
from antechamber.client.files.progress import size_words
from antechamber.client.files.saving import safe_name
from antechamber.client.outgoing import Outgoing
from antechamber.client.roster import Roster
from antechamber.client.screen import OutputClosed
from antechamber.client.transcript import Wording
from antechamber.client.words import span, wait_words
from antechamber.protocol.commands import List, PeerCommand, Quit, Search, Watch, Whisper, Who
from antechamber.protocol.events import Entry, Said, Seated
from antechamber.protocol.limits import CONSENT_LINES_MAX
from antechamber.protocol.notices import (
    Channels,
    Done,
    Entries,
    Idling,
    Members,
    Message,
    Offer,
    Place,
    Presence,
    Refusal,
    Resumed,
    Welcome,
)
from antechamber.protocol.text import clean
from antechamber.runtime.terminal import write_all

HELD_LINES_MAX = 5_000
"""Lines that wait while something is being written; beyond that, the oldest are left out."""
_BELL = "\a"
_INTERRUPTED = 130
_SEQUENCE = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|O.|[^\\[O])")
"""A key that sends several characters (ECMA-48, section 5.4), and Alt with a key."""
_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"


class LineMode:
    """The view in lines. `stdin` and `stdout` are a terminal."""

    shows_progress = False
    tells_of_files = True

    def __init__(self, name: str, stdin: int = 0, stdout: int = 1) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._lock = threading.RLock()
        self._draft = ""
        self._pasting = False
        self._asked = False
        """Whether the person was asked if a draft of many lines is meant."""
        self._held: deque[str] = deque(maxlen=HELD_LINES_MAX)
        self._left_out = 0
        self._heard: list[str] = []
        """The lines of what is being heard."""
        self._wording = Wording(name)
        self._roster = Roster()
        self._channel = ""
        self._channels: list[tuple[str, str]] = []
        self._questions: dict[str, tuple[Offer, Callable[[bool], None]]] = {}
        self._whispers: dict[str, Whisper] = {}
        self._searches: dict[str, str] = {}
        self._asked_for: set[str] = set()
        """The ids of the questions whose answers are printed; others are the program's own."""
        self._terminal: list[Any] | None = None
        self._outgoing = Outgoing()
        self._interrupted = False

    def run(self, conversation: Conversation) -> int:
        """Chat until it ends, and return the exit status. Raises ConnectionProblem if there was no chat."""
        self._outgoing.start(conversation)
        self._set_terminal()
        threading.Thread(target=self._read_keys, name="keys", daemon=True).start()
        try:
            status = conversation.run()
        finally:
            self._outgoing.end()
            self._say_the_rest()
            self.clear()
        return _INTERRUPTED if self._interrupted else status

    # The terminal

    def _set_terminal(self) -> None:
        """Have the terminal give every key at once, and show none by itself."""
        with suppress(termios.error, OSError):
            self._terminal = self._terminal or termios.tcgetattr(self._stdin)
            mode = termios.tcgetattr(self._stdin)
            mode[0] &= ~termios.ICRNL & ~termios.IXON
            mode[3] &= ~termios.ICANON & ~termios.ECHO & ~termios.ISIG & ~termios.IEXTEN
            termios.tcsetattr(self._stdin, termios.TCSANOW, mode)
            if os.environ.get("TERM", "dumb") != "dumb":
                self._write("\x1b[?2004h")

    def clear(self) -> None:
        """Give the terminal back as it was."""
        if self._terminal is not None:
            with suppress(termios.error, OSError):
                if os.environ.get("TERM", "dumb") != "dumb":
                    os.write(self._stdout, b"\x1b[?2004l")
                termios.tcsetattr(self._stdin, termios.TCSANOW, self._terminal)

    def _write(self, text: str) -> None:
        write_all(self._stdout, text.encode(errors="replace"))

    # What is printed, from any thread

    def _print(self, *lines: str) -> None:
        """Print lines, now or once nothing is being written."""
        with self._lock:
            if self._draft:
                self._left_out += max(len(self._held) + len(lines) - HELD_LINES_MAX, 0)
                self._held.extend(lines)
            else:
                self._write("".join(f"{line}\n" for line in lines))

    def _print_held(self) -> None:
        if self._left_out:
            self._write(f"({self._left_out} lines left out, as you were writing)\n")
        self._left_out = 0
        held, self._held = self._held, deque(maxlen=HELD_LINES_MAX)
        if held:
            self._write("".join(f"{line}\n" for line in held))

    def _say_the_rest(self) -> None:
        """Print everything at the end, with what was being written on a line of its own."""
        with self._lock, suppress(OSError):
            if self._draft:
                self._write("\n")
                self._draft = ""
            self._print_held()

    def note(self, text: str) -> None:
        """Print a note."""
        with suppress(OSError):
            self._print(f"antechamber: {text}")

    def progress(self, text: str) -> None:
        """Show nothing: a line that changes is read again and again."""

    def away(self, text: str) -> None:
        """Show nothing either; notes tell of it now and then."""

    def ask(self, offer: Offer, answer: Callable[[bool], None]) -> None:
        """Ask about a file by a line that says how to answer."""
        self._questions[offer.ticket] = (offer, answer)
        file = f"{safe_name(offer.file)} ({size_words(offer.size)})"
        self.note(f"{clean(offer.sender)} sends you {file}: /accept takes it, /decline does not{_BELL}")

    def withdraw(self, ticket: str) -> None:
        """Forget the question."""
        self._questions.pop(ticket, None)

    # What the server tells

    def flush(self) -> None:
        """Print what was heard. Raises OutputClosed."""
        lines, self._heard = self._heard, []
        if lines:
            try:
                self._print(*lines)
            except OSError as error:
                raise OutputClosed(error.strerror or "failed", hung_up=True) from None

    def hear(self, message: Message, shown: Message | None) -> None:
        """Word a message, and follow what commands are aimed at."""
        wording = self._wording
        wording.follow(message)
        match message:
            case Welcome(channel=channel) | Resumed(channel=channel):
                self._channel, self._roster = channel, Roster()
                self._outgoing.ask(Watch())
                if isinstance(message, Resumed) and message.seated:
                    self._outgoing.ask(Who())
            case Entry(event=Seated(name=wording.name)):
                self._outgoing.ask(Who())
            case Members():
                self._roster.set(message)
                if message.id in self._asked_for:
                    self._asked_for.discard(message.id)
                    self._heard += _who_lines(message)
                return
            case Presence():
                self._roster.sense(message)
            case Channels(id=command_id):
                self._channels = [(info.name, info.topic) for info in message.channels]
                if command_id not in self._asked_for:
                    return
                self._asked_for.discard(command_id)
            case Idling(seconds=seconds):
                self._heard.append(f"You lose your seat in {span(seconds)}: write something to keep it.{_BELL}")
            case Entries(id=command_id):
                self._hear_found(message, self._searches.pop(command_id, ""))
            case Done(id=command_id) if whisper := self._whispers.pop(command_id, None):
                self._heard.append(f"[You whisper to {whisper.to}] {clean(whisper.text)}")
            case Refusal(id=command_id):
                self._whispers.pop(command_id, None)
        if isinstance(message, Entry):
            self._roster.apply(message)
        self._word(message, shown)

    def _word(self, message: Message, shown: Message | None) -> None:
        text = None if shown is None else self._wording.lines(shown)
        if text is None:
            return
        if isinstance(message, Place) and (wait := wait_words(message.wait_seconds)):
            text += f" The wait is {wait}."
        called = isinstance(message, Entry) and isinstance(message.event, Said)
        me = self._wording.name
        if called and message.event.name != me and calls(me, message.event.text):  # type: ignore[union-attr]
            text += _BELL
        self._heard += text.split("\n")

    def _hear_found(self, found: Entries, words: str) -> None:
        if not words:
            return
        self._heard.append(f"{len(found.entries)} messages found with {clean(words)}{':' * bool(found.entries)}")
        for entry in found.entries:
            if (line := self._wording.lines(entry)) is not None:
                self._heard.append(line)

    # What is typed, in a thread of its own

    def _read_keys(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        while True:
            try:
                data = os.read(self._stdin, 4096)
            except OSError:
                return
            if not data:
                return
            rest += decoder.decode(data)
            with suppress(OSError):
                rest = self._take_keys(rest)

    def _take_keys(self, keys: str) -> str:
        """Take what the keys sent, and return the beginning of a sequence whose rest is still to come."""
        while keys:
            if keys[0] != "\x1b":
                self._key(keys[0])
                keys = keys[1:]
            elif found := _SEQUENCE.match(keys):
                self._pasting = (self._pasting or found[0] == _PASTE) and found[0] != _PASTE_END
                keys = keys[found.end() :]
            else:
                return keys if len(keys) < 32 else ""
        return ""

    def _key(self, key: str) -> None:
        if self._pasting:
            self._insert("\n" if key == "\r" else key)
        elif key in "\r\n":
            self._enter()
        elif key in "\x7f\b":
            self._erase(self._draft[:-1])
        elif key == "\x15":
            self._erase("")
        elif key == "\x17":
            self._erase(re.sub(r"\S*\s*$", "", self._draft))
        elif key == "\t":
            self._complete()
        elif key == "\x03":
            self._interrupt()
        elif key == "\x04":
            if not self._draft:
                self._do(Quit())
        elif key == "\x1a":
            self._stop()
        else:
            self._insert(key)

    def _insert(self, text: str) -> None:
        shown = "".join(character if character == "\n" else clean(character) for character in text)
        with self._lock:
            self._draft += shown
            self._asked = False
            self._write(shown)

    def _erase(self, left: str) -> None:
        """Erase the draft's end down to what is `left`; a line that was ended is not gone back to."""
        with self._lock:
            gone = self._draft[len(left) :]
            self._draft, self._asked = left, False
            if "\n" in gone:
                self._write(f"\n{left}")
            else:
                self._write("\b \b" * sum(map(_cells, gone)))
            if not left:
                self._print_held()

    def _complete(self) -> None:
        names = [name for name in self._roster.seated if name != self._wording.name]
        found = suggest(self._draft, Known(names, self._channels))
        if found is not None and len(found.options) == 1:
            value = found.options[0].value
            self._erase(self._draft[: len(self._draft) - found.length])
            self._insert(value if value.endswith("/") else f"{value} ")
        else:
            self._write(_BELL)

    def _interrupt(self) -> None:
        """Clear the draft, or leave."""
        with self._lock:
            if self._draft:
                self._draft = ""
                self._write("\n")
                self._print_held()
                return
        self._interrupted = True
        self._do(Quit())

    def _stop(self) -> None:
        """Stop the program as Ctrl-Z does, and go on when the shell says so."""
        self.clear()
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)  # to this thread, so it does not run on meanwhile
        self._set_terminal()
        with self._lock:
            self._write(self._draft)

    def _enter(self) -> None:
        with self._lock:
            text = self._draft
            lines = text.strip().count("\n") + 1
            if lines > CONSENT_LINES_MAX and not self._asked:
                self._asked = True
                self._write(f"\n{lines} lines: Enter again sends them as one message, Ctrl-C does not.")
                return
            self._draft = ""
            self._write("\n")
            self._print_held()
        asked = read(text, Aim(self._channel, self._roster.entered()))
        if isinstance(asked, Wrong):
            self._print(asked.problem)
        elif isinstance(asked, Local):
            self._do_here(asked)
        elif asked is not None:
            self._do(asked)

    def _do_here(self, asked: Local) -> None:
        match asked:
            case Local("help"):
                self._print(*(f"{info.form}: {info.meaning}" for info in COMMANDS), "//TEXT: says TEXT with one slash")
            case Local("who"):
                self._do(Who())
            case Local("theme"):
                self._print("There are no colours here.")
            case Local("accept" | "decline" as which, sender):
                for ticket, (offer, answer) in list(self._questions.items()):
                    if sender in ("", offer.sender):
                        del self._questions[ticket]
                        answer(which == "accept")
                        return
                self._print(f"There is no file to {which}.")

    def _do(self, command: PeerCommand) -> None:
        """Send a command, and remember first what its answer belongs to."""
        command_id = self._outgoing.new_id()
        match command:
            case Whisper():
                self._whispers[command_id] = command
            case Search(words=words):
                self._searches[command_id] = words
            case Who() | List():
                self._asked_for.add(command_id)
        self._outgoing.ask(command, command_id)


def _who_lines(members: Members) -> list[str]:
    """Return who sits and who waits, in lines."""
    seated = ", ".join(f"{each.name}{' (away)' * each.away}" for each in members.seated) or "nobody"
    waiting = ", ".join(f"{each.name}{' (away)' * each.away}" for each in members.waiting) or "nobody"
    return [f"Seated: {clean(seated)}.", f"In line: {clean(waiting)}."]


def _cells(character: str) -> int:
    """Return how many cells a character takes (Unicode Standard Annex #11)."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
