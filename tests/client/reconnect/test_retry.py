"""The way back: trying again, in growing pauses, until it works or the person quits."""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from antechamber.client.reconnect.retry import (
    NOTE_SECONDS_MAX,
    NOTE_SECONDS_MIN,
    PAUSE_SECONDS_MAX,
    PAUSE_SECONDS_MIN,
    Retry,
    spell,
)
from antechamber.client.server_connection import ConnectionProblem, NoSuchChannel, ServerConnection
from tests.client.scripted import SECONDS_MAX, Pauses

REFUSED = ConnectionProblem("nothing answers: connection refused")


class Board:
    """A view that keeps what it is to show."""

    def __init__(self, is_terminal: bool) -> None:
        self.shows_progress = is_terminal
        self.notes: list[str] = []
        self.shown: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, text: str) -> None:
        raise AssertionError(text)

    def away(self, text: str) -> None:
        if self.shows_progress:
            self.shown.append(text)


class Opened(ServerConnection):
    """A connection to nowhere."""

    def __init__(self, port: int, first_line: bytes) -> None:
        self.port = port
        self.first_line = first_line
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Network:
    """Ports that do what the test says, and a front desk."""

    def __init__(self) -> None:
        self.problems: dict[int, list[Exception]] = {}
        """What still happens at a port before it answers."""
        self.knocks: list[int] = []
        self.channels: dict[str, int] | ConnectionProblem = {}

    def connect(self, _: str, port: int, first_line: bytes) -> ServerConnection:
        self.knocks.append(port)
        if self.problems.get(port):
            raise self.problems[port].pop(0)
        return Opened(port, first_line)

    def look_up(self, _: str, front_desk_port: int, channel: str) -> int:
        assert front_desk_port == 9876
        if isinstance(self.channels, ConnectionProblem):
            raise self.channels
        if channel not in self.channels:
            raise NoSuchChannel(f"there is no channel {channel}")
        return self.channels[channel]


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def board(request: pytest.FixtureRequest) -> Board:
    return Board(getattr(request, "param", False))


@pytest.fixture
def returning(network: Network, pauses: Pauses, board: Board) -> Iterator[Retry]:
    returning = Retry(
        "here",
        9001,
        board,
        connect=network.connect,
        look_up=network.look_up,
        now=pauses.now,
        wait=pauses.wait,
        chance=lambda: 1.0,
    )
    returning.door_channel = "general"
    yield returning
    for thread in threading.enumerate():
        if thread.name == "connecting":
            thread.join(SECONDS_MAX)


def finds(returning: Retry, channel: str = "general", any_door: bool = True, at_once: bool = False) -> Opened:
    found = returning.find(b"first", channel, any_door, at_once)
    assert isinstance(found, Opened)
    assert found.first_line == b"first"
    return found


# Pauses


def test_the_pauses_double_up_to_their_bound(returning: Retry, network: Network, pauses: Pauses) -> None:
    network.problems[9001] = [REFUSED] * 9
    returning.lose("seat", 60)
    finds(returning)
    assert pauses.lengths == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15.0, 15.0, 15.0])
    assert (PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX) == (0.2, 15.0)


def test_chance_takes_up_to_half_of_a_pause_away(network: Network, pauses: Pauses, board: Board) -> None:
    returning = Retry("", 1, board, connect=network.connect, now=pauses.now, wait=pauses.wait, chance=lambda: 0.0)
    finds(returning)
    assert pauses.lengths == [0.1]


def test_without_a_chance_given_no_two_clients_need_come_at_once(network: Network, board: Board) -> None:
    lengths = set()
    for _ in range(20):
        pauses = Pauses()
        finds(Retry("", 1, board, connect=network.connect, now=pauses.now, wait=pauses.wait))
        lengths.update(pauses.lengths)
    assert len(lengths) > 1
    assert min(lengths) >= 0.1
    assert max(lengths) <= 0.2


