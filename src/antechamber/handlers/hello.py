"""How a session enters a channel: by a hello, by a resume, or by a switch from another channel."""

from collections.abc import Iterable, Mapping
from functools import partial
from math import isfinite
from typing import Any

from antechamber.feeds.replay import Replay
from antechamber.handlers.files import FileHandlers
from antechamber.handlers.replies import SERVER, refuse, tell_done, turn_away
from antechamber.protocol.commands import PROTOCOL, Command, Hello, Join, Operate, Resume, Switch
from antechamber.protocol.events import AnyEvent
from antechamber.protocol.notices import Resumed, Welcome
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import clean
from antechamber.rooms.idle_warnings import warn_again
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.login_attempts import RESUMING, LoginAttempts
from antechamber.session.session import Session
from antechamber.session.tokens import Claim, Tokens

_ENDINGS = {
    "lost": ("resume-over", "You were away for too long: what was kept for you in the {} channel went to the next."),
    "unheld": ("resume-over", "You lost the connection, and nothing was kept for you in the {} channel."),
    "idle": ("resume-over", "You sent nothing for too long, so your seat in the {} channel went to the next in line."),
    "closed": ("resume-over", "The operator closed the {} channel."),
    "quit": ("resume-ended", "You have left the {} channel."),
    "kicked": ("resume-ended", "The operator closed your connection to the {} channel."),
    "emptied": ("resume-ended", "The operator emptied the {} channel."),
}
"""The refusal of a resume, by how the membership ended. After `resume-over` a client may say hello anew."""
_OVER = ("resume-over", "Your seat or place in the {} channel is no longer kept.")


