"""Names that change: one's own everywhere on the page and in what it remembers, and those of others."""

import re

import pytest
from playwright.sync_api import expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import House
from tests.web.operating import isolated


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


def two(house: House, people: People) -> tuple[Chatter, Chatter]:
    mary, bob = (chatter(people, house.front_desk_port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    mary.reads("Bob took a seat")
    return mary, bob


def test_a_new_name_is_seen_in_the_lists_and_what_is_said_comes_under_it(house: House, people: People) -> None:
    mary, bob = two(house, people)
    mary.writes("/nick Maria")
    mary.reads(isolated("You are now called Maria"))
    bob.reads(isolated("Mary is now called Maria"))
    expect(mary.seated.get_by_role("listitem").first).to_have_text(re.compile("Maria.*you"))
    expect(bob.seated.get_by_role("button", name="Maria")).to_be_visible()
    mary.says("It is me.")
    expect(mary.message("It is me.")).to_have_class(re.compile("mine"))
    expect(bob.reads("It is me.")).to_contain_text("Maria")
    bob.says("Good morning, Maria!")
    expect(mary.reads("Good morning").get_by_role("strong")).to_have_text("Maria")
    bob.writes("/whisper Maria psst")
    mary.reads("psst")


def test_a_name_that_is_taken_or_cannot_be_is_refused(house: House, people: People) -> None:
    mary, _ = two(house, people)
    mary.writes("/nick Bob")
    mary.sees("Somebody called Bob is in the general channel already.")
    mary.writes("/nick !")
    mary.sees(re.compile("[Nn]ame"))
    expect(mary.seated.get_by_role("listitem").first).to_have_text(re.compile("Mary.*you"))


def test_who_comes_back_after_a_reload_or_a_lost_line_has_the_new_name(house: House, people: People) -> None:
    mary, bob = two(house, people)
    mary.may_lose_the_server = bob.may_lose_the_server = True
    mary.writes("/nick Maria")
    mary.reads(isolated("You are now called Maria"))
    mary.page.reload()
    mary.is_seated_in("general")
    expect(mary.seated.get_by_role("listitem").first).to_have_text(re.compile("Maria.*you"))
    house.dies()
    mary.sees("The connection is lost.")
    house.starts()
    mary.sees("You are back.")
    mary.says("Here I am.")
    expect(bob.reads("Here I am.")).to_contain_text("Maria")


def test_a_whisper_that_is_being_written_is_for_the_same_person_still(house: House, people: People) -> None:
    mary, bob = two(house, people)
    bob.writes("/whisper Mary one")
    mary.reads("one")
    mary.composer.fill("/whisper Bob whis")
    bob.writes("/nick Robert")
    expect(mary.composer).to_have_value("/whisper Robert whis")
    mary.sees("only Robert")
    mary.composer.fill("")
    mary.message("one").get_by_role("button", name="Whisper back").click()
    expect(mary.composer).to_have_value("/whisper Robert ")
