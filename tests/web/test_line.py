"""The waiting queue on the page, from both sides, and the list of channels that it begins with."""

import re

from playwright.sync_api import WebSocketRoute, expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import chatter
from tests.web.houses import Channel, House, comes, fill


def test_the_line_moves_up_and_the_seat_comes(programs: Programs, people: People) -> None:
    server = programs.server(seats=5)
    seated = fill(programs, server)
    mary = chatter(people, server.front_desk_port).waits_in("general", "Mary")
    expect(mary.line).to_contain_text("You are next")
    expect(mary.line).to_contain_text("Not known yet")
    bob = chatter(people, server.front_desk_port).waits_in("general", "Bob")
    expect(bob.line).to_contain_text("You are 2nd in line")
    expect(bob.line).to_contain_text("1 person")
    seated[0].types("/quit")
    mary.is_seated_in("general")
    expect(bob.line).to_contain_text("You are next")
    expect(bob.line).to_contain_text("Nobody")
    expect(mary.waiting).to_contain_text("Bob")
    seated[1].types("/quit")
    bob.is_seated_in("general")
    mary.reads("Bob took a seat")
    expect(mary.waiting.get_by_role("listitem")).to_have_count(0)
    expect(mary.seated).to_contain_text("Bob")


def test_the_list_of_channels_is_live(programs: Programs, people: People) -> None:
    house = House(programs, [Channel("general", 2, "Everything"), Channel("games")])
    mary = chatter(people, house.front_desk_port)
    mary.opens()
    card = mary.page.get_by_role("listitem").filter(has=mary.page.get_by_role("heading", name="general"))
    expect(card).to_contain_text("Everything")
    expect(card).to_contain_text("All 2 seats are free")
    bob = comes(programs, house.server, "Bob")
    expect(card).to_contain_text("1 of 2 seats taken")
    comes(programs, house.server, "Ann")
    expect(card).to_contain_text("All 2 seats are taken")
    expect(card).to_contain_text("Nobody in line")
    expect(card.get_by_role("button", name="Join the line in general")).to_be_visible()
    zoe = programs.caller(house.ports["general"], "Zoe")
    zoe.types("Zoe")
    expect(card).to_contain_text("1 in line")
    bob.types("/quit")
    expect(card).to_contain_text("Nobody in line")
    zoe.types("/quit")
    expect(card).to_contain_text("A seat is free now")
    mary.name_field.fill("Mary")
    card.get_by_role("button", name="Take a seat in general").click()
    mary.is_seated_in("general")


def test_one_seat_alone_is_no_plural(programs: Programs, people: People) -> None:
    house = House(programs, [Channel("general", 1)])
    mary = chatter(people, house.front_desk_port)
    mary.opens()
    mary.sees("The seat is free")
    comes(programs, house.server, "Bob")
    mary.sees("The seat is taken")


def test_a_seat_is_free_for_who_comes_where_all_in_line_are_away(programs: Programs, people: People) -> None:
    house = House(programs, [Channel("general", 1), Channel("games")])
    ann = chatter(people, house.front_desk_port).takes_a_seat("general", "Ann")
    zoe = chatter(people, house.front_desk_port).waits_in("general", "Zoe")
    bob = chatter(people, house.front_desk_port).takes_a_seat("games", "Bob")
    mary = chatter(people, house.front_desk_port)
    mary.opens()
    card = mary.page.get_by_role("listitem").filter(has=mary.page.get_by_role("heading", name="general"))
    zoe.page.close()
    expect(ann.waiting).to_contain_text("away")
    ann.leaves(costs=True)
    expect(card).to_contain_text("The seat is free")
    expect(card).to_contain_text("1 in line")
    expect(card).to_contain_text("A seat is free now")
    bob.clicks("Switch channel")
    switcher = bob.page.get_by_role("group", name="Channels")
    expect(switcher.get_by_role("listitem").filter(has_text="general")).to_contain_text("The seat is free, 1 in line")
    expect(switcher.get_by_role("listitem").filter(has_text="general")).not_to_contain_text("wait")
    mary.name_field.fill("Mary")
    card.get_by_role("button", name="Take a seat in general").click()
    mary.is_seated_in("general")


def test_who_enters_before_the_channels_are_told_goes_in_once_they_are(programs: Programs, people: People) -> None:
    mary = chatter(people, programs.server().front_desk_port)
    replies = False

    def opened(route: WebSocketRoute) -> None:
        if replies:
            route.connect_to_server()
        else:
            route.close()

    mary.page.route_web_socket(re.compile("/ws$"), opened)
    mary.enters("general", "Mary")
    mary.sees("The server does not answer.")
    mary.name_field.press("Enter")
    mary.sees("The server does not answer at the moment. You join as soon as it does.")
    replies = True
    mary.is_seated_in("general")


