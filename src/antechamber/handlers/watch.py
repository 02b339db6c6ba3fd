"""What is asked by those who look on: one short method a command."""

from collections.abc import Mapping

from antechamber.feeds.samples import SAMPLE_SECONDS, Sampler
from antechamber.feeds.subscriptions import Subscriptions
from antechamber.handlers.replies import Replies
from antechamber.protocol.commands import AskSamples, Watch
from antechamber.protocol.notices import Samples
from antechamber.protocol.text import clean
from antechamber.rooms.room import Room
from antechamber.session.session import Session


class WatchCommands:
    """Carries them out in the turn under way."""

    def __init__(
        self, rooms: Mapping[str, Room], subscriptions: Subscriptions, samples: Sampler, replies: Replies
    ) -> None:
        self._rooms = rooms
        self._subscriptions = subscriptions
        self._samples = samples
        self._replies = replies

    def watch(self, session: Session, command: Watch) -> None:
        """Tell a session what it watches from now on, as it is now; rosters only to operators. All or nothing."""
        replies, turn = self._replies, self._replies.turn
        unknown = [name for name in command.rosters if name not in self._rooms]
        if command.rosters and not session.operator:
            replies.refuse(session, command, "operators-only", "Only the operator can do that.")
        elif unknown:
            replies.refuse(session, command, "no-such-channel", f"{clean(unknown[0])} does not exist.")
        elif (command.channels or command.rosters) and not self._subscriptions.may_watch(session):
            text = "Too many of your address look on without having said who they are. Close one of them first."
            replies.refuse(session, command, "too-many-sessions", text)
            turn.end(session, "refused", text)
        else:
            self._subscriptions.watch(session, channels=command.channels, rosters=command.rosters)
            if command.channels:
                turn.tell(session, self._subscriptions.channels(session, turn.time, turn.steady, command.id))
            else:
                replies.done(session, command)
            for name in dict.fromkeys(command.rosters):
                turn.tell(session, self._rooms[name].members(turn.time, turn.steady))

    def samples(self, session: Session, command: AskSamples) -> None:
        """Tell an operator how full a channel was over the last hours."""
        room, turn = self._rooms.get(command.channel), self._replies.turn
        if room is None:
            self._replies.refuse(session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
        else:
            samples = self._samples.of(room.name)
            turn.tell(session, Samples(turn.time, room.name, SAMPLE_SECONDS, room.capacity, samples, command.id))
