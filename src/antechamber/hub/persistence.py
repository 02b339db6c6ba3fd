"""What goes into the log: each turn's events, and from time to time a snapshot of a channel."""

import logging
from collections.abc import Iterable, Mapping

from antechamber.feeds.metrics import Histogram
from antechamber.log import Batch, Log, LogError
from antechamber.protocol.limits import CurrentLimits
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Clock, Loop, TimerHandle
from antechamber.session.budgets import Budgets

_logger = logging.getLogger(__name__)
_SNAPSHOT_SECONDS = 60.0
"""Time between two snapshots of a channel with a retention rule; only what lies before one can be forgotten."""


class Persistence:
    """Appends the turns' events and makes snapshots. `appends` counts how many seconds each append took."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        log: Log,
        limits: CurrentLimits,
        clock: Clock,
        loop: Loop,
        appends: Histogram,
        budgets: Budgets,
    ) -> None:
        self._limits = limits
        self._rooms = rooms
        self._log = log
        self._clock = clock
        self._loop = loop
        self._appends = appends
        self._budgets = budgets
        self._timer: TimerHandle | None = None
        self._ended: dict[str, None] = {}
        """The open channels that have ended, which the log has not been told yet."""

    def keep(self, turn: Turn) -> None:
        """Append the turn's events, one batch a channel. Raises LogError if none of them could be kept."""
        batches = []
        for part in turn.parts.values():
            if part.events:
                room = self._rooms[part.channel]
                first, time = room.log.sequence + 1, room.log.stamp(turn.time)
                part.number(first, time)
                last, kept_at = first + len(part.events) - 1, turn.time if time != turn.time else None
                batches.append(
                    Batch(part.channel, first, last, time, part.lines, kept_at, part.proofs, is_open=room.is_open)
                )
        if not batches:
            return
        began = self._clock.steady()
        self._log.append(batches)
        self._appends.add(self._clock.steady() - began)
        for part in turn.parts.values():
            for host, count in part.logged() if part.events else ():
                self._budgets.charge("logged_bytes", host, count)
        for batch in batches:
            room = self._rooms[batch.channel]
            room.log.unsnapshotted += batch.last - room.log.sequence
            room.log.sequence, room.log.last_at = batch.last, batch.time
            if room.log.unsnapshotted >= self._limits.now.snapshot_entries_max and not room.stopped:
                self._snapshot(room)

    def end(self, names: Iterable[str]) -> None:
        """Tell the log that these open channels have ended; if it fails, tell it again after a later turn.

        A channel that has been made again meanwhile ends later, with everything that the log has of it.
        """
        self._ended.update(dict.fromkeys(names))
        ended = [name for name in self._ended if name not in self._rooms]
        self._ended.clear()
        if not ended:
            return
        try:
            self._log.end(ended)
        except LogError as error:
            self._ended.update(dict.fromkeys(ended))
            _logger.warning("ended channels are yet to be deleted", extra={"channels": ended, "why": str(error)})

    def retain(self) -> None:
        """Tell the log the retention rule of each channel."""
        for room in self._rooms.values():
            self._log.retain(room.name, room.retention)
        if self._timer is None and any(any(room.retention) for room in self._rooms.values()):
            self._snapshot_retained()

    def close(self) -> None:
        """Stop making snapshots."""
        if self._timer is not None:
            self._timer.cancel()

    def _snapshot_retained(self) -> None:
        """Make a snapshot of each channel with a retention rule, and again after a while as long as there is one."""
        self._timer = None
        retained = [room for room in self._rooms.values() if any(room.retention)]
        for room in retained:
            if room.log.unsnapshotted and not room.stopped:
                self._snapshot(room)
        if retained:
            self._timer = self._loop.call_later(_SNAPSHOT_SECONDS, self._snapshot_retained)

    def _snapshot(self, room: Room) -> None:
        room.log.unsnapshotted = 0
        try:
            self._log.keep_snapshot(
                room.name, room.log.snapshot(room.channel, self._clock.now() - self._clock.steady())
            )
        except LogError as error:
            _logger.warning(
                "no snapshot: the next start will take longer", extra={"channel": room.name, "why": str(error)}
            )
