"""PART and QUIT: how a user leaves a channel, or the network."""

from typing import Literal

from antechamber.codec.irc.decoding import Line, message
from antechamber.codec.irc.numerics import (
    ERR_NOTONCHANNEL,
)
from antechamber.codec.irc.wording import QUIT_MARK
from antechamber.irc.access import channel_of, room_called
from antechamber.irc.monitor import tell_offline
from antechamber.irc.network import Network
from antechamber.irc.shared_channels import Once
from antechamber.irc.users import Former, User
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX
from antechamber.rooms.room import Room
from antechamber.session.session import Session

LEAVING = f"{QUIT_MARK}Leaving"
"""The last words of one who says none, or none that others are to read."""


def depart(network: Network, user: User, text: str, *, may_hold: bool = False) -> None:
    """Let a user leave all its channels, and be found by its nick no more; others read `text`, once each.

    Where it `may_hold`, its seats and places are held where they are to be; `text` beginning with `Quit: ` is its own.
    A client takes who quits out of every channel, so where one of its name stays in any, it leaves each of its own.
    """
    turn = network.turn
    network.users.unknown.discard(user)
    assert user.memberships is not None
    reason: Literal["quit", "lost"] = "quit" if text.startswith(QUIT_MARK) else "lost"
    is_one_quit = not _stays_somewhere(network, user, may_hold=may_hold)
    if not is_one_quit:
        text = text.removeprefix(QUIT_MARK) if reason == "quit" else ""
    once = Once(turn, len(user.memberships) if is_one_quit else 0)
    for session in list(user.memberships.values()):
        room = network.replies.at = network.rooms[session.channel]
        if may_hold and room.holds(session, turn.steady):
            room.hold(turn, session)
            continue
        turn.unseat(session)
        if session.name in room.channel.seated:  # that one leaves a line is told to nobody
            once.pass_over(room)
        room.leave(turn, session.name, reason, text, LEAVING if is_one_quit else "")
    once.end()
    network.replies.at = None
    if user.is_registered and network.users.get(user.name) is user:
        _free_nick(network, user)
        tell_offline(network, user.name)


def _stays_somewhere(network: Network, user: User, *, may_hold: bool) -> bool:
    """Say whether somebody of the user's name keeps a seat: itself, as it is held, or somebody from elsewhere."""
    memberships, steady = user.memberships, network.turn.steady
    assert memberships is not None
    rooms = [room for room in network.rooms.values() if user.name in room.channel.seated]
    return any(
        room.name not in memberships or (may_hold and room.holds(memberships[room.name], steady)) for room in rooms
    )


def _free_nick(network: Network, user: User) -> None:
    """Let a user be found by its nick no more."""
    users, former = network.users, Former(user.name, user.host, user.realname, network.turn.time)
    monitored = list((user.monitored or {}).values())
    users.discard(user)
    users.former.append(former)
    for nick in monitored:
        users.unwatch(user, nick)

    def undo() -> None:
        users.add(user)
        users.remember_not(former)
        for nick in monitored:
            users.watch(user, nick)

    network.turn.undo.append(undo)


@verb(
    "PART <channel>[,<channel>…] [:<reason>]",
    "Leaves channels, or their waiting lines.",
    params_min=1,
    is_logged=True,
    names=slice(1),
    cost=targets_in(0),
)
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
            leave(network, user, room, session, words)


def leave(network: Network, user: User, room: Room, session: Session, words: str) -> None:
    """Let a membership end, of which the user reads by itself: its session reads its channel no further."""
    turn, channel, had_seat = network.turn, channel_of(room), user.name in room.channel.seated
    network.replies.at = room
    text = room.channel.last_words(user.name, f"({words})" if words.startswith(QUIT_MARK) else words, turn.steady)
    room.leave(turn, session.name, "quit", text)
    if had_seat:
        network.send(user, message(user.source, "PART", channel, *((text,) if text else ()), trailing=bool(text)))
    else:
        network.notice(user, f"{channel}: You have left the waiting queue.")
    session.closed = True
    turn.ending.append(session)


@verb("QUIT [:<reason>]", "Leaves all channels, and closes your connection.", before_registration=True, is_logged=True)
def _quit(network: Network, user: User, line: Line) -> None:
    words = line.params[0].strip()[:LAST_WORDS_CHARACTERS_MAX] if line.params else ""
    text = f"{QUIT_MARK}{words}" if words else LEAVING
    depart(network, user, text)
    network.turn.end(user, "quit", text)
