"""Labels and batches: what belongs together in what a user reads, and to which of its commands it is the answer."""

from collections.abc import Callable
from functools import partial
from typing import Final

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, Line, escape_tag
from antechamber.irc.network import Network
from antechamber.irc.users import User

LABEL_BYTES_MAX: Final = 64
"""Length of a label; a longer one is none."""
_NEEDED = Capability.LABELED_RESPONSE | Capability.BATCH
_SERVER = SERVER_NAME.encode()
LABELLED_LATER: Final = frozenset(("BATCH", "CHATHISTORY"))
"""The commands that see to their label themselves, as they may be answered when their turn is over."""
_REFERENCE: Final = "label"
"""What a labelled batch goes by: it is closed in the write that opens it, so no other is open at once."""


def label_of(user: User, line: Line) -> str:
    """Return the label of a command; "" where it has none, or its sender has not asked for labels."""
    if line.tags is None or user.capabilities & _NEEDED != _NEEDED:
        return ""
    label = line.tags.get("label", "")
    return label if len(label.encode()) <= LABEL_BYTES_MAX else ""


def answer(network: Network, user: User, label: str, tell: Callable[[], None]) -> None:
    """Let `tell` answer a command; what it lets its sender read is labelled where the command was.

    What a user says to itself comes after it, without the label, as it would from anybody else.
    """
    if label:
        network.turn.wrap(user, tell, partial(labelled, label))
    else:
        tell()
    if network.to_self:
        data = b"".join(network.to_self)
        network.to_self.clear()
        network.send(user, data)


def labelled(label: str, data: bytes) -> bytes:
    """Return the answer to a labelled command: `data` are its lines, which are none where there is nothing to say."""
    tag = b"label=" + escape_tag(label).encode()
    if not data:
        return b"@%b :%b ACK\r\n" % (tag, _SERVER)
    lines = data.splitlines(keepends=True)
    if len(lines) == 1 or _is_batch(lines):
        lines[0] = _tagged(lines[0], tag)
        return b"".join(lines)
    return _tagged(batched(_REFERENCE, "labeled-response", "", data), tag)


def batched(reference: str, kind: str, about: str, data: bytes) -> bytes:
    """Return lines as a batch of this kind; batches among them are nested in it."""
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
    """Say whether the lines are one batch from end to end."""
    begin = _batch_mark(lines[0])
    end = b"-" + begin[1:]
    ends = [number for number, line in enumerate(lines, 1) if begin[:1] == b"+" and _batch_mark(line) == end]
    return ends[:1] == [len(lines)]


def _batch_mark(line: bytes) -> bytes:
    """Return the reference with its sign where a line opens or closes a batch; nothing where it does not."""
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
