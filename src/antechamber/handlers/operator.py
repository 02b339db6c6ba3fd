"""What the operators of the server do: show their token, and shut the server down."""

from antechamber.handlers.replies import SERVER, refuse, turn_away
from antechamber.protocol.commands import PROTOCOL, Operate, Shutdown
from antechamber.protocol.limits import CurrentLimits
from antechamber.protocol.notices import Operating
from antechamber.rooms.turn import Turn
from antechamber.session.login_attempts import LoginAttempts
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens


class OperatorHandlers:
    """Carry out what operators ask of the server, at its own console and on their pages."""

    def __init__(self, limits: CurrentLimits, login_attempts: LoginAttempts, tokens: Tokens) -> None:
        self.shutdown_asked = False
        """Whether the operator has asked the server to end."""
        self._limits = limits
        self._login_attempts = login_attempts
        self._tokens = tokens

    def operate(self, turn: Turn, session: Session, command: Operate) -> None:
        """Make a session an operator's if it shows the token; end it if it shows another one."""
        if (refused := self._login_attempts.judge_operator(session, self._tokens, command.token)) is not None:
            turn_away(turn, session, command, *refused)
            return
        turn.set(session, "operator", True)
        mute_seconds_max = self._limits.now.mute_seconds_max
        offset = turn.utc_offset_seconds
        turn.tell(session, Operating(turn.time, SERVER, PROTOCOL, offset, mute_seconds_max, command.id))

    def shutdown(self, turn: Turn, session: Session, command: Shutdown) -> None:
        """Have the server end, if the server's own console asks for it."""
        if session.observes:
            self.shutdown_asked = True
        else:
            text = "The server is shut down only at the server's own terminal."
            refuse(turn, session, command, "operators-only", text)
