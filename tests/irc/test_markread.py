"""MARKREAD, by the bytes on the wire."""

import pytest

from antechamber.irc import read_markers
from antechamber.protocol.limits import Limits
from tests.irc.wire import Net

EARLY, LATE = "timestamp=1970-01-12T13:46:00.000Z", "timestamp=1970-01-12T13:46:30.500Z"


def test_who_comes_in_is_told_how_far_it_has_read_before_the_names_end() -> None:
    mary = Net().connects("Mary", "draft/read-marker")
    lines = mary.asked("JOIN #general")
    assert [line.split()[1] for line in lines] == [b"JOIN", b"MARKREAD", b"353", b"366"]
    assert lines[1] == b":irc.antechamber MARKREAD #general *"
    mary.sends(f"MARKREAD #general {EARLY}", "PART #general")
    lines = mary.asked("JOIN #general")
    assert f":irc.antechamber MARKREAD #general {EARLY}".encode() in lines


def test_who_does_not_want_to_know_is_not_told() -> None:
    mary = Net().connects("Mary")
    assert not any(b"MARKREAD" in line for line in mary.asked("JOIN #general"))


def test_a_marker_goes_forwards_only() -> None:
    mary = Net().connects("Mary", "draft/read-marker")
    assert mary.asked("MARKREAD #general") == [b":irc.antechamber MARKREAD #general *"]
    for stamp, told in ((EARLY, EARLY), (LATE, LATE), (EARLY, LATE)):
        assert mary.asked(f"MARKREAD #general {stamp}") == [f":irc.antechamber MARKREAD #general {told}".encode()]
    assert mary.asked("MARKREAD #GENERAL") == [f":irc.antechamber MARKREAD #GENERAL {LATE}".encode()]


def test_nothing_is_read_before_it_is_said() -> None:
    mary = Net().connects("Mary")
    now = b":irc.antechamber MARKREAD Bob timestamp=1970-01-12T13:46:40.000Z"
    assert mary.asked("MARKREAD Bob timestamp=2999-01-01T00:00:00.000Z") == [now]


def test_a_marker_outlives_its_session_and_is_nobody_else_s() -> None:
    net = Net()
    mary = net.connects("Mary")
    mary.sends(f"MARKREAD #general {EARLY}")
    mary.vanishes()
    assert net.connects("Bob").asked("MARKREAD #general") == [b":irc.antechamber MARKREAD #general *"]
    assert net.connects("mary").asked("MARKREAD #general") == [f":irc.antechamber MARKREAD #general {EARLY}".encode()]


def test_what_is_no_marker_is_told_so() -> None:
    net = Net()
    mary = net.connects("Mary")
    fail = b":irc.antechamber FAIL MARKREAD "
    assert mary.asked("MARKREAD") == [fail + b"NEED_MORE_PARAMS :Missing parameters"]
    assert mary.asked("MARKREAD #general *") == [fail + b"INVALID_PARAMS #general * :This is not a valid timestamp"]
    longest = "#" + "x" * net.limits.name_characters_max
    assert mary.asked(f"MARKREAD {longest}") == [f":irc.antechamber MARKREAD {longest} *".encode()]
    told = fail + f"INVALID_PARAMS {longest}x :This is not a valid target".encode()
    assert mary.asked(f"MARKREAD {longest}x") == [told]


def test_so_many_targets_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_markers, "TARGETS_MAX", 2)
    mary = Net().connects("Mary")
    mary.sends(*(f"MARKREAD {target} {EARLY}" for target in ("#one", "#two")))
    mary.sends(f"MARKREAD #one {LATE}")
    assert mary.asked("MARKREAD #two")[0].endswith(EARLY.encode())
    mary.sends(f"MARKREAD #three {EARLY}")
    assert mary.asked("MARKREAD #two") == [b":irc.antechamber MARKREAD #two *"]
    assert mary.asked("MARKREAD #one")[0].endswith(LATE.encode())


def test_so_many_are_remembered_in_all_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_markers, "MARKERS_MAX", 2)
    net = Net()
    mary, bob, ann = net.connects("Mary"), net.connects("Bob"), net.connects("Ann")
    for client in (mary, bob, mary):
        client.sends(f"MARKREAD #general {EARLY}")
    assert bob.asked("MARKREAD #general")[0].endswith(EARLY.encode())
    ann.sends(f"MARKREAD #general {EARLY}")
    assert bob.asked("MARKREAD #general") == [b":irc.antechamber MARKREAD #general *"]
    assert mary.asked("MARKREAD #general")[0].endswith(EARLY.encode())


def test_so_many_are_remembered_of_one_address_and_no_more() -> None:
    net = Net(limits=Limits(address_marks_max=2))
    mary, bob, ann = net.connects("Mary"), net.connects("Bob"), net.connects("Ann")
    bob.user.host = mary.user.host
    ann.sends(f"MARKREAD #general {EARLY}")
    mary.sends(f"MARKREAD #general {EARLY}", f"MARKREAD #help {EARLY}", f"MARKREAD #general {LATE}")
    assert mary.asked("MARKREAD #help")[0].endswith(EARLY.encode())
    bob.sends(f"MARKREAD #general {EARLY}")
    assert mary.asked("MARKREAD #help") == [b":irc.antechamber MARKREAD #help *"]
    assert mary.asked("MARKREAD #general")[0].endswith(LATE.encode())
    assert ann.asked("MARKREAD #general")[0].endswith(EARLY.encode())
    assert net.hub.budgets.used("marks", mary.user.host) == 2


def test_a_mark_that_is_set_from_another_address_is_that_ones() -> None:
    net = Net()
    mary = net.connects("Mary")
    mary.sends(f"MARKREAD #general {LATE}")
    mary.user.host = "other.cloak"
    mary.sends(f"MARKREAD #general {EARLY}")
    assert mary.asked("MARKREAD #general")[0].endswith(LATE.encode())
    assert [net.hub.budgets.used("marks", host) for host in ("mary.cloak", "other.cloak")] == [0, 1]
