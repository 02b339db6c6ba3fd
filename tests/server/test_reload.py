"""Reloading a changed config, with a hub of the test's own: what is told, and what stays open."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from antechamber.config import Address, ChannelSettings, Settings
from antechamber.gateway.admission import Admission
from antechamber.gateway.http.front_desk import FrontDesk
from antechamber.gateway.ports import listen
from antechamber.hub.hub import Hub
from antechamber.log import LogError
from antechamber.log.memory import MemoryLog
from antechamber.protocol.limits import CurrentLimits, Limits, Retention
from antechamber.rooms.transfers import Transfers
from antechamber.server import reload as reloading
from antechamber.server.reload import Listeners, Reload, room_of
from antechamber.session.budgets import Budgets
from tests.fakes import FakeClock

ITS_OWN = Address("", 6667)
UNCHANGED = "antechamber: not reloaded, so nothing has changed: "


def settings(*names: str, limits: Limits | None = None) -> Settings:
    limits = limits or Limits()
    channels = tuple(ChannelSettings(name, 9_001 + n, 5, f"line {n}", limits) for n, name in enumerate(names))
    return Settings("config", channels, "127.0.0.1", 9_000, None, "off", limits)


class Running:
    """A server's reload of `settings`; `told` are its lines so far."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[socket.socket] = []
        self.told: list[str] = []
        self.settings = settings("general")
        monkeypatch.setattr(reloading, "listen", self._listen)
        limits = self.settings.limits
        rooms = map(room_of, self.settings.channels)
        loop = asyncio.get_running_loop()
        transfers = Transfers(lambda: "", Budgets(CurrentLimits(limits), FakeClock()))
        self.hub = Hub(rooms, MemoryLog(), transfers, FakeClock(), loop)
        self.hub.open()
        self.admission = Admission(limits, self.hub.budgets)
        self.doors = Listeners(self.hub, self.admission, 30, lambda: None)
        self.doors.open(self.settings.channels[0], self._listen())
        self.desk = FrontDesk(self.hub, [], limits, self.admission)
        self.ws_listener = self.desk.ws_listener
        self.reload = Reload(
            self.settings, lambda: self.settings, self.hub, self.doors, self.desk, self.admission, self.told.append
        )

    def _listen(self, *_: object) -> list[socket.socket]:
        sockets = listen("127.0.0.1", 0)
        self.opened += sockets
        return sockets

    def takes_up(self, new: Settings) -> str:
        """Reload, and return the line about it, "" if there is none."""
        self.settings = new
        self.told.clear()
        self.reload()
        return " ".join(self.told)

    def listening(self) -> int:
        return sum(listener.fileno() >= 0 for listener in self.opened)

    def close(self) -> None:
        for door in self.doors.all():
            door.close()
        self.hub.close()


@pytest.fixture
async def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    return Running(monkeypatch)


async def test_a_hub_that_stops_is_not_reloaded(running: Running) -> None:
    running.hub.close()
    assert running.takes_up(settings("general", "games")) == ""
    assert len(running.opened) == 1
    running.close()


