"""SIGHUP: a running server takes up its changed config, whole or not at all."""

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.processes.failed_starts import nobody_listens
from tests.processes.programs import CHECKOUT, Programs, Server
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")


class Running:
    """A server with a config in TOML that can be written anew."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs
        self.path: Path = programs.folder / "antechamber.toml"
        self.ports = {name: programs.ports.take() for name in ("general", "games", "help")}
        self.write({"general": 1, "games": 1})
        self.server: Server = programs.start_server(
            SERVER, "--data", ":memory:", "--host", "127.0.0.1", config=self.path, ports=self.ports
        )

    def write(self, seats: Mapping[str, int], more: str = "") -> None:
        channels = (
            f'[[channel]]\nname = "{name}"\nport = {self.ports[name]}\nseats = {n}\n' for name, n in seats.items()
        )
        self.path.write_text("".join(channels) + more, encoding="utf-8")

    def reloads(self, seats: Mapping[str, int], told: str, more: str = "") -> None:
        self.write(seats, more)
        self.server.signal(signal.SIGHUP)
        self.server.tells(told)


@pytest.fixture
def running(programs: Programs) -> Running:
    return Running(programs)


def test_raised_seats_admit_from_the_line_at_once(programs: Programs, running: Running) -> None:
    mary = programs.client(running.ports["general"], "Mary", "--host", "127.0.0.1")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    bob = programs.client(running.ports["general"], "Bob", "--host", "127.0.0.1")
    bob.reads(
        says("Welcome to the general channel, Bob."),
        says("You are in the waiting queue and there are 0 user(s) ahead of you."),
    )
    running.reloads({"general": 2, "games": 1}, "general has 2 seats, not 1")
    mary.reads(says("Bob has joined the channel."))
    bob.reads(says("Bob has joined the channel."))
    running.reloads({"general": 1, "games": 1}, "general has 1 seat, not 2")
    bob.types("still here")
    for reader in (mary, bob):
        reader.reads("[Bob (<t>)] still here")


def test_channels_open_and_close(programs: Programs, running: Running) -> None:
    mary = programs.client(running.ports["games"], "Mary", "--host", "127.0.0.1")
    mary.reads(says("Welcome to the games channel, Mary."), says("Mary has joined the channel."))
    running.reloads({"general": 1, "help": 3}, f"help opened on port {running.ports['help']}, 3 seats; games closed")
    mary.reads(says("The operator closed the channel."))
    mary.exits(0)
    assert nobody_listens(running.ports["games"])
    bob = programs.client(running.ports["help"], "Bob", "--host", "127.0.0.1")
    bob.reads(says("Welcome to the help channel, Bob."), says("Bob has joined the channel."))
    bob.types("/list")
    bob.reads("[Channel] general 0/1/0.", "[Channel] help 1/3/0.")


def test_channels_change_their_ports(programs: Programs, running: Running) -> None:
    ports = running.ports
    ports["general"], ports["games"] = ports["games"], ports["general"]
    running.reloads({"general": 1, "games": 1}, f"general is on port {ports['general']}, not {ports['games']}")
    mary = programs.client(ports["general"], "Mary", "--host", "127.0.0.1")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))


def test_a_bad_file_changes_nothing_and_says_why(programs: Programs, running: Running) -> None:
    running.reloads({"general": 0, "games": 1}, "not reloaded, so nothing has changed")
    assert "seats" in running.server.tells(str(running.path))
    running.path.unlink()
    running.server.signal(signal.SIGHUP)
    running.server.tells("there is no such file")
    running.reloads({"general": 7, "games": 1}, "general has 7 seats, not 1")


def test_a_port_that_is_taken_changes_nothing(programs: Programs, running: Running) -> None:
    running.ports["help"] = running.server.front_desk_port
    running.reloads({"general": 5, "games": 1, "help": 1}, "not reloaded")
    mary = programs.client(running.ports["general"], "Mary", "--host", "127.0.0.1")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    mary.types("/list")
    mary.reads("[Channel] general 1/1/0.", "[Channel] games 0/1/0.")


def test_what_waits_for_the_next_start_is_told(running: Running) -> None:
    running.write({"general": 1, "games": 1})
    running.path.write_text('log_level = "debug"\n' + running.path.read_text(encoding="utf-8"), encoding="utf-8")
    running.server.signal(signal.SIGHUP)
    running.server.tells("log_level will change at the next start")


def test_other_limits_of_the_server_are_no_settings_of_a_channel(running: Running) -> None:
    seats = {"general": 1, "games": 1}
    running.reloads(seats, ": the limits have changed", "[limits]\nsessions_max = 7\n")
    running.reloads(
        seats,
        "the settings of general have changed; the settings of games have changed; ",
        "[limits]\nwaiting_max = 7\n",
    )


def test_what_has_changed_is_told_in_the_configs_order(running: Running) -> None:
    running.reloads({"help": 1}, ": help opened on port", "")
    line = running.server.tells("help opened on port")
    assert line.endswith(f"help opened on port {running.ports['help']}, 1 seat; general closed; games closed")


def test_a_configfile_is_reloaded_too(programs: Programs) -> None:
    config, ports = programs.config()
    server = programs.start_server(SERVER, "--data", ":memory:", "--afk", "50", config=config, ports=ports)
    config.write_text(config.read_text(encoding="utf-8").replace(" 5\n", " 6\n", 1), encoding="utf-8")
    server.signal(signal.SIGHUP)
    assert server.tells("reloaded").endswith(": general has 6 seats, not 5")
