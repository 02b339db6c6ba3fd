"""The opening of listening sockets, before anything else is imported: early connections wait in the kernel's queue.

This module imports nothing but sockets, so that the ports open as soon as Python allows.
"""

import errno
import socket

BACKLOG = 4096
"""How many connections may wait to be accepted; the kernel may lower it (net.core.somaxconn)."""

_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""When a connection to an unreachable machine counts as lost: seconds of silence, seconds between probes, and their
number; and milliseconds for unacknowledged data, for which the system would try a quarter of an hour otherwise."""


class ListenError(Exception):
    """A port cannot be opened. The text says which port, and why."""


def listen(host: str, port: int, whose: str = "") -> list[socket.socket]:
    """Open `port` at every address of `host`, and return the listening sockets.

    Raises ListenError, with nothing left open, if one of the addresses is taken or none is available. `whose`, such as
    "the front desk's ", precedes the port in the error's text.
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
    except OSError as error:  # the lookup itself failed, such as for lack of open files
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
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # accepted connections inherit it
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
