"""Talking: PRIVMSG and NOTICE, to channels, to those who have a role in one, and to people."""

from functools import partial

from antechamber.channel.channel import Refused
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Burst, Line, fold
from antechamber.codec.irc.numerics import (
    ERR_CANNOTSENDTOCHAN,
    ERR_NORECIPIENT,
    ERR_NOSUCHCHANNEL,
    ERR_NOTEXTTOSEND,
    ERR_TOOMANYTARGETS,
)
from antechamber.irc.access import member_called
from antechamber.irc.labeled_response import answer
from antechamber.irc.message_text import Words, private_id, told, words_of
from antechamber.irc.network import Network
from antechamber.irc.private_message import tell_member, whisper
from antechamber.irc.users import User
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.commands import Say
from antechamber.protocol.limits import TARGETS_MAX
from antechamber.rooms.room import Room

_NO_DCC = "Files go by links here: SEND <nick> <file name> gives you one to bring a file to."
_NO_CTCP = "Requests to programs are not sent to a channel"
_STRANGER = Refused("waiting", "You are not a member there.")
_ROLES = "@+"
_ECHO = int(Capability.ECHO_MESSAGE)
"""As a number, since an enumeration takes a microsecond to be asked."""


def take_burst(network: Network, user: User, burst: Burst) -> None:
    """Let a user say several things in a row to one target.

    Nearly all that is ever said comes this way, so a channel that the user sits in is found, and asked, once for all.
    """
    target, texts = burst.target, burst.texts
    assert user.memberships is not None
    session = user.memberships.get(target[1:]) if target[0] == "#" else None
    if session is None:
        for text in texts:
            answer(network, user, "", partial(_talk, network, user, Line("PRIVMSG", (target, text))))
        return
    replies = network.replies
    room = replies.at = network.rooms[session.channel]
    refused = replies.too_much(user)
    if refused is None:
        refused = room.say(replies.turn, session, texts, echoes=user.capabilities & _ECHO != 0)
    if refused is not None:
        for text in texts:
            _refuse(network, user, target, Words(text), refused)


def say(network: Network, user: User, target: str, words: Words) -> None:
    """Let a user say something to a target: a channel, those who have a role there, or somebody."""
    if target[:1] == "#":
        _say_in_channel(network, user, target, words)
    elif target[:1] in _ROLES and target.lstrip(_ROLES)[:1] == "#":
        _say_to_role(network, user, target, words)
    else:
        whisper(network, user, target, words)


@verb(
    "PRIVMSG <target>[,<target>…] :<text>",
    "Says something in a channel, or to somebody alone.",
    is_logged=True,
    names=slice(1),
    cost=targets_in(0),
)
@verb(
    "NOTICE <target>[,<target>…] :<text>",
    "Says something that no program may answer.",
    is_logged=True,
    names=slice(1),
    cost=targets_in(0),
)
def _talk(network: Network, user: User, line: Line) -> None:
    """Say it to each target, or tell what is missing. A notice is never answered, so that programs cannot quarrel."""
    answers_errors = line.command != "NOTICE"
    targets = targets_of(line.params[0]) if line.params else []
    words = words_of(line, line.params[1]) if len(line.params) > 1 else None
    if not targets:
        if answers_errors:
            network.reply(user, ERR_NORECIPIENT, text=f"No recipient given ({line.command})")
    elif words is None:
        if answers_errors:
            network.reply(user, ERR_NOTEXTTOSEND)
    elif len(targets) > TARGETS_MAX:
        if answers_errors:
            network.reply(user, ERR_TOOMANYTARGETS, line.params[0])
    elif words.ctcp == "DCC":
        if answers_errors:
            network.notice(user, _NO_DCC)
    else:
        for target in targets:
            say(network, user, target, words)


def targets_of(word: str) -> list[str]:
    """Return the targets that stand in a word with commas; one that is there twice, in whatever case, only once."""
    targets: dict[str, str] = {}
    for target in filter(None, word.split(",")):
        targets.setdefault(fold(target), target)
    return list(targets.values())


def _say_in_channel(network: Network, user: User, target: str, words: Words) -> None:
    room = _room(network, user, target, words)
    if room is None:
        return
    turn, channel = network.turn, room.channel
    refused = refusal(network, user, room, words)
    if refused is not None:
        _refuse(network, user, target, words, refused)
        return
    channel.touch(user.name, turn.steady)
    session = network.membership(user, room)
    if session is not None and session.seated and not user.has(Capability.ECHO_MESSAGE):
        turn.pass_over(session)
    decision = channel.decide(Say(words.text, "", words.form, words.tags), user.name, turn.steady)
    assert not isinstance(decision, Refused)
    room.record(turn, decision)


def _say_to_role(network: Network, user: User, target: str, words: Words) -> None:
    """Let those seated read it who have the role of the target's mark, or a higher one. No log keeps it."""
    name = target.lstrip(_ROLES)
    room = _room(network, user, name, words)
    if room is None:
        return
    refused = refusal(network, user, room, words)
    if refused is not None:
        _refuse(network, user, target, words, refused)
        return
    room.channel.touch(user.name, network.turn.steady)
    wanted = "o" if target[: len(target) - len(name)] == "@" else "ov"
    msgid = private_id(network)
    for member, roles in room.channel.modes.roles.items():
        session = room.sessions.get(member)
        if session is None or session.closed or not set(roles) & set(wanted) or session.outlet is user:
            continue
        reader = session.outlet
        if isinstance(reader, User):
            network.send(reader, told(network, reader, user.source, target, words, msgid))
        else:
            tell_member(network, user, room, session, words)
    if user.has(Capability.ECHO_MESSAGE):
        network.send(user, told(network, user, user.source, target, words, msgid))


def _room(network: Network, user: User, target: str, words: Words) -> Room | None:
    """Return the room of this name; None where there is none, and the user is told so."""
    room = network.room(target)
    if room is None or room.stopped:
        if words.form != "notice":
            network.reply(user, ERR_NOSUCHCHANNEL, target)
        return None
    network.replies.at = room
    return room


def refusal(network: Network, user: User, room: Room, words: Words) -> Refused | None:
    """Return why a user cannot say it there, None where it can."""
    if words.ctcp:
        return Refused("no-ctcp", _NO_CTCP)
    if too_much := network.replies.too_much(user):
        return too_much
    if network.membership(user, room) is None and member_called(room, user.name) is not None:
        return _STRANGER  # a member from elsewhere has the name there
    return room.channel.may_say(user.name, network.turn.steady, user.host)


def _refuse(network: Network, user: User, target: str, words: Words, refused: Refused) -> None:
    if words.form == "notice":
        return
    text = ERR_CANNOTSENDTOCHAN.text if refused.code == "waiting" else refused.text
    network.reply(user, ERR_CANNOTSENDTOCHAN, target, text=text)
