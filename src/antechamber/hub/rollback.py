"""The rollback of a turn that the log did not keep.

The channels are read from the log again, the sessions are put back where they were, and the senders are told.
Departures cannot be declined, so they are tried again.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from antechamber.handlers.router import Router
from antechamber.hub.inbox import Asked
from antechamber.log import Log, LogError
from antechamber.protocol.commands import Command, Hello, Leave, Quit, Received, Shutdown
from antechamber.protocol.notices import Refusal
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Abandon, Uploaded
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Loop
from antechamber.runtime.timer import Timer
from antechamber.session.session import Session

_logger = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
"""How long the hub waits before it tries to append a departure again."""


class Rollback:
    """Rolls turns back. `carry_out`, `stop_room` and `submit` are the hub's methods."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        router: Router,
        log: Log,
        timer: Timer,
        loop: Loop,
        carry_out: Callable[[Turn, Session, Command], None],
        stop_room: Callable[[Turn, Room], None],
        submit: Callable[[Session, Sequence[Command]], None],
    ) -> None:
        self._rooms = rooms
        self._router = router
        self._log = log
        self._timer = timer
        self._loop = loop
        self._carry_out = carry_out
        self._stop_room = stop_room
        self._submit = submit

    def roll_back(self, failed: Turn, turn: Turn) -> None:
        """Restore everything as it was before the failed turn; where that is impossible, `turn` stops the room."""
        failed.roll_back()
        for name, part in failed.parts.items():
            if (room := self._rooms.get(name)) is None:
                continue  # it was made in that turn
            if room.stopped:
                room.stop(turn)
            elif part.events:
                self._read_again(room, turn)
            self._timer.expect(room.due_at)  # a warning that was rolled back is due again

    def answer(self, turn: Turn, taken: Iterable[Asked], why: str) -> None:
        """Tell the senders of the commands that were rolled back, or schedule another try."""
        text = f"The server could not keep this, so nobody has read it: {why.removesuffix('.')}. Try again in a moment."
        again = [item for item in taken if self._answer_one(turn, *item, text)]
        self._router.files.end_all(turn, turn.ending)
        if again:
            self._loop.call_later(_RETRY_SECONDS, self._submit_again, again)

    def _answer_one(self, turn: Turn, session: Session, command: Command, text: str) -> bool:
        """Tell the sender of a command that was rolled back, or return True if it is to be tried again instead."""
        if isinstance(command, Leave | Quit):
            session.quits = session.quits or isinstance(command, Quit)
            turn.end(session, "quit", "Goodbye.")
            for one in (session, *(session.memberships or {}).values()):
                turn.unseat(one)
            return True
        if (undone := self._router.undone(turn, session, command, text)) != "refuse":
            if undone == "now":
                self._carry_out(turn, session, command)
            return undone == "later"
        if isinstance(command, Uploaded | Received | Abandon):
            return True
        if not command.needs_log or self._router.hellos.comes_back(session, command):
            self._carry_out(turn, session, command)  # it needs no log, so it cannot fail this time
            return False
        if not (session.observes and isinstance(command, Shutdown)):
            turn.tell(session, Refusal(turn.time, "not-kept", text, getattr(command, "id", "")))
        if isinstance(command, Hello) and session.door and not session.channel:
            turn.end(session, "refused", text)
        return False

    def _read_again(self, room: Room, turn: Turn) -> None:
        """Read a room's channel from the log again; its idle clocks go on."""
        due_at = room.due_at
        try:
            room.read_log_again(self._log, turn.time, turn.steady)
        except LogError as error:
            _logger.error("a channel could not be read again", extra={"channel": room.name, "why": str(error)})
            self._stop_room(turn, room)
            return
        retry_at = turn.steady + _RETRY_SECONDS  # unless an earlier failure asked for a sooner one
        room.due_at = min(due_at, retry_at) if due_at > turn.steady else retry_at

    def _submit_again(self, items: Iterable[Asked]) -> None:
        for session, command in items:
            self._submit(session, [Leave("quit") if isinstance(command, Quit) else command])
