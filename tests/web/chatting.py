"""What a person does and sees on the chat's page, in words of the chat."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.web.browsing import People, Person


class Chatter(Person):
    """Somebody on the chat's page."""

    name = ""

    def enters(self, channel: str, name: str) -> "Chatter":
        """Come by a channel's link, and give a name."""
        self.name = name
        self.opens(f"/#/{channel}")
        self.name_field.fill(name)
        self.name_field.press("Enter")
        return self

    def takes_a_seat(self, channel: str, name: str) -> "Chatter":
        """Enter a channel that has a free seat, and be in it."""
        self.enters(channel, name)
        self.is_seated_in(channel)
        return self

    def waits_in(self, channel: str, name: str) -> "Chatter":
        """Enter a channel that has none, and be in its line."""
        self.enters(channel, name)
        expect(self.line).to_be_visible()
        return self

    def is_seated_in(self, channel: str) -> None:
        """See to it that the page shows the channel's talk."""
        expect(self.page.get_by_role("log", name=f"Messages in {channel}")).to_be_visible()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(channel)

    @property
    def line(self) -> Locator:
        """Where the place in the line stands."""
        return self.page.get_by_role("region", name="Your place in the line")

    @property
    def log(self) -> Locator:
        """The channel's messages."""
        return self.page.get_by_role("log")

    @property
    def composer(self) -> Locator:
        """The field that a message is written in."""
        return self.page.get_by_role("textbox", name=re.compile("^(To everyone in|Whisper to) "))

    @property
    def seated(self) -> Locator:
        """The list of those who have a seat."""
        return self.page.get_by_role("list", name="Seated")

    @property
    def waiting(self) -> Locator:
        """The list of those who wait, as those see it who have a seat."""
        return self.page.get_by_role("list", name="Waiting in line")

    @property
    def name_field(self) -> Locator:
        """Where the name is written on the way in."""
        return self.page.get_by_label("Your name")

    def knows_of(self, words: str | re.Pattern[str]) -> None:
        """See to it that the page has heard so of the channel it is in, such as "1 in line"."""
        channels = self.page.get_by_role("group", name="Channels", include_hidden=True)
        here = channels.get_by_role("listitem", include_hidden=True).filter(has_text="You are here.")
        expect(here).to_contain_text(words)

    def leaves(self, costs: bool = False) -> None:
        """Leave the seat or the line; where that `costs` it, somebody else is known to wait, and it is asked about."""
        if costs:
            self.knows_of(re.compile(r"\b[1-9]\d* in line"))
        self.page.get_by_role("button", name=re.compile("^Leave")).first.click()
        if costs:
            self.page.get_by_role("dialog").get_by_role("button", name="Leave").click()

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """Return the last message, or other line of the talk, with a text."""
        return self.log.get_by_role("listitem").filter(has_text=text).last

    def says(self, text: str) -> None:
        """Write something and send it, and see it in the talk."""
        self.writes(text)
        self.reads(text.split("\n", maxsplit=1)[0])

    def writes(self, text: str) -> None:
        """Write something, or a command, and send it."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def pastes(self, text: str) -> None:
        """Paste a text into the message, as the keyboard does it."""
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.composer.press("ControlOrMeta+v")

    def reads(self, text: str | re.Pattern[str]) -> Locator:
        """See to it that a text is in the talk, and return its message."""
        found = self.message(text)
        expect(found).to_be_visible()
        return found

    def reads_once(self, *texts: str) -> None:
        """See to it that each text is in the talk, once, and in this order."""
        for text in texts:
            expect(self.log.get_by_text(text, exact=True)).to_have_count(1)
        in_order = re.compile(".*".join(map(re.escape, texts)), re.DOTALL)
        expect(self.log).to_contain_text(in_order)  # waited for as well: one's own message moves once it is kept

    def has_not_read(self, text: str) -> None:
        """See to it that a text is nowhere in the talk."""
        expect(self.log.get_by_text(text)).to_have_count(0)


def chatter(people: People, front_desk_port: int, **options: Any) -> Chatter:
    """Give somebody a browser of their own, for the chat's page."""
    return people.person(front_desk_port, Chatter, **options)
