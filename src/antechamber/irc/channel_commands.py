"""What a channel is about, who is in it, who is asked in and who is thrown out: TOPIC, NAMES, INVITE, KICK."""

from collections.abc import Iterable, Iterator, Mapping

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, Line, message, nick_of, source_of
from antechamber.codec.irc.numerics import (
    ERR_NEEDMOREPARAMS,
    ERR_NOSUCHNICK,
    ERR_NOTONCHANNEL,
    ERR_TOOMANYTARGETS,
    ERR_USERNOTINCHANNEL,
    ERR_USERONCHANNEL,
    RPL_AWAY,
    RPL_ENDOFINVITELIST,
    RPL_ENDOFNAMES,
    RPL_INVITELIST,
    RPL_INVITING,
    RPL_NAMREPLY,
    RPL_NOTOPIC,
    RPL_TOPIC,
    RPL_TOPICWHOTIME,
)
from antechamber.handlers.invitations import guests, tell_guest
from antechamber.irc.access import (
    acts_in,
    carry_out,
    channel_of,
    member_called,
    reads_topic,
    room_called,
    rules_in,
    sees,
    sits_in,
)
from antechamber.irc.network import LOOKED_AT_A_COMMAND, Handler, Network
from antechamber.irc.users import User
from antechamber.protocol.commands import Invite, Kick, SetTopic
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, LAST_WORDS_CHARACTERS_MAX, TARGETS_MAX, TOPIC_CHARACTERS_MAX
from antechamber.rooms.room import Room

# What it is about


def tell_topic(network: Network, user: User, room: Room) -> None:
    """Tell what a channel is about, who said so and when; nothing where nobody has said anything."""
    if not room.topic_now:
        return
    channel = channel_of(room)
    network.reply(user, RPL_TOPIC, channel, text=room.topic_now)
    if room.topic_at:
        by = source_of(room.topic_by, room.hosts.get(room.topic_by, "")) if room.topic_by else SERVER_NAME
        network.reply(user, RPL_TOPICWHOTIME, channel, by, str(int(room.topic_at)))


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


# Who is in it


def tell_names(network: Network, user: User, room: Room) -> None:
    """Tell who sits in a channel, as a user may see it: of strangers, nobody who wants to be invisible."""
    channel, modes, inside = channel_of(room), room.channel.modes, sits_in(user, room)
    if sees(user, room):
        marks = modes.prefixes if user.has(Capability.MULTI_PREFIX) else modes.prefix
        with_hosts = user.has(Capability.USERHOST_IN_NAMES)
        words = [
            marks(name) + (source_of(name, room.hosts.get(name, "")) if with_hosts else nick_of(name))
            for name in room.channel.seated
            if inside or not _hides(network, name)
        ]
        symbol = "@" if "s" in modes.flags else "="
        head = f":{SERVER_NAME} {RPL_NAMREPLY.code} {user.name} {symbol} {channel} :"
        for some in packed(words, IRC_BODY_BYTES_MAX - len(head.encode())):
            network.send(user, f"{head}{some}\r\n".encode())
    network.reply(user, RPL_ENDOFNAMES, channel)


def packed(words: Iterable[str], bytes_max: int) -> Iterator[str]:
    """Put words, with a space between two, into as few texts of at most so many bytes as their order allows."""
    line: list[str] = []
    taken = 0
    for word in words:
        size = len(word) if word.isascii() else len(word.encode())
        if line and taken + size > bytes_max:
            yield " ".join(line)
            line, taken = [], 0
        line.append(word)
        taken += size + 1
    if line:
        yield " ".join(line)


