"""Batches that clients send: one message of several lines (`draft/multiline`), which is said once it is whole."""

from typing import Final

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Line, ctcp_of, fold
from antechamber.irc.labeled_response import answer, label_of
from antechamber.irc.message_text import Words, kept_tags
from antechamber.irc.network import Network
from antechamber.irc.privmsg import say
from antechamber.irc.users import OpenBatch, User
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import IRC_MULTILINE_BYTES_MAX, IRC_MULTILINE_LINES_MAX
from antechamber.protocol.text import shows

_TYPE: Final = "draft/multiline"
_CONCAT: Final = "draft/multiline-concat"
_NEEDED = Capability.BATCH | Capability.MULTILINE
_REFERENCE_CHARACTERS_MAX = 64


def add(network: Network, user: User, line: Line) -> bool:
    """Take a line that is one of the user's open batch; return whether it is."""
    batch = user.batch
    if batch is None or line.tags is None or line.tags.get("batch") != batch.reference or line.command == "BATCH":
        return False
    if batch.lines is not None:
        _add(network, user, batch, line)
    return True


def keeps(user: User, line: Line) -> bool:
    """Say whether a line stands in the user's open batch, or has opened it, so that it is said once that is closed."""
    batch = user.batch
    if batch is None or batch.lines is None:
        return False
    if line.command == "BATCH":
        return line.params[:1] == (f"+{batch.reference}",)
    return line.tags is not None and line.tags.get("batch") == batch.reference


def _add(network: Network, user: User, batch: OpenBatch, line: Line) -> None:
    assert batch.lines is not None
    assert line.tags is not None
    if line.command != "PRIVMSG" or len(line.params) < 2:
        _fail(network, user, batch, "MULTILINE_INVALID", text="There is only what is said in such a batch")
        return
    target, text = line.params[:2]
    if fold(target) != fold(batch.target):
        _fail(network, user, batch, "MULTILINE_INVALID_TARGET", batch.target, target, text="Another target")
        return
    if (ctcp := ctcp_of(text)) is not None:
        if batch.lines or ctcp[0] != "ACTION":
            _fail(network, user, batch, "MULTILINE_INVALID", text="What is for programs goes in one line")
            return
        text = text.removesuffix("\x01")  # an action ends where the batch does
    continues = _CONCAT in line.tags and bool(batch.lines)
    batch.bytes += len(text.encode()) + (not continues and bool(batch.lines))
    batch.count += 1
    if batch.bytes > IRC_MULTILINE_BYTES_MAX:
        _fail(network, user, batch, "MULTILINE_MAX_BYTES", f"{IRC_MULTILINE_BYTES_MAX}", text="It is too long")
    elif batch.count > IRC_MULTILINE_LINES_MAX:
        _fail(network, user, batch, "MULTILINE_MAX_LINES", f"{IRC_MULTILINE_LINES_MAX}", text="It has too many lines")
    elif continues:
        batch.lines[-1] += text
    else:
        batch.lines.append(text)


@verb(
    "BATCH +<reference> draft/multiline <target>",
    "Begins a message of several lines.",
    params_min=1,
    is_logged=True,
    names=slice(2, 3),
)
def _batch(network: Network, user: User, line: Line) -> None:
    """Open a batch, or close it."""
    reference = line.params[0]
    if reference[:1] == "-":
        _close(network, user, reference[1:])
        return
    label = label_of(user, line)
    kind, target = (*line.params[1:3], "", "")[:2]
    batch = OpenBatch(reference[1:], target, label, kept_tags(line))
    if user.capabilities & _NEEDED != _NEEDED or reference[:1] != "+" or kind != _TYPE or not target:
        _fail(network, user, batch, "MULTILINE_INVALID", text=f"A batch is one of {_TYPE}, and to a target")
    elif not 0 < len(batch.reference) <= _REFERENCE_CHARACTERS_MAX or "," in target:
        _fail(network, user, batch, "MULTILINE_INVALID", text="A batch has a reference of its own, and one target")
    elif user.batch is not None:
        _fail(network, user, batch, "MULTILINE_INVALID", text="One batch is closed before the next is opened")
    else:
        user.batch = batch


def _close(network: Network, user: User, reference: str) -> None:
    batch = user.batch
    if batch is None or batch.reference != reference:
        text = "No such batch is open"
        _fail(network, user, OpenBatch(reference, "", "", None), "MULTILINE_INVALID", text=text)
        return
    user.batch = None
    if batch.lines is None:
        return  # it is told why already
    text = "\n".join(batch.lines).rstrip()
    ctcp = ctcp_of(text)
    words = Words(text, tags=batch.tags) if ctcp is None else Words(ctcp[1], "action", batch.tags)
    if not shows(words.text.strip()):
        _fail(network, user, batch, "MULTILINE_INVALID", text="There is nothing to see in it")
        return
    answer(network, user, batch.label, lambda: say(network, user, batch.target, words))


def _fail(network: Network, user: User, batch: OpenBatch, code: str, *context: str, text: str) -> None:
    """Tell why a batch is not taken, and take no more of it."""
    batch.lines = None
    answer(network, user, batch.label, lambda: network.fail(user, "BATCH", code, *context, text=text))
