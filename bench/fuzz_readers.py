"""Checks that the readers of server messages, the log, the config, names and searches keep their promises."""

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from typing import Any, cast

import msgspec

from antechamber.client.files.saving import safe_name
from antechamber.client.reconnect.resume import Astray, ResumingClient
from antechamber.client.server_connection import hello_line
from antechamber.codec.jsonl import JSON, decode_message, parse
from antechamber.codec.plain import member_line, operator_line
from antechamber.config import FRONT_DESK_PORT, LOG_LEVELS, Config, ConfigError, Overrides
from antechamber.config.configfile import read_configfile
from antechamber.config.toml import read_toml
from antechamber.log import LogError
from antechamber.log.schema import TOKENIZE
from antechamber.log.search_query import SearchError, match_expression
from antechamber.log.stored_turn import decode_turn
from antechamber.protocol.commands import Hello
from antechamber.protocol.events import Entry, encode_lines
from antechamber.protocol.limits import CAPACITY_MIN, CHANNELS_MIN, PORT_MAX, TOPIC_CHARACTERS_MAX, Limits
from antechamber.protocol.notices import Goodbye, Resumed, Welcome
from antechamber.protocol.text import clean, name_problem, normalise_name
from antechamber.rooms.transfers import base_name
from antechamber.session.tokens import Claim, Tokens
from bench.fuzz_promises import CLOCK, BrokenPromise, Ways, is_normal, is_safe, promise

_TOKENS = Tokens(b"a secret of thirty-two bytes for")
_CLAIMS = (Claim("general", "Mary", 1), Claim("Räume", "山田", 123_456), Claim("games", "x.y-z_1~+'", 9_007_199_254))
TOKEN_SEEDS = [_TOKENS.make(claim).encode() for claim in _CLAIMS]
_NEVER_IN_A_NAME = frozenset('[]()<>{}:/\\"`*?|#@,;!$%^&=')
_TOLD_CHARACTERS_MAX = 1_500


def check_messages(data: bytes, _: Ways) -> None:
    """Check that our client reads each line as a message or raises the documented error, whatever the server sends."""
    for line in data.split(b"\n"):
        try:
            message = decode_message(line)
        except msgspec.DecodeError:
            continue
        again = decode_message(JSON.one(message, CLOCK, "Mary"))
        if again != message:
            raise BrokenPromise(f"written and read again, {message!r} is {again!r}")
        offset: int = getattr(message, "utc_offset_seconds", 0)
        promise(0 <= (message.time + offset) % 86_400 <= 86_400, "a time that no clock shows", message)
        for words in (member_line(message, CLOCK, "Mary"), operator_line(message, CLOCK)):
            promise(words is None or is_safe("".join(map(clean, words.split("\n")))), "it controls a terminal", words)


class _NoConnection:
    """A client's connection to a server, without a network."""

    where = "localhost:9001"

    def send_last(self, *_: object) -> None:
        """Send a last line, and close."""


class _NoReturning:
    """A client's reconnection, without a network: each attempt succeeds at once."""

    front_desk_port = 0
    door_channel = ""

    def find(self, *_: object) -> _NoConnection:
        """Connect."""
        return _NoConnection()

    def lose(self, *_: object) -> None:
        """Lose the connection."""

    fail = arrive = lose


class _NoOutgoing:
    """A client's unanswered commands, of which there are none."""

    def follow(self, _: object) -> None:
        """Send it."""

    settle_up_to_switch = follow

    def give_up_sent(self) -> int:
        """Keep none of it."""
        return 0

    give_up_talk = give_up_sent


_NO_CONNECTION, _NO_RETURNING, _NO_OUTGOING = cast(Any, (_NoConnection(), _NoReturning(), _NoOutgoing()))


def check_returns(data: bytes, _: Ways) -> None:
    """Check that a client that comes back shows each entry once, in order, whatever the server sends."""
    notes: list[str] = []
    resuming = ResumingClient(_NO_CONNECTION, _NO_RETURNING, _NO_OUTGOING, "Mary", notes.append)
    channel, last = "", 0
    for line in data.split(b"\n"):
        try:
            message = decode_message(line)
        except msgspec.ValidationError:
            resuming.hear_unknown(line)
            continue
        except msgspec.DecodeError:
            continue
        try:
            shown = resuming.hear(message)
        except Astray:
            break  # it was led to another channel, and leaves that connection
        if isinstance(message, Welcome | Resumed):
            channel, last = message.channel, 0
        elif isinstance(shown, Entry) and shown.channel == channel and shown.sequence > 0:  # they count from 1
            promise(shown.sequence > last, "an entry that is shown again, or too late", shown)
            last = shown.sequence
        elif isinstance(message, Goodbye) and resuming.goes_on(message):
            resuming.find(message, "")
    promise(all(map(is_safe, notes)), "a note is not safe", notes)


