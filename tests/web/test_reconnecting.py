"""A lost line, a killed server, a reload, a second tab: nobody loses the place, and nothing is lost or doubled."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.processes.cutting import Network, network_to
from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import Channel, House, comes

BACK = "You are back."


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs, [Channel("general", 2), Channel("games", 2)])


@pytest.fixture
def network(house: House) -> Iterator[Network]:
    with network_to(house.front_desk_port) as network:
        yield network


def is_told_of_the_loss(person: Chatter) -> None:
    person.sees(re.compile("The connection is lost. Your (seat|place) is kept for"))


def test_after_a_kill_all_have_their_seats_their_drafts_and_what_was_said_once(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    bob = chatter(people, house.front_desk_port).takes_a_seat("general", "Bob")
    zoe = chatter(people, house.front_desk_port).waits_in("general", "Zoe")
    everybody = (mary, bob, zoe)
    for person in everybody:
        person.may_lose_the_server = True
    mary.says("Before it.")
    bob.reads("Before it.")
    bob.composer.fill("half a sentence")
    house.dies()
    for person in everybody:
        is_told_of_the_loss(person)
    mary.writes("Meanwhile, one.")
    mary.writes("Meanwhile, two.")
    mary.sees("Not connected. What you send now goes out when the connection is back.")
    expect(mary.reads("Meanwhile, one.")).to_contain_text("Sending…")
    house.starts()
    for person in everybody:
        person.sees(BACK)
    mary.says("After it.")
    for person in (mary, bob):
        person.reads_once("Before it.", "Meanwhile, one.", "Meanwhile, two.", "After it.")
    expect(bob.composer).to_have_value("half a sentence")
    mary.has_not_read("Sending…")
    expect(zoe.line).to_contain_text("You are next")
    bob.leaves(costs=True)
    zoe.is_seated_in("general")


def test_what_others_said_meanwhile_is_read_once_and_in_order(house: House, network: Network, people: People) -> None:
    bob = comes(house.programs, house.server, "Bob")
    mary = chatter(people, network.port).takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    for number in range(5):
        bob.types(*(f"round {number}, line {line}" for line in range(20)))
        mary.reads(f"round {number}, line 3")
        network.cut()
    bob.types("the end")
    mary.reads("the end")
    mary.reads_once(*(f"round {number}, line {line}" for number in range(5) for line in range(20)))
    expect(mary.seated).to_contain_text("Bob")


def test_what_was_said_into_a_line_that_is_dead_goes_out_once(house: House, network: Network, people: People) -> None:
    bob = chatter(people, house.front_desk_port).takes_a_seat("general", "Bob")
    mary = chatter(people, network.port).takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    network.stop_carrying()
    mary.writes("Does anybody read this?")
    expect(mary.reads("Does anybody read this?")).to_contain_text("Sending…")
    network.cut()
    is_told_of_the_loss(mary)
    bob.says("I do not.")
    network.carry_again()
    bob.reads("Does anybody read this?")
    mary.reads_once("I do not.", "Does anybody read this?")
    bob.reads_once("I do not.", "Does anybody read this?")
    mary.has_not_read("Sending…")


def test_a_browser_that_is_offline_for_a_while_keeps_the_seat(house: House, network: Network, people: People) -> None:
    bob = comes(house.programs, house.server, "Bob")
    mary = chatter(people, network.port).takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    mary.context.set_offline(True)
    network.cut()
    is_told_of_the_loss(mary)
    bob.types("Where is Mary?")
    mary.writes("In a tunnel.")
    mary.context.set_offline(False)
    mary.sees(BACK)
    bob.reads_up_to("[Mary (<t>)] In a tunnel.")
    mary.reads_once("Where is Mary?", "In a tunnel.")


def test_a_reload_keeps_the_seat_the_draft_and_what_was_read(house: House, people: People) -> None:
    bob = chatter(people, house.front_desk_port).takes_a_seat("general", "Bob")
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    bob.reads("Mary took a seat")
    mary.says("Before it.")
    mary.composer.fill("half a sentence")
    mary.page.reload()
    mary.is_seated_in("general")
    mary.reads_once("Before it.")
    expect(mary.composer).to_have_value("half a sentence")
    bob.says("You were not away.")
    mary.reads_once("Before it.", "You were not away.")
    bob.has_not_read("Mary left")
    expect(bob.log.get_by_text("Mary took a seat")).to_have_count(1)


def test_a_reload_in_the_line_keeps_the_place(house: House, people: People) -> None:
    for name in ("Ann", "Bob"):
        comes(house.programs, house.server, name)
    mary = chatter(people, house.front_desk_port).waits_in("general", "Mary")
    zoe = chatter(people, house.front_desk_port).waits_in("general", "Zoe")
    mary.page.reload()
    expect(mary.line).to_contain_text("You are next")
    expect(zoe.line).to_contain_text("You are 2nd in line")


def test_the_same_person_in_a_second_tab_goes_on_there_and_may_come_back(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    mary.says("In the first tab.")
    second = mary.opens_a_copy_of_the_tab()
    second.is_seated_in("general")
    second.reads_once("In the first tab.")
    expect(mary.page.get_by_role("heading", name="Open in another tab")).to_be_visible()
    second.says("In the second.")
    mary.clicks("Use it here")
    mary.is_seated_in("general")
    mary.reads_once("In the first tab.", "In the second.")
    expect(second.page.get_by_role("heading", name="Open in another tab")).to_be_visible()


def test_a_seat_that_was_not_kept_any_longer_is_told_with_the_way_back(programs: Programs, people: People) -> None:
    house = House(programs, [Channel("general", 1)], {"seat_hold_seconds": 1})
    with network_to(house.front_desk_port) as network:
        mary = chatter(people, network.port).takes_a_seat("general", "Mary")
        mary.may_lose_the_server = True
        bob = chatter(people, house.front_desk_port).waits_in("general", "Bob")
        network.stop_carrying()
        network.cut()
        bob.is_seated_in("general")
        network.carry_again()
        expect(mary.page.get_by_role("heading", name="Your place is gone")).to_be_visible()
        mary.clicks("Back into the line")
        expect(mary.line).to_contain_text("You are next")


def test_who_leaves_while_the_line_is_down_has_left(house: House, network: Network, people: People) -> None:
    bob = comes(house.programs, house.server, "Bob")
    mary = chatter(people, network.port).takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    network.stop_carrying()
    network.cut()
    is_told_of_the_loss(mary)
    mary.leaves()
    mary.sees("Take a seat")
    network.carry_again()
    bob.reads_up_to("[Server message (<t>)] Mary has left the channel.")


def test_a_page_that_finds_no_server_shows_the_channels_once_there_is_one(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port)
    mary.may_lose_the_server = True
    mary.opens()
    expect(mary.page.get_by_role("heading", name="games")).to_be_visible()
    house.dies()
    mary.sees("The connection is lost.")
    mary.name_field.fill("Mary")
    mary.clicks("Take a seat in general")
    mary.sees("The server does not answer at the moment.")
    house.starts()
    mary.sees("Connected again.")
    mary.clicks("Take a seat in general")
    mary.is_seated_in("general")
