"""A server with a config of its own, which can be killed and started again as it was; and people who fill its seats."""

import json
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.processes.clocks import Clock
from tests.processes.programs import CHECKOUT, Caller, Programs, Server
from tests.processes.transcript import says

TOKEN = "the-token-of-the-tests"
SERVER = str(CHECKOUT / "chatserver.py")


class Channel(NamedTuple):
    """A channel of the config."""

    name: str
    seats: int = 5
    topic: str = ""


OFFICE = (Channel("general", 5, "Everything and nothing"), Channel("games"), Channel("help", 2))


class House:
    """A server by a TOML file.

    It keeps seats and places, from the first moment on, has no bound on how fast one may go, and nobody goes AFK.
    `limits` are more of the file's limits, or others than these; `clock` is its clock, the machine's by default.
    """

    def __init__(
        self,
        programs: Programs,
        channels: Sequence[Channel] = OFFICE,
        limits: Mapping[str, float] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.programs = programs
        self._clock = clock
        self.ports = {channel.name: programs.ports.take() for channel in channels}
        self.front_desk_port = programs.ports.take()
        self.config: Path = programs.folder / f"antechamber-{self.front_desk_port}.toml"
        always = {"idle_seconds_max": 0, "commands_per_second_max": 0, "held_visit_seconds_min": 0}
        given = always | dict(limits or {})
        lines = [f"operator_token = {json.dumps(TOKEN)}", "[limits]", *(f"{key} = {given[key]}" for key in given)]
        for name, seats, topic in channels:
            lines += ["[[channel]]", f"name = {json.dumps(name)}", f"port = {self.ports[name]}", f"seats = {seats}"]
            lines += [f"topic = {json.dumps(topic)}"] if topic else []
        self.config.touch(0o600)  # it has a token
        self.config.write_text("\n".join(lines), encoding="utf-8")
        self.server = self.starts()

    def starts(self) -> Server:
        """Start it, with the same data and at the same ports as before."""
        data = str(self.config.with_suffix(".db"))
        self.server = self.programs.start_server(
            SERVER,
            *("--data", data),
            config=self.config,
            ports=self.ports,
            front_desk_port=self.front_desk_port,
            clock=self._clock,
        )
        return self.server

    def lets_pass(self, seconds: float) -> None:
        """Advance the house's clock by so much at once."""
        assert self._clock is not None
        self._clock.goes_on(seconds)
        socket.create_connection(("127.0.0.1", self.front_desk_port)).close()  # it wakes the server, which looks then

    def dies(self) -> None:
        """Kill it, without a word to anybody."""
        self.server.drops()


def comes(programs: Programs, server: Server, name: str, channel: str = "general") -> Caller:
    """Connect a bare socket, and take a seat with it."""
    caller = programs.caller(server.ports[channel], name)
    caller.types(name)
    caller.reads_up_to(says(f"{name} has joined the channel."))
    return caller


def fill(programs: Programs, server: Server, seats: int = 5, channel: str = "general") -> list[Caller]:
    """Take so many seats with bare sockets."""
    return [comes(programs, server, f"Guest{number}", channel) for number in range(seats)]


def said_before(programs: Programs, server: Server, texts: Sequence[str], channel: str = "general") -> None:
    """Connect, say all this, and leave."""
    caller = comes(programs, server, "Teller", channel)
    caller.types(*texts)
    caller.reads_up_to(f"[Teller (<t>)] {texts[-1]}")
    caller.types("/quit")
    caller.reads_the_rest()
    caller.close()


def exactly(text: str) -> re.Pattern[str]:
    """Match a text that is this and nothing else."""
    return re.compile(f"^{re.escape(text)}$")