def test_what_is_wrong_with_a_channel_that_has_no_card_stands_beside_the_name(
    programs: Programs, people: People
) -> None:
    mary = chatter(people, programs.server().front_desk_port)
    gone = False

    def opened(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def asked(message: str | bytes) -> None:
            if gone:
                server.send(str(message).replace("general", "nowhere"))
            elif '"hello"' not in str(message):
                server.send(message)

        route.on_message(asked)
        server.on_message(lambda message: route.send(str(message).replace("general", "nowhere") if gone else message))

    mary.page.route_web_socket(re.compile("/ws$"), opened)
    mary.opens()
    mary.name_field.fill("Mary")
    mary.clicks("Take a seat in general")
    mary.sees("One moment")
    gone = True
    mary.page.reload()
    mary.sees("general no longer exists.")
    expect(mary.name_field).not_to_have_attribute("aria-invalid", "true")


def test_the_wait_to_expect_is_measured_from_the_seats_of_late(programs: Programs, people: People) -> None:
    server = programs.server(seats=5)
    for caller in [*fill(programs, server, 4)]:
        caller.types("/quit")
        caller.reads_the_rest()
    fill(programs, server)
    mary = chatter(people, server.front_desk_port).waits_in("general", "Mary")
    expect(mary.line).to_contain_text(re.compile("Expected wait.*(minute|second)", re.IGNORECASE | re.DOTALL))
    expect(mary.line.get_by_text("tell yet")).to_have_count(0)
    bob = chatter(people, server.front_desk_port)
    bob.opens()
    expect(bob.page.get_by_role("listitem").filter(has_text="general").first).to_contain_text(
        re.compile("Wait: .*minute")
    )


def test_who_waits_may_leave_the_line(programs: Programs, people: People) -> None:
    server = programs.server(seats=5)
    fill(programs, server)
    mary = chatter(people, server.front_desk_port).waits_in("general", "Mary")
    mary.clicks("Leave the line")
    mary.sees("Take a seat")
    zoe = chatter(people, server.front_desk_port).waits_in("general", "Zoe")
    expect(zoe.line).to_contain_text("You are next")


def test_who_leaves_while_others_are_behind_is_asked_first(programs: Programs, people: People) -> None:
    server = programs.server(seats=5)
    fill(programs, server)
    mary, zoe = (chatter(people, server.front_desk_port).waits_in("general", name) for name in ("Mary", "Zoe"))
    expect(zoe.line).to_contain_text("You are 2nd in line")
    mary.knows_of("2 in line")
    mary.clicks("Leave the line")
    question = mary.page.get_by_role("dialog", name="Leave the line?")
    mary.presses("Escape")
    expect(question).to_have_count(0)
    expect(mary.line).to_be_visible()
    mary.clicks("Leave the line")
    question.get_by_role("button", name="Leave").click()
    expect(zoe.line).to_contain_text("You are next")


def test_whoever_looks_elsewhere_is_called_when_the_seat_comes(programs: Programs, people: People) -> None:
    server = programs.server(seats=5)
    seated = fill(programs, server)
    mary = chatter(people, server.front_desk_port)
    mary.allows_notifications()
    mary.waits_in("general", "Mary")
    expect(mary.page).to_have_title(re.compile("1st in line, general"))
    expect(mary.page.get_by_role("button", name="Notification is on")).to_be_visible()
    mary.looks_elsewhere()
    seated[0].types("/quit")
    expect(mary.page).to_have_title("★ Your seat is here: general")
    mary.is_recorded("notified", "Your seat is here")
    mary.is_recorded("tones", re.compile("."))
    mary.sees("Your seat is here.")
    mary.looks_back()
    expect(mary.page).to_have_title("general · Antechamber")


def test_the_sound_can_be_switched_off_and_nobody_is_notified_who_did_not_allow_it(
    programs: Programs, people: People
) -> None:
    house = House(programs, [Channel("general", 5)])
    seated = fill(programs, house.server)
    mary = chatter(people, house.front_desk_port).waits_in("general", "Mary")
    mary.clicks("Sound is on")
    mary.looks_elsewhere()
    seated[0].types("/quit")
    expect(mary.page).to_have_title("★ Your seat is here: general")
    mary.is_seated_in("general")
    mary.is_not_recorded("tones")
    mary.is_not_recorded("notified")
    expect(mary.page.get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "false")
    mary.page.reload()
    mary.is_seated_in("general")
    expect(mary.page.get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "false")


def test_a_line_that_is_full_says_so_at_its_channel(programs: Programs, people: People) -> None:
    house = House(programs, [Channel("general", 1), Channel("games", 1)], {"waiting_max": 1})
    comes(programs, house.server, "Ann")
    chatter(people, house.front_desk_port).waits_in("general", "Bob")
    mary = chatter(people, house.front_desk_port).enters("general", "Mary")
    mary.sees("The line for general is full.")
    mary.page.get_by_role("link", name="All channels").click()
    mary.clicks("Take a seat in games")
    mary.is_seated_in("games")


def test_a_link_to_no_channel_shows_the_ones_there_are(programs: Programs, people: People) -> None:
    mary = chatter(people, programs.server().front_desk_port)
    mary.opens("/#/nowhere")
    mary.sees("There is no channel called")
    expect(mary.page.get_by_role("heading", name="games")).to_be_visible()
