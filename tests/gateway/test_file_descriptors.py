"""The allocation of the open files that the system allows."""

import os
import resource
import sys

import pytest

from antechamber.gateway.file_descriptors import (
    all_fit,
    front_desk_connections_max,
    open_files,
    rejected_connections_max,
    sessions_that_fit,
)


def set_bound(monkeypatch: pytest.MonkeyPatch, descriptors: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    ("descriptors", "sessions", "front_desk", "rejected"),
    [
        (64, 16, 4, 4),
        (256, 114, 16, 16),
        (1_024, 738, 64, 64),
        (20_000, 16_504, 3_238, 64),
        (1_048_576, 1_044_318, 4_000, 64),
    ],
)
def test_sessions_leave_room_for_the_log_the_front_desk_and_its_files(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, sessions: int, front_desk: int, rejected: int
) -> None:
    set_bound(monkeypatch, descriptors)
    assert (sessions_that_fit(30), front_desk_connections_max(), rejected_connections_max()) == (
        sessions,
        front_desk,
        rejected,
    )
    assert 30 + sessions + front_desk + rejected < descriptors


@pytest.mark.parametrize(("others", "sessions", "fits"), [(32, 0, True), (33, 0, False), (32, 17, False)])
def test_where_the_system_allows_few_they_fit_as_long_as_some_are_left(
    monkeypatch: pytest.MonkeyPatch, others: int, sessions: int, fits: bool
) -> None:
    set_bound(monkeypatch, 64)  # 16 sessions, 4 rejected, 4 at the front desk, 4 file transfers, 8 left
    assert sessions_that_fit(others) == 16
    assert all_fit(others - 4, sessions) is fits


def test_without_a_bound_there_is_room_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    set_bound(monkeypatch, resource.RLIM_INFINITY)
    assert sessions_that_fit(30) > sys.maxsize // 2
    assert front_desk_connections_max() == 4_000


def test_what_is_open_is_counted() -> None:
    before = open_files()
    with open(os.devnull, "rb"):
        assert open_files() == before + 1
    assert open_files() == before
