"""Where a conversation is shown: the transcript, the lines of a simple terminal, or the app.

What calls it says only what happened; how that looks, and whether it looks like anything, is the view's own affair.
Every method may be called by any thread.
"""

from collections.abc import Callable
from typing import Protocol

from antechamber.protocol.notices import Message, Offer


class Notes(Protocol):
    """Where a person reads what is no part of the talk."""

    @property
    def shows_progress(self) -> bool:
        """Whether progress is shown as it goes, so that no notes have to tell of it."""

    def note(self, text: str) -> None:
        """Show a note, one line for people."""

    def progress(self, text: str) -> None:
        """Show how far the transfers are; an empty text takes that away."""

    def away(self, text: str) -> None:
        """Show how the search for a lost connection goes; an empty text says that it is over."""


class View(Notes, Protocol):
    """Where a person, or a program, reads a conversation."""

    @property
    def tells_of_files(self) -> bool:
        """Whether it is a person, who is told of received files."""

    def hear(self, message: Message, shown: Message | None) -> None:
        """Take a message of the server, and what is to be shown of it: None if it was shown before, or concerns nobody.

        Raises OutputClosed if nobody reads any more.
        """

    def flush(self) -> None:
        """Show what was heard: everything that the server has sent so far is heard now. Raises OutputClosed."""

    def ask(self, offer: Offer, answer: Callable[[bool], None]) -> None:
        """Ask whether to take a file, and call `answer` once, unless the question is withdrawn."""

    def withdraw(self, ticket: str) -> None:
        """Ask no more about the file with this ticket."""

    def clear(self) -> None:
        """Leave the terminal as it was, without waiting, because the program is being ended from outside."""


def in_a_note(text: str) -> str:
    """Return a sentence of the server's as it stands in a note."""
    return text[:1].lower() + text[1:].rstrip(".")
