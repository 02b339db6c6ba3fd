"""Resuming a membership after a lost connection: `--reconnect`.

It follows the server's messages, so that it can resume the same seat by its token and show every missed entry exactly
once. Notes say what is going on; the transcript does not.
"""

import threading
from collections.abc import Callable

import msgspec

from antechamber.client.reconnect.membership import Membership, Reading
from antechamber.client.reconnect.retry import Retry, spell
from antechamber.client.reconnect.unanswered import Unanswered
from antechamber.client.server_connection import ConnectionProblem, ServerConnection, hello_line
from antechamber.client.view import in_a_note
from antechamber.protocol.commands import Quit, Resume
from antechamber.protocol.events import Entry
from antechamber.protocol.notices import Announcement, Goodbye, Message, Named, Place, Refusal, Resumed, Welcome
from antechamber.protocol.text import clean

LEAVING_SECONDS_MAX = 2.0
"""How long a person who has quit waits at most if the connection is dead without anyone knowing."""
_LOSSES = {
    "": "the connection to {} was lost",
    "shutdown": "the server at {} shuts down",
    "slow": "the server at {} closed the connection, which was read too slowly",
}
"""The goodbyes after which the client reconnects, "" for none, in words."""
_OVER = frozenset(("bad-token", "resume-over", "invalid"))
"""The refusals of a resume after which only a new hello helps; the last comes from servers without resume."""
_PASSING = frozenset(("server-full", "too-many-sessions", "too-many-failures", "not-kept"))
"""The refusals of a first line after which another try may succeed."""
_GAPS = {
    Reading.GAP: "some of what you missed is not kept any more, and cannot be had",
    Reading.UNDONE: "the server has lost the last of what you have read",
}
_encode = msgspec.json.Encoder().encode


class Astray(ConnectionProblem):
    """The error that a hello for a channel has joined another one."""


class _Numbered(msgspec.Struct):
    """The known part of an entry with an unknown event."""

    channel: str
    sequence: int


