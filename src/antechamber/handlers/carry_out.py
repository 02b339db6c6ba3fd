"""The one path by which a command is carried out in a room, whichever port it came by.

`Executor.carry_out` takes these steps: find the member that is meant, check the address's budget, have the channel
decide (including who may do what), note the sign of life, and record the events. Each port words the answer itself:
a JSON or plain session is told `done` or a refusal, an IRC user a numeric.
"""

from collections.abc import Mapping, Sequence
from math import ceil

from msgspec.structs import replace

from antechamber.channel.decide import decide
from antechamber.feeds.subscriptions import Subscriptions
from antechamber.handlers.targets import find_target
from antechamber.protocol.commands import Command, Invite, Say, Targeted
from antechamber.protocol.events import AnyEvent, Invited
from antechamber.protocol.notices import Invitation
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens


class Executor:
    """Carries commands out in rooms, for all handlers."""

    def __init__(
        self, rooms: Mapping[str, Room], subscriptions: Subscriptions, budgets: Budgets, tokens: Tokens
    ) -> None:
        self._rooms = rooms
        self._subscriptions = subscriptions
        self._budgets = budgets
        self._owing = budgets.owing
        """The addresses that have used too much, hardly ever any: so most commands need no further check."""
        self._tokens = tokens

    def carry_out(
        self,
        turn: Turn,
        room: Room,
        session: Session,
        command: Command,
        by: str | None = None,
        guests: tuple[str, ...] | None = None,
    ) -> Sequence[AnyEvent] | Refused:
        """Carry out a command in a room, and return the events that it led to, or why it is refused.

        The member `by` asks for it, by default the session's; "" is the server's operator. An invitation is for those
        with the marks `guests`, whom the caller tells; by default for everyone of that name in other channels, who are
        told here.
        """
        decision = self.judge(turn, room, session, command, by)
        if isinstance(decision, Refused):
            return decision
        if type(command) is Invite:
            marks = self._marks(room, command.name) if guests is None else guests
            decision = [replace(event, guests=marks) if type(event) is Invited else event for event in decision]
        room.record(turn, decision)
        if type(command) is Invite and guests is None:
            self._tell_guests(turn, room, command.name, session.name if by is None else by)
        return decision

    def judge(
        self, turn: Turn, room: Room, session: Session, command: Command, by: str | None = None
    ) -> Sequence[AnyEvent] | Refused:
        """Take all steps but the last, and return the events to record, or why the command is refused."""
        turn.at = room.name
        # The facts are looked up on the command, as testing for one of several types takes as long as a decision.
        meant = find_target(room, command) if command.names_member and isinstance(command, Targeted) else command
        decision: Sequence[AnyEvent] | Refused
        if isinstance(meant, Refused):
            decision = meant
        elif self._owing and command.is_metered and (refused := self.too_much(session)) is not None:
            decision = refused
        else:
            decision = decide(room.channel, meant, session.name if by is None else by, turn.steady)
        if command.is_sign_of_life and (name := _member_name(room, session)):
            # What is said is an entry, which tells of the sign of life by itself.
            self.touch(turn, room, name, tells=type(command) is not Say or isinstance(decision, Refused))
        return decision

    def show_life(self, turn: Turn, room: Room, session: Session, command: Command) -> None:
        """Restart the idle clock of a session's member and tell those who watch it, if the command shows life."""
        if command.is_sign_of_life and (name := _member_name(room, session)):
            self.touch(turn, room, name)

    def touch(self, turn: Turn, room: Room, name: str, *, tells: bool = True) -> None:
        """Restart the idle clock of a member; tell those who watch it unless an entry tells them."""
        room.channel.touch(name, turn.steady)
        if tells:
            self._subscriptions.alive(room.name, name)

    def too_much(self, session: Session) -> Refused | None:
        """Return a refusal if the session's address has said more than the log takes in from one address.

        What operators of the server do is kept in any case.
        """
        if session.operator or not self._budgets.owes("logged_bytes", session.host):
            return None
        seconds = ceil(self._budgets.seconds_until("logged_bytes", session.host))
        text = f"Too much was said from your address, so this was not done: wait {seconds} s."
        return Refused("too-fast", text)

    def _marks(self, room: Room, name: str) -> tuple[str, ...]:
        """Return the marks of those who have a name in other channels now."""
        found = [(other, other.channel.membership(name)) for other in self._rooms.values() if other is not room]
        return tuple(self._tokens.mark(other.name, one.entered) for other, one in found if one is not None)

    def _tell_guests(self, turn: Turn, room: Room, name: str, by: str) -> None:
        """Tell everyone who has a name in other channels of an invitation by a member, each connection once."""
        told = set()
        for other in self._rooms.values():
            session = other.sessions.get(name)
            if session is None or session.closed or other is room or session.outlet in told:
                continue
            told.add(session.outlet)
            turn.tell(session, Invitation(turn.time, room.name, by))


def _member_name(room: Room, session: Session) -> str:
    """Return the name of the session's member in a room, "" if it has none there."""
    is_member = session.channel == room.name if session.memberships is None else room.name in session.memberships
    return session.name if is_member else ""
