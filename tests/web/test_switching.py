"""From one channel to another without leaving the page: out of a seat, and out of a line."""

import re

from playwright.sync_api import expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import House, comes, fill


def chooses(person: Chatter, channel: str) -> None:
    """Go to a channel by the list beside the name of this one."""
    person.clicks("Switch channel")
    person.page.get_by_role("group", name="Channels").get_by_role("button", name=re.compile(f"^{channel}")).click()


def test_one_switches_without_leaving_the_page(programs: Programs, people: People) -> None:
    port = programs.server().front_desk_port
    mary, bob = (chatter(people, port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    mary.says("This was in general.")
    mary.writes("/switch games")
    mary.is_seated_in("games")
    mary.has_not_read("This was in general.")
    bob.reads("Mary went to another channel")
    chooses(bob, "games")
    bob.is_seated_in("games")
    expect(bob.page).to_have_url(re.compile("#/games$"))
    bob.says("Here I am.")
    mary.reads("Here I am.")
    chooses(bob, "general")
    bob.is_seated_in("general")
    bob.reads("This was in general.")


def test_a_draft_stays_with_its_channel(programs: Programs, people: People) -> None:
    mary = chatter(people, programs.server().front_desk_port).takes_a_seat("general", "Mary")
    mary.composer.fill("for those in general")
    chooses(mary, "games")
    mary.is_seated_in("games")
    expect(mary.composer).to_have_value("")
    mary.composer.fill("for those who play")
    chooses(mary, "general")
    mary.is_seated_in("general")
    expect(mary.composer).to_have_value("for those in general")


def test_a_switch_that_would_cost_the_seat_is_asked_about_first(programs: Programs, people: People) -> None:
    server = programs.server()
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    fill(programs, server, channel="games")
    games = mary.page.get_by_role("group", name="Channels", include_hidden=True).get_by_role(
        "listitem", include_hidden=True
    )
    expect(games.filter(has_text="games")).to_contain_text("All 5 seats are taken")
    chooses(mary, "games")
    question = mary.page.get_by_role("dialog", name="Go to games?")
    expect(question).to_contain_text("You give up your seat in general.")
    question.get_by_role("button", name="Stay").click()
    expect(question).to_have_count(0)
    mary.is_seated_in("general")
    chooses(mary, "games")
    question.get_by_role("button", name="Go there").click()
    expect(mary.line).to_contain_text("You are next")


def test_from_the_line_one_moves_to_where_a_seat_is_free(programs: Programs, people: People) -> None:
    server = programs.server()
    fill(programs, server)
    mary = chatter(people, server.front_desk_port).waits_in("general", "Mary")
    mary.clicks("Go to games")
    mary.is_seated_in("games")
    bob = chatter(people, server.front_desk_port).waits_in("general", "Bob")
    expect(bob.line).to_contain_text("You are next")


def test_from_the_line_one_moves_to_the_end_of_another_and_is_asked_if_that_costs_a_place(
    programs: Programs, people: People
) -> None:
    server = programs.server()
    for channel in ("general", "games"):
        fill(programs, server, channel=channel)
    bob = chatter(people, server.front_desk_port).waits_in("games", "Bob")
    mary = chatter(people, server.front_desk_port).waits_in("general", "Mary")
    zoe = chatter(people, server.front_desk_port).waits_in("general", "Zoe")
    expect(zoe.line).to_contain_text("You are 2nd in line")
    expect(mary.page.get_by_role("listitem").filter(has_text="games")).to_contain_text("1 in line")
    mary.knows_of("2 in line")
    mary.clicks("Go to games")
    question = mary.page.get_by_role("dialog", name="Go to games?")
    expect(question).to_contain_text("You are 1st in line.")
    question.get_by_role("button", name="Go there").click()
    expect(mary.line).to_contain_text("You are 2nd in line")
    expect(zoe.line).to_contain_text("You are next")
    expect(bob.line).to_contain_text("You are next")


def test_a_step_back_leads_out_of_the_room_and_not_off_the_page(programs: Programs, people: People) -> None:
    mary = chatter(people, House(programs).front_desk_port)
    mary.opens()
    mary.name_field.fill("Mary")
    mary.clicks("Take a seat in general")
    mary.is_seated_in("general")
    chooses(mary, "games")
    mary.is_seated_in("games")
    mary.page.reload()
    mary.is_seated_in("games")
    mary.page.go_back()
    expect(mary.page.get_by_role("button", name="Take a seat in general")).to_be_visible()
    expect(mary.page).to_have_url(re.compile("/$"))
    mary.page.go_forward()
    expect(mary.page.get_by_role("heading", name="Take a seat in games")).to_be_visible()


def test_a_step_back_from_a_room_that_a_link_led_to_leads_to_the_lobby_too(programs: Programs, people: People) -> None:
    mary = chatter(people, programs.server().front_desk_port).takes_a_seat("general", "Mary")
    mary.page.go_back()
    mary.sees("Take a seat")
    mary.clicks("Take a seat in games")
    mary.is_seated_in("games")


def test_a_step_back_that_would_cost_the_place_is_asked_about_first(programs: Programs, people: People) -> None:
    server = programs.server()
    fill(programs, server)
    mary = chatter(people, server.front_desk_port).waits_in("general", "Mary")
    bob = chatter(people, server.front_desk_port).waits_in("general", "Bob")
    expect(bob.line).to_contain_text("You are 2nd in line")
    mary.knows_of("2 in line")
    question = mary.page.get_by_role("dialog", name="Leave the line?")
    for answer in ("Stay", "Leave"):
        mary.page.go_back()
        question.get_by_role("button", name=answer).click()
        expect(question).to_have_count(0)
        if answer == "Stay":
            expect(mary.line).to_contain_text("You are next")
            expect(mary.page).to_have_url(re.compile("#/general$"))
    mary.sees("Take a seat")
    expect(bob.line).to_contain_text("You are next")


def test_a_switch_to_where_the_name_is_taken_says_so_and_costs_nothing(programs: Programs, people: People) -> None:
    server = programs.server()
    comes(programs, server, "Mary", "games")
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    chooses(mary, "games")
    mary.sees("somebody there has your name")
    mary.is_seated_in("general")
    mary.says("Still here.")
