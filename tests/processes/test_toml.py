"""Starting from a config in TOML: what it says is so, and what breaks a rule gets the one line."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes.failed_starts import nobody_listens, the_one_line
from tests.processes.irc import IrcUser
from tests.processes.programs import CHECKOUT, Programs, Server
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")
CHANNEL = '[[channel]]\nname = "{}"\nport = {}\nseats = {}\n'


def write(programs: Programs, content: str) -> Path:
    config = programs.folder / "my antechamber.toml"
    config.write_text(content, encoding="utf-8")
    return config


@pytest.fixture
def office(programs: Programs) -> Iterator[Server]:
    """Start the server of an office hour, with no option: one seat, one place to wait, all of it from the file."""
    desk, port = programs.ports.take(), programs.ports.take()
    top = f'host = "127.0.0.1"\nport = {desk}\ndata = "office.db"\n[limits]\nidle_seconds_max = 0\n'
    config = write(programs, top + CHANNEL.format("office-hour", port, 1) + "waiting_max = 1\n")
    with closing(Server("the office", [SERVER, str(config)], programs.folder, programs.environment(), None)) as server:
        server.ports, server.front_desk_port = {"office-hour": port}, desk
        server.wait_until_it_listens()
        yield server


def test_a_server_does_what_its_config_says(programs: Programs, office: Server) -> None:
    mary = programs.caller(office.ports["office-hour"], "Mary")
    mary.types("Mary")
    mary.reads(says("Welcome to the office-hour channel, Mary."), says("Mary has joined the channel."))
    tom = programs.client("office-hour", "Tom", "--host", "127.0.0.1", "--front-desk", str(office.front_desk_port))
    tom.reads(
        says("Welcome to the office-hour channel, Tom."),
        says("You are in the waiting queue and there are 0 user(s) ahead of you."),
    )
    mary.types("/list", "/quit")
    mary.reads("[Channel] office-hour 1/1/1.")
    mary.ends()
    tom.reads(says("Tom has joined the channel."))
    tom.types("/quit")
    tom.exits(0)
    assert (programs.folder / "office.db").is_file()


def test_an_option_comes_before_what_the_config_says(programs: Programs) -> None:
    port = programs.ports.take()
    config = write(programs, f'host = "203.0.113.1"\nport = {port}\ndata = "never.db"\n{CHANNEL.format("a", port, 5)}')
    server = programs.start_server(
        SERVER, "--host", "localhost", "--data", ":memory:", config=config, ports={"a": port}
    )
    assert server.front_desk_port != port
    mary = programs.client(port, "Mary")
    mary.reads(says("Welcome to the a channel, Mary."), says("Mary has joined the channel."))
    assert not (programs.folder / "never.db").exists()


def test_the_sample_can_be_served(programs: Programs) -> None:
    ports = {name: programs.ports.take() for name in ("general", "games", "help")}
    sample = (CHECKOUT / "antechamber.toml").read_text(encoding="utf-8")
    for number, port in enumerate(ports.values(), 9001):
        sample = sample.replace(f"port = {number}\n", f"port = {port}\n")
    server = programs.start_server("-m", "antechamber", "serve", config=write(programs, sample), ports=ports)
    mary = programs.client("games", "Mary", "--front-desk", str(server.front_desk_port))
    mary.reads(says("Welcome to the games channel, Mary."), says("Mary has joined the channel."))


def test_the_sample_is_shown_by_check_config(programs: Programs) -> None:
    checked = programs.antechamber("check-config", str(CHECKOUT / "antechamber.toml"))
    more = "5 seats, at most 1000 waiting, AFK after 100 s, seat held 60 s, place held 300 s"
    assert checked.status == 0
    assert checked.stdout.splitlines() == [
        f"channel general on port 9001, {more}",
        f"channel games on port 9002, {more}",
        f"channel help on port 9003, {more}",
        "front desk on port 9876 of localhost",
        f"what is said is kept in {programs.folder / 'state' / 'antechamber' / 'antechamber.db'}",
        "the operator token is the log's own (antechamber operator-link prints it)",
        "ok",
    ]


@pytest.mark.parametrize(
    ("content", "where", "rule"),
    [
        ("", ":", "at least 1 channel"),
        (CHANNEL.format("a", "{a}", 0), ': channel 1 ("a"): ', "seats is 0, not a whole number"),
        (CHANNEL.format("a", "{a}", 1) + CHANNEL.format("a", "{b}", 1), ': channel 2 ("a"): ', "is channel 1's"),
        (CHANNEL.format("a", "{desk}", 1), ': channel 1 ("a"): ', "is the front desk's"),
        (CHANNEL.format("a", "{a}", 1) + "seat = 1\n", ': channel 1 ("a"): ', "did you mean seats?"),
        (CHANNEL.format("a", "{a}", 1) + "seats = 1\n", ":5: ", "this is no TOML: Cannot overwrite a value"),
        ("port = 80\n\udcff\n", ":2: ", "no UTF-8"),
        ("[limits]\nidle_seconds_max = 'x\\u001b'\n", ": limits: ", "not a number from"),
        ("x = " + "[" * 50_000, ": ", "nested too deeply"),
        (f"port = {'9' * 5_000}", ": ", "thousands of digits"),
        ("#" * ((1 << 20) + 1), ": ", "is larger than"),
    ],
    ids=lambda value: ascii(value[:60]),
)
def test_what_breaks_a_rule_is_named_with_file_place_and_rule(
    programs: Programs, content: str, where: str, rule: str
) -> None:
    ports = {name: programs.ports.take() for name in ("a", "b", "desk")}
    for name, port in ports.items():
        content = content.replace(f"{{{name}}}", str(port))
    config = programs.folder / "my antechamber.toml"
    config.write_bytes(content.encode(errors="surrogateescape"))
    line = the_one_line(programs.run(SERVER, str(config), "--port", str(ports["desk"]), "--data", ":memory:"))
    assert line.startswith(f"{config}{where}")
    assert rule in line
    assert line.isprintable()
    assert nobody_listens(*ports.values())


def test_a_port_that_is_taken_is_named_with_its_channel(programs: Programs) -> None:
    port, desk = programs.ports.take(), programs.ports.take()
    config = write(programs, CHANNEL.format("a", port, 5))
    with closing(socket.create_server(("127.0.0.1", port))):
        line = the_one_line(programs.run(SERVER, str(config), "--port", str(desk), "--data", ":memory:"))
    assert line.startswith(f'antechamber: {config}: channel 1 ("a"): ')
    assert f"port {port} is taken" in line
    assert nobody_listens(desk)


def test_nothing_stays_of_an_open_channel_that_has_ended_or_whose_server_was_killed(programs: Programs) -> None:
    general, irc, desk = (programs.ports.take() for _ in range(3))
    head = f'host = "127.0.0.1"\nirc = {irc}\nopen_channels = true\ndata = "open.db"\n'
    config = write(programs, head + CHANNEL.format("general", general, 5))
    ports = {"general": general}
    server = programs.start_server(SERVER, config=config, ports=ports, front_desk_port=desk)
    mary = IrcUser(programs, irc, "Mary")
    for channel in ("#general", "#chess", "#go"):
        mary.joins(channel)
    mary.sends("PRIVMSG #general :here", "PRIVMSG #chess :zugzwang", "PRIVMSG #go :atari", "PART #chess", "PING x")
    mary.reads_up_to(":irc.antechamber PONG irc.antechamber :x")

    def past(channel: str) -> tuple[int, str]:
        ended = programs.run(str(CHECKOUT / "antechamber"), "history", channel, "--data", "open.db")
        return ended.status, ended.stdout + ended.stderr

    assert past("general")[0] == past("go")[0] == 0
    assert past("chess") == (1, "antechamber history: The log has no channel 'chess'. It has general, go.\n")
    server.drops()
    programs.start_server(SERVER, config=config, ports=ports, front_desk_port=desk)
    assert past("general")[0] == 0
    assert past("go") == (1, "antechamber history: The log has no channel 'go'. It has general.\n")
    bob = IrcUser(programs, irc, "Bob")
    assert any(" MODE #go +o Bob" in line or "@Bob" in line for line in bob.joins("#go"))
