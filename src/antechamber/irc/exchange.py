"""An exchange: one user in the turn under way, what it has sent, and how it is answered."""

from typing import Final

from antechamber.codec.irc.decoding import SERVER_NAME, Line, message
from antechamber.codec.irc.numerics import Numeric
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn

EXAMINED_PER_COMMAND: Final = 100
"""How many channels or people an answer may examine before it costs as much as one more command."""
_NOTHING_SENT: Final = Line("")


class Exchange:
    """What a handler works on. It lasts for one command, and never longer than its turn."""

    __slots__ = ("line", "network", "to_self", "turn", "user")

    def __init__(self, network: Network, turn: Turn, user: User, line: Line = _NOTHING_SENT) -> None:
        self.network = network
        self.turn = turn
        self.user = user
        self.line = line
        """What the user has sent; empty where the exchange is not the answer to a line."""
        self.to_self: list[bytes] = []
        """Messages of the user to itself, which it reads after the answer to the command."""

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters of the line."""
        return self.line.params

    def param(self, place: int) -> str:
        """Return one parameter of the line, "" where there are fewer."""
        params = self.line.params
        return params[place] if place < len(params) else ""

    def to(self, user: User) -> "Exchange":
        """Return an exchange with another user in the same turn."""
        return Exchange(self.network, self.turn, user)

    def send(self, data: bytes) -> None:
        """Write whole lines to the user, in their place among all that it reads."""
        if not self.user.closed:
            self.turn.write(self.user, data)

    def reply(self, numeric: Numeric, *params: str, text: str | None = None) -> None:
        """Answer with a numeric: its parameters, then its text, or `text` in place of that."""
        last = numeric.text if text is None else text
        words = (*params, last) if last is not None else params
        nick = self.user.name or "*"
        self.send(message(SERVER_NAME, numeric.code, nick, *words, trailing=last is not None))

    def fail(self, code: str, *context: str, text: str, command: str = "", kind: str = "FAIL") -> None:
        """Answer with a standard reply: FAIL, WARN or NOTE (https://ircv3.net/specs/extensions/standard-replies).

        It is about the command of the line, or about `command`.
        """
        self.send(message(SERVER_NAME, kind, command or self.line.command, code, *context, text, trailing=True))

    def notice(self, text: str) -> None:
        """Send the user a NOTICE from the server itself."""
        self.send(message(SERVER_NAME, "NOTICE", self.user.name or "*", text, trailing=True))

    def affords(self, cost: int) -> bool:
        """Charge the user for as many commands as `cost`, beside what the command has cost already.

        Return whether it can pay for that; if not, tell it so.
        """
        user = self.user
        if user.operator or not self.network.budgets.afford(user.pace, user.host, cost):
            return True
        self.fail("TOO_FAST", text="You are asking for too much, so this was not done. Wait a moment.")
        return False

    def work_in(self, room: Room | None) -> None:
        """Name the room that the command works in: a fault of the program stops that room, and no other."""
        self.network.replies.at = room

    def show_life(self, room: Room) -> None:
        """Restart the user's idle clock in a room, if it is a member there, and tell those who watch that clock."""
        user = self.user
        assert user.memberships is not None
        if room.name in user.memberships:
            room.channel.touch(user.name, self.turn.steady)
            self.network.subscriptions.alive(room.name, user.name)

    def set(self, attribute: str, value: object) -> None:
        """Set an attribute of the user; a rollback of the turn restores the old value."""
        self.turn.set(self.user, attribute, value)
