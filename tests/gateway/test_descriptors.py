"""How the open files that the system allows are shared out."""

import os
import resource
import sys

import pytest

from antechamber.gateway.descriptors import front_desk_connections_max, sessions_that_fit, visitors_max


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let 30 files be open."""
    monkeypatch.setattr(os, "listdir", lambda _: ["x"] * 30)
    return monkeypatch


def set_bound(monkeypatch: pytest.MonkeyPatch, descriptors: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    ("descriptors", "sessions", "front_desk", "visitors"),
    [
        (64, 16, 4, 4),
        (256, 114, 16, 16),
        (1_024, 738, 64, 64),
        (20_000, 18_742, 1_000, 64),
        (1_048_576, 1_047_318, 1_000, 64),
    ],
)
def test_sessions_leave_room_for_the_log_the_front_desk_and_its_files(
    allow: pytest.MonkeyPatch, descriptors: int, sessions: int, front_desk: int, visitors: int
) -> None:
    set_bound(allow, descriptors)
    assert (sessions_that_fit(), front_desk_connections_max(), visitors_max()) == (sessions, front_desk, visitors)
    assert 30 + sessions + front_desk + visitors < descriptors


def test_sessions_that_are_open_already_take_no_room_from_themselves(allow: pytest.MonkeyPatch) -> None:
    set_bound(allow, 1_024)
    assert sessions_that_fit(20) == 758


def test_without_a_bound_there_is_room_for_all(allow: pytest.MonkeyPatch) -> None:
    set_bound(allow, resource.RLIM_INFINITY)
    assert sessions_that_fit() > sys.maxsize // 2
    assert front_desk_connections_max() == 1_000


def test_what_is_open_is_counted() -> None:
    before = sessions_that_fit()
    with open(os.devnull, "rb"):
        assert sessions_that_fit() == before - 1
    assert sessions_that_fit() == before
