"""Files on the page: to another page, and to and from a terminal; what is offered, accepted, declined, or too large."""

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.processes.programs import Programs, programs_in
from tests.processes.transcript import says
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import Channel, House

FILE_BYTES_MAX = 200_000
CONTENT = bytes(range(256)) * 400
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGP8z4APMOGVHbHSIAAtCgEPkZ6vFQAAAABJRU5ErkJggg=="
)
_DROPPED = """([name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], name));
    return data;
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give the server that these tests share; each has a channel of its own in it."""
    with programs_in(tmp_path_factory.mktemp("files")) as programs:
        channels = [Channel(f"room{number}") for number in range(1, 21)]
        yield House(programs, channels, {"file_bytes_max": FILE_BYTES_MAX})


@pytest.fixture(scope="module")
def channels(house: House) -> Iterator[str]:
    """Give channels in which nobody has been."""
    return iter(house.ports)


Pair = tuple[Chatter, Chatter]


@pytest.fixture
def pair(house: House, channels: Iterator[str], people: People) -> Pair:
    """Give Mary and Bob, in a channel of their own."""
    channel = next(channels)
    mary, bob = (chatter(people, house.front_desk_port).takes_a_seat(channel, name) for name in ("Mary", "Bob"))
    expect(mary.seated).to_contain_text("Bob")
    return mary, bob


def chooses(person: Chatter, name: str, content: bytes) -> Locator:
    """Choose a file for the only other person, and return the dialog."""
    person.clicks("Send a file")
    dialog = person.page.get_by_role("dialog", name="Send a file")
    with person.page.expect_file_chooser() as choosing:
        dialog.get_by_role("button", name="Choose a file").click()
    choosing.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
    return dialog


def sends(person: Chatter, name: str, content: bytes) -> None:
    """Send the only other person a file."""
    chooses(person, name, content).get_by_role("button", name="Send", exact=True).click()


def card(person: Chatter, name: str) -> Locator:
    """Return the card of a file in transfer."""
    return person.page.get_by_role("list", name="Files").get_by_role("listitem").filter(has_text=name)


def accepts(person: Chatter, name: str) -> bytes:
    """Accept a file, and return what was saved under its name."""
    with person.page.expect_download() as downloading:
        card(person, name).get_by_role("button", name="Accept").click()
    assert downloading.value.suggested_filename == name
    return Path(downloading.value.path()).read_bytes()


def test_a_file_is_offered_accepted_and_the_same(pair: Pair) -> None:
    mary, bob = pair
    sends(mary, "notes.bin", CONTENT)
    expect(card(bob, "notes.bin")).to_contain_text("Mary sends you a file")
    expect(card(bob, "notes.bin")).to_contain_text("100 kB")
    expect(card(mary, "notes.bin")).to_contain_text("Waiting for Bob to accept it")
    assert accepts(bob, "notes.bin") == CONTENT
    expect(card(bob, "notes.bin")).to_contain_text("It is in your downloads.")
    expect(card(mary, "notes.bin")).to_contain_text("Bob has it now")
    mary.clicks("Take notes.bin off this list")
    expect(card(mary, "notes.bin")).to_have_count(0)
    expect(mary.composer).to_be_focused()


def test_a_file_that_is_declined_is_told_to_its_sender(pair: Pair) -> None:
    mary, bob = pair
    sends(mary, "notes.bin", CONTENT)
    card(bob, "notes.bin").get_by_role("button", name="Decline").click()
    expect(card(bob, "notes.bin")).to_have_count(0)
    expect(card(mary, "notes.bin")).to_contain_text("Bob declined it.")
    card(mary, "notes.bin").get_by_role("button", name="Try again").click()
    assert accepts(bob, "notes.bin") == CONTENT
    expect(card(mary, "notes.bin")).to_contain_text("Bob has it now")


def test_a_file_at_the_limit_goes_and_one_past_it_is_not_taken(pair: Pair) -> None:
    mary, bob = pair
    dialog = chooses(mary, "large.bin", bytes(FILE_BYTES_MAX + 1))
    expect(dialog.get_by_role("alert")).to_contain_text("large.bin has 195 kB; a file has at most 195 kB.")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose a file first.")
    dialog.get_by_role("button", name="Cancel").click()
    sends(mary, "largest.bin", bytes(FILE_BYTES_MAX))
    assert accepts(bob, "largest.bin") == bytes(FILE_BYTES_MAX)


def test_an_empty_file_goes_as_well(pair: Pair) -> None:
    mary, bob = pair
    sends(mary, "empty", b"")
    assert accepts(bob, "empty") == b""


