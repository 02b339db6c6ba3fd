"""The one composition root: settings -> log -> hub -> gateways; signals, and the way down."""

import gc
import os
import resource
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from antechamber.config import Settings, whose_port
from antechamber.gateway.listening import ListenError, close, listen

if TYPE_CHECKING:
    from antechamber.log import Log

_DRAIN_SECONDS_MAX = 1.5
"""How long a shutdown waits for what is still on its way out."""


def serve(settings: Settings, read_again: Callable[[], Settings]) -> int:
    """Run a server until it is told to stop, and return its exit status.

    The ports open first, and what takes time to import comes after: those who knock meanwhile are answered then.
    `read_again` returns the settings as they are by now, or raises ConfigError; a reload asks it for them.
    """
    reloads_asked: list[int] = []  # before there is a server that can
    signal.signal(signal.SIGHUP, lambda number, _: reloads_asked.append(number))
    _keep_standard_descriptors()
    try:
        doors, front_desk = _listen(settings)
    except ListenError as error:
        return _fail(error)
    import uvloop

    from antechamber import diagnostics
    from antechamber.log import LogError

    diagnostics.start(settings.log_level)
    _allow_many_connections()
    try:
        with closing(_open_log(settings)) as log:
            return uvloop.run(_serve(settings, read_again, reloads_asked, log, doors, front_desk))
    except LogError as error:
        return _fail(error)


def _fail(error: Exception) -> int:
    print(f"antechamber: {error}", file=sys.stderr)
    return 1


def _keep_standard_descriptors() -> None:
    """Put the null device where a standard descriptor is closed, lest a socket or the log take its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _allow_many_connections() -> None:
    """Raise the bound of open files as far as the system lets us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _listen(settings: Settings) -> tuple[dict[str, list[socket.socket]], list[socket.socket]]:
    """Open every port, or raise ListenError with none left open."""
    doors: dict[str, list[socket.socket]] = {}
    try:
        for channel in settings.channels:
            doors[channel.name] = listen(settings.host, channel.port, whose_port(channel))
        return doors, listen(settings.host, settings.front_desk_port, "the front desk's ")
    except ListenError:
        for sockets in doors.values():
            close(sockets)
        raise


def _open_log(settings: Settings) -> "Log":
    """Open the log. Raises LogError."""
    if settings.data_path is None:
        from antechamber.log.memory import MemoryLog

        return MemoryLog()
    from antechamber.log.sqlite import SqliteLog

    return SqliteLog(settings.data_path)


async def _serve(
    settings: Settings,
    read_again: Callable[[], Settings],
    reloads_asked: list[int],
    log: "Log",
    sockets: dict[str, list[socket.socket]],
    front_desk: list[socket.socket],
) -> int:
    import asyncio
    import logging

    from antechamber.clock import SystemClock
    from antechamber.console import Console
    from antechamber.gateway.admission import Admission
    from antechamber.gateway.descriptors import sessions_that_fit
    from antechamber.gateway.frontdesk import FrontDesk
    from antechamber.hub import Hub
    from antechamber.reload import Doors, Reload, room_of
    from antechamber.transfers import Transfers

    logger = logging.getLogger(__name__)
    loop = asyncio.get_running_loop()
    limits = settings.limits
    rooms = map(room_of, settings.channels)
    transfers = Transfers(limits, lambda: secrets.token_urlsafe(16))
    hub = Hub(rooms, log, transfers, limits, SystemClock(), loop)
    hub.open()
    hub.announce_front_desk(settings.front_desk_port)
    stopped = asyncio.Event()
    hub.shutdown = stopped.set
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    console = Console(hub, limits, loop)
    admission = Admission(limits, sessions_that_fit())
    doors = Doors(hub, admission)
    for channel in settings.channels:
        doors.open(channel, sockets[channel.name])
    reload = Reload(settings, read_again, hub, doors, admission)
    loop.add_signal_handler(signal.SIGHUP, reload)
    if reloads_asked:
        reload()
    desk = FrontDesk(hub, limits, front_desk)
    await desk.start()
    gc.freeze()
    logger.info("listening", extra=settings._asdict() | {"limits": limits._asdict()})
    await stopped.wait()
    logger.info("shutting down", extra={"members": sum(info.seated + info.waiting for info in hub.channels())})
    deadline = loop.time() + _DRAIN_SECONDS_MAX
    gateways = doors.all()
    for gateway in gateways:
        gateway.close()
    hub.close()
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            await asyncio.gather(desk.stop(), *(gateway.drained() for gateway in gateways))
    for gateway in gateways:
        gateway.abort()
    console.close(max(deadline - loop.time(), 0.0))
    return 0
