"""What the app knows: it follows the messages of the server, and says what is to be asked, called out and drawn."""

import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from antechamber.client.app.talk import Item, Talk, item_of
from antechamber.client.commands import COMMANDS, Aim, CommandInfo, calls, may
from antechamber.client.roster import Roster
from antechamber.client.words import counted, span, wait_words
from antechamber.protocol.commands import History, List, PeerCommand, Say, Search, Watch, Whisper, Who
from antechamber.protocol.events import Announced, Entry, Left, Muted, Renamed, Said, Seated, TopicSet
from antechamber.protocol.limits import ANNOUNCEMENTS_KEPT
from antechamber.protocol.notices import (
    Announcement,
    ChannelInfo,
    Channels,
    Done,
    Entries,
    Idling,
    Invitation,
    Members,
    Message,
    Named,
    Offer,
    Place,
    Presence,
    Refusal,
    Resumed,
    Sent,
    TransferFailed,
    WaitRange,
    Welcome,
    Whispered,
)

HISTORY_FIRST = 100
"""Entries that are asked for when a seat is taken."""
HISTORY_MORE = 100
"""Entries that are asked for when somebody scrolls to the beginning."""
Phase = Literal["entering", "waiting", "seated"]
Sheet = Literal["", "help", "people", "found"]


class Question(NamedTuple):
    """A file that somebody sends, which the person has not decided on."""

    offer: Offer
    answer: Callable[[bool], None]


class Found(NamedTuple):
    """What a search found, newest last."""

    words: str
    items: list[Item]
    more: bool


