"""What the tests of files share: a front desk, and a chat with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.scripted import Client, FrontDesk, Server, chatting, front_desk, welcome


@pytest.fixture
def desk() -> Iterator[FrontDesk]:
    with front_desk() as desk:
        yield desk


@pytest.fixture
def chat(desk: FrontDesk, tmp_path: Path) -> Iterator[tuple[Server, Client]]:
    with chatting(str(tmp_path), welcome(front_desk_port=desk.port)) as (server, client):
        client.prints()
        yield server, client
