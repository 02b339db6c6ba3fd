"""Two people talk on the page: messages, whispers, mentions, links, and another channel."""

import re

from playwright.sync_api import expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import chatter
from tests.web.houses import Channel, House, comes, fill

SHOWN_MAX = 200
"""So many people the page shows at first."""


def test_two_people_talk(programs: Programs, people: People) -> None:
    port = programs.server().front_desk_port
    mary = chatter(people, port).takes_a_seat("general", "Mary")
    bob = chatter(people, port).takes_a_seat("general", "Bob")
    mary.reads("Bob took a seat")
    mary.says("Good morning!")
    bob.reads("Good morning!")
    bob.says("Hello.")
    mary.reads("Hello.")
    expect(mary.page.get_by_role("list", name="Seated")).to_contain_text("Bob")
    bob.leaves()
    bob.sees("Take a seat")
    mary.reads(re.compile("Bob left"))


def test_the_terminal_and_the_page_are_one_channel(programs: Programs, people: People) -> None:
    server = programs.server()
    bob = programs.client(server.ports["general"], "Bob")
    bob.reads("[Server message (<t>)] Welcome to the general channel, Bob.")
    bob.reads("[Server message (<t>)] Bob has joined the channel.")
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    bob.reads("[Server message (<t>)] Mary has joined the channel.")
    bob.types("Good morning!")
    mary.reads("Good morning!")
    mary.says("First line\nand a second")
    bob.reads("[Bob (<t>)] Good morning!", "[Mary (<t>)] First line ⏎ and a second")


def test_a_whisper_is_read_by_one_alone_and_looks_like_one(programs: Programs, people: People) -> None:
    port = programs.server().front_desk_port
    mary, bob, zoe = (chatter(people, port).takes_a_seat("general", name) for name in ("Mary", "Bob", "Zoe"))
    mary.composer.fill("/whisper Bob ")
    mary.sees("only Bob")
    mary.writes("/whisper Bob Not for all ears")
    expect(bob.reads("Not for all ears")).to_contain_text("Mary whispered to you alone")
    expect(mary.reads("Not for all ears")).to_contain_text("You whispered to Bob alone")
    mary.says("And this is for all.")
    zoe.reads("And this is for all.")
    zoe.has_not_read("Not for all ears")


