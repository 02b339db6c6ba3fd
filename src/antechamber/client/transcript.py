"""The plain transcript on standard output, to the character as `codec/plain.py` has it; notes on standard error."""

from collections.abc import Callable

from antechamber.client.screen import Screen
from antechamber.codec.plain import member_line
from antechamber.protocol.notices import Message, Named, Offer, Refusal, Resumed, Welcome
from antechamber.protocol.text import clean


class Wording:
    """Words messages as the transcripts do: by the server's clock, and for the member as it is called now."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.utc_offset_seconds = 0
        """The server's, from its welcome or from the refusal of the name."""
        self._welcomed = False

    def follow(self, message: Message) -> None:
        """Take from a message what later ones are worded by."""
        match message:
            case Welcome(name=name, utc_offset_seconds=offset) | Resumed(name=name, utc_offset_seconds=offset):
                self.name, self.utc_offset_seconds = name, offset
                self._welcomed = True
            case Named(name=name):
                self.name = name
            case Refusal(utc_offset_seconds=offset) if not self._welcomed:
                self.utc_offset_seconds = offset

    def lines(self, message: Message) -> str | None:
        """Return what a member reads of a message, safe for a terminal; None if that is nothing."""
        text = member_line(message, self.clock(message.time), self.name) if hasattr(message, "time") else None
        if text is None or text.isprintable():
            return text
        return "\n".join(map(clean, text.split("\n")))

    def clock(self, when: float) -> str:
        """Return the server's local time as hh:mm:ss; `when` is in seconds since the epoch."""
        second = int((when + self.utc_offset_seconds) % 86_400)
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


class Transcript:
    """The view of a program, or of a person who asked for it."""

    def __init__(self, screen: Screen, name: str) -> None:
        self._screen = screen
        self._wording = Wording(name)
        self._texts: list[str] = []
        """The lines to print once everything received is heard."""
        self.shows_progress = screen.shows_progress
        self.tells_of_files = screen.is_terminal

    def hear(self, message: Message, shown: Message | None) -> None:
        """Word a message."""
        self._wording.follow(message)
        if shown is not None and (text := self._wording.lines(shown)) is not None:
            self._texts.append(text)

    def flush(self) -> None:
        """Print what was heard. Raises OutputClosed."""
        if self._texts:
            texts, self._texts = self._texts, []
            self._screen.print("\n".join(texts) + "\n")

    def note(self, text: str) -> None:
        """Write a note to standard error."""
        self._screen.note(text)

    def progress(self, text: str) -> None:
        """Show the progress of transfers on standard error, if that is a terminal."""
        self._screen.progress(text)

    def away(self, text: str) -> None:
        """Show the search for a lost connection in the same place."""
        self._screen.progress(text)

    def ask(self, offer: Offer, answer: Callable[[bool], None]) -> None:
        """Take the file: the contract of the transcripts knows no question."""
        answer(True)

    def withdraw(self, ticket: str) -> None:
        """Do nothing, as nothing is asked."""

    def clear(self) -> None:
        """Erase the progress line."""
        self._screen.clear()
