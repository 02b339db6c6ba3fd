"""Idle clocks beside mutes: they stand still meanwhile, and nobody's idle time is over before the mute is."""

import pytest

from antechamber.protocol.commands import Expire, Join, Mute
from antechamber.protocol.events import Left
from antechamber.protocol.limits import Limits
from tests.fakes import NOON, KeptChannel

IDLE = Limits().idle_seconds_max


def with_mary() -> KeptChannel:
    """Return a channel in which Mary sits since noon."""
    kept = KeptChannel()
    kept.take(Join(), "Mary")
    return kept


def idle_after(kept: KeptChannel, seconds: float) -> bool:
    """Return whether Mary's idle time is over so many seconds after noon, and not before."""
    before, then = kept.channel.idle_since(NOON + seconds - 0.001), kept.channel.idle_since(NOON + seconds)
    return (before, then) == ([], ["Mary"])


def test_the_idle_time_of_one_who_is_muted_is_over_when_the_mute_is_at_the_earliest() -> None:
    kept = with_mary()
    kept.take(Mute("general", "Mary", 60), time=NOON + 30)
    kept.channel.limits = kept.limits._replace(idle_seconds_max=31.0)
    assert idle_after(kept, 90 + 1)
    kept.channel.limits = kept.limits._replace(idle_seconds_max=30.0)
    assert idle_after(kept, 90)
    kept.channel.limits = kept.limits._replace(idle_seconds_max=5.0)
    assert idle_after(kept, 90)
    assert kept.take(Expire(), "Mary", NOON + 89.999) == []
    assert kept.take(Expire(), "Mary", NOON + 90) == [Left("Mary", "idle")]


@pytest.mark.parametrize("seconds", [1, 60, 70])
@pytest.mark.parametrize("is_lowered_first", [True, False])
def test_a_mute_in_place_of_another_lets_the_idle_clock_stand_still_under_a_lower_bound_too(
    seconds: int, is_lowered_first: bool
) -> None:
    for idle_seconds_max, over_after in ((5.0, 0), (40.0, 10)):
        kept = with_mary()
        kept.take(Mute("general", "Mary", 60), time=NOON + 30)
        lower = kept.limits._replace(idle_seconds_max=idle_seconds_max)
        if is_lowered_first:
            kept.channel.limits = lower
        kept.take(Mute("general", "Mary", seconds), time=NOON + 50)
        kept.channel.limits = lower
        assert idle_after(kept, 50 + seconds + over_after)


def test_a_mute_spares_for_its_time_one_whose_idle_time_is_over() -> None:
    kept = with_mary()
    kept.take(Mute("general", "Mary", 60), time=NOON + IDLE + 0.5)
    assert idle_after(kept, IDLE + 0.5 + 60)
