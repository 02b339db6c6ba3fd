"""Who guesses a key or a token waits longer each time, through all doors together, and nobody else does."""

import logging
from collections.abc import Iterable
from typing import Any

import pytest

from antechamber.codec.plain import PLAIN
from antechamber.protocol.commands import Command, Hello, Operate, Resume, SetModes, Switch
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Operating, Refusal, Resumed, Welcome
from antechamber.session import login_attempts
from antechamber.session.tokens import operator_token
from tests.fakes import SECRET, FailingHouse, House, Person

TOKEN = operator_token(SECRET)
GUESSER, SCHOOL = "guesser.cloak", "school.cloak"
HOLDS = Limits(seat_hold_seconds=60.0, place_hold_seconds=60.0, held_visit_seconds_min=0)
FREE = HOLDS.failures_burst_max
WRONG_KEY = ("wrong-key", "The general channel opens to those who know its key.")


def comes(house: House, command: Command, host: str = GUESSER, door: str = "") -> Person:
    """Connect somebody from an address, and send this."""
    person = house.knock(door)
    person.session.host = host
    person.ask(command)
    house.run()
    return person


def answer(house: House, command: Command, host: str = GUESSER, door: str = "") -> str:
    """Return the code of the refusal that this is answered with, or the name of the notice."""
    first = comes(house, command, host, door).messages()[0]
    return first.code if isinstance(first, Refusal) else type(first).__name__


def refusal(house: House, command: Command, host: str = GUESSER, door: str = "") -> str:
    """Return the words of the refusal that this is answered with."""
    first = comes(house, command, host, door).messages()[0]
    assert isinstance(first, Refusal)
    return first.text


def replies(house: House, commands: Iterable[Command], host: str = GUESSER) -> list[str]:
    return [answer(house, command, host) for command in commands]


def locked(house: House, key: str = "sesame", channel: str = "general") -> None:
    """Give a channel a key."""
    house.operator.ask(SetModes((ModeChange("+k", key),), channel))
    house.run()


# The operator token


def test_wrong_operator_tokens_are_free_up_to_their_bound_and_the_next_waits() -> None:
    house = House()
    assert replies(house, [Operate("wrong")] * FREE) == ["bad-token"] * FREE
    assert answer(house, Operate("wrong")) == "bad-token"
    person = comes(house, Operate(TOKEN))
    told, goodbye = person.messages()
    assert isinstance(told, Refusal)
    assert (told.code, told.text) == (
        "too-many-failures",
        "Too many wrong tries came from your address, so this one was not judged: wait 1 second.",
    )
    assert isinstance(goodbye, Goodbye)
    assert not person.session.operator


def test_each_failure_doubles_the_wait_and_what_is_tried_in_it_changes_nothing() -> None:
    house = House()
    replies(house, [Operate("wrong")] * FREE)
    for seconds in (1, 2, 4, 8):
        assert answer(house, Operate("wrong")) == "bad-token"
        assert refusal(house, Operate("wrong")).endswith(f"wait {seconds} second{'s' if seconds > 1 else ''}.")
        house.loop.advance(seconds - 0.5)
        assert answer(house, Operate(TOKEN)) == "too-many-failures"
        house.loop.advance(0.5)
    assert answer(house, Operate(TOKEN)) == "Operating"


def test_the_right_token_forgets_the_wrong_ones_before_it() -> None:
    house = House()
    assert replies(house, [Operate("wrong")] * FREE) == ["bad-token"] * FREE
    assert answer(house, Operate(TOKEN)) == "Operating"
    assert replies(house, [Operate("wrong")] * FREE) == ["bad-token"] * FREE
    assert answer(house, Operate(TOKEN)) == "Operating"


def test_whoever_is_at_another_address_meets_none_of_it() -> None:
    house = House()
    replies(house, [Operate("wrong")] * (FREE + 1))
    assert answer(house, Operate(TOKEN), SCHOOL) == "Operating"
    assert answer(house, Operate(TOKEN)) == "too-many-failures"


def test_another_door_makes_no_difference() -> None:
    house = House()
    for door in ("", "general", "games", ""):
        answer(house, Operate("wrong"), door=door)
    assert {answer(house, Operate(TOKEN), door=door) for door in ("", "general")} == {"too-many-failures"}


def test_other_limits_hold_from_the_next_try_on() -> None:
    house = House()
    replies(house, [Operate("wrong")] * FREE)
    house.hub.reload([house.rooms["general"]], Limits(failures_burst_max=FREE + 2))
    assert replies(house, [Operate("wrong")] * 2) == ["bad-token"] * 2
    assert answer(house, Operate(TOKEN)) == "Operating"


# Keys of channels


def test_the_key_of_a_channel_cannot_be_guessed_by_hellos() -> None:
    house = House()
    locked(house)
    tried = [Hello("Eve", channel="general", channel_key=key) for key in "abcd"]
    assert replies(house, tried) == ["wrong-key"] * 4
    assert answer(house, Hello("Eve", channel="general", channel_key="sesame")) == "too-many-failures"
    assert answer(house, Hello("Eve", channel="general")) == "wrong-key"  # which tries nothing
    assert answer(house, Hello("Ann", channel="general", channel_key="sesame")) == "Welcome"
    house.loop.advance(1)
    assert answer(house, Hello("Eve", channel="general", channel_key="sesame")) == "Welcome"