def names(network: Network, user: User, line: Line) -> None:
    """Tell who sits in some channels."""
    channels = [channel for channel in (line.params[0].split(",") if line.params else []) if channel]
    if not channels:
        network.reply(user, RPL_ENDOFNAMES, "*")
    rooms = [(channel, network.room(channel)) for channel in channels[:TARGETS_MAX]]
    told = sum(len(room.channel.seated) for _, room in rooms if room is not None)
    if not network.affords(user, "NAMES", told // LOOKED_AT_A_COMMAND):
        return
    for channel, room in rooms:
        if room is None or room.stopped:
            network.reply(user, RPL_ENDOFNAMES, channel)
        else:
            tell_names(network, user, room)
    if len(channels) > TARGETS_MAX:
        network.reply(user, ERR_TOOMANYTARGETS, channels[TARGETS_MAX])


def _hides(network: Network, name: str) -> bool:
    found = network.users.get(name)
    return found is not None and "i" in found.modes


# Asking somebody in


def invite(network: Network, user: User, line: Line) -> None:
    """Let somebody into a channel once, and tell them so; without parameters, tell where one is invited oneself."""
    if not line.params:
        for each in list(network.rooms.values()):
            if each.channel.modes.is_invited(user.name, network.invitation_marks(user)):
                network.reply(user, RPL_INVITELIST, channel_of(each))
        network.reply(user, RPL_ENDOFINVITELIST)
        return
    if len(line.params) < 2:
        network.reply(user, ERR_NEEDMOREPARAMS, line.command)
        return
    nick, channel = line.params[:2]
    friend = network.users.get(nick)
    name = friend.name if friend is not None else _member_somewhere(network, nick)
    if name is None:
        network.reply(user, ERR_NOSUCHNICK, nick)
        return
    room = acts_in(network, user, channel)
    if room is None:
        return
    if member_called(room, nick) is not None:
        network.reply(user, ERR_USERONCHANNEL, nick, channel_of(room))
        return
    marks = (
        network.invitation_marks(friend)[:1]
        if friend is not None
        else guests(network.rooms, room, name, network.tokens.mark)
    )
    if not carry_out(network, user, "INVITE", room, Invite(name, room.name), guests=marks):
        return
    network.reply(user, RPL_INVITING, nick_of(name), channel_of(room))
    if friend is None:
        tell_guest(network.turn, network.rooms, room, name, user.name)
    else:
        network.send(friend, message(user.source, "INVITE", friend.name, channel_of(room)))
        if friend.away is not None:
            network.reply(user, RPL_AWAY, friend.name, text=friend.away)


def _member_somewhere(network: Network, nick: str) -> str | None:
    """Return the name of the member, from a page or a terminal, whom IRC calls `nick`; None where there is none."""
    for room in network.rooms.values():
        name = member_called(room, nick)
        if name is not None and name in room.sessions:
            return name
    return None


# Throwing somebody out


def kick(network: Network, user: User, line: Line) -> None:
    """Throw members out of a channel, or one out of each of several; it stays theirs to come back."""
    channels = [channel for channel in line.params[0].split(",") if channel]
    nicks = [nick for nick in line.params[1].split(",") if nick]
    if not channels or not nicks or (len(channels) > 1 and len(channels) != len(nicks)):
        network.reply(user, ERR_NEEDMOREPARAMS, line.command)
        return
    comment = line.params[2].strip() if len(line.params) > 2 else ""
    text = comment[:LAST_WORDS_CHARACTERS_MAX].rstrip()
    each_channel = channels if len(channels) > 1 else channels * len(nicks)
    for channel, nick in list(zip(each_channel, nicks, strict=True))[:TARGETS_MAX]:
        _kick_one(network, user, channel, nick, text)
    if len(nicks) > TARGETS_MAX:
        network.reply(user, ERR_TOOMANYTARGETS, nicks[TARGETS_MAX])


def _kick_one(network: Network, user: User, channel: str, nick: str, text: str) -> None:
    room = rules_in(network, user, channel)
    if room is None:
        return
    name = member_called(room, nick)
    if name is None:
        network.reply(user, ERR_USERNOTINCHANNEL, nick, channel_of(room))
        return
    carry_out(network, user, "KICK", room, Kick(room.name, name, text=text))


VERBS: Mapping[str, Handler] = {"TOPIC": topic, "NAMES": names, "INVITE": invite, "KICK": kick}
