"""Coming in: by a hello, by a resume, and by a switch from one channel to another."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from antechamber.channel.channel import Refused
from antechamber.feeds.replay import Replay
from antechamber.handlers.files import FileCommands
from antechamber.handlers.replies import SERVER, Replies
from antechamber.protocol.commands import PROTOCOL, Command, Hello, Join, Operate, Resume, Switch
from antechamber.protocol.events import AnyEvent
from antechamber.protocol.notices import Resumed, Welcome
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
"""What those are told who come back to a membership that has ended; of the first codes one may begin anew."""
_OVER = ("resume-over", "Your seat or place in the {} channel is no longer kept.")


class Entering:
    """Carries it out in the turn under way."""

    tokens: Tokens

    def __init__(
        self,
        rooms: Mapping[str, Room],
        replies: Replies,
        files: FileCommands,
        replay: Replay,
        login_attempts: LoginAttempts,
    ) -> None:
        self.resumed: list[Session] = []
        """The sessions that catch up once the turn is over."""
        self._rooms = rooms
        self._replies = replies
        self._files = files
        self._replay = replay
        self._login_attempts = login_attempts

    @property
    def turn(self) -> Turn:
        """The turn under way."""
        return self._replies.turn

    def hello(self, session: Session, command: Hello) -> None:
        """Let a session enter as a new member, or go on as the one that it was when it said so before."""
        if self.is_known(session, command) or self.speaks_otherwise(session, command):
            return
        channel = command.channel or session.door
        room = self._replies.at = self._rooms.get(channel)
        if (room is None and channel != session.door) or not channel:
            text = f"{channel} does not exist." if channel else "Say which channel you want to enter."
            self._replies.turn_away(session, command, "no-such-channel", text)
            return
        if room is None or room.stopped:
            self._replies.turn_away(session, command, "stopped", f"The {channel} channel has stopped.")
            return
        holds = command.hold and room.may_hold(session)
        join = Join(holds, host=session.host, key=command.channel_key)
        decision = self.judge(session, room, join, command.name)
        if isinstance(decision, Refused):
            if (refused := self._judge_key(session, room, command, decision)) is None:
                self.come_back(session, room, room.claim(command.name), 0)
            else:
                self._replies.turn_away(session, command, *refused)
            return
        session.holds, session.key = command.hold, command.key if command.hold else ""
        if command.hold and session.may_hold and room.holds_members and not holds:
            session.may_hold = False  # for as long as it is here, as its welcome says
            self.turn.undo.append(lambda: setattr(session, "may_hold", True))
        self._enter(session, room, command.name, decision)

    def judge(self, session: Session, room: Room, join: Join, name: str) -> Iterable[AnyEvent] | Refused:
        """Return what entering leads to. A name is taken, too, where a member on IRC has it in another case."""
        decision = self._login_attempts.enter(session, room.channel, join, name, self.turn.steady)
        if not isinstance(decision, Refused) and room.clashes(name):
            return Refused("name-taken", f"Cannot connect to the {room.name} channel.")
        return decision

    def comes_back(self, session: Session, command: Command) -> bool:
        """Say whether a hello is one that was said before, by a client that has not read its answer.

        Its member is there, by the same name and with the same key. Such a hello is a resume, which no log has to keep.
        """
        if not isinstance(command, Hello) or not command.hold:
            return False
        if (room := self._rooms.get(command.channel or session.door)) is None:
            return False
        earlier = _session_of(room, command.name)
        return earlier is not None and earlier.has_key(command.key)

    def _judge_key(self, session: Session, room: Room, command: Hello, refused: Refused) -> Refused | None:
        """Return why a hello that was `refused` stays so, None where its key is that of the member who has its name.

        Whoever shows a key of its own to a member's may guess, or have chosen a name that is taken: pages have a key in
        each hello. So it counts for the name alone, lest a class who choose one name wait for anything else.
        """
        earlier = _session_of(room, command.name) if command.hold and command.key else None
        if earlier is None or not earlier.key:
            return refused
        if (waits := self._login_attempts.waits(session, command.name, ", or take another name")) is not None:
            return waits
        if earlier.has_key(command.key):
            return None
        self._login_attempts.failed(session, command.name, "key", alone=True)
        return refused

    def resume(self, session: Session, command: Resume) -> None:
        """Let a session go on as the member that an earlier one was."""
        if self.is_known(session, command) or self.speaks_otherwise(session, command):
            return
        claim, after = self.tokens.read(command.token), command.after
        if claim is None:
            self._login_attempts.failed(session, RESUMING, "resume token", alone=True)
            self._replies.turn_away(
                session, command, "bad-token", "That is no resume token of this server: say hello instead."
            )
            return
        if (moved := self._moved(claim)) is not None:
            claim, after = moved, 0
        room = self._replies.at = self._rooms.get(claim.channel)
        if room is not None and room.stopped:
            self._replies.turn_away(session, command, "stopped", f"The {room.name} channel has stopped.")
            return
        standing = None if room is None else room.standing(claim)
        if room is None or standing is None:
            reason = "closed" if room is None else room.endings.of(claim)
            code, text = _ENDINGS.get(reason, _OVER)
            self._replies.turn_away(session, command, code, text.format(claim.channel))
        else:
            self.come_back(session, room, standing, after)

    def come_back(self, session: Session, room: Room, claim: Claim, after: int) -> None:
        """Let `session` be the one of a membership, which has read up to entry `after`."""
        room.resume(self.turn, session, claim.name, after)
        warn_again(room, self.turn, claim.name)
        self._greet_again(session, room, claim)
        room.admit(self.turn)

    def _moved(self, claim: Claim) -> Claim | None:
        """Return what a membership became by a switch, where the member lost its connection before it read so."""
        for room in self._rooms.values():
            membership = room.channel.membership(claim.name)
            if membership is not None and (claim.channel, claim.entered) in membership.origins:
                return room.claim(claim.name)
        return None

    def _greet_again(self, session: Session, room: Room, claim: Claim) -> None:
        """Tell a resumed session what it is to read, and let it do so once the turn is over."""
        first = room.log.sequence + 1
        if session.behind:
            session.behind = first = self._replay.first(room, session.behind)
            self.resumed.append(session)
        resumed = Resumed(
            name=claim.name,
            seated=session.behind > 0,
            first=first,
            last=room.log.sequence,
            token=self.tokens.make(claim),
            **self._greeting(session, room),
        )
        self.turn.tell(session, resumed)
        if not session.behind:
            room.tell_place(self.turn, session)
            room.tell_announcements(self.turn, session)

    def _greeting(self, session: Session, room: Room) -> dict[str, Any]:
        """Return what a welcome and a return have in common."""
        limits = room.limits
        return {
            "time": self.turn.time,
            "channel": room.name,
            "server": SERVER,
            "protocol": PROTOCOL,
            "utc_offset_seconds": self._replies.utc_offset_seconds,
            "front_desk_port": self._files.front_desk_port,
            "seat_hold_seconds": limits.seat_hold_seconds if session.may_hold else 0.0,
            "place_hold_seconds": limits.place_hold_seconds if session.may_hold else 0.0,
            "topic": room.topic_now,
            "idle_seconds_max": limits.idle_seconds_max if isfinite(limits.idle_seconds_max) else 0.0,
            "line_bytes_max": limits.line_bytes_max,
            "file_bytes_max": limits.file_bytes_max,
        }

    def is_known(self, session: Session, command: Hello | Resume | Operate) -> bool:
        """Refuse to let a session come in that is in already, and say whether it is."""
        if session.operator:
            self._replies.refuse(session, command, "named-already", "This is an operator's session already.")
        elif session.channel:
            self._replies.refuse(session, command, "named-already", f"You are {session.name} already.")
        return session.operator or bool(session.channel)

    def speaks_otherwise(self, session: Session, command: Hello | Resume | Operate) -> bool:
        """Turn a session away that speaks another version of the protocol, and say whether it does."""
        if command.protocol == PROTOCOL:
            return False
        problem = f"This server speaks version {PROTOCOL} of the protocol, not {command.protocol}."
        self._replies.turn_away(session, command, "protocol", problem)
        return True

    def _enter(self, session: Session, room: Room, name: str, events: Iterable[AnyEvent]) -> None:
        turn = self.turn
        self._replies.at = room
        room.enter(turn, session, name)
        token = self.tokens.make(Claim(room.name, name, room.channel.sequence + 1)) if session.holds else ""
        turn.tell(session, Welcome(name=name, token=token, **self._greeting(session, room)))
        room.record(turn, events)
        if not session.seated:
            room.tell_place(turn, session)

    def switch(self, session: Session, room: Room, command: Switch) -> None:
        """Let a member leave its channel for another one's line."""
        target = self._rooms.get(command.channel)
        if target is None:
            self._replies.refuse(session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
            return
        cannot = f"Cannot switch to the {target.name} channel."
        if target.stopped:
            self._replies.refuse(session, command, "cannot-switch", cannot)
            return
        self._replies.at = target
        holds = session.holds and session.may_hold and target.holds_members
        origins = room.origins(session.name) if holds else ()
        mark = self.tokens.mark(room.name, room.claim(session.name).entered)
        join = Join(holds, origins, session.host, command.channel_key, marks=(mark,))
        decision = self.judge(session, target, join, session.name)
        if isinstance(decision, Refused):
            taken = decision.code == "name-taken"
            self._replies.refuse(session, command, *(("cannot-switch", cannot) if taken else decision))
        else:
            self._replies.at = room
            session.has_stayed = room.has_stayed(session, self.turn.steady)
            room.leave(self.turn, session.name, "switched")
            self._enter(session, target, session.name, decision)
            self._replies.done(session, command)


def _session_of(room: Room, name: str) -> Session | None:
    """Return the session of the member `name`, lost or not; None where there is none that this process knows."""
    hold = room.held.get(name)
    return hold.session if hold else room.sessions.get(name)
