"""The addresses of a server as people type them and as browsers open them."""

import socket
from contextlib import suppress
from urllib.parse import quote

from antechamber.config import HOST, Settings
from antechamber.protocol.text import clean


def is_anywhere(host: str) -> bool:
    """Return whether to listen at `host` is to listen at all of a machine's addresses, as at 0.0.0.0 and ::."""
    with suppress(OSError):
        return not any(socket.inet_aton(host))
    with suppress(OSError):
        return not any(socket.inet_pton(socket.AF_INET6, host))
    return False


def reached_host(host: str) -> str:
    """Return the host by which a program reaches who listens at `host` of the same machine.

    Not everywhere is localhost an IPv6 address as well, so for what listens at all of those it is ::1.
    """
    if is_anywhere(host):
        return "::1" if ":" in host else HOST
    return clean(host)


def page(settings: Settings) -> str:
    """Return the link of the page where people chat."""
    host = HOST if is_anywhere(settings.host) else clean(settings.host)  # which browsers know in either form
    shown = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return f"http://{shown}:{settings.front_desk_port}/"


def operator_page(settings: Settings, token: str) -> str:
    """Return the link of the operator's page. The token is behind a `#`, where no browser sends it to anybody."""
    return f"{page(settings)}operator#{quote(token, safe='')}"