def test_a_try_that_came_to_nothing_later_does_not_shorten_the_next_pause(returning: Retry, pauses: Pauses) -> None:
    returning.lose("seat", 60)
    finds(returning)
    returning.fail("it hung up")
    finds(returning)
    finds(returning, at_once=True)
    assert pauses.lengths == pytest.approx([0.2, 0.4])


@pytest.mark.parametrize(("seconds", "pause"), [(0.39, 0.4), (0.4, 0.2)])
def test_the_pauses_begin_anew_once_the_client_was_back_for_as_long_as_the_next_one(
    returning: Retry, pauses: Pauses, seconds: float, pause: float
) -> None:
    returning.lose("seat", 60)
    finds(returning)
    returning.arrive()
    pauses.time += seconds
    returning.lose("seat", 60)
    finds(returning)
    assert pauses.lengths == pytest.approx([0.2, pause])


# What the person is told


@pytest.mark.parametrize("board", [True], indirect=True)
def test_on_a_terminal_one_line_tells_of_each_try_and_goes(
    returning: Retry, network: Network, pauses: Pauses, board: Board
) -> None:
    network.problems[9001] = [REFUSED] * 4
    returning.lose("seat", 2)
    finds(returning)
    nothing = "nothing answers: connection refused"
    assert board.shown == [
        "Trying again in 1 s; your seat is kept for 2 s more",
        f"Trying again in 1 s; your seat is kept for 2 s more; {nothing}",
        f"Trying again in 1 s; your seat is kept for 1 s more; {nothing}",
        f"Trying again in 2 s; your seat is kept for 1 s more; {nothing}",
        f"Trying again in 4 s; your seat may be gone by now; {nothing}",
        "",
    ]
    pauses.time += 2 * NOTE_SECONDS_MIN
    returning.fail("it hung up")
    assert board.notes == []


def test_elsewhere_notes_come_ever_more_rarely(
    returning: Retry, network: Network, pauses: Pauses, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = []

    def note(text: str) -> None:
        times.append(pauses.time)
        board.notes.append(text)

    monkeypatch.setattr(board, "note", note)
    network.problems[9001] = [REFUSED] * 2000
    returning.lose("place in line", 300)
    finds(returning)
    assert NOTE_SECONDS_MIN <= times[0] < NOTE_SECONDS_MIN + PAUSE_SECONDS_MAX
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[:7] == sorted(gaps[:7])
    assert all(NOTE_SECONDS_MAX <= gap < NOTE_SECONDS_MAX + PAUSE_SECONDS_MAX for gap in gaps[7:])
    nothing = "nothing answers: connection refused"
    assert board.notes[0] == f"away for 70 s; {nothing}; your place in line is kept for 4 min more; trying again"
    assert board.notes[-1] == f"away for 7 hours; {nothing}; your place in line may be gone by now; trying again"


def test_what_was_never_kept_is_not_spoken_of(returning: Retry, pauses: Pauses, board: Board) -> None:
    returning.lose("seat", 0)
    pauses.time += NOTE_SECONDS_MIN
    returning.fail("it hung up")
    assert board.notes == ["away for 60 s; it hung up; trying again"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.4, "0 s"), (59.6, "60 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 hours")],
)
def test_a_time_is_spelled(seconds: float, words: str) -> None:
    assert spell(seconds) == words


# Quitting


def quits(returning: Retry, when: Callable[[], object]) -> None:
    when()
    returning.quit()


def test_a_quit_ends_a_pause(returning: Retry, pauses: Pauses, network: Network) -> None:
    pauses.held_up = True
    quitting = threading.Thread(target=quits, args=(returning, lambda: pauses.begun.get(timeout=SECONDS_MAX)))
    quitting.start()
    assert returning.find(b"first", "general", any_door=True) is None
    quitting.join(SECONDS_MAX)
    assert network.knocks == []


