"""People at browsers: a real Chromium, one profile a person, and what each of them sees and does on the page.

A wait is always for something to be seen. What a page prints on its console as an error or a warning, and what it
throws, fails the test of the person who was looking at it.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any, Self, TypeVar

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, expect

WAIT_SECONDS_MAX = 60
"""A net under waits for what never comes."""
_CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""What it may be called; the first, which has no windows at all, needs half as much of the processor."""
_OFFLINE_ONLY = ("WebSocket connection to", "Failed to load resource")
"""How Chromium itself tells of a server that is not there; only tests that take it away may read that."""
_SERIOUS = ("serious", "critical")
_NO_FAULTS = (("scrollable-region-focusable", ["#suggestions"]),)
"""Findings of axe that are none: arrow keys lead through the whole of that list from the field that has the focus."""
_RECORDING = """
    const record = (what, value) => (document.documentElement.dataset[what] = value);
    let tones = 0;
    const start = AudioScheduledSourceNode.prototype.start;
    AudioScheduledSourceNode.prototype.start = function (...when) {
        record('tones', (tones += 1));
        return start.apply(this, when);
    };
    window.Notification = new Proxy(Notification, {
        construct(_, [head]) {
            record('notified', head);
            return new EventTarget();
        },
    });
    window.alert = (text) => record('executed', text);
"""
"""Writes down what nobody sees in a window that is not there: tones and notifications."""
_LOOK = """(state) => {
    Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
    Object.defineProperty(document, 'hidden', { get: () => state === 'hidden', configurable: true });
    document.hasFocus = () => state !== 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
}"""
_FOCUS = """() => {
    const focused = document.activeElement;
    let shown = /^h\\d$/.test(focused.localName);
    for (let one = focused, up = 0; one && up < 4; one = one.parentElement, up += 1) {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        shown ||= (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1.5) || boxShadow.includes('0px 0px 0px');
    }
    const name = focused.ariaLabel ?? focused.textContent.slice(0, 40);
    const what = focused === document.body ? 'BODY' : `${focused.localName} ${name}`;
    return { what, shown };
}"""


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Run the system's Chromium with no window."""
    executable = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    assert executable, "no Chromium was found: ./check installs it"
    expect.set_options(timeout=WAIT_SECONDS_MAX * 1_000)
    browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
    try:
        yield browser
    finally:
        browser.close()


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.context = context
        context.add_init_script(_RECORDING)
        self.may_lose_the_server = False
        """Whether the test takes the server away, of which Chromium itself tells on the console."""
        self.complaints: list[str] = []
        self.page: Page
        self._looks_at(context.new_page())

    def _looks_at(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(WAIT_SECONDS_MAX * 1_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"threw {error}"))

    def opens_a_copy_of_the_tab(self) -> Self:
        """Duplicate the tab, with what it remembers; return who looks at the copy."""
        with self.context.expect_page() as opening:
            self.page.evaluate("window.open(location.href)")
        copied = copy(self)
        copied._looks_at(opening.value)
        return copied

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if not (self.may_lose_the_server and message.text.startswith(_OFFLINE_ONLY)):
            self.complaints.append(f"{message.type}: {message.text}")

    def opens(self, path: str = "/") -> None:
        """Go to a page of the front desk."""
        self.page.goto(self.address + path)

    def _found(self, text: str | re.Pattern[str]) -> Locator:
        # Not what is only read out.
        return self.page.locator("body > :not(.visually-hidden)").get_by_text(text).locator("visible=true")

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        """See to it that a text is somewhere on the page, and return where."""
        found = self._found(text).first
        expect(found).to_be_visible()
        return found

    def does_not_see(self, text: str | re.Pattern[str]) -> None:
        """See to it that a text is nowhere to be seen."""
        expect(self._found(text)).to_have_count(0)

    def hears(self, text: str | re.Pattern[str]) -> None:
        """Check that a screen reader has just read out a text."""
        told = self.page.get_by_role("status").or_(self.page.get_by_role("alert"))
        expect(told.filter(has_text=text).first).to_be_attached()

    def allows_notifications(self) -> None:
        """Have allowed the page to notify, before it is opened; a browser that has no windows allows nobody."""
        self.context.add_init_script("Object.defineProperty(Notification, 'permission', { value: 'granted' });")

    def looks_elsewhere(self) -> None:
        """Have another tab before this one, as far as the page can tell."""
        self.page.evaluate(_LOOK, "hidden")

    def looks_back(self) -> None:
        """Have this tab before the others again."""
        self.page.evaluate(_LOOK, "visible")

    def is_recorded(self, what: str, value: str | re.Pattern[str]) -> None:
        """See to it that this was recorded: `tones` (how many), `notified` (the heading)."""
        expect(self.page.locator("html")).to_have_attribute(f"data-{what}", value)

    def is_not_recorded(self, what: str) -> None:
        """See to it that none was: no `tones`, nothing `notified`, and nothing `executed` that stands in a text."""
        expect(self.page.locator("html")).not_to_have_attribute(f"data-{what}", re.compile(""))

    def has_focus_somewhere(self) -> None:
        """See to it that something has the focus, and shows it where it can be used; a heading is only read from."""
        focus = self.page.evaluate(_FOCUS)
        assert focus["what"] != "BODY", "nothing has the focus"
        assert focus["shown"], f"the focus does not show on {focus['what']}"

    def presses(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def clicks(self, name: str, role: Any = "button") -> None:
        """Click what has this name."""
        self.page.get_by_role(role, name=name).first.click()

    def accessibility_faults(self) -> list[str]:
        """Return what axe finds serious on the page as it is."""
        results = Axe().run(self.page, options={"resultTypes": ["violations"]}).response
        return [
            f"{each['id']}: {each['help']} at {json.dumps([node['target'] for node in each['nodes']][:5])}"
            for each in results["violations"]
            if each["impact"] in _SERIOUS
            and not all((each["id"], node["target"]) in _NO_FAULTS for node in each["nodes"])
        ]

    def is_accessible(self) -> None:
        """See to it that axe finds nothing serious."""
        faults = self.accessibility_faults()
        assert not faults, "\n".join(faults)

    def does_not_scroll_sideways(self) -> None:
        """See to it that everything fits into the width of the window."""
        width = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert width[0] <= width[1], f"the page is {width[0]} px wide in a window of {width[1]} px"

    def close(self) -> None:
        """Close the browser's window, and tell what its console had to complain of."""
        for page in self.context.pages:
            page.remove_listener("console", self._console)
        self.context.close()
        if self.complaints:
            pytest.fail("the page complained:\n" + "\n".join(self.complaints))


P = TypeVar("P", bound=Person)


class People:
    """Everybody who is at a browser in one test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._all: list[Person] = []

    def person(self, front_desk_port: int, kind: type[P], **options: Any) -> P:
        """Give somebody a browser of their own. `options` are those of a browser context: the window, light or dark."""
        options = {"viewport": {"width": 1_100, "height": 760}, "locale": "en-GB", "reduced_motion": "reduce"} | options
        person = kind(self._browser.new_context(**options), f"http://localhost:{front_desk_port}")
        self._all.append(person)
        return person

    def close(self) -> None:
        """Close every browser; the first complaint fails the test, when all are closed."""
        closing: Sequence[Callable[[], None]] = [person.close for person in self._all]
        failed: list[BaseException] = []
        for close in closing:
            try:
                close()
            except pytest.fail.Exception as error:
                failed.append(error)
        if failed:
            raise failed[0]
