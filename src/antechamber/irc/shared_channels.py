"""Events that happen in several channels at once, such as a QUIT, which each user reads only once."""

from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session


class SharedChannels:
    """Has every user read an event of several channels in the first of those where it sits, and in no other."""

    def __init__(self, turn: Turn, channels: int) -> None:
        self._turn = turn
        self._has_several = channels > 1
        self._readers: dict[Session, Session] = {}
        """The session in which each connection reads the event."""

    def pass_over(self, room: Room) -> None:
        """Skip the next event of a room for the users who have read it elsewhere; called before it is recorded."""
        if not self._has_several:
            return
        for sessions in room.audience.groups.values():
            for session in list(sessions):
                outlet = session.outlet
                if outlet.memberships is None:
                    continue
                if outlet in self._readers:
                    self._turn.pass_over(session)
                else:
                    self._readers[outlet] = session
                    self._turn.keep_order(session)

    def end(self) -> None:
        """Put whatever happens next in these channels after the event; called once all of it is recorded."""
        for session in self._readers.values():
            self._turn.keep_order(session)
