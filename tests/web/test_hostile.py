"""Texts, names, topics and files that were made to break a page: nothing in them is carried out, and nothing moves."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.processes.programs import Caller, programs_in
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import Channel, House
from tests.web.operating import operator
from tests.web.test_files import accepts, card, sends

SCRIPTS = (
    "<script>alert('text')</script>",
    "<img src=x onerror=alert('image')>",
    "<svg onload=alert('svg')>",
    'https://example.org/"onmouseover="alert(\'link\')"',
    "javascript:alert('address')",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
)
MARK = "\u0301"
NAME_AT_THE_LIMIT = "Z" + "\u0105\u0306\u0307" * 9 + "wxyz"
"""32 characters, many of them marks on others."""
TOPIC = f"{SCRIPTS[1]} \u202e and backwards from here \u2066 {'W' * 130}"
LONG = "N" * 32
NARROW = {"viewport": {"width": 320, "height": 640}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with programs_in(tmp_path_factory.mktemp("hostile")) as programs:
        rooms = (Channel(f"room{number}") for number in range(1, 10))
        yield House(programs, [Channel("general", 5, TOPIC), Channel(LONG), *rooms])


@pytest.fixture(scope="module")
def rooms(house: House) -> Iterator[str]:
    return (name for name in house.ports if name.startswith("room"))


@pytest.fixture
def room(rooms: Iterator[str]) -> str:
    """Give a channel in which nobody has been."""
    return next(rooms)


def seats(people: People, house: House, channel: str, *names: str) -> list[Chatter]:
    return [chatter(people, house.front_desk_port, **NARROW).takes_a_seat(channel, name) for name in names]


def by_a_socket(house: House, channel: str, name: str) -> Caller:
    """Connect somebody who sends JSON lines as they like."""
    caller = house.programs.caller(house.ports[channel], name)
    caller.types(json.dumps({"type": "hello", "name": name}))
    caller.reads_up_to(f'{{"type":"entry","channel":"{channel}",<*>{{"type":"seated","name":"{name}"}}}}')
    return caller


def says(caller: Caller, *texts: str) -> None:
    caller.types(*(json.dumps({"type": "say", "text": text}) for text in texts))


def height(message: Locator) -> float:
    box = message.bounding_box()
    assert box is not None
    return box["height"]


def is_unharmed(person: Chatter) -> None:
    person.is_not_recorded("executed")
    person.does_not_scroll_sideways()


def test_nothing_in_a_message_is_carried_out(house: House, room: str, people: People) -> None:
    mary, bob = seats(people, house, room, "Mary", "Bob")
    for script in SCRIPTS:
        mary.says(script)
    for script in SCRIPTS:
        expect(bob.reads(script)).to_contain_text(script)
    expect(bob.log.locator("script, img, iframe")).to_have_count(0)
    for link in bob.log.get_by_role("link").all():
        link.hover()
        assert (link.get_attribute("href") or "").startswith("https://example.org/")
    is_unharmed(mary)
    is_unharmed(bob)


def test_a_text_without_a_space_and_one_of_a_thousand_lines_are_folded_and_fit(
    house: House, room: str, people: People
) -> None:
    [mary] = seats(people, house, room, "Mary")
    eve = by_a_socket(house, room, "Eve")
    says(eve, "W" * 16_000, "\n".join(f"{number}" for number in range(1_000)), "\u4e2d" * 2_500, "the end")
    mary.reads("the end")
    long = mary.log.get_by_role("listitem").filter(has=mary.page.get_by_role("button", name="Show all"))
    expect(long).to_have_count(3)
    for number in range(3):
        message = mary.log.get_by_role("listitem").filter(has=mary.page.get_by_role("button", name="Show")).nth(number)
        folded = height(message)
        mary.does_not_scroll_sideways()
        message.get_by_role("button", name="Show all").click()
        mary.does_not_scroll_sideways()
        assert folded < height(message) / 2
        message.get_by_role("button", name="Show less").click()
    expect(long).to_have_count(3)
    eve.types('{"type":"quit"}')
    is_unharmed(mary)


def test_what_turns_the_direction_of_text_turns_nothing_else(house: House, room: str, people: People) -> None:
    mary, bob = seats(people, house, room, "Mary", "Bob")
    eve = by_a_socket(house, room, "Eve")
    says(eve, "\u202e\u2067 reversed", "שלום to all", "after")
    for text in ("reversed", "שלום to all", "after"):
        expect(bob.reads(text)).to_be_visible()
    assert not any(mark in mary.log.inner_text() for mark in "\u202a\u202b\u202d\u202e\u2067")
    mary.says("I read it from left to right.")
    bob.reads("I read it from left to right.")
    eve.types('{"type":"quit"}')
    is_unharmed(mary)


def test_a_name_at_the_limit_stands_everywhere_it_has_to(house: House, room: str, people: People) -> None:
    [zoe] = seats(people, house, room, NAME_AT_THE_LIMIT)
    [bob] = seats(people, house, room, "Bob")
    zoe.says("I have a long name.")
    bob.reads("I have a long name.")
    expect(bob.reads(NAME_AT_THE_LIMIT)).to_be_visible()
    bob.writes(f"/whisper {NAME_AT_THE_LIMIT} I can tell.")
    zoe.reads("I can tell.")
    bob.composer.fill(f"/whisper {NAME_AT_THE_LIMIT} ")
    bob.sees("only")
    is_unharmed(bob)
    bob.composer.fill("")
    bob.page.get_by_role("button", name="seated").click()
    expect(bob.seated).to_contain_text(NAME_AT_THE_LIMIT)
    is_unharmed(bob)
    one_past = chatter(people, house.front_desk_port, **NARROW).enters(room, NAME_AT_THE_LIMIT + "z")
    one_past.sees("A name has at most 32 characters.")
    too_many_marks = chatter(people, house.front_desk_port, **NARROW).enters(room, "Z" + MARK * 8)
    too_many_marks.sees("combining marks in a row")
    is_unharmed(too_many_marks)


def test_names_that_are_none_are_told_beside_the_field(house: House, room: str, people: People) -> None:
    mary = chatter(people, house.front_desk_port, **NARROW)
    for name in ("<script>alert(1)</script>", "\u202eyraM", "Mary\u200b", "Server message"):
        mary.enters(room, name)
        expect(mary.name_field).to_have_attribute("aria-invalid", "true")
        is_unharmed(mary)


def test_a_hostile_topic_and_a_long_channels_name_fit_into_every_view(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port, **NARROW)
    mary.opens()
    mary.sees("<img src=x")
    is_unharmed(mary)
    mary.takes_a_seat(LONG, "Mary")
    is_unharmed(mary)
    mary.clicks("Switch channel")
    is_unharmed(mary)
    op = operator(people, house.front_desk_port, **NARROW).operates()
    op.sees("<img src=x")
    op.does_not_scroll_sideways()
    op.is_not_recorded("executed")
    op.presses_button("general", "Announce… in general")
    op.does_not_scroll_sideways()


def test_a_hostile_name_of_a_file_is_a_name_and_nothing_more(house: House, room: str, people: People) -> None:
    mary, bob = seats(people, house, room, "Mary", "Bob")
    bob.page.get_by_role("button", name="seated").click()
    expect(bob.seated).to_contain_text("Mary")
    bob.presses("Escape")
    mary.page.get_by_role("button", name="2 seated").wait_for()
    name = f"<img src=x onerror=alert(1)> {'W' * 150}.png"
    sends(mary, name, b"no picture at all")
    expect(card(bob, "<img src=x")).to_be_visible()
    is_unharmed(bob)
    is_unharmed(mary)
    with bob.page.expect_download():
        card(bob, "<img src=x").get_by_role("button", name="Accept").click()
    expect(card(mary, "<img src=x")).to_contain_text("Bob has it now")
    is_unharmed(bob)
    sends(mary, "evil\u202egnp.exe", b"x")
    expect(card(bob, "evil")).to_be_visible()
    assert "\u202e" not in card(bob, "evil").inner_text()
    accepts(bob, "evil\ufffdgnp.exe")
