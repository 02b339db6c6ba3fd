"""The rules of the house, for one room at a time: what must hold after every turn."""

from collections.abc import Container, Iterable

from antechamber.protocol.limits import Limits
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Transfers
from antechamber.session.session import GONE, Session
from tests.simulation.failing import RuleBroken
from tests.simulation.ledger import Ledger
from tests.simulation.wire import Wire

RETRY_SECONDS = 1.1
"""How long a departure may be late after the log has failed: it is asked again each second."""
LATE_SECONDS = 0.01
"""How late the end of a wait may come."""


def check_room(room: Room, ledger: Ledger) -> None:
    """See that a room is what its log says, and its sessions are where the channel has their members."""
    name, channel = room.name, room.channel
    if room.stopped:
        groups = room.audience.groups
        if room.sessions or room.held or any(groups.values()):
            raise RuleBroken(f"{name} has stopped: there {[*room.sessions]}, away {[*room.held]}, reading {groups}")
        return
    if room.log.sequence != ledger.sequence or channel.sequence != ledger.sequence:
        raise RuleBroken(f"{name} is at {room.log.sequence} and {channel.sequence}, its log at {ledger.sequence}")
    seated, waiting = channel.seated, channel.waiting
    if list(seated) != list(ledger.seated) or list(waiting) != list(ledger.waiting):
        raise RuleBroken(
            f"{name} has {[*seated]} and in line {[*waiting]}, its log {[*ledger.seated]} and {[*ledger.waiting]}"
        )
    sessions, held = room.sessions, room.held
    members = len(seated) + len(waiting)
    if len(sessions) + len(held) != members or len({*sessions, *held, *seated, *waiting}) != members:
        raise RuleBroken(f"{name} has {[*seated]} and in line {[*waiting]}; there {[*sessions]}, away {[*held]}")
    _check_sessions(room)


def check_line(room: Room) -> None:
    """See that nobody who is there waits while a seat is free, once the log has kept all that was to be kept."""
    present = [name for name in room.channel.waiting if name not in room.held]
    if present and len(room.channel.seated) < room.capacity and not room.stopped:
        raise RuleBroken(f"{present[0]} waits in {room.name}, where a seat is free")


def check_passed(room: Room, ledger: Ledger) -> None:
    """See that whoever got a seat in the turn that is over was there, and was the first of those who were."""
    passed, ledger.passed = ledger.passed, []
    if room.stopped:
        return
    for member, seated in passed:
        name, before = member.name, ledger.held.get(member.name)
        if member is seated:
            if before is not None and room.held.get(name) is before[0]:
                raise RuleBroken(f"{name} got a seat in {room.name}, and is away")
        elif not member.ended and before is None and name not in room.held:
            session, session_now = ledger.sessions.get(name), room.sessions.get(name)
            came_back = session_now is not session and (session is not None or (session_now and session_now.has_stayed))
            if not came_back:
                raise RuleBroken(f"{seated.name} got a seat in {room.name}, and {name} was there before")


def check_bans(room: Room, ledger: Ledger) -> None:
    """See that nobody waits who is banned."""
    for name, member in ledger.waiting.items() if ledger.masks["b"] else ():
        if ledger.is_banned(member) and not room.stopped:
            raise RuleBroken(f"{name} waits in {room.name}, and is banned there")


def _check_sessions(room: Room) -> None:
    reading = 0
    groups = room.audience.groups
    for name, session in room.sessions.items():
        if session.channel != room.name or session.name != name:
            raise RuleBroken(f"{name} in {room.name} is {session.name} in {session.channel or 'no channel'}")
        if session.closed:
            continue
        is_seated = name in room.channel.seated
        if session.seated != (is_seated and not session.behind):
            raise RuleBroken(f"{name} in {room.name} reads {'what it must not' if session.seated else 'nothing'}")
        if is_seated and not session.behind:
            reading += 1
            if session not in groups.get(session.encoding, ()):
                raise RuleBroken(f"{name} in {room.name} is no part of the audience")
    if sum(not session.closed for group in groups.values() for session in group) != reading:
        raise RuleBroken(f"the audience of {room.name} has others in it than those who sit there")


def check_memberships(room: Room, ledger: Ledger) -> None:
    """See that each member is the one that the log says, with its seat and its hold."""
    for name, seat in room.channel.seated.items():
        member = ledger.seated[name]
        if (seat.membership.entered, seat.membership.holds, seat.since) != (member.entered, member.holds, member.since):
            raise RuleBroken(f"{name} in {room.name} entered with {seat.membership}, its log has {member.entered}")
    for name, membership in room.channel.waiting.items():
        member = ledger.waiting[name]
        if (membership.entered, membership.holds) != (member.entered, member.holds):
            raise RuleBroken(f"{name} waits in {room.name} by {membership}, its log has {member.entered}")


