"""What is asked and changes nothing: the channels, who is in one, a place in line, and whether the server is there."""

from collections.abc import Mapping

from antechamber.feeds.subscriptions import Subscriptions
from antechamber.handlers.replies import Replies
from antechamber.protocol.commands import AskPlace, List, Ping, Who
from antechamber.protocol.notices import Pong
from antechamber.rooms.room import Room
from antechamber.session.session import Session


class Questions:
    """Answers them in the turn under way."""

    def __init__(self, rooms: Mapping[str, Room], subscriptions: Subscriptions, replies: Replies) -> None:
        self._rooms = rooms
        self._subscriptions = subscriptions
        self._replies = replies

    def list(self, session: Session, command: List) -> None:
        """Tell a member, an operator, or one who has said no hello yet, of every channel."""
        turn = self._replies.turn
        if (room := self._rooms.get(session.channel)) is not None:
            self._replies.at = room
            room.channel.touch(session.name, turn.steady)
            self._subscriptions.alive(room.name, session.name)
        turn.tell(session, self._subscriptions.channels(session, turn.time, turn.steady, command.id))
        self._subscriptions.told(session)

    def ping(self, session: Session, command: Ping) -> None:
        """Show that the server is there."""
        turn = self._replies.turn
        turn.tell(session, Pong(turn.time, command.id))

    def who(self, session: Session, room: Room, command: Who) -> None:
        """Tell who is in the channel; from then on signs of life that are no entries are told as well."""
        turn = self._replies.turn
        session.wants_presence = True
        self._subscriptions.asked(room.name)
        turn.tell(session, room.members(turn.time, turn.steady, command.id))

    def place(self, session: Session, room: Room, command: AskPlace) -> None:
        """Tell one that waits its place, and how long it may have to wait."""
        turn = self._replies.turn
        if session.name in room.channel.waiting:
            room.tell_place(turn, session, command.id)
        else:
            self._replies.refuse(session, command, "not-waiting", "You have a seat, so you have no place in the line.")
