"""LIST, by the bytes on the wire."""

import pytest

from antechamber.commands import SetTopic
from antechamber.irc.network import IrcSettings
from antechamber.limits import LIST_CONDITIONS_MAX
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


def test_conditions_at_their_bound_are_asked_and_one_past_it_is_not() -> None:
    net = Net()
    mary = net.connects("Mary")
    many = [f"<{number}" for number in range(100, 100 + LIST_CONDITIONS_MAX - 1)]
    assert listed(mary, ",".join([*many, "#g*"])) == [b"#general", b"#games"]
    assert listed(mary, ",".join([*many, *many, "<99", "#g*"])) == [b"#general", b"#games", b"#help"]
