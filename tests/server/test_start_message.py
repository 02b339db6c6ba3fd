"""The start message: addresses that a browser and a client can use, whatever the server listens at."""

import pytest

from antechamber.config import Address, ChannelSettings, Settings
from antechamber.config.page_urls import is_anywhere, operator_page, page
from antechamber.protocol.limits import Limits
from antechamber.server.start_message import ready_lines


def settings(host: str = "localhost", channels: int = 1, irc: Address | None = None) -> Settings:
    named = (ChannelSettings(f"c{number}", 9000 + number, 5, "", Limits()) for number in range(1, channels + 1))
    return Settings("configfile", tuple(named), host, 9876, None, "off", Limits(), irc=irc)


def told(told_settings: Settings, *, typing: bool = True) -> list[str]:
    return list(ready_lines(told_settings, "chatclient", "secret/1", typing=typing))


def test_it_is_said_how_to_come_in_to_operate_and_to_stop() -> None:
    assert told(settings()) == [
        "antechamber: ready",
        "  in a browser    http://localhost:9876/",
        "  in a terminal   chatclient 9001 YOUR-NAME",
        "  to operate      http://localhost:9876/operator#secret%2F1",
        "                  (keep that to yourself: whoever has the link is an operator)",
        "  to stop         type /shutdown, or press Ctrl-C",
    ]
    assert told(settings(), typing=False)[-1] == "  to stop         press Ctrl-C"


@pytest.mark.parametrize(
    ("channels", "line"),
    [
        (2, "(c1 9001, c2 9002)"),
        (6, "(c1 9001, c2 9002, c3 9003, c4 9004, c5 9005, c6 9006)"),
        (7, "(c1 9001, c2 9002, c3 9003, c4 9004, c5 9005, c6 9006, and 1 more)"),
    ],
)
def test_the_ports_of_the_first_channels_are_named(channels: int, line: str) -> None:
    assert told(settings(channels=channels))[3].strip() == line


@pytest.mark.parametrize(
    ("host", "link", "option"),
    [
        ("localhost", "http://localhost:9876/", ""),
        ("127.0.0.1", "http://127.0.0.1:9876/", " --host 127.0.0.1"),
        ("::1", "http://[::1]:9876/", " --host ::1"),
        ("fe80::1%eth0", "http://[fe80::1%25eth0]:9876/", " --host fe80::1%eth0"),
        ("chat.example", "http://chat.example:9876/", " --host chat.example"),
        *((host, "http://localhost:9876/", "") for host in ("0.0.0.0", "0")),
        *((host, "http://localhost:9876/", " --host ::1") for host in ("::", "::0", "0:0:0:0:0:0:0:0")),
    ],
)
def test_the_addresses_are_ones_that_people_reach(host: str, link: str, option: str) -> None:
    lines = told(settings(host))
    assert page(settings(host)) == link
    assert operator_page(settings(host), "t") == f"{link}operator#t"
    assert lines[1] == f"  in a browser    {link}"
    assert lines[2] == f"  in a terminal   chatclient 9001 YOUR-NAME{option}"
    elsewhere = "  from elsewhere  this machine's name or address in place of localhost"
    assert (elsewhere in lines) == is_anywhere(host)


@pytest.mark.parametrize("host", ["0.0.0.1", "127.0.0.1", "::1", "1::", "localhost", "0.example", "::g"])
def test_not_every_host_is_anywhere(host: str) -> None:
    assert not is_anywhere(host)


@pytest.mark.parametrize(
    ("host", "irc", "line"),
    [
        ("localhost", Address("", 6667), "/connect localhost 6667"),
        ("localhost", Address("0.0.0.0", 6697), "/connect localhost 6697"),
        ("0.0.0.0", Address("192.0.2.7", 6667), "/connect 192.0.2.7 6667"),
        ("::1", Address("", 6667), "/connect ::1 6667"),
        ("::", Address("", 6667), "/connect ::1 6667"),
    ],
)
def test_irc_is_said_where_it_listens(host: str, irc: Address, line: str) -> None:
    assert f"  by IRC          {line}" in told(settings(host, irc=irc))


def test_a_host_cannot_control_the_terminal() -> None:
    assert all(line.isprintable() for line in told(settings("a\u202eb\x1b")))
