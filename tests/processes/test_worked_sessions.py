"""The worked sessions in docs/protocol.md are what the real server says: they are replayed, and compared line by line.

Times, tickets, tokens, ports and the version differ from run to run; all the rest is compared to the character.
"""

import http.client
import re
from collections.abc import Mapping

import pytest

from antechamber.config import FRONT_DESK_PORT
from antechamber.config.load import read_settings
from tests.processes.programs import CHECKOUT, Caller, Programs, Server
from tests.processes.transcript import SECONDS_MAX, says

PROTOCOL = (CHECKOUT / "docs" / "protocol.md").read_text(encoding="utf-8")
SEATED_BEFORE = ("Ann", "Ben", "Cho", "Dee")
TICKET = r"(?<=/files/)[\w-]+"
TOKEN = r'(?<="token":")[\w.-]+'


def worked_session(heading: str) -> list[list[str]]:
    """Return the session under `heading`, a line each: who, an arrow, and what it carries, if anything."""
    found = re.search(rf"^### {heading}\n.*?^```text\n(.*?)^```$", PROTOCOL, re.MULTILINE | re.DOTALL)
    assert found is not None
    lines = [line.split(" ", 2) for line in found[1].splitlines() if line]
    assert len(lines) > 10
    return lines


def masked(line: str, names: Mapping[int, str]) -> str:
    """Return `line` without what differs from run to run; `names` tells whose port is which."""
    for pattern, mask in (
        (r'(?<="time":)\d+(\.\d+)?', "<time>"),
        (r"\(\d\d:\d\d:\d\d\)", "(<t>)"),
        (r"(?<=still muted for )\d+", "<n>"),
        (r'(?<="server":"antechamber/)[\w.]+', "<version>"),
        (r'(?<="ticket":")[\w-]+', "<ticket>"),
        (r"[a-z2-7]{13}(?=\.cloak)", "<cloak>"),
        (TICKET, "<ticket>"),
        (TOKEN, "<token>"),
    ):
        line = re.sub(pattern, mask, line)
    return re.sub(r'(port":)(\d+)', lambda found: f"{found[1]}<{names[int(found[2])]}>", line)


class Replay:
    """Everybody of a worked session, at the door of `general`."""

    def __init__(self, programs: Programs, server: Server) -> None:
        self.programs = programs
        self.server = server
        self.callers: dict[str, Caller] = {}
        self.replies: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        """The tickets and tokens of this run by those that are written down."""
        config = read_settings(str(CHECKOUT / "configfile"))
        self.names = {FRONT_DESK_PORT: "front desk", server.front_desk_port: "front desk"}
        self.names |= {channel.port: channel.name for channel in config.channels}
        self.names |= {port: name for name, port in server.ports.items()}

    def knows(self, name: str) -> Caller:
        """Return the connection of `name`, made when it is first needed."""
        if name not in self.callers:
            self.callers[name] = self.programs.caller(self.server.ports["general"], name)
        return self.callers[name]

    def goes_on(self, who: str, arrow: str, carried: str = "") -> None:
        """Send the line, or see to it that the next line is this one."""
        reader = self.server if who == "Server" else self.knows(who)
        match arrow:
            case "→":
                reader.types(self.of_this_run(carried))
            case "✕":
                self.callers.pop(who).drops()
            case "←":
                line = reader.next_line(carried)
                assert line is not None
                self.is_the_same(who, line, carried)
            case "⇒":
                self.replies[who] = self.asks_the_front_desk(*self.of_this_run(carried).split(" ", 2))
            case "⇐":
                self.is_the_same(who, self.replies.pop(who), carried)
            case _:
                pytest.fail(f"{who} {arrow} is no line of a session")

    def is_the_same(self, who: str, line: str, written: str) -> None:
        """Compare, and learn which ticket or token of this run is which."""
        assert f"{who} {masked(line, self.names)}" == f"{who} {masked(written, self.names)}"
        for secret in (TICKET, TOKEN):
            self.secrets.update(zip(re.findall(secret, written), re.findall(secret, line), strict=True))

    def of_this_run(self, written: str) -> str:
        """Return what is written with the tickets and tokens of this run."""
        for secret, ours in self.secrets.items():
            written = written.replace(secret, ours)
        return written

    def asks_the_front_desk(self, method: str, path: str, body: str = "") -> str:
        """Return the answer's status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.front_desk_port, timeout=SECONDS_MAX)
        try:
            connection.request(method, path, body or None)
            answer = connection.getresponse()
            return f"{answer.status} {answer.read().decode()}".rstrip()
        finally:
            connection.close()


@pytest.fixture
def replay(programs: Programs) -> Replay:
    """Give a server of its own, whose times are UTC."""
    return Replay(programs, programs.server(zone=("UTC0", 0)))


def test_the_worked_session_is_what_the_server_says(replay: Replay) -> None:
    for name in SEATED_BEFORE:
        caller = replay.knows(name)
        caller.types(f'{{"type":"hello","name":"{name}"}}')
        caller.reads_up_to(f'<*>{{"type":"seated","name":"{name}"}}}}')
    assert f"{', '.join(SEATED_BEFORE[:-1])} and {SEATED_BEFORE[-1]} are already seated" in PROTOCOL
    for line in worked_session("A worked session"):
        replay.goes_on(*line)
    for name, caller in replay.callers.items():
        if name not in SEATED_BEFORE:
            caller.ends()


def test_the_worked_return_is_what_the_server_says(programs: Programs) -> None:
    ports = {"general": programs.ports.take()}
    config = programs.folder / "antechamber.toml"
    channel = f'[[channel]]\nname = "general"\nport = {ports["general"]}\nseats = 2\ntopic = "Office hour"\n'
    at_once = "[limits]\nheld_visit_seconds_min = 0\n"  # as the session takes no time here
    config.write_text(f'data = ":memory:"\n{at_once}{channel}', encoding="utf-8")
    arguments = (str(CHECKOUT / "chatserver.py"),)
    replay = Replay(programs, programs.start_server(*arguments, config=config, ports=ports, zone=("UTC0", 0)))
    ann = replay.knows("Ann")
    ann.types('{"type":"hello","name":"Ann"}')
    ann.reads_up_to('<*>{"type":"seated","name":"Ann"}}')
    for line in worked_session("A worked return"):
        replay.goes_on(*line)
        if '"queued"' in line[-1]:  # what Ann reads of those who arrive is left out
            ann.reads_up_to('<*>{"type":"queued","name":"Bob","holds":true,<*>}}')


def test_the_worked_plain_session_is_what_the_server_says(replay: Replay) -> None:
    for line in worked_session("A worked plain session"):
        replay.goes_on(*line)
    for caller in replay.callers.values():
        caller.ends()
    replay.server.types("/empty nowhere")
    replay.server.reads(says("nowhere does not exist."))


def test_the_list_of_channels_is_what_the_front_desk_says(replay: Replay) -> None:
    found = re.search(r"^\$ curl localhost:9876(/channels)\n(.*)$", PROTOCOL, re.MULTILINE)
    assert found is not None
    answer = replay.asks_the_front_desk("GET", found[1])
    assert masked(answer, replay.names) == masked(f"200 {found[2]}", replay.names)
