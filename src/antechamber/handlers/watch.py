"""What is asked by those who look on: one short method a command."""

from collections.abc import Mapping

from antechamber.feeds.samples import SAMPLE_SECONDS, Sampling
from antechamber.feeds.subscriptions import Watching
from antechamber.handlers.replies import Answers
from antechamber.protocol.commands import AskSamples, Watch
from antechamber.protocol.notices import Samples
from antechamber.protocol.text import clean
from antechamber.rooms.room import Room
from antechamber.session.session import Session


class WatchCommands:
    """Carries them out in the turn under way."""

    def __init__(self, rooms: Mapping[str, Room], watching: Watching, samples: Sampling, answers: Answers) -> None:
        self._rooms = rooms
        self._watching = watching
        self._samples = samples
        self._answers = answers

    def watch(self, session: Session, command: Watch) -> None:
        """Tell a session what it watches from now on, as it is now; rosters only to operators. All or nothing."""
        answers, turn = self._answers, self._answers.turn
        unknown = [name for name in command.rosters if name not in self._rooms]
        if command.rosters and not session.operator:
            answers.refuse(session, command, "operators-only", "Only the operator can do that.")
        elif unknown:
            answers.refuse(session, command, "no-such-channel", f"{clean(unknown[0])} does not exist.")
        elif (command.channels or command.rosters) and not self._watching.may_watch(session):
            text = "Too many of your address look on without having said who they are. Close one of them first."
            answers.refuse(session, command, "too-many-sessions", text)
            turn.end(session, "refused", text)
        else:
            self._watching.watch(session, channels=command.channels, rosters=command.rosters)
            if command.channels:
                turn.tell(session, self._watching.channels(session, turn.time, turn.steady, command.id))
            else:
                answers.done(session, command)
            for name in dict.fromkeys(command.rosters):
                turn.tell(session, self._rooms[name].members(turn.time, turn.steady))

    def samples(self, session: Session, command: AskSamples) -> None:
        """Tell an operator how full a channel was over the last hours."""
        room, turn = self._rooms.get(command.channel), self._answers.turn
        if room is None:
            self._answers.refuse(session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
        else:
            samples = self._samples.of(room.name)
            turn.tell(session, Samples(turn.time, room.name, SAMPLE_SECONDS, room.capacity, samples, command.id))
