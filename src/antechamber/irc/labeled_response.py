"""Labels and batches: which lines are the answer to which command, and which lines belong together.

https://ircv3.net/specs/extensions/labeled-response and https://ircv3.net/specs/extensions/batch
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, escape_tag
from antechamber.irc.exchange import Exchange

LABEL_BYTES_MAX: Final = 64
"""Length of a label; a longer one is ignored."""
_NEEDED = Capability.LABELED_RESPONSE | Capability.BATCH
_SERVER = SERVER_NAME.encode()
_REFERENCE: Final = "label"
"""The reference of a labelled batch. The batch is opened and closed by one write, so it never clashes with another."""


def label_of(exchange: Exchange) -> str:
    """Return the label of a command; "" if it has none, or its sender has not asked for labels."""
    tags = exchange.line.tags
    if tags is None or exchange.user.capabilities & _NEEDED != _NEEDED:
        return ""
    label = tags.get("label", "")
    return label if len(label.encode()) <= LABEL_BYTES_MAX else ""


def answer(exchange: Exchange, label: str, tell: Callable[[], None]) -> None:
    """Call `tell`, which answers a command; label what its sender reads of that, unless the label is "".

    Messages of the sender to itself come after the answer, without the label, as they would from anybody else.
    """
    if label:
        exchange.turn.wrap(exchange.user, tell, partial(labelled, label))
    else:
        tell()
    if exchange.to_self:
        data = b"".join(exchange.to_self)
        exchange.to_self.clear()
        exchange.send(data)


def labelled(label: str, data: bytes) -> bytes:
    """Return the answer to a labelled command, whose lines are `data`; an ACK if there are none."""
    tag = b"label=" + escape_tag(label).encode()
    if not data:
        return b"@%b :%b ACK\r\n" % (tag, _SERVER)
    lines = data.splitlines(keepends=True)
    if len(lines) == 1 or _is_batch(lines):
        lines[0] = _tagged(lines[0], tag)
        return b"".join(lines)
    return _tagged(batched(_REFERENCE, "labeled-response", "", data), tag)


def batched(reference: str, kind: str, about: str, data: bytes) -> bytes:
    """Return lines as a batch of this kind, in which batches among them are nested."""
    tag = b"batch=" + reference.encode()
    first = " ".join(word for word in (f":{SERVER_NAME} BATCH +{reference} {kind}", about) if word)
    lines = [first.encode() + b"\r\n"]
    inner = b""
    for line in data.splitlines(keepends=True):
        mark = _batch_mark(line)
        lines.append(line if inner else _tagged(line, tag))
        if not inner and mark[:1] == b"+":
            inner = mark[1:]
        elif mark == b"-" + inner:
            inner = b""
    lines.append(b":%b BATCH -%b\r\n" % (_SERVER, reference.encode()))
    return b"".join(lines)


def _is_batch(lines: list[bytes]) -> bool:
    """Return whether the lines are one batch from end to end."""
    begin = _batch_mark(lines[0])
    end = b"-" + begin[1:]
    ends = [number for number, line in enumerate(lines, 1) if begin[:1] == b"+" and _batch_mark(line) == end]
    return ends[:1] == [len(lines)]


def _batch_mark(line: bytes) -> bytes:
    """Return the reference, with its sign, of a line that opens or closes a batch; b"" for any other line."""
    if b" BATCH " not in line and not line.startswith(b"BATCH "):
        return b""
    words = line.split()
    if words[0][:1] == b"@":
        del words[0]
    if words[0][:1] == b":":
        del words[0]
    return words[1] if words[0] == b"BATCH" and len(words) > 1 else b""


def _tagged(line: bytes, tag: bytes) -> bytes:
    return b"@%b;%b" % (tag, line[1:]) if line[:1] == b"@" else b"@%b %b" % (tag, line)