def test_links_are_links_and_my_mentions_stand_out(programs: Programs, people: People) -> None:
    port = programs.server().front_desk_port
    mary, bob = (chatter(people, port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    mary.says("Bob, see https://example.org/a?b=c. Or javascript:alert(1)")
    said = bob.reads("Bob, see")
    link = said.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://example.org/a?b=c")
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    expect(said.get_by_role("strong").filter(has_text="Bob")).to_be_visible()
    expect(mary.reads("Bob, see").get_by_role("strong")).to_have_count(0)


def test_shift_enter_breaks_the_line_and_a_paste_of_many_lines_is_one_message(
    programs: Programs, people: People
) -> None:
    port = programs.server().front_desk_port
    mary, bob = (chatter(people, port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    mary.composer.press_sequentially("one")
    mary.composer.press("Shift+Enter")
    mary.composer.press_sequentially("two")
    mary.composer.press("Enter")
    expect(bob.reads("one")).to_contain_text("two")
    mary.pastes("\n".join(f"line {number}." for number in range(30)))
    mary.composer.press("Enter")
    said = bob.reads("line 0.")
    expect(said).not_to_contain_text("line 29.")
    said.get_by_role("button", name="Show all").click()
    expect(said).to_contain_text("line 29.")
    said.get_by_role("button", name="Show less").click()
    expect(said).not_to_contain_text("line 29.")


def test_a_slash_opens_the_commands_and_what_could_follow_them(programs: Programs, people: People) -> None:
    port = programs.server().front_desk_port
    mary, bob = (chatter(people, port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    expect(mary.seated).to_contain_text("Bob")
    suggestions = mary.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    mary.composer.press_sequentially("/")
    expect(suggestions.filter(has_text="/whisper NAME TEXT")).to_be_visible()
    mary.composer.press_sequentially("wh")
    expect(suggestions).to_have_count(1)
    mary.presses("Enter")
    expect(suggestions.filter(has_text="Bob")).to_be_visible()
    mary.presses("Tab")
    expect(mary.composer).to_have_value("/whisper Bob ")
    mary.composer.press_sequentially("psst")
    mary.presses("Enter")
    bob.reads("psst")
    mary.composer.press_sequentially("/sw")
    mary.presses("Enter")
    expect(suggestions).to_have_text(["games", "help"])
    mary.presses("ArrowDown", "Enter")
    expect(mary.composer).to_have_value("/switch help ")
    mary.presses("Enter")
    mary.is_seated_in("help")
    mary.composer.press_sequentially("/")
    mary.presses("Escape")
    expect(suggestions).to_have_count(0)


def test_tab_completes_names_one_after_the_other(programs: Programs, people: People) -> None:
    server = programs.server()
    for name in ("Bob", "Bodo"):
        comes(programs, server, name)
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    expect(mary.seated).to_contain_text("Bodo")
    mary.composer.press_sequentially("bo")
    mary.presses("Tab")
    expect(mary.composer).to_have_value("Bob: ")
    mary.presses("Tab")
    expect(mary.composer).to_have_value("Bodo: ")
    expect(mary.composer).to_be_focused()


def test_the_very_name_that_is_written_comes_before_a_longer_one(programs: Programs, people: People) -> None:
    server = programs.server()
    for name in ("Annabel", "Ann"):
        comes(programs, server, name)
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    expect(mary.seated).to_contain_text("Annabel")
    mary.composer.press_sequentially("/whisper Ann")
    expect(mary.page.get_by_role("listbox", name="Suggestions").get_by_role("option")).to_have_text(["Ann", "Annabel"])
    mary.presses("Tab")
    expect(mary.composer).to_have_value("/whisper Ann ")
    mary.composer.fill("")
    mary.composer.press_sequentially("ann")
    mary.presses("Tab")
    expect(mary.composer).to_have_value("Ann: ")
    mary.composer.fill("")
    mary.composer.press_sequentially("Well, @Ann")
    mary.presses("Enter")
    mary.reads("Well, @Ann")
    expect(mary.composer).to_have_value("")


def test_among_many_people_i_stand_first(programs: Programs, people: People) -> None:
    house = House(programs, [Channel("general", 250)])
    fill(programs, house.server, SHOWN_MAX + 1)
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    rows = mary.seated.get_by_role("listitem")
    expect(rows).to_have_count(SHOWN_MAX)
    expect(rows.first).to_contain_text("you")
    mary.clicks(f"Show all {SHOWN_MAX + 2}")
    expect(rows).to_have_count(SHOWN_MAX + 2)


def test_one_whispers_to_somebody_of_the_list_and_back(programs: Programs, people: People) -> None:
    port = programs.server().front_desk_port
    mary, bob = (chatter(people, port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    mary.seated.get_by_role("button", name="Bob").click()
    mary.seated.get_by_role("button", name="Whisper").click()
    expect(mary.composer).to_be_focused()
    mary.composer.press_sequentially("Are you well?")
    mary.presses("Enter")
    bob.reads("Are you well?").get_by_role("button", name="Whisper back").click()
    expect(bob.composer).to_be_focused()
    bob.sees("only Mary")
    bob.composer.press_sequentially("I am.")
    bob.presses("Enter")
    mary.reads("I am.")


def test_a_tab_that_nobody_looks_at_counts_what_was_missed(programs: Programs, people: People) -> None:
    server = programs.server()
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    bob = comes(programs, server, "Bob")
    expect(mary.page).to_have_title("general · Antechamber")
    mary.looks_elsewhere()
    bob.types("one", "two")
    expect(mary.page).to_have_title("(2) general · Antechamber")
    mary.looks_back()
    expect(mary.page).to_have_title("general · Antechamber")


def test_a_name_that_is_taken_or_wrong_is_told_beside_the_field(programs: Programs, people: People) -> None:
    port = programs.server().front_desk_port
    chatter(people, port).takes_a_seat("general", "Mary")
    other = chatter(people, port).enters("general", "Mary")
    field = other.page.get_by_label("Your name")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    other.sees("Mary")
    field.fill("Two words")
    field.press("Enter")
    other.sees("only letters, digits")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("Maria")
    field.press("Enter")
    other.is_seated_in("general")


def test_what_is_too_long_or_wrong_stays_written_and_says_why(programs: Programs, people: People) -> None:
    server = programs.server()
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    mary.writes("x" * 20_000)
    mary.sees("Too long by")
    expect(mary.composer).to_have_value("x" * 20_000)
    mary.says("Shorter.")
    mary.does_not_see("Too long by")
    mary.writes("/dance")
    mary.sees("There is no command /dance")
    expect(mary.composer).to_have_value("/dance")
    mary.writes("//dance")
    mary.reads("/dance")


def test_a_message_that_the_server_declines_says_so_and_can_be_tried_again(programs: Programs, people: People) -> None:
    server = programs.server()
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    mary.writes("/whisper Bob Are you there?")
    declined = mary.reads("Bob is not here.")
    expect(declined).to_contain_text("Are you there?")
    bob = comes(programs, server, "Bob")
    declined.get_by_role("button", name="Try again").click()
    bob.reads_up_to("[Mary whispers to you: (<t>)] Are you there?")
    mary.reads(re.compile("You whispered to Bob alone"))
    mary.has_not_read("Bob is not here.")


def test_who_is_muted_is_told_for_how_long_and_keeps_what_is_written(programs: Programs, people: People) -> None:
    server = programs.server()
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    mary.composer.fill("Before I was")
    server.types("/mute general:Mary 2")
    mary.sees("You are muted. You may write again in")
    expect(mary.composer).not_to_be_editable()
    mary.presses("Enter")
    expect(mary.composer).to_be_editable()
    mary.does_not_see("You are muted.")
    expect(mary.composer).to_have_value("Before I was")
    mary.says("And after.")
    mary.has_not_read("Before I was")
