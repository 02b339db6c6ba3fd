"""Words for events and times, as the page has them."""

import pytest

from antechamber.client.words import (
    brief,
    countdown,
    counted,
    day_name,
    happening,
    ordinal,
    span,
    wait_words,
)
from antechamber.protocol.events import (
    AnyEvent,
    Emptied,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    TopicSet,
)

DAY = 86_400


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Seated("Mary"), "You have a seat now."),
        (Seated("Bob"), "Bob took a seat."),
        (Left("Bob", "quit"), "Bob left."),
        (Left("Bob", "quit", text="Quit: bye"), "Bob left: bye"),
        (Left("Bob", "idle"), "Bob lost the seat after a long silence."),
        (Left("Bob", "lost"), "Bob lost the connection."),
        (Left("Bob", "kicked", by="Ada", text="loud"), "Bob was kicked by Ada: loud"),
        (Left("Mary", "kicked"), "You were kicked by the operator."),
        (Left("Bob", "quit", seated=False), None),
        (Muted("Bob", 90), "Bob has been muted for 1:30."),
        (Muted("Mary", 5), "You have been muted for 0:05."),
        (Emptied(), "The operator emptied the channel."),
        (Renamed("Bob", "Rob"), "Bob is now called Rob."),
        (Renamed("Maria", "Mary"), "You are now called Mary."),
        (Invited("Bob", "Mary"), "Bob invited you."),
        (Invited("", "Kim"), "The operator invited Kim."),
        (TopicSet("Bob", "Tea"), "Bob set the topic: Tea"),
        (TopicSet("", ""), "The operator restored the usual topic."),
        (ModesSet("Bob", (ModeChange("+o", "Mary"), ModeChange("-m"))), "Bob made you an operator, let everyone talk."),
        (ModesSet("", (ModeChange("+x", "y"),)), "The operator set the mode +x y."),
        (Said("Bob", "hi"), None),
        (Queued("Bob"), None),
    ],
)
def test_an_event_is_told_as_a_sentence(event: AnyEvent, words: str | None) -> None:
    assert happening(event, "Mary") == words


def test_times_are_told_in_the_unit_that_suits() -> None:
    assert [countdown(each) for each in (-1, 0, 7.2, 100, 7_500)] == ["0:00", "0:00", "0:08", "1:40", "2:05:00"]
    assert [span(each) for each in (1, 45, 60, 119, 120, 7_200, 3 * DAY)] == [
        *("1 second", "45 seconds", "1 minute", "119 seconds", "2 minutes", "2 hours", "3 days"),
    ]
    assert [brief(each) for each in (-1, 42, 60, 3_600, 90_000)] == ["0 s", "42 s", "1 min", "1 h", "1 d"]
    assert [ordinal(each) for each in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"),
    ]
    assert [counted(each, "file") for each in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


def test_a_wait_is_a_range_that_is_rounded() -> None:
    assert wait_words(None) == ""
    assert wait_words((0, 30)) == "less than a minute"
    assert wait_words((240, 540)) == "about 4 to 9 minutes"
    assert wait_words((10, 360)) == "up to about 6 minutes"
    assert wait_words((540, 545)) == "about 9 minutes"
    assert wait_words((0, 60)) == "up to about 1 minute"
    assert wait_words((1_000, 7_200)) == "up to about 2 hours"


def test_a_day_is_named_from_where_one_stands() -> None:
    noon = 20_000 * DAY + DAY / 2
    assert day_name(noon, noon) == "Today"
    assert day_name(noon - DAY, noon) == "Yesterday"
    assert day_name(noon - 2 * DAY, noon) == "Wednesday, 2 October"
    assert day_name(noon - 400 * DAY, noon) == "31 August 2023"
