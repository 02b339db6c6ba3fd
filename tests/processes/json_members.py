"""Rich sessions: members by JSON lines, who can come back after their connection was lost; and a server for them."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from tests.processes.clocks import Clock
from tests.processes.programs import CHECKOUT, Caller, Programs, Server

SERVER = str(CHECKOUT / "chatserver.py")
Line = dict[str, Any]


class Rich:
    """A member by JSON lines. What it reads is checked: each entry comes once, in order, with none missing."""

    def __init__(self, programs: Programs, port: int, name: str) -> None:
        self.name = name
        self.token = ""
        self.after = 0
        """The last entry that it has read."""
        self.entries: list[Line] = []
        """Every entry that it has read, over all its connections."""
        self.last_id = ""
        """The id of what it said last."""
        self._programs = programs
        self._port = port
        self._ids = count(1)
        self._connect({"type": "hello", "name": name})
        self.token = self.reads("welcome")["token"]

    def asks(self, kind: str, **fields: Any) -> None:
        """Send a command."""
        self._caller.types(json.dumps({"type": kind, **fields}))

    def says(self, text: str) -> str:
        """Say something; return the id that it has."""
        self.last_id = f"{self.name}-{next(self._ids)}"
        self.says_again(text, self.last_id)
        return self.last_id

    def says_again(self, text: str, command_id: str) -> None:
        """Say something that was said before, by the same id."""
        self.asks("say", text=text, id=command_id)

    def reads(self, kind: str, **fields: Any) -> Line:
        """See to it that the next line is of this type and has these fields, and return it."""
        line = self.reads_something()
        found = {"type": line["type"]} | {key: line.get(key) for key in fields}
        assert found == {"type": kind} | fields, f"{self.name} read {line}"
        return line

    def reads_event(self, kind: str, **fields: Any) -> Line:
        """See to it that the next line is an entry of such an event, and return the entry."""
        entry = self.reads("entry")
        event = entry["event"]
        assert {key: event.get(key) for key in ("type", *fields)} == {"type": kind} | fields, (
            f"{self.name} read {entry}"
        )
        return entry

    def reads_up_to_event(self, kind: str, **fields: Any) -> Line:
        """Read entries up to the first of such an event, and return that."""
        while True:
            entry = self.reads("entry")
            if {"type": kind} | fields == {key: entry["event"].get(key) for key in ("type", *fields)}:
                return entry

    def reads_said(self, *texts: str) -> None:
        """See to it that the next lines are these messages, whoever said them."""
        for text in texts:
            self.reads_event("said", text=text)

    def reads_something(self) -> Line:
        """Return the next line, whatever it is."""
        taken = self._caller.next_line("a line")
        assert taken is not None, f"{self.name} read no more, and no goodbye"
        line: Line = json.loads(taken)
        if line["type"] == "entry":
            assert not self.entries or line["sequence"] == self.after + 1, f"{self.name} read {line} after {self.after}"
            self.after = line["sequence"]
            self.entries.append(line)
        return line

    def reads_nothing_before_pong(self) -> None:
        """See to it that nothing has come up to now."""
        self.asks("ping")
        self.reads("pong")

    def reads_goodbye(self, reason: str) -> None:
        """See to it that the next line is a goodbye for that reason, and the last one."""
        self.reads("goodbye", reason=reason)
        self._caller.ends()

    def drops(self) -> None:
        """Lose the connection."""
        self._caller.drops()

    def resumes(self, after: int | None = None, port: int = 0) -> Line:
        """Come back, and return what is answered. With `after`, only what came up to there was read."""
        if after is not None:
            self.after = after
            self.entries = [entry for entry in self.entries if entry["sequence"] <= after]
        self._port = port or self._port
        self._connect({"type": "resume", "token": self.token, "after": self.after})
        return self.reads_something()

    def comes_back(self) -> Line:
        """Come back to its seat, read all that it missed, and return what was answered."""
        resumed = self.resumes()
        assert (resumed["type"], resumed["seated"]) == ("resumed", True), f"{self.name} read {resumed}"
        while self.after < resumed["last"]:
            self.reads("entry")
        return resumed

    @property
    def said(self) -> list[str]:
        """All messages that it has read."""
        return [entry["event"]["text"] for entry in self.entries if entry["event"]["type"] == "said"]

    def _connect(self, first_line: Line) -> None:
        self._caller: Caller = self._programs.caller(self._port, self.name)
        self._caller.types(json.dumps(first_line))


def seats(programs: Programs, port: int, *names: str) -> list[Rich]:
    """Connect `names` one after the other to free seats; each has read up to the last one's coming."""
    seated: list[Rich] = []
    for name in names:
        seated.append(Rich(programs, port, name))
        for member in seated:
            if member is not seated[-1]:
                member.reads_event("queued", name=name)
            member.reads_event("seated", name=name)
    return seated


def toml(programs: Programs, limits: Mapping[str, float], channels: Sequence[str] = ("general",)) -> "Written":
    """Write a config in TOML, of five seats a channel, and return where its channels are.

    Whoever is cut off is held from the first moment on, unless `limits` say otherwise.
    """
    ports = {name: programs.ports.take() for name in channels}
    given = {"held_visit_seconds_min": 0} | dict(limits)
    lines = ["[limits]", *(f"{name} = {value}" for name, value in given.items())]
    for name, port in ports.items():
        lines += ["[[channel]]", f'name = "{name}"', f"port = {port}", "seats = 5"]
    path = programs.folder / f"{next(iter(ports.values()))}.toml"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return Written(programs, path, ports)


class Written:
    """A config that was written: servers start with it, one after the other, on the same ports."""

    def __init__(self, programs: Programs, path: Path, ports: dict[str, int]) -> None:
        self.path = path
        self.ports = ports
        self._programs = programs

    def starts(self, data: Path, *wrapper: str, clock: Clock | None = None) -> Server:
        """Start a server with its log in `data`; `wrapper` is a command that runs the one after it."""
        launcher = [SERVER, "--data", str(data)]
        if wrapper:
            run = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
            launcher = ["-c", run, *wrapper, sys.executable, *launcher]
        return self._programs.start_server(*launcher, config=self.path, ports=self.ports, clock=clock)


def history(programs: Programs, data: Path, *options: str, channel: str = "general") -> Iterator[Line]:
    """Give every entry that `antechamber history` finds, with these options besides."""
    always = ("--all", "--json", "--limit", "1000000", "--data", str(data))
    ended = programs.antechamber("history", channel, *always, *options)
    assert ended.status == 0, ended.stderr
    return map(json.loads, ended.stdout.splitlines())
