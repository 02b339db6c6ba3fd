"""PART and QUIT: leaving a channel, and leaving the network.

RFC 2812, sections 3.2.2 and 3.1.7.
"""

from typing import Literal

from antechamber.channel.decide import last_words
from antechamber.codec.irc.decoding import message
from antechamber.codec.irc.numerics import (
    ERR_NOTONCHANNEL,
)
from antechamber.codec.irc.wording import QUIT_MARK
from antechamber.irc.access import channel_of, room_called
from antechamber.irc.exchange import Exchange
from antechamber.irc.monitor import tell_offline
from antechamber.irc.shared_channels import SharedChannels
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX
from antechamber.rooms.room import Room
from antechamber.session.session import Session

LEAVING = f"{QUIT_MARK}Leaving"
"""The last words of a user who quits without any, or whose own words others are not to read."""


def depart(exchange: Exchange, text: str, *, may_hold: bool = False) -> None:
    """Take a user out of all its channels, and free its nick; each of the others reads `text` once.

    If it `may_hold`, its seats and places are held where its channels hold them. A `text` that begins with `Quit: ` is
    the user's own. On a QUIT a client removes the user from every channel that it shows, so if anybody of this name
    stays in a channel, the user parts from each of its own instead.
    """
    user, turn, network = exchange.user, exchange.turn, exchange.network
    network.users.unregistered.pop(user, None)
    assert user.memberships is not None
    reason: Literal["quit", "lost"] = "quit" if text.startswith(QUIT_MARK) else "lost"
    is_one_quit = not _stays_somewhere(exchange, may_hold=may_hold)
    if not is_one_quit:
        text = text.removeprefix(QUIT_MARK) if reason == "quit" else ""
    shared_channels = SharedChannels(turn, len(user.memberships) if is_one_quit else 0)
    for session in list(user.memberships.values()):
        room = network.rooms[session.channel]
        turn.at = room.name
        if may_hold and room.holds(session, turn.steady):
            room.hold(turn, session)
            continue
        turn.unseat(session)
        if session.name in room.channel.seated:  # nobody reads that a member has left the waiting line
            shared_channels.pass_over(room)
        room.leave(turn, session.name, reason, text, LEAVING if is_one_quit else "")
    shared_channels.end()
    exchange.turn.at = ""
    if user.is_registered and network.users.get(user.name) is user:
        network.users.discard(turn, user)
        for nick in list((user.monitored or {}).values()):
            network.users.unwatch(turn, user, nick)
        tell_offline(exchange, user.name)


def _stays_somewhere(exchange: Exchange, *, may_hold: bool) -> bool:
    """Return whether anybody of the user's name keeps a seat: the user, whose seat is held, or a member not on IRC."""
    user, steady = exchange.user, exchange.turn.steady
    memberships = user.memberships
    assert memberships is not None
    rooms = [room for room in exchange.network.rooms.values() if user.name in room.channel.seated]
    return any(
        room.name not in memberships or (may_hold and room.holds(memberships[room.name], steady)) for room in rooms
    )


@verb(
    "PART <channel>[,<channel>…] [:<reason>]",
    "Leaves channels, or their waiting lines.",
    params_min=1,
    is_logged=True,
    names=slice(1),
    cost=targets_in(0),
)
def part(exchange: Exchange) -> None:
    """Leave channels, or their waiting lines."""
    for channel in exchange.param(0).split(","):
        room = room_called(exchange, channel) if channel else None
        if room is None:
            continue
        session = exchange.network.membership(exchange.user, room)
        if session is None:
            exchange.reply(ERR_NOTONCHANNEL, channel_of(room))
        else:
            leave(exchange, room, session, exchange.param(1).strip())


def leave(exchange: Exchange, room: Room, session: Session, words: str) -> None:
    """End one membership, and tell the user so here: its session reads nothing more of the channel."""
    user, turn, channel = exchange.user, exchange.turn, channel_of(room)
    had_seat = user.name in room.channel.seated
    exchange.turn.at = room.name
    words = f"({words})" if words.startswith(QUIT_MARK) else words  # so that it is not taken for a QUIT
    text = last_words(room.channel, user.name, words, turn.steady)
    room.leave(turn, session.name, "quit", text)
    if had_seat:
        exchange.send(message(user.source, "PART", channel, *((text,) if text else ()), trailing=bool(text)))
    else:
        exchange.notice(f"{channel}: You have left the waiting queue.")
    turn.set(session, "closed", True)
    turn.ending.append(session)


@verb("QUIT [:<reason>]", "Leaves all channels, and closes your connection.", before_registration=True, is_logged=True)
def quit_network(exchange: Exchange) -> None:
    """Leave all channels, and close the connection."""
    words = exchange.param(0).strip()[:LAST_WORDS_CHARACTERS_MAX]
    text = f"{QUIT_MARK}{words}" if words else LEAVING
    depart(exchange, text)
    exchange.turn.end(exchange.user, "quit", text)
