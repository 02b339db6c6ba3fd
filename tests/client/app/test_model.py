"""What the app knows after each message: the seat, the line, the talk, whom to call, and what to ask."""

import pytest

from antechamber.client.app.model import HISTORY_FIRST, HISTORY_MORE, Model, Question
from antechamber.client.app.talk import Item
from antechamber.client.commands import Aim
from antechamber.protocol.commands import (
    Command,
    History,
    List,
    PeerCommand,
    Say,
    Search,
    Watch,
    Whisper,
    Who,
)
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Entry,
    Left,
    ModeChange,
    ModesSet,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    TopicSet,
)
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
    SeatedMember,
    Sent,
    TransferFailed,
    Welcome,
    Whispered,
)

NOON = 43_200.0


class Desk:
    """A model with what it asks and whom it calls."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.called: list[str] = []
        self.time = NOON
        self.model = Model("Mary", self._ask, self.called.append, lambda: self.time)

    def _ask(self, command: PeerCommand) -> str:
        self.asked.append(command)
        return f"id-{len(self.asked)}"

    def hears(self, *messages: Message) -> Model:
        for message in messages:
            self.model.hear(message, message)
        return self.model

    @property
    def last_id(self) -> str:
        return f"id-{len(self.asked)}"

    def texts(self) -> list[str]:
        return [item.text for item in self.model.talk]

    def sits(self) -> Model:
        """Take a seat at once, in a channel with a history."""
        return self.hears(welcome(), entry(8, Queued("Mary")), entry(9, Seated("Mary")))


def entry(sequence: int, event: AnyEvent, channel: str = "general") -> Entry:
    return Entry(channel, sequence, NOON, event)


def welcome(channel: str = "general", idle_seconds_max: float = 100.0) -> Welcome:
    return Welcome(NOON, channel, "Mary", "antechamber/0", 1, 0, 0, "t", 60.0, 300.0, "Tea", idle_seconds_max)


def resumed(seated: bool = True, last: int = 9, channel: str = "general") -> Resumed:
    return Resumed(NOON, channel, "Mary", seated, last + 1, last, "antechamber/0", 1, 0, 0, "t", topic="Tea")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_seat_is_told_and_what_was_said_before_is_asked_for(desk: Desk) -> None:
    model = desk.sits()
    assert (model.phase, model.channel, model.topic) == ("seated", "general", "Tea")
    assert desk.asked == [Watch(), History(before=8, limit=HISTORY_FIRST), Who()]
    assert desk.texts() == ["You have a seat now."]
    assert desk.called == [], "nobody waited"
    said = [entry(number, Said("Bob", f"m{number}")) for number in range(3, 8)]
    desk.hears(Entries(NOON, "general", said, True, "id-2"))
    assert desk.texts() == ["m3", "m4", "m5", "m6", "m7", "You have a seat now."]
    model.ask_earlier()
    model.ask_earlier()
    assert desk.asked[3:] == [History(before=3, limit=HISTORY_MORE)]
    desk.hears(Entries(NOON, "general", [entry(2, Said("Bob", "m2"))], False, desk.last_id))
    assert desk.texts()[0] == "m2"
    model.ask_earlier()
    assert len(desk.asked) == 4, "there is nothing earlier"


def test_who_waits_knows_the_place_and_is_called_to_the_seat(desk: Desk) -> None:
    model = desk.hears(welcome(), entry(8, Queued("Mary")), Place(NOON, "general", 2, (60.0, 120.0)))
    assert (model.phase, model.ahead, model.wait) == ("waiting", 2, (60.0, 120.0))
    desk.hears(Announcement(NOON, "general", "Soon"), Place(NOON, "general", 0))
    assert desk.called == ["Announcement", "You are next"]
    assert [told.text for told in model.announcements] == ["Soon"]
    desk.hears(entry(9, Seated("Mary")))
    assert desk.called[-1] == "You have a seat"
    assert (model.phase, model.ahead) == ("seated", None)


def test_a_mention_a_whisper_and_an_announcement_call_and_the_rest_does_not(desk: Desk) -> None:
    desk.sits()
    desk.hears(
        entry(10, Said("Bob", "hello")),
        entry(11, Said("Bob", "mary, look")),
        entry(12, Said("Mary", "I am Mary")),
        Whispered(NOON, "general", "Bob", "Mary", "psst"),
        entry(13, Announced("Tea!")),
        entry(14, Left("Bob", "quit")),
    )
    assert desk.called == ["Bob mentions you", "Bob whispers to you", "Announcement"]
    assert desk.texts()[1:] == ["hello", "mary, look", "I am Mary", "psst", "Tea!", "Bob left."]


def test_what_comes_while_one_looks_elsewhere_is_new_until_one_looks(desk: Desk) -> None:
    model = desk.sits()
    model.look(False)
    desk.hears(entry(10, Said("Bob", "one")), entry(11, Left("Eve", "quit")), entry(12, Said("Bob", "two")))
    assert model.new == 2
    assert model.talk.unread_from is not None
    assert model.talk[model.talk.unread_from].text == "one"
    model.look(True)
    assert (model.new, model.talk.unread_from is None) == (0, False), "the mark stays while one reads"
    model.ask(Say("hi"))
    assert model.talk.unread_from is None


def test_what_is_said_is_unsent_until_it_is_read_and_comes_back_if_it_is_refused(desk: Desk) -> None:
    model = desk.sits()
    model.ask(Say("hi"))
    assert model.unsent == {desk.last_id: "hi"}
    desk.hears(entry(10, Said("Mary", "hi", desk.last_id)))
    assert model.unsent == {}
    model.ask(Say("rude"))
    desk.hears(Refusal(NOON, "muted", "You are still muted for 5 seconds.", desk.last_id))
    assert (model.unsent, model.returned) == ({}, "rude")
    assert desk.texts()[-1] == "You are still muted for 5 seconds."
    model.ask(Whisper("Bob", "psst"))
    desk.hears(Refusal(NOON, "not-here", "Bob is not here.", desk.last_id))
    assert model.returned == "/whisper Bob psst"


def test_what_a_lost_seat_has_cost_is_not_unsent_for_ever(desk: Desk) -> None:
    model = desk.sits()
    model.ask(Say("hi"))
    model.note("1 line that you typed was perhaps not delivered")
    desk.hears(welcome())
    assert model.unsent == {}


def test_a_refusal_that_a_note_tells_is_told_once(desk: Desk) -> None:
    model = desk.sits()
    model.hear(Refusal(NOON, "resume-over", "Your seat is no longer kept."), None)
    assert desk.texts() == ["You have a seat now."]


def test_a_whisper_of_ones_own_is_shown_once_it_was_delivered(desk: Desk) -> None:
    model = desk.sits()
    model.ask(Whisper("Bob", "psst"))
    assert desk.texts()[-1] != "psst"
    desk.hears(Done(NOON, desk.last_id))
    assert model.talk[model.talk.end - 1] == Item("whisper", NOON, "psst", "Mary", to="Bob")


def test_the_idle_clock_warns_and_stops_at_a_sign_of_life(desk: Desk) -> None:
    model = desk.sits()
    desk.hears(Members(NOON, "general", 9, [SeatedMember("Mary", NOON, 30.0)], []))
    assert model.idle_left() == 70.0
    desk.time += 50
    assert model.idle_left() == 20.0
    desk.hears(Idling(desk.time, "general", 20.0))
    assert (model.idle_until, model.idle_left()) == (NOON + 70, 20.0)
    assert desk.called == ["You lose your seat in 20 seconds"]
    desk.hears(Presence(desk.time, "general", ["Mary"]))
    assert model.idle_until == 0.0
    for sign in (entry(10, Said("Mary", "hi")), entry(11, Muted("Mary", 5)), entry(12, Left("Mary", "idle"))):
        desk.hears(Idling(desk.time, "general", 20.0), sign)
        assert model.idle_until == 0.0
    assert model.idle_left() is None


def test_without_the_rule_or_a_connection_there_is_no_idle_clock(desk: Desk) -> None:
    model = desk.hears(welcome(idle_seconds_max=0.0), entry(9, Seated("Mary")))
    desk.hears(Members(NOON, "general", 9, [SeatedMember("Mary", NOON)], []))
    assert model.idle_left() is None
    other = Desk()
    other.sits()
    other.hears(Members(NOON, "general", 9, [SeatedMember("Mary", NOON)], []))
    other.model.away = "Trying again"
    assert other.model.idle_left() is None


def test_the_clock_is_the_servers(desk: Desk) -> None:
    model = desk.hears(welcome())
    desk.time -= 100
    desk.hears(Presence(NOON + 5, "general"))
    assert model.server_now() == NOON + 5


def test_search_and_list_are_answered_where_they_were_asked(desk: Desk) -> None:
    model = desk.sits()
    model.ask(Search("tea"))
    desk.hears(Entries(NOON, "general", [entry(3, Said("Bob", "tea?"))], True, desk.last_id))
    assert model.sheet == "found"
    assert model.found is not None
    assert (model.found.words, [item.text for item in model.found.items], model.found.more) == ("tea", ["tea?"], True)
    channels = [ChannelInfo("general", 1, 5, 3, 2, "Tea", (60.0, 120.0)), ChannelInfo("games", 2, 5, 0, 0)]
    desk.hears(Channels(NOON, channels))
    assert "games" not in "".join(desk.texts())
    assert model.here == channels[0]
    model.ask(List())
    desk.hears(Channels(NOON, channels, desk.last_id))
    assert desk.texts()[-2:] == ["general, 3 of 5 seats, 2 in line, about 1 to 2 minutes: Tea", "games, 0 of 5 seats"]


def test_names_topics_roles_and_modes_are_followed(desk: Desk) -> None:
    model = desk.sits()
    desk.hears(Members(NOON, "general", 9, [SeatedMember("Mary", NOON, entered=8)], [], modes="+nt", topic="Tea"))
    assert model.aim() == Aim("general", {"Mary": 8})
    assert not model.operates
    assert "/topic" not in [info.name for info in model.commands()]
    desk.hears(entry(10, ModesSet("", (ModeChange("+o", "Mary"),))), entry(11, TopicSet("Mary", "Cake")))
    assert model.operates
    assert model.topic == "Cake"
    assert "/kick" in [info.name for info in model.commands()]
    desk.hears(entry(12, Renamed("Mary", "Maria")), Named(NOON, "general", "Maria", "t2"))
    assert model.name == "Maria"
    assert model.operates


def test_questions_about_files_are_answered_oldest_first_or_by_name(desk: Desk) -> None:
    model = desk.sits()
    answers: list[tuple[str, bool]] = []
    for ticket, sender in (("1", "Bob"), ("2", "Eve"), ("3", "Bob")):
        offer = Offer(NOON, sender, "a.txt", 5, ticket, f"/files/{ticket}")
        model.ask_about(Question(offer, lambda yes, ticket=ticket: answers.append((ticket, yes))))  # type: ignore[misc]
    assert desk.called[0] == "Bob sends you a.txt"
    assert model.files_words() == "3 files for you"
    assert model.decide("Eve", yes=True)
    assert model.decide("", yes=False)
    assert not model.decide("Eve", yes=True)
    model.withdraw("3")
    assert not model.decide("", yes=True)
    assert answers == [("2", True), ("1", False)]
    assert model.files_words() == ""


def test_what_else_is_told_is_a_note(desk: Desk) -> None:
    model = desk.sits()
    desk.hears(
        Invitation(NOON, "games", "Bob"),
        Sent(NOON, "Mary", "Bob", "a.txt"),
        TransferFailed(NOON, "Mary", "Bob", "b.txt", "1", "Bob has left."),
        TransferFailed(NOON, "Bob", "Mary", "c.txt", "2", "it broke off."),
    )
    model.note("back again")
    assert desk.texts()[1:] == [
        "Bob invites you to games: /switch games",
        "Bob has a.txt.",
        "b.txt was not sent to Bob: Bob has left.",
        "A file from Bob did not arrive: it broke off.",
        "back again",
    ]


def test_coming_back_keeps_the_talk_and_another_channel_begins_anew(desk: Desk) -> None:
    model = desk.sits()
    desk.hears(entry(10, Said("Bob", "one")), entry(11, Said("Bob", "lost")))
    asked = len(desk.asked)
    desk.hears(resumed(last=10), entry(11, Said("Bob", "two")))
    assert desk.texts()[1:] == ["one", "lost", "two"]
    assert desk.asked[asked:] == [Watch(), Who()]
    model.note("joining again")
    desk.hears(welcome(), entry(20, Seated("Mary")))
    assert desk.texts() == ["joining again", "You have a seat now."]
    desk.hears(welcome("games"))
    assert (model.channel, model.phase, model.roster.known) == ("games", "entering", False)
    desk.hears(resumed(channel="help"))
    assert (model.channel, model.phase) == ("help", "seated")


def test_what_is_heard_of_another_channel_changes_nothing(desk: Desk) -> None:
    model = desk.sits()
    before = (desk.texts(), dict(model.roster.seated))
    desk.hears(
        entry(99, Said("Bob", "elsewhere"), "games"),
        Members(NOON, "games", 99, [SeatedMember("Eve", NOON)], []),
        Place(NOON, "games", 4),
        Presence(NOON, "games", ["Mary"]),
    )
    assert (desk.texts(), dict(model.roster.seated), model.phase) == (*before, "seated")