def raiser(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "told", "logged"),
    [(LogError("the disk is full"), "the disk is full", 0), (KeyError("x"), "a fault in the server", 1)],
)
async def test_whatever_goes_wrong_leaves_no_port_open(
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    told: str,
    logged: int,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(running.hub, "reload", raiser(error))
        assert running.takes_up(settings("general", "games")) == UNCHANGED + told
    assert (len(running.opened), running.listening()) == (2, 1)
    assert len(caplog.records) == logged
    assert running.takes_up(settings("general", "games")).endswith("games opened on port 9002, 5 seats")
    running.close()


async def test_a_fault_while_ports_open_leaves_none_open(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    opens = running._listen
    with monkeypatch.context() as patch:
        calls = iter((opens, raiser(KeyError("x"))))
        patch.setattr(reloading, "listen", lambda *_: next(calls)())
        assert running.takes_up(settings("general", "games", "help")) == UNCHANGED + "a fault in the server"
    assert (len(running.opened), running.listening()) == (2, 1)
    running.close()


async def test_the_connections_that_fit_are_counted_anew_with_the_ports(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("antechamber.gateway.file_descriptors.descriptors_max", lambda: 300)
    running.takes_up(settings("general", "games"))
    two = running.admission._sessions_fit
    running.takes_up(settings("general", "games", "help", "lobby"))
    assert running.admission._sessions_fit == two - 2
    running.takes_up(settings("general"))
    assert running.admission._sessions_fit == two + 1
    running.close()


async def test_new_ports_that_leave_too_few_open_files_are_refused(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of 64 open files, 30 are others, 16 for connections, 12 for the front desk and rejections; 8 must be left.
    monkeypatch.setattr("antechamber.gateway.file_descriptors.descriptors_max", lambda: 64)
    running.doors.other_files = 26
    assert "games opened" in running.takes_up(settings("general", "games"))
    too_few = "the system allows too few open files for more ports (raise ulimit -n)"
    assert running.takes_up(settings("general", "games", "help")) == UNCHANGED + too_few
    assert (len(running.opened), running.listening()) == (3, 2)
    moved = settings("general", "games")
    moved = moved._replace(channels=(moved.channels[0], moved.channels[1]._replace(port=9_010)))
    assert "games is on port 9010" in running.takes_up(moved)
    running.close()


async def test_those_who_come_in_by_a_page_have_the_new_limits_too(running: Running) -> None:
    running.takes_up(settings("general", limits=Limits(hello_seconds_max=7.0)))
    assert running.ws_listener.limits.hello_seconds_max == 7.0
    running.close()


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(sessions_max=7), "the limits have changed"),
        (Limits(waiting_max=7), "the settings of general have changed; the limits have changed"),
        (Limits(console_bytes_max=65_536), "console_bytes_max will change at the next start"),
        (
            Limits(console_bytes_max=65_536, sessions_max=7),
            "the limits have changed; console_bytes_max will change at the next start",
        ),
    ],
)
async def test_other_limits_are_told_as_far_as_they_hold(running: Running, limits: Limits, told: str) -> None:
    for _ in range(2):
        assert running.takes_up(settings("general", limits=limits)) == f"antechamber: reloaded config: {told}"
        told = "console_bytes_max will change at the next start" if "console" in told else "nothing has changed"
    running.close()


@pytest.mark.parametrize("change", [{"topic": "Chess"}, {"retention": Retention(1.0, 0)}])
async def test_what_is_a_channels_own_is_told(running: Running, change: dict[str, object]) -> None:
    new = settings("general")
    new = new._replace(channels=(new.channels[0]._replace(**change),))  # type: ignore[arg-type]
    assert running.takes_up(new) == "antechamber: reloaded config: the settings of general have changed"
    running.close()


async def test_another_operator_token_holds_from_now_on_and_is_not_told(running: Running) -> None:
    hub, other = running.hub, "another-operator-token"
    told = running.takes_up(running.settings._replace(operator_token=other))
    assert told.endswith(": the operator token has changed for new connections")
    assert other not in told
    assert hub.tokens.operates(other)
    assert running.takes_up(running.settings).endswith(": nothing has changed")
    running.takes_up(settings("general"))
    assert not hub.tokens.operates(other)
    running.close()


async def test_a_reload_that_fails_leaves_the_operator_token(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LogError("the disk is full.")

    running.takes_up(running.settings._replace(operator_token="the-first-of-the-tokens"))
    with monkeypatch.context() as patch:
        patch.setattr(running.hub, "reload", fail)
        told = running.takes_up(settings("general", "games")._replace(operator_token="the-second-of-the-tokens"))
    assert told.startswith(UNCHANGED)
    assert running.hub.tokens.operates("the-first-of-the-tokens")
    running.close()


async def test_a_door_holds_for_those_who_come_by_it_what_its_channel_says(running: Running) -> None:
    assert running.doors.of_port[9_001].may_hold
    new = settings("general", "games")
    new = new._replace(channels=tuple(channel._replace(ports_hold=False) for channel in new.channels))
    running.takes_up(new)
    assert [running.doors.of_port[port].may_hold for port in (9_001, 9_002)] == [False, False]
    running.close()


# Host names


async def test_the_front_desk_goes_by_other_names_at_once(running: Running) -> None:
    new = settings("general")._replace(allow_hosts=("chat.example",))
    told = running.takes_up(new)
    assert told.endswith(": the front desk answers to chat.example beside the machine's own")
    assert running.desk._names == ("127.0.0.1", "chat.example")
    told = running.takes_up(settings("general"))
    assert told.endswith(": the front desk answers to no host name beside the machine's own")
    running.close()


# IRC


def with_irc(irc: Address | None = ITS_OWN, *, open_channels: bool = False, motd: str = "") -> Settings:
    return settings("general")._replace(irc=irc, open_channels=open_channels, motd=motd)


async def test_ircs_door_opens_moves_and_closes(running: Running) -> None:
    assert running.takes_up(with_irc()).endswith(": IRC is on port 6667")
    assert (running.listening(), running.doors.sockets[6667]) == (2, 1)
    assert running.doors.irc is not None
    (first,) = running.doors.irc.all()
    assert running.takes_up(with_irc()).endswith(": nothing has changed")
    assert running.doors.irc.all() == [first]
    assert running.takes_up(with_irc(Address("", 6697))).endswith(": IRC is on port 6697, not 6667")
    assert (running.listening(), set(running.doors.sockets)) == (2, {9_001, 6697})
    assert first.closed
    assert running.takes_up(with_irc(None)).endswith(": IRC closed")
    assert (running.listening(), set(running.doors.sockets)) == (1, {9_001})
    assert running.takes_up(with_irc()).endswith(": IRC is on port 6667")
    assert running.listening() == 2
    running.close()
    assert running.listening() == 0


async def test_the_same_port_of_another_host_is_left_to_the_next_start(running: Running) -> None:
    running.takes_up(with_irc())
    told = running.takes_up(with_irc(Address("0.0.0.0", 6667)))
    assert told.endswith(": irc's host will change at the next start")
    assert len(running.opened) == 2
    told = running.takes_up(with_irc(Address("0.0.0.0", 6697)))
    assert told.endswith(": IRC is on port 6697, not 6667")
    running.close()


async def test_what_the_config_says_of_irc_holds_from_now_on(running: Running) -> None:
    assert running.takes_up(with_irc(None, motd="Unread")).endswith(": nothing has changed")
    running.takes_up(with_irc())
    assert running.takes_up(with_irc(open_channels=True)).endswith(": the settings of IRC have changed")
    assert running.takes_up(with_irc(open_channels=True, motd="Hello")).endswith(": the settings of IRC have changed")
    assert running.doors.irc is not None
    network = running.doors.irc.network
    assert network is not None
    assert (network.settings.open_channels, network.settings.motd) == (True, "Hello")
    limits = Limits(hello_seconds_max=7.0)
    running.takes_up(settings("general", limits=limits)._replace(irc=ITS_OWN, open_channels=True, motd="Hello"))
    assert network.limits == limits
    assert [door.limits for door in running.doors.irc.all()] == [limits]
    running.close()


async def test_a_reload_that_fails_opens_no_port_for_irc(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(running.hub, "reload", raiser(LogError("the disk is full")))
        assert running.takes_up(with_irc()).startswith(UNCHANGED)
    assert (len(running.opened), running.listening()) == (2, 1)
    assert running.doors.irc is None
    running.close()


async def test_an_operator_on_irc_has_the_config_read_again(running: Running) -> None:
    asked: list[bool] = []
    running.doors._rehash = lambda: asked.append(True)
    running.takes_up(with_irc())
    assert running.doors.irc is not None
    assert running.doors.irc.network is not None
    running.doors.irc.network.rehash()
    assert asked == [True]
    running.close()
