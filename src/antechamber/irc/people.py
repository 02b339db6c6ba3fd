"""People: everybody whom a user may ask about, whether on IRC, on a page or at a terminal."""

from collections.abc import Iterator
from typing import NamedTuple

from antechamber.codec.irc.decoding import HOST_UNKNOWN
from antechamber.irc.access import member_called, sits_in
from antechamber.irc.exchange import Exchange
from antechamber.irc.users import User
from antechamber.protocol.text import nick_of
from antechamber.rooms.room import Room


class Person(NamedTuple):
    """Somebody as IRC shows them: a user, or the member of some room, by `name`, who is not on IRC."""

    name: str
    host: str
    realname: str
    user: User | None
    """None if they are not on IRC."""
    away: str | None = None
    """Why they are away; None if they are not."""

    @property
    def nick(self) -> str:
        """Their nick."""
        return nick_of(self.name)

    @property
    def is_operator(self) -> bool:
        """Whether they are an operator of the server, and show that by mode `o`."""
        return self.user is not None and "o" in self.user.modes

    @property
    def is_bot(self) -> bool:
        """Whether they mark themselves as a bot (https://ircv3.net/specs/extensions/bot-mode)."""
        return self.user is not None and "B" in self.user.modes


def person_of(user: User) -> Person:
    """Return an IRC user as a person."""
    return Person(user.name, user.host, user.realname, user, user.away)


def members(room: Room) -> Iterator[Person]:
    """Yield the members who sit in a room, in order of seating."""
    for name in room.channel.seated:
        yield member(room, name)


def member(room: Room, name: str) -> Person:
    """Return the member of a room who has this name."""
    session = room.sessions.get(name)
    outlet = session.outlet if session is not None else None
    if isinstance(outlet, User):
        return person_of(outlet)
    away = "The connection was lost" if session is None else None
    return Person(name, room.hosts.get(name) or HOST_UNKNOWN, name, None, away)


def rooms_of(exchange: Exchange) -> list[Room]:
    """Return the rooms whose members the user may see: those where it sits; all rooms if it is an operator."""
    user = exchange.user
    if user.operator:
        return [room for room in exchange.network.rooms.values() if not room.stopped]
    assert user.memberships is not None
    rooms = [exchange.network.rooms[channel] for channel in user.memberships]
    return [room for room in rooms if sits_in(user, room)]


def find(exchange: Exchange, nick: str) -> Person | None:
    """Return whom the user means by a nick: a user of IRC, or a member not on IRC who sits in one of its rooms."""
    user = exchange.network.users.get(nick)
    if user is not None:
        return person_of(user)
    for room in rooms_of(exchange):
        name = member_called(room, nick)
        if name is not None and name in room.channel.seated:
            return member(room, name)
    return None


def shares_channel(exchange: Exchange, other: User) -> bool:
    """Return whether the user and another sit in the same channel."""
    user = exchange.user
    assert user.memberships is not None
    assert other.memberships is not None
    rooms = [exchange.network.rooms[channel] for channel in user.memberships if channel in other.memberships]
    return any(sits_in(user, room) and sits_in(other, room) for room in rooms)


def neighbours(exchange: Exchange) -> set[User]:
    """Return the other users who sit in a channel where the user sits."""
    user = exchange.user
    assert user.memberships is not None
    found: set[User] = set()
    for channel in user.memberships:
        room = exchange.network.rooms[channel]
        if sits_in(user, room):
            for sessions in room.audience.groups.values():
                found.update(session.outlet for session in sessions if isinstance(session.outlet, User))
    found.discard(user)
    return found
