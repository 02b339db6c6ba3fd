"""The operator's page: the token, who is where, what an operator may do there, and the chart."""

import json
import math
import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.processes.network import network_to
from tests.processes.programs import Caller, Programs
from tests.processes.transcript import says
from tests.web.browsing import People
from tests.web.chatting import chatter
from tests.web.houses import TOKEN, House, comes, fill
from tests.web.operating import isolated, operator

MINUTES = 720
NOW = 1_800_000_000


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


def waits(house: House, name: str) -> Caller:
    caller = house.programs.caller(house.ports["general"], name)
    caller.types(name)
    caller.reads_up_to(says(f"Welcome to the general channel, {name}."))
    return caller


def test_a_wrong_token_is_told_beside_the_field_and_the_right_one_lets_in(house: House, people: People) -> None:
    op = operator(people, house.front_desk_port).enters("wrong-token-of-an-operator")
    field = op.page.get_by_label("Operator token")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert json.loads(house.server.tells("a wrong secret was tried"))["door"] == "page"
    field.fill("")
    field.press("Enter")
    op.sees("Enter the token.")
    field.fill(f"http://localhost/operator#{TOKEN}")
    field.press("Enter")
    op.sees("Live")
    assert TOKEN not in op.page.url
    op.page.reload()
    op.sees("Live")
    op.clicks("Sign out")
    expect(field).to_be_visible()


def test_every_channel_is_seen_live(house: House, people: People) -> None:
    op = operator(people, house.front_desk_port).operates()
    expect(op.channel("general")).to_contain_text("0 of 5 seats")
    seated = fill(house.programs, house.server)
    expect(op.channel("general")).to_contain_text("5 of 5 seats")
    expect(op.row("general", "Guest4")).to_contain_text("quiet for")
    zoe = waits(house, "Zoe")
    op.line_is("general", "Zoe")
    expect(op.channel("general")).to_contain_text("1 waiting")
    op.sees(re.compile("3 channels · 5 of 12 seats taken · 1 waiting"))
    seated[0].types("/quit")
    expect(op.row("general", "Guest0")).to_have_count(0)
    op.line_is("general")
    zoe.types("/switch games")
    expect(op.row("games", "Zoe")).to_be_visible()


