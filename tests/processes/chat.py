"""A server together with those who take part, and what all of them read when somebody comes."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from tests.processes.programs import Caller, Member, Program, Programs, Server
from tests.processes.transcript import says

_markers = count(1)
THROUGH_SOCKETS = pytest.mark.parametrize("chat", ["socket"], indirect=True)
"""For tests of which one kind of member is enough."""
THROUGH_CLIENTS = pytest.mark.parametrize("chat", ["chatclient"], indirect=True)


class Chat:
    """A server, and its members through `chatclient.py` or through sockets, as `kind` says."""

    def __init__(self, programs: Programs, server: Server, kind: str) -> None:
        self.programs = programs
        self.server = server
        self.kind = kind
        self._members: list[Member] = []
        server.catches_up(f"marker-{next(_markers)}")

    def connects(self, channel: str, name: str, kind: str = "", files: Path | None = None) -> Member:
        """Connect `name` to the channel's port, and read nothing yet. A client saves what it gets in `files`."""
        member: Member
        if (kind or self.kind) == "chatclient":
            member = self.runs(channel, name, *(["--files", str(files)] if files is not None else []))
        else:
            member = self.calls(channel, name)
        return member

    def runs(self, channel: str, name: str, *options: str, door: str = "") -> Program:
        """Run `chatclient.py` as `name`, whatever the kind, and read nothing yet."""
        client = self.programs.client(door or self.server.ports[channel], name, *options)
        self._members.append(client)
        return client

    def calls(self, channel: str, name: str, first_line: str = "") -> Caller:
        """Connect `name` through a socket, whatever the kind, and read nothing yet."""
        caller = self.programs.caller(self.server.ports[channel], name)
        self._members.append(caller)
        caller.types(first_line or name)
        return caller

    def seats(
        self, channel: str, *names: str, among: Sequence[Member] = (), kind: str = "", files: Path | None = None
    ) -> list[Member]:
        """Connect `names` one after the other to a channel with free seats, and return them.

        They, those `among` whom they sit, and the server read of each.
        """
        seated = list(among)
        for name in names:
            member = self.connects(channel, name, kind, files)
            member.reads(says(f"Welcome to the {channel} channel, {name}."))
            seated.append(member)
            self.all_read(seated, says(f"{name} has joined the channel."))
            self.server.reads(says(f"{name} has joined the {channel} channel."))
        return seated[len(among) :]

    def fills(self, channel: str, seats: int = 5) -> list[Member]:
        """Take `seats` seats of an empty channel with sockets: those of one1, one2, and so on."""
        return self.seats(channel, *(f"one{number}" for number in range(1, seats + 1)), kind="socket")

    def waits(self, channel: str, name: str, ahead: int, kind: str = "") -> Member:
        """Connect `name` to a full channel, to wait with so many ahead."""
        member = self.connects(channel, name, kind)
        member.reads(
            says(f"Welcome to the {channel} channel, {name}."),
            says(f"You are in the waiting queue and there are {ahead} user(s) ahead of you."),
        )
        return member

    def all_read(self, members: Sequence[Member], *templates: str) -> None:
        """See to it that the next lines of each are these."""
        for member in members:
            member.reads(*templates)

    def nobody_else_read_anything(self, members: Sequence[Member], speaker: Member) -> None:
        """See to it that the next line at all of `members`, and at the server, is what a seated one says now."""
        word = f"marker {next(_markers)}"
        speaker.types(word)
        self.all_read([*members, self.server], f"[{speaker.name} (<t>)] {word}")

    def server_reads_nothing(self) -> None:
        """See to it that the server's next line is the answer to what the operator asks now."""
        marker = f"marker-{next(_markers)}"
        self.server.types(f"/empty {marker}")
        self.server.reads(says(f"{marker} does not exist."))

    def empties_the_house(self) -> None:
        """Disconnect everybody, the latest first, so that nobody moves up."""
        for member in reversed(self._members):
            self.server.types(*(f"/kick {channel}:{member.name}" for channel in self.server.ports))
        self.server.catches_up(f"marker-{next(_markers)}")
