"""Opening the ports, before anything else is imported: who knocks early waits in the kernel's queue.

This module imports nothing but sockets, so that the ports accept as soon as Python allows.
"""

import errno
import socket

BACKLOG = 4096
"""How many may knock before the server answers; the kernel lowers it to its own bound (net.core.somaxconn)."""

_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""Seconds, seconds and times after which a connection to a machine that is no more counts as lost; and milliseconds,
where something was under way to it, for which the system would try for a quarter of an hour otherwise."""


class ListenError(Exception):
    """A port cannot be opened. Its text says which and why, in words."""


def listen(host: str, port: int, whose: str = "") -> list[socket.socket]:
    """Open `port` at every address that `host` stands for, and return the listening sockets.

    Raises ListenError, with nothing left open, where one of the addresses is taken or none can be had. What is wrong
    with the port begins with `whose` it is, such as "the front desk's ".
    """
    sockets: list[socket.socket] = []
    problem = f"{host} has no address"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                sockets.append(_listen_at(family, kind, protocol, address))
            except OSError as error:
                problem = _words(error, host, f"{whose}port {port}")
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise ListenError(problem) from error
    except (socket.gaierror, UnicodeError) as error:
        raise ListenError(f"there is no host {host} (check --host)") from error
    except OSError as error:  # the system could not even ask, such as for want of open files
        raise ListenError(f"the host {host} cannot be looked up: {error.strerror}") from error
    except ListenError:
        close(sockets)
        raise
    if not sockets:
        raise ListenError(problem)
    return sockets


def close(sockets: list[socket.socket]) -> None:
    """Close listening sockets."""
    for listener in sockets:
        listener.close()


def _listen_at(family: int, kind: int, protocol: int, address: object) -> socket.socket:
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # the connections that it accepts have it too
        for option, value in _KEEPALIVE.items():
            if (number := getattr(socket, option, None)) is not None:
                listener.setsockopt(socket.IPPROTO_TCP, number, value)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)  # type: ignore[arg-type]
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _words(error: OSError, host: str, port: str) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"{port} is taken: another program listens there"
        case errno.EACCES:
            return f"{port} is not allowed: ports below 1024 are the system's"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine (check --host)"
        case _:
            return f"{port} cannot be opened: {error.strerror}"
