"""Joining: JOIN, with the seats and the waiting queue in IRC's words, and PART."""

from collections.abc import Mapping

from antechamber.codec.irc.decoding import Line, message
from antechamber.codec.irc.numerics import (
    ERR_BADCHANNAME,
    ERR_BADCHANNELKEY,
    ERR_CHANNELISFULL,
    ERR_NOSUCHCHANNEL,
    ERR_NOTONCHANNEL,
    ERR_TOOMANYCHANNELS,
    ERR_UNAVAILRESOURCE,
)
from antechamber.irc.access import channel_of, member_called, refuse, room_called
from antechamber.irc.away import hush
from antechamber.irc.network import Handler, Network
from antechamber.irc.rejoin import comes_back, go_on
from antechamber.irc.users import User
from antechamber.irc.welcome import greet, tell_queued
from antechamber.protocol.commands import Join
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import name_problem
from antechamber.rooms.room import Room
from antechamber.session.session import Session

_QUIT = "Quit: "
"""What the last words begin with of one who leaves the network, and by which a PART could be taken for that."""


def join(network: Network, user: User, line: Line) -> None:
    """Enter some channels, each with its key where it has one; `0` is to leave all that one is in."""
    if line.params[0] == "0":
        assert user.memberships is not None
        for session in list(user.memberships.values()):
            _leave(network, user, network.rooms[session.channel], session, "")
        return
    channels = line.params[0].split(",")
    keys = line.params[1].split(",") if len(line.params) > 1 else []
    keys += [""] * (len(channels) - len(keys))
    for channel, key in zip(channels, keys, strict=False):
        if channel:
            _enter(network, user, channel, key)


def _enter(network: Network, user: User, channel: str, key: str) -> None:
    room = network.room(channel)
    if room is not None and (session := network.membership(user, room)) is not None:
        if session.name in room.channel.waiting:
            tell_queued(network, user, room, session)
        return
    assert user.memberships is not None
    if len(user.memberships) >= network.settings.channels_per_user_max:
        network.reply(user, ERR_TOOMANYCHANNELS, channel)
        return
    room = room or _opened(network, user, channel)
    if room is None:
        return
    network.replies.at = room
    if room.stopped:
        network.reply(user, ERR_UNAVAILRESOURCE, channel_of(room), text=room.stopped_text)
        return
    hush(network, user, room)
    session = _session(user)
    back = comes_back(network, user, room)
    if isinstance(back, Refused):
        network.reply(user, ERR_UNAVAILRESOURCE, channel_of(room), text=back.text)
        return
    if back:
        go_on(network, user, room, session)
        return
    if (other := member_called(room, user.name)) is not None:
        network.reply(user, ERR_UNAVAILRESOURCE, channel_of(room), text=_taken(room, other))
        return
    holds = room.may_hold(session)
    marks = network.invitation_marks(user) if room.channel.modes.invited else ()
    join = Join(holds, host=user.host, key=key, marks=marks)
    decision = network.login_attempts.enter(user, room.channel, join, user.name, network.turn.steady)
    if isinstance(decision, Refused):
        _refuse(network, user, room, decision)
        return
    room.enter(network.turn, session, user.name)
    room.record(network.turn, decision)
    if holds:
        _keep_proof(network, user, room)
    if session.seated:
        _greet_now(network, session)
    else:
        tell_queued(network, user, room, session)


def _session(user: User) -> Session:
    """Return a session for one membership of a user's. Who has a password may come back to it."""
    session = Session(user.transport, user.encoding, "", may_hold=bool(user.password), outlet=user)
    session.host, session.holds = user.host, session.may_hold
    return session


def _keep_proof(network: Network, user: User, room: Room) -> None:
    """Let a user who has just entered be known by its password, after a restart too."""
    entered = room.claim(user.name).entered
    proof = network.tokens.proof(room.name, entered, user.password)
    room.channel.prove(user.name, proof)
    network.turn.part(room.name).proofs += ((entered, proof),)


def _greet_now(network: Network, session: Session) -> None:
    """Greet within the answer to the command, not with those who get a seat because another left it."""
    network.turn.greet.remove(session)
    greet(network, session)


def _opened(network: Network, user: User, channel: str) -> Room | None:
    """Open a channel that is not there, where users may do so; tell the user why, where it is not done."""
    name = channel[1:]
    if channel[:1] != "#" or (not network.settings.open_channels and not _name_problem(network, name)):
        network.reply(user, ERR_NOSUCHCHANNEL, channel)
    elif _name_problem(network, name):
        network.reply(user, ERR_BADCHANNAME, channel)
    elif isinstance(room := network.open_room(name, user.host), Room):
        return room
    else:
        network.reply(user, ERR_UNAVAILRESOURCE, channel, text=room)
    return None


def _name_problem(network: Network, name: str) -> str | None:
    """Say what keeps `name` from being a channel's: it is as a member's, but for more `#` in front."""
    characters_max = network.limits.name_characters_max
    if len(name) > characters_max:
        return f"A name has at most {characters_max} characters."
    return name_problem(name.lstrip("#"), characters_max)


def _refuse(network: Network, user: User, room: Room, refused: Refused) -> None:
    """Tell a user why it does not come in."""
    if refused.code == "queue-full":
        text = f"{ERR_CHANNELISFULL.text} - its waiting queue is full, too"
        network.reply(user, ERR_CHANNELISFULL, channel_of(room), text=text)
    elif refused.code == "too-many-failures":
        network.reply(user, ERR_BADCHANNELKEY, channel_of(room), text=refused.text)
    else:
        refuse(network, user, "JOIN", room, refused)


def _taken(room: Room, name: str) -> str:
    """Say what to do about a name that a member has who is not this user, or that IRC cannot tell from it."""
    if name in room.held:
        return (
            f"A place of {name} is held in {channel_of(room)}: come back with its password (PASS), or as another nick"
        )
    return (
        f"There is somebody called {name} in {channel_of(room)} already: take another nick with NICK, then join again"
    )


# Leaving


def part(network: Network, user: User, line: Line) -> None:
    """Leave some channels, or the lines of them."""
    words = line.params[1].strip() if len(line.params) > 1 else ""
    for channel in line.params[0].split(","):
        room = room_called(network, user, channel) if channel else None
        if room is None:
            continue
        session = network.membership(user, room)
        if session is None:
            network.reply(user, ERR_NOTONCHANNEL, channel_of(room))
        else:
            _leave(network, user, room, session, words)


def _leave(network: Network, user: User, room: Room, session: Session, words: str) -> None:
    """Let a membership end, of which the user reads by itself: its session reads its channel no further."""
    turn, channel, had_seat = network.turn, channel_of(room), user.name in room.channel.seated
    network.replies.at = room
    text = room.channel.last_words(user.name, f"({words})" if words.startswith(_QUIT) else words, turn.steady)
    room.leave(turn, session.name, "quit", text)
    if had_seat:
        network.send(user, message(user.source, "PART", channel, *((text,) if text else ()), trailing=bool(text)))
    else:
        network.notice(user, f"{channel}: You have left the waiting queue.")
    turn.set(session, "closed", True)
    turn.ending.append(session)


VERBS: Mapping[str, Handler] = {"JOIN": join, "PART": part}
