"""Mutes: whom they are for, and how many are remembered."""

import pytest

from antechamber.channel.mutes import Mutes
from antechamber.protocol.limits import MUTES_REMEMBERED
from antechamber.protocol.text import likeness


@pytest.mark.parametrize(
    "alike", ["mary", "MARY", "Mary_", "-M.a~r'y-", "Ｍary", "+Mary", "Ma\N{LATIN SMALL LETTER R}y"]
)
def test_a_name_that_differs_in_case_width_or_signs_alone_is_the_same_ones(alike: str) -> None:
    assert likeness(alike) == likeness("Mary")


@pytest.mark.parametrize("other", ["Mary2", "Marie", "M", "Máry", "कमल", "कमला"])
def test_any_other_name_is_somebody_elses(other: str) -> None:
    assert [
        name for name in ("Mary", "Mary2", "Marie", "M", "Máry", "कमल", "कमला") if likeness(name) == likeness(other)
    ] == [other]


def test_names_of_signs_alone_are_told_apart() -> None:
    assert len({likeness(name) for name in ("_", "__", "-", ".")}) == 4


def test_a_mute_is_for_a_name_and_where_it_comes_from_together() -> None:
    mutes = Mutes().with_one("Mary", "a.cloak", 60.0, 0.0)
    assert mutes.until("mary_", "a.cloak") == 60.0
    assert mutes.until("Mary", "b.cloak") == mutes.until("Bob", "a.cloak") == 0.0


def test_those_that_are_over_are_forgotten_with_the_next_one() -> None:
    mutes = Mutes().with_one("Mary", "", 60.0, 0.0).with_one("Bob", "", 61.0, 0.0)
    assert mutes.with_one("Ann", "", 90.0, 60.0).kept((), 0.0) == [("ann", "", 90.0), ("bob", "", 61.0)]


@pytest.mark.parametrize("more", [0, 1])
def test_so_many_are_remembered_and_of_one_more_the_one_that_ends_first_is_not(more: int) -> None:
    mutes = Mutes()
    for number in range(MUTES_REMEMBERED + more):
        mutes = mutes.with_one(f"n{number}", "", 100.0 + (number + 1) % MUTES_REMEMBERED, 0.0)
    forgotten = [number for number in range(MUTES_REMEMBERED + more) if not mutes.until(f"n{number}", "")]
    assert forgotten == [MUTES_REMEMBERED - 1] * more


def test_a_snapshot_tells_those_that_it_does_not_tell_otherwise_in_seconds_since_the_epoch() -> None:
    mutes = Mutes().with_one("Mary", "a.cloak", 60.0, 0.0).with_one("Bob", "", 61.0, 0.0)
    seated = [("Bob", "", 61.0), ("Mary", "b.cloak", 60.0)]
    assert mutes.kept(seated, 1_000.0) == [("mary", "a.cloak", 1_060.0)]
    restored = Mutes.of(mutes.kept(seated, 1_000.0), 1_030.0).with_all([("Bob", "", 31.0)])
    assert (restored.until("Mary", "a.cloak"), restored.until("Bob", "")) == (30.0, 31.0)
