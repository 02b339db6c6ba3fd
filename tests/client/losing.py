"""A seat or a place in line, the loss of the connection, and what the server says then."""

from collections.abc import Iterator
from contextlib import contextmanager

from antechamber.protocol.commands import Say
from antechamber.protocol.events import Said, Seated
from antechamber.protocol.notices import Goodbye, Message, Place, Refusal
from tests.client.scripted import NOON, Client, Pauses, Server, chatting, entry, welcome

WELCOME = "[Server message (12:00:00)] Welcome to the general channel, Mary."
JOINED = "[Server message (12:00:00)] Mary has joined the channel."
BACK = "antechamber: back again, in your seat"
REJOINS = "joining again at the end of the line"


@contextmanager
def seated(pauses: Pauses | None = None) -> Iterator[tuple[Server, Client]]:
    """Give Mary the seat of entry 7, with the token `first`."""
    first = welcome(token="first"), entry(7, Seated("Mary"))
    with chatting(".", *first, pauses=pauses or Pauses()) as (server, client):
        assert [client.prints(), client.prints()] == [WELCOME, JOINED]
        yield server, client


@contextmanager
def waiting(ahead: int = 3) -> Iterator[tuple[Server, Client]]:
    """Give Mary a place in the line, with the token `first`."""
    with chatting(".", welcome(token="first"), Place(NOON, "general", ahead), pauses=Pauses()) as (server, client):
        assert client.prints() == WELCOME
        assert client.prints() == in_line(ahead)
        yield server, client


def in_line(ahead: int) -> str:
    return f"[Server message (12:00:00)] You are in the waiting queue and there are {ahead} user(s) ahead of you."


def loses(server: Server, client: Client, kept: str = "your seat is kept for 60 s") -> None:
    """Lose the connection, and open the next one."""
    server.hangs_up()
    lost = f"antechamber: the connection to 127.0.0.1:{server.port} was lost"
    assert client.notes() == f"{lost}; {kept}; trying to come back"
    server.answer()


def refuses(server: Server, code: str, text: str) -> None:
    server.tells(Refusal(NOON, code, text), Goodbye(NOON, "refused", text))
    server.hangs_up()


def said(sequence: int, text: str, name: str = "Bob", command_id: str = "") -> Message:
    return entry(sequence, Said(name, text, command_id))


def reads_say(server: Server, text: str) -> str:
    """Read a message, and return its id."""
    command = server.reads()
    assert isinstance(command, Say)
    assert command.text == text
    return command.id
