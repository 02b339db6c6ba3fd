"""Detection of HTTP and TLS at a port that takes lines.

A web page could make a browser send an HTTP request whose body is chat commands. Such a connection is known by its
first line, and none of its lines is carried out.
"""

import re
from typing import Final

FIRST_LINE_BYTES_MAX: Final = 16_384
"""The longest first line that is waited for; a longer one is judged by its beginning."""
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_METHOD = rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|TRACE|PATCH|PRI)"
_TARGET = rb"(?:/|\*|[A-Za-z][A-Za-z0-9+.-]*://)"
_REQUEST = re.compile(
    rb"(?:%b[ \t]+\S+|%b[ \t].*)[ \t]+HTTP/[0-9]|%b[ \t]+%b\S*\s*$" % (_TOKEN, _METHOD, _METHOD, _TARGET), re.IGNORECASE
)
"""A request line of any method and version, also of HTTP/0.9, which names none (RFC 9112, 3; RFC 1945, 4.1)."""
_BEGUN = re.compile(rb"%b[ \t]+%b" % (_TOKEN, _TARGET), re.IGNORECASE)
_TLS = b"\x16\x03"
"""The beginning of a TLS record with a ClientHello (RFC 8446, 5.1)."""


def is_foreign(begun: bytes) -> bool | None:
    """Return whether the first bytes, without leading blank lines, are HTTP or TLS; None if more are needed."""
    if begun.startswith(_TLS[: len(begun)]):
        return True if len(begun) >= len(_TLS) else None
    line, newline, _ = begun.partition(b"\n")
    if newline:
        return _REQUEST.match(line) is not None
    return _BEGUN.match(line) is not None if len(line) > FIRST_LINE_BYTES_MAX else None
