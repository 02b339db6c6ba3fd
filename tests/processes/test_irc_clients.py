"""Real IRC clients, as people have them: irssi and WeeChat join, talk, wait in line, read the past and come back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes.programs import CHECKOUT, Programs, Server
from tests.processes.screens import Screen, Terminals, terminals_in
from tests.processes.transcript import says

CLIENTS = ["irssi", "weechat"]
Start = Callable[..., Screen]


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    """Give terminals that nobody else knows."""
    with terminals_in(tmp_path) as terminals:
        yield terminals


class Office:
    """A server with IRC, whose channel of one seat keeps the seats of those who lose the connection."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs
        self.irc = programs.ports.take()
        self.ports = {name: programs.ports.take() for name in ("general", "office")}
        self.config = programs.folder / "antechamber.toml"
        channels = (
            f'[[channel]]\nname = "{name}"\nport = {port}\nseats = {5 if name == "general" else 1}\n'
            for name, port in self.ports.items()
        )
        content = f'irc = {self.irc}\nopen_channels = true\nmotd = "Welcome to the house."\n{"".join(channels)}'
        self.config.write_text(content, encoding="utf-8")
        self.server = self.start()

    def start(self) -> Server:
        data = str(self.programs.folder / "chat.db")
        launcher = str(CHECKOUT / "chatserver.py")
        return self.programs.start_server(launcher, "--data", data, config=self.config, ports=self.ports)


@pytest.fixture
def office(programs: Programs) -> Office:
    return Office(programs)


def comes(start: Start, office: Office, nick: str, channel: str, **more: str) -> Screen:
    """Start a client, wait for the greeting, and ask to enter a channel."""
    screen = start(nick, office.irc, **more)
    screen.shows("Welcome to the house.")
    screen.types(f"/join {channel}")
    return screen


def looks_into(screen: Screen, client: str, channel: str) -> None:
    """Go to the window of a channel that the server has opened: WeeChat does so by itself, irssi marks it as active."""
    if client == "irssi":
        screen.shows("[Act: 2]")
        screen.types(f"/window goto {channel}")


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_joins_and_talks_with_the_terminal(office: Office, terminals: Terminals, client: str) -> None:
    mary = comes(getattr(terminals, client), office, "Mary", "#general")
    mary.shows("has joined #general")
    bob = office.programs.client(office.ports["general"], "Bob")
    bob.reads_up_to(says("Bob has joined the channel."))
    mary.shows("Bob")
    mary.types("hello from IRC")
    bob.reads_up_to("[Mary (<t>)] hello from IRC")
    bob.types("hello from the terminal")
    mary.shows("hello from the terminal")
    mary.types("/me waves")
    bob.reads_up_to("* Mary (<t>) waves")
    mary.types("/topic Grüße")
    mary.shows("operator")
    mary.types("/quit")
    bob.reads_up_to(says("Mary has left the channel."))


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_waits_in_line_and_is_let_in(office: Office, terminals: Terminals, client: str) -> None:
    bob = office.programs.client(office.ports["office"], "Bob")
    bob.reads_up_to(says("Bob has joined the channel."))
    mary = comes(getattr(terminals, client), office, "Mary", "#office")
    mary.shows("0 user(s) ahead of you")
    bob.types("/quit")
    looks_into(mary, client, "#office")
    mary.shows("has joined #office")
    zoe = office.programs.client(office.ports["office"], "Zoe")
    zoe.reads_up_to(says("You are in the waiting queue and there are 0 user(s) ahead of you."))
    mary.types("/part #office")
    zoe.reads_up_to(says("Zoe has joined the channel."))


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_makes_a_channel_and_keeps_order_there(office: Office, terminals: Terminals, client: str) -> None:
    mary = comes(getattr(terminals, client), office, "Mary", "#gardening")
    mary.shows("[+o Mary]")
    bob = comes(terminals.irssi, office, "Bob", "#gardening")
    mary.shows("Bob")
    bob.shows("has joined #gardening")
    mary.types("/topic Roses")
    bob.shows("Roses")
    mary.types("/kick Bob enough of it")
    bob.shows("enough of it")


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_reads_what_was_said_before_it_came(office: Office, terminals: Terminals, client: str) -> None:
    bob = office.programs.client(office.ports["general"], "Bob")
    bob.types("said on an earlier day")
    bob.reads_up_to("[Bob (<t>)] said on an earlier day")
    mary = comes(getattr(terminals, client), office, "Mary", "#general")
    mary.shows("has joined #general")
    mary.types("/quote CHATHISTORY LATEST #general * 10")
    mary.shows("said on an earlier day")


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_comes_back_to_its_seat_after_a_crash_of_the_server(
    office: Office, terminals: Terminals, client: str
) -> None:
    mary = comes(getattr(terminals, client), office, "Mary", "#office", password="secret")
    mary.shows("has joined #office")
    mary.types("before the crash")
    mary.shows("before the crash")
    office.server.drops()
    office.server = office.start()
    bob = office.programs.client(office.ports["office"], "Bob")
    bob.reads_up_to(says("You are in the waiting queue and there are 0 user(s) ahead of you."))
    mary.shows("has joined #office", times=2)
    mary.types("/quit")
    bob.reads_up_to(says("Bob has joined the channel."))
