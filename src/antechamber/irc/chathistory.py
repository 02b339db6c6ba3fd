"""CHATHISTORY: what was said in a channel earlier, read from its log and told after the turn.

https://ircv3.net/specs/extensions/chathistory. Private messages are not logged, so they have no history. The history of
a channel that users have made begins with its first member; what an earlier channel of its name said stays private.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple, cast

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, message, unescape_tag
from antechamber.codec.irc.encoding import msgid_of, timestamp
from antechamber.irc.access import sits_in
from antechamber.irc.exchange import Exchange
from antechamber.irc.history_selection import Bound, Conversations, Selection, Way
from antechamber.irc.labeled_response import answer, batched, label_of, labelled
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import HISTORY_ENTRIES_MAX, SEQUENCE_MAX
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room

_BOUNDS: Final[Mapping[str, int]] = {"LATEST": 1, "BEFORE": 1, "AFTER": 1, "AROUND": 1, "BETWEEN": 2}
"""How many bounds each subcommand has."""
_REFERENCE: Final = "history"
_UNREADABLE: Final = "Messages could not be retrieved"
_LIMIT_DIGITS_MAX: Final = 9


class _Asked(NamedTuple):
    """Who asks, by which subcommand, and the label of the answer. It outlives the turn, as the answer comes later."""

    user: User
    way: str
    label: str


def parse_timestamp(text: str) -> int | None:
    """Read `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`; return milliseconds since the epoch, None if it is anything else."""
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


@verb(
    "CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN|TARGETS <target> <bounds> <limit>",
    "Shows what was said in a channel earlier.",
    names=slice(1, 2),
    labels_itself=True,
)
def chathistory(exchange: Exchange) -> None:
    """Judge the question, and have it answered after the turn."""
    way, *params = exchange.params or ("",)
    asked = _Asked(exchange.user, way.upper(), label_of(exchange))
    if asked.way == "TARGETS":
        _targets(exchange, asked, params)
    elif asked.way in _BOUNDS:
        _past(exchange, asked, params)
    else:
        _fail(exchange, asked, "UNKNOWN_COMMAND" if way else "INVALID_PARAMS", way or "*", text="Unknown command")


def _past(exchange: Exchange, asked: _Asked, params: list[str]) -> None:
    user, way = asked.user, asked.way
    count = _BOUNDS[way]
    if len(params) < count + 2:
        _fail(exchange, asked, "INVALID_PARAMS", way, text="Insufficient parameters")
        return
    target, *selectors, limit = params[: count + 2]
    room = exchange.network.room(target)
    if room is None or room.stopped or not sits_in(user, room):
        _fail(exchange, asked, "INVALID_TARGET", way, target, text=_UNREADABLE)
        return
    bounds = []
    for selector in selectors if (way, selectors) != ("LATEST", ["*"]) else ():
        bound = _bound(room, selector)
        if bound is None:
            _fail(exchange, asked, "INVALID_PARAMS", way, selector, text="Invalid message reference")
            return
        bounds.append(bound)
    number = _limit(limit)
    if number is None:
        _fail(exchange, asked, "INVALID_PARAMS", way, limit, text="Invalid limit")
        return
    exchange.turn.at = room.name
    with_events = user.has(Capability.EVENT_PLAYBACK)
    selection = Selection(room.name, room.log.begins_at, cast(Way, way), tuple(bounds), number, with_events)
    _inquire(exchange, asked, room, selection, partial(_word, exchange.network, asked, target))


def _targets(exchange: Exchange, asked: _Asked, params: list[str]) -> None:
    times = [parse_timestamp(text) for text in params[:2]]
    number = _limit(params[2]) if len(params) > 2 else None
    since, until = (*times, None, None)[:2]
    if since is None or until is None or number is None:
        text = "Two timestamps and a limit are needed"
        _fail(exchange, asked, "INVALID_PARAMS", asked.way, text=text)
        return
    assert asked.user.memberships is not None
    rooms = [exchange.network.rooms[name] for name in asked.user.memberships]
    channels = tuple((room.name, room.log.begins_at) for room in rooms if sits_in(asked.user, room))
    question = Conversations(channels, min(since, until), max(since, until))
    _inquire(exchange, asked, None, question, partial(_word_targets, asked, number, since > until))


def _inquire(exchange: Exchange, asked: _Asked, room: Room | None, question: Any, word: Callable[[Any], bytes]) -> None:
    user = asked.user
    session = user if room is None else exchange.network.membership(user, room)
    assert session is not None
    refused = exchange.network.history_queries.submit(exchange.turn, session, room, question, word)
    if refused is not None:
        _fail(exchange, asked, "MESSAGE_ERROR", asked.way, f"#{room.name}" if room else "*", text=refused.text)


def _word(network: Network, asked: _Asked, target: str, found: list[Entry] | Refused) -> bytes:
    """Return the answer as bytes, once the log has been read."""
    if isinstance(found, Refused):
        return _labelled(asked, _failure("MESSAGE_ERROR", asked.way, target, text=_UNREADABLE))
    data = asked.user.encoding.joined(found, b"", network.clock.text(network.clock.now()))
    return _batched(asked, "chathistory", target, data)


def _word_targets(asked: _Asked, limit: int, newest_first: bool, found: list[tuple[str, float]] | Refused) -> bytes:
    if isinstance(found, Refused):
        return _labelled(asked, _failure("MESSAGE_ERROR", asked.way, "*", text=_UNREADABLE))
    wanted = found[::-1][:limit] if newest_first else found[:limit]
    lines = [message(SERVER_NAME, "CHATHISTORY", "TARGETS", f"#{name}", timestamp(time)) for name, time in wanted]
    return _batched(asked, "draft/chathistory-targets", "", b"".join(lines))


def _batched(asked: _Asked, kind: str, about: str, data: bytes) -> bytes:
    """Put an answer into a batch, if its reader has asked for batches."""
    if asked.user.has(Capability.BATCH):
        data = batched(_REFERENCE, kind, about, data)
    return _labelled(asked, data)


def _labelled(asked: _Asked, data: bytes) -> bytes:
    return labelled(asked.label, data) if asked.label else data


def _bound(room: Room, selector: str) -> Bound | None:
    """Read `timestamp=…` or `msgid=…`; return None if it names nothing in this channel."""
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
    """Return how many messages the user wants at most, None if `text` is not such a number."""
    if not text.isascii() or not text.isdigit() or len(text) > _LIMIT_DIGITS_MAX or int(text) == 0:
        return None
    return min(int(text), HISTORY_ENTRIES_MAX)


def _fail(exchange: Exchange, asked: _Asked, code: str, *context: str, text: str) -> None:
    data = _failure(code, *context, text=text)
    answer(exchange, asked.label, lambda: exchange.send(data))


def _failure(code: str, *context: str, text: str) -> bytes:
    return message(SERVER_NAME, "FAIL", "CHATHISTORY", code, *context, text, trailing=True)
