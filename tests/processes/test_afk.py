"""AFK: who sends nothing for too long loses the seat, and what counts as sending.

How long it was is told by the times of the server's own entries, so a slow machine changes nothing. Members of both
kinds sit in one test here, since each test waits for the clock.
"""

import json

import pytest

from tests.processes.chat import THROUGH_SOCKETS, Chat
from tests.processes.programs import Programs, Server
from tests.processes.transcript import says

AFK_SECONDS = 2
LONG_SECONDS = 1_000
"""A mute of this length keeps a member seated throughout a test, as its clock stands still."""
SEATS = 9
KINDS = ("chatclient", "socket")


@pytest.fixture(scope="module")
def server(shared_programs: Programs) -> Server:
    return shared_programs.server("--afk", str(AFK_SECONDS), seats=SEATS)


class Watcher:
    """One who sits in the general channel, stays there, and sees when things happen by the server's clock."""

    def __init__(self, chat: Chat) -> None:
        self._server = chat.server
        self._caller = chat.calls("general", "watcher", '{"type":"hello","name":"watcher"}')
        self._times: dict[tuple[str, str], float] = {}
        self.sees("seated", "watcher")
        self.now()

    def now(self) -> float:
        """Return a time after all that happened so far."""
        self._server.types(f"/mute general:watcher {LONG_SECONDS}")
        return self.sees("muted", "watcher")

    def sees(self, kind: str, name: str) -> float:
        """Wait until this happens to `name`, and return its time in seconds."""
        while (kind, name) not in self._times:
            line = self._caller.next_line(f"{name} {kind}")
            assert line is not None
            entry = json.loads(line)
            if entry["type"] == "entry":
                self._times[entry["event"]["type"], entry["event"].get("name", "")] = entry["time"]
        return self._times.pop((kind, name))


def mutes(chat: Chat, channel: str, name: str, seconds: int) -> None:
    chat.server.types(f"/mute {channel}:{name} {seconds}")
    chat.server.reads_up_to(says(f"Muted {name} for {seconds} seconds."))


@THROUGH_SOCKETS
def test_those_who_stay_and_the_server_read_it(chat: Chat) -> None:
    mary = chat.seats("general", "Mary", kind="chatclient")[0]
    tom = chat.seats("general", "Tom", among=[mary])[0]
    ann = chat.calls("general", "Ann", '{"type":"hello","name":"Ann"}')
    chat.all_read([mary, tom], says("Ann has joined the channel."))
    chat.server.reads(says("Ann has joined the general channel."))
    chat.all_read([chat.server, tom], says("Mary went AFK."))
    mary.ends()
    chat.server.reads(says("Tom went AFK."), says("Ann went AFK."))
    ann.reads_up_to('{"type":"goodbye","time":<time>,"reason":"idle","text":"<*>"}')
    ann.ends()


@THROUGH_SOCKETS
def test_the_seat_goes_to_who_waits(chat: Chat) -> None:
    seated = chat.fills("general", SEATS)
    for member in seated:
        mutes(chat, "general", member.name, LONG_SECONDS)
    waiting = [chat.waits("general", f"{kind}-waits", ahead, kind) for ahead, kind in enumerate(KINDS)]
    pairs = list(zip(seated, waiting, strict=False))
    for seconds, (idle, _) in enumerate(pairs, 1):  # each a second later, however long a mute took to arrive
        mutes(chat, "general", idle.name, seconds)
        seated[-1].reads_up_to(says(f"{idle.name} has been muted for {seconds} seconds."))
    for idle, newcomer in pairs:
        joined = says(f"{newcomer.name} has joined the channel.")
        chat.server.reads(says(f"{idle.name} went AFK."), says(f"{newcomer.name} has joined the general channel."))
        newcomer.reads_up_to(joined)
        seated[-1].reads(says(f"{idle.name} went AFK."), joined)


@THROUGH_SOCKETS
def test_those_who_wait_do_not_go_afk(chat: Chat) -> None:
    for member in chat.fills("general", SEATS):
        mutes(chat, "general", member.name, LONG_SECONDS)
    waiting = [chat.waits("general", f"{kind}-waits", ahead, kind) for ahead, kind in enumerate(KINDS)]
    chat.seats("games", "Tom")
    chat.server.reads(says("Tom went AFK."))
    for member in waiting:
        member.types("/list")
        member.reads(f"[Channel] general {SEATS}/{SEATS}/2.", f"[Channel] games 0/{SEATS}/0.")


@THROUGH_SOCKETS
def test_whatever_is_sent_restarts_the_clock(chat: Chat) -> None:
    watcher = Watcher(chat)
    replies = {
        "hello": "hello",
        "/list": f"[Channel] help 0/{SEATS}/0.",
        "/whisper Nobody hello": says("Nobody is not here."),
        "/switch nowhere": says("nowhere does not exist."),
    }
    sent_after: dict[str, float] = {}
    for kind in KINDS:
        for number, (typed, answer) in enumerate(replies.items()):
            name = f"{kind}{number}"
            member = chat.connects("general", name, kind)
            member.reads_up_to(says(f"{name} has joined the channel."))
            sent_after[name] = watcher.now()
            member.types(typed)
            member.reads_up_to(f"[{name} (<t>)] hello" if answer == "hello" else answer)
    for name, time in sent_after.items():
        assert watcher.sees("left", name) >= time + AFK_SECONDS


@THROUGH_SOCKETS
def test_the_clock_stands_still_during_a_mute_and_what_is_tried_then_does_not_reset_it(chat: Chat) -> None:
    watcher = Watcher(chat)
    members = [chat.connects("games", f"{kind}-muted", kind) for kind in KINDS]
    for member in members:
        member.reads_up_to(says(f"{member.name} has joined the channel."))
        mutes(chat, "games", member.name, LONG_SECONDS)
    chat.connects("general", "early")
    chat.connects("general", "late")
    watcher.sees("seated", "late")
    mutes(chat, "general", "late", 1)  # so it goes AFK a second after the other: two events, a second apart
    watcher.sees("left", "early")
    for member in members:
        member.types("/switch general")
    seated_at = [watcher.sees("seated", member.name) for member in members]
    watcher.sees("left", "late")
    muted_at = []
    for member in members:
        mutes(chat, "general", member.name, 2)
        muted_at.append(watcher.sees("muted", member.name))
        member.reads_up_to(says("You have been muted for 2 seconds."))
        member.types("am I heard?", "/whisper watcher am I heard?")
        member.reads_up_to(says("You are still muted for <n> seconds."))
    for member, seated, muted in zip(members, seated_at, muted_at, strict=True):
        left = watcher.sees("left", member.name)
        assert seated + AFK_SECONDS + 2 <= left < muted + 2 + AFK_SECONDS