def test_the_progress_of_a_file_is_seen_and_it_can_be_stopped(pair: Pair) -> None:
    mary, bob = pair
    line = mary.context.new_cdp_session(mary.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", slow)
    sends(mary, "notes.bin", bytes(FILE_BYTES_MAX))  # at this speed longer under way than any wait
    progress = card(mary, "notes.bin").get_by_role("progressbar", name="Progress of notes.bin")
    expect(progress).to_be_visible()
    expect(progress).to_have_attribute("value", re.compile(r"^0\.\d+"))
    card(mary, "notes.bin").get_by_role("button", name="Cancel").click()
    expect(card(mary, "notes.bin")).to_have_count(0)
    line.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    mary.says("I have stopped it.")
    bob.reads("I have stopped it.")
    expect(card(bob, "notes.bin")).to_have_count(0)


def test_who_leaves_takes_the_offer_along(pair: Pair) -> None:
    mary, bob = pair
    sends(mary, "notes.bin", CONTENT)
    expect(card(bob, "notes.bin")).to_be_visible()
    bob.leaves()
    expect(card(mary, "notes.bin")).to_contain_text("Not sent to Bob")


def test_offers_are_over_when_the_server_was_started_again_and_the_sender_can_try_again(
    programs: Programs, people: People
) -> None:
    house = House(programs)
    mary, bob = (chatter(people, house.front_desk_port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    expect(mary.seated).to_contain_text("Bob")
    sends(mary, "notes.bin", CONTENT)
    expect(card(bob, "notes.bin")).to_be_visible()
    expect(card(mary, "notes.bin")).to_contain_text("Waiting for Bob to accept it")
    mary.may_lose_the_server = bob.may_lose_the_server = True
    house.dies()
    house.starts()
    for person in (mary, bob):
        expect(card(person, "notes.bin")).to_contain_text("The server was restarted.")
    expect(card(bob, "notes.bin").get_by_role("button", name="Accept")).to_have_count(0)
    bob.clicks("Take notes.bin off this list")
    card(mary, "notes.bin").get_by_role("button", name="Try again").click()
    assert accepts(bob, "notes.bin") == CONTENT
    expect(card(mary, "notes.bin")).to_contain_text("Bob has it now")


def test_a_picture_is_seen_before_it_goes_and_once_it_came(pair: Pair) -> None:
    mary, bob = pair
    dialog = chooses(mary, "cat.png", PICTURE)
    expect(dialog.locator("img")).to_have_js_property("naturalWidth", 8)
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(card(mary, "cat.png").get_by_role("img", name="Preview of cat.png")).to_be_visible()
    accepts(bob, "cat.png")
    came = card(bob, "cat.png").get_by_role("img", name="Preview of cat.png")
    expect(came).to_have_js_property("naturalWidth", 8)


def pasted(person: Chatter, name: str, content: bytes) -> None:
    """Paste a file into the message."""
    data = person.page.evaluate_handle(_DROPPED, [name, list(content)])
    person.composer.evaluate(
        "(field, clipboardData) => field.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))",
        data,
    )


def dropped(person: Chatter, name: str, content: bytes) -> None:
    """Drag a file over the page, and drop it on the talk."""
    data = {"dataTransfer": person.page.evaluate_handle(_DROPPED, [name, list(content)])}
    person.log.dispatch_event("dragenter", data)
    person.sees("Drop it here")
    person.log.dispatch_event("drop", data)
    person.does_not_see("Drop it here")


@pytest.mark.parametrize("brings", [pasted, dropped])
def test_a_file_may_be_pasted_or_dropped(pair: Pair, brings: Callable[[Chatter, str, bytes], None]) -> None:
    mary, bob = pair
    brings(mary, "cat.png", PICTURE)
    mary.page.get_by_role("dialog", name="Send a file").get_by_role("button", name="Send", exact=True).click()
    assert accepts(bob, "cat.png") == PICTURE


def test_files_go_to_a_terminal_and_come_from_one(
    programs: Programs, house: House, channels: Iterator[str], people: People
) -> None:
    channel = next(channels)
    inbox = programs.folder / "inbox"
    inbox.mkdir()
    (programs.folder / "from_Tom.txt").write_bytes(CONTENT)
    tom = programs.client(
        house.ports[channel], "Tom", "--files", str(inbox), "--front-desk", str(house.front_desk_port)
    )
    tom.reads_up_to(says("Tom has joined the channel."))
    mary = chatter(people, house.front_desk_port).takes_a_seat(channel, "Mary")
    tom.reads(says("Mary has joined the channel."))
    expect(mary.seated).to_contain_text("Tom")
    sends(mary, "to Tom.txt", CONTENT)
    expect(card(mary, "to Tom.txt")).to_contain_text("Tom has it now")
    assert (inbox / "to Tom.txt").read_bytes() == CONTENT
    tom.types("/send Mary from_Tom.txt")
    assert accepts(mary, "from_Tom.txt") == CONTENT
    tom.reads(says("You sent from_Tom.txt to Mary."))
