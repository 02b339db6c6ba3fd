"""A lost line, a killed server, a reload, a second tab: nobody loses the place, and nothing is lost or doubled."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.processes.network import Network, network_to
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


class LosesTheWelcome:
    """Lets a page talk with the server, save that the first welcome does not arrive; the line is `cut` then, or not."""

    def __init__(self, person: Chatter, cut: bool) -> None:
        self.cut = cut
        self.welcomes = 0
        person.page.route_web_socket(re.compile("/ws$"), self._opened)

    def _opened(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def answered(message: str | bytes) -> None:
            if '"welcome"' not in str(message):
                route.send(message)
                return
            self.welcomes += 1
            if self.cut:
                route.close()

        server.on_message(answered)


def test_a_line_that_breaks_before_the_welcome_has_come_is_no_way_to_meet_ones_own_ghost(
    house: House, people: People
) -> None:
    mary = chatter(people, house.front_desk_port)
    loses = LosesTheWelcome(mary, cut=True)
    mary.takes_a_seat("general", "Mary")
    mary.says("I am in.")
    assert loses.welcomes == 1
    expect(mary.seated.get_by_role("listitem")).to_have_count(1)


def test_a_page_that_is_reloaded_before_the_welcome_has_come_goes_on_by_itself(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port)
    loses = LosesTheWelcome(mary, cut=False)
    mary.enters("general", "Mary")
    bob = chatter(people, house.front_desk_port).takes_a_seat("general", "Bob")
    expect(bob.seated).to_contain_text("Mary")
    mary.page.reload()
    mary.is_seated_in("general")
    mary.says("I am in.")
    bob.reads("I am in.")
    assert loses.welcomes == 1


def test_an_entering_that_was_refused_is_not_begun_again_by_a_reload(house: House, people: People) -> None:
    bob = comes(house.programs, house.server, "Bob")
    mary = chatter(people, house.front_desk_port).enters("general", "Bob")
    mary.sees("Somebody called Bob is in general already.")
    bob.types("/quit")
    bob.reads_the_rest()
    mary.page.reload()
    expect(mary.page.get_by_role("button", name="Take a seat in general")).to_be_visible()
    mary.name_field.fill("Mary")
    mary.clicks("Take a seat in general")
    mary.is_seated_in("general")


def test_a_line_that_is_dead_is_noticed_soon_after_something_was_sent(
    house: House, network: Network, people: People
) -> None:
    mary = chatter(people, network.port)
    mary.page.clock.install()
    mary.takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    network.stop_carrying()
    mary.writes("Does anybody read this?")
    expect(mary.reads("Does anybody read this?")).to_contain_text("Sending…")
    for seconds in (6, 5):
        mary.page.clock.fast_forward(seconds * 1_000)
    is_told_of_the_loss(mary)
    network.carry_again()
    mary.sees(BACK)
    mary.has_not_read("Sending…")


def test_a_line_that_is_dead_is_noticed_at_once_where_the_browser_says_that_it_is_offline(
    house: House, network: Network, people: People
) -> None:
    mary = chatter(people, network.port)
    mary.page.clock.install()
    mary.takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    network.stop_carrying()
    mary.page.evaluate("dispatchEvent(new Event('offline'))")
    mary.page.clock.fast_forward(5_000)
    is_told_of_the_loss(mary)


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
        expect(mary.page.get_by_role("heading", name="Your seat is gone")).to_be_visible()
        mary.clicks("Rejoin the line")
        expect(mary.line).to_contain_text("You are next")


def test_the_way_back_from_a_kick_is_taken_once_there_is_a_connection(
    house: House, network: Network, people: People
) -> None:
    mary = chatter(people, network.port).takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    network.refuse()
    house.server.types("/kick general:Mary")
    expect(mary.page.get_by_role("heading", name="You were kicked")).to_be_visible()
    mary.sees("The connection is lost.")
    mary.clicks("Take a seat again")
    mary.sees("One moment …")
    network.carry_again()
    mary.is_seated_in("general")


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
    mary.does_not_see("The server does not answer at the moment.")
    mary.clicks("Take a seat in general")
    mary.is_seated_in("general")
