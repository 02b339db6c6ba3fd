"""The addresses of a server's pages, as people type them and browsers open them."""

import socket
from contextlib import suppress
from urllib.parse import quote

from antechamber.config import HOST, Settings
from antechamber.protocol.text import clean


def is_anywhere(host: str) -> bool:
    """Return whether `host` stands for all addresses of the machine, such as 0.0.0.0 and ::."""
    with suppress(OSError):
        return not any(socket.inet_aton(host))
    with suppress(OSError):
        return not any(socket.inet_pton(socket.AF_INET6, host))
    return False


def reached_host(host: str) -> str:
    """Return the host by which a program on the same machine reaches a server that listens on `host`.

    It is ::1 for all IPv6 addresses, because localhost is not an IPv6 address everywhere.
    """
    if is_anywhere(host):
        return "::1" if ":" in host else HOST
    return clean(host)


def page(settings: Settings) -> str:
    """Return the link of the page where people chat."""
    host = HOST if is_anywhere(settings.host) else clean(settings.host)  # which browsers accept in either form
    shown = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return f"http://{shown}:{settings.front_desk_port}/"


def operator_page(settings: Settings, token: str) -> str:
    """Return the link of the operator's page. The token is behind a `#`, so no browser sends it anywhere."""
    return f"{page(settings)}operator#{quote(token, safe='')}"
