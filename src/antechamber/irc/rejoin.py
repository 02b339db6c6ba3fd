"""Returning: a user whose connection was lost joins again, and goes on in the seat or at the place that was held.

It shows by its password that it is the same. What was said in its channel meanwhile follows, read from the log in
pieces; then it is told who is there, and reads what happens.
"""

from collections.abc import Sequence

from antechamber.codec import Encoding
from antechamber.codec.irc.capabilities import Capability
from antechamber.feeds.replay import CaughtUp
from antechamber.irc.access import sits_in
from antechamber.irc.channel_commands import tell_topic
from antechamber.irc.labeled_response import batched
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.welcome import tell_queued, tell_who_is_here
from antechamber.protocol.events import Announced, Entry, Said, Seated
from antechamber.protocol.notices import Message
from antechamber.protocol.refusals import Refused
from antechamber.rooms.idle_warnings import warn_again
from antechamber.rooms.room import Room
from antechamber.session.session import Session

_TALK = (Said, Announced)
"""What is told of the past: who came and went is told by who is there at the end of it."""


class Missed:
    """How a session reads what it has missed: what was said, in a batch where its client knows batches."""

    joins_each = False
    reads_lines = False

    def __init__(self, encoding: Encoding, *, batches: bool) -> None:
        self.carries_files = encoding.carries_files
        self._encoding = encoding
        self._batches = batches

    def __eq__(self, other: object) -> bool:
        """Whether the other reads alike, so that a piece of the past is encoded once for both."""
        return isinstance(other, Missed) and (self._encoding, self._batches) == (other._encoding, other._batches)

    def __hash__(self) -> int:
        """Return what is the same for all who read alike."""
        return hash((self._encoding, self._batches))

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode those of the entries that are told."""
        told = [entry for entry in entries if isinstance(entry.event, _TALK)]
        data = self._encoding.joined(told, b"", clock)
        if not self._batches or not data:
            return data
        return batched(f"missed-{told[0].sequence}", "chathistory", f"#{told[0].channel}", data)

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode what is not of the past as ever."""
        return self._encoding.one(message, clock, reader)


def comes_back(network: Network, user: User, room: Room) -> bool | Refused:
    """Say whether a user is the one whose membership is held in a room: a member on IRC, with the same password.

    Return why that is not judged, where too many wrong ones came before.
    """
    membership = room.channel.membership(user.name) if user.name in room.held else None
    if membership is None or not membership.proof or not user.password:
        return False
    if (refused := network.login_attempts.waits(user, user.name, ", or come as another nick")) is not None:
        return refused
    if network.tokens.proves(membership.proof, room.name, membership.entered, user.password):
        return True
    network.login_attempts.failed(user, user.name, "password")
    return False


def go_on(network: Network, user: User, room: Room, session: Session) -> None:
    """Let a user go on as the member that it was."""
    turn, name, hold = network.turn, user.name, room.held.get(user.name)
    room.resume(turn, session, name, hold.read_up_to if hold is not None else room.log.sequence)
    warn_again(room, turn, name)
    seat = room.channel.seated.get(name)
    if seat is None:
        room.admit(turn)
        if not session.seated:
            tell_queued(network, user, room, session)
        room.tell_announcements(turn, session)
        return
    entry = Entry(room.name, seat.since, turn.time, Seated(name))
    network.send(user, user.encoding.one(entry, turn.clock, name))
    tell_topic(network, user, room)
    session.encoding = Missed(user.encoding, batches=user.has(Capability.BATCH))
    network.replay(session)


def tell_caught_up(network: Network, user: User, caught_up: CaughtUp) -> None:
    """Tell a user who has read all that it had missed in a channel who is there now."""
    room = network.replies.at = network.rooms.get(caught_up.channel)
    if room is not None and sits_in(user, room):
        tell_who_is_here(network, user, room)