class Model:
    """One person's chat. `ask` sends a command and returns its id; `call` tells a person who looks elsewhere."""

    def __init__(
        self,
        name: str,
        ask: Callable[[PeerCommand], str],
        call: Callable[[str], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.channel = ""
        self.topic = ""
        self.phase: Phase = "entering"
        self.channels: list[ChannelInfo] = []
        self.ahead: int | None = None
        self.wait: WaitRange | None = None
        self.came_at = 0.0
        """When the waiting began, by the server's clock."""
        self.announcements: list[Announcement] = []
        """The last ones to the line."""
        self.roster = Roster()
        self.talk = Talk()
        self.found: Found | None = None
        self.sheet: Sheet = ""
        self.questions: dict[str, Question] = {}
        """By their tickets, oldest first."""
        self.progress = ""
        self.away = ""
        """How the search for the lost connection goes; "" while there is one."""
        self.idle_until = 0.0
        """When the seat is lost without a sign of life, after a warning; 0 without one."""
        self.idle_seconds_max = 0.0
        self.unsent: dict[str, str] = {}
        """What was said and is not in the talk yet, by the ids of the commands."""
        self.returned = ""
        """What was refused, to be written differently."""
        self.looks = True
        """Whether the person looks at the talk's end, as far as the terminal tells."""
        self.new = 0
        """Messages that came while the person looked elsewhere."""
        self._ask_server = ask
        self._call = call
        self._now = now
        self._clock_ahead = float("-inf")
        self._whispers: dict[str, Whisper] = {}
        self._lists: set[str] = set()
        self._searches: dict[str, str] = {}
        self._earlier = ""
        """The id of the question for earlier entries that is not answered yet."""

    # What others ask of it

    def server_now(self) -> float:
        """Return the server's time, in seconds since the epoch."""
        return self._now() + (self._clock_ahead if self._clock_ahead > float("-inf") else 0.0)

    @property
    def here(self) -> ChannelInfo | None:
        """The counts of this channel, once they are known."""
        return next((info for info in self.channels if info.name == self.channel), None)

    @property
    def operates(self) -> bool:
        """Whether this member is an operator of the channel."""
        return "o" in self.roster.roles.get(self.name, "")

    def commands(self) -> list[CommandInfo]:
        """Return the commands that this member may give here."""
        return [info for info in COMMANDS if may(info, self.operates, self.roster.modes)]

    def aim(self) -> Aim:
        """Return what a typed command is aimed at."""
        return Aim(self.channel, self.roster.entered())

    def idle_left(self) -> float | None:
        """Return the seconds until the silence is too long; None if that does not matter now."""
        mine = self.roster.seated.get(self.name)
        if self.idle_until:
            return max(self.idle_until - self.server_now(), 0.0)
        if not self.idle_seconds_max or mine is None or self.away:
            return None
        return max(self.idle_seconds_max - max(self.server_now() - mine.active_at, 0.0), 0.0)

    # What the person does

    def ask(self, command: PeerCommand) -> None:
        """Send what the person asks, and remember what its answer belongs to."""
        command_id = self._ask_server(command)
        match command:
            case Say(text=text):
                self.unsent[command_id] = text
                self.talk.unread_from, self.new = None, 0
            case Whisper():
                self._whispers[command_id] = command
            case List():
                self._lists.add(command_id)
            case Search(words=words):
                self._searches[command_id] = words

    def ask_earlier(self) -> None:
        """Ask for earlier entries, unless there are none or they are on their way."""
        if self.phase == "seated" and self.talk.oldest > 1 and not self._earlier and not self.away:
            self._earlier = self._ask_server(History(before=self.talk.oldest, limit=HISTORY_MORE))

    def look(self, looks: bool) -> None:
        """Note whether the person looks at the end of the talk."""
        if looks == self.looks:
            return
        self.looks = looks
        if looks:
            self.new = 0
        else:
            self.talk.unread_from = None

    def note(self, text: str) -> None:
        """Add a note to the talk."""
        self.talk.add(Item("note", self.server_now(), text))

    def tell(self, *, progress: str | None = None, away: str | None = None) -> None:
        """Note how far the transfers are, or how the search for a lost connection goes."""
        self.progress = self.progress if progress is None else progress
        self.away = self.away if away is None else away

    def ask_about(self, question: Question) -> None:
        """Put a question about a file to the person."""
        self.questions[question.offer.ticket] = question
        self._call(f"{question.offer.sender} sends you {question.offer.file}")

    def decide(self, sender: str, yes: bool) -> bool:
        """Answer the oldest question, or the oldest one about a file of `sender`; return whether there is one."""
        for ticket, question in self.questions.items():
            if sender in ("", question.offer.sender):
                del self.questions[ticket]
                question.answer(yes)
                return True
        return False

    def withdraw(self, ticket: str) -> None:
        """Ask no more about a file."""
        self.questions.pop(ticket, None)

    # What the server tells

    def hear(self, message: Message, shown: Message | None) -> None:
        """Follow a message of the server. `shown` is None if its news was heard before."""
        self._clock_ahead = max(self._clock_ahead, getattr(message, "time", 0.0) - self._now())
        match message:
            case Entry():
                if message.channel == self.channel:
                    self._hear_entry(message)
            case Welcome() | Resumed():
                self._greet(message)
            case Place(channel=channel, ahead=ahead, wait_seconds=wait) if channel == self.channel:
                self._wait_at(ahead, wait)
            case Members() if message.channel == self.channel:
                self.roster.set(message)
                self.topic = message.topic
            case Presence() if message.channel == self.channel:
                self.roster.sense(message)
                if self.name in message.active:
                    self.idle_until = 0.0
            case Channels(channels=channels, id=command_id):
                self._list(channels, command_id)
            case Idling(seconds=seconds):
                self.idle_until = message.time + seconds
                self._call(f"You lose your seat in {span(seconds)}")
            case Whispered(sender=sender, text=text):
                self._add(Item("whisper", message.time, text, sender), f"{sender} whispers to you")
            case Announcement() if shown is not None:
                self.announcements = [*self.announcements, message][-ANNOUNCEMENTS_KEPT:]
                self._call("Announcement")
            case Entries(id=command_id):
                self._take_entries(message, command_id)
            case Named(name=name):
                self.name = name
            case Done(id=command_id):
                self._take_done(command_id)
            case Refusal():
                self._take_refusal(message, is_told=shown is not None)
            case _:
                self._hear_aside(message)

    def _hear_aside(self, message: Message) -> None:
        match message:
            case Invitation(channel=channel, by=by):
                self._note(f"{by or 'The operator'} invites you to {channel}: /switch {channel}", message.time)
                self._call(f"An invitation to {channel}")
            case Sent(to=to, path=path):
                self._note(f"{to} has {path}.", message.time)
            case TransferFailed(sender=sender, to=to, path=path, problem=problem):
                whose = (
                    f"{path} was not sent to {to}" if sender == self.name else f"A file from {sender} did not arrive"
                )
                self._note(f"{whose}: {problem}", message.time)

    def _greet(self, told: Welcome | Resumed) -> None:
        anew = isinstance(told, Welcome) or told.channel != self.channel
        self.name, self.topic, self.idle_seconds_max = told.name, told.topic, told.idle_seconds_max
        self.idle_until = 0.0
        self._earlier = ""
        if anew:
            self.channel, self.roster, self.found, self.sheet = told.channel, Roster(), None, ""
            self.phase, self.ahead, self.wait, self.came_at = "entering", None, None, told.time
            self.announcements = []
            self.unsent, self._whispers = {}, {}  # notes have told what became of them
            self.talk.begin_anew()
        self._ask_server(Watch())
        if isinstance(told, Resumed) and told.seated:
            self.talk.go_back(told.last)
            self._sit()

    def _sit(self) -> None:
        """Take it that this member has a seat, and ask who is there and what was said before."""
        if self.phase != "seated":
            self.phase, self.ahead = "seated", None
            self._earlier = self._ask_server(History(before=self.talk.oldest, limit=HISTORY_FIRST))
        self._ask_server(Who())

    def _wait_at(self, ahead: int, wait: WaitRange | None) -> None:
        if ahead == 0 and self.ahead not in (None, 0):
            self._call("You are next")
        self.phase, self.ahead, self.wait = "waiting", ahead, wait

    def _hear_entry(self, entry: Entry) -> None:
        event = entry.event
        self.roster.apply(entry)
        match event:
            case Said(name=self.name, id=command_id):
                self.unsent.pop(command_id, None)
                self.idle_until = 0.0
            case Seated(name=self.name):
                waited = self.phase == "waiting"
                self.talk.pass_over(entry.sequence - 1)
                self._sit()
                if waited:
                    self._call("You have a seat")
            case Left(name=self.name) | Muted(name=self.name):
                self.idle_until = 0.0
            case Renamed(name=self.name, to=to):
                self.name = to
            case TopicSet(topic=topic):
                self.topic = topic or self.topic
        item = item_of(entry, self.name)
        if item is None:
            self.talk.pass_over(entry.sequence)
            return
        mentioned = isinstance(event, Said) and event.name != self.name and calls(self.name, event.text)
        why = f"{item.name} mentions you" if mentioned else "Announcement" if isinstance(event, Announced) else ""
        self._add(item, why)

    def _add(self, item: Item, why: str) -> None:
        """Add an item; `why` says why the person is called, "" for no call."""
        index = self.talk.end
        if not self.talk.add(item):
            return
        if item.name != self.name and item.kind not in ("happened", "note"):
            if not self.looks:
                self.new += 1
                self.talk.unread_from = index if self.talk.unread_from is None else self.talk.unread_from
            if why:
                self._call(why)

    def _note(self, text: str, when: float) -> None:
        self.talk.add(Item("note", when, text))

    def _list(self, channels: list[ChannelInfo], command_id: str) -> None:
        self.channels = channels
        if command_id not in self._lists:
            return
        self._lists.discard(command_id)
        for info in channels:
            line = f", {info.waiting} in line" if info.waiting else ""
            wait = f", {wait_words(info.wait_seconds)}" if info.wait_seconds else ""
            topic = f": {info.topic}" if info.topic else ""
            self._note(f"{info.name}, {info.seated} of {info.seats} seats{line}{wait}{topic}", self.server_now())

    def _take_entries(self, told: Entries, command_id: str) -> None:
        items = [item for entry in told.entries if (item := item_of(entry, self.name)) is not None]
        if (words := self._searches.pop(command_id, None)) is not None:
            self.found, self.sheet = Found(words, items, told.more), "found"
        elif command_id == self._earlier:
            self._earlier = ""
            if told.channel == self.channel:
                self.talk.put_before(items, told.entries[0].sequence if told.more and told.entries else 1)

    def _take_done(self, command_id: str) -> None:
        if (whisper := self._whispers.pop(command_id, None)) is not None:
            self.talk.add(Item("whisper", self.server_now(), whisper.text, self.name, to=whisper.to))
            self.idle_until = 0.0

    def _take_refusal(self, refusal: Refusal, is_told: bool) -> None:
        """Give back what was refused, and tell why, unless a note tells it in other words."""
        whisper = self._whispers.pop(refusal.id, None)
        said = self.unsent.pop(refusal.id, "")
        self._searches.pop(refusal.id, None)
        if refusal.id and refusal.id == self._earlier:
            self._earlier = ""
            return
        self.returned = said or (f"/whisper {whisper.to} {whisper.text}" if whisper else "") or self.returned
        if is_told:
            self._note(refusal.text, refusal.time)

    def files_words(self) -> str:
        """Return how many files wait for an answer, "" for none."""
        return f"{counted(len(self.questions), 'file')} for you" if self.questions else ""
