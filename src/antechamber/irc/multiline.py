"""Messages of several lines, which a client sends as a batch, and which are said once the batch is closed.

https://ircv3.net/specs/extensions/multiline
"""

from typing import Final

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import ctcp_of
from antechamber.irc.exchange import Exchange
from antechamber.irc.labeled_response import answer, label_of
from antechamber.irc.message_text import MessageText, kept_tags
from antechamber.irc.privmsg import say
from antechamber.irc.users import OpenBatch
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import IRC_MULTILINE_BYTES_MAX, IRC_MULTILINE_LINES_MAX
from antechamber.protocol.text import fold, shows

_TYPE: Final = "draft/multiline"
_CONCAT: Final = "draft/multiline-concat"
_NEEDED = Capability.BATCH | Capability.MULTILINE
_REFERENCE_CHARACTERS_MAX = 64


def add(exchange: Exchange) -> bool:
    """Add a line to the user's open batch; return whether it belongs to that."""
    batch, line = exchange.user.batch, exchange.line
    if batch is None or line.tags is None or line.tags.get("batch") != batch.reference or line.command == "BATCH":
        return False
    if batch.lines is not None:
        _add(exchange, batch)
    return True


def keeps(exchange: Exchange) -> bool:
    """Return whether a line is in the user's open batch, or has opened it: then it is said once that is closed."""
    batch, line = exchange.user.batch, exchange.line
    if batch is None or batch.lines is None:
        return False
    if line.command == "BATCH":
        return line.params[:1] == (f"+{batch.reference}",)
    return line.tags is not None and line.tags.get("batch") == batch.reference


def _add(exchange: Exchange, batch: OpenBatch) -> None:
    line = exchange.line
    assert batch.lines is not None
    assert line.tags is not None
    if line.command != "PRIVMSG" or len(line.params) < 2:
        _fail(exchange, batch, "MULTILINE_INVALID", text="Only a PRIVMSG may be in such a batch")
        return
    target, text = line.params[:2]
    if fold(target) != fold(batch.target):
        _fail(exchange, batch, "MULTILINE_INVALID_TARGET", batch.target, target, text="Another target")
        return
    if (ctcp := ctcp_of(text)) is not None:
        if batch.lines or ctcp[0] != "ACTION":
            _fail(exchange, batch, "MULTILINE_INVALID", text="A CTCP message must be a single line")
            return
        text = text.removesuffix("\x01")  # an action ends where the batch does
    continues = _CONCAT in line.tags and bool(batch.lines)
    batch.bytes += len(text.encode()) + (not continues and bool(batch.lines))
    batch.count += 1
    if batch.bytes > IRC_MULTILINE_BYTES_MAX:
        _fail(exchange, batch, "MULTILINE_MAX_BYTES", f"{IRC_MULTILINE_BYTES_MAX}", text="The batch is too long")
    elif batch.count > IRC_MULTILINE_LINES_MAX:
        _fail(exchange, batch, "MULTILINE_MAX_LINES", f"{IRC_MULTILINE_LINES_MAX}", text="The batch has too many lines")
    elif continues:
        batch.lines[-1] += text
    else:
        batch.lines.append(text)


@verb(
    "BATCH +<reference> draft/multiline <target>",
    "Begins a message of several lines, which BATCH -<reference> ends.",
    params_min=1,
    is_logged=True,
    names=slice(2, 3),
    labels_itself=True,
)
def batch(exchange: Exchange) -> None:
    """Open or close a batch."""
    user, reference = exchange.user, exchange.param(0)
    if reference[:1] == "-":
        _close(exchange, reference[1:])
        return
    kind, target = exchange.param(1), exchange.param(2)
    opened = OpenBatch(reference[1:], target, label_of(exchange), kept_tags(exchange.line))
    if user.capabilities & _NEEDED != _NEEDED or reference[:1] != "+" or kind != _TYPE or not target:
        _fail(exchange, opened, "MULTILINE_INVALID", text=f"A batch has the type {_TYPE} and a target")
    elif not 0 < len(opened.reference) <= _REFERENCE_CHARACTERS_MAX or "," in target:
        _fail(exchange, opened, "MULTILINE_INVALID", text="A batch has a reference and a single target")
    elif user.batch is not None:
        _fail(exchange, opened, "MULTILINE_INVALID", text="Close the open batch first")
    else:
        user.batch = opened


def _close(exchange: Exchange, reference: str) -> None:
    batch = exchange.user.batch
    if batch is None or batch.reference != reference:
        text = "No such batch is open"
        _fail(exchange, OpenBatch(reference, "", "", None), "MULTILINE_INVALID", text=text)
        return
    exchange.user.batch = None
    if batch.lines is None:
        return  # the user has been told why already
    text = "\n".join(batch.lines).rstrip()
    ctcp = ctcp_of(text)
    said = MessageText(text, tags=batch.tags) if ctcp is None else MessageText(ctcp[1], "action", batch.tags)
    if not shows(said.text.strip()):
        _fail(exchange, batch, "MULTILINE_INVALID", text="The batch is empty")
        return
    answer(exchange, batch.label, lambda: say(exchange, batch.target, said))


def _fail(exchange: Exchange, batch: OpenBatch, code: str, *context: str, text: str) -> None:
    """Refuse a batch, and ignore the rest of its lines."""
    batch.lines = None
    answer(exchange, batch.label, lambda: exchange.fail(code, *context, text=text, command="BATCH"))
