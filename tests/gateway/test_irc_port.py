"""IRC's port: clients that do not register in time, are silent, or read too slowly, and how each ends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from antechamber.gateway.admission import Admission
from antechamber.gateway.irc_port import PING_SECONDS, SILENCE_SECONDS_MAX, SWEEP_SECONDS, IrcConnection, IrcPort
from antechamber.gateway.ports import listen
from antechamber.gateway.rejection import RejectedConnection
from antechamber.irc.dispatch import Dispatch
from antechamber.irc.network import IrcSettings, Network
from antechamber.protocol.limits import Limits
from antechamber.session.session import GONE
from tests.fakes import House
from tests.gateway.channel_ports import BareTransport, SocketClient, clear, until

ADDRESS = "192.0.2.1"
TIMEOUT = f"Ping timeout: {SILENCE_SECONDS_MAX} seconds"


class IrcHouse(House):
    """A house with an IRC network, and a port whose loop is the test's own."""

    def __init__(
        self, limits: Limits | None = None, loop: asyncio.AbstractEventLoop | None = None, *listeners: socket.socket
    ) -> None:
        super().__init__(limits=limits)
        if loop is not None:
            self.hub._loop = loop
        network = Network(self.hub, self.limits, IrcSettings(), lambda: None)
        self.hub.router.extend(Dispatch(network))
        self.admission = Admission(self.limits, self.hub.budgets)
        self.listener = IrcPort(listeners, self.hub, network.encodings, self.limits, self.admission)


class Client:
    """An IRC client whose transport is the test's own."""

    def __init__(self, house: IrcHouse, transport: BareTransport | None = None) -> None:
        self.house = house
        self.transport = transport or BareTransport()
        connection = house.listener.admit(ADDRESS)
        assert isinstance(connection, IrcConnection | RejectedConnection)
        self.connection = connection
        connection.connection_made(cast(asyncio.BaseTransport, self.transport))

    def sends(self, *lines: str) -> None:
        self.connection.data_received("".join(f"{line}\r\n" for line in lines).encode())
        self.house.run()

    def reads(self) -> list[str]:
        data, self.transport.writes = b"".join(self.transport.writes), []
        return data.decode().splitlines()

    def loses_the_connection(self) -> None:
        self.connection.connection_lost(None)
        self.house.run()


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> IrcHouse:
    return opened(monkeypatch)


def opened(monkeypatch: pytest.MonkeyPatch, limits: Limits | None = None) -> IrcHouse:
    house = IrcHouse(limits)
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: house.loop)
    house.listener.open()
    return house


def registered(house: IrcHouse, nick: str, *more: str) -> Client:
    client = Client(house)
    client.sends(f"NICK {nick}", f"USER {nick} 0 * :{nick} Doe", *more)
    assert any(f" 001 {nick} " in line for line in client.reads())
    return client


# Registering in time


def closing(client: Client) -> str:
    """Return the reason of the ERROR at the end of what a client reads."""
    last = client.reads()[-1]
    assert last.startswith("ERROR :Closing Link: ")
    assert client.transport.closed
    return last.removeprefix("ERROR :Closing Link: ")


@pytest.mark.parametrize(
    "said", [(), ("NICK Mary",), ("CAP LS 302", "NICK Mary", "USER mary 0 * :Mary"), ("PING x", "BLAH")]
)
def test_who_does_not_register_in_time_is_told_so_and_closed(house: IrcHouse, said: tuple[str, ...]) -> None:
    client = Client(house)
    if said:
        client.sends(*said)
    house.loop.advance(house.limits.hello_seconds_max - 1)
    assert not client.transport.closed
    house.loop.advance(1)
    assert closing(client) == "* (You were disconnected: you did not say who you are.)"


def test_who_ends_its_negotiation_in_time_stays(house: IrcHouse) -> None:
    client = Client(house)
    client.sends("CAP LS 302", "NICK Mary", "USER mary 0 * :Mary")
    house.loop.advance(house.limits.hello_seconds_max - 1)
    client.sends("CAP END")
    house.loop.advance(2)
    assert not client.transport.closed


