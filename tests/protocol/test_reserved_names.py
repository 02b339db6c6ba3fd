"""Names that are nobody's, on every way in; what a log has of them is taken as it is."""

import pytest

from antechamber.codec.jsonl import parse as parse_json
from antechamber.codec.plain import PlainDecoder
from antechamber.log import Batch
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Command, Hello, Invite, PeerCommand, Rename, Resume, Say, Switch
from antechamber.protocol.events import AnyEvent, Entry, Queued, Said, Seated, encode_lines
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Named, Refusal, Resumed
from antechamber.session.tokens import Claim
from tests.fakes import NOON, SECRET, House, Person

OWN = "That is the server's own name."
LIKE = 'A name cannot look like "Server", which is the server\'s own.'
NAMES = [("Server", OWN), ("OPERATOR", OWN), ("irc.antechamber", OWN), ("Se\u0301rver", LIKE), ("S3rver", LIKE)]
LIMITS = Limits()


def json(line: str) -> PeerCommand:
    """Return what a line of JSON asks."""
    return parse_json(line.encode(), LIMITS)


def house_of_before() -> tuple[House, Person]:
    """Give a house whose log has a member called Server, which comes back to its seat."""
    log = MemoryLog(secret=SECRET)
    events: list[AnyEvent] = [Queued("Server", holds=True), Seated("Server")]
    entries = [Entry("general", number, NOON, event) for number, event in enumerate(events, 1)]
    log.append([Batch("general", 1, 2, NOON, encode_lines(entries))])
    house = House(log=log, limits=Limits(seat_hold_seconds=60.0))
    server = house.knock()
    server.ask(Resume(house.hub.tokens.make(Claim("general", "Server", 1)), 2))
    house.run()
    assert [type(message) for message in server.messages()] == [Resumed]
    return house, server


@pytest.mark.parametrize(("name", "why"), NAMES)
@pytest.mark.parametrize("door", ["general", ""])
def test_nobody_says_hello_by_a_name_of_the_servers(name: str, why: str, door: str) -> None:
    house = House()
    somebody = house.knock(door)
    somebody.ask(json(f'{{"type":"hello","name":"{name}","channel":"general","id":"1"}}'))
    house.run()
    first, *rest = somebody.messages()
    assert isinstance(first, Refusal)
    assert (first.code, first.text, first.id) == ("bad-name", why, "1")
    assert rest == ([Goodbye(NOON, "refused", why)] if door else [])
    assert house.events() == []
    house.check()


@pytest.mark.parametrize(("name", "why"), NAMES)
def test_nobody_types_a_name_of_the_servers(name: str, why: str) -> None:
    house = House()
    somebody = house.knock(plain=True)
    [hello] = PlainDecoder(LIMITS).receive(f"{name}\n".encode())
    assert isinstance(hello, Command)
    somebody.ask(hello)
    house.run()
    assert somebody.lines() == [f"[Server message (12:00:00)] {why}"]
    assert somebody.transport.closed
    assert house.events() == []


@pytest.mark.parametrize(("name", "why"), NAMES)
def test_nobody_is_renamed_or_invited_by_a_name_of_the_servers(name: str, why: str) -> None:
    house = House()
    mary = house.enter("Mary")
    for line in (f'{{"type":"rename","name":"{name}"}}', f'{{"type":"invite","name":"{name}"}}'):
        mary.ask(json(line))
        house.run()
        [refusal] = mary.messages()
        assert isinstance(refusal, Refusal)
        assert (refusal.code, refusal.text) == ("bad-name", why)
    assert len(house.events()) == 2
    house.operator.new()
    house.operator.ask(Invite(name, "general"))
    house.run()
    assert len(house.events()) == 2
    assert "server's own" in house.operator.lines()[0]


def test_a_member_of_before_keeps_its_name_and_seat() -> None:
    house, server = house_of_before()
    server.ask(Say("still here"))
    house.run()
    assert house.events()[-1] == Said("Server", "still here")
    house.check()


def test_a_member_of_before_enters_no_other_channel_by_it() -> None:
    house, server = house_of_before()
    server.new()
    server.ask(Switch("games", id="1"))
    house.run()
    assert server.messages() == [Refusal(NOON, "bad-name", OWN, "1")]
    assert list(house.state().seated) == ["Server"]
    house.check()


def test_a_member_of_before_may_take_another_name_and_not_go_back() -> None:
    house, server = house_of_before()
    server.new()
    server.ask(Rename("Mary"), Rename("Server", "1"))
    house.run()
    kinds = [type(message) for message in server.messages()]
    assert Named in kinds
    assert list(house.state().seated) == ["Mary"]
    house.check()


def test_who_says_hello_again_by_such_a_name_is_told_that_it_is_taken() -> None:
    house, _ = house_of_before()
    other = house.knock()
    other.ask(Hello("Server"))
    house.run()
    refusal, _ = other.messages()
    assert isinstance(refusal, Refusal)
    assert refusal.code == "name-taken"
