"""CHATHISTORY: a client asks for what was said in a channel where it sits, and is answered from the log.

What is said to people is not kept, so there is no past of it. A channel that its members made begins anew with the
first of them, and what was said before that is nobody's business any more.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple, cast

from antechamber.channel.channel import Refused
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, Line, message, unescape_tag
from antechamber.codec.irc.encoding import msgid_of, timestamp
from antechamber.irc.access import sits_in
from antechamber.irc.history_selection import Bound, Conversations, Selection, Way
from antechamber.irc.labeled_response import answer, batched, label_of, labelled
from antechamber.irc.network import Handler, Network
from antechamber.irc.users import User
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import HISTORY_ENTRIES_MAX, SEQUENCE_MAX
from antechamber.rooms.room import Room

_BOUNDS: Final[Mapping[str, int]] = {"LATEST": 1, "BEFORE": 1, "AFTER": 1, "AROUND": 1, "BETWEEN": 2}
"""How many bounds each way has."""
_REFERENCE: Final = "history"
_UNREADABLE: Final = "Messages could not be retrieved"
_LIMIT_DIGITS_MAX: Final = 9


class _Asked(NamedTuple):
    """Who asks, by which subcommand, and how the answer is labelled."""

    user: User
    way: str
    label: str


def parse_timestamp(text: str) -> int | None:
    """Return what `timestamp=YYYY-MM-DDThh:mm:ss.sssZ` tells, in milliseconds since the epoch; None if nothing."""
    key, _, stamp = text.partition("=")
    if key != "timestamp" or not stamp.endswith("Z"):
        return None
    try:
        time = datetime.fromisoformat(stamp[:-1])
    except ValueError:
        return None
    if time.tzinfo is not None:
        return None
    return max(round(time.replace(tzinfo=UTC).timestamp() * 1000), 0)


def _chathistory(network: Network, user: User, line: Line) -> None:
    """Judge what is asked, and let it be answered after the turn."""
    label = label_of(user, line)
    way, *params = line.params or ("",)
    asked = _Asked(user, way.upper(), label)
    if asked.way == "TARGETS":
        _targets(network, asked, params)
    elif asked.way in _BOUNDS:
        _past(network, asked, params)
    else:
        _fail(network, asked, "UNKNOWN_COMMAND" if way else "INVALID_PARAMS", way or "*", text="Unknown command")


def _past(network: Network, asked: _Asked, params: list[str]) -> None:
    user, way = asked.user, asked.way
    count = _BOUNDS[way]
    if len(params) < count + 2:
        _fail(network, asked, "INVALID_PARAMS", way, text="Insufficient parameters")
        return
    target, *selectors, limit = params[: count + 2]
    room = network.room(target)
    if room is None or room.stopped or not sits_in(user, room):
        _fail(network, asked, "INVALID_TARGET", way, target, text=_UNREADABLE)
        return
    bounds = []
    for selector in selectors if (way, selectors) != ("LATEST", ["*"]) else ():
        bound = _bound(room, selector)
        if bound is None:
            _fail(network, asked, "INVALID_PARAMS", way, selector, text="Invalid message reference")
            return
        bounds.append(bound)
    number = _limit(limit)
    if number is None:
        _fail(network, asked, "INVALID_PARAMS", way, limit, text="Invalid limit")
        return
    network.replies.at = room
    with_events = user.has(Capability.EVENT_PLAYBACK)
    selection = Selection(room.name, room.log.begins_at, cast(Way, way), tuple(bounds), number, with_events)
    _inquire(network, asked, room, selection, partial(_word, network, asked, target))


def _targets(network: Network, asked: _Asked, params: list[str]) -> None:
    times = [parse_timestamp(text) for text in params[:2]]
    number = _limit(params[2]) if len(params) > 2 else None
    since, until = (*times, None, None)[:2]
    if since is None or until is None or number is None:
        text = "Two timestamps and a limit are needed"
        _fail(network, asked, "INVALID_PARAMS", asked.way, text=text)
        return
    assert asked.user.memberships is not None
    rooms = [network.rooms[name] for name in asked.user.memberships]
    channels = tuple((room.name, room.log.begins_at) for room in rooms if sits_in(asked.user, room))
    question = Conversations(channels, min(since, until), max(since, until))
    _inquire(network, asked, None, question, partial(_word_targets, asked, number, since > until))


def _inquire(network: Network, asked: _Asked, room: Room | None, question: Any, word: Callable[[Any], bytes]) -> None:
    user = asked.user
    session = user if room is None else network.membership(user, room)
    assert session is not None
    refused = network.history_queries.submit(network.turn, session, room, question, word)
    if refused is not None:
        _fail(network, asked, "MESSAGE_ERROR", asked.way, f"#{room.name}" if room else "*", text=refused.text)


def _word(network: Network, asked: _Asked, target: str, found: list[Entry] | Refused) -> bytes:
    """Word what was found, which is told between two turns."""
    user = asked.user
    if isinstance(found, Refused):
        return _labelled(asked, _failure("MESSAGE_ERROR", asked.way, target, text=_UNREADABLE))
    data = user.encoding.joined(found, b"", network.clock.text(network.clock.now()))
    return _batched(asked, "chathistory", target, data)


def _word_targets(asked: _Asked, limit: int, newest_first: bool, found: list[tuple[str, float]] | Refused) -> bytes:
    if isinstance(found, Refused):
        return _labelled(asked, _failure("MESSAGE_ERROR", asked.way, "*", text=_UNREADABLE))
    wanted = found[::-1][:limit] if newest_first else found[:limit]
    lines = [message(SERVER_NAME, "CHATHISTORY", "TARGETS", f"#{name}", timestamp(time)) for name, time in wanted]
    return _batched(asked, "draft/chathistory-targets", "", b"".join(lines))


def _batched(asked: _Asked, kind: str, about: str, data: bytes) -> bytes:
    """Put an answer into a batch, if its reader knows what that is."""
    if asked.user.has(Capability.BATCH):
        data = batched(_REFERENCE, kind, about, data)
    return _labelled(asked, data)


def _labelled(asked: _Asked, data: bytes) -> bytes:
    return labelled(asked.label, data) if asked.label else data


def _bound(room: Room, selector: str) -> Bound | None:
    """Return what `timestamp=…` or `msgid=…` names, None where that is nothing of this channel."""
    if (milliseconds := parse_timestamp(selector)) is not None:
        return Bound(milliseconds=milliseconds)
    key, _, msgid = selector.partition("=")
    prefix, number = msgid_of(room.name, 0)[:-1], msgid.rpartition("-")[2]
    if key != "msgid" or not number.isascii() or not number.isdigit() or number[0] == "0":
        return None
    if msgid != f"{prefix}{number}" and msgid != f"{unescape_tag(prefix)}{number}":
        return None
    return Bound(int(number)) if len(number) < len(f"{SEQUENCE_MAX}") else None


def _limit(text: str) -> int | None:
    """Return how many messages are asked for, None where that is no number."""
    if not text.isascii() or not text.isdigit() or len(text) > _LIMIT_DIGITS_MAX or int(text) == 0:
        return None
    return min(int(text), HISTORY_ENTRIES_MAX)


def _fail(network: Network, asked: _Asked, code: str, *context: str, text: str) -> None:
    data = _failure(code, *context, text=text)
    answer(network, asked.user, asked.label, lambda: network.send(asked.user, data))


def _failure(code: str, *context: str, text: str) -> bytes:
    return message(SERVER_NAME, "FAIL", "CHATHISTORY", code, *context, text, trailing=True)


VERBS: Mapping[str, Handler] = {"CHATHISTORY": _chathistory}
