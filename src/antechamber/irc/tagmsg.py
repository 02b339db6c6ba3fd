"""Tagging: TAGMSG, which says something in tags alone: a reaction, which is kept, or that one is writing, which is not.

Of the tags that clients make up (`+key`) those pass that are known here, as ISUPPORT's CLIENTTAGDENY says.
"""

from collections.abc import Mapping

from antechamber.channel.channel import Refused
from antechamber.codec import Encoding
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Line, client_tags, message, nick_of
from antechamber.codec.irc.encoding import IrcEncoding
from antechamber.codec.irc.numerics import (
    ERR_CANNOTSENDTOCHAN,
    ERR_NOSUCHCHANNEL,
    ERR_NOSUCHNICK,
    ERR_TOOMANYTARGETS,
    REFUSALS,
)
from antechamber.irc.access import silenced_towards
from antechamber.irc.message_text import TYPING, Words, kept_tags, private_id, private_tags
from antechamber.irc.network import Handler, Network
from antechamber.irc.private_message import shares_a_channel, show_life
from antechamber.irc.privmsg import refusal, targets_of
from antechamber.irc.users import User
from antechamber.protocol.commands import Tag
from antechamber.protocol.limits import TARGETS_MAX
from antechamber.rooms.room import Room

_TYPING_STATES = ("active", "paused", "done")


def _tagmsg(network: Network, user: User, line: Line) -> None:
    """Say tags to each target; without any that pass, nothing is said."""
    tags = kept_tags(line) or {}
    if (line.tags or {}).get(TYPING) in _TYPING_STATES:
        tags = {TYPING: (line.tags or {})[TYPING], **tags}
    targets = targets_of(line.params[0])
    if len(targets) > TARGETS_MAX:
        network.reply(user, ERR_TOOMANYTARGETS, line.params[0])
        return
    for target in targets if tags and user.has(Capability.MESSAGE_TAGS) else ():
        if target[0] == "#":
            _tag_channel(network, user, target, tags)
        else:
            _tag_person(network, user, target, tags)


def _tag_channel(network: Network, user: User, target: str, tags: dict[str, str]) -> None:
    room, turn = network.room(target), network.turn
    if room is None or room.stopped:
        network.reply(user, ERR_NOSUCHCHANNEL, target)
        return
    network.replies.at = room
    if (refused := refusal(network, user, room, Words(""))) is not None:
        text = ERR_CANNOTSENDTOCHAN.text if refused.code == "waiting" else refused.text
        network.reply(user, ERR_CANNOTSENDTOCHAN, target, text=text)
        return
    room.channel.touch(user.name, turn.steady)
    if TYPING in tags:
        _mention(network, user, room, tags)
        return
    session = network.membership(user, room)
    if session is not None and session.seated and not user.has(Capability.ECHO_MESSAGE):
        turn.pass_over(session)
    decision = room.channel.decide(Tag(tags), user.name, turn.steady)
    assert not isinstance(decision, Refused)
    room.record(turn, decision)


def _mention(network: Network, user: User, room: Room, tags: dict[str, str]) -> None:
    """Let those seated read it now who read tags: it is no entry, and so costs each of them no more than the write."""
    source, target, turn = user.source, f"#{room.name}", network.turn
    known = client_tags(tags)

    def line(encoding: Encoding) -> bytes:
        if not isinstance(encoding, IrcEncoding) or not encoding.tells_tags:
            return b""
        time = encoding.time_tag(turn.time)
        return message(source, "TAGMSG", target, tags=f"{time};{known}" if time else known)

    turn.tell_audience(room.audience, user, line)
    if user.has(Capability.ECHO_MESSAGE):
        network.send(user, line(user.encoding))


def _tag_person(network: Network, user: User, nick: str, tags: dict[str, str]) -> None:
    show_life(network, user)
    other = network.users.get(nick)
    if other is None:
        if not shares_a_channel(network, user, nick):
            network.reply(user, ERR_NOSUCHNICK, nick)
        return
    if (refused := silenced_towards(network, user, other)) is not None:
        network.reply(user, REFUSALS[refused.code], nick_of(other.name), text=refused.text)
        return
    msgid, target = "" if TYPING in tags else private_id(network), nick_of(other.name)

    def line(reader: User) -> bytes:
        return message(user.source, "TAGMSG", target, tags=private_tags(network, reader, msgid, tags))

    if user.has(Capability.ECHO_MESSAGE):
        network.send(user, line(user))
    if other is user:
        network.to_self.append(line(user))
    elif other.has(Capability.MESSAGE_TAGS):
        network.send(other, line(other))


VERBS: Mapping[str, Handler] = {"TAGMSG": _tagmsg}
