"""Joining a channel again after its seat was lost: that channel and no other, whoever has its port by now."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from antechamber.protocol.commands import Hello, Quit, Resume
from antechamber.protocol.events import Seated
from antechamber.protocol.notices import ChannelInfo, Place
from tests.client.losing import JOINED, REJOINS, WELCOME, in_line, loses, reads_say, refuses
from tests.client.scripted import (
    NOON,
    Client,
    FrontDesk,
    Pauses,
    Server,
    chatting,
    entry,
    front_desk,
    scripted_server,
    welcome,
)


def lists(desk: FrontDesk, **ports: int) -> None:
    infos = [ChannelInfo(name, port, 5, 0, 0) for name, port in ports.items()]
    desk.replies["/channels"] = (200, {}, msgspec.json.encode(infos))


@contextmanager
def astray(front_desk_port: int) -> Iterator[tuple[Server, Client]]:
    """Rejoin general as Mary, who typed something, by its old port, and find games there."""
    first = welcome(token="first", front_desk_port=front_desk_port), entry(7, Seated("Mary"))
    with chatting(".", *first, pauses=Pauses()) as (server, client):
        assert [client.prints(), client.prints()] == [WELCOME, JOINED]
        loses(server, client)
        client.types("for general alone\n")
        assert server.reads() == Resume("first", 7)
        refuses(server, "resume-over", "Your seat went to the next in line.")
        assert client.notes() == f"antechamber: your seat went to the next in line; {REJOINS}"
        server.answer()
        assert server.reads() == Hello("Mary")
        server.tells(
            welcome(channel="games", token="games", front_desk_port=front_desk_port), entry(3, Seated("Mary"), "games")
        )
        assert server.reads() == Quit()
        server.hangs_up()
        yield server, client


def test_who_finds_another_channel_at_the_port_goes_where_its_own_is() -> None:
    with front_desk() as desk, scripted_server() as elsewhere:
        lists(desk, games=1, general=elsewhere.port)
        with astray(desk.port) as (_, client):
            elsewhere.answer()
            assert elsewhere.reads() == Hello("Mary")
            elsewhere.tells(welcome(token="second"), entry(9, Seated("Mary")))
            assert [client.prints(), client.prints()] == [WELCOME, JOINED]
            reads_say(elsewhere, "for general alone")


def test_who_goes_where_its_own_is_may_have_to_wait_in_line() -> None:
    with front_desk() as desk, scripted_server() as elsewhere:
        lists(desk, general=elsewhere.port)
        with astray(desk.port) as (_, client):
            elsewhere.answer()
            elsewhere.tells(welcome(token="second"), Place(NOON, "general", 2))
            assert [client.prints(), client.prints()] == [WELCOME, in_line(2)]
            assert client.notes().endswith("was not sent, as only those talk who have a seat")


def test_where_the_channel_is_no_more_nothing_is_said_and_it_ends() -> None:
    with front_desk() as desk:
        lists(desk, games=1)
        with astray(desk.port) as (_, client):
            assert client.fails() == "there is no channel general any more"
            assert client.rest() == []
            assert client.rest_of_notes() == ["antechamber: 1 line that you typed was not sent"]


def test_without_a_front_desk_there_is_nobody_to_ask() -> None:
    with astray(0) as (_, client):
        assert client.fails() == "there is no channel general any more"
        assert client.rest() == []
