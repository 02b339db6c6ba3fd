"""Departing: how a user goes, be it that it says so, is made to, or that its connection is no more."""

from typing import Literal

from antechamber.irc.monitor import tell_offline
from antechamber.irc.network import Network
from antechamber.irc.shared_channels import Once
from antechamber.irc.users import Former, User

QUIT = "Quit: "
"""What the last words begin with of one who says itself that it goes."""
LEAVING = f"{QUIT}Leaving"
"""The last words of one who says none, or none that others are to read."""


def depart(network: Network, user: User, text: str, *, may_hold: bool = False) -> None:
    """Let a user leave all its channels, and be found by its nick no more; others read `text`, once each.

    Where it `may_hold`, its seats and places are held where they are to be; `text` beginning with `Quit: ` is its own.
    A client takes who quits out of every channel, so where one of its name stays in any, it leaves each of its own.
    """
    turn = network.turn
    network.users.unknown.discard(user)
    assert user.memberships is not None
    reason: Literal["quit", "lost"] = "quit" if text.startswith(QUIT) else "lost"
    is_one_quit = not _stays_somewhere(network, user, may_hold=may_hold)
    if not is_one_quit:
        text = text.removeprefix(QUIT) if reason == "quit" else ""
    once = Once(turn, len(user.memberships) if is_one_quit else 0)
    for session in list(user.memberships.values()):
        room = network.replies.at = network.rooms[session.channel]
        if may_hold and room.holds(session, turn.steady):
            room.hold(turn, session)
            continue
        turn.unseat(session)
        if session.name in room.channel.seated:  # that one leaves a line is told to nobody
            once.pass_over(room)
        room.leave(turn, session.name, reason, text, LEAVING if is_one_quit else "")
    once.end()
    network.replies.at = None
    if user.is_registered and network.users.get(user.name) is user:
        _free_nick(network, user)
        tell_offline(network, user.name)


def _stays_somewhere(network: Network, user: User, *, may_hold: bool) -> bool:
    """Say whether somebody of the user's name keeps a seat: itself, as it is held, or somebody from elsewhere."""
    memberships, steady = user.memberships, network.turn.steady
    assert memberships is not None
    rooms = [room for room in network.rooms.values() if user.name in room.channel.seated]
    return any(
        room.name not in memberships or (may_hold and room.holds(memberships[room.name], steady)) for room in rooms
    )


def _free_nick(network: Network, user: User) -> None:
    """Let a user be found by its nick no more."""
    users, former = network.users, Former(user.name, user.host, user.realname, network.turn.time)
    monitored = list((user.monitored or {}).values())
    users.discard(user)
    users.former.append(former)
    for nick in monitored:
        users.unwatch(user, nick)

    def undo() -> None:
        users.add(user)
        users.remember_not(former)
        for nick in monitored:
            users.watch(user, nick)

    network.turn.undo.append(undo)