def test_the_key_of_a_channel_cannot_be_guessed_by_switching() -> None:
    house = House()
    locked(house)
    eve = comes(house, Hello("Eve", channel="games"))
    eve.new()
    for key in ("a", "b", "c", "d", "sesame"):
        eve.ask(Switch("general", channel_key=key))
    house.run()
    assert [code for code, _ in eve.refusals()] == ["wrong-key"] * 4 + ["too-many-failures"]
    assert eve.session.channel == "games"
    assert answer(house, Hello("Eve", channel="general", channel_key="sesame")) == "too-many-failures"
    house.loop.advance(1)
    eve.ask(Switch("general", channel_key="sesame"))
    house.run()
    assert eve.session.channel == "general"


def test_another_name_is_worth_no_more_than_the_address_has() -> None:
    limits = Limits(address_failures_burst_max=10)
    house = House(limits=limits)
    locked(house)
    tried = [Hello(f"Eve{number}", channel="general", channel_key="a") for number in range(12)]
    assert replies(house, tried) == ["wrong-key"] * 11 + ["too-many-failures"]
    assert answer(house, Hello("Ann", channel="general", channel_key="sesame"), SCHOOL) == "Welcome"


def test_a_class_of_which_each_mistypes_the_key_once_comes_in() -> None:
    house = House(seats=300)
    locked(house)
    for number in range(300):
        assert answer(house, Hello(f"N{number}", channel="general", channel_key="sesam"), SCHOOL) == "wrong-key"
    for number in range(300):
        assert answer(house, Hello(f"N{number}", channel="general", channel_key="sesame"), SCHOOL) == "Welcome"


def test_who_is_banned_or_finds_the_line_full_has_guessed_nothing() -> None:
    house = House(seats=1, limits=Limits(waiting_max=0))
    house.enter("Ann")
    locked(house)
    for _ in range(FREE + 2):
        assert answer(house, Hello("Bob", channel="general", channel_key="sesame")) == "queue-full"
    house.operator.ask(SetModes((ModeChange("+b", "Bob"),), "general"))
    for _ in range(FREE + 2):
        assert answer(house, Hello("Bob", channel="general", channel_key="wrong")) == "banned"


# Keys of hellos


def taken(house: House, name: str = "Alex") -> Person:
    """Seat somebody in general under a name, with a key."""
    return comes(house, Hello(name, channel="general", key="k" * 32), "elsewhere.cloak")


def test_a_key_cannot_be_guessed() -> None:
    house = House(limits=HOLDS)
    taken(house).vanish()
    tried = [Hello("Alex", channel="general", key=key) for key in "abcd"]
    assert replies(house, tried) == ["name-taken"] * 4
    right = Hello("Alex", channel="general", key="k" * 32)
    assert refusal(house, right).endswith("wait 1 second, or take another name.")
    assert answer(house, right, SCHOOL) == "Resumed"
    house.loop.advance(1)
    assert answer(house, right) == "Resumed"


def test_who_is_right_somewhere_else_may_not_guess_again() -> None:
    house = House(limits=HOLDS)
    taken(house)
    mine = Hello("Alex", channel="games", key="mine")
    assert answer(house, mine) == "Welcome"
    wrong = Hello("Alex", channel="general", key="wrong")
    for _ in range(FREE + 1):
        assert answer(house, wrong) == "name-taken"
    assert answer(house, mine) == "too-many-failures"
    assert answer(house, wrong) == "too-many-failures"


def test_a_class_of_pages_that_choose_one_name_waits_for_nothing_else() -> None:
    house = House(seats=400, limits=HOLDS)
    taken(house)
    locked(house, channel="games")
    codes = {answer(house, Hello("Alex", channel="general", key=f"random {n}"), SCHOOL) for n in range(400)}
    assert codes == {"name-taken", "too-many-failures"}
    assert answer(house, Hello("Alex", channel="general"), SCHOOL) == "name-taken"  # who shows no key guesses none
    for number in range(300):
        hello = Hello(f"Alex{number}", channel="general", key=f"random {number}")
        assert answer(house, hello, SCHOOL) == "Welcome"
    assert answer(house, Hello("Bob", channel="games", channel_key="sesame"), SCHOOL) == "Welcome"
    assert answer(house, Operate(TOKEN), SCHOOL) == "Operating"


@pytest.mark.parametrize(
    "hello", [Hello("Alex", channel="general"), Hello("Alex", channel="general", hold=False, key="x")]
)
def test_a_clash_of_names_without_a_key_is_no_failure(hello: Hello) -> None:
    house = House(limits=HOLDS)
    taken(house)
    assert replies(house, [hello] * 20) == ["name-taken"] * 20


def test_where_there_is_no_key_to_guess_a_name_is_taken_and_no_more() -> None:
    house = House(limits=HOLDS)
    house.enter("Alex", plain=True)
    assert replies(house, [Hello("Alex", channel="general", key="x")] * 20) == ["name-taken"] * 20


