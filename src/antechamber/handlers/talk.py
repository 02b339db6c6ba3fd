"""What members say: messages, whispers, tags, and the name they say it under."""

from collections.abc import Callable, Mapping
from typing import Any

from antechamber.handlers.carry_out import Executor
from antechamber.handlers.replies import refuse, tell_done
from antechamber.handlers.targets import target_name
from antechamber.protocol.commands import Command, Here, Rename, Say, Send, Tag, Whisper
from antechamber.protocol.notices import Named, Whispered
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens


class TalkHandlers:
    """Carry out what members say."""

    def __init__(self, executor: Executor, tokens: Tokens) -> None:
        self._executor = executor
        self._tokens = tokens
        self.member: Mapping[type[Command], Callable[[Turn, Session, Room, Any], None]] = {
            Say: self._say,
            Whisper: self._whisper,
            Tag: self._tag,
            Rename: self._rename,
            Here: self._here,
        }

    def _say(self, turn: Turn, session: Session, room: Room, command: Say) -> None:
        decision = self._executor.carry_out(turn, room, session, command)
        if isinstance(decision, Refused):
            refuse(turn, session, command, *decision)

    def _tag(self, turn: Turn, session: Session, room: Room, command: Tag) -> None:
        decision = self._executor.carry_out(turn, room, session, command)
        if isinstance(decision, Refused):
            refuse(turn, session, command, *decision)
        else:
            tell_done(turn, session, command)

    def _whisper(self, turn: Turn, session: Session, room: Room, command: Whisper) -> None:
        to = target_name(room, command)
        decision = self._executor.carry_out(turn, room, session, command)
        whispered = Whispered(turn.time, room.name, session.name, to, command.text)
        if isinstance(decision, Refused):
            if decision.code == "not-here":
                turn.observe(whispered)
            refuse(turn, session, command, *decision)
            return
        turn.observe(whispered)
        if (target := present(turn, session, room, command, to)) is not None:
            turn.tell(target, whispered)
            tell_done(turn, session, command)

    def _here(self, turn: Turn, session: Session, _: Room, command: Here) -> None:
        tell_done(turn, session, command)

    def _rename(self, turn: Turn, session: Session, room: Room, command: Rename) -> None:
        """Give a member another name, and the token that goes with it."""
        decision = self._executor.judge(turn, room, session, command)
        if not isinstance(decision, Refused) and decision and room.clashes(command.name):
            text = f"Somebody called {command.name} is in the {room.name} channel already."
            decision = Refused("name-taken", text)
        if isinstance(decision, Refused):
            refuse(turn, session, command, *decision)
            return
        if decision:
            room.record(turn, decision)
            token = self._tokens.make(room.claim(session.name)) if session.holds else ""
            turn.tell(session, Named(turn.time, room.name, session.name, token))
        tell_done(turn, session, command)


def present(turn: Turn, session: Session, room: Room, command: Whisper | Send, to: str) -> Session | None:
    """Return the session of the seated member `to`; refuse the command if that member is away."""
    target = room.sessions.get(to)
    if target is None or target.closed:
        refuse(turn, session, command, "away", f"{to} has lost the connection and may come back soon.")
        return None
    return target
