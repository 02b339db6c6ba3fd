"""A visit that speaks JSON lines, as docs/protocol.md has it: it counts every entry, and can come back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import structs

from antechamber.codec.jsonl import decode_message
from antechamber.protocol.commands import Command, Hello, Ping, Received, Resume, Say, Watch, Whisper
from antechamber.protocol.events import Said, Seated
from antechamber.protocol.limits import IDLE_WARNING_SECONDS
from antechamber.protocol.notices import (
    Announcement,
    ChannelInfo,
    Channels,
    Done,
    Goodbye,
    Idling,
    Members,
    Notice,
    Offer,
    Place,
    Pong,
    Presence,
    Refusal,
    Resumed,
    Sent,
    Ticket,
    TransferFailed,
    Welcome,
    Whispered,
)
from antechamber.session.tokens import Claim
from tests.simulation.talk import Question, Talk
from tests.simulation.visits import Visit

if TYPE_CHECKING:
    from tests.simulation.world import World

_ENTRY = b'{"type":"entry"'
_FULL = ("server-full", "too-many-sessions")
"""The refusals that come before anything that was asked is looked at."""
_PASSING = ("too-fast", "stopped")
"""The refusals of a resume that say nothing of the membership."""
_CODES = {
    "lost": (),
    "idle": (),
    "closed": (),
    "switched": ("resume-ended",),
    "quit": ("resume-ended",),
    "kicked": ("resume-ended",),
    "emptied": ("resume-ended",),
}
"""What a resume may be told of each end of a membership beside `resume-over`; a switch led to another membership."""
_encode = msgspec.json.Encoder().encode


class JsonVisit(Visit):
    """One that says hello, and may `hold`; or goes on where `origin`, an earlier visit, was."""

    def __init__(self, world: "World", name: str, door: str) -> None:
        super().__init__(world, name, door)
        self.holds = False
        self.token = ""
        self.older_token = ""
        """The token before a switch."""
        self.claim: Claim | None = None
        self.origin: JsonVisit | None = None
        self.said: dict[str, str] = {}
        """The texts that it has said and not read yet, and their ids."""
        self.to_say_again: dict[str, str] = {}
        """Those of the visit before."""
        self.talk = Talk(self.fail)
        self._loose: set[str] = set()
        """The ids of what it sends by itself, which may be answered late or not at all."""
        self._texts: dict[str, str] = {}
        """What it has said with each id."""
        self._repeated: set[str] = set()
        """The ids that came with a message more than once, so that there may be more answers than questions."""
        self._watches = False
        self._infos: list[ChannelInfo] = []
        """What it was told of the channels last, where it watches them."""
        self._last = 0
        """The entry up to which it is to read before it says anything again; 0 for none."""
        self._after = 0
        """The last entry that it said it has read, when it came back."""
        self._garbled = False
        self._power_failures = world.power_failures
        self._ids = 0
        self._begun_id = ""
        self._tail = b""
        """The end of a line that was begun."""
        self._notices: dict[type[Notice], Callable[[Any], None]] = {
            Welcome: self._welcome,
            Resumed: self._resumed,
            Place: self._placed,
            Members: self._members,
            Presence: self._present,
            Idling: self._idling,
            Announcement: self._announced,
            Whispered: self._whispered,
            Channels: self._channels,
            Ticket: self._ticket,
            Offer: self._offer,
            Sent: self._sent,
            TransferFailed: self._nothing,
            Done: self._done,
            Pong: self._pong,
            Refusal: self._refusal,
            Goodbye: self._goodbye,
        }

    # Asking

    def new_id(self) -> str:
        self._ids += 1
        return f"{self.number}.{self._ids}"

    def send(self, data: bytes, *, lively: bool = False) -> None:
        self.finish_line()
        super().send(data, lively=lively)

    def finish_line(self) -> None:
        """Send the rest of a line that was begun."""
        if self._tail:
            tail, self._tail = self._tail, b""
            self.talk.ask(Question(Ping, self._begun_id))
            self.send(tail)

    def ask(self, command: Command, text: str = "", *, lively: bool = True) -> None:
        self.finish_line()
        self.talk.ask(Question(type(command), getattr(command, "id", ""), text))
        self.send(_encode(command) + b"\n", lively=lively)

    def say_hello(self, *, holds: bool, channel: str = "") -> None:
        self.holds = holds
        self.ask(Hello(self.name, hold=holds, channel=channel), lively=False)

    def say(self, text: str, command_id: str) -> None:
        is_new = text not in self.world.asked.said
        if not is_new:
            self._repeated.add(command_id)
        self.said[text] = command_id
        self._texts[command_id] = text
        self.world.asked.said[text] = self.name
        self.ask(Say(text, command_id), text, lively=is_new)

    def begin_line(self, length: int) -> bool:
        """Send the beginning of a ping, whose rest goes out before anything else does."""
        if self._tail:
            return False
        length = max(length, 1)
        self._begun_id = self.new_id()
        line = _encode(Ping(self._begun_id)) + b"\n"
        self.send(line[:length])
        self._tail = line[length:]
        return True

    def come_back(self, origin: "JsonVisit", token: str, *, garbled: bool = False) -> None:
        """Ask to go on where `origin` was, with a token of its."""
        self.origin = origin
        self.holds = True
        self.name = origin.name
        self.token = token
        self._garbled = garbled
        self.talk.strict = False
        self.to_say_again = {**origin.to_say_again, **origin.said}
        self._after = origin.read if token == origin.token else 0
        self.ask(Resume(token, self._after), lively=False)

    # Hearing

    def hear(self, lines: list[bytes]) -> None:
        for line in lines:
            if self.goodbye:
                self.fail(f"after its goodbye it was told {line!r}")
            if not self.channel and line.startswith(b"[Server message "):
                self.goodbye = "silent"  # said in plain text to those who have not shown in time how they read
            elif line.startswith(_ENTRY):
                self._entry(line)
            else:
                notice = cast(Notice, decode_message(line))
                self._notices[type(notice)](notice)
        if self._last and self.read >= self._last:
            self._say_again()

    def _entry(self, line: bytes) -> None:
        if not self.channel:
            self.fail(f"it is in no channel, and was told {line!r}")
        shelf = self.world.disk.shelves[self.channel]
        if not self.seated:
            self._sit_down(line)
        read = self.read
        if read >= len(shelf.lines) or shelf.lines[read] != line:
            kept = shelf.lines[read] if read < len(shelf.lines) else b"nothing"
            self.fail(f"it was told {line!r}, where the log has {kept!r}")
        self.read = read + 1
        event = shelf.entries[read].event
        if type(event) is Said and event.name == self.name:
            self._hear_own(event)

    def _sit_down(self, line: bytes) -> None:
        entry = decode_message(line)
        event = getattr(entry, "event", None)
        if not isinstance(event, Seated) or event.name != self.name:
            self.fail(f"it waits, and was told {line!r}")
        self.seated = True
        self.read = getattr(entry, "sequence", 0) - 1

    def _hear_own(self, event: Said) -> None:
        text = event.text
        self.said.pop(text, None)
        self.to_say_again.pop(text, None)
        if self.talk.asked(text):
            self.talk.answer("said", event.id, text)

    def up_to_date(self) -> None:
        if self.seated and self.read != self.ledger.sequence:
            self.fail(f"it has read all there is, and the log has {self.ledger.sequence} entries")
        if not self.world.shutdown_asked:
            if not self.wire.uplink and self.talk.questions:
                self.fail(f"{self.talk.questions[0]} was not answered")
            self.talk.strict = True

    def look_around(self) -> None:
        super().look_around()
        session, hub = self.wire.session, self.world.server.hub
        if self._watches and session is not None and not session.closed and not hub.subscriptions._changes.names:
            told = [structs.replace(info, wait_seconds=None) for info in self._infos]
            there = [structs.replace(info, wait_seconds=None) for info in hub.channels()]
            if told != there:
                self.fail(f"it watches and was told {told}, where there are {there}")

    # What it is told

    def _welcome(self, welcome: Welcome) -> None:
        for text in self.talk.answer_move(stays=self.channel != ""):
            self.said.pop(text, None)
        self.to_say_again.clear()
        if welcome.name != self.name or bool(welcome.token) != self.holds:
            self.fail(f"it is told {welcome}")
        self.channel, self.seated, self.place, self.read = welcome.channel, False, -1, 0
        self.older_token, self.token = self.token, welcome.token
        if welcome.token:
            self.claim = self._claim_of(welcome.token)

    def _claim_of(self, token: str) -> Claim:
        claim = self.world.tokens.read(token)
        if claim is None or (claim.channel, claim.name) != (self.channel, self.name):
            self.fail(f"its token is {claim}")
        member = self.ledger.by_entered.get(claim.entered)
        if member is None or member.name != self.name:
            self.fail(f"its token is {claim}, where the log has {member and member.name}")
        return claim

    def _resumed(self, resumed: Resumed) -> None:
        self.talk.answer("resumed", "")
        origin, asked_for = self.origin, self.world.tokens.read(self.token)
        if origin is None or self._garbled or resumed.name != self.name:
            self.fail(f"it is told {resumed}")
        self.world.counts["resumes"] += 1
        self.channel, self.token = resumed.channel, resumed.token
        self.claim = self._claim_of(resumed.token)
        member = self.ledger.by_entered[self.claim.entered]
        self.seated = resumed.seated
        if self.claim == origin.claim and not origin.power_failed:
            self.place = origin.place
        if not resumed.seated or self.claim != asked_for:
            self.to_say_again.clear()
        if not resumed.seated:
            return
        after = self._after if self.claim == asked_for else 0
        following = max(after + 1, member.since)
        self.read, self._last = resumed.first - 1, resumed.last
        if origin.power_failed:
            self.to_say_again.clear()
        elif resumed.first != following:
            self.to_say_again.clear()  # as it may be among what is kept no more
            if not following < resumed.first <= self.world.disk.shelves[self.channel].first:
                self.fail(f"it has read up to {after} (a seat since {member.since}), and is told {resumed}")
        if self.read >= self._last:
            self._say_again()

    @property
    def power_failed(self) -> bool:
        """Whether a power failure may have taken what it has read."""
        return self._power_failures != self.world.power_failures

    def _say_again(self) -> None:
        """Say again what was not kept."""
        self._last = 0
        texts, self.to_say_again = self.to_say_again, {}
        for text, command_id in texts.items():
            if command_id and self.speaks:
                self.say(text, command_id)

    def _placed(self, place: Place) -> None:
        if place.channel != self.channel or self.seated:
            self.fail(f"it is told {place}")
        if self.place != -1 and place.ahead > self.place and not (self.power_failed or self.ledger.moved_from):
            self.fail(f"{self.place} were ahead, and now {place.ahead}")
        if place.wait_seconds is not None and not 0 <= place.wait_seconds[0] <= place.wait_seconds[1]:
            self.fail(f"it is told {place}")
        self.place = place.ahead
        if place.id:
            self.talk.answer("place", place.id)

    def _members(self, members: Members) -> None:
        self.talk.answer("members", members.id)
        ledger = self.ledger
        told = [one.name for one in members.seated], [one.name for one in members.waiting]
        if members.channel != self.channel or (members.sequence > ledger.sequence and not self.power_failed):
            self.fail(f"it is told {members}")
        if members.sequence == ledger.sequence and told != (list(ledger.seated), list(ledger.waiting)):
            self.fail(f"it is told {told}, the log has {[*ledger.seated]} and {[*ledger.waiting]}")

    def _present(self, presence: Presence) -> None:
        if presence.channel != self.channel or not self.seated:
            self.fail(f"it is told {presence}")

    def _idling(self, idling: Idling) -> None:
        if idling.channel != self.channel or not self.seated or not 0 < idling.seconds <= IDLE_WARNING_SECONDS:
            self.fail(f"it is told {idling}")

    def _announced(self, announcement: Announcement) -> None:
        if announcement.channel != self.channel or self.seated or not announcement.text.startswith("tea "):
            self.fail(f"it is told {announcement}")

    def _whispered(self, whispered: Whispered) -> None:
        if (whispered.channel, whispered.to) != (self.channel, self.name) or not self.seated:
            self.fail(f"it is told {whispered}")
        self.world.whispers.hear(whispered, self)

    def _channels(self, channels: Channels) -> None:
        if channels.id:
            question = self.talk.answer("channels", channels.id)
            self._watches = self._watches or (question is not None and question.kind is Watch)
        elif not self._watches:
            self.fail(f"it does not watch, and is told {channels}")
        self._infos = channels.channels

    def _ticket(self, ticket: Ticket) -> None:
        self.talk.answer("ticket", ticket.id)

    def _offer(self, offer: Offer) -> None:
        if self.speaks and self.world.dice.chance(800):
            problem = "" if self.world.dice.chance(700) else "it has no room"
            if not problem:
                self.world.fetched.add(offer.file)
            command_id = self.new_id()
            self._loose.add(command_id)
            self.send(_encode(Received(offer.ticket, problem, command_id)) + b"\n")

    def _sent(self, sent: Sent) -> None:
        if sent.path not in self.world.fetched or sent.sender != self.name:
            self.fail(f"it is told {sent}")
        self.world.fetched.discard(sent.path)

    def _nothing(self, _: TransferFailed) -> None:
        """Do nothing about it."""

    def _done(self, done: Done) -> None:
        text = self._texts.get(done.id)
        if text is not None and text not in self.world.asked.kept:
            self.fail(f"it is told that {text!r} is done, which is not kept")
        if done.id in self._loose or self._answers_again(done.id):
            return
        question = self.talk.answer("done", done.id)
        if question is not None and question.kind is Whisper:
            self.world.whispers.done(question.text)

    def _answers_again(self, command_id: str) -> bool:
        """Say whether this may be the second answer to a message that was sent twice."""
        if command_id not in self._repeated:
            return False
        self.talk.drop(command_id)
        for text in [text for text, said_id in self.said.items() if said_id == command_id]:
            del self.said[text]
        return True

    def _pong(self, pong: Pong) -> None:
        self.talk.answer("pong", pong.id)

    def _refusal(self, refusal: Refusal) -> None:
        if refusal.id in self._loose or refusal.code in _FULL or self._answers_again(refusal.id):
            return
        question = self.talk.answer("refusal", refusal.id)
        if question is None:
            return
        if question.kind is Resume:
            self._turned_away(refusal)
        if question.text:
            self.said.pop(question.text, None)
            self.world.whispers.refuse(question.text)
        if question.kind is Say and question.id and self.speaks and self.world.dice.chance(200):
            self.say(question.text, question.id)

    def _turned_away(self, refusal: Refusal) -> None:
        """See that there is a reason, in the log, why it cannot come back."""
        claim = self.world.tokens.read(self.token)
        if self.power_failed or self.origin is None or self.origin.power_failed:
            return
        if self._garbled or claim is None:
            if refusal.code != "bad-token":
                self.fail(f"its token is garbled, and it is told {refusal}")
            return
        ledger = self.world.ledgers[claim.channel]
        member = ledger.by_entered.get(claim.entered)
        if refusal.code in _PASSING or member is None or member.name != claim.name:
            return
        if ledger.opened_at_step >= self.born_at_step or not self.world.server.has(claim.channel):
            return
        self._see_none_left(claim)
        if not member.ended or refusal.code not in ("resume-over", *_CODES[member.reason]):
            end = member.reason or "nothing"
            self.fail(f"the log has {end} of how its membership ended, and it is told {refusal}")

    def _see_none_left(self, claim: Claim) -> None:
        """See that there is nothing that the membership became by a switch."""
        server = self.world.server
        for channel, ledger in self.world.ledgers.items():
            member = ledger.seated.get(claim.name) or ledger.waiting.get(claim.name)
            if member is None or (claim.channel, claim.entered) not in member.origins:
                continue
            if ledger.opened_at_step < self.born_at_step and server.has(channel) and not server.room(channel).stopped:
                self.fail(f"{claim} became a membership in {channel}, and it could not come back to that")

    def _goodbye(self, goodbye: Goodbye) -> None:
        self.goodbye = goodbye.reason
        self.world.counts[f"goodbyes {goodbye.reason}"] += 1
        if goodbye.reason == "quit":
            self.world.has_quit(self)
