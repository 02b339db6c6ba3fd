"""What a request calls this machine: the host that an authority names, and which of those are the machine's own."""

import re
from ipaddress import ip_address
from socket import gethostname

_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)(?:%[^\[\]@]+)?\]|([^\[\]:@/?#\\\s]+))(?::[0-9]*)?")
"""An IPv6 address in brackets, with its zone or without, or anything else without; and perhaps a port."""


def own_names() -> frozenset[str]:
    """Return the names that this machine has by itself, its name in a local network (`.local`) among them."""
    name = gethostname().lower()
    short = name.partition(".")[0]
    return frozenset(("localhost", name, short, f"{short}.local")) - {"", ".local"}


def host_of(authority: str) -> str:
    """Return the host that `HOST[:PORT]` names: in lower case, without brackets, zone and the dot at its end.

    It is "" where that is no such thing.
    """
    found = _AUTHORITY.fullmatch(authority.lower())
    return (found[1] or found[2]).removesuffix(".") if found else ""


def is_address(host: str) -> bool:
    """Return whether a host is an IP address, which nobody can point anywhere."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine as only programs on it can call it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if not is_address(host):
        return False
    address = ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
