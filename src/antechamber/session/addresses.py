"""What counts as one IP address."""

import socket

_MAPPED = bytes(10) + b"\xff\xff"
"""The prefix of an IPv6 address that stands for an IPv4 address."""


def origin_of(address: str) -> str | bytes:
    """Return what counts as one address: an IPv4 address itself, or the 64-bit network of an IPv6 address.

    A host with one IPv6 address has that whole network. A connection without an address has "".
    """
    if ":" not in address:
        return address
    packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    if packed.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[len(_MAPPED) :])
    return packed[:8]
