"""Codecs: bytes <-> commands, events and notices, without I/O and without a clock.

A decoder takes whatever a transport has read and returns commands; a line that is not a command becomes a `Malformed`
in its place among the others, so a bad line costs its sender that line alone. An encoding turns entries and notices
into bytes for one kind of session; all sessions of a kind share these bytes.
"""

from collections.abc import Sequence
from typing import Protocol

from antechamber.protocol.commands import Command
from antechamber.protocol.events import Entry
from antechamber.protocol.notices import Message


class CodecError(Exception):
    """The error that a line is not a command. `code` is for programs, `text` says what is wrong.

    `command_id` is the command's id if it could be read.
    """

    def __init__(self, code: str, text: str, command_id: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.command_id = command_id


class Decoder(Protocol):
    """The reading side of one connection."""

    def receive(self, data: bytes) -> Sequence[Command]:
        """Take bytes, split anywhere, and return the commands that are complete now."""


class Encoding(Protocol):
    """The writing side of one kind of session. `clock` is the server's local time as `hh:mm:ss`."""

    carries_files: bool
    """Whether such sessions can send and receive files."""
    joins_each: bool
    """Whether `joined` is the concatenation of its results for each entry; if not, it says the same in fewer bytes."""
    reads_lines: bool
    """Whether it uses the entries' JSON lines."""

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode entries in one piece, for all sessions that read them alike."""

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode one message for a reader; empty if it reads nothing."""