class ResumingClient:
    """The membership of one client over several connections. `note` shows the person a note."""

    def __init__(
        self,
        connection: ServerConnection,
        returning: Retry,
        outgoing: Unanswered,
        name: str,
        note: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._returning = returning
        self._outgoing = outgoing
        self._membership = Membership(name)
        self._note = note
        self._resumes = False
        """Whether the connection's first line is a resume, and not a hello."""
        self._answered = False
        """Whether that line was answered as expected."""
        self._declined = ""
        """Why the server refused it for now."""
        self._over = False
        """Whether the membership has ended, so that only a new hello helps."""
        self._perhaps_joined = False
        """Whether a hello was sent whose answer was not read: the name may then be taken by the client itself."""
        self._astray = False
        """Whether the last hello joined another channel than intended."""
        self._sends = True
        """Whether typed commands are sent."""
        self._says_place = False
        """Whether the next place in line is the resumed one."""
        self._left_out = 0

    # What the person types

    def quit(self) -> None:
        """Stop trying to reconnect at once, and end a dead connection soon. Any thread may call it."""
        self._returning.quit()
        arguments = (LEAVING_SECONDS_MAX,)
        threading.Thread(target=self._connection.hang_up_when_silent, args=arguments, name="quit", daemon=True).start()

    def leave_out(self) -> bool:
        """Note that something typed is dropped, and return whether it is the first. Any thread may call it."""
        self._left_out += 1
        return self._left_out == 1

    def end(self) -> None:
        """Say what was typed in vain, because the program ends."""
        unsent, unsure = self._outgoing.talk_left()
        if unsent + self._left_out:
            self._note(f"{_lines(unsent + self._left_out)} not sent")
        if unsure:
            self._note(f"{_lines(unsure)} perhaps not delivered")

    # What the server tells

    def hear(self, message: Message) -> Message | None:
        """Follow a message of the server; return what the person is to read, None for nothing.

        Raises Astray.
        """
        shown = self._hear(message)
        self._look_up()
        return shown

    def hear_unknown(self, line: bytes) -> None:
        """Follow a line of a newer server: if it is an entry, it is not a gap."""
        try:
            entry = msgspec.json.decode(line, type=_Numbered)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        self._membership.take_number(entry.channel, entry.sequence)
        self._look_up()

    def _look_up(self) -> None:
        """Send what was typed, if it is due."""
        if not self._sends and self._answered and self._membership.up_to_date:
            self._send_again()

    def _hear(self, message: Message) -> Message | None:
        match message:
            case Entry():
                return self._hear_entry(message)
            case Welcome() if not self._answered and self._membership.channel not in ("", message.channel):
                self._go_away(message)
            case Welcome(channel=channel):
                self._returning.door_channel = self._returning.door_channel or channel
                self._membership.begin(message)
                self._arrive(message)
            case Resumed():
                return self._resume(message)
            case Place(ahead=ahead):
                if self._says_place:
                    self._says_place = False
                    self._note(f"back again, at your place in line ({ahead} ahead)")
                return message if self._membership.place(ahead) else None
            case Announcement():
                return message if self._membership.announce(message) else None
            case Refusal() if self._membership.channel and not self._answered:
                return message if self._is_last_word(message) else None
            case Named(name=name, token=token):
                self._membership.rename(name, token)
        return message

    def _hear_entry(self, entry: Entry) -> Message | None:
        reading = self._membership.take(entry)
        if reading in _GAPS:
            self._note(_GAPS[reading])
        return None if reading is Reading.AGAIN else entry

    def _resume(self, resumed: Resumed) -> Message | None:
        switched = resumed.channel != self._membership.channel
        if switched:
            self._outgoing.settle_up_to_switch(resumed.channel)
        reading = self._membership.resume(resumed)
        self._arrive(resumed)
        self._says_place = not resumed.seated
        if resumed.seated:
            self._note("back again, in your seat" + ("; what you missed follows" * (resumed.first <= resumed.last)))
        if reading in _GAPS:
            self._note(_GAPS[reading])
        return _late_welcome(resumed) if switched else None

    def _go_away(self, welcome: Welcome) -> None:
        """Leave silently a channel that now has the other one's port."""
        self._astray = True
        self._returning.front_desk_port, self._returning.door_channel = welcome.front_desk_port, welcome.channel
        self._connection.send_last(_encode(Quit()), LEAVING_SECONDS_MAX)
        where = self._connection.where
        raise Astray(f"at {where} there is {clean(welcome.channel)}, not {clean(self._membership.channel)}")

    def _arrive(self, told: Welcome | Resumed) -> None:
        self._answered, self._over, self._perhaps_joined = True, False, False
        self._returning.front_desk_port = told.front_desk_port
        self._returning.arrive()

    def _is_last_word(self, refusal: Refusal) -> bool:
        """Handle the refusal of a first line; return whether it is shown."""
        text = clean(refusal.text)
        if refusal.code in _PASSING or (refusal.code == "name-taken" and self._perhaps_joined):
            self._declined = text
        elif not self._resumes:
            return True
        elif refusal.code in _OVER:
            self._over = True
            why = in_a_note(text) if refusal.code == "resume-over" else "the server does not know you any more"
            self._note(f"{why}; joining again at the end of the line")
            self._give_up_sent()
        else:
            self._note(in_a_note(text))
        return False

    def _send_again(self) -> None:
        self._sends = True
        if not self._membership.seated and (unsent := self._outgoing.give_up_talk()):
            self._note(f"{_lines(unsent)} not sent, as only those talk who have a seat")
        if self._left_out:
            self._note(f"{_lines(self._left_out)} not kept")
            self._left_out = 0
        self._outgoing.follow(self._connection)

    def _give_up_sent(self) -> None:
        """Drop commands that may have been carried out, as no server knows their ids any more."""
        if unsure := self._outgoing.give_up_sent():
            self._note(f"{_lines(unsure)} perhaps not delivered")

    # Coming back

    def goes_on(self, goodbye: Goodbye | None) -> bool:
        """Return whether the client reconnects after this goodbye, or after none."""
        if not self._membership.channel:
            return False
        reason = "" if goodbye is None else goodbye.reason
        declined = bool(self._declined) or (self._resumes and self._over)
        return reason in _LOSSES or (reason == "refused" and declined)

    def find(self, goodbye: Goodbye | None, problem: str) -> ServerConnection | None:
        """Return the next connection, however long that takes, with its first line sent; None if the person quits.

        The last one ended with this goodbye or problem. Raises ConnectionProblem if reconnecting is impossible.
        """
        self._sends = False
        at_once = False
        if self._answered:
            self._lose("" if goodbye is None else goodbye.reason)
        elif self._resumes and self._over:
            at_once = True
        else:
            self._perhaps_joined = self._perhaps_joined or not (self._resumes or self._declined or self._astray)
            self._returning.fail(self._declined or problem or _LOSSES[""].format(self._connection.where))
        self._answered, self._declined, self._astray = False, "", False
        membership = self._membership
        self._resumes = not self._over
        line = (
            _encode(Resume(membership.token, membership.read)) if self._resumes else hello_line(membership.name, True)
        )
        found = self._returning.find(line, membership.channel, self._resumes, at_once)
        if found is not None:
            self._connection = found
        return found

    def _lose(self, reason: str) -> None:
        kept = "seat" if self._membership.seated else "place in line"
        seconds = self._membership.hold_seconds
        how_long = f"kept for {spell(seconds)}" if seconds else "not kept"
        self._note(f"{_LOSSES[reason].format(self._connection.where)}; your {kept} is {how_long}; trying to come back")
        self._returning.lose(kept, seconds)
        if not self._membership.token:
            self._over = True
            self._give_up_sent()


def _late_welcome(resumed: Resumed) -> Welcome:
    """Return the welcome of a switch whose own welcome was lost with the connection."""
    return Welcome(
        resumed.time,
        resumed.channel,
        resumed.name,
        resumed.server,
        resumed.protocol,
        resumed.utc_offset_seconds,
        resumed.front_desk_port,
    )


def _lines(number: int) -> str:
    return "1 line that you typed was" if number == 1 else f"{number} lines that you typed were"
