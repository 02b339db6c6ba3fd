"""What members do whose role in their channel allows it: over JSON, and as people type it."""

import pytest

from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Hello,
    Invite,
    Kick,
    Move,
    Mute,
    Privileged,
    Quit,
    Rename,
    Resume,
    Say,
    SetModes,
    SetTopic,
    Switch,
    Tag,
)
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Muted,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
)
from antechamber.protocol.limits import TOPIC_CHARACTERS_MAX, Limits
from antechamber.protocol.notices import Done, Goodbye, Invitation, Named, Refusal, Resumed, Welcome
from antechamber.session.session import Session
from tests.fakes import NOON, FailingHouse, FakeTransport, House, Person, not_kept, server

NOT_OPERATOR = ("not-operator", "Only an operator of the channel may do that.")
HOLDING = Limits(seat_hold_seconds=60, place_hold_seconds=60, held_visit_seconds_min=0)


def op(house: House, *names: str, channel: str = "general") -> None:
    """Make these members operators of a channel."""
    house.operator.ask(SetModes(tuple(ModeChange("+o", name) for name in names), channel))
    house.run()
    house.operator.new()


def house_with(*names: str, seats: int = 5) -> tuple[House, list[Person]]:
    """Return a house where these are in the general channel, the first being its operator."""
    house = House(seats)
    people = [house.enter(name) for name in names]
    op(house, names[0])
    house.quiet(*people)
    return house, people


def happened(person: Person) -> list[AnyEvent]:
    """Return the events that were read since the last look, and nothing else was."""
    return [message.event for message in person.messages()]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (SetTopic("Tea", id="1"), TopicSet("Mary", "Tea")),
        (SetTopic("Tea", "general", "1"), TopicSet("Mary", "Tea")),
        (SetModes((ModeChange("+m"),), id="1"), ModesSet("Mary", (ModeChange("+m"),))),
        (Invite("Eve", id="1"), Invited("Mary", "Eve")),
        (Mute("general", "Bob", 60, "1"), Muted("Bob", 60)),
        (Mute("", "Bob", 60, "1"), Muted("Bob", 60)),
        (Announce("Tea", id="1"), Announced("Tea")),
        (Kick("general", "Bob", "1", "Spam"), Left("Bob", "kicked", True, "Mary", "Spam")),
    ],
)
def test_an_operator_of_the_channel_does_it_there(command: Command, event: AnyEvent) -> None:
    house, (mary, _, ann) = house_with("Mary", "Bob", "Ann")
    mary.ask(command)
    house.run()
    *events, done = mary.messages()
    assert [entry.event for entry in events] == [event]  # type: ignore[union-attr]
    assert done == Done(NOON, "1")
    assert happened(ann) == [event]
    assert house.events()[-1] == event
    assert house.events("games") == []
    house.check()


@pytest.mark.parametrize(
    "command",
    [
        SetTopic("Tea"),
        SetModes((ModeChange("+m"),)),
        Mute("", "Mary", 60),
        Kick("", "Mary"),
        Empty(""),
        Move("", "Mary", 0),
        Announce("Tea"),
    ],
)
def test_other_members_may_not(command: Command) -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    bob.ask(command)
    house.run()
    assert bob.messages() == [Refusal(NOON, *NOT_OPERATOR)]
    assert mary.new() == b""


@pytest.mark.parametrize("command", [SetTopic("Tea", "games"), Kick("games", "Eve"), Announce("Tea", "games")])
def test_a_role_is_worth_nothing_in_another_channel(command: Command) -> None:
    house, (mary,) = house_with("Mary")
    house.enter("Eve", "games")
    before = house.events("games")
    mary.ask(command)
    house.run()
    assert mary.refusals() == [("operators-only", "")]
    assert house.events("games") == before


@pytest.mark.parametrize("command", [SetTopic("Tea"), SetModes((ModeChange("+m"),)), Invite("Eve"), Kick("", "Eve")])
def test_one_who_is_nobody_yet_may_not(command: Command) -> None:
    house = House()
    someone = house.knock("")
    someone.ask(command)
    house.run()
    assert someone.refusals() == [("operators-only", "")]


