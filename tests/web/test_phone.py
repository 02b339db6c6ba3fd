"""On a phone, and at twice the size: everything is there, nothing has to be moved sideways."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.processes.programs import Programs
from tests.web.browsing import People, Person
from tests.web.chatting import chatter
from tests.web.houses import House, comes, fill
from tests.web.operating import operator

PHONE = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
ZOOMED = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
"""A window of 1280 x 800 at 200 %."""
BOTH = pytest.mark.parametrize("window", [PHONE, ZOOMED], ids=["phone", "zoomed"])


def is_within_the_window(person: Person, *wanted: Locator) -> None:
    """See to it that all of each can be seen."""
    person.does_not_scroll_sideways()
    size = person.page.viewport_size
    assert size is not None
    for each in wanted:
        each.scroll_into_view_if_needed()
        expect(each).to_be_in_viewport(ratio=0.99)
        box = each.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"] + 0.5


@BOTH
def test_the_way_in_the_room_and_the_way_out_fit(programs: Programs, people: People, window: dict[str, object]) -> None:
    server = programs.server()
    comes(programs, server, "Bob")
    mary = chatter(people, server.front_desk_port, **window)
    mary.opens()
    is_within_the_window(mary, mary.name_field, mary.page.get_by_role("button", name="Take a seat in help"))
    mary.name_field.fill("Mary")
    mary.clicks("Take a seat in general")
    mary.is_seated_in("general")
    button = mary.page.get_by_role("button", name=re.compile("^Leave"))
    is_within_the_window(mary, mary.composer, mary.page.get_by_role("button", name="Send", exact=True), button)
    mary.says("Good morning from my phone!")
    mary.page.get_by_role("button", name="2 seated").click()
    expect(mary.seated).to_contain_text("Bob")
    mary.does_not_scroll_sideways()
    mary.seated.get_by_role("button", name="Bob").click()
    mary.seated.get_by_role("button", name="Whisper").click()
    mary.composer.press_sequentially("psst")
    mary.composer.press("Enter")
    mary.reads("psst")
    mary.page.get_by_role("button", name="Search", exact=True).first.click()
    field = mary.page.get_by_role("searchbox")
    is_within_the_window(mary, field)
    field.fill("morning")
    field.press("Enter")
    mary.page.get_by_role("list", name="Found").get_by_role("button").click()
    expect(mary.message("Good morning from my phone!")).to_be_in_viewport()
    mary.clicks("Switch channel")
    mary.does_not_scroll_sideways()
    mary.page.get_by_role("group", name="Channels").get_by_role("button", name=re.compile("^games")).click()
    mary.is_seated_in("games")
    mary.leaves()
    mary.sees("Take a seat")
    mary.does_not_scroll_sideways()


@BOTH
def test_the_line_and_the_end_fit(programs: Programs, people: People, window: dict[str, object]) -> None:
    server = programs.server()
    fill(programs, server)
    mary = chatter(people, server.front_desk_port, **window).waits_in("general", "Mary")
    leave = mary.page.get_by_role("main").get_by_role("button", name="Leave the line")
    is_within_the_window(mary, mary.page.get_by_role("heading", name="You are next"), leave)
    server.types("/empty general")
    mary.is_seated_in("general")
    server.types("/kick general:Mary")
    is_within_the_window(mary, mary.page.get_by_role("button", name="Take a seat again"))


@BOTH
def test_the_operators_page_fits(programs: Programs, people: People, window: dict[str, object]) -> None:
    house = House(programs)
    fill(house.programs, house.server)
    zoe = programs.caller(house.ports["general"], "Zoe")
    zoe.types("Zoe")
    op = operator(people, house.front_desk_port, **window)
    op.opens("/operator")
    is_within_the_window(op, op.page.get_by_label("Operator token"))
    op.operates()
    op.line_is("general", "Zoe")
    kick = op.row("general", "Zoe").get_by_role("button", name=re.compile("^Kick"))
    is_within_the_window(op, kick, op.page.get_by_role("button", name="Announce to all…"))
    op.presses_button("general", "Mute Guest0")
    is_within_the_window(op, op.dialog("Mute Guest0"))
    op.presses("Escape")
    op.presses_button("general", "Empty… general")
    op.does_not_scroll_sideways()
