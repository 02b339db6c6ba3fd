"""Codecs: bytes <-> commands, events and notices, with no I/O and no clock.

A decoder takes whatever a transport read and gives commands; what is no command becomes a `Malformed`, in its place
among the rest, so one bad line costs its sender that line alone. An encoding words what happened for one kind of
session; all sessions of a kind share its bytes.
"""

from collections.abc import Sequence
from typing import Protocol

from antechamber.protocol.commands import Command
from antechamber.protocol.events import Entry
from antechamber.protocol.notices import Message


class CodecError(Exception):
    """The peer sent what is no command. `code` is for programs, `text` says in words what is wrong.

    `command_id` is the id that the client gave the command, where it could be read.
    """

    def __init__(self, code: str, text: str, command_id: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.command_id = command_id


class Decoder(Protocol):
    """One connection's reading side."""

    def receive(self, data: bytes) -> Sequence[Command]:
        """Take what the transport read, split anywhere, and give the commands that are now whole."""


class Encoding(Protocol):
    """How one kind of session reads. `clock` is the server's local time as `hh:mm:ss`."""

    carries_files: bool
    """Whether such a session can send and receive files."""
    joins_each: bool
    """Whether `joined` gives what it gives of each entry, joined; else it says the same in fewer bytes."""
    reads_lines: bool
    """Whether it makes anything of the entries' JSON form."""

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode the entries in one piece, for everybody who reads them alike."""

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode one message as `reader` reads it; empty where it reads nothing."""
