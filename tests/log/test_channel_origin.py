"""Logs of a version that did not tell whose a channel is: what members had opened is found out, and that alone."""

from pathlib import Path

import pytest

from antechamber.log import retention as forgetting
from antechamber.log.channel_origin import was_open
from antechamber.log.reader import LogReader
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import AnyEvent, Emptied, Left, ModeChange, ModesSet, Queued, Renamed, Said, Seated
from tests.log.ending import FOUNDED, append, read, tables
from tests.log.looking import assert_agreeing, make_older, settle


def old_log(path: Path, channels: dict[str, list[list[AnyEvent | str]]]) -> SqliteLog:
    """Open a log of version 5 that has these channels, turn by turn."""
    log = SqliteLog(path, tick_seconds=None)
    for name, turns in channels.items():
        for turn in turns:
            append(log, name, *turn, is_open=False)
    log.close()
    make_older(path, 5)
    return SqliteLog(path, tick_seconds=None)


def founded(name: str) -> list[AnyEvent | str]:
    return [Queued(name), Seated(name), ModesSet("", (ModeChange("+o", name),))]


OPENED: list[list[AnyEvent | str]] = [founded("Mary"), ["hello"], [Left("Mary", "quit")]]
CONFIGS: list[list[AnyEvent | str]] = [[Queued("Mary"), Seated("Mary")], ["hello"], [Left("Mary", "closed")]]


def test_of_an_old_log_what_members_had_opened_is_deleted_and_what_the_config_had_stays(path: Path) -> None:
    log = old_log(path, {"general": CONFIGS, "chess": OPENED, "former": CONFIGS, "go": OPENED, "lobby": OPENED})
    settle(log)
    assert read(log, "chess") == [1, 2, 3, 4, 5]  # nothing is done before it is known what the config has
    log.begin(["general", "lobby"])
    settle(log)
    assert [each for each in ("general", "chess", "former", "go", "lobby") if read(log, each)] == [
        "general",
        "former",
        "lobby",
    ]
    assert append(log, "chess", "hello") == [6]
    assert_agreeing(path)
    log.close()


def test_an_old_log_of_thousands_is_as_one_without_them_after_its_first_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "SPARES_KEPT", 2)
    log = old_log(path, {"general": CONFIGS} | {f"chess{number}": OPENED for number in range(100)})
    log.begin(["general"])
    settle(log)
    assert len(tables(path)) == 3
    log.close()
    reader = LogReader(path)
    assert reader.channels() == ["general"]
    reader.close()


def test_one_that_is_founded_before_it_is_found_out_ends_later(path: Path) -> None:
    log = old_log(path, {"chess": OPENED, "former": CONFIGS})
    log.begin([])
    append(log, "chess", *founded("Bob"))
    append(log, "former", *founded("Bob"))
    settle(log)
    assert read(log, "chess") == [1, 2, 3, 4, 5, 6, 7, 8]
    append(log, "chess", Left("Bob", "quit"))
    append(log, "former", Left("Bob", "quit"))
    log.end(["chess", "former"])
    settle(log)
    assert read(log, "chess") == []
    assert read(log, "former") == [1, 2, 3, 4, 5, 6, 7, 8]
    log.close()


def test_one_that_is_founded_and_then_killed_ends_after_that(path: Path) -> None:
    log = old_log(path, {"chess": OPENED})
    log.begin([])
    append(log, "chess", *founded("Bob"))
    log.close()
    log = SqliteLog(path, tick_seconds=None)
    log.begin([])
    settle(log)
    assert read(log, "chess") == []
    log.close()


def test_one_of_an_old_log_that_cannot_be_read_or_is_forgotten_in_part_stays(path: Path) -> None:
    log = old_log(path, {"chess": OPENED, "go": OPENED})
    log._connection.execute("UPDATE turn_1 SET lines = x'00' WHERE last = 4")
    log._connection.execute("DELETE FROM turn_2 WHERE last = 3")
    log._connection.execute("UPDATE channel SET forgotten = 3, indexed = 3 WHERE number = 2")
    log.begin([])
    settle(log)
    reader = LogReader(path)
    assert reader.channels() == ["chess", "go"]
    reader.close()
    log.close()


def test_closing_does_not_wait_for_what_is_to_be_found_out(path: Path) -> None:
    log = old_log(path, {"chess": OPENED})
    log.begin([])
    log.maintenance._access.closing.set()
    assert log.maintenance.forgetting.forget_some() == 0
    log.close()


def test_what_is_adopted_while_it_is_found_out_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = old_log(path, {"chess": OPENED})
    log.begin([])

    def adopted_meanwhile(*_: object) -> bool:
        log.adopt("chess")
        return True

    monkeypatch.setattr(forgetting, "was_open", adopted_meanwhile)
    settle(log)
    assert read(log, "chess") == [1, 2, 3, 4, 5]
    log.close()


@pytest.mark.parametrize(
    "events",
    [
        [],
        [Said("Mary", "hello")],
        [Queued("Mary")],
        [Queued("Mary"), Seated("Mary")],
        [Queued("Mary"), Seated("Mary"), ModesSet("Ann", (ModeChange("+o", "Mary"),))],
        [Queued("Mary"), Seated("Mary"), ModesSet("", (ModeChange("+o", "Ann"),))],
        [*FOUNDED, Queued("Bob"), Queued("Ann"), Seated("Bob")],
        [*FOUNDED, Left("Mary", "idle")],
        [*FOUNDED, Left("Mary", "closed")],
        [*FOUNDED, Left("Mary", "quit"), Queued("Mary"), Seated("Mary")],
        [*FOUNDED, Emptied(), Queued("Mary"), Seated("Mary")],
    ],
)
def test_a_channel_that_may_have_been_the_configs_is_taken_for_that(events: list[AnyEvent]) -> None:
    assert not was_open(events)


@pytest.mark.parametrize(
    "events",
    [
        FOUNDED,
        [*FOUNDED, Said("Mary", "hello"), Left("Mary", "quit"), *FOUNDED, Left("Mary", "lost")],
        [*FOUNDED, Queued("Bob"), Seated("Bob"), Left("Mary", "kicked"), Queued("Mary"), Seated("Mary")],
        [
            *FOUNDED,
            Renamed("Mary", "Ann"),
            Queued("Bob"),
            Seated("Bob"),
            Left("Bob", "quit"),
            Left("Ann", "quit"),
            *FOUNDED,
        ],
        [*FOUNDED, Emptied(), *FOUNDED],
    ],
)
def test_a_channel_that_can_only_have_been_opened_by_members_is_taken_for_that(events: list[AnyEvent]) -> None:
    assert was_open(events)
