"""`antechamber history`: what a person reads of the log, and what is said where there is nothing to read."""

import argparse
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from antechamber.cli.history import add_arguments, moment, run
from antechamber.log import Batch
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Entry,
    Invited,
    Left,
    LeftReason,
    ModeChange,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
    encode_lines,
)
from antechamber.runtime.paths import default_data_path

NOON = datetime(2026, 11, 22, 12, 0, 0).timestamp()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "antechamber.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(path, tick_seconds=None)
    yield log
    log.close()


def keep(log: SqliteLog, channel: str, time: float, *events: AnyEvent | str) -> bytes:
    """Keep one turn, in which a string is something that Mary said, and return its lines."""
    first = log.last_sequence(channel) + 1
    entries = [
        Entry(channel, first + index, time, Said("Mary", event) if isinstance(event, str) else event)
        for index, event in enumerate(events)
    ]
    lines = bytes(encode_lines(entries))
    log.append([Batch(channel, first, entries[-1].sequence, time, lines)])
    return lines


def history(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def printed(capsys: pytest.CaptureFixture[str], status: int) -> list[str]:
    output = capsys.readouterr()
    assert (status, output.err) == (0, "")
    return output.out.splitlines()


def problem(capsys: pytest.CaptureFixture[str], status: int) -> str:
    """Return the one line of a history that could not be had."""
    output = capsys.readouterr()
    assert (status, output.out, output.err.count("\n")) == (1, "", 1)
    return output.err.removeprefix("antechamber history: ").removesuffix("\n")


def test_the_last_messages_are_printed_oldest_first_in_local_time(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Gaming", NOON, Seated("Mary"), "hello")
    keep(log, "Gaming", NOON + 1.5, Said("Zoë", "日本語"))

    assert printed(capsys, history("Gaming", "--data", str(path))) == [
        "2026-11-22 12:00:00 <Mary> hello",
        "2026-11-22 12:00:01 <Zoë> 日本語",
    ]


def test_a_hundred_messages_are_printed_unless_told_otherwise(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Gaming", NOON, *(f"{number}" for number in range(101)))

    lines = printed(capsys, history("Gaming", "--data", str(path)))
    assert (len(lines), lines[0][-1], lines[-1][-3:]) == (100, "1", "100")
    assert len(printed(capsys, history("Gaming", "--data", str(path), "--limit", "101"))) == 101
    assert len(printed(capsys, history("Gaming", "--data", str(path), "--limit", "1"))) == 1


LEFT = {
    "quit": "has left the channel",
    "switched": "has left for another channel",
    "kicked": "has been kicked",
    "idle": "went AFK",
    "lost": "has lost the connection",
    "closed": "has left, for the channel was closed",
}


def test_every_event_is_worded_on_request(path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]) -> None:
    reasons: list[LeftReason] = ["quit", "switched", "kicked", "idle", "lost", "closed"]
    left = [Left("Mary", reason) for reason in reasons]
    keep(log, "Gaming", NOON, Queued("Mary"), Seated("Mary"), "hello", Muted("Mary", 10), Emptied())
    keep(log, "Gaming", NOON, Moved("Bob", 2), Announced("Tea\nat 5"))
    keep(log, "Gaming", NOON, *left, Left("John", "lost", seated=False))

    assert printed(capsys, history("Gaming", "--all", "--data", str(path))) == [
        "2026-11-22 12:00:00 * Mary entered the waiting queue.",
        "2026-11-22 12:00:00 * Mary has joined the channel.",
        "2026-11-22 12:00:00 <Mary> hello",
        "2026-11-22 12:00:00 * Mary has been muted for 10 seconds.",
        "2026-11-22 12:00:00 * The channel has been emptied.",
        "2026-11-22 12:00:00 * Bob was given another place in the waiting queue, with 2 ahead.",
        "2026-11-22 12:00:00 * The operator told everyone: Tea ⏎ at 5",
        *(f"2026-11-22 12:00:00 * Mary {words}." for words in LEFT.values()),
        "2026-11-22 12:00:00 * John has lost the connection, from the waiting queue.",
    ]


def test_what_was_changed_is_worded_on_request(path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]) -> None:
    modes = (ModeChange("+m"), ModeChange("+o", "Bob"))
    keep(log, "Gaming", NOON, *(TopicSet(by, topic) for by in ("Mary", "") for topic in ("Tea", "")))
    keep(log, "Gaming", NOON, ModesSet("Mary", modes), ModesSet("", modes), Invited("Mary", "Eve"), Invited("", "Eve"))
    keep(log, "Gaming", NOON, Renamed("Mary", "Maria"), Tagged("Bob", {"+draft/react": "+1", "+draft/reply": "g-1"}))
    keep(log, "Gaming", NOON, Left("Bob", "kicked", by="Mary", text="Spam"), Left("Eve", "quit", text="Quit: bye"))

    assert printed(capsys, history("Gaming", "--all", "--data", str(path))) == [
        f"2026-11-22 12:00:00 * {words}"
        for words in (
            "Mary has set the topic: Tea",
            "Mary has taken back the topic.",
            "The topic has been set: Tea",
            "The topic has been taken back.",
            "Mary has set the modes: +m, +o Bob",
            "The modes have been set: +m, +o Bob",
            "Mary has invited Eve.",
            "Eve has been invited.",
            "Mary is now called Maria.",
            "Bob has marked a message: +draft/react +1, +draft/reply g-1",
            "Bob has been kicked by Mary (Spam).",
            "Eve has left the channel (Quit: bye).",
        )
    ]


def test_actions_and_notices_are_chat_and_are_found(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Gaming", NOON, Said("Mary", "waves a flag", form="action"), Said("Bob", "flag down", form="notice"))
    keep(log, "Gaming", NOON, Said("Eve", "flag", tags={"+draft/reply": "Gaming-1"}), "nothing")
    chat = [
        "2026-11-22 12:00:00 * Mary waves a flag",
        "2026-11-22 12:00:00 -Bob- flag down",
        "2026-11-22 12:00:00 <Eve> flag",
    ]
    assert printed(capsys, history("Gaming", "--data", str(path)))[:3] == chat
    assert printed(capsys, history("Gaming", "--search", "flag", "--data", str(path))) == chat


def test_json_lines_are_the_entries_as_they_are_kept(
    path: Path, log: SqliteLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    lines = keep(log, "Gaming", NOON, "hello", Said("Zoë", "日本語", id="7"))
    joined = keep(log, "Gaming", NOON, Seated("John"))

    assert history("Gaming", "--json", "--data", str(path)) == 0
    assert capsysbinary.readouterr() == (lines, b"")
    assert history("Gaming", "--json", "--all", "--data", str(path)) == 0
    assert capsysbinary.readouterr() == (lines + joined, b"")


@pytest.mark.parametrize(
    ("search", "found"),
    [("hello", ["hello Mary", "hello John"]), ('"hello m"*', ["hello Mary"]), ("JOHN hello", ["hello John"])],
)
def test_a_search_prints_what_has_all_the_words(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str], search: str, found: list[str]
) -> None:
    keep(log, "Gaming", NOON, "hello Mary", "good bye", "hello John")

    lines = printed(capsys, history("Gaming", "--search", search, "--data", str(path)))
    assert [line.split("<Mary> ")[1] for line in lines] == found


def test_a_span_of_time_is_printed(path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]) -> None:
    for minute in range(5):
        keep(log, "Gaming", NOON + 60 * minute + 0.5, f"{minute}")

    def within(*arguments: str) -> str:
        lines = printed(capsys, history("Gaming", "--data", str(path), *arguments))
        return "".join(line[-1] for line in lines)

    assert within("--since", "2026-11-22T12:03") == "34"
    assert within("--until", "2026-11-22T12:01") == "01"
    assert within("--since", "2026-11-22T12:01", "--until", "2026-11-22T12:02:00") == "12"
    assert within("--since", "2026-11-22", "--until", "2026-11-22") == "01234"
    assert within("--until", "2026-11-22T12:03", "--limit", "2") == "23"


def test_an_age_is_before_now(path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]) -> None:
    now = time.time()
    keep(log, "Gaming", now - 7_300, "old")
    keep(log, "Gaming", now - 3_700, "recent")

    assert len(printed(capsys, history("Gaming", "--since", "2h", "--data", str(path)))) == 1
    assert len(printed(capsys, history("Gaming", "--since", "1d", "--until", "90m", "--data", str(path)))) == 1


