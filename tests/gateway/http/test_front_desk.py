"""The front desk over real sockets: its routes, refused requests, and its bounds."""

import asyncio
import errno
import importlib
import socket
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from antechamber import __version__
from antechamber.gateway import acceptor as accepting
from antechamber.gateway.http import front_desk as frontdesk
from antechamber.gateway.http import hostnames
from antechamber.gateway.http import http11 as http
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import ChannelInfo
from tests.gateway.front_desks import Place, front_desk


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with front_desk() as place:
        yield place


# Routes


async def test_channels_are_listed_with_those_who_are_there(place: Place) -> None:
    await place.bob.reads(Entry)
    answer = await place.ask("GET", "/channels")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert msgspec.json.decode(answer.body, type=list[ChannelInfo]) == [
        ChannelInfo("general", 9001, 5, 2, 0),
        ChannelInfo("games", 9002, 7, 0, 0, "Chess & <cards>"),
    ]


async def test_a_health_check_is_answered_with_ok(place: Place) -> None:
    answer = await place.ask("GET", "/healthz")
    assert (answer.status, answer.body) == (200, b"ok")


async def test_the_front_page_tells_what_this_is(place: Place) -> None:
    answer = await place.ask("GET", "/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"Antechamber {__version__}" in answer.body.decode()


@pytest.mark.parametrize("path", ["/nowhere", "/channels/", "/files", "/files/", "/files/a/b"])
async def test_what_is_not_there_is_a_404_in_words(place: Place, path: str) -> None:
    answer = await place.ask("GET", path)
    assert (answer.status, answer.error) == (404, f"There is nothing at {path}.")


async def test_a_method_that_is_not_possible_is_a_405_in_words(place: Place) -> None:
    answer = await place.ask("POST", "/channels", body=b"")
    assert (answer.status, answer.error) == (405, "POST is not possible at /channels.")
    assert "GET" in answer.headers["allow"]


async def test_an_answer_is_dated_and_names_no_program(place: Place) -> None:
    answer = await place.ask("GET", "/healthz")
    assert parsedate_to_datetime(answer.headers["date"])
    assert "server" not in answer.headers


async def test_one_connection_may_ask_several_things(place: Place) -> None:
    caller = await place.call()
    for path in ("/healthz", "/nowhere", "/channels"):
        await caller.ask("GET", path)
        assert (await caller.answer()).status == (404 if path == "/nowhere" else 200)


async def test_a_fault_is_a_500_in_words_and_the_next_is_answered(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(place.hub, "channels", lambda: 1 / 0)
        answer = await place.ask("GET", "/channels")
        assert (answer.status, answer.error) == (500, "The server has a fault; its log tells more.")
    assert "ZeroDivisionError" in caplog.text
    assert (await place.ask("GET", "/channels")).status == 200


# Refused requests


@pytest.mark.parametrize("origin", ["http://evil.example", "https://evil.example", "http://localhost:80", "null"])
async def test_a_page_of_another_place_is_turned_away(place: Place, origin: str) -> None:
    answer = await place.ask("GET", "/channels", {"Origin": origin})
    assert (answer.status, answer.error) == (403, "The front desk does not answer pages of other sites.")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_its_own_page_is_answered_that_came_by_a_proxy_as_well(place: Place, scheme: str) -> None:
    host = f"localhost:{place.port}"
    answer = await place.ask("GET", "/channels", {"Host": host, "Origin": f"{scheme}://{host}"})
    assert answer.status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9876", "localhost.evil.example", "127.0.0.1.evil"])
async def test_a_name_that_was_pointed_at_this_machine_is_turned_away(place: Place, host: str) -> None:
    answer = await place.ask("GET", "/channels", {"Host": host, "Origin": f"http://{host}"})
    assert answer.status == 421
    assert answer.error.startswith(f'This server does not answer to the host name "{host}".')
    assert answer.error.endswith(f"--allow-host {host.removesuffix(':9876')}.")


@pytest.mark.parametrize("host", ["localhost", "LocalHost:9876", "127.0.0.1", "127.0.0.1:9876", "[::1]", "[::1]:9876"])
async def test_this_machines_own_names_are_answered(place: Place, host: str) -> None:
    assert (await place.ask("GET", "/channels", {"Host": host})).status == 200


async def test_the_machines_host_name_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostnames, "gethostname", lambda: "Tower.example.org")
    async with front_desk() as place:
        for host, status in (("tower", 200), ("tower.example.org:9876", 200), ("example.org", 421)):
            assert (await place.ask("GET", "/channels", {"Host": host})).status == status


async def test_a_front_desk_for_everybody_goes_by_the_same_names_and_by_those_that_are_allowed() -> None:
    async with front_desk(host="0.0.0.0") as place:
        assert (await place.ask("GET", "/channels", {"Host": "chat.example"})).status == 421
        assert (await place.ask("GET", "/channels", {"Host": "192.0.2.7:9876"})).status == 200
        place.desk.allow(["Chat.example"])
        for host in ("chat.example", "CHAT.EXAMPLE:443", "chat.example."):
            assert (await place.ask("GET", "/channels", {"Host": host})).status == 200
        answer = await place.ask("GET", "/channels", {"Host": "chat.example", "Origin": "http://evil.example"})
        assert answer.status == 403
        place.desk.allow([])
        assert (await place.ask("GET", "/channels", {"Host": "chat.example"})).status == 421


# Bounds


async def test_what_is_no_http_is_a_400(place: Place) -> None:
    caller = await place.call()
    await caller.send(b"hello?\r\n\r\n")
    assert (await caller.ended()).startswith(b"HTTP/1.1 400 ")


async def test_a_head_at_its_bound_is_answered_and_one_past_it_is_not(place: Place) -> None:
    start, end = b"GET /", b" HTTP/1.1\r\nHost: localhost\r\nConnection: close"
    path = b"x" * (http.HEAD_BYTES_MAX - len(start) - len(end))
    at_bound, past_bound = await place.call(), await place.call()
    await past_bound.send(start + path + b"x" + end)
    assert (await past_bound.ended()).startswith(b"HTTP/1.1 400 ")
    await at_bound.send(start + path + end)
    await at_bound.send(b"\r\n\r\n")
    assert (await at_bound.ended()).startswith(b"HTTP/1.1 404 ")


async def test_a_connection_that_has_asked_is_closed_when_it_asks_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "KEEP_ALIVE_SECONDS_MAX", 0.01)
    async with front_desk() as place:
        caller = await place.call()
        await caller.ask("GET", "/healthz")
        assert (await caller.answer()).status == 200
        assert await caller.ended() == b""


