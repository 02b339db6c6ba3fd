"""LIST, by the bytes on the wire."""

import pytest

from antechamber.commands import SetTopic
from antechamber.irc.network import IrcSettings
from antechamber.limits import Limits
from antechamber.room import Room
from tests.irc.wire import Client, Net

OPEN = IrcSettings(open_channels=True)
START = b":irc.antechamber 321 Mary Channel :Users  Name"
END = b":irc.antechamber 323 Mary :End of LIST"


def listed(client: Client, *what: str) -> list[bytes]:
    """Return the names of the channels that LIST tells of."""
    start, *lines, end = client.asked(" ".join(("LIST", *what)))
    assert (start, end) == (START, END)
    return [line.split()[3] for line in lines]


def test_the_channels_are_listed_with_their_seats_and_their_line() -> None:
    net = Net(seats=2)
    for name in ("Ann", "Bob", "Cid"):
        net.joins(name)
    net.rooms["games"].topic = "Chess"
    mary = net.connects("Mary")
    assert mary.asked("LIST") == [
        START,
        b":irc.antechamber 322 Mary #general 2 :[2/2, 1 waiting]",
        b":irc.antechamber 322 Mary #games 0 :[0/2, 0 waiting] Chess",
        b":irc.antechamber 322 Mary #help 0 :[0/2, 0 waiting]",
        END,
    ]


def test_a_channel_of_the_users_own_has_no_seats_before_it_has_a_limit() -> None:
    net = Net(settings=OPEN)
    ann, mary = net.joins("Ann", "#den"), net.connects("Mary")
    ann.sends("TOPIC #den :Ours")
    assert mary.asked("LIST #den")[1:-1] == [b":irc.antechamber 322 Mary #den 1 :Ours"]
    ann.sends("MODE #den +l 3")
    assert mary.asked("LIST #den")[1:-1] == [b":irc.antechamber 322 Mary #den 1 :[1/3] Ours"]


@pytest.mark.parametrize(
    ("what", "channels"),
    [
        ("#general", [b"#general"]),
        ("#GAMES,#help,#nowhere", [b"#games", b"#help"]),
        ("*g*", [b"#general", b"#games"]),
        ("#?ames", [b"#games"]),
        ("!*g*", [b"#help"]),
        (">0", [b"#general"]),
        ("<1", [b"#games", b"#help"]),
        (">0,!*general", []),
        ("#general,<1", []),
        ("T<5", [b"#games"]),
        ("T>5", []),
        ("T>", []),
        (">x", []),
    ],
)
def test_channels_are_asked_for_by_what_they_are(what: str, channels: list[bytes]) -> None:
    net = Net()
    net.joins("Ann")
    net.operator.ask(SetTopic("Chess", "games"))
    net.run()
    assert listed(net.connects("Mary"), what) == channels


def test_a_topic_grows_old() -> None:
    net = Net()
    net.operator.ask(SetTopic("Chess", "games"))
    net.run()
    mary = net.connects("Mary")
    net.loop.advance(301)
    assert listed(mary, "T>5") == [b"#games"]
    assert listed(mary, "t<5") == []


def test_a_secret_channel_is_listed_to_its_members() -> None:
    net = Net(settings=OPEN)
    net.joins("Ann", "#den").sends("MODE #den +s")
    mary = net.connects("Mary")
    assert listed(mary, "#den") == []
    mary.sends("JOIN #den")
    mary.reads()
    assert listed(mary, "#den") == [b"#den"]


def test_an_answer_costs_what_it_looks_at() -> None:
    limits = Limits(address_commands_per_second_max=1, address_commands_burst_max=3)
    net = Net(limits=limits, settings=OPEN)
    mary = net.connects("Mary")
    for name in [f"room{number}" for number in range(197)]:
        net.hub.rooms.put(Room(name, 9_001, 5, limits))
    fail = [b":irc.antechamber FAIL LIST TOO_FAST :You are asking for too much, so this was not done. Wait a moment."]
    assert mary.asked("LIST")[-1] == END  # of 200 channels, which is worth two commands
    assert mary.asked("LIST") == fail
    net.loop.advance(1)
    assert mary.asked("LIST")[-1] == END
    mary.user.operator = True
    assert mary.asked("LIST")[-1] == END


@pytest.mark.parametrize("question", ["WHO *", "WHO #general", "NAMES #general"])
def test_questions_about_many_people_cost_as_much(question: str) -> None:
    limits = Limits(address_commands_per_second_max=1, address_commands_burst_max=3)
    net = Net(300, limits=limits)
    mary = net.joins("Mary")
    for number in range(200):
        net.joins(f"n{number}")
    mary.reads()
    for answer in (False, True, True):
        assert any(b"TOO_FAST" in line for line in mary.asked(question)) is answer
    net.loop.advance(2)
    assert not any(b"TOO_FAST" in line for line in mary.asked(question))
