"""Ways of saying something: what one does, a notice, an answer to a message, a reaction."""

import re

import pytest
from playwright.sync_api import expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import House
from tests.web.speaking import Speaker, speaker


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


def with_a_speaker(house: House, people: People) -> tuple[Chatter, Speaker]:
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    bob = speaker(house, "Bob")
    mary.reads("Bob took a seat")
    return mary, bob


def about(mary: Chatter, text: str) -> dict[str, str]:
    """Return the tag that says to which message a message replies."""
    message = mary.message(text)
    expect(message).to_have_attribute("data-sequence", re.compile(r"\d"))  # it is kept
    sequence = message.get_attribute("data-sequence")
    return {"+draft/reply": f"general-{sequence}"}


def test_what_one_does_reads_as_one_sentence(house: House, people: People) -> None:
    mary, bob = with_a_speaker(house, people)
    bob.asks("say", text="waves at everybody", form="action")
    expect(mary.reads("waves at everybody")).to_have_text("Bob waves at everybody")
    mary.hears("Bob waves at everybody")
    mary.writes("/me waves back")
    expect(mary.reads("waves back")).to_have_text("Mary waves back")
    mary.writes("/me")
    mary.sees("Say what you do: /me TEXT.")


def test_a_notice_says_that_it_is_one(house: House, people: People) -> None:
    mary, bob = with_a_speaker(house, people)
    bob.asks("say", text="We close at six.", form="notice")
    expect(mary.reads("We close at six.")).to_contain_text(re.compile("Bob *notice"))


def test_an_answer_shows_what_it_answers_and_leads_there(house: House, people: People) -> None:
    mary, bob = with_a_speaker(house, people)
    mary.says("Who has the key?")
    tags = about(mary, "Who has the key?")
    bob.asks("say", text="I do.", tags=tags)
    answer = mary.reads("I do.").get_by_role("button", name="In reply to Mary: Who has the key?")
    answer.click()
    expect(mary.log.get_by_role("listitem").filter(has_text="Who has the key?").first).to_be_focused()
    bob.asks("say", text="Nobody knows of what.", tags={"+draft/reply": "general-1"})
    expect(mary.reads("Nobody knows of what.").get_by_role("button")).to_have_text("In reply to an earlier message")
    bob.asks("say", text="From elsewhere.", tags={"+draft/reply": "games-3"})
    expect(mary.reads("From elsewhere.").get_by_role("button")).to_have_count(0)


def test_reactions_stand_under_their_message_and_one_joins_in_by_a_click(house: House, people: People) -> None:
    mary, bob = with_a_speaker(house, people)
    mary.says("I have the key.")
    tags = about(mary, "I have the key.")
    bob.asks("tag", tags=tags | {"+draft/react": "+1"})
    message = mary.message("I have the key.")
    reaction = message.get_by_role("list", name="Reactions").get_by_role("button")
    expect(reaction).to_have_accessible_name("+1 1: Bob")
    expect(reaction).to_have_attribute("aria-pressed", "false")
    reaction.click()
    expect(reaction).to_have_accessible_name("+1 2: Bob, Mary")
    expect(reaction).to_have_attribute("aria-pressed", "true")
    expect(reaction).to_be_focused()
    mary.is_accessible()
    mary.page.reload()
    expect(reaction).to_have_accessible_name("+1 2: Bob, Mary")
    bob.asks("tag", tags=tags | {"+draft/unreact": "+1"})
    expect(reaction).to_have_accessible_name("+1 1: Mary")
    reaction.press("Enter")
    expect(reaction).to_have_count(0)
    mary.has_focus_somewhere()


def test_a_reaction_is_no_markup_and_of_bounded_length(house: House, people: People) -> None:
    mary, bob = with_a_speaker(house, people)
    mary.says("React to this.")
    bob.asks("tag", tags=about(mary, "React to this.") | {"+draft/react": "<b>" + "W" * 500})
    reaction = mary.message("React to this.").get_by_role("list", name="Reactions").get_by_role("button")
    expect(reaction).to_have_text(f"<b>{'W' * 13} 1")
