"""TOPIC: what a channel is about.

RFC 2812, section 3.2.4; RPL_TOPICWHOTIME (333): https://modern.ircdocs.horse/#rpltopicwhotime-333
"""

from antechamber.codec.irc.decoding import SERVER_NAME, source_of
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
from antechamber.irc.exchange import Exchange
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import SetTopic
from antechamber.protocol.limits import TOPIC_CHARACTERS_MAX
from antechamber.rooms.room import Room


def tell_topic(exchange: Exchange, room: Room) -> None:
    """Tell the topic of a channel, if it has one, who set it, and when."""
    if not room.topic_now:
        return
    channel = channel_of(room)
    exchange.reply(RPL_TOPIC, channel, text=room.topic_now)
    if room.topic_at:
        by = source_of(room.topic_by, room.hosts.get(room.topic_by, "")) if room.topic_by else SERVER_NAME
        exchange.reply(RPL_TOPICWHOTIME, channel, by, str(int(room.topic_at)))


@verb("TOPIC <channel> [:<topic>]", "Shows or sets a channel's topic.", params_min=1, is_logged=True, names=slice(1))
def topic(exchange: Exchange) -> None:
    """Tell the topic of a channel, or set it. A topic that is too long is cut."""
    if len(exchange.params) > 1:
        room = acts_in(exchange, exchange.param(0))
        if room is not None:
            text = exchange.param(1).strip()[:TOPIC_CHARACTERS_MAX].rstrip()
            carry_out(exchange, room, SetTopic(text))
        return
    room = room_called(exchange, exchange.param(0))
    if room is None:
        return
    if not reads_topic(exchange.user, room):
        exchange.reply(ERR_NOTONCHANNEL, channel_of(room))
    elif room.topic_now:
        tell_topic(exchange, room)
    else:
        exchange.reply(RPL_NOTOPIC, channel_of(room))
