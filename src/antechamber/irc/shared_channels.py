"""Once: what a user reads who shares several channels with one who goes, or changes its nick, in all of them."""

from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session


class Once:
    """Lets every connection read what happens in several channels once: in the first of those where it sits."""

    def __init__(self, turn: Turn, channels: int) -> None:
        self._turn = turn
        self._has_several = channels > 1
        self._readers: dict[Session, Session] = {}
        """The sessions in which it is read, by the connections that read it."""

    def pass_over(self, room: Room) -> None:
        """Let those not read the next event of a room who have read of it elsewhere; called before it is recorded."""
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
        """Let whatever comes next in any of the channels be read after it; called once all of it is recorded."""
        for session in self._readers.values():
            self._turn.keep_order(session)
