"""TOPIC: what a channel is about."""

from antechamber.codec.irc.decoding import SERVER_NAME, Line, source_of
from antechamber.codec.irc.numerics import (
    ERR_NOTONCHANNEL,
    RPL_NOTOPIC,
    RPL_TOPIC,
    RPL_TOPICWHOTIME,
)
from antechamber.irc.access import (
    acts_in,
    carry_out,
    channel_of,
    reads_topic,
    room_called,
)
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import SetTopic
from antechamber.protocol.limits import TOPIC_CHARACTERS_MAX
from antechamber.rooms.room import Room


def tell_topic(network: Network, user: User, room: Room) -> None:
    """Tell what a channel is about, who said so and when; nothing where nobody has said anything."""
    if not room.topic_now:
        return
    channel = channel_of(room)
    network.reply(user, RPL_TOPIC, channel, text=room.topic_now)
    if room.topic_at:
        by = source_of(room.topic_by, room.hosts.get(room.topic_by, "")) if room.topic_by else SERVER_NAME
        network.reply(user, RPL_TOPICWHOTIME, channel, by, str(int(room.topic_at)))


@verb("TOPIC <channel> [:<topic>]", "Shows or sets a channel's topic.", params_min=1, is_logged=True, names=slice(1))
def topic(network: Network, user: User, line: Line) -> None:
    """Tell or set what a channel is about. A longer topic than there may be is cut."""
    if len(line.params) > 1:
        _set_topic(network, user, *line.params[:2])
        return
    room = room_called(network, user, line.params[0])
    if room is None:
        return
    if not reads_topic(user, room):
        network.reply(user, ERR_NOTONCHANNEL, channel_of(room))
    elif room.topic_now:
        tell_topic(network, user, room)
    else:
        network.reply(user, RPL_NOTOPIC, channel_of(room))


def _set_topic(network: Network, user: User, channel: str, text: str) -> None:
    room = acts_in(network, user, channel)
    if room is None:
        return
    carry_out(network, user, "TOPIC", room, SetTopic(text.strip()[:TOPIC_CHARACTERS_MAX].rstrip()))