def test_a_quit_ends_a_try_and_what_that_finds_is_closed(pauses: Pauses, board: Board) -> None:
    knocking, replies = threading.Event(), threading.Event()
    opened = Opened(9001, b"")

    def connect(*_: object) -> ServerConnection:
        knocking.set()
        replies.wait(SECONDS_MAX)
        return opened

    returning = Retry("here", 9001, board, connect=connect, now=pauses.now, wait=pauses.wait)
    quitting = threading.Thread(target=quits, args=(returning, lambda: knocking.wait(SECONDS_MAX)))
    quitting.start()
    assert returning.find(b"first", "general", any_door=True) is None
    replies.set()
    for thread in threading.enumerate():
        if thread.name == "connecting":
            thread.join(SECONDS_MAX)
    assert opened.closed


def test_after_a_quit_nothing_is_tried(returning: Retry, network: Network, pauses: Pauses) -> None:
    returning.quit()
    assert returning.find(b"first", "general", any_door=True, at_once=True) is None
    assert network.knocks == pauses.lengths == []


# Where to


def test_any_door_is_the_first_one(returning: Retry, network: Network) -> None:
    returning.front_desk_port = 9876
    assert finds(returning, "games").port == 9001
    assert network.knocks == [9001]


def test_a_channel_elsewhere_is_looked_up(returning: Retry, network: Network) -> None:
    returning.front_desk_port = 9876
    network.channels = {"general": 9001, "games": 9002}
    assert finds(returning, "games", any_door=False).port == 9002
    assert network.knocks == [9002]


@pytest.mark.parametrize(("channel", "any_door"), [("games", True), ("general", False)])
def test_a_channel_is_looked_up_where_the_first_door_has_gone(
    returning: Retry, network: Network, channel: str, any_door: bool
) -> None:
    returning.front_desk_port = 9876
    network.problems[9001] = [REFUSED]
    network.channels = {channel: 9002}
    assert finds(returning, channel, any_door).port == 9002


def test_without_a_front_desk_the_first_door_is_the_only_one(returning: Retry, network: Network) -> None:
    network.problems[9001] = [REFUSED]
    assert finds(returning, "games", any_door=True).port == 9001
    assert network.knocks == [9001, 9001]
    with pytest.raises(NoSuchChannel):
        returning.find(b"first", "games", any_door=False)


@pytest.mark.parametrize("channels", [{"general": 9001}, ConnectionProblem("no desk"), {}])
def test_the_first_doors_problem_is_the_one_that_is_told(
    returning: Retry, network: Network, pauses: Pauses, board: Board, channels: dict[str, int] | ConnectionProblem
) -> None:
    returning.front_desk_port = 9876
    network.problems[9001] = [REFUSED]
    network.channels = channels
    pauses.time = 2 * NOTE_SECONDS_MIN
    assert finds(returning, "general", any_door=True).port == 9001
    assert board.notes == ["away for 2 min; nothing answers: connection refused; trying again"]


def test_a_front_desk_that_does_not_answer_is_asked_again(returning: Retry, network: Network) -> None:
    returning.front_desk_port = 9876
    network.channels = ConnectionProblem("no desk")

    def fail(problem: str) -> None:
        assert problem == "no desk"
        network.channels = {"games": 9002}

    returning.fail = fail  # type: ignore[method-assign]
    assert finds(returning, "games", any_door=False).port == 9002


@pytest.mark.parametrize("channel", ["general", "games"])
def test_a_channel_that_is_no_more_has_no_way_back(returning: Retry, network: Network, channel: str) -> None:
    returning.front_desk_port = 9876
    network.problems[9001] = [REFUSED]
    with pytest.raises(NoSuchChannel) as caught:
        returning.find(b"first", channel, any_door=False)
    assert str(caught.value) == f"there is no channel {channel} any more"


def test_a_fault_of_the_program_is_not_tried_again(returning: Retry, network: Network) -> None:
    network.problems[9001] = [RuntimeError("broken")]
    with pytest.raises(RuntimeError):
        returning.find(b"first", "general", any_door=True)
