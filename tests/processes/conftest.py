"""What the process tests share: real programs of their own, and a server that a file's tests have in common."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.chat import Chat
from tests.processes.programs import CHECKOUT, Programs, Server, programs_in

WHAT_THE_SERVER_TELLS = ("test_joining.py", "test_operator.py")
"""Here members read alone, and the client prints what comes, as other files show: a run through it is for --long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.name in WHAT_THE_SERVER_TELLS and item.path.parent == Path(__file__).parent:
            assert isinstance(item, pytest.Function)
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            if "chatclient" in (parameters.get("chat"), parameters.get("kind")):
                item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session", autouse=True)
def packages_are_set_up() -> None:
    """Finish the first run's set-up of `.venv`, so that its progress line is in no test's way."""
    subprocess.run([sys.executable, CHECKOUT / "chatclient.py", "--help"], check=True, capture_output=True)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Give programs that nobody else knows."""
    with programs_in(tmp_path) as programs:
        yield programs


@pytest.fixture(scope="module")
def shared_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Give the programs that the tests of one file share."""
    with programs_in(tmp_path_factory.mktemp("programs")) as programs:
        yield programs


@pytest.fixture(scope="module")
def server(shared_programs: Programs) -> Server:
    """Give the server that the tests of one file share; each test leaves it empty."""
    return shared_programs.server()


@pytest.fixture(params=["chatclient", "socket"])
def chat(request: pytest.FixtureRequest, programs: Programs, server: Server) -> Iterator[Chat]:
    """Give the file's server with nobody in it, to be joined through `chatclient.py`, and then through a socket."""
    chat = Chat(programs, server, request.param)
    yield chat
    chat.empties_the_house()


@pytest.fixture(params=["chatclient", "socket"])
def kind(request: pytest.FixtureRequest) -> str:
    """Say through what the members of a test take part, for a test with a server of its own."""
    kind: str = request.param
    return kind
