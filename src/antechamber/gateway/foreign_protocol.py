"""Recognising other protocols at a port for lines: HTTP, by which a web page could make a browser write lines into a
chat, and TLS. The first line shows them, and nothing of it is carried out.
"""

import re
from typing import Final

FIRST_LINE_BYTES_MAX: Final = 16_384
"""How much of a first line is awaited before its beginning is judged."""
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_METHOD = rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|TRACE|PATCH|PRI)"
_TARGET = rb"(?:/|\*|[A-Za-z][A-Za-z0-9+.-]*://)"
_REQUEST = re.compile(
    rb"(?:%b[ \t]+\S+|%b[ \t].*)[ \t]+HTTP/[0-9]|%b[ \t]+%b\S*\s*$" % (_TOKEN, _METHOD, _METHOD, _TARGET), re.IGNORECASE
)
"""A request line of any method and version, were it HTTP/0.9, which has none (RFC 9112, 3; RFC 1945, 4.1)."""
_BEGUN = re.compile(rb"%b[ \t]+%b" % (_TOKEN, _TARGET), re.IGNORECASE)
_TLS = b"\x16\x03"
"""How a ClientHello begins (RFC 8446, 5.1)."""


def is_foreign(begun: bytes) -> bool | None:
    """Return whether the first bytes, without blank lines, are HTTP or TLS; None if more bytes are needed."""
    if begun.startswith(_TLS[: len(begun)]):
        return True if len(begun) >= len(_TLS) else None
    line, newline, _ = begun.partition(b"\n")
    if newline:
        return _REQUEST.match(line) is not None
    return _BEGUN.match(line) is not None if len(line) > FIRST_LINE_BYTES_MAX else None
