"""Make the pictures of the page: `python3 docs/make_pictures.py`, or with a folder, to make them there.

It runs the real server on its own clock, plays an office hour in Chromium and over plain sockets, and saves pictures of
what four people see to `docs/images/page-*.png`. It needs what the tests need (`./check` sets that up), and disturbs no
running server.
"""

import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from antechamber.bootstrap.launch import add_folders  # noqa: E402

add_folders(str(ROOT), "tests")

from playwright.sync_api import Page, WebSocketRoute, expect, sync_playwright  # noqa: E402

from tests.processes.clocks import Clock  # noqa: E402
from tests.processes.programs import Caller, Programs  # noqa: E402
from tests.processes.transcript import says  # noqa: E402
from tests.web.browsing import People, chromium  # noqa: E402
from tests.web.chatting import Chatter, chatter  # noqa: E402
from tests.web.houses import Channel, House  # noqa: E402
from tests.web.operating import operator  # noqa: E402

PICTURES = ROOT / "docs" / "images"
OFFICE = "office-hour"
CHANNELS = (
    Channel(OFFICE, 5, "Essays, exams, and whatever else keeps you awake"),
    Channel("reading-group", 8, "Middlemarch, chapters 1 to 12"),
    Channel("lab", 12, "Exercise sheet 5: bring your error messages"),
    Channel("coffee", 4, "No questions, no answers"),
)
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC).timestamp()
WINDOW: dict[str, Any] = {"viewport": {"width": 1_080, "height": 720}, "timezone_id": "UTC"}
PHONE: dict[str, Any] = WINDOW | {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 1.5}
OPERATING: dict[str, Any] = WINDOW | {"viewport": {"width": 1_080, "height": 900}}


def at(clock: str) -> float:
    """Return the moment of the office hour's day at a time such as "10:05", in seconds since the epoch."""
    hours, minutes = map(int, clock.split(":"))
    return NOON + (hours - 12) * 3_600 + minutes * 60


class OfficeClock(Clock):
    """The server's clocks: they jump from one event to the next."""

    _shows = ""

    def strikes(self, clock: str) -> None:
        """Set the clocks to this time, unless it is past: no clock goes back."""
        if clock != self._shows:
            self._shows = clock
            self.set(at(clock) - time.time())


class OfficeHour:
    """One morning of the office hour: who joins when, and says what."""

    def __init__(self, house: House, clock: OfficeClock, people: People) -> None:
        self._house = house
        self._clock = clock
        self._people = people
        self._callers: dict[str, Caller] = {}
        self._pages: dict[str, Chatter] = {}

    def page(self, name: str, window: dict[str, Any], **options: Any) -> Chatter:
        """Open a browser for somebody."""
        person = chatter(self._people, self._house.front_desk_port, **window, **options)
        person.page.clock.set_fixed_time(NOON)
        self._pages[name] = person
        return person

    def comes(self, clock: str, *names: str, channel: str = OFFICE) -> None:
        """Seat people, or put them in line if no seat is free."""
        self._clock.strikes(clock)
        for name in names:
            caller = self._house.programs.caller(self._house.ports[channel], name)
            caller.types(name)
            caller.reads_up_to(says(f"Welcome to the {channel} channel, {name}."))
            self._callers[name] = caller

    def goes(self, clock: str, name: str) -> None:
        """Make somebody leave."""
        self._clock.strikes(clock)
        caller = self._callers.pop(name)
        caller.types("/quit")
        while caller.next_line("the end") is not None:
            pass
        caller.close()

    def says(self, clock: str, name: str, text: str) -> None:
        """Send a message from somebody, and wait until every open page shows it."""
        self._clock.strikes(clock)
        if name in self._callers:
            self._callers[name].types(text)
        else:
            self._pages[name].writes(text)
        *_, said = text.split(" ", 2) if text.startswith("/whisper") else ["", text]
        for reader, page in self._pages.items():
            if page.log.count() and (not text.startswith("/whisper") or reader in (name, text.split()[1])):
                page.reads(said)


