"""The composition root, which builds log, hub and gateways from the settings; signals, and the shutdown."""

import gc
import os
import resource
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from antechamber.config import WHOSE_IRC, Settings, whose_port
from antechamber.config.load import exposed_token
from antechamber.gateway.ports import ListenError, close, listen

if TYPE_CHECKING:
    import asyncio

    from antechamber.gateway.http.front_desk import FrontDesk
    from antechamber.hub.hub import Hub
    from antechamber.log import Log
    from antechamber.runtime.diagnostics import StandardError
    from antechamber.server.console import Console
    from antechamber.server.reload import Listeners

_DRAIN_SECONDS_MAX = 1.0
"""How long a shutdown waits for outboxes to be sent."""
_TELL_SECONDS_MAX = 0.5
"""How long it finally waits until standard error is written."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _Signals:
    """The signals that the server handles, until the process ends.

    The event loop's own handlers end with the loop, so a second signal could kill the process before the log is closed.
    """

    def __init__(self) -> None:
        self.end_asked_at = float("inf")
        """When the first signal to end the server came, by the monotonic clock."""
        self._early: list[int] = []
        self._deliver: Callable[[int], object] | None = None
        for number in _SIGNALS:
            signal.signal(number, self._take)

    def _take(self, number: int, _: object) -> None:
        if number != signal.SIGHUP:
            self.end_asked_at = min(self.end_asked_at, time.monotonic())
        if self._deliver is None:
            self._early.append(number)
        else:
            self._deliver(number)

    def deliver_to(self, deliver: Callable[[int], object]) -> None:
        """Call `deliver` with each signal, and with those that came earlier. It must be safe at any moment."""
        self._deliver = deliver
        for number in self._early:
            deliver(number)

    def ignore(self) -> None:
        """Ignore all signals."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def serve(settings: Settings, read_again: Callable[[], Settings], join: str) -> int:
    """Run a server until it is told to stop, and return its exit status.

    The ports open before the slow imports, so early connections wait instead of failing. A reload calls `read_again`,
    which returns the current settings or raises ConfigError. `join` is the command to join from a terminal.
    """
    signals = _Signals()
    _keep_standard_descriptors()
    try:
        ports = _listen(settings)
    except ListenError as error:
        return _fail(error)
    import uvloop

    from antechamber.log import LogError
    from antechamber.runtime import diagnostics

    errors = diagnostics.StandardError()
    diagnostics.start(settings.log_level, errors)
    _allow_many_connections()
    try:
        with closing(_open_log(settings, errors.tell)) as log:
            if exposed := exposed_token(settings):
                errors.tell(f"antechamber: {exposed}")
            return uvloop.run(_serve(settings, read_again, join, signals, errors, log, ports))
    except LogError as error:
        return _fail(error)
    finally:
        errors.close(_TELL_SECONDS_MAX)


def _fail(error: Exception) -> int:
    print(f"antechamber: {error}", file=sys.stderr)
    return 1


def _keep_standard_descriptors() -> None:
    """Open the null device for each closed standard descriptor, so that no socket or log gets its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _allow_many_connections() -> None:
    """Raise the limit of open files to the hard limit, if the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class _Ports(NamedTuple):
    """The listening sockets: of each channel by its name, of IRC, if it is configured, and of the front desk."""

    channels: dict[str, list[socket.socket]]
    irc: list[socket.socket]
    front_desk: list[socket.socket]

    @property
    def chat_sockets(self) -> int:
        """The number of those of the channels and of IRC."""
        return sum(map(len, self.channels.values())) + len(self.irc)


def _listen(settings: Settings) -> _Ports:
    """Open every port. Raises ListenError, with none left open."""
    channels: dict[str, list[socket.socket]] = {}
    irc: list[socket.socket] = []
    try:
        for channel in settings.channels:
            channels[channel.name] = listen(settings.host, channel.port, whose_port(channel))
        if settings.irc is not None:
            irc = listen(settings.irc_host, settings.irc.port, WHOSE_IRC)
        return _Ports(channels, irc, listen(settings.host, settings.front_desk_port, "the front desk's "))
    except ListenError:
        for sockets in (*channels.values(), irc):
            close(sockets)
        raise


def _open_log(settings: Settings, tell: Callable[[str], None]) -> "Log":
    """Open the log, and tell its warnings. Raises LogError."""
    from antechamber.runtime.clock import AgeClock

    # CLOCK_BOOTTIME, if the system has it, also counts while the machine sleeps.
    steady = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    age_clock = AgeClock(time.time, steady)
    if settings.data_path is None:
        from antechamber.log.memory import MemoryLog

        return MemoryLog(now=age_clock)
    from antechamber.log.sqlite import SqliteLog

    log = SqliteLog(settings.data_path, now=age_clock)
    for warning in log.warnings:
        tell(f"antechamber: {warning}")
    return log


