"""The whole way by keyboard alone: the focus shows wherever it is, and it is never lost."""

import re

from playwright.sync_api import expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import House, comes, fill
from tests.web.operating import operator

STEPS_MAX = 60


def tabs_to(person: Chatter, role: str, name: str | re.Pattern[str], back: bool = False) -> None:
    """Press Tab until this has the focus, which shows at every step."""
    wanted = person.page.locator("*:focus").and_(person.page.get_by_role(role, name=name))  # type: ignore[arg-type]
    for _ in range(STEPS_MAX):
        if wanted.count():
            return
        person.presses("Shift+Tab" if back else "Tab")
        if not person.page.evaluate("document.activeElement === document.body"):  # the browser's own, after the last
            person.has_focus_somewhere()
    raise AssertionError(f"Tab does not lead to the {role} {name!r}")


def test_from_the_lobby_to_a_seat_a_whisper_a_search_and_out_again(programs: Programs, people: People) -> None:
    server = programs.server()
    bob = comes(programs, server, "Bob")
    mary = chatter(people, server.front_desk_port)
    mary.opens()
    expect(mary.name_field).to_be_focused()
    mary.has_focus_somewhere()
    mary.page.keyboard.type("Mary")
    tabs_to(mary, "button", re.compile("in general$"))
    mary.presses("Enter")
    mary.is_seated_in("general")
    expect(mary.composer).to_be_focused()
    mary.has_focus_somewhere()
    mary.page.keyboard.type("Good morning!")
    mary.presses("Enter")
    mary.reads("Good morning!")
    mary.has_focus_somewhere()
    expect(mary.seated).to_contain_text("Bob")
    tabs_to(mary, "button", re.compile("Bob"))
    mary.presses("Enter", "Tab", "Enter")
    expect(mary.composer).to_be_focused()
    mary.page.keyboard.type("psst")
    mary.presses("Enter")
    bob.reads_up_to("[Mary whispers to you: (<t>)] psst")
    mary.reads("psst")
    tabs_to(mary, "button", "Search", back=True)
    mary.presses("Enter")
    expect(mary.page.get_by_role("searchbox")).to_be_focused()
    mary.page.keyboard.type("morning")
    mary.presses("Enter")
    mary.sees("1 message found.")
    tabs_to(mary, "button", re.compile("Good morning!"))
    mary.presses("Enter")
    expect(mary.message("Good morning!")).to_be_focused()
    mary.has_focus_somewhere()
    tabs_to(mary, "button", "Leave", back=True)
    mary.presses("Enter")
    mary.sees("Take a seat")
    mary.has_focus_somewhere()
    bob.reads_up_to("[Server message (<t>)] Mary has left the channel.")


def test_through_the_line_into_a_seat_and_to_another_channel(programs: Programs, people: People) -> None:
    server = programs.server()
    seated = fill(programs, server)
    mary = chatter(people, server.front_desk_port)
    mary.opens("/#/general")
    mary.page.keyboard.type("Mary")
    mary.presses("Enter")
    expect(mary.line).to_be_visible()
    expect(mary.page.get_by_role("heading", name="You are next")).to_be_focused()
    tabs_to(mary, "button", "Sound is on")
    mary.presses("Space")
    expect(mary.page.get_by_role("button", name="Sound is off")).to_be_focused()
    seated[0].types("/quit")
    mary.is_seated_in("general")
    expect(mary.composer).to_be_focused()
    tabs_to(mary, "button", "Switch channel", back=True)
    mary.presses("Enter")
    mary.has_focus_somewhere()
    mary.presses("Escape")
    expect(mary.page.get_by_role("button", name="Switch channel")).to_be_focused()
    mary.presses("Enter")
    tabs_to(mary, "button", re.compile("^games"))
    mary.presses("Enter")
    mary.is_seated_in("games")
    expect(mary.composer).to_be_focused()


def test_the_focus_is_where_one_goes_on_after_a_dialog_and_after_the_end(programs: Programs, people: People) -> None:
    server = programs.server()
    comes(programs, server, "Bob")
    mary = chatter(people, server.front_desk_port).takes_a_seat("general", "Mary")
    tabs_to(mary, "button", "Send a file", back=True)
    mary.presses("Enter")
    expect(mary.page.get_by_role("dialog", name="Send a file")).to_be_visible()
    mary.has_focus_somewhere()
    mary.presses("Escape")
    expect(mary.page.get_by_role("button", name="Send a file")).to_be_focused()
    server.types("/kick general:Mary")
    expect(mary.page.get_by_role("heading", name="You were kicked")).to_be_focused()
    tabs_to(mary, "button", "Take a seat again")
    mary.presses("Enter")
    mary.is_seated_in("general")
    expect(mary.composer).to_be_focused()


def test_an_operator_needs_no_mouse(programs: Programs, people: People) -> None:
    house = House(programs)
    mary = chatter(people, house.front_desk_port).takes_a_seat("general", "Mary")
    op = operator(people, house.front_desk_port).operates()
    expect(op.row("general", "Mary")).to_be_visible()
    op.channel("general").get_by_role("button", name=re.compile("^Mute")).focus()
    op.has_focus_somewhere()
    op.presses("Enter")
    expect(op.dialog("Mute Mary")).to_be_visible()
    op.has_focus_somewhere()
    op.presses("Escape")
    expect(op.channel("general").get_by_role("button", name=re.compile("^Mute"))).to_be_focused()
    op.presses("Tab", "Enter")
    op.is_told("Mary was kicked from general.")
    op.has_focus_somewhere()
    expect(mary.page.get_by_role("heading", name="You were kicked")).to_be_focused()


def test_the_first_stop_skips_to_the_content(programs: Programs, people: People) -> None:
    mary = chatter(people, programs.server().front_desk_port).takes_a_seat("general", "Mary")
    mary.page.evaluate("document.activeElement.blur()")
    mary.page.get_by_role("button", name="Skip to the content").focus()
    expect(mary.page.get_by_role("button", name="Skip to the content")).to_be_in_viewport()
    mary.presses("Enter")
    expect(mary.page.get_by_role("main")).to_be_focused()
