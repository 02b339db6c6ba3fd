"""What an operator does and sees on the page `/operator`."""

import re

from playwright.sync_api import Locator, expect

from tests.web.browsing import People, Person
from tests.web.houses import TOKEN


def isolated(text: str) -> re.Pattern[str]:
    """Match a text in which names may stand between the characters that keep their direction from what is around."""
    return re.compile("[\u2066-\u2069]*".join(map(re.escape, text)))


class Operator(Person):
    """Somebody at the operator's page."""

    def enters(self, token: str = TOKEN) -> "Operator":
        """Come by the operator's link."""
        self.opens(f"/operator#{token}")
        return self

    def operates(self) -> "Operator":
        """Come by the link, and be let in."""
        self.enters()
        self.sees("Live")
        return self

    def channel(self, name: str) -> Locator:
        """Return the part of the page about a channel."""
        heading = self.page.get_by_role("heading", level=2).filter(has_text=re.compile(f"^{name}$"))
        return self.page.locator("operator-channel").filter(has=heading)

    def row(self, channel: str, name: str) -> Locator:
        """Return the part of the page about a member of a channel."""
        return self.channel(channel).get_by_role("listitem").filter(has_text=name)

    def presses_button(self, channel: str, name: str) -> None:
        """Press one of a channel's buttons."""
        self.channel(channel).get_by_role("button", name=isolated(name)).click()

    def dialog(self, name: str) -> Locator:
        """Return the dialog over the page."""
        return self.page.get_by_role("dialog", name=isolated(name))

    def is_told(self, text: str) -> None:
        """See to it that the page tells what came of something."""
        self.sees(isolated(text))

    def line_is(self, channel: str, *names: str) -> None:
        """See to it that these wait, in this order."""
        shown = self.channel(channel).locator("ol").first.locator(".name")
        expect(shown).to_have_text(list(names))


def operator(people: People, front_desk_port: int, **options: object) -> Operator:
    """Give an operator at a browser of their own."""
    return people.person(front_desk_port, Operator, **options)
