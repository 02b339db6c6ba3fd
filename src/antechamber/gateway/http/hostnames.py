"""Host names in requests: the host of an authority (RFC 3986, 3.2), and this machine's own names."""

import re
from ipaddress import ip_address
from socket import gethostname

_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)(?:%[^\[\]@]+)?\]|([^\[\]:@/?#\\\s]+))(?::[0-9]*)?")
"""An IPv6 address in brackets, with or without a zone, or another host; and an optional port."""


def own_names() -> frozenset[str]:
    """Return this machine's own names, including its name in the local network (`.local`)."""
    name = gethostname().lower()
    short = name.partition(".")[0]
    return frozenset(("localhost", name, short, f"{short}.local")) - {"", ".local"}


def host_of(authority: str) -> str:
    """Return the host of `HOST[:PORT]`: in lower case, without brackets, zone and trailing dot; "" if invalid."""
    found = _AUTHORITY.fullmatch(authority.lower())
    return (found[1] or found[2]).removesuffix(".") if found else ""


def is_address(host: str) -> bool:
    """Return whether a host is an IP address, which DNS cannot redirect."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether a host is a loopback name or address, which only programs on this machine can use."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if not is_address(host):
        return False
    address = ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