def check_turns(data: bytes, _: Ways) -> None:
    """Check that the log returns entries as they were kept, or reports clearly that it is damaged."""
    try:
        entries = decode_turn("log.db", 7, data)
    except LogError as error:
        told = str(error)
        promise(told.startswith("The log log.db is damaged near entry 7") and is_safe(told), "an unclear word", told)
        return
    promise(len(entries) <= len(data) // 2, "more entries than the turn has room for", len(entries))
    again = decode_turn("log.db", 7, encode_lines(entries))
    promise(again == entries, "written and read again, a turn is another", entries, again)


def check_names(data: bytes, _: Ways) -> None:
    """Check that accepted names imitate nobody, and that a file's name stays in its folder."""
    for line in data.decode(errors="replace").split("\n"):
        name = normalise_name(clean(line))
        problem = name_problem(name, 32)
        if problem is None:
            promise(0 < len(name) <= 32 and is_normal(name) and is_safe(name), "no name", name)
            promise(not any(map(str.isspace, name)) and _NEVER_IN_A_NAME.isdisjoint(name), "a name to imitate", name)
        else:
            promise(is_safe(problem) and problem.endswith((".", "'")), "an unclear word", problem)
        promise(normalise_name(clean(name)) == name, "judged again, the name is another", name)
        hello = parse(hello_line(line, hold=False), Limits())
        promise(hello == Hello(name, hold=False), "the hello of our client is another", hello, name)
        for file in (safe_name(line), safe_name(base_name(clean(line)[: Limits().path_characters_max]))):
            promise(file not in ("", ".", "..") and not file.startswith("."), "a file that is hidden or none", file)
            promise(is_safe(file) and "/" not in file and "\\" not in file, "a file with a path", file)
            promise(len(file.encode()) <= 255, "a file's name that is too long", file)


def check_tokens(data: bytes, _: Ways) -> None:
    """Check that a token gives the claims that were signed, and anything else None."""
    claim = _TOKENS.read(clean(data.decode(errors="replace")))
    promise(claim is None or claim in _CLAIMS, "a claim that nobody signed", claim)


@cache
def _index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(f"CREATE VIRTUAL TABLE said USING fts5 (text, content = '', columnsize = 0, {TOKENIZE})")
    connection.execute("INSERT INTO said (rowid, text) VALUES (1, 'Hello there, general Zoë')")
    return connection


def check_searches(data: bytes, _: Ways) -> None:
    """Check that any search gives a query that SQLite understands, or a clear error."""
    for line in data.decode(errors="replace").split("\n"):
        try:
            expression = match_expression(line)
        except SearchError as error:
            promise(is_safe(str(error)), "an unclear word", str(error))
            continue
        with closing(_index().execute("SELECT rowid FROM said WHERE said MATCH ?", (expression,))) as rows:
            rows.fetchall()


def check_configfile(data: bytes, _: Ways) -> None:
    """Check that the configfile reader gives valid settings, or one line that begins with the file's name."""
    if (config := _read_config(read_configfile, "configfile", data)) is not None:
        promise(len(config.channels) >= CHANNELS_MIN, "too few channels", config)
        promise(all(channel.seats >= CAPACITY_MIN for channel in config.channels), "too few seats", config)


def check_toml(data: bytes, _: Ways) -> None:
    """Check that the TOML reader gives valid settings, or one line that begins with the file's name."""
    if (config := _read_config(read_toml, "folder/antechamber.toml", data)) is not None:
        promise(len(config.channels) >= 1, "no channel", config)
        promise(config.host is None or (config.host != "" and is_safe(config.host)), "no host", config)
        promise(config.data_path is None or "\0" not in config.data_path, "no path", config)
        promise(config.log_level in (None, *LOG_LEVELS), "no log level", config)
        for limits in (config.limits, *(channel.limits for channel in config.channels)):
            promise(all(_is_limit(name, value) for name, value in limits._asdict().items()), "no limit", limits)
        for channel in config.channels:
            promise(all(0 <= value < math.inf for value in channel.retention), "no retention", channel)


def _is_limit(name: str, value: Any) -> bool:
    """Return whether a limit is finite, except an infinite idle time, and has its default's type."""
    if name == "idle_seconds_max" and value == math.inf:
        return True
    return 0 <= value < math.inf and isinstance(value, int) == isinstance(getattr(Limits(), name), int)


def _read_config(read: Callable[[bytes, str, Overrides], Config], path: str, data: bytes) -> Config | None:
    """Return the checked config, or None if the data is not one and the error was reported well."""
    try:
        config = read(data, path, Overrides())
    except ConfigError as error:
        told = str(error)
        promise(told.startswith(f"{path}:") and is_safe(told), "not one safe line that names the file", told)
        promise(len(told) <= _TOLD_CHARACTERS_MAX, "a line that is too long to be read", told)
        return None
    channels, limits, front_desk_port = config.channels, config.limits, config.front_desk_port or FRONT_DESK_PORT
    promise(len(channels) <= limits.channels_max, "too many channels", channels)
    promise(len({channel.name for channel in channels}) == len(channels), "a name that stands twice", channels)
    ports = {channel.port for channel in channels}
    promise(len(ports) == len(channels) and front_desk_port not in ports, "a port that is taken", channels)
    for channel in channels:
        promise(name_problem(channel.name, limits.name_characters_max) is None, "no name", channel)
        promise(is_normal(channel.name) and not channel.name[0].isdigit(), "no channel's name", channel)
        promise(type(channel.port) is int and 1 <= channel.port <= PORT_MAX, "no port", channel)
        promise(type(channel.seats) is int and 1 <= channel.seats <= limits.capacity_max, "no seats", channel)
        promise(channel.where.startswith(f"{path}:") and is_safe(channel.where), "no place", channel)
        promise(len(channel.topic) <= TOPIC_CHARACTERS_MAX and is_safe(channel.topic), "no topic", channel)
    return config
