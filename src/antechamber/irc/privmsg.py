"""PRIVMSG and NOTICE: messages to a channel, to the members with a role in it, and to one person.

RFC 2812, section 3.3; messages to a role (STATUSMSG): https://modern.ircdocs.horse/#statusmsg-parameter. With
https://ircv3.net/specs/extensions/echo-message users read their own messages.
"""

from functools import partial

from antechamber.channel.decide import may_say
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Burst, Line
from antechamber.codec.irc.numerics import (
    ERR_CANNOTSENDTOCHAN,
    ERR_NORECIPIENT,
    ERR_NOSUCHCHANNEL,
    ERR_NOTEXTTOSEND,
    ERR_TOOMANYTARGETS,
)
from antechamber.irc.access import member_called
from antechamber.irc.exchange import Exchange
from antechamber.irc.labeled_response import answer
from antechamber.irc.message_text import MessageText, private_id, private_lines, read_text
from antechamber.irc.private_message import send_privately, tell_member
from antechamber.irc.users import User
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.commands import Say
from antechamber.protocol.limits import TARGETS_MAX
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import fold
from antechamber.rooms.room import Room

_NO_DCC = "Files are sent by links on this server: SEND <nick> <file name> gives you one."
_NO_CTCP = "CTCP messages cannot be sent to a channel"
_STRANGER = Refused("waiting", "You are not a member there.")
_ROLES = "@+"
_ECHO = int(Capability.ECHO_MESSAGE)
"""As a number, since testing an enumeration takes a microsecond."""


def take_burst(exchange: Exchange, burst: Burst) -> None:
    """Say several texts in a row to one target.

    Nearly all that is ever said comes this way, so a channel where the user is a member is found and asked only once.
    """
    user, target, texts = exchange.user, burst.target, burst.texts
    assert user.memberships is not None
    user.active_at = exchange.turn.steady
    session = user.memberships.get(target[1:]) if target[0] == "#" else None
    if session is None:
        for text in texts:
            one = Exchange(exchange.network, exchange.turn, user, Line("PRIVMSG", (target, text)))
            answer(one, "", partial(talk, one))
        return
    room = exchange.network.rooms[session.channel]
    exchange.turn.at = room.name
    refused = exchange.network.executor.too_much(user)
    if refused is None:
        refused = room.say(exchange.turn, session, texts, echoes=user.capabilities & _ECHO != 0)
    if refused is not None:
        exchange.show_life(room)  # as there is no entry that tells of it
        for text in texts:
            _refuse(exchange, target, MessageText(text), refused)


def say(exchange: Exchange, target: str, said: MessageText) -> None:
    """Say something to a target: a channel, the members with a role in it, or one person."""
    if target[:1] == "#":
        _say_in_channel(exchange, target, said)
    elif target[:1] in _ROLES and target.lstrip(_ROLES)[:1] == "#":
        _say_to_role(exchange, target, said)
    else:
        send_privately(exchange, target, said)


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
def talk(exchange: Exchange) -> None:
    """Say something to each target. Errors of a NOTICE are not told, so that programs cannot answer each other."""
    is_notice = exchange.line.command == "NOTICE"
    if not is_notice:
        exchange.user.active_at = exchange.turn.steady
    targets = targets_of(exchange.param(0))
    said = read_text(exchange.line, exchange.param(1)) if len(exchange.params) > 1 else None
    if not targets:
        if not is_notice:
            exchange.reply(ERR_NORECIPIENT, text=f"No recipient given ({exchange.line.command})")
    elif said is None:
        if not is_notice:
            exchange.reply(ERR_NOTEXTTOSEND)
    elif len(targets) > TARGETS_MAX:
        if not is_notice:
            exchange.reply(ERR_TOOMANYTARGETS, exchange.param(0))
    elif said.ctcp == "DCC":
        if not is_notice:
            exchange.notice(_NO_DCC)
    else:
        for target in targets:
            say(exchange, target, said)


def targets_of(word: str) -> list[str]:
    """Return the targets in a list with commas, each of them once, whatever its case."""
    targets: dict[str, str] = {}
    for target in filter(None, word.split(",")):
        targets.setdefault(fold(target), target)
    return list(targets.values())


def _say_in_channel(exchange: Exchange, target: str, said: MessageText) -> None:
    room = _room(exchange, target, said)
    if room is None:
        return
    user, turn = exchange.user, exchange.turn
    refused = refusal(exchange, room, said)
    if refused is not None:
        exchange.show_life(room)
        _refuse(exchange, target, said, refused)
        return
    session = exchange.network.membership(user, room)
    decision = exchange.network.executor.judge(turn, room, user, Say(said.text, "", said.form, said.tags))
    assert not isinstance(decision, Refused), "this was asked above"
    if session is not None and session.seated and not user.has(Capability.ECHO_MESSAGE):
        turn.pass_over(session)
    room.record(turn, decision)


def _say_to_role(exchange: Exchange, target: str, said: MessageText) -> None:
    """Say something to the seated members with the role of the target's prefix, or a higher one. No log keeps it."""
    user, name = exchange.user, target.lstrip(_ROLES)
    room = _room(exchange, name, said)
    if room is None:
        return
    exchange.show_life(room)
    refused = refusal(exchange, room, said)
    if refused is not None:
        _refuse(exchange, target, said, refused)
        return
    wanted = "o" if target[: len(target) - len(name)] == "@" else "ov"
    msgid = private_id(exchange)
    for member, roles in room.channel.modes.roles.items():
        session = room.sessions.get(member)
        if session is None or session.closed or not set(roles) & set(wanted) or session.outlet is user:
            continue
        if isinstance(session.outlet, User):
            reader = exchange.to(session.outlet)
            reader.send(private_lines(reader, user.source, target, said, msgid))
        else:
            tell_member(exchange, room, session, said)
    if user.has(Capability.ECHO_MESSAGE):
        exchange.send(private_lines(exchange, user.source, target, said, msgid))


def _room(exchange: Exchange, target: str, said: MessageText) -> Room | None:
    """Return the room of this name; if there is none, tell the user so unless it sends a NOTICE, and return None."""
    room = exchange.network.room(target)
    if room is None or room.stopped:
        if said.form != "notice":
            exchange.reply(ERR_NOSUCHCHANNEL, target)
        return None
    exchange.turn.at = room.name
    return room


def refusal(exchange: Exchange, room: Room, said: MessageText) -> Refused | None:
    """Return why the user may not say something in a room, None if it may."""
    user = exchange.user
    if said.ctcp:
        return Refused("no-ctcp", _NO_CTCP)
    if too_much := exchange.network.executor.too_much(user):
        return too_much
    if exchange.network.membership(user, room) is None and member_called(room, user.name) is not None:
        return _STRANGER  # as a member who is not on IRC has the user's name there
    return may_say(room.channel, user.name, exchange.turn.steady, user.host)


def _refuse(exchange: Exchange, target: str, said: MessageText, refused: Refused) -> None:
    if said.form == "notice":
        return
    text = ERR_CANNOTSENDTOCHAN.text if refused.code == "waiting" else refused.text
    exchange.reply(ERR_CANNOTSENDTOCHAN, target, text=text)