def test_an_address_is_never_shown(house: IrcHouse) -> None:
    mary, bob = registered(house, "Mary", "JOIN #general"), registered(house, "Bob", "JOIN #general")
    mary.sends("WHOIS Bob", "WHO #general", "USERHOST Bob", "USERHOST Mary")
    told = "\n".join(mary.reads() + bob.reads())
    assert ".cloak" in told
    assert ADDRESS not in told


# Silence


def test_one_that_says_nothing_for_long_is_asked_and_one_that_answers_goes_on(house: IrcHouse) -> None:
    mary = registered(house, "Mary")
    for _ in range(3):
        house.loop.advance(PING_SECONDS - SWEEP_SECONDS)
        assert mary.reads() == []
        house.loop.advance(SWEEP_SECONDS)
        assert mary.reads() == ["PING :irc.antechamber"]
        mary.sends("PONG :irc.antechamber")
    assert not mary.transport.closed


def test_one_that_does_not_answer_is_closed_and_the_others_read_why(monkeypatch: pytest.MonkeyPatch) -> None:
    house = opened(monkeypatch, Limits(idle_seconds_max=float("inf")))
    mary, bob = registered(house, "Mary", "JOIN #general"), registered(house, "Bob", "JOIN #general")
    mary.reads()
    for _ in range(SILENCE_SECONDS_MAX // SWEEP_SECONDS - 1):
        house.loop.advance(SWEEP_SECONDS)
        mary.sends("PONG x")
    mary.reads()
    assert bob.reads()[-1] == "PING :irc.antechamber"
    assert not bob.transport.closed
    house.loop.advance(SWEEP_SECONDS)
    assert closing(bob) == f"Bob ({TIMEOUT})"
    (left,) = mary.reads()
    assert left.startswith(":Bob!~u@")
    assert left.endswith(f" QUIT :{TIMEOUT}")
    bob.loses_the_connection()
    mary.sends("PRIVMSG #general :bye")
    assert bob.reads() == []


def test_no_timer_stays_with_a_connection(house: IrcHouse) -> None:
    registered(house, "Mary")
    house.loop.run()
    timers = len(house.loop.pending())
    for number in range(50):
        registered(house, f"Bob{number}")
    house.loop.run()
    assert len(house.loop.pending()) == timers


def test_the_connections_are_looked_after_once_the_door_is_closed_and_no_longer_than_that(house: IrcHouse) -> None:
    mary = registered(house, "Mary")
    house.listener.close()
    house.loop.advance(PING_SECONDS)
    assert mary.reads() == ["PING :irc.antechamber"]
    house.loop.advance(SILENCE_SECONDS_MAX - PING_SECONDS)
    assert closing(mary) == f"Mary ({TIMEOUT})"
    mary.loses_the_connection()
    house.loop.advance(SWEEP_SECONDS)
    assert house.loop.pending() == []


def test_a_door_that_is_aborted_looks_after_nobody(house: IrcHouse) -> None:
    mary = registered(house, "Mary")
    house.listener.abort()
    assert mary.transport.aborted
    house.loop.advance(SILENCE_SECONDS_MAX)
    assert mary.reads() == []


# Ends


def test_who_reads_too_slowly_is_closed_and_written_to_no_more(house: IrcHouse) -> None:
    mary, bob = registered(house, "Mary", "JOIN #general"), registered(house, "Bob", "JOIN #general")
    mary.reads()
    connection = bob.connection
    assert isinstance(connection, IrcConnection)
    connection.pause_writing()
    assert closing(bob) == "Bob (You were disconnected: you read too slowly.)"
    mary.sends("PRIVMSG #general :hello")
    assert bob.reads() == []
    assert [line.split(" ", 1)[1] for line in mary.reads()] == ["QUIT :Connection lost"]


def test_what_is_said_after_a_connection_was_lost_is_not_written_to_it(house: IrcHouse) -> None:
    mary, bob = registered(house, "Mary", "JOIN #general,#games"), registered(house, "Bob", "JOIN #general,#games")
    session = bob.connection._session  # type: ignore[union-attr]
    assert session is not None
    assert session.memberships
    members = list(session.memberships.values())
    bob.connection.connection_lost(None)
    assert {member.transport for member in (session, *members)} == {GONE}
    bob.reads()
    mary.sends("PRIVMSG #general :hello")
    assert bob.reads() == []


def test_a_door_that_closes_lets_those_stay_who_have_a_nick(house: IrcHouse) -> None:
    mary, silent, halfway = registered(house, "Mary"), Client(house), Client(house)
    halfway.sends("CAP LS")
    house.listener.close()
    assert closing(halfway) == "* (This port is closed.)"
    assert (silent.reads(), silent.transport.closed) == ([], True)
    mary.sends("PING x")
    assert mary.reads() == [":irc.antechamber PONG irc.antechamber :x"]


def test_at_the_end_of_the_server_everybody_reads_why(house: IrcHouse) -> None:
    mary, halfway, silent = registered(house, "Mary", "JOIN #general"), Client(house), Client(house)
    bob = registered(house, "Bob", "JOIN #general", "QUIT :bye")
    halfway.sends("NICK Zoe")
    house.hub.close()
    house.listener.end()
    assert closing(mary) == "Mary (The server shuts down.)"
    assert closing(halfway) == "* (The server shuts down.)"
    assert silent.reads() == bob.reads() == []


# Bounds and rate limits


def test_who_is_turned_away_reads_why(monkeypatch: pytest.MonkeyPatch) -> None:
    house = opened(monkeypatch, Limits(sessions_per_address_max=1))
    registered(house, "Mary")
    bob = Client(house)
    bob.sends("NICK Bob")
    assert closing(bob) == "* (Your address has 1 connections, which is the limit. Close one of them first.)"


PACED = Limits(commands_per_second_max=2, commands_burst_max=6)


def test_a_burst_passes_whole_and_each_text_past_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    house = opened(monkeypatch, PACED)
    mary, bob = registered(house, "Mary", "JOIN #general"), registered(house, "Bob", "JOIN #general")
    house.clock.time += 10
    bob.reads()
    mary.reads()
    mary.sends(*(f"PRIVMSG #general :{number}" for number in range(8)))
    assert [line.rpartition(":")[2] for line in bob.reads()] == [str(number) for number in range(6)]
    told = mary.reads()
    assert len(told) == 2
    assert all("You are sending too fast, so this was not done: at most 2 a second are taken." in line for line in told)
    assert mary.transport.paused
    house.loop.advance(1)
    assert not mary.transport.paused
    mary.sends("PRIVMSG #general :again", "PRIVMSG #general :and again", "PRIVMSG #general :too fast")
    assert [line.rpartition(":")[2] for line in bob.reads()] == ["again", "and again"]


def test_one_that_sends_too_fast_may_still_quit(monkeypatch: pytest.MonkeyPatch) -> None:
    house = opened(monkeypatch, PACED)
    mary = registered(house, "Mary")
    house.clock.time += 10
    mary.sends(*(f"PING {number}" for number in range(8)), "QUIT :bye", "QUIT :bye")
    assert closing(mary) == "Mary (Quit: bye)"


# Real sockets


class Stage:
    """An IRC listener at a real port."""

    def __init__(self, house: IrcHouse, port: int) -> None:
        self.house = house
        self.port = port
        self.clients: list[SocketClient] = []

    async def connects(self, sending: bytes = b"") -> SocketClient:
        client = SocketClient(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        client.sends(sending)
        return client


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    listeners = listen("127.0.0.1", 0)
    house = IrcHouse(None, asyncio.get_running_loop(), *listeners)
    house.listener.open()
    stage = Stage(house, listeners[0].getsockname()[1])
    try:
        yield stage
    finally:
        await clear(house.listener, house.hub, stage.clients)


async def test_a_client_registers_talks_and_quits_over_a_socket() -> None:
    async with stage() as set_up:
        mary = await set_up.connects(b"NICK Mary\r\nUSER mary 0 * :Mary\r\nJOIN #general\r\n")
        await mary.reads_up_to(b" 366 Mary #general :End of NAMES list\r\n")
        bob = await set_up.connects()
        for byte in b"NICK Bob\nUSER bob 0 * :Bob\nJOIN #general\n":  # chunks may end anywhere
            bob.sends(bytes([byte]))
            await bob.writer.drain()
        await bob.reads_up_to(b" 366 Bob #general :End of NAMES list\r\n")
        assert (await mary.reads_up_to(b"\r\n")).endswith(b" JOIN #general\r\n")
        bob.sends(b"PRIVMSG #general :hello\r\nQUIT :bye\r\n")
        assert (await mary.reads_up_to(b"\r\n")).endswith(b" PRIVMSG #general :hello\r\n")
        assert (await mary.reads_up_to(b"\r\n")).endswith(b" QUIT :Quit: bye\r\n")
        assert await bob.reads_the_rest() == b"ERROR :Closing Link: Bob (Quit: bye)\r\n"
        await until(lambda: set_up.house.admission.sessions == 1)


async def test_a_connection_that_ends_frees_its_seat_and_is_counted_no_more() -> None:
    async with stage() as set_up:
        mary = await set_up.connects(b"NICK Mary\r\nUSER mary 0 * :Mary\r\nJOIN #general\r\n")
        await mary.reads_up_to(b" 366 ")
        assert set_up.house.hub.channels()[0].seated == 1
        await mary.close()
        await until(lambda: set_up.house.hub.channels()[0].seated == set_up.house.admission.sessions == 0)


# The cost of a command


EIGHT = Limits(commands_per_second_max=1, commands_burst_max=8)


@pytest.mark.parametrize(
    "line",
    [
        "PRIVMSG #a,#b,#c,#d :x",
        "NOTICE #a,#b,#c,Mary :x",
        "PART #a,#b,#c,#d",
        "JOIN #a,#b,#c,#d",
        "NAMES #a,#b,#c,#d",
        "KICK #a w,x,y,z",
        "MONITOR + a,b,c,d",
        "MODE #general +mnti",
    ],
)
def test_a_command_costs_as_many_as_it_has_targets(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    house = opened(monkeypatch, EIGHT)
    mary = registered(house, "Mary")
    mary.sends(line)
    mary.reads()
    mary.sends("PING 1", "PING 2", "PING 3")
    told = [each.split()[1] for each in mary.reads()]
    assert told == ["PONG", "PONG", "FAIL"]  # the burst is eight: NICK, USER, the line's four, and two


def test_one_whose_targets_are_too_many_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    house = opened(monkeypatch, EIGHT)
    mary = registered(house, "Mary", "JOIN #general,#games,#help")
    mary.sends("PART #general,#games,#help,#x", "PING 1")
    lines = mary.reads()
    assert [line.split()[1] for line in lines] == ["FAIL", "PONG"]
    assert house.rooms["general"].channel.seated.keys() == {"Mary"}


def test_a_fast_address_is_refused_over_all_its_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    house = opened(monkeypatch, Limits(address_commands_per_second_max=1, address_commands_burst_max=6))
    mary, bob = registered(house, "Mary"), registered(house, "Bob")
    mary.sends("PING 1", "PING 2")
    assert [line.split()[1] for line in mary.reads()] == ["PONG", "PONG"]
    bob.sends("PING 3")
    (line,) = bob.reads()
    assert " FAIL * TOO_FAST :Your address is sending too fast" in line
