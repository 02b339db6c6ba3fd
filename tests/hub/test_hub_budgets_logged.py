"""How many bytes the log keeps of what one address says, and what is refused past that."""

import pytest

from antechamber.protocol.commands import (
    Announce,
    History,
    Kick,
    Ping,
    Privileged,
    Quit,
    Rename,
    Say,
    SetTopic,
    Switch,
    Tag,
    Whisper,
)
from antechamber.protocol.events import Left, ModeChange, Said, encode_lines
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Refusal
from tests.fakes import FailingHouse, House, Person
from tests.irc.wire import Net
from tests.people_by_address import comes

LOGGED = Limits(address_logged_bytes_per_second_max=10, address_logged_bytes_burst_max=2_000)
TOO_MUCH = "Too much was said from your address, so this was not done: wait {} s."


def kept_bytes(house: House, channel: str = "general") -> int:
    return len(encode_lines(house.entries(channel)))


def test_what_the_log_keeps_of_an_address_is_counted_to_the_byte() -> None:
    house = House(limits=LOGGED)
    ann = comes(house, "Ann")
    ann.ask(Say("ü" * 100))
    house.run()
    left = LOGGED.address_logged_bytes_burst_max - kept_bytes(house)
    assert not house.hub.budgets.seconds_until("logged_bytes", "school", left)
    assert house.hub.budgets.seconds_until("logged_bytes", "school", left + 1) == pytest.approx(0.1)


def test_in_a_turn_of_many_each_address_has_its_own() -> None:
    house = House(limits=LOGGED)
    people = [comes(house, "Ann"), comes(house, "Bob"), comes(house, "Cid", "elsewhere")]
    before = kept_bytes(house)
    spent = {host: 2_000 - host_left(house, host) for host in ("school", "elsewhere")}
    assert sum(spent.values()) == before
    for _ in range(2):
        for person, text in zip(people, ("a" * 10, "b" * 50, "c" * 100), strict=True):
            person.ask(Say(text))
    house.run()
    elsewhere = [entry for entry in house.entries() if entry.event == Said("Cid", "c" * 100)]
    assert host_left(house, "elsewhere") == 2_000 - spent["elsewhere"] - len(encode_lines(elsewhere))
    assert sum(2_000 - host_left(house, host) for host in ("school", "elsewhere")) == kept_bytes(house)


def host_left(house: House, host: str) -> int:
    """Return how many bytes an address has left."""
    left = 2_000
    while house.hub.budgets.seconds_until("logged_bytes", host, left):
        left -= 1
    return left


def exhausted(house: House, name: str = "Ann") -> Person:
    """Say as much as the log accepts, and a bit more."""
    person = comes(house, name)
    while not house.hub.budgets.owes("logged_bytes", "school"):
        person.ask(Say("x" * 300))
        house.run()
    person.new()
    return person