@pytest.mark.parametrize("command", [Rename("Eve"), Tag({"+a": "x"}), Privileged(Empty(""), "/empty")])
def test_what_members_do_is_for_members(command: Command) -> None:
    house = House()
    someone = house.knock("")
    someone.ask(command)
    house.run()
    assert someone.refusals() == [("hello-first", "")]
    house.operator.ask(command)
    house.run()
    assert house.operator.lines() == [server("Say who you are first: the first line is a hello.")]


def test_one_who_is_kicked_by_a_member_reads_by_whom_and_why() -> None:
    house, (mary, bob, ann) = house_with("Mary", "Bob", "Ann")
    mary.ask(Kick("", "Bob"), Kick("", "Ann", text="Spam"))
    house.run()
    assert bob.messages()[-1] == Goodbye(NOON, "kicked", "Mary closed your connection.", by="Mary")
    assert ann.messages()[-1] == Goodbye(NOON, "kicked", "Spam", by="Mary")
    assert bob.transport.closed


def test_an_operator_of_the_channel_empties_it_with_itself() -> None:
    house, (mary, bob, _) = house_with("Mary", "Bob", "Ann", seats=2)
    mary.ask(Empty(""))
    house.run()
    assert mary.transport.closed
    assert bob.transport.closed
    assert list(house.state().seated) == ["Ann"]
    house.check()


def test_an_operator_of_the_channel_gives_another_place_in_its_line() -> None:
    house, _ = house_with("Mary", "Bob", "Ann", "Eve", seats=2)
    mary = house.rooms["general"].sessions["Mary"]
    house.hub.submit(mary, [Move("", "Eve", 0)])
    house.run()
    assert house.state().waiting == ["Eve", "Ann"]


def test_the_operator_does_it_in_any_channel() -> None:
    house = House()
    mary = house.enter("Mary", "games")
    house.quiet(house.operator)
    house.operator.ask(SetTopic("Tea", "games"), SetModes((ModeChange("+m"),), "games"), Invite("Eve", "games"))
    house.run()
    assert happened(mary) == [TopicSet("", "Tea"), ModesSet("", (ModeChange("+m"),)), Invited("", "Eve")]
    assert house.operator.lines() == [
        server("The topic of games has been set: Tea"),
        server("The modes of games have been set: +m"),
        server("Eve has been invited to games."),
    ]
    house.operator.ask(SetTopic("Tea", "chess"), SetTopic("Tea"))
    house.run()
    assert house.operator.lines() == [server("chess does not exist."), server(" does not exist.")]


def test_a_topic_is_told_to_who_comes_and_to_who_looks_until_it_is_taken_back() -> None:
    house, (mary,) = house_with("Mary")
    room = house.rooms["general"]
    room.topic = "Whatever you like"
    assert (room.topic_now, room.topic_by, room.topic_at) == ("Whatever you like", "", 0.0)
    house.loop.advance(5)
    mary.ask(SetTopic("Tea"))
    house.run()
    assert (room.topic_now, room.topic_by, room.topic_at) == ("Tea", "Mary", NOON + 5)
    bob = house.knock()
    bob.ask(Hello("Bob"))
    house.run()
    welcome = bob.messages()[0]
    assert isinstance(welcome, Welcome)
    assert welcome.topic == house.hub.channels()[0].topic == "Tea"
    mary.ask(SetTopic(""))
    house.run()
    assert (room.topic_now, room.topic_by, room.topic_at) == ("Whatever you like", "", 0.0)
    house.check()


def test_a_topic_is_as_long_as_its_bound_and_no_longer() -> None:
    house, (mary,) = house_with("Mary")
    mary.ask(SetTopic("x" * TOPIC_CHARACTERS_MAX), SetTopic("x" * (TOPIC_CHARACTERS_MAX + 1)))
    house.run()
    assert house.rooms["general"].topic_now == "x" * TOPIC_CHARACTERS_MAX
    assert mary.messages()[-1].code == "too-long"  # type: ignore[union-attr]


def test_one_who_is_invited_is_told_where_it_is() -> None:
    house, (mary,) = house_with("Mary")
    eve = house.enter("Eve", "games")
    mary.ask(SetModes((ModeChange("+i"),)), Invite("Eve"))
    house.run()
    assert eve.messages() == [Invitation(NOON, "general", "Mary")]
    ann = house.enter("Ann", "games")
    ann.ask(Switch("general", "1"))
    eve.ask(Switch("general", "1"))
    house.run()
    assert ann.messages()[0].code == "invite-only"  # type: ignore[union-attr]
    assert eve.messages()[-1] == Done(NOON, "1")
    assert "Eve" in house.state().seated