def happens(hour: OfficeHour) -> dict[str, Page]:
    """Play the morning, and return the pages to be shown."""
    mary = hour.page("Mary", WINDOW, color_scheme="light").takes_a_seat(OFFICE, "Mary")
    hour.comes("9:40", "Finn", "Hana", "Gus")
    hour.comes("9:41", "Ida", channel="reading-group")
    hour.comes("9:44", "Jo", "Kim", "Lou", channel="coffee")
    hour.comes("9:45", "Max", "Nia", "Oda", "Pia", "Quin", "Rui", "Sam", channel="lab")
    hour.goes("9:47", "Finn")
    hour.comes("9:48", "Ben")
    hour.goes("9:52", "Gus")
    hour.comes("9:52", "Cho")
    hour.goes("10:01", "Hana")
    zoe = hour.page("Zoe", WINDOW, color_scheme="dark").takes_a_seat(OFFICE, "Zoe")
    hour.says("10:02", "Mary", "Good morning, everyone! Four of you today. Who has the most urgent question?")
    hour.says("10:03", "Ben", "Me, if nobody minds. Does the essay need footnotes, or is a bibliography enough?")
    hour.says("10:04", "Mary", "Ben, footnotes please. The style guide has examples: https://example.org/style#notes")
    hour.says("10:04", "Cho", "And how many words?")
    hour.says("10:05", "Mary", "Two thousand, give or take a tenth.\nFootnotes do not count: hide no essay in them.")
    hour.says("10:06", "Ben", "Thanks, that helps a lot.")
    hour.says("10:08", "Cho", "/whisper Mary May I have two more days? I was ill last week.")
    hour.says("10:09", "Mary", "/whisper Cho Of course. Friday noon, and get well.")
    hour.comes("10:10", "Ivo", "Lea")
    hour.says("10:11", "Zoe", "Mary, may I show you my outline? I can send it as a file.")
    hour.comes("10:12", "Uma")
    yan = hour.page("Yan", WINDOW, color_scheme="light").waits_in(OFFICE, "Yan")
    hour.comes("10:13", "Tom", "Una")
    hour.says("10:14", "Mary", "Please do, Zoe. I am reading along.")
    hour.goes("10:15", "Ben")
    phone = hour.page("Kay", PHONE, color_scheme="light")
    phone.opens()
    phone.name_field.fill("Kay")
    zoe.composer.fill("/whisper Mary One more thing: ")
    expect(yan.line).to_contain_text("You are 2nd in line")
    expect(mary.seated).to_contain_text("Lea")
    for page in (mary, phone):
        page.page.evaluate("document.activeElement.blur()")
    expect(phone.page.get_by_role("listitem").filter(has_text="coffee").first).to_contain_text("3 of 4")
    return {"light": mary.page, "dark": zoe.page, "line": yan.page, "phone": phone.page}


def samples(seats: int, busy: float, chance: random.Random) -> list[list[float]]:
    """Return twelve hours of a channel's samples, one a minute: an empty night, and a morning that fills up."""
    found: list[list[float]] = []
    whim = wait = 0.0
    for minute in range(720):
        tide = math.sin(max(0, minute - 530) / 190 * math.pi / 2) * busy * seats
        whim = 0.93 * whim + chance.gauss(0, 0.35)
        wanted = max(0, round(tide + whim)) if tide else 0
        waiting = max(0, wanted - seats)
        wait = 0.85 * wait + 0.15 * waiting * 170 if waiting else 0.0
        found.append([at("10:15") - 60 * (719 - minute), min(seats, wanted), waiting, round(wait)])
    return found


def with_samples(seed: int) -> Callable[[WebSocketRoute], None]:
    """Return a route that connects a page to the server, but makes up the hours of samples."""

    def routed(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def asked(message: str | bytes) -> None:
            command = json.loads(message)
            if command["type"] != "samples":
                server.send(message)
                return
            seats = next(channel.seats for channel in CHANNELS if channel.name == command["channel"])
            busy = 1.7 if command["channel"] == OFFICE else 0.6
            made = samples(seats, busy, random.Random(f"{seed} {command['channel']}"))
            answer = {"type": "samples", "time": NOON, "channel": command["channel"], "id": command["id"]}
            route.send(json.dumps(answer | {"seats": seats, "seconds": 60, "samples": made}))

        route.on_message(asked)

    return routed


def operates(people: People, house: House) -> Page:
    """Open the operator's page."""
    op = operator(people, house.front_desk_port, **OPERATING, color_scheme="light")
    op.page.clock.set_fixed_time(NOON)
    op.page.route_web_socket("**/ws", with_samples(seed=5))
    op.operates()
    expect(op.row(OFFICE, "Mary")).to_be_visible()
    op.channel(OFFICE).get_by_role("radio", name="3 h").check()
    expect(op.channel(OFFICE)).to_contain_text("Last 3 hours:")
    op.page.evaluate("document.activeElement.blur()")
    op.page.evaluate("scrollTo(0, 0)")
    return op.page


def main() -> None:
    """Make the pictures."""
    pictures = Path(sys.argv[1]) if sys.argv[1:] else PICTURES
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright, chromium(playwright) as browser:
        folder = Path(name)
        clock = OfficeClock(folder)
        clock.strikes("9:30")
        with closing(Programs(folder)) as programs, closing(People(browser)) as people:
            house = House(programs, CHANNELS, clock=clock)
            shown = happens(OfficeHour(house, clock, people)) | {"operator": operates(people, house)}
            for which, page in shown.items():
                path = pictures / f"page-{which}.png"
                page.screenshot(path=path, animations="disabled", caret="hide")
                print(path)


if __name__ == "__main__":
    main()