def check_settings(room: Room, ledger: Ledger) -> None:
    """See that topic and modes are what the log says."""
    modes = room.channel.modes
    known = (ledger.topic, ledger.is_moderated, ledger.voices, ledger.masks)
    masks = {"b": set(modes.bans), "e": set(modes.excepts)}
    if (room.channel.topic, "m" in modes.flags, set(modes.roles), masks) != known:
        raise RuleBroken(f"{room.name} is about {room.channel.topic!r} with {modes.roles}, its log has {known}")


def check_places(room: Room) -> None:
    """See that each of those who wait was told its place."""
    for ahead, name in enumerate(room.channel.waiting):
        session = room.sessions.get(name)
        if session is not None and not session.closed and session.place != ahead:
            raise RuleBroken(f"{name} waits in {room.name} behind {ahead}, and was told {session.place}")


def check_waits(room: Room, ledger: Ledger, now: float) -> None:
    """See that no wait is over whose end did not come."""
    for name, (_, since) in ledger.held.items():
        member = ledger.seated.get(name) or ledger.waiting[name]
        if now > since + ledger.hold_seconds(member) + LATE_SECONDS:
            raise RuleBroken(f"{name} is held in {room.name} for {now - since} seconds")
        if not member.holds:
            raise RuleBroken(f"{name} is held in {room.name}, and cannot come back")
    for name in room.channel.seated:
        if (left := room.channel.idle_seconds_left(name, now)) < -LATE_SECONDS:
            raise RuleBroken(f"the idle time of {name} in {room.name} was over {-left} seconds ago, now is {now}")
    if room.channel.next_due_at() >= now - LATE_SECONDS:
        ledger.overdue_at = None
    elif ledger.overdue_at is None:
        ledger.overdue_at = now
    elif now > ledger.overdue_at + LATE_SECONDS:
        raise RuleBroken(f"a warning in {room.name} was due at {room.channel.next_due_at()}, now is {now}")


def note_presence(room: Room, ledger: Ledger, now: float) -> None:
    """Remember who is there by which connection, who is held, and since when."""
    known, sessions = ledger.held, ledger.sessions
    members = {**ledger.waiting, **ledger.seated}
    for name, hold in room.held.items():
        member, before = members.get(name), sessions.get(name)
        if member is None or hold.session is None or (name in known and known[name][0] is hold):
            continue
        if hold.session is not before and (before is not None or hold.session.has_stayed):
            member.stayed = True  # by a connection that came and went in this turn
        if member.stayed is False and not ledger.may_be_held(member, now):
            raise RuleBroken(f"{name} is held in {room.name}, and was there for {now - member.queued_at} seconds")
    for name, session in room.sessions.items():
        # Another session may be of another membership: who has quit may have said hello anew in the same turn.
        came_back = session.has_stayed and sessions.get(name) is not session
        if name in members and (name in known or came_back):
            members[name].stayed = True
    ledger.sessions = dict(room.sessions)
    if known.keys() != room.held.keys() or any(known[name][0] is not hold for name, hold in room.held.items()):
        ledger.held = {
            name: known[name] if name in known and known[name][0] is hold else (hold, now)
            for name, hold in room.held.items()
        }


def check_quitters(room: Room, quitters: Container[Session]) -> None:
    """See that nothing is held for those who have quit."""
    for name, hold in room.held.items():
        if hold.session is not None and hold.session in quitters:
            raise RuleBroken(f"{name} has quit {room.name}, and is held there")


def check_wires(wires: Iterable[Wire], limits: Limits) -> None:
    """See that every connection is read from, and no outbox is past its bound."""
    for wire in wires:
        if wire.lost:
            continue
        session = wire.session
        if session is not None and not session.closed and wire.is_overfull:
            raise RuleBroken(f"{session.name} reads too slowly, and is let be")
        if not (wire.reading or wire.closing or limits.commands_per_second_max):
            raise RuleBroken(f"{session and session.name} is not read from, and the server has nothing to do")


def check_transfers(transfers: Transfers) -> None:
    """See that no file is on its way to or from somebody who has gone."""
    for transfer in transfers._by_ticket.values():
        needed = [transfer.target]
        if transfer.state in ("asked", "uploading"):
            needed.append(transfer.sender)
        for session in needed:
            if session.closed or session.transport is GONE or not session.channel:
                raise RuleBroken(f"the file {transfer.path} is on its way, and {session.name} has gone")