@pytest.mark.parametrize(
    ("text", "is_end", "expected"),
    [
        ("45s", False, NOON - 45),
        ("90m", True, NOON - 5_400),
        ("2h", False, NOON - 7_200),
        ("7d", False, NOON - 604_800),
        ("1w", False, NOON - 604_800),
        ("2026-11-22", False, NOON - 43_200),
        ("2026-11-22", True, NOON + 43_200),
        ("20261122", True, NOON + 43_200),
        ("2026-11-22T12:00", False, NOON),
        ("2026-11-22 12:00:00", True, NOON + 1),
        ("2026-11-22T12:00:00.5", True, NOON + 0.5),
        ("1970-01-01T00:00:10Z", False, 10.0),
        ("1970-01-01T02:00:10+02:00", False, 10.0),
    ],
)
def test_a_moment_is_a_date_a_time_or_an_age(text: str, is_end: bool, expected: float) -> None:
    assert moment("--since", text, NOON, is_end) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2h30m", "-2h", "h", "٢h", "2026-13-01", "9999-12-31T25:00", "2 h"])
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"^--since is a date .2026-11-22., .+ or an age .90m, 2h, 7d., not"):
        moment("--since", text, NOON)


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59"])
def test_a_moment_past_the_calendar_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="--until is a date"):
        moment("--until", text, NOON, is_end=True)


