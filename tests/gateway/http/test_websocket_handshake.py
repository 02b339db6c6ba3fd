"""The opening handshake of WebSockets: accepted requests, and the answers to the others."""

import gc
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest

from antechamber.gateway.http import http11 as http
from tests.gateway.front_desks import Place, front_desk
from tests.gateway.websocket_clients import UPGRADE, by_hand, text


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with front_desk() as place:
        yield place


async def head(place: Place, headers: dict[str, str], path: str = "/ws") -> tuple[int, dict[str, str]]:
    caller = await place.call()
    await caller.ask("GET", path, {**UPGRADE, **headers})
    return await caller.head()


async def test_a_request_that_asks_for_no_websocket_is_told_what_is_here(place: Place) -> None:
    answer = await place.ask("GET", "/ws")
    assert (answer.status, answer.error) == (426, "This path accepts only WebSocket connections.")
    assert (answer.headers["upgrade"], answer.headers["sec-websocket-version"]) == ("websocket", "13")


async def test_the_answer_is_that_of_the_protocol(place: Place) -> None:
    status, headers = await head(place, {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    assert (status, headers["sec-websocket-accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    assert "sec-websocket-protocol" not in headers
    assert "sec-websocket-extensions" not in headers


@pytest.mark.parametrize("offered", ["antechamber.jsonl", "chat, antechamber.jsonl"])
async def test_the_subprotocol_is_chosen_where_it_is_offered(place: Place, offered: str) -> None:
    status, headers = await head(place, {"Sec-WebSocket-Protocol": offered})
    assert (status, headers["sec-websocket-protocol"]) == (101, "antechamber.jsonl")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Sec-WebSocket-Protocol": "chat"}, "the subprotocol is antechamber.jsonl"),
        ({"Sec-WebSocket-Version": "8"}, "Sec-WebSocket-Version"),
        ({"Sec-WebSocket-Key": "short"}, "Sec-WebSocket-Key"),
        ({"Content-Length": "0"}, "must not have a body"),
    ],
)
async def test_a_request_that_is_not_as_it_should_be_is_a_400_in_words(
    place: Place, headers: dict[str, str], words: str
) -> None:
    answer = await place.ask("GET", "/ws", {**UPGRADE, **headers})
    assert answer.status == 400
    assert words in answer.error


async def test_an_extension_that_is_offered_is_not_taken(place: Place) -> None:
    _, headers = await head(place, {"Sec-WebSocket-Extensions": "permessage-deflate"})
    assert "sec-websocket-extensions" not in headers


async def test_another_method_is_no_way_in(place: Place) -> None:
    answer = await place.ask("POST", "/ws", UPGRADE)
    assert (answer.status, answer.error) == (405, "POST is not possible at /ws.")


@pytest.mark.parametrize("path", ["/healthz", "/ws/", "/"])
async def test_another_path_is_answered_as_ever(place: Place, path: str) -> None:
    answer = await place.ask("GET", path, UPGRADE)
    assert answer.status == (404 if path == "/ws/" else 200)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://localhost.evil.example", "http://localhost:81", "null"]
)
async def test_a_page_of_another_place_gets_no_websocket(place: Place, origin: str) -> None:
    answer = await place.ask("GET", "/ws", {**UPGRADE, "Origin": origin})
    assert (answer.status, answer.error) == (403, "The front desk does not answer pages of other sites.")
    assert (place.admission.sessions, len(place.desk.ws_listener.connections)) == (0, 0)


@pytest.mark.parametrize("origin", [None, "http://localhost", "https://localhost", "HTTP://LOCALHOST"])
async def test_its_own_page_and_what_is_no_browser_get_one(place: Place, origin: str | None) -> None:
    status, _ = await head(place, {} if origin is None else {"Origin": origin})
    assert status == 101


async def test_a_name_that_was_pointed_at_this_machine_gets_none(place: Place) -> None:
    answer = await place.ask("GET", "/ws", {**UPGRADE, "Host": "evil.example", "Origin": "http://evil.example"})
    assert answer.status == 421
    assert answer.error.startswith('This server does not answer to the host name "evil.example".')


async def test_a_connection_that_has_asked_something_before_may_become_one(place: Place) -> None:
    caller = await place.call()
    await caller.ask("GET", "/healthz")
    await caller.ask("GET", "/ws", UPGRADE)  # before the first is answered
    assert (await caller.answer()).status == 200
    assert (await caller.head())[0] == 101


async def test_an_upgrade_that_failed_may_be_asked_again(place: Place) -> None:
    caller = await place.call()
    await caller.ask("GET", "/ws", {**UPGRADE, "Sec-WebSocket-Version": "8"})
    assert (await caller.answer()).status == 400
    await caller.ask("GET", "/ws", UPGRADE)
    assert (await caller.head())[0] == 101


async def test_nothing_is_left_of_the_request_once_it_has_become_a_websocket(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[weakref.ref[http.HttpConnection]] = []
    init = http.HttpConnection.__init__

    def remember(self: http.HttpConnection, *arguments: Any) -> None:
        init(self, *arguments)
        made.append(weakref.ref(self))

    monkeypatch.setattr(http.HttpConnection, "__init__", remember)
    gc.collect()
    gc.disable()
    try:
        mary = await by_hand(place, sending=text({"type": "hello", "name": "Mary", "channel": "games"}))
        await mary.reads("welcome")
        assert [one() for one in made] == [None]
    finally:
        gc.enable()


async def test_a_stop_of_the_front_desk_leaves_those_who_are_in(place: Place) -> None:
    mary = await by_hand(place)
    await place.desk.stop()
    await mary.sends(text({"type": "hello", "name": "Mary", "channel": "games"}))
    assert (await mary.reads("welcome"))["name"] == "Mary"
