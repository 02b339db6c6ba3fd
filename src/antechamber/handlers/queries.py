"""Queries, which change nothing: the channels, who is in one, a place in line, the past, and what onlookers watch."""

from collections.abc import Callable, Mapping
from typing import Any

from antechamber.feeds.history_queries import HistoryQueries
from antechamber.feeds.samples import SAMPLE_SECONDS, Sampler
from antechamber.feeds.subscriptions import Subscriptions
from antechamber.handlers.carry_out import Executor
from antechamber.handlers.replies import refuse, tell_done
from antechamber.protocol.commands import AskPlace, AskSamples, Command, History, List, Ping, Search, Watch, Who
from antechamber.protocol.notices import Pong, Samples
from antechamber.protocol.text import clean
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session


class QueryHandlers:
    """Answer queries."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        executor: Executor,
        subscriptions: Subscriptions,
        samples: Sampler,
        history_queries: HistoryQueries,
    ) -> None:
        self._rooms = rooms
        self._executor = executor
        self._subscriptions = subscriptions
        self._samples = samples
        self._history_queries = history_queries
        self.anyone: Mapping[type[Command], Callable[[Turn, Session, Any], None]] = {
            List: self._list,
            Ping: self._ping,
            Watch: self._watch,
        }
        self.member: Mapping[type[Command], Callable[[Turn, Session, Room, Any], None]] = {
            AskPlace: self._place,
            Who: self._who,
            History: self._past,
            Search: self._past,
        }
        self.operator: Mapping[type[Command], Callable[[Turn, Session, Any], None]] = {
            AskSamples: self._ask_samples,
            Who: self._who_of_any,
        }

    def _list(self, turn: Turn, session: Session, command: List) -> None:
        """Tell a session about every channel, whether it has said hello or not."""
        if (room := self._rooms.get(session.channel)) is not None:
            turn.at = room.name
            self._executor.show_life(turn, room, session, command)
        turn.tell(session, self._subscriptions.channels(session, turn.time, turn.steady, command.id))
        self._subscriptions.told(session)

    def _ping(self, turn: Turn, session: Session, command: Ping) -> None:
        turn.tell(session, Pong(turn.time, command.id))

    def _who(self, turn: Turn, session: Session, room: Room, command: Who) -> None:
        """Tell who is in the channel, and from now on of signs of life that are not entries."""
        session.wants_presence = True
        self._subscriptions.asked(room.name)
        turn.tell(session, room.members(turn.time, turn.steady, command.id))

    def _who_of_any(self, turn: Turn, session: Session, command: Who) -> None:
        """Tell an operator who is in a channel, or in each of them."""
        if command.channel and command.channel not in self._rooms:
            refuse(turn, session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
            return
        for name, room in self._rooms.items():
            if command.channel in ("", name):
                turn.tell(session, room.members(turn.time, turn.steady, command.id))

    def _place(self, turn: Turn, session: Session, room: Room, command: AskPlace) -> None:
        """Tell a waiting member its place and how long it may have to wait."""
        if session.name in room.channel.waiting:
            room.tell_place(turn, session, command.id)
        else:
            refuse(turn, session, command, "not-waiting", "You have a seat, so you have no place in the line.")

    def _past(self, turn: Turn, session: Session, room: Room, command: History | Search) -> None:
        if (refused := self._history_queries.ask(turn, session, room, command)) is not None:
            refuse(turn, session, command, *refused)

    def _watch(self, turn: Turn, session: Session, command: Watch) -> None:
        """Tell a session what it watches from now on, as it is now, or refuse all of it. Rosters are for operators."""
        unknown = [name for name in command.rosters if name not in self._rooms]
        if command.rosters and not session.operator:
            refuse(turn, session, command, "operators-only", "Only the operator can do that.")
        elif unknown:
            refuse(turn, session, command, "no-such-channel", f"{clean(unknown[0])} does not exist.")
        elif (command.channels or command.rosters) and not self._subscriptions.may_watch(session):
            text = "Too many of your address look on without having said who they are. Close one of them first."
            refuse(turn, session, command, "too-many-sessions", text)
            turn.end(session, "refused", text)
        else:
            self._subscriptions.watch(session, channels=command.channels, rosters=command.rosters)
            if command.channels:
                turn.tell(session, self._subscriptions.channels(session, turn.time, turn.steady, command.id))
            else:
                tell_done(turn, session, command)
            for name in dict.fromkeys(command.rosters):
                turn.tell(session, self._rooms[name].members(turn.time, turn.steady))

    def _ask_samples(self, turn: Turn, session: Session, command: AskSamples) -> None:
        """Tell an operator how full a channel was over the last hours."""
        if (room := self._rooms.get(command.channel)) is None:
            refuse(turn, session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
        else:
            samples = self._samples.of(room.name)
            turn.tell(session, Samples(turn.time, room.name, SAMPLE_SECONDS, room.capacity, samples, command.id))