def test_nothing_found_is_said_and_is_no_failure(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Gaming", NOON, Seated("Mary"))

    for arguments in ([], ["--search", "hello"], ["--json"], ["--since", "1s"]):
        assert history("Gaming", "--data", str(path), *arguments) == 0
        assert capsys.readouterr() == ("", "antechamber history: nothing found.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--limit", "0"], "--limit is a whole number from 1 to 999999999, not '0'."),
        (["--limit", "-5"], "--limit is a whole number from 1 to 999999999, not '-5'."),
        (["--limit", "ten"], "--limit is a whole number from 1 to 999999999, not 'ten'."),
        (["--limit", "1" + "0" * 9], "--limit is a whole number from 1 to 999999999, not '1000000000'."),
        (["--limit", "٣"], "--limit is a whole number from 1 to 999999999, not '٣'."),
        (["--search", " ?! "], "A search needs at least one letter or digit."),
        (["--since", "2026-11-23", "--until", "2026-11-22T10:00"], "--since is later than --until."),
        (["--data", ":memory:"], "A log in memory (--data :memory:) keeps no history."),
    ],
)
def test_a_wrong_value_is_one_clear_line(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    keep(log, "Gaming", NOON, "hello")

    assert problem(capsys, history("Gaming", "--data", str(path), *arguments)) == words


def test_the_largest_limit_is_allowed(path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]) -> None:
    keep(log, "Gaming", NOON, "hello")

    assert len(printed(capsys, history("Gaming", "--limit", "999999999", "--data", str(path)))) == 1


