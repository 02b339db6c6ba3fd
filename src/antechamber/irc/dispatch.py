"""Verbs: finds what each IRC command does, once it is judged to be one that its sender may give."""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from antechamber.codec.irc.decoding import Burst, Line
from antechamber.codec.irc.numerics import ERR_INPUTTOOLONG, ERR_NEEDMOREPARAMS, ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND
from antechamber.codec.irc.parameters import Table
from antechamber.feeds.replay import CaughtUp
from antechamber.handlers.router import Undone
from antechamber.irc import (
    away,
    cap,
    chathistory,
    file_links,
    invite,
    join,
    kick,
    labeled_response,
    markread,
    mode,
    monitor,
    multiline,
    names,
    nick,
    oper,
    privmsg,
    quit,
    registration,
    server_info,
    tagmsg,
    topic,
    who,
    whois,
)
from antechamber.irc import (
    list as list_command,
)
from antechamber.irc.join import greet, tell_caught_up
from antechamber.irc.network import Network
from antechamber.irc.quit import LEAVING, depart
from antechamber.irc.users import User
from antechamber.irc.verbs import VERBS
from antechamber.protocol.commands import Command, Leave, Malformed
from antechamber.session.session import Session

_MODULES: tuple[ModuleType, ...] = (
    multiline,
    cap,
    chathistory,
    file_links,
    invite,
    join,
    kick,
    mode,
    names,
    quit,
    topic,
    list_command,
    markread,
    monitor,
    nick,
    oper,
    away,
    whois,
    registration,
    server_info,
    tagmsg,
    privmsg,
    who,
)
"""The modules that carry commands out: what adds its commands to the table is imported here."""
_LOST = "Connection lost"
"""What others read of one whose connection ended without a word."""
PARAMETERS: Table = {name: each.parameters for name, each in VERBS.items()}
"""What the decoder has to know of each command."""


class Verbs:
    """Takes what users send, in the hub's turn; `table` is for the hub, by the type of what it takes.

    Of one that is closed the hub hands over nothing more, but that it leaves.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.table: dict[type[Command], Callable[[Any, Any], None]] = {
            Line: self.take_line,
            Burst: self.take_burst,
            Malformed: self.take_malformed,
            Leave: self.take_leave,
            CaughtUp: partial(tell_caught_up, network),
        }

    def take_line(self, user: User, line: Line) -> None:
        """Carry out one command of a user's, or tell it why not."""
        if line.tags is not None and multiline.add(self.network, user, line):
            return
        label = labeled_response.label_of(user, line) if line.tags is not None else ""
        if line.command in labeled_response.LABELLED_LATER:
            label = ""
        labeled_response.answer(self.network, user, label, partial(self._carry_out, user, line))

    def take_burst(self, user: User, burst: Burst) -> None:
        """Let a user say what it wrote in a row, to one target."""
        if not user.is_registered:
            self.network.reply(user, ERR_NOTREGISTERED)
            return
        user.active_at = self.network.turn.steady
        privmsg.take_burst(self.network, user, burst)

    def take_malformed(self, user: User, malformed: Malformed) -> None:
        """Tell a user that what it sent could not be read, or came too fast."""
        if malformed.code == "line-too-long":
            self.network.reply(user, ERR_INPUTTOOLONG)
        else:
            code = "INVALID_UTF8" if malformed.code == "not-utf-8" else malformed.code.upper().replace("-", "_")
            self.network.fail(user, "*", code, text=malformed.text)

    def take_leave(self, user: User, leave: Leave) -> None:
        """Let a user go whose connection is no more; what is to be held for it is held."""
        quits = user.quits or leave.reason == "quit"
        depart(self.network, user, leave.text or (LEAVING if quits else _LOST), may_hold=not quits)
        user.closed = True

    def greet(self, session: Session) -> None:
        """Tell a user, whose membership has got its seat, of the channel."""
        greet(self.network, session)

    def undone(self, user: User, command: Command, text: str) -> Undone:
        """Say what is to be done with a command of a user's that the log did not keep, as `text` says.

        What no log keeps is carried out again, now that it stands alone; of the rest the user is told. Who quits goes
        all the same, and has left once its connection ends and the log can keep that; and who comes back by its nick
        is registered once the log can keep that an earlier connection has left.
        """
        network = self.network
        if isinstance(command, Burst):
            network.fail(user, "PRIVMSG", "NOT_KEPT", command.target, text=text)
            return "told"
        if isinstance(command, Line) and not user.is_registered:
            return "later" if registration.overtakes(network, user, command) else "now"
        if not isinstance(command, Line) or not _is_logged(command):
            return "now"
        if multiline.keeps(user, command):
            return "told"
        if command.command == "QUIT":
            user.quits = True
            network.turn.end(user, "quit", LEAVING)
            for session in (user.memberships or {}).values():
                network.turn.unseat(session)
        else:
            about = command.params[0].partition(" ")[0] if command.params else ""
            network.fail(user, command.command, "NOT_KEPT", about or "*", text=text)
        return "told"

    def _carry_out(self, user: User, line: Line) -> None:
        network, command = self.network, line.command
        verb = VERBS.get(command)
        if not user.is_registered:
            network.users.unknown.add(user)
            if verb is None or not verb.before_registration:
                network.reply(user, ERR_NOTREGISTERED)
                return
        if verb is None:
            network.reply(user, ERR_UNKNOWNCOMMAND, command)
        elif len(line.params) < verb.params_min:
            network.reply(user, ERR_NEEDMOREPARAMS, command)
        else:
            if command == "PRIVMSG":
                user.active_at = network.turn.steady
            verb.handler(network, user, line)


def _is_logged(line: Line) -> bool:
    """Return whether a command may lead to entries in a log."""
    verb = VERBS.get(line.command)
    return verb is not None and verb.is_logged
