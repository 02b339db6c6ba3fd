"""HTTP and TLS at a port that takes lines: none of it is carried out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.gateway.foreign_protocol import FIRST_LINE_BYTES_MAX, is_foreign
from antechamber.protocol.limits import Limits
from tests.gateway.channel_ports import stage, until

REQUESTS = [
    b"GET / HTTP/1.1\r\n",
    b"POST / HTTP/1.1\r\n",
    b"POST /x HTTP/1.0\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"CONNECT chat.example:6667 HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n",
    b"PUT http://localhost:6667/ HTTP/1.1\r\n",
    b"get / http/1.1\r\n",
    b"SUBSCRIBE /any HTTP/1.1\r\n",
    b"x-my!method /any HTTP/1.1\r\n",
    b"GET  /two  HTTP/1.1 \r\n",
    b"GET\t/tabs\tHTTP/1.1\r\n",
    b"GET /with spaces in it HTTP/1.1\r\n",
    b"POST /?name=Mary HTTP/3\r\n",
    b"GET /\r\n",
    b"POST /\n",
    b"HEAD http://localhost/\r\n",
]
OURS = [
    b"GET\r\n",
    b"Mary\n",
    b"POST\n",
    b"post mortem\n",
    b"HTTP/1.1\n",
    b"Mary HTTP/1.1\n",
    b"M\xc3\xa4r / HTTP/1.1\n",
    b"/quit\n",
    b"NICK mary\r\n",
    b"CAP LS 302\r\n",
    b"USER connection 0 * :Mary of HTTP/1.1\r\n",
    b"PASS :secret phrase\r\n",
    b"@label=x PING GET\r\n",
]


@pytest.mark.parametrize("line", REQUESTS)
def test_a_request_line_is_foreign_once_it_is_whole(line: bytes) -> None:
    assert is_foreign(line + b"NICK mary\r\n") is True
    assert [is_foreign(line[:length]) for length in range(1, len(line))] == [None] * (len(line) - 1)


@pytest.mark.parametrize("line", OURS)
def test_what_people_and_their_programs_begin_with_is_not(line: bytes) -> None:
    assert is_foreign(line) is False


def test_a_first_line_is_waited_for_up_to_its_bound_and_past_it_judged_by_its_beginning() -> None:
    for begun, foreign in ((b"POST /", True), (b"anything http://", True), (b"Mary", False), (b"PRIVMSG", False)):
        assert is_foreign(begun.ljust(FIRST_LINE_BYTES_MAX, b"x")) is None
        assert is_foreign(begun.ljust(FIRST_LINE_BYTES_MAX + 1, b"x")) is foreign


@pytest.mark.parametrize("hello", [b"\x16\x03\x01\x02\x00\x01", b"\x16\x03\x03", b"\x16\x03"])
def test_a_tls_handshake_is_foreign(hello: bytes) -> None:
    assert is_foreign(hello) is True
    assert is_foreign(hello[:1]) is None


@given(st.binary(min_size=1))
def test_whatever_comes_is_judged(begun: bytes) -> None:
    judged = is_foreign(begun)
    assert judged in (True, False, None)
    if b"\n" in begun:
        assert judged is not None or begun.startswith(b"\x16")


@pytest.mark.parametrize("lead", [b"", b"\r\n", b" \n\n"])
@pytest.mark.parametrize("cut", [1, 5, 16, 20, 0])
async def test_a_request_at_a_channels_port_is_closed_without_a_word_wherever_it_is_cut(lead: bytes, cut: int) -> None:
    request = lead + b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nMary\nhello everybody\n"
    async with stage() as room:
        connection, transport = room.bare()
        for piece in (request[:cut], request[cut:]) if cut else [bytes([byte]) for byte in request]:
            if not transport.aborted:
                connection.data_received(piece)
        assert transport.aborted
        assert transport.writes == []
        connection.connection_lost(None)
        await until(lambda: not room.hub._inbox)
        assert room.hub.channels()[0].seated == 0
        assert room.admission.sessions == 0


async def test_a_request_reads_nothing_at_a_channels_port_and_a_name_that_looks_like_one_gets_its_seat() -> None:
    async with stage() as room:
        page = await room.connects(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await page.reads_the_rest() == b""
        person = await room.connects(b"GET\r\n")
        await person.reads_up_to(b"GET has joined the channel.\n")


async def test_a_request_on_a_rejected_connection_reads_nothing_either() -> None:
    async with stage(Limits(sessions_max=0)) as room:
        connection, transport = room.rejected()
        connection.data_received(b"POST / HTTP/1.1\r\nMary\n")
        assert transport.aborted
        assert transport.writes == []
        connection.connection_lost(None)
