"""What is done to somebody on the page is done to the one who was seen, never to a stranger who took the name."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import House
from tests.web.operating import isolated, operator
from tests.web.speaking import Speaker, office, speaker

ELSE = "That was another Bob: the one you mean has left general."


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


def mary_and_bob(house: House, people: People) -> tuple[Chatter, Speaker]:
    """Seat Mary, an operator of the channel, and Bob."""
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    bob = speaker(house, "Bob")
    mary.reads("Bob took a seat")
    office(house).sets("+o Mary")
    mary.reads(isolated("The operator made you an operator"))
    return mary, bob


def replaced(house: House, people: People, bob: Speaker, witness: Chatter) -> Chatter:
    """Replace Bob by another Bob."""
    bob.asks("quit")
    witness.reads("Bob left")
    stranger = chatter(people, house.front_desk_port).takes_a_seat("general", "Bob")
    expect(witness.log.get_by_text("Bob took a seat")).to_have_count(2)
    return stranger


def test_a_whisper_that_is_being_written_is_for_nobody_who_takes_the_name(house: House, people: People) -> None:
    mary, bob = mary_and_bob(house, people)
    mary.composer.fill("/whisper Bob For your ears")
    stranger = replaced(house, people, bob, mary)
    expect(mary.page.locator("label.audience")).to_have_text("Whisper to Bob: that was someone else")
    mary.composer.press("Enter")
    failed = mary.message("For your ears")
    expect(failed).to_contain_text(ELSE)
    failed.get_by_role("button", name="Try again").click()
    expect(mary.message("For your ears")).to_contain_text(ELSE)
    mary.seated.get_by_role("button", name="Bob").click()
    mary.seated.get_by_role("button", name="Whisper").click()
    mary.composer.press_sequentially("Hello, new Bob")
    mary.composer.press("Enter")
    stranger.reads("Hello, new Bob")
    stranger.has_not_read("For your ears")


def test_one_whispers_back_to_who_has_whispered_alone(house: House, people: People) -> None:
    mary, bob = mary_and_bob(house, people)
    bob.asks("whisper", to="Mary", text="Between us")
    mary.reads("Between us")
    stranger = replaced(house, people, bob, mary)
    mary.message("Between us").hover()
    mary.message("Between us").get_by_role("button", name="Whisper back").click()
    mary.composer.press_sequentially("So it stays")
    mary.composer.press("Enter")
    expect(mary.message("So it stays")).to_contain_text(ELSE)
    stranger.has_not_read("So it stays")


@pytest.mark.parametrize("act", ["Kick…", "1 minute", "Give a voice", "Make operator"])
def test_what_a_menu_offers_is_for_the_one_it_was_opened_on(house: House, people: People, act: str) -> None:
    mary, bob = mary_and_bob(house, people)
    mary.seated.get_by_role("button", name="Bob").click()
    if act == "1 minute":
        mary.seated.get_by_role("button", name="Mute…").click()
    if act == "Kick…":
        mary.seated.get_by_role("button", name=act).click()
        replaced(house, people, bob, mary)
        mary.page.get_by_role("dialog", name="Kick Bob?").get_by_role("button", name="Kick").click()
    else:
        # Both happen before the list is drawn anew, so that the menu is open still.
        mary.page.evaluate("() => { document.querySelector('room-roster').changed = () => {}; }")
        replaced(house, people, bob, mary)
        mary.seated.get_by_role("button", name=act, exact=True).click()
    mary.sees(ELSE)


@pytest.mark.parametrize("typed", ["/kick Bob Out", "/mute bob 5m", "/op Bob", "/voice Bob"])
def test_a_command_that_is_being_written_is_for_nobody_who_takes_the_name(
    house: House, people: People, typed: str
) -> None:
    mary, bob = mary_and_bob(house, people)
    mary.composer.fill(typed)
    replaced(house, people, bob, mary)
    mary.composer.press("Enter")
    mary.sees(ELSE)


def test_a_file_goes_to_nobody_who_takes_the_name(house: House, people: People, tmp_path: Path) -> None:
    mary, bob = mary_and_bob(house, people)
    mary.seated.get_by_role("button", name="Bob").click()
    mary.seated.get_by_role("button", name="Send a file").click()
    dialog = mary.page.get_by_role("dialog", name="Send a file")
    dialog.get_by_label("Files").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    dialog.get_by_label("To", exact=True).select_option("Bob")
    bob.asks("quit")
    expect(dialog.get_by_label("To", exact=True).get_by_role("option")).to_have_text(["Nobody else has a seat"])
    speaker(house, "Bob")
    expect(dialog.get_by_label("To", exact=True).get_by_role("option")).to_have_text(["Bob"])


def test_the_operators_page_does_to_nobody_else_what_was_to_be_done_to_one(house: House, people: People) -> None:
    mary, bob = mary_and_bob(house, people)
    op = operator(people, house.front_desk_port).operates()
    row = op.row("general", "Bob")
    row.get_by_role("button", name=isolated("Mute Bob")).click()
    replaced(house, people, bob, mary)
    op.page.get_by_role("dialog", name=isolated("Mute Bob")).get_by_role("button", name=re.compile("^1 min")).click()
    op.is_told(f"Refused: {ELSE}")