def test_who_comes_back_by_its_token_never_waits() -> None:
    house = House(limits=HOLDS)
    member = comes(house, Hello("Alex", channel="general", key="k" * 32), SCHOOL)
    welcome = member.messages()[0]
    assert isinstance(welcome, Welcome)
    member.vanish()
    for _ in range(20):
        assert answer(house, Resume("no.token"), SCHOOL) == "bad-token"
        answer(house, Hello("Alex", channel="general", key="wrong"), SCHOOL)
        answer(house, Operate("wrong"), SCHOOL)
    assert answer(house, Resume(welcome.token), SCHOOL) == "Resumed"


def test_what_is_judged_in_a_turn_that_is_not_kept_counts() -> None:
    house = FailingHouse()
    house.fail()
    house.knock().ask(Hello("Bob"))
    for _ in range(FREE + 1):
        eve = house.knock("")
        eve.session.host = GUESSER
        eve.ask(Operate("wrong"))
    house.run()
    house.fail(False)
    assert answer(house, Operate(TOKEN)) == "too-many-failures"


# What is told of it


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return what was logged of the tries that failed."""
    wanted = ("kind", "about", "door", "host", "failures", "wait_seconds", "unlogged")
    found = []
    for record in caplog.records:
        assert (record.name, record.levelno) == ("antechamber.session.login_attempts", logging.WARNING)
        assert record.getMessage() == "a wrong secret was tried"
        assert "hunter2" not in str(vars(record))
        found.append({key: vars(record)[key] for key in wanted})
    return found


def test_failures_are_told_the_first_time_and_each_time_their_number_has_doubled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House()
    for _ in range(9):
        answer(house, Operate("hunter2"))
        house.loop.advance(300)
    assert [(each["failures"], each["wait_seconds"]) for each in told(caplog)] == [(1, 0), (2, 0), (4, 1), (8, 16)]
    first = told(caplog)[0]
    assert first == {
        "kind": "operator token",
        "about": "the operator",
        "door": "page",
        "host": GUESSER,
        "failures": 1,
        "wait_seconds": 0,
        "unlogged": 0,
    }


def test_every_kind_of_failure_is_told_with_its_door(caplog: pytest.LogCaptureFixture) -> None:
    house = House(limits=HOLDS)
    taken(house)
    locked(house, channel="games")
    for _ in range(FREE):
        answer(house, Hello("Alex", key="hunter2"), door="general")
        answer(house, Resume("hunter2"), door="help")
    assert told(caplog) == []  # two chose one name, or the server is a new one
    answer(house, Hello("Alex", key="hunter2"), door="general")
    answer(house, Hello("Eve", channel="games", channel_key="hunter2"))
    answer(house, Resume("hunter2"), door="help")
    assert [(each["kind"], each["about"], each["door"]) for each in told(caplog)] == [
        ("key", "Alex", "general"),
        ("channel key", "games Eve", "page"),
        ("resume token", "a membership", "help"),
    ]


def test_very_many_are_told_in_part_and_the_next_says_of_how_many_nothing_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House()
    for number in range(login_attempts.WARNINGS_BURST + 7):
        answer(house, Operate("hunter2"), f"{number}.cloak")
    assert len(told(caplog)) == login_attempts.WARNINGS_BURST
    house.loop.advance(1 / login_attempts.WARNINGS_PER_SECOND)
    answer(house, Operate("hunter2"), "last.cloak")
    assert told(caplog)[-1]["unlogged"] == 7
    house.loop.advance(1 / login_attempts.WARNINGS_PER_SECOND)
    answer(house, Operate("hunter2"), "one more.cloak")
    assert told(caplog)[-1]["unlogged"] == 0


def test_no_secret_stands_in_what_a_log_may_tell_of_a_command() -> None:
    commands = [
        Hello("Mary", key="hunter2", channel_key="hunter2"),
        Switch("games", channel_key="hunter2"),
        Operate("hunter2"),
        Resume("hunter2"),
        SetModes((ModeChange("+k", "hunter2"),), "general"),
    ]
    assert "hunter2" not in repr(commands)
    assert "Mary" in repr(SetModes((ModeChange("+o", "Mary"),), "general"))


def test_an_operator_of_the_page_and_a_plain_caller_read_it_in_their_own_way() -> None:
    house = House()
    replies(house, [Operate("wrong")] * (FREE + 1))
    locked(house)
    assert isinstance(comes(house, Operate(TOKEN), SCHOOL).messages()[0], Operating)
    plain = house.knock(encoding=PLAIN)
    plain.session.host = GUESSER
    plain.ask(Hello("Eve", channel_key="x"))
    house.run()
    assert b"opens to those who know its key" in plain.data
    assert WRONG_KEY[1] in plain.data.decode()


def test_a_resumed_session_is_what_a_right_key_gives() -> None:
    house = House(limits=HOLDS)
    taken(house).vanish()
    again = comes(house, Hello("Alex", channel="general", key="k" * 32), SCHOOL)
    assert isinstance(again.messages()[0], Resumed)
