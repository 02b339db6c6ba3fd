"""TAGMSG: tags without a text. A reaction is logged; that somebody is typing is not.

https://ircv3.net/specs/extensions/message-tags, https://ircv3.net/specs/client-tags/typing,
https://ircv3.net/specs/client-tags/react and https://ircv3.net/specs/client-tags/reply. Other client-only tags are not
sent on, as CLIENTTAGDENY in ISUPPORT says.
"""

from antechamber.codec import Encoding
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import client_tags, message
from antechamber.codec.irc.encoding import IrcEncoding
from antechamber.codec.irc.numerics import (
    ERR_CANNOTSENDTOCHAN,
    ERR_NOSUCHCHANNEL,
    ERR_NOSUCHNICK,
    ERR_TOOMANYTARGETS,
    REFUSALS,
)
from antechamber.irc.access import channel_of, silenced_towards
from antechamber.irc.exchange import Exchange
from antechamber.irc.message_text import TYPING, MessageText, kept_tags, private_id, private_tags
from antechamber.irc.private_message import shared_rooms, show_life_everywhere
from antechamber.irc.privmsg import refusal, targets_of
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.commands import Tag
from antechamber.protocol.limits import TARGETS_MAX
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import nick_of
from antechamber.rooms.room import Room

_TYPING_STATES = ("active", "paused", "done")


@verb(
    "TAGMSG <target>[,<target>…]",
    "Sends tags without a text: a reaction, or that you are typing.",
    params_min=1,
    is_logged=True,
    names=slice(1),
    cost=targets_in(0),
)
def tagmsg(exchange: Exchange) -> None:
    """Send tags to each target; do nothing if none of them may be sent on."""
    sent = exchange.line.tags or {}
    tags = kept_tags(exchange.line) or {}
    if sent.get(TYPING) in _TYPING_STATES:
        tags = {TYPING: sent[TYPING], **tags}
    targets = targets_of(exchange.param(0))
    if len(targets) > TARGETS_MAX:
        exchange.reply(ERR_TOOMANYTARGETS, exchange.param(0))
        return
    for target in targets if tags and exchange.user.has(Capability.MESSAGE_TAGS) else ():
        if target[0] == "#":
            _tag_channel(exchange, target, tags)
        else:
            _tag_person(exchange, target, tags)


def _tag_channel(exchange: Exchange, target: str, tags: dict[str, str]) -> None:
    user, turn, room = exchange.user, exchange.turn, exchange.network.room(target)
    if room is None or room.stopped:
        exchange.reply(ERR_NOSUCHCHANNEL, target)
        return
    exchange.turn.at = room.name
    if (refused := refusal(exchange, room, MessageText(""))) is not None:
        exchange.show_life(room)
        text = ERR_CANNOTSENDTOCHAN.text if refused.code == "waiting" else refused.text
        exchange.reply(ERR_CANNOTSENDTOCHAN, target, text=text)
        return
    if TYPING in tags:
        exchange.show_life(room)
        _mention(exchange, room, tags)
        return
    session = exchange.network.membership(user, room)
    decision = exchange.network.executor.judge(turn, room, user, Tag(tags))
    assert not isinstance(decision, Refused), "a tag is asked the same as a message without words"
    if session is not None and session.seated and not user.has(Capability.ECHO_MESSAGE):
        turn.pass_over(session)
    room.record(turn, decision)


def _mention(exchange: Exchange, room: Room, tags: dict[str, str]) -> None:
    """Send tags to the seated members whose clients read tags, without logging them."""
    user, turn, target = exchange.user, exchange.turn, channel_of(room)
    source, known = user.source, client_tags(tags)

    def line(encoding: Encoding) -> bytes:
        if not isinstance(encoding, IrcEncoding) or not encoding.tells_tags:
            return b""
        time = encoding.time_tag(turn.time)
        return message(source, "TAGMSG", target, tags=f"{time};{known}" if time else known)

    turn.tell_audience(room.audience, user, line)
    if user.has(Capability.ECHO_MESSAGE):
        exchange.send(line(user.encoding))


def _tag_person(exchange: Exchange, nick: str, tags: dict[str, str]) -> None:
    user = exchange.user
    show_life_everywhere(exchange)
    other = exchange.network.users.get(nick)
    if other is None:
        if not shared_rooms(exchange, nick):
            exchange.reply(ERR_NOSUCHNICK, nick)
        return
    if (refused := silenced_towards(exchange, other)) is not None:
        exchange.reply(REFUSALS[refused.code], nick_of(other.name), text=refused.text)
        return
    msgid, target, to_other = "" if TYPING in tags else private_id(exchange), nick_of(other.name), exchange.to(other)

    def line(reader: Exchange) -> bytes:
        return message(user.source, "TAGMSG", target, tags=private_tags(reader, msgid, tags))

    if user.has(Capability.ECHO_MESSAGE):
        exchange.send(line(exchange))
    if other is user:
        exchange.to_self.append(line(exchange))
    elif other.has(Capability.MESSAGE_TAGS):
        to_other.send(line(to_other))
