"""The start message on the server's terminal: how to join, to operate and to stop.

The operator's link contains a secret, so the message is not for a file or a pipe.
"""

from collections.abc import Iterator, Sequence

from antechamber.config import HOST, ChannelSettings, Settings
from antechamber.config.page_urls import is_anywhere, operator_page, page, reached_host

_CHANNELS_NAMED_MAX = 6
_COLUMN = 15


def ready_lines(settings: Settings, join: str, token: str, *, typing: bool) -> Iterator[str]:
    """Yield the lines. `join` is the command to join from a terminal, `token` the operator's.

    `typing` says whether standard input is a terminal as well, so that the operator can type commands.
    """
    host = reached_host(settings.host)
    where = "" if host == HOST else f" --host {host}"
    yield "antechamber: ready"
    yield _row("in a browser", page(settings))
    yield _row("in a terminal", f"{join} {settings.channels[0].port} YOUR-NAME{where}")
    if len(settings.channels) > 1:
        yield _row("", _ports(settings.channels))
    if settings.irc is not None:
        yield _row("by IRC", f"/connect {reached_host(settings.irc_host)} {settings.irc.port}")
    if is_anywhere(settings.host):
        yield _row("from elsewhere", f"this machine's name or address in place of {HOST}")
    yield _row("to operate", operator_page(settings, token))
    yield _row("", "(keep that to yourself: whoever has the link is an operator)")
    yield _row("to stop", "type /shutdown, or press Ctrl-C" if typing else "press Ctrl-C")


def _row(what: str, how: str) -> str:
    return f"  {what:{_COLUMN}} {how}"


def _ports(channels: Sequence[ChannelSettings]) -> str:
    """Return the ports of the channels, or of the first ones if there are many."""
    named = [f"{channel.name} {channel.port}" for channel in channels[:_CHANNELS_NAMED_MAX]]
    more = len(channels) - len(named)
    return f"({', '.join(named)}{f', and {more} more' if more else ''})"
