"""IP addresses: what counts as one of them."""

import socket

_MAPPED = bytes(10) + b"\xff\xff"
"""What an IPv6 address begins with that stands for an IPv4 one."""


def origin_of(address: str) -> str | bytes:
    """Return what counts as one address: an IPv4 address itself, of an IPv6 address the network of 64 bits it is in.

    Whoever has one IPv6 address has that network whole. A gateway with no address to tell gives "".
    """
    if ":" not in address:
        return address
    packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    if packed.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[len(_MAPPED) :])
    return packed[:8]
