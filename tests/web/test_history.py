"""The past on the page: scrolling up into it, searching it, and coming back to now."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.processes.programs import Programs, programs_in
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import Channel, House, comes, exactly, said_before

SAID = 600
TEXTS = [f"message {number}, of a {'kettle' if number == 7 else 'day'}" for number in range(SAID)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a server in whose channel much was said, and which each test leaves as it was."""
    with programs_in(tmp_path_factory.mktemp("history")) as programs:
        house = House(programs, [Channel("general", 50)])
        said_before(programs, house.server, TEXTS)
        yield house


@pytest.fixture
def mary(house: House, people: People) -> Chatter:
    """Give Mary, who sees the end of it."""
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", f"Mary{time.monotonic_ns() % 1_000_000}")
    expect(mary.log).to_contain_text(TEXTS[-1])
    return mary


def numbers(mary: Chatter) -> list[int]:
    """Return the numbers of the messages that the page holds."""
    return [int(found) for found in re.findall(r"message (\d+), of", mary.log.inner_text())]


def scrolls(mary: Chatter, where: str) -> None:
    """Go to one end of what is there, or `far` up."""
    mary.log.focus()
    mary.presses(where)


def test_scrolling_up_loads_what_was_said_before_down_to_the_beginning(mary: Chatter) -> None:
    assert len(numbers(mary)) < SAID / 2
    seen: set[int] = set()
    first = mary.log.get_by_text(exactly(TEXTS[0]))
    while not first.count():
        held = numbers(mary)
        assert held == list(range(held[0], held[-1] + 1))
        seen.update(held)
        scrolls(mary, "Home")
        expect(mary.log.get_by_text(exactly(TEXTS[max(0, held[0] - 1)]))).to_be_attached()
    seen.update(numbers(mary))
    assert seen == set(range(SAID))
    scrolls(mary, "Home")
    expect(mary.log.get_by_text("This is where the chat begins.")).to_be_in_viewport()
    expect(first).to_be_in_viewport()
    mary.clicks("Back to now")
    expect(mary.log.get_by_text(exactly(TEXTS[-1]))).to_be_in_viewport()
    held = numbers(mary)
    assert held == list(range(held[0], SAID))


def test_what_is_read_stays_in_its_place_while_earlier_messages_come(mary: Chatter) -> None:
    held = numbers(mary)
    scrolls(mary, "Home")
    edge = mary.log.get_by_text(exactly(TEXTS[held[0]]))
    expect(mary.log.get_by_text(exactly(TEXTS[held[0] - 1]))).to_be_attached()
    expect(edge).to_be_in_viewport()


def test_a_search_leads_to_the_place_and_back_to_now(mary: Chatter) -> None:
    mary.clicks("Search")
    mary.page.get_by_role("searchbox", name="Search this channel").fill("kettle")
    mary.presses("Enter")
    mary.sees("1 message found.")
    found = mary.page.get_by_role("list", name="Found").get_by_role("button")
    expect(found).to_contain_text(TEXTS[7])
    found.click()
    message = mary.log.get_by_role("listitem").filter(has_text=TEXTS[7])
    expect(message).to_be_in_viewport()
    expect(message).to_be_focused()
    expect(message.locator("mark")).to_have_text("kettle")
    mary.clicks("Back to now")
    expect(mary.log.get_by_text(exactly(TEXTS[-1]))).to_be_in_viewport()
    mary.says(f"{mary.name} is back.")
    expect(mary.reads(f"{mary.name} is back.")).to_be_in_viewport()


def test_a_search_finds_older_ones_on_demand_and_tells_where_there_are_none(mary: Chatter) -> None:
    mary.writes("/search day")
    found = mary.page.get_by_role("list", name="Found").get_by_role("button")
    expect(found).to_have_count(20)
    mary.clicks("Show older ones")
    expect(found).to_have_count(40)
    expect(found.nth(39)).to_contain_text(TEXTS[-40])
    expect(found.nth(20)).to_be_focused()
    field = mary.page.get_by_role("searchbox")
    field.fill("unheard-of")
    field.press("Enter")
    mary.sees("No messages found.")
    field.press("Escape")
    expect(mary.composer).to_be_focused()
    expect(mary.seated).to_be_visible()


def test_what_is_said_while_one_reads_further_up_waits_and_is_counted(mary: Chatter, house: House) -> None:
    mary.log.hover()
    mary.page.mouse.wheel(0, -2_000)
    expect(mary.page.get_by_role("button", name="Back to now")).to_be_visible()
    top = mary.log.evaluate("log => log.scrollTop")
    bob = comes(house.programs, house.server, "Bob")
    bob.types("one more", "and another")
    expect(mary.page.get_by_role("button", name="2 new messages")).to_be_visible()
    assert mary.log.evaluate("log => log.scrollTop") >= top
    mary.clicks("2 new messages")
    expect(mary.reads("and another")).to_be_in_viewport()
    bob.types("/quit")
    mary.reads("Bob left")


def test_days_have_headings(programs: Programs, people: People) -> None:
    house = House(programs)
    mary = chatter(people, house.front_desk_port, timezone_id="UTC").takes_a_seat("general", "Mary")
    mary.says("This is today.")
    expect(mary.log.get_by_role("heading", level=3)).to_have_text(["Today"])
    later = chatter(people, house.front_desk_port, timezone_id="UTC")
    later.page.clock.set_fixed_time(time.time() + 24 * 3_600)
    later.takes_a_seat("general", "Bob")
    later.reads("This is today.")
    expect(later.log.get_by_role("heading", level=3)).to_have_text(["Yesterday"])
