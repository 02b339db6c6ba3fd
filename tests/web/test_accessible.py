"""axe finds nothing serious on any view, in light and dark, wide and narrow."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.processes.clocks import Clock
from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import chatter
from tests.web.houses import Channel, House, comes, fill
from tests.web.operating import operator
from tests.web.speaking import office, speaker
from tests.web.test_operator import NOW, with_samples

NARROW = {"viewport": {"width": 320, "height": 640}}
LOOKS = pytest.mark.parametrize(
    "look",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"color_scheme": "light", **NARROW}],
    ids=["light", "dark", "narrow"],
)
Look = dict[str, object]


@LOOKS
def test_the_way_in_and_the_line(programs: Programs, people: People, look: Look) -> None:
    house = House(programs)
    seated = fill(programs, house.server)
    mary = chatter(people, house.front_desk_port, **look)
    mary.opens()
    expect(mary.page.get_by_role("button", name="Join the line in general")).to_be_visible()
    mary.is_accessible()
    mary.enters("general", "Server message")
    expect(mary.name_field).to_have_attribute("aria-invalid", "true")
    mary.is_accessible()
    mary.waits_in("general", "Mary")
    mary.is_accessible()
    zoe = programs.caller(house.ports["general"], "Zoe")
    zoe.types("Zoe")
    mary.knows_of("2 in line")
    mary.page.get_by_role("main").get_by_role("button", name="Leave the line").click()
    expect(mary.page.get_by_role("dialog")).to_be_visible()
    mary.is_accessible()
    mary.presses("Escape")
    seated[0].types("/quit")
    mary.is_seated_in("general")
    mary.sees("Your seat is here.")
    mary.is_accessible()


@LOOKS
def test_the_room_with_all_that_may_be_in_it(programs: Programs, people: People, look: Look) -> None:
    house = House(programs, [Channel("general", 5, "Everything and nothing"), Channel("games")])
    mary = chatter(people, house.front_desk_port, **look).takes_a_seat("general", "Mary")
    mary.is_accessible()
    bob = comes(programs, house.server, "Bob")
    bob.types("Good morning, Mary! See https://example.org/", "/whisper Mary psst", "W" * 3_000)
    mary.reads("psst")
    mary.writes("/whisper Nobody are you there?")
    mary.reads("Nobody is not here.")
    mary.writes("/list")
    mary.writes("/help")
    tom = chatter(people, house.front_desk_port).takes_a_seat("general", "Tom")
    expect(tom.seated).to_contain_text("Mary")
    tom.page.get_by_role("button", name="Send a file").click()
    tom.page.get_by_label("To", exact=True).select_option("Mary")
    tom.page.locator("input[type=file]").set_input_files(
        {"name": "cat.png", "mimeType": "image/png", "buffer": b"none"}
    )
    tom.page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    expect(mary.page.get_by_role("list", name="Files")).to_contain_text("cat.png")
    mary.composer.fill("/whisper Bob ")
    mary.sees("only Bob")
    mary.is_accessible()
    mary.composer.fill("")
    mary.composer.press_sequentially("/")
    expect(mary.page.get_by_role("listbox")).to_be_visible()
    mary.is_accessible()
    mary.presses("Escape")
    mary.composer.fill("")
    mary.writes("/search morning")
    mary.sees("1 message found.")
    mary.is_accessible()
    mary.page.get_by_role("list", name="Found").get_by_role("button").click()
    mary.page.get_by_role("button", name=re.compile("seated")).click()
    mary.seated.get_by_role("button", name="Bob").click()
    mary.is_accessible()


def test_the_warning_of_the_idle_and_the_loss_of_the_seat(programs: Programs, people: People, tmp_path: Path) -> None:
    house = House(programs, limits={"idle_seconds_max": 50}, clock=Clock(tmp_path))
    looks: list[Look] = [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"color_scheme": "light", **NARROW}]
    members = [
        chatter(people, house.front_desk_port, **look).takes_a_seat("general", f"Mary{number}")
        for number, look in enumerate(looks)
    ]
    house.lets_pass(30)
    for mary in members:
        expect(mary.page.get_by_role("button", name="I'm still here")).to_be_visible()
        mary.is_accessible()
    house.lets_pass(20)
    for mary in members:
        mary.sees("You lost your seat")
        mary.is_accessible()


@LOOKS
def test_roles_reactions_and_what_an_operator_of_the_channel_may_do(
    programs: Programs, people: People, look: Look
) -> None:
    house = House(programs)
    mary = chatter(people, house.front_desk_port, **look).takes_a_seat("general", "Mary")
    bob = speaker(house, "Bob")
    mary.reads("Bob took a seat")
    office(house).sets("+o Mary", "+v Bob", "+m")
    mary.reads("let only members with a role talk")
    mary.says("Good morning!")
    expect(mary.message("Good morning!")).to_have_attribute("data-sequence", re.compile(r"\d"))
    answered = {"+draft/reply": f"general-{mary.message('Good morning!').get_attribute('data-sequence')}"}
    bob.asks("tag", tags=answered | {"+draft/react": "👍"})
    bob.asks("say", text="waves back", form="action", tags=answered)
    bob.asks("say", text="The lab closes at six.", form="notice")
    bob.asks("set-topic", topic="Not Bob's to set")
    mary.reads("The lab closes at six.")
    expect(mary.page.get_by_role("list", name="Reactions")).to_be_visible()
    mary.is_accessible()
    mary.does_not_scroll_sideways()
    people_button = mary.page.get_by_role("button", name=re.compile("seated"))
    if look.get("viewport"):
        people_button.click()
    mary.seated.get_by_role("button", name="Bob").click()
    mary.is_accessible()
    mary.seated.get_by_role("button", name="Mute…").click()
    mary.is_accessible()
    mary.does_not_scroll_sideways()
    mary.seated.get_by_role("button", name="Bob").click()
    mary.seated.get_by_role("button", name="Bob").click()
    mary.seated.get_by_role("button", name="Kick…").click()
    expect(mary.page.get_by_role("dialog", name="Kick Bob?")).to_be_visible()
    mary.is_accessible()


@LOOKS
def test_a_dialog_a_mute_a_lost_line_and_the_end(programs: Programs, people: People, look: Look) -> None:
    house = House(programs)
    mary = chatter(people, house.front_desk_port, **look).takes_a_seat("general", "Mary")
    mary.may_lose_the_server = True
    mary.page.get_by_role("button", name="Send a file").click()
    expect(mary.page.get_by_role("dialog")).to_be_visible()
    mary.is_accessible()
    mary.presses("Escape")
    mary.clicks("Switch channel")
    mary.is_accessible()
    mary.presses("Escape")
    house.server.types("/mute general:Mary 600")
    mary.sees("You are muted.")
    mary.is_accessible()
    house.dies()
    mary.sees("The connection is lost.")
    mary.is_accessible()
    house.starts()
    mary.sees("You are back.")
    mary.is_accessible()
    house.server.types("/kick general:Mary")
    mary.sees("You were kicked")
    mary.is_accessible()


@LOOKS
def test_the_operators_page_and_its_dialogs(programs: Programs, people: People, look: Look) -> None:
    house = House(programs)
    fill(programs, house.server)
    for name in ("Ann", "Zoe"):
        programs.caller(house.ports["general"], name).types(name)
    op = operator(people, house.front_desk_port, **look).enters("wrong-token-of-an-operator")
    expect(op.page.get_by_label("Operator token")).to_have_attribute("aria-invalid", "true")
    house.server.tells("a wrong secret was tried")
    op.is_accessible()
    op.page.clock.set_fixed_time(NOW)
    op.page.route_web_socket(re.compile("/ws$"), with_samples)
    op.operates()
    expect(op.row("general", "Zoe")).to_be_visible()
    op.channel("general").get_by_role("heading", name="The last hours").scroll_into_view_if_needed()
    expect(op.channel("general")).to_contain_text("Last hour: ")
    op.is_accessible()
    op.presses_button("general", "Mute Guest0")
    expect(op.dialog("Mute Guest0")).to_be_visible()
    op.is_accessible()
    op.dialog("Mute Guest0").get_by_role("button", name="1 min", exact=True).click()
    op.is_told("Guest0 is muted for 1 min in general.")
    op.is_accessible()
    op.presses_button("general", "Empty… general")
    op.is_accessible()
    op.presses("Escape")
    op.presses_button("general", "Role of Guest0")
    op.is_accessible()
    op.presses("Escape")
    op.presses_button("general", "Settings… of general")
    op.is_accessible()
    op.presses("Escape")
    op.clicks("Announce to all…")
    op.page.get_by_role("dialog", name="Announce").get_by_label("Message").fill("We close at noon.")
    op.is_accessible()