def test_what_is_said_past_the_bound_is_refused_until_time_has_brought_it_back() -> None:
    house = House(limits=LOGGED)
    ann = exhausted(house)
    seconds = house.hub.budgets.seconds_until("logged_bytes", "school")
    ann.ask(Say("more", "1"))
    house.run()
    (refusal,) = ann.messages()
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.id) == ("too-fast", "1")
    assert refusal.text == TOO_MUCH.format(int(-(-seconds // 1)))
    house.clock.time += seconds
    ann.ask(Say("more", "1"))
    house.run()
    assert house.events()[-1] == Said("Ann", "more", "1")


@pytest.mark.parametrize(
    "command",
    [
        Say("x", "1"),
        Tag({"+react": "x"}, "1"),
        Rename("Anna", "1"),
        SetTopic("x", "", "1"),
        Announce("x", "", "1"),
        Privileged(SetTopic("x"), "/topic x", "1"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_whatever_the_log_would_keep_is_refused(command: Say) -> None:
    house = House(limits=LOGGED)
    bob = comes(house, "Bob")
    house.rooms["general"].channel.modes.apply(ModeChange("+o", "Bob"), "", 0.0)
    exhausted(house)
    bob.new()
    before = len(house.events())
    bob.ask(command)
    house.run()
    assert bob.refusals() == [("too-fast", "1")]
    assert len(house.events()) == before


def test_reconnecting_helps_nobody_and_others_from_there_are_refused_as_well() -> None:
    house = House(limits=LOGGED)
    exhausted(house).vanish()
    house.run()
    again = comes(house, "Bob")
    again.ask(Say("x", "1"))
    house.run()
    assert again.refusals() == [("too-fast", "1")]


def test_who_is_elsewhere_notices_nothing() -> None:
    house = House(limits=LOGGED)
    exhausted(house)
    bob = comes(house, "Bob", "elsewhere")
    bob.ask(Say("x"))
    house.run()
    assert house.events()[-1] == Said("Bob", "x")


def test_coming_and_going_and_what_no_log_keeps_are_never_refused() -> None:
    house = House(limits=LOGGED)
    ann = exhausted(house)
    bob, cid = comes(house, "Bob"), comes(house, "Cid")
    bob.ask(Whisper("Ann", "x"), Ping("p"), History(limit=1), Switch("games"))
    house.run()
    assert not any(isinstance(message, Refusal) for message in bob.messages())
    cid.ask(Quit())
    ann.vanish()
    house.run()
    assert {event.name for event in house.events() if isinstance(event, Left)} == {"Ann", "Bob", "Cid"}


def test_operators_can_stop_those_who_say_too_much_from_where_they_are() -> None:
    house = House(limits=LOGGED)
    exhausted(house)
    page = house.knock("")
    page.session.host, page.session.operator = "school", True
    page.ask(Announce("Quiet!", "general"), Kick("general", "Ann"))
    house.run()
    bob, cid = comes(house, "Bob"), comes(house, "Cid")
    house.rooms["general"].channel.modes.apply(ModeChange("+o", "Bob"), "", 0.0)
    bob.ask(Kick("", "Cid"))
    house.run()
    assert [event.name for event in house.events() if isinstance(event, Left)] == ["Ann", "Cid"]
    assert cid.session.closed


def test_what_the_log_did_not_keep_is_not_counted() -> None:
    house = FailingHouse()
    house.hub.budgets.limits.replace(LOGGED)
    ann = comes(house, "Ann")
    left = host_left(house, "school")
    house.fail()
    ann.ask(Say("x" * 300))
    house.run()
    assert host_left(house, "school") == left


def test_the_console_has_no_bound() -> None:
    house = House(limits=LOGGED)
    for _ in range(10):
        house.operator.ask(Announce("x" * 1_000, "general"))
        house.run()
    assert len(house.events()) == 10


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("PRIVMSG #general :x", b"404 Bob #general :"),
        ("@+draft/react=x TAGMSG #general", b"404 Bob #general :"),
        ("TOPIC #general :x", b"FAIL TOPIC TOO_FAST #general :"),
        ("MODE #general +m", b"FAIL MODE TOO_FAST #general :"),
        ("ANNOUNCE #general :x", b"FAIL ANNOUNCE TOO_FAST #general :"),
        ("INVITE Ann #games", b"FAIL INVITE TOO_FAST #games :"),
        ("NICK Rob", b"FAIL NICK TOO_FAST Rob :"),
        ("@label=1 PRIVMSG #general :x", b"404 Bob #general :"),
    ],
)
def test_an_irc_user_is_refused_what_the_log_would_keep(line: str, told: bytes) -> None:
    net = Net(limits=LOGGED)
    bob = net.joins("Bob", "#general", "#games", capabilities=("message-tags",))
    bob.user.host = "school"
    net.sets_mode("+o", "Bob")
    net.sets_mode("+o", "Bob", "games")
    exhausted(net)
    (answer,) = bob.asked(line)
    assert told in answer
    assert TOO_MUCH.split(":", maxsplit=1)[0].encode() in answer


def test_an_irc_user_comes_goes_and_kicks_all_the_same() -> None:
    net = Net(limits=LOGGED)
    bob = net.joins("Bob", "#general")
    bob.user.host = "school"
    net.sets_mode("+o", "Bob")
    exhausted(net)
    bob.sends("KICK #general Ann", "JOIN #games", "PART #general", "QUIT")
    assert [event.name for event in net.events() if isinstance(event, Left)] == ["Ann", "Bob"]
    assert [event.name for event in net.events("games") if isinstance(event, Left)] == ["Bob"]


def test_a_nick_without_a_channel_is_in_no_log() -> None:
    net = Net(limits=LOGGED)
    exhausted(net)
    bob = net.connects("Bob")
    bob.user.host = "school"
    assert not any(b"FAIL" in line for line in bob.asked("NICK Rob"))
