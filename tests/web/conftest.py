"""What the tests of the page share: one Chromium for all of them, and people at it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.processes.conftest import packages_are_set_up, programs
from tests.web.browsing import People, chromium

__all__ = ["packages_are_set_up", "programs"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give the browser that the tests of a file share; each person has a profile of their own in it.

    It ends with them: no other event loop runs in this thread meanwhile, and other tests need theirs.
    """
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture
def people(browser: Browser) -> Iterator[People]:
    """Give people whom no other test knows."""
    people = People(browser)
    yield people
    people.close()