async def test_running_out_of_open_files_lets_callers_wait_and_neither_ends_the_desk_nor_wears_it_out(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = socket.socket.accept
    rests = 3

    def accept(self: socket.socket) -> tuple[socket.socket, Any]:
        nonlocal rests
        if rests:
            rests -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return real(self)

    inside = await place.call()
    await inside.ask("GET", "/healthz")
    assert (await inside.answer()).status == 200
    monkeypatch.setattr(accepting, "REST_SECONDS", 0.001)
    monkeypatch.setattr(socket.socket, "accept", accept)
    outside = await place.call()
    for caller in (inside, outside):
        await caller.ask("GET", "/healthz")
        assert (await caller.answer()).status == 200
    assert [(record.getMessage(), vars(record)["where"]) for record in caplog.records] == [
        ("connections cannot be accepted", "front desk")
    ]


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: local"])
async def test_a_connection_that_asks_nothing_is_closed(
    place: Place, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(http, "HEAD_SECONDS_MAX", 0.01)
    caller = await place.call()
    await caller.send(begun)
    assert await caller.ended() == b""


async def test_a_connection_that_begins_another_request_and_stops_is_closed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEAD_SECONDS_MAX", 0.01)
    caller = await place.call()
    await caller.ask("GET", "/healthz")
    assert (await caller.answer()).status == 200
    await caller.send(b"GET /hea")
    assert await caller.ended() == b""


# Start and stop


async def test_those_who_knock_before_it_starts_are_answered() -> None:
    place = Place(Limits(), "127.0.0.1")
    caller = await place.call()
    await caller.ask("GET", "/healthz")
    await place.desk.start()
    assert (await caller.answer()).status == 200
    await caller.close()
    await place.desk.stop()
    place.hub.close()


async def test_a_start_without_open_files_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = importlib.import_module
    faults = [OSError(errno.ENFILE, "Too many open files in system"), OSError(errno.EMFILE, "Too many open files")]

    def import_module(name: str) -> ModuleType:
        if faults:
            raise faults.pop()
        return real(name)

    monkeypatch.setattr(importlib, "import_module", import_module)
    monkeypatch.setattr(frontdesk, "REST_SECONDS", 0.001)
    async with front_desk() as place:
        assert (await place.ask("GET", "/healthz")).status == 200
    assert [record.getMessage() for record in caplog.records] == ["the front desk cannot start yet"] * 2


async def test_a_start_that_is_delayed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(Limits(), "127.0.0.1")
    faults = [OSError(errno.EMFILE, "Too many open files")] * 2
    monkeypatch.setattr(frontdesk, "REST_SECONDS", 0.001)
    monkeypatch.setattr(frontdesk, "_prepare", Mock(side_effect=[*faults, frontdesk._prepare()]))
    delayed = Mock()
    await place.desk.start(delayed)
    assert delayed.call_count == 2
    await place.desk.stop()
    place.hub.close()


async def test_a_start_that_fails_otherwise_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(Limits(), "127.0.0.1")
    monkeypatch.setattr(
        importlib, "import_module", Mock(side_effect=PermissionError(errno.EACCES, "Permission denied"))
    )
    with pytest.raises(PermissionError):
        await place.desk.start()
    await place.desk.stop()
    place.hub.close()


async def test_a_stop_closes_the_port_and_every_connection(place: Place) -> None:
    silent, asking = await place.call(), await place.call()
    await asking.ask("GET", "/healthz")
    assert (await asking.answer()).status == 200
    await place.desk.stop()
    assert await silent.ended() == await asking.ended() == b""
    with pytest.raises(ConnectionRefusedError):
        await place.call()


async def test_a_stop_during_the_start_leaves_nothing_open() -> None:
    place = Place(Limits(), "127.0.0.1")
    starting = asyncio.create_task(place.desk.start())
    await asyncio.sleep(0)
    await place.desk.stop()
    await starting
    with pytest.raises(ConnectionRefusedError):
        await place.call()
    place.hub.close()