def test_who_knows_the_key_comes_in_by_hello_and_by_switch() -> None:
    house, (mary,) = house_with("Mary")
    mary.ask(SetModes((ModeChange("+k", "secret"),)))
    eve = house.enter("Eve", "games")
    bob = house.knock()
    eve.ask(Switch("general"), Switch("general", channel_key="secret"))
    bob.ask(Hello("Bob", channel_key="secret"))
    ann = house.knock()
    ann.ask(Hello("Ann", channel_key="Secret"))
    house.run()
    assert list(house.state().seated) == ["Mary", "Eve", "Bob"]
    assert eve.messages()[0].code == "wrong-key"  # type: ignore[union-attr]
    assert ann.messages()[0].code == "wrong-key"  # type: ignore[union-attr]
    assert ann.transport.closed


# What people type


def test_what_is_typed_is_done_for_who_may_and_said_for_others() -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    typed = Privileged(SetTopic("Tea"), "/topic Tea", "1")
    bob.ask(typed)
    house.run()
    assert happened(mary) == happened(bob) == [Said("Bob", "/topic Tea", "1")]
    mary.ask(typed)
    house.run()
    *_, done = mary.messages()
    assert done == Done(NOON, "1")
    assert happened(bob) == [TopicSet("Mary", "Tea")]


def test_a_plain_member_with_the_role_sets_the_topic() -> None:
    house = House()
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    op(house, "Mary")
    house.quiet(mary, bob)
    mary.ask(Privileged(SetTopic("Tea"), "/topic Tea"))
    bob.ask(Privileged(SetTopic("Coffee"), "/topic Coffee"))
    house.run()
    assert bob.lines() == [server("Mary has set the topic: Tea"), "[Bob (12:00:00)] /topic Coffee"]


def test_what_is_typed_and_refused_is_told_so() -> None:
    house, (mary,) = house_with("Mary")
    mary.ask(Privileged(Kick("", "Eve"), "/kick Eve", "1"), Privileged(Mute("", "Mary", 0), "/mute Mary x", "2"))
    house.run()
    assert mary.refusals() == [("not-in-channel", "1"), ("invalid-mute-time", "2")]


def test_a_muted_member_does_not_say_what_it_may_not_do() -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    mary.ask(Mute("", "Bob", 60))
    house.run()
    house.quiet(mary, bob)
    bob.ask(Privileged(Empty(""), "/empty", "1"))
    house.run()
    assert bob.refusals() == [("muted", "1")]


# Names


def test_a_member_takes_another_name() -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    mary.ask(Rename("Maria", "1"), Say("hi"))
    house.run()
    assert happened(bob) == [Renamed("Mary", "Maria"), Said("Maria", "hi")]
    token = house.hub.tokens.make(house.rooms["general"].claim("Maria"))
    _, named, done, _ = mary.messages()
    assert (named, done) == (Named(NOON, "general", "Maria", token), Done(NOON, "1"))
    assert house.rooms["general"].channel.modes.is_operator("Maria")
    assert mary.session.name == "Maria"
    assert list(house.state().seated) == ["Maria", "Bob"]
    house.check()


@pytest.mark.parametrize(
    ("name", "code"), [("Bob", "name-taken"), ("", "bad-name"), ("Server-message", "bad-name"), ("a b", "bad-name")]
)
def test_a_name_that_is_taken_or_none_is_refused(name: str, code: str) -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    mary.ask(Rename(name, "1"))
    house.run()
    assert mary.refusals() == [(code, "1")]
    assert bob.new() == b""


def test_the_name_that_one_has_is_no_change() -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    mary.ask(Rename("Mary", "1"))
    house.run()
    assert mary.messages() == [Done(NOON, "1")]
    assert bob.new() == b""


def test_one_who_waits_takes_another_name_in_its_place() -> None:
    house, (mary, bob, _) = house_with("Mary", "Bob", "Eve", seats=1)
    bob.ask(Rename("Rob"))
    mary.ask(Quit())
    house.run()
    assert Seated("Rob") in house.events()
    assert house.state().waiting == ["Eve"]
    house.check()