def test_an_unknown_channel_is_told_which_there_are(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["Chess", "--data", str(path)]
    assert problem(capsys, history(*arguments)) == "The log has no channel 'Chess'. It has none yet."
    keep(log, "Gaming", NOON, "hello")
    keep(log, "Movies", NOON, "hello")
    assert problem(capsys, history(*arguments)) == "The log has no channel 'Chess'. It has Gaming, Movies."
    for number in range(20):
        keep(log, f"c{number}", NOON, "hello")
    assert problem(capsys, history(*arguments)).endswith("c16, c17 and 2 more.")


def test_a_channel_is_found_in_whatever_form_its_name_is_typed(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Café", NOON, "hello")
    for name in ("Café", "Cafe\u0301"):
        assert len(printed(capsys, history(name, "--data", str(path)))) == 1
        assert len(printed(capsys, history(name, "--search", "hello", "--data", str(path)))) == 1


def test_a_channel_name_that_is_no_text_is_unknown(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no channel '\\udcff'" in problem(capsys, history("\udcff", "--data", str(path)))


def test_a_log_that_is_not_there_is_one_clear_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert problem(capsys, history("Gaming", "--data", str(path))) == f"There is no log at {path}."


def test_the_default_log_is_in_the_users_state_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    log = SqliteLog(tmp_path / "antechamber" / "antechamber.db", tick_seconds=None)
    keep(log, "Gaming", NOON, "hello")

    assert len(printed(capsys, history("Gaming"))) == 1
    log.close()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/mary"}, "/state/antechamber/antechamber.db"),
        ({"HOME": "/home/mary"}, "/home/mary/.local/state/antechamber/antechamber.db"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/mary"}, "/home/mary/.local/state/antechamber/antechamber.db"),
        ({"XDG_STATE_HOME": "state", "HOME": "/home/mary"}, "/home/mary/.local/state/antechamber/antechamber.db"),
    ],
)
def test_the_state_folder_is_where_the_environment_says(environ: dict[str, str], expected: str) -> None:
    assert default_data_path(environ) == expected


def test_without_a_home_the_state_folder_is_the_users_of_the_system() -> None:
    assert default_data_path({}) == os.path.expanduser("~/.local/state/antechamber/antechamber.db")


def test_a_message_of_several_lines_is_printed_as_one(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Gaming", NOON, "a\n2026-11-22 12:00:00 <Bob> b")

    assert printed(capsys, history("Gaming", "--data", str(path))) == [
        "2026-11-22 12:00:00 <Mary> a ⏎ 2026-11-22 12:00:00 <Bob> b"
    ]


def test_what_controls_a_terminal_is_not_printed(
    path: Path, log: SqliteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Gaming", NOON, "a\x1b[31mb\u202ec")

    assert printed(capsys, history("Gaming", "--data", str(path))) == [
        "2026-11-22 12:00:00 <Mary> a\N{REPLACEMENT CHARACTER}[31mb\N{REPLACEMENT CHARACTER}c"
    ]


def test_a_standard_output_of_another_encoding_gets_what_it_can_show(
    path: Path, log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(log, "Gaming", NOON, "Zoë 日本")
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", stdout)

    assert history("Gaming", "--data", str(path)) == 0
    assert stdout.buffer.getvalue() == b"2026-11-22 12:00:00 <Mary> Zo\xeb ??\n"


RUN = """
import argparse, sys
from antechamber.cli.history import add_arguments, run
parser = argparse.ArgumentParser()
add_arguments(parser)
sys.exit(run(parser.parse_args()))
"""


def start(stdout: int, path: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    source = str(Path(sys.modules["antechamber"].__path__[0]).parent)
    return subprocess.Popen(
        [sys.executable, "-c", RUN, "Gaming", "--data", str(path), *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    )


def test_a_reader_that_has_read_enough_ends_the_command_quietly(path: Path, log: SqliteLog) -> None:
    keep(log, "Gaming", NOON, *["hello"] * 50_000)

    with start(subprocess.PIPE, path, "--limit", "50000") as command:
        assert command.stdout is not None
        assert command.stderr is not None
        assert command.stdout.readline() == b"2026-11-22 12:00:00 <Mary> hello\n"
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_standard_output_that_fails_is_one_clear_line(path: Path, log: SqliteLog) -> None:
    keep(log, "Gaming", NOON, "hello")

    with open("/dev/full", "wb") as full, start(full.fileno(), path) as command:
        assert command.stderr is not None
        assert command.stderr.read() == b"antechamber history: standard output failed: No space left on device.\n"
    assert command.returncode == 1


def test_an_interrupted_search_is_status_130_without_a_traceback(
    path: Path, log: SqliteLog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(log, "Gaming", NOON, "hello")

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("antechamber.log.reader.LogReader.latest", interrupt)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["Gaming", "--data", str(path)])) == 130
    assert capsys.readouterr() == ("", "")


def test_the_module_imports_little_until_it_runs(path: Path) -> None:
    code = "import sys, antechamber.cli.history; print([n for n in ('sqlite3', 'msgspec') if n in sys.modules])"
    source = str(Path(sys.modules["antechamber"].__path__[0]).parent)
    environment = {**os.environ, "PYTHONPATH": source}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
    assert output == b"[]\n"
