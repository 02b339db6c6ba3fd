"""AFK on the page: the warning, the one press that keeps the seat, its loss, and the way back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.processes.clocks import Clock
from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import chatter
from tests.web.houses import Channel, House, comes

WARNED_SECONDS, LEFT_SECONDS = 30, 20
HERE = "I'm still here"


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Give the server's clock: each test says when a silence has been long, so a slow machine changes nothing."""
    return Clock(tmp_path)


def idle_house(programs: Programs, clock: Clock, seats: int = 5) -> House:
    """Start a server that warns after half a minute of silence, and takes the seat after another twenty seconds."""
    return House(programs, [Channel("general", seats)], {"idle_seconds_max": WARNED_SECONDS + LEFT_SECONDS}, clock)


def test_who_is_idle_is_warned_and_keeps_the_seat_by_a_press_or_a_message(
    programs: Programs, people: People, clock: Clock
) -> None:
    house = idle_house(programs, clock)
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    bob = chatter(people, house.front_desk_port).takes_a_seat("general", "Bob")
    house.lets_pass(WARNED_SECONDS)
    for person in (mary, bob):
        expect(person.page.get_by_role("group", name="Your seat")).to_contain_text(
            re.compile(r"You lose your seat in \d+ seconds?")
        )
        expect(person.seated).to_contain_text(re.compile(r"idle, \d+ s left"))
    mary.clicks(HERE)
    bob.says("So am I.")
    for person in (mary, bob):
        person.does_not_see("You lose your seat")
        expect(person.composer).to_be_editable()
    mary.reads("So am I.")
    expect(mary.seated).not_to_contain_text("idle")
    house.lets_pass(WARNED_SECONDS)
    expect(mary.page.get_by_role("button", name=HERE)).to_be_visible()  # and again, as nothing more comes


def test_who_writes_keeps_the_seat(programs: Programs, people: People, clock: Clock) -> None:
    house = idle_house(programs, clock)
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    house.lets_pass(WARNED_SECONDS)
    mary.sees("You lose your seat in")
    mary.composer.press_sequentially("a long one")
    mary.does_not_see("You lose your seat in")
    expect(mary.composer).to_have_value("a long one")
    house.lets_pass(WARNED_SECONDS)
    mary.sees("You lose your seat in")  # and again, as nothing more is written


def test_who_is_idle_for_too_long_loses_the_seat_and_is_back_in_the_line_by_one_press(
    programs: Programs, people: People, clock: Clock
) -> None:
    house = idle_house(programs, clock, seats=1)
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    mary.composer.fill("half a sentence")
    bob = chatter(people, house.front_desk_port).waits_in("general", "Bob")
    house.lets_pass(WARNED_SECONDS)
    expect(mary.page.get_by_role("button", name=HERE)).to_be_visible()
    house.lets_pass(LEFT_SECONDS)
    bob.is_seated_in("general")
    expect(mary.page.get_by_role("heading", name="You lost your seat")).to_be_focused()
    mary.sees("You sent nothing for too long")
    mary.sees("What you were writing is kept")
    mary.clicks("Rejoin the line")
    expect(mary.line).to_contain_text("You are next")
    bob.leaves(costs=True)
    mary.is_seated_in("general")
    expect(mary.composer).to_have_value("half a sentence")


def test_where_a_seat_is_free_the_way_back_is_into_it(programs: Programs, people: People, clock: Clock) -> None:
    house = idle_house(programs, clock)
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    mary.looks_elsewhere()
    house.lets_pass(WARNED_SECONDS)
    expect(mary.page).to_have_title("⏳ You are about to lose your seat")
    house.lets_pass(LEFT_SECONDS)
    expect(mary.page.get_by_role("heading", name="You lost your seat")).to_be_visible()
    mary.looks_back()
    mary.clicks("Take a seat again")
    mary.is_seated_in("general")


def test_those_at_a_terminal_run_out_before_everybodys_eyes(programs: Programs, people: People, clock: Clock) -> None:
    house = idle_house(programs, clock)
    comes(programs, house.server, "Bob")
    house.lets_pass(WARNED_SECONDS / 2)
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    house.lets_pass(WARNED_SECONDS / 2)
    expect(mary.seated.get_by_role("listitem").filter(has_text="Bob")).to_contain_text(re.compile(r"idle, \d+ s left"))
    house.lets_pass(LEFT_SECONDS)
    mary.reads("Bob lost the seat after a long silence")
    expect(mary.seated).not_to_contain_text("Bob")