class HelloHandlers:
    """The handlers by which a session enters a channel, as a new member or as one that it was before."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        replay: Replay,
        login_attempts: LoginAttempts,
        tokens: Tokens,
        files: FileHandlers,
    ) -> None:
        self._rooms = rooms
        self._replay = replay
        self._login_attempts = login_attempts
        self._tokens = tokens
        self._files = files

    def hello(self, turn: Turn, session: Session, command: Hello) -> None:
        """Enter a channel as a new member, or as its present member if the client repeats its hello."""
        if self.is_known(turn, session, command) or self.speaks_otherwise(turn, session, command):
            return
        channel = command.channel or session.door
        room = self._rooms.get(channel)
        turn.at = "" if room is None else room.name
        if (room is None and channel != session.door) or not channel:
            text = f"{channel} does not exist." if channel else "Say which channel you want to enter."
            turn_away(turn, session, command, "no-such-channel", text)
            return
        if room is None or room.stopped:
            turn_away(turn, session, command, "stopped", f"The {channel} channel has stopped.")
            return
        holds = command.hold and room.may_hold(session)
        join = Join(holds, host=session.host, key=command.channel_key)
        decision = self._judge(turn, session, room, join, command.name)
        if isinstance(decision, Refused):
            if (refused := self._judge_key(session, room, command, decision)) is None:
                self._come_back(turn, session, room, room.claim(command.name), 0)
            else:
                turn_away(turn, session, command, *refused)
            return
        session.holds, session.key = command.hold, command.key if command.hold else ""
        if command.hold and session.may_hold and room.holds_members and not holds:
            turn.set(session, "may_hold", False)  # for as long as it is here, as its welcome says
        self._enter(turn, session, room, command.name, decision)

    def _judge(self, turn: Turn, session: Session, room: Room, join: Join, name: str) -> Iterable[AnyEvent] | Refused:
        """Return the events of entering, or a refusal; a name is also taken if an IRC user has it in another case."""
        decision = self._login_attempts.decide_join(session, room.channel, join, name, turn.steady)
        if not isinstance(decision, Refused) and room.clashes(name):
            return Refused("name-taken", f"Cannot connect to the {room.name} channel.")
        return decision

    def comes_back(self, session: Session, command: Command) -> bool:
        """Return whether a hello is one that was said before, by a client that has not read its answer.

        Its member is there, with the same name and key. Such a hello is a resume, so the log need not keep anything.
        """
        if not isinstance(command, Hello) or not command.hold:
            return False
        if (room := self._rooms.get(command.channel or session.door)) is None:
            return False
        earlier = _session_of(room, command.name)
        return earlier is not None and earlier.has_key(command.key)

    def _judge_key(self, session: Session, room: Room, command: Hello, refused: Refused) -> Refused | None:
        """Return why a refused hello stays refused, None if its key is that of the member who has its name.

        A wrong key may be a guess, or a page's own key with a name that is taken: pages send a key in each hello. So a
        failure counts for that name alone; otherwise a class behind one address that chooses one name would lock itself
        out of everything else.
        """
        earlier = _session_of(room, command.name) if command.hold and command.key else None
        if earlier is None or not earlier.key:
            return refused
        judged = self._login_attempts.judge(
            session, command.name, "key", lambda: earlier.has_key(command.key), ", or take another name", alone=True
        )
        if judged is True:
            return None
        return judged or refused

    def resume(self, turn: Turn, session: Session, command: Resume) -> None:
        """Resume the membership of an earlier session."""
        if self.is_known(turn, session, command) or self.speaks_otherwise(turn, session, command):
            return
        claim, after = self._tokens.read(command.token), command.after
        if claim is None:
            self._login_attempts.failed(session, RESUMING, "resume token", alone=True)
            turn_away(turn, session, command, "bad-token", "That is no resume token of this server: say hello instead.")
            return
        if (moved := self._moved(claim)) is not None:
            claim, after = moved, 0
        room = self._rooms.get(claim.channel)
        turn.at = "" if room is None else room.name
        if room is not None and room.stopped:
            turn_away(turn, session, command, "stopped", f"The {room.name} channel has stopped.")
            return
        standing = None if room is None else room.standing(claim)
        if room is None or standing is None:
            reason = "closed" if room is None else room.endings.of(claim)
            code, text = _ENDINGS.get(reason, _OVER)
            turn_away(turn, session, command, code, text.format(claim.channel))
        else:
            self._come_back(turn, session, room, standing, after)

    def _come_back(self, turn: Turn, session: Session, room: Room, claim: Claim, after: int) -> None:
        """Give a membership, whose client has read up to the entry `after`, to this session."""
        room.resume(turn, session, claim.name, after)
        warn_again(room, turn, claim.name)
        self._greet_again(turn, session, room, claim)
        room.admit(turn)

    def _moved(self, claim: Claim) -> Claim | None:
        """Return what a membership became by a switch that the member lost its connection before reading of."""
        for room in self._rooms.values():
            membership = room.channel.membership(claim.name)
            if membership is not None and (claim.channel, claim.entered) in membership.origins:
                return room.claim(claim.name)
        return None

    def _greet_again(self, turn: Turn, session: Session, room: Room, claim: Claim) -> None:
        """Greet a resumed session, which is sent what it has missed once the turn is over."""
        first = room.log.sequence + 1
        if session.behind:
            session.behind = first = self._replay.first(room, session.behind)
            turn.after.append(partial(self._replay.begin, session))
        resumed = Resumed(
            name=claim.name,
            seated=session.behind > 0,
            first=first,
            last=room.log.sequence,
            token=self._tokens.make(claim),
            **self._greeting(turn, session, room),
        )
        turn.tell(session, resumed)
        if not session.behind:
            room.tell_place(turn, session)
            room.tell_announcements(turn, session)

    def _greeting(self, turn: Turn, session: Session, room: Room) -> dict[str, Any]:
        """Return what `welcome` and `resumed` have in common."""
        limits = room.limits
        return {
            "time": turn.time,
            "channel": room.name,
            "server": SERVER,
            "protocol": PROTOCOL,
            "utc_offset_seconds": turn.utc_offset_seconds,
            "front_desk_port": self._files.front_desk_port,
            "seat_hold_seconds": limits.seat_hold_seconds if session.may_hold else 0.0,
            "place_hold_seconds": limits.place_hold_seconds if session.may_hold else 0.0,
            "topic": room.topic_now,
            "idle_seconds_max": limits.idle_seconds_max if isfinite(limits.idle_seconds_max) else 0.0,
            "line_bytes_max": limits.line_bytes_max,
            "file_bytes_max": limits.file_bytes_max,
        }

    def is_known(self, turn: Turn, session: Session, command: Hello | Resume | Operate) -> bool:
        """Return whether a session has come in already, and refuse the command if so."""
        if session.operator:
            refuse(turn, session, command, "named-already", "This is an operator's session already.")
        elif session.channel:
            refuse(turn, session, command, "named-already", f"You are {session.name} already.")
        return session.operator or bool(session.channel)

    def speaks_otherwise(self, turn: Turn, session: Session, command: Hello | Resume | Operate) -> bool:
        """Return whether a session speaks another version of the protocol, and turn it away if so."""
        if command.protocol == PROTOCOL:
            return False
        problem = f"This server speaks version {PROTOCOL} of the protocol, not {command.protocol}."
        turn_away(turn, session, command, "protocol", problem)
        return True

    def _enter(self, turn: Turn, session: Session, room: Room, name: str, events: Iterable[AnyEvent]) -> None:
        turn.at = room.name
        room.enter(turn, session, name)
        token = self._tokens.make(Claim(room.name, name, room.channel.sequence + 1)) if session.holds else ""
        turn.tell(session, Welcome(name=name, token=token, **self._greeting(turn, session, room)))
        room.record(turn, events)
        if not session.seated:
            room.tell_place(turn, session)

    def switch(self, turn: Turn, session: Session, room: Room, command: Switch) -> None:
        """Move a member from its channel to the line of another one."""
        target = self._rooms.get(command.channel)
        if target is None:
            refuse(turn, session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
            return
        cannot = f"Cannot switch to the {target.name} channel."
        if target.stopped:
            refuse(turn, session, command, "cannot-switch", cannot)
            return
        turn.at = target.name
        holds = session.holds and session.may_hold and target.holds_members
        origins = room.origins(session.name) if holds else ()
        mark = self._tokens.mark(room.name, room.claim(session.name).entered)
        join = Join(holds, origins, session.host, command.channel_key, marks=(mark,))
        decision = self._judge(turn, session, target, join, session.name)
        if isinstance(decision, Refused):
            taken = decision.code == "name-taken"
            refuse(turn, session, command, *(("cannot-switch", cannot) if taken else decision))
        else:
            turn.at = room.name
            session.has_stayed = room.has_stayed(session, turn.steady)
            room.leave(turn, session.name, "switched")
            self._enter(turn, session, target, session.name, decision)
            tell_done(turn, session, command)


def _session_of(room: Room, name: str) -> Session | None:
    """Return the session of a member, even if its connection is lost; None if this process knows of none."""
    hold = room.held.get(name)
    return hold.session if hold else room.sessions.get(name)
