"""Greeting: what a user is told of a channel once it has a seat there, or a place in its line."""

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.numerics import ERR_CHANNELISFULL
from antechamber.irc.access import channel_of
from antechamber.irc.away import tell_away
from antechamber.irc.channel_commands import tell_names, tell_topic
from antechamber.irc.markread import tell_marker
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.rooms.room import Room
from antechamber.session.session import Session


def greet(network: Network, session: Session) -> None:
    """Tell a user, whose membership has got its seat, what the channel is about and who is in it."""
    user, room = session.outlet, network.rooms[session.channel]
    assert isinstance(user, User)
    tell_away(network, user, room)
    tell_topic(network, user, room)
    tell_who_is_here(network, user, room)


def tell_who_is_here(network: Network, user: User, room: Room) -> None:
    """Tell a user who comes in how far it has read, and who is in the channel, unless it would rather ask that."""
    tell_marker(network, user, channel_of(room))
    if not user.has(Capability.NO_IMPLICIT_NAMES):
        tell_names(network, user, room)


def tell_queued(network: Network, user: User, room: Room, session: Session) -> None:
    """Tell a user that it waits for a seat, and at which place."""
    ahead = session.place = list(room.channel.waiting).index(session.name)
    channel = channel_of(room)
    network.reply(user, ERR_CHANNELISFULL, channel, text=f"{ERR_CHANNELISFULL.text} - you are in its waiting queue")
    text = f"You are in the waiting queue and there are {ahead} user(s) ahead of you."
    network.fail(user, "JOIN", "QUEUED", channel, str(ahead), text=text, kind="NOTE")