def test_who_is_kicked_is_sent_out_and_told(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    op = operator(people, house.front_desk_port).operates()
    op.presses_button("general", "Kick Mary")
    op.is_told("Mary was kicked from general.")
    expect(mary.page.get_by_role("heading", name="You were kicked")).to_be_visible()
    # The row stays where it is for as long as it has the focus.
    expect(op.row("general", "Mary").get_by_role("button", name=re.compile("Kick"))).to_be_focused()
    op.page.get_by_role("searchbox", name="Filter").focus()
    expect(op.row("general", "Mary")).to_have_count(0)


def test_who_is_muted_can_neither_chat_nor_whisper(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    op = operator(people, house.front_desk_port).operates()
    op.presses_button("general", "Mute Mary")
    mute = op.dialog("Mute Mary")
    mute.get_by_role("spinbutton", name="How long").fill("0")
    mute.get_by_role("button", name="Mute", exact=True).click()
    expect(mute.get_by_role("alert")).to_contain_text("From 1 s to")
    mute.get_by_role("button", name="5 min", exact=True).click()
    op.is_told("Mary is muted for 5 min in general.")
    expect(op.row("general", "Mary")).to_contain_text(re.compile("muted [45]:"))
    mary.sees("You are muted. You may write again in")


def test_emptying_a_channel_is_asked_about_with_the_names(house: House, people: People) -> None:
    seated = fill(house.programs, house.server)
    zoe = chatter(people, house.front_desk_port).waits_in("general", "Zoe")
    op = operator(people, house.front_desk_port).operates()
    op.line_is("general", "Zoe")
    op.presses_button("general", "Empty… general")
    question = op.dialog("Empty general?")
    expect(question).to_contain_text(isolated("5 people lose their seats and are disconnected: Guest0, Guest1"))
    expect(question).to_contain_text(isolated("Then Zoe gets a seat from the line."))
    op.presses("Escape")
    expect(question).to_have_count(0)
    op.presses_button("general", "Empty… general")
    question.get_by_role("button", name="Empty the channel").click()
    op.is_told("general was emptied.")
    zoe.is_seated_in("general")
    for caller in seated:
        caller.reads_the_rest()


def test_somebody_gets_another_place_in_the_line(house: House, people: People) -> None:
    fill(house.programs, house.server)
    for name in ("Ann", "Bob"):
        waits(house, name)
    mary = chatter(people, house.front_desk_port).waits_in("general", "Mary")
    expect(mary.line).to_contain_text("You are 3rd in line")
    op = operator(people, house.front_desk_port).operates()
    op.line_is("general", "Ann", "Bob", "Mary")
    op.presses_button("general", "Up: Mary")
    op.line_is("general", "Ann", "Mary", "Bob")
    expect(mary.line).to_contain_text("You are 2nd in line")
    op.presses_button("general", "To the front: Mary")
    op.line_is("general", "Mary", "Ann", "Bob")
    expect(mary.line).to_contain_text("You are next")
    op.presses_button("general", "Down: Mary")
    op.line_is("general", "Ann", "Mary", "Bob")
    op.presses("Alt+ArrowDown")
    op.line_is("general", "Ann", "Bob", "Mary")
    expect(mary.line).to_contain_text("You are 3rd in line")


def test_an_announcement_is_read_in_one_channel_or_in_all_and_by_those_who_wait(house: House, people: People) -> None:
    fill(house.programs, house.server)
    mary = chatter(people, house.front_desk_port).waits_in("general", "Mary")
    bob = chatter(people, house.front_desk_port).takes_a_seat("games", "Bob")
    op = operator(people, house.front_desk_port).operates()
    op.presses_button("games", "Announce… in games")
    asked = op.dialog("Announce")
    asked.get_by_role("button", name="Announce").click()
    expect(asked.get_by_role("alert")).to_contain_text("Write what they should read.")
    asked.get_by_label("Message").fill("Time is up in games.")
    asked.get_by_role("button", name="Announce").click()
    expect(asked).to_have_count(0)
    op.clicks("Announce to all…")
    asked.get_by_label("Message").fill("We close at noon.")
    asked.get_by_role("button", name="Announce").click()
    op.is_told("Announced in all 3 channels.")
    expect(bob.reads("Time is up in games.")).to_contain_text("Announcement by the operator")
    bob.reads("We close at noon.")
    expect(mary.page.get_by_role("list", name="Announcements")).to_contain_text("We close at noon.")
    expect(mary.page.get_by_role("list", name="Announcements")).not_to_contain_text("Time is up")


def test_an_announcement_is_read_once_in_the_line_after_a_lost_line_and_after_a_reload(
    house: House, people: People
) -> None:
    fill(house.programs, house.server)
    with network_to(house.front_desk_port) as network:
        mary = chatter(people, network.port).waits_in("general", "Mary")
        mary.may_lose_the_server = True
        op = operator(people, house.front_desk_port).operates()
        op.clicks("Announce to all…")
        op.dialog("Announce").get_by_label("Message").fill("We close at noon.")
        op.dialog("Announce").get_by_role("button", name="Announce").click()
        told = mary.page.get_by_role("list", name="Announcements").get_by_role("listitem")
        expect(told).to_have_count(1)
        network.stop_carrying()
        network.cut()
        mary.sees("The connection is lost.")
        network.carry_again()
        mary.sees("You are back.")
        expect(told).to_have_count(1)
        mary.page.reload()
        expect(mary.line).to_contain_text("You are next")
        expect(told).to_have_count(1)
        expect(told).to_contain_text("We close at noon.")


def test_an_announcement_tells_its_length_near_the_limit_and_is_refused_past_it(house: House, people: People) -> None:
    bob = chatter(people, house.front_desk_port).takes_a_seat("games", "Bob")
    op = operator(people, house.front_desk_port).operates()
    op.presses_button("games", "Announce… in games")
    asked = op.dialog("Announce")
    message, problem = asked.get_by_label("Message"), asked.get_by_role("alert")
    message.fill("a" * 1_800)
    expect(asked.get_by_text("of 2,000 characters")).to_have_count(0)
    message.fill("a" * 2_001)
    expect(asked).to_contain_text("2,001 of 2,000 characters")
    expect(problem).to_have_text("Too long by 1 character.")
    asked.get_by_role("button", name="Announce").click()
    expect(message).to_be_focused()
    message.fill("a" * 2_000)
    expect(asked).to_contain_text("2,000 of 2,000 characters")
    expect(problem).to_have_count(0)
    asked.get_by_role("button", name="Announce").click()
    op.is_told("Announced in games.")
    bob.reads("a" * 100)


def test_the_page_comes_back_by_itself_after_a_kill(house: House, people: People) -> None:
    op = operator(people, house.front_desk_port).operates()
    op.may_lose_the_server = True
    house.dies()
    op.sees("Not connected")
    house.starts()
    op.sees("Live")
    comes(house.programs, house.server, "Mary")
    expect(op.row("general", "Mary")).to_be_visible()


def with_samples(route: WebSocketRoute) -> None:
    """Relay between page and server, but replace the samples by made-up ones: twelve hours, three of them missing."""
    server = route.connect_to_server()

    def asked(message: str | bytes) -> None:
        command = json.loads(message)
        if command["type"] != "samples":
            server.send(message)
            return
        samples = [
            [NOW - 60 * (MINUTES - minute), min(5, minute // 60), minute % 9, round(300 * math.sin(minute / 200) ** 2)]
            for minute in range(MINUTES)
            if not 300 <= minute < 480
        ]
        answer = {"type": "samples", "time": NOW, "channel": command["channel"], "id": command["id"]}
        route.send(json.dumps(answer | {"seats": 5, "seconds": 60, "samples": samples}))

    route.on_message(asked)


def test_the_chart_shows_the_last_hours_in_lines_words_and_a_table(house: House, people: People) -> None:
    op = operator(people, house.front_desk_port)
    op.page.clock.set_fixed_time(NOW)
    op.page.route_web_socket(re.compile("/ws$"), with_samples)
    op.operates()
    chart = op.channel("general").locator("operator-chart")
    expect(chart).to_contain_text("Last hour: 5 of 5 seats taken, now 5; up to 8 waiting, now")
    expect(chart.locator("path.series")).to_have_count(3)
    last, plot = chart.locator("g > text.tick").last.bounding_box(), chart.locator(".plot").bounding_box()
    assert last
    assert plot
    assert last["x"] + last["width"] <= plot["x"] + plot["width"]
    chart.get_by_role("radio", name="12 h").check()
    expect(chart).to_contain_text("Last 12 hours: 0 to 5 of 5 seats taken")
    expect(chart.locator("path.series")).to_have_count(6)  # in two pieces, with what was not measured between them
    expect(chart).to_contain_text("not measured")
    chart.get_by_text("As a table").click()
    expect(chart.get_by_role("table").get_by_role("row")).to_have_count(1 + 4 * 9)
    chart.get_by_role("slider", name="Choose a time").press("Home")
    expect(chart).to_contain_text(re.compile(r"\d\d:\d\d: 0 of 5 seated"))


def test_without_samples_the_chart_says_so(house: House, people: People) -> None:
    op = operator(people, house.front_desk_port).operates()
    expect(op.channel("general").get_by_text("No data yet")).to_be_visible()


def test_the_topic_and_the_modes_are_seen_and_set(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    op = operator(people, house.front_desk_port).operates()
    expect(op.channel("general")).to_contain_text("+nt")
    op.presses_button("general", "Settings… of general")
    asked = op.dialog("Topic and modes")
    expect(asked.get_by_label("Topic", exact=True)).to_have_value("Everything and nothing")
    expect(asked.get_by_role("checkbox", name="Only operators of the channel may set the topic")).to_be_checked()
    asked.get_by_label("Topic", exact=True).fill("Exams alone")
    asked.get_by_role("checkbox", name="Only members with a role may talk").check()
    op.is_accessible()
    asked.get_by_role("button", name="Set").click()
    op.is_told("The settings of general were changed.")
    expect(op.channel("general")).to_contain_text("+mnt")
    expect(op.channel("general")).to_contain_text("Exams alone")
    mary.reads("The operator let only members with a role talk")
    expect(mary.page.locator("chat-header > .topic")).to_have_text("Exams alone")
    op.presses_button("general", "Settings… of general")
    asked.get_by_role("checkbox", name="Entering needs a key").check()
    asked.get_by_label("Key", exact=True).fill("two words")
    asked.get_by_role("button", name="Set").click()
    expect(asked.get_by_role("alert")).to_contain_text("A key is one word")
    asked.get_by_label("Key", exact=True).fill("secret")
    asked.get_by_role("button", name="Set").click()
    expect(op.channel("general")).to_contain_text("+kmnt")
    mary.reads("The operator locked the channel with a key")
    op.presses_button("general", "Settings… of general")
    asked.get_by_role("checkbox", name="Entering needs a key").uncheck()
    asked.get_by_label("Topic", exact=True).fill("")
    asked.get_by_role("button", name="Set").click()
    expect(op.channel("general")).to_contain_text("+mnt")
    expect(op.channel("general")).to_contain_text("Everything and nothing")


def test_a_member_gets_a_role_and_loses_it(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    op = operator(people, house.front_desk_port).operates()
    for choice, badge in (("Operator of the channel", "@ operator"), ("A voice", "+ voice")):
        op.presses_button("general", "Role of Mary")
        op.dialog("The role of Mary").get_by_role("button", name=choice).click()
        expect(op.row("general", "Mary")).to_contain_text(badge)
    mary.reads("gave a voice to you")
    op.presses_button("general", "Role of Mary")
    asked = op.dialog("The role of Mary")
    expect(asked.get_by_role("button", name="A voice")).to_have_attribute("aria-pressed", "true")
    op.is_accessible()
    asked.get_by_role("button", name="No role").click()
    op.is_told("Mary in general now: no role.")
    expect(op.row("general", "Mary")).not_to_contain_text("voice")
