"""LIST, by the bytes on the wire."""

import pytest

from antechamber.protocol.commands import SetTopic
from antechamber.protocol.limits import LIST_CONDITIONS_MAX, Limits
from antechamber.rooms.room import Room
from tests.irc.wire import OPEN, Client, Net

START = b":irc.antechamber 321 Mary Channel :Users  Name"
END = b":irc.antechamber 323 Mary :End of LIST"


def listed(client: Client, *what: str) -> list[bytes]:
    """Return the names of the channels that LIST lists."""
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


@pytest.mark.parametrize("of", ["general", "den"])
def test_what_a_locked_channel_is_about_is_listed_for_its_members_alone(of: str) -> None:
    net = Net(seats=2, settings=OPEN)
    ann, mary = net.joins("Ann", f"#{of}"), net.connects("Mary")
    net.operator.ask(SetTopic("Ours", of))
    net.sets_mode("+k", "key", of)
    seats = "[1/2, 0 waiting]" if of == "general" else ""
    assert mary.asked(f"LIST #{of}")[1:-1] == [f":irc.antechamber 322 Mary #{of} 1 :{seats}".encode()]
    assert b"Ours" in ann.asked(f"LIST #{of}")[-2]
    assert f"#{of}".encode() not in [*listed(mary, "T<60"), *listed(mary, "T>0")]
    net.loop.advance(60)
    assert f"#{of}".encode() not in listed(mary, "T>0")
    mary.sends(f"OPER operator {net.operator_token}")
    mary.reads()
    assert b"Ours" in mary.asked(f"LIST #{of}")[-2]


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


def test_conditions_at_their_bound_are_asked_and_one_past_it_is_not() -> None:
    net = Net()
    mary = net.connects("Mary")
    many = [f"<{number}" for number in range(100, 100 + LIST_CONDITIONS_MAX - 1)]
    assert listed(mary, ",".join([*many, "#g*"])) == [b"#general", b"#games"]
    assert listed(mary, ",".join([*many, *many, "<99", "#g*"])) == [b"#general", b"#games", b"#help"]
