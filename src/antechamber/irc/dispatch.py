"""Dispatch: takes what users send, judges whether the command may be given, and calls its handler.

Commands and their parameters: RFC 2812, section 2.3 (https://www.rfc-editor.org/rfc/rfc2812#section-2.3).
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from antechamber.codec.irc.decoding import Burst, Line
from antechamber.codec.irc.numerics import ERR_INPUTTOOLONG, ERR_NEEDMOREPARAMS, ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND
from antechamber.codec.irc.parameters import Table
from antechamber.feeds.replay import CaughtUp
from antechamber.handlers.router import Undone
from antechamber.irc import (  # noqa: F401 - each adds its commands to the table
    away,
    cap,
    chathistory,
    file_links,
    invite,
    join,
    kick,
    labeled_response,
    list,
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
from antechamber.irc.exchange import NOTHING_SENT, Exchange
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.verbs import VERBS, Verb
from antechamber.protocol.commands import Command, Leave, Malformed
from antechamber.protocol.notices import Offer, Ticket
from antechamber.rooms.transfers import Transfer
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session

PARAMETERS: Final[Table] = {name: row.parameters for name, row in VERBS.items()}
"""What the decoder has to know about the parameters of each command."""
_CONNECTION_LOST: Final = "Connection lost"
"""The last words of a user whose connection ended without any."""


class Dispatch:
    """Carries out what users send, in the hub's turn."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._takes: dict[type[Command], Callable[[Exchange, Any], None]] = {
            Line: self._take_line,
            Burst: self._take_burst,
            Malformed: self._take_malformed,
            Leave: self._take_leave,
            CaughtUp: self._take_caught_up,
        }

    def take(self, turn: Turn, session: Session, command: Command) -> None:
        """Carry out what a user has sent, or what the server has to do for it."""
        assert isinstance(session, User)
        line = command if isinstance(command, Line) else NOTHING_SENT
        self._takes[type(command)](Exchange(self._network, turn, session, line), command)

    def _take_line(self, exchange: Exchange, line: Line) -> None:
        row = VERBS.get(line.command)
        if line.tags is not None and multiline.add(exchange):
            return
        label = "" if row is not None and row.labels_itself else labeled_response.label_of(exchange)
        labeled_response.answer(exchange, label, partial(_carry_out, exchange, row))

    def _take_burst(self, exchange: Exchange, burst: Burst) -> None:
        if not exchange.user.is_registered:
            exchange.reply(ERR_NOTREGISTERED)
            return
        privmsg.take_burst(exchange, burst)

    def _take_malformed(self, exchange: Exchange, malformed: Malformed) -> None:
        if malformed.code == "line-too-long":
            exchange.reply(ERR_INPUTTOOLONG)
        else:
            code = "INVALID_UTF8" if malformed.code == "not-utf-8" else malformed.code.upper().replace("-", "_")
            exchange.fail(code, text=malformed.text, command="*")

    def _take_leave(self, exchange: Exchange, leave: Leave) -> None:
        """Take a user out of its channels after its connection has ended; what may be held for it is held."""
        user = exchange.user
        quits = user.quits or leave.reason == "quit"
        last_words = leave.text or (quit.LEAVING if quits else _CONNECTION_LOST)
        quit.depart(exchange, last_words, may_hold=not quits)
        user.closed = True

    def _take_caught_up(self, exchange: Exchange, caught_up: CaughtUp) -> None:
        join.tell_caught_up(exchange, caught_up)

    def greet(self, turn: Turn, session: Session) -> None:
        """Tell a user about a channel where its membership, `session`, has been given a seat."""
        user = session.outlet
        assert isinstance(user, User)
        join.greet(Exchange(self._network, turn, user), self._network.rooms[session.channel])

    def tell_link(self, turn: Turn, session: Session, transfer: Transfer, notice: Ticket | Offer) -> None:
        """Tell the session of a member where to send or to fetch its file."""
        user = session.outlet
        assert isinstance(user, User)
        file_links.tell_link(Exchange(self._network, turn, user), session, transfer, notice)

    def undone(self, turn: Turn, session: Session, command: Command, text: str) -> Undone:
        """Return what is to be done about a command in a turn that the log could not keep; `text` says why.

        Commands that lead to no entry are carried out again, alone this time. Of the others the user is told. A QUIT
        closes the connection all the same, and the user leaves its channels once the log can keep that. A connection
        that takes over the nick of an earlier one is registered once the log can keep that the earlier one has left.
        """
        user = session
        assert isinstance(user, User)
        exchange = Exchange(self._network, turn, user, command if isinstance(command, Line) else NOTHING_SENT)
        if isinstance(command, Burst):
            exchange.fail("NOT_KEPT", command.target, text=text, command="PRIVMSG")
            return "told"
        if isinstance(command, Line) and not user.is_registered:
            return "later" if registration.takes_over(exchange) else "now"
        row = VERBS.get(command.command) if isinstance(command, Line) else None
        if row is None or not row.is_logged:
            return "now"
        if multiline.keeps(exchange):
            return "told"
        if row.handler is quit.quit_network:
            user.quits = True
            turn.end(user, "quit", quit.LEAVING)
            for membership in (user.memberships or {}).values():
                turn.unseat(membership)
        else:
            about = exchange.param(0).partition(" ")[0]
            exchange.fail("NOT_KEPT", about or "*", text=text)
        return "told"


def _carry_out(exchange: Exchange, row: Verb | None) -> None:
    """Carry out the command of an exchange, which has this row in the table, or tell its user why not."""
    user, command = exchange.user, exchange.line.command
    if not user.is_registered:
        exchange.network.users.unregistered[user] = None
        if row is None or not row.before_registration:
            exchange.reply(ERR_NOTREGISTERED)
            return
    if row is None:
        exchange.reply(ERR_UNKNOWNCOMMAND, command)
    elif len(exchange.params) < row.params_min:
        exchange.reply(ERR_NEEDMOREPARAMS, command)
    else:
        row.handler(exchange)
