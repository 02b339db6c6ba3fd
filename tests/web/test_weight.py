"""What the pages weigh, and that all of it comes from the server itself."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from bench.weight import PAGES, WEIGHT_BYTES_MAX, total, weigh
from tests.processes.programs import Programs
from tests.web.browsing import People, Person
from tests.web.chatting import chatter
from tests.web.houses import House
from tests.web.operating import operator


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


def asked_by(person: Person) -> list[str]:
    """Note from now on what the page asks for, from wherever."""
    asked: list[str] = []
    person.context.on("request", lambda request: asked.append(request.url))
    return asked


def all_come_from_the_server_and_are_weighed(person: Person, asked: list[str], house: House, page: str) -> None:
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(person.address).netloc}
    files = {urlsplit(url).path for url in asked if "/web/" in url}
    assert files
    assert files <= set(weigh(house.front_desk_port, page))


def test_each_page_weighs_no_more_than_it_may(house: House) -> None:
    for page in PAGES:
        assert total(weigh(house.front_desk_port, page)).packed <= WEIGHT_BYTES_MAX


def test_all_that_the_chat_loads_comes_from_the_server(house: House, people: People) -> None:
    mary = chatter(people, house.front_desk_port)
    asked = asked_by(mary)
    mary.takes_a_seat("general", "Mary")
    mary.says("Good morning!")
    all_come_from_the_server_and_are_weighed(mary, asked, house, "/")


def test_all_that_the_operators_page_loads_comes_from_the_server(house: House, people: People) -> None:
    op = operator(people, house.front_desk_port)
    asked = asked_by(op)
    op.operates()
    expect(op.channel("general")).to_be_visible()
    all_come_from_the_server_and_are_weighed(op, asked, house, "/operator")
