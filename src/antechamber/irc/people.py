"""People: everybody that a user may ask about, be they on IRC, on a page or at a terminal."""

from collections.abc import Iterator
from typing import NamedTuple

from antechamber.codec.irc.decoding import HOST_UNKNOWN, nick_of
from antechamber.irc.access import member_called, sits_in
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.rooms.room import Room


class Person(NamedTuple):
    """Somebody as IRC shows them. One who is not on IRC is a member, by `name`, of some room, and has no `user`."""

    name: str
    host: str
    realname: str
    user: User | None
    away: str | None = None

    @property
    def nick(self) -> str:
        """What IRC calls them."""
        return nick_of(self.name)

    @property
    def is_operator(self) -> bool:
        """Whether it is an operator of the server, and may be known as one."""
        return self.user is not None and "o" in self.user.modes

    @property
    def is_bot(self) -> bool:
        """Whether it says that it is a program."""
        return self.user is not None and "B" in self.user.modes


def person(user: User) -> Person:
    """Return an IRC user as a person."""
    return Person(user.name, user.host, user.realname, user, user.away)


def members(room: Room) -> Iterator[Person]:
    """Return everybody who sits in a room, in order of seating."""
    for name in room.channel.seated:
        yield member(room, name)


def member(room: Room, name: str) -> Person:
    """Return the member of a room that has this name."""
    session = room.sessions.get(name)
    outlet = session.outlet if session is not None else None
    if isinstance(outlet, User):
        return person(outlet)
    away = "The connection was lost" if session is None else None
    return Person(name, room.hosts.get(name) or HOST_UNKNOWN, name, None, away)


def rooms_of(network: Network, asker: User) -> list[Room]:
    """Return the rooms in which a user sees who is from where: those it sits in, and all where it is an operator."""
    if asker.operator:
        return [room for room in network.rooms.values() if not room.stopped]
    assert asker.memberships is not None
    rooms = [network.rooms[channel] for channel in asker.memberships]
    return [room for room in rooms if sits_in(asker, room)]


def find(network: Network, asker: User, nick: str) -> Person | None:
    """Return whom `asker` means by `nick`: a user of IRC, or a member from elsewhere who sits where the asker does."""
    user = network.users.get(nick)
    if user is not None:
        return person(user)
    for room in rooms_of(network, asker):
        name = member_called(room, nick)
        if name is not None and name in room.channel.seated:
            return member(room, name)
    return None


def shares_channel(network: Network, user: User, other: User) -> bool:
    """Whether both sit in some channel."""
    assert user.memberships is not None
    assert other.memberships is not None
    rooms = [network.rooms[channel] for channel in user.memberships if channel in other.memberships]
    return any(sits_in(user, room) and sits_in(other, room) for room in rooms)


def neighbours(network: Network, user: User) -> set[User]:
    """Return the users who sit in a channel where this one sits, without itself."""
    assert user.memberships is not None
    found: set[User] = set()
    for channel in user.memberships:
        room = network.rooms[channel]
        if sits_in(user, room):
            for sessions in room.audience.groups.values():
                found.update(session.outlet for session in sessions if isinstance(session.outlet, User))
    found.discard(user)
    return found