async def _serve(
    settings: Settings,
    read_again: Callable[[], Settings],
    join: str,
    signals: _Signals,
    errors: "StandardError",
    log: "Log",
    ports: _Ports,
) -> int:
    import asyncio

    from antechamber.gateway.admission import Admission
    from antechamber.gateway.file_descriptors import open_files, sessions_that_fit
    from antechamber.gateway.http.front_desk import FrontDesk
    from antechamber.hub.hub import Hub
    from antechamber.protocol.limits import CurrentLimits
    from antechamber.rooms.transfers import Transfers
    from antechamber.runtime.clock import SystemClock
    from antechamber.runtime.worker import WorkerThread
    from antechamber.server.console import Console
    from antechamber.server.reload import Listeners, Reload, room_of
    from antechamber.session.budgets import Budgets

    loop = asyncio.get_running_loop()
    limits, clock = settings.limits, SystemClock()
    budgets = Budgets(CurrentLimits(limits), clock)
    transfers = Transfers(lambda: secrets.token_urlsafe(16), budgets)
    reading = WorkerThread(loop.call_soon_threadsafe, "log-reading")
    hub = Hub(map(room_of, settings.channels), log, transfers, clock, loop, reading)
    stopped = asyncio.Event()
    try:
        hub.open()
        hub.announce_front_desk(settings.front_desk_port)
        hub.set_operator_token(settings.operator_token)
        hub.samples.begin()
        hub.on_shutdown(stopped.set)
        console = Console(hub, limits, loop)
        files = open_files()
        admission = Admission(limits, budgets, sessions_that_fit(files))
        listeners = Listeners(hub, admission, files - ports.chat_sockets, lambda: loop.call_soon(answer, signal.SIGHUP))
        for channel in settings.channels:
            listeners.open(channel, ports.channels[channel.name])
        if settings.irc is not None:
            listeners.open_irc(settings, ports.irc)
        desk = FrontDesk(hub, ports.front_desk, limits, admission, (settings.host, *settings.allow_hosts))
        reload = Reload(settings, read_again, hub, listeners, desk, admission, errors.tell)

        def answer(number: int) -> None:
            if number != signal.SIGHUP:
                stopped.set()
            elif not stopped.is_set():
                reload()

        signals.deliver_to(lambda number: loop.call_soon_threadsafe(answer, number))
        if await _starts(desk, console, stopped, errors):
            _tell_ready(settings, join, log, errors.tell)
            await stopped.wait()
        deadline = min(signals.end_asked_at, loop.time()) + _DRAIN_SECONDS_MAX
        await _end(hub, listeners, desk, console, deadline)
        reading.wait(max(deadline - loop.time(), 0.0))
    finally:
        signals.ignore()
    return 0


async def _starts(desk: "FrontDesk", console: "Console", stopped: "asyncio.Event", errors: "StandardError") -> bool:
    """Start the front desk and then the console's input; return False if the server is told to stop meanwhile."""
    import asyncio

    from antechamber.server.console import has_prompt

    told_to_end = asyncio.ensure_future(stopped.wait())
    take_input = partial(console.prompt, errors) if has_prompt() else console.listen
    starting = asyncio.ensure_future(desk.start(delayed=take_input))
    await asyncio.wait((told_to_end, starting), return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        return False
    told_to_end.cancel()
    starting.result()
    take_input()
    gc.freeze()
    return True


def _tell_ready(settings: Settings, join: str, log: "Log", tell: Callable[[str], None]) -> None:
    """Log that the server is ready. If standard error is a terminal, print the start message there."""
    import logging

    logging.getLogger(__name__).info("listening", extra=_for_log(settings))
    if os.isatty(2):
        from antechamber.server.start_message import ready_lines
        from antechamber.session.tokens import operator_token

        token = settings.operator_token or operator_token(log.secret())
        tell("\n".join(ready_lines(settings, join, token, typing=os.isatty(0))))


def _for_log(settings: Settings) -> dict[str, object]:
    """Return the settings for the log, without secrets and without the limits of each channel."""
    return settings._asdict() | {
        "channels": [{"name": one.name, "port": one.port, "seats": one.seats} for one in settings.channels],
        "limits": settings.limits._asdict(),
        "operator_token": "set" if settings.operator_token else "made of the log's secret",
    }


async def _end(hub: "Hub", listeners: "Listeners", desk: "FrontDesk", console: "Console", deadline: float) -> None:
    """Say goodbye to all connections, and wait until `deadline`, by the loop's clock, for outboxes to be sent."""
    import asyncio
    import logging

    loop = asyncio.get_running_loop()
    members = sum(info.seated + info.waiting for info in hub.channels())
    logging.getLogger(__name__).info("shutting down", extra={"members": members})
    gateways = [*listeners.all(), desk.ws_listener]
    for gateway in gateways:
        gateway.close()
    hub.close()
    if listeners.irc is not None:
        listeners.irc.end()
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            await asyncio.gather(desk.stop(), *(gateway.drained() for gateway in gateways))
    for gateway in gateways:
        gateway.abort()
    console.close(max(deadline - loop.time(), 0.0))
