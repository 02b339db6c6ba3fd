"""`antechamber history`: what was said in a channel, from the log, whether the server runs or not."""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from antechamber.cli.printing import encoded, print_all
from antechamber.protocol.text import normalise_name
from antechamber.runtime.paths import default_data_path

if TYPE_CHECKING:
    from antechamber.log.reader import LogReader, Span
    from antechamber.log.stored_turn import StoredTurn
    from antechamber.protocol.events import AnyEvent, Left

LIMIT = 100
CHANNELS_LISTED = 20

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_LEFT = {
    "quit": "has left the channel",
    "switched": "has left for another channel",
    "kicked": "has been kicked",
    "idle": "went AFK",
    "lost": "has lost the connection",
    "closed": "has left, for the channel was closed",
}

DESCRIPTION = """\
Print the last messages of a channel, oldest first, in local time. The server may be running or not, and is not held up.
"""
EPILOG = """\
TIME is a date (2026-11-22), a date and a time (2026-11-22T10:00, local unless it says +01:00 or Z), or an age: 45s,
90m, 2h, 7d, 3w. WORDS are looked for whole, in any order, without regard to case and accents; "several words" in quotes
are a phrase, and a word that ends in * is the beginning of one.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser. `run` checks their values, with one line for an error."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument("channel", metavar="CHANNEL", help="the channel's name")
    parser.add_argument("--search", metavar="WORDS", help="only messages with these words")
    parser.add_argument("--since", metavar="TIME", help="only what happened then or later")
    parser.add_argument("--until", metavar="TIME", help="only what happened up to then; of a date, the whole day")
    parser.add_argument("--limit", metavar="N", default=str(LIMIT), help="at most this many (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="not only chat: who came, went or was muted as well")
    parser.add_argument("--json", action="store_true", help="print the entries as the log keeps them, as JSON lines")
    parser.add_argument("--data", metavar="PATH", help="the log's file (default: the one in the user's state folder)")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out and return its exit status; an error is one line on standard error."""
    from antechamber.log import LogError

    try:
        kept = _find(arguments)
    except (ValueError, LogError) as error:
        print(f"antechamber history: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if not kept:
        print("antechamber history: nothing found.", file=sys.stderr)
    return print_all("antechamber history", [_line(each) for each in kept] if arguments.json else _in_words(kept))


def _find(arguments: argparse.Namespace) -> "Sequence[StoredTurn]":
    from antechamber.log.reader import LogReader

    span = _span(arguments)
    if not re.fullmatch("0*[1-9][0-9]{0,8}", arguments.limit):
        raise ValueError(f"--limit is a whole number from 1 to 999999999, not {arguments.limit!r}.")
    if arguments.data == ":memory:":
        raise ValueError("A log in memory (--data :memory:) keeps no history.")
    reader = LogReader(default_data_path() if arguments.data is None else arguments.data)
    try:
        return _ask(reader, arguments, span)
    finally:
        reader.close()


def _ask(reader: "LogReader", arguments: argparse.Namespace, span: "Span") -> "Sequence[StoredTurn]":
    channels, channel = reader.channels(), normalise_name(arguments.channel)
    if channel not in channels:
        raise ValueError(f"The log has no channel {arguments.channel!r}. {_listed(channels)}")
    limit = int(arguments.limit)
    if arguments.search is not None:
        return reader.search(channel, arguments.search, limit, span)
    return reader.latest(channel, limit, span, chat_only=not arguments.all)


def _listed(channels: Sequence[str]) -> str:
    if not channels:
        return "It has none yet."
    others = len(channels) - CHANNELS_LISTED
    return f"It has {', '.join(channels[:CHANNELS_LISTED])}{f' and {others} more' if others > 0 else ''}."


def _span(arguments: argparse.Namespace) -> "Span":
    import time

    from antechamber.log.reader import ALWAYS

    now, span = time.time(), ALWAYS
    if arguments.since is not None:
        span = span._replace(since=moment("--since", arguments.since, now))
    if arguments.until is not None:
        span = span._replace(until=moment("--until", arguments.until, now, is_end=True))
    if span.since >= span.until:
        raise ValueError("--since is later than --until.")
    return span


def moment(option: str, text: str, now: float, is_end: bool = False) -> float:
    """Return the time in a text, in seconds since the epoch: a date, a date and time, or an age before `now`.

    With `is_end`, a date means the end of its day, and a time the end of its second, so that entries printed with that
    time are included. Raises ValueError, naming the `option`, for any other text.
    """
    from datetime import datetime, timedelta

    if age := re.fullmatch("([0-9]{1,9})([smhdw])", text):
        return now - int(age[1]) * _UNIT_SECONDS[age[2]]
    try:
        when = datetime.fromisoformat(text)
        if is_end and re.fullmatch("[0-9]{4}-?[0-9]{2}-?[0-9]{2}", text):
            when += timedelta(days=1)
        elif is_end and when.microsecond == 0:
            when += timedelta(seconds=1)
        return when.timestamp()
    except (ValueError, OverflowError):
        forms = "a date (2026-11-22), a date and time (2026-11-22T10:00) or an age (90m, 2h, 7d)"
        raise ValueError(f"{option} is {forms}, not {text!r}.") from None


def _line(kept: "StoredTurn") -> bytes:
    """Return an entry as JSON, encoded again, because a log of an older version may contain more in its line."""
    from antechamber.protocol.events import encode_lines

    return encode_lines([kept.entry])


def _in_words(kept: "Iterable[StoredTurn]") -> list[bytes]:
    """Return the lines that people read, in the encoding of standard output."""
    from datetime import datetime

    from antechamber.protocol.text import clean, one_line

    lines = []
    for entry, _line in kept:
        when = datetime.fromtimestamp(entry.time).strftime("%Y-%m-%d %H:%M:%S")
        lines.append(encoded(f"{when} {clean(one_line(_worded(entry.event)))}\n"))
    return lines


def _worded(event: "AnyEvent") -> str:
    from antechamber.protocol.events import Announced, Emptied, Left, Moved, Muted, Queued, Said, Seated

    match event:
        case Said(name=name, text=text, form="action"):
            return f"* {name} {text}"
        case Said(name=name, text=text, form="notice"):
            return f"-{name}- {text}"
        case Said(name=name, text=text):
            return f"<{name}> {text}"
        case Queued(name=name):
            return f"* {name} entered the waiting queue."
        case Seated(name=name):
            return f"* {name} has joined the channel."
        case Left():
            return f"* {event.name} {_left(event)}."
        case Muted(name=name, seconds=seconds):
            return f"* {name} has been muted for {seconds} seconds."
        case Emptied():
            return "* The channel has been emptied."
        case Moved(name=name, ahead=ahead):
            return f"* {name} was given another place in the waiting queue, with {ahead} ahead."
        case Announced(text=text):
            return f"* The operator told everyone: {text}"
        case _:
            return f"* {_changed(event)}"


def _left(event: "Left") -> str:
    by = f" by {event.by}" if event.by else ""
    why = f" ({event.text})" if event.text else ""
    return f"{_LEFT[event.reason]}{by}{'' if event.seated else ', from the waiting queue'}{why}"


def _changed(event: "AnyEvent") -> str:
    """Return the text for a change of the channel, or of a member."""
    from antechamber.protocol.events import Invited, ModesSet, Renamed, Tagged, TopicSet

    match event:
        case TopicSet(by=by, topic=""):
            return f"{by} has taken back the topic." if by else "The topic has been taken back."
        case TopicSet(by=by, topic=topic):
            return f"{by} has set the topic: {topic}" if by else f"The topic has been set: {topic}"
        case ModesSet(by=by, changes=changes):
            modes = ", ".join(f"{mode} {argument}".rstrip() for mode, argument in changes)
            return f"{by} has set the modes: {modes}" if by else f"The modes have been set: {modes}"
        case Invited(by=by, to=to):
            return f"{by} has invited {to}." if by else f"{to} has been invited."
        case Renamed(name=name, to=to):
            return f"{name} is now called {to}."
        case Tagged(name=name, tags=tags):
            return f"{name} has marked a message: {', '.join(f'{tag} {word}'.rstrip() for tag, word in tags.items())}"
    raise AssertionError(event)