@pytest.mark.parametrize("old_token", [True, False])
def test_a_member_resumes_by_either_token_after_it_took_another_name(old_token: bool) -> None:
    house = House(limits=HOLDING)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    welcome = mary.all_messages()[0]
    assert isinstance(welcome, Welcome)
    mary.ask(Rename("Maria"))
    house.run()
    named = mary.all_messages()[-1]
    assert isinstance(named, Named)
    mary.vanish()
    house.run()
    assert list(house.rooms["general"].held) == ["Maria"]
    again = house.knock()
    again.ask(Resume(welcome.token if old_token else named.token))
    house.run()
    resumed = again.messages()[0]
    assert isinstance(resumed, Resumed)
    assert (resumed.name, resumed.token) == ("Maria", named.token)
    assert again.session.name == "Maria"
    bob.ask(Say("welcome back"))
    house.run()
    assert happened(again)[-1] == Said("Bob", "welcome back")
    house.check()


def test_a_name_that_was_not_kept_is_not_taken() -> None:
    house = FailingHouse()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob, house.operator)
    house.fail()
    mary.ask(Rename("Maria", "1"))
    house.run()
    assert mary.messages() == [not_kept("1")]
    assert mary.session.name == "Mary"
    assert set(house.rooms["general"].sessions) == {"Mary", "Bob"}
    house.fail(False)
    mary.ask(Rename("Maria", "1"))
    bob.ask(Rename("Mary", "1"))
    house.run()
    assert list(house.state().seated) == ["Maria", "Mary"]
    house.check()


def on_irc(house: House, name: str) -> Session:
    """Enter a member whose connection has a session for each membership."""
    outlet = Person(house, house.operator.session.encoding, "").session
    outlet.memberships = {}
    session = Session(FakeTransport(), outlet.encoding, "general", outlet=outlet)
    house.hub.submit(session, [Hello(name, hold=True)])
    house.run()
    return session


@pytest.mark.parametrize(("name", "taken"), [("mary", True), ("MARY", True), ("Mari", False), ("Mary", True)])
def test_a_name_that_irc_cannot_tell_from_one_of_its_users_is_taken(name: str, taken: bool) -> None:
    house = House()
    on_irc(house, "Mary")
    bob, eve, ann = house.enter("Bob"), house.enter("Eve", "games"), house.knock()
    house.quiet(bob, eve)
    bob.ask(Rename(name, "1"))
    ann.ask(Hello(name))
    house.run()
    assert (bob.messages()[-1] == Done(NOON, "1")) is not taken
    assert ann.transport.closed is (taken or name == bob.session.name)


def test_names_that_differ_in_case_are_two_where_nobody_is_on_irc() -> None:
    house = House()
    house.enter("Mary")
    other = house.enter("mary")
    assert list(house.state().seated) == ["Mary", "mary"]
    eve = house.enter("MARY", "games")
    on_irc(house, "Eve")
    eve.ask(Switch("general"))
    house.run()
    assert not other.transport.closed
    assert list(house.state().seated) == ["Mary", "mary", "Eve", "MARY"]


def test_a_switch_to_where_irc_has_the_name_in_another_case_is_refused() -> None:
    house = House()
    on_irc(house, "Mary")
    eve = house.enter("mary", "games")
    eve.ask(Switch("general", "1"))
    house.run()
    assert eve.refusals() == [("cannot-switch", "1")]


# Tags


def test_a_member_says_something_in_tags_alone() -> None:
    house, (mary, bob) = house_with("Mary", "Bob")
    bob.ask(Tag({"+draft/react": "x"}, "1"), Say("hi", "2", "action", {"+reply": "7"}))
    house.run()
    assert happened(mary) == [
        Tagged("Bob", {"+draft/react": "x"}),
        Said("Bob", "hi", "2", "action", {"+reply": "7"}),
    ]
    assert Done(NOON, "1") in bob.messages()
    mary.ask(Mute("", "Bob", 60))
    bob.ask(Tag({"+draft/react": "x"}, "3"))
    house.run()
    assert bob.messages()[-1].code == "muted"  # type: ignore[union-attr]
    house.check()
