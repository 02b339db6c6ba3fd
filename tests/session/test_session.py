"""A session's memory of what it asked."""

import pytest

from antechamber.codec.jsonl import JSON
from antechamber.session.session import GONE, Memberships, Session
from tests.fakes import FakeTransport


def session() -> Session:
    return Session(FakeTransport(), JSON, "general")


def test_a_new_session_is_nobody_and_nowhere() -> None:
    new = session()
    assert (new.channel, new.name, new.seated, new.place, new.closed, new.operator) == ("", "", False, -1, False, False)
    assert new.door == "general"


def test_a_session_is_known_once_it_has_a_name_or_is_an_operators() -> None:
    one, other = session(), session()
    assert not one.is_known
    one.name, other.operator = "Mary", True
    assert one.is_known
    assert other.is_known


def test_an_id_that_came_before_is_known_again() -> None:
    one = session()
    assert not one.repeats("1", 10)
    assert not one.repeats("2", 10)
    assert one.repeats("1", 10)
    assert one.repeats("2", 10)


def test_as_many_ids_are_remembered_as_the_bound_says() -> None:
    one = session()
    for command_id in ("1", "2", "3"):
        assert not one.repeats(command_id, 3)
    assert one.repeats("1", 3)


def test_past_the_bound_the_oldest_id_is_forgotten() -> None:
    one = session()
    for command_id in ("1", "2", "3", "4"):
        assert not one.repeats(command_id, 3)
    assert [one.repeats(command_id, 3) for command_id in ("2", "3", "4")] == [True, True, True]
    assert not one.repeats("1", 3)


def test_an_id_that_is_forgotten_is_new_again() -> None:
    one = session()
    one.forget("1")
    assert not one.repeats("1", 3)
    one.forget("1")
    one.forget("never came")
    assert not one.repeats("1", 3)


def test_the_ids_of_one_session_are_not_those_of_another() -> None:
    one, other = session(), session()
    assert not one.repeats("1", 3)
    assert not other.repeats("1", 3)


def test_what_goes_to_a_connection_that_ended_goes_nowhere() -> None:
    GONE.write(b"hello")
    GONE.pause_reading()
    GONE.resume_reading()
    GONE.close()
    GONE.abort()


def test_a_key_is_known_by_itself_alone_and_goes_on_with_the_member() -> None:
    one, other = session(), session()
    assert not one.has_key("")
    one.key = "ké\ud800"
    assert one.has_key("ké\ud800")
    assert not any(map(one.has_key, ("", "k", "ké\ud801", "ké\ud800 ")))
    other.inherit(one)
    assert other.has_key("ké\ud800")


def test_what_is_so_of_a_session_is_so_by_itself() -> None:
    one = session()
    flags = ("seated", "closed", "may_hold", "holds", "quits", "wants_presence", "operator", "observes")
    before = {flag: getattr(one, flag) for flag in flags}
    assert [flag for flag in flags if before[flag]] == ["may_hold"]
    for flag in flags:
        for value in (True, True, False, False, before[flag]):
            setattr(one, flag, value)
            assert {each: getattr(one, each) for each in flags} == before | {flag: value}


@pytest.mark.parametrize("channels", [[], ["general"], ["general", "games"], ["general", "games", "music"]])
def test_the_memberships_of_a_connection_are_known_by_channel(channels: list[str]) -> None:
    kept, known = Memberships(), {channel: session() for channel in channels}
    for channel, one in known.items():
        kept[channel] = session()
        kept[channel] = one  # in its place
    while True:
        assert (list(kept), len(kept), bool(kept)) == (list(known), len(known), bool(known))
        assert dict(kept) == known
        with pytest.raises(KeyError):
            kept["elsewhere"]
        with pytest.raises(KeyError):
            del kept["elsewhere"]
        if not known:
            break
        first = next(iter(known))
        del kept[first], known[first]
    kept["again"] = session()
    assert list(kept) == ["again"]
