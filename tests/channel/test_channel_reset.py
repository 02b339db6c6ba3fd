"""An open channel whose last member has left begins anew: with the modes and the topic of a new channel."""

import pytest

from antechamber.channel.channel import Channel
from antechamber.channel.decide import reset
from antechamber.protocol.events import AnyEvent, Left, ModeChange, ModesSet, Queued, Seated, TopicSet
from antechamber.protocol.limits import Limits
from tests.fakes import NOON

SET: list[tuple[ModeChange, ...]] = [
    (ModeChange("+m"),),
    (ModeChange("-n"), ModeChange("-t")),
    (ModeChange("+k", "secret"), ModeChange("+l", "5")),
    (ModeChange("+b", "*!*@*.cloak"), ModeChange("+I", "Ann!*@*"), ModeChange("+e", "Bob!*@*")),
]


def left_after(*events: AnyEvent) -> Channel:
    """Return an open channel where these happened before its only member left."""
    channel = Channel("den", 5, Limits(), is_open=True)
    for event in (Queued("Mary"), Seated("Mary"), *events, Left("Mary", "quit")):
        channel.apply(event, NOON)
    return channel


@pytest.mark.parametrize("changes", SET)
def test_the_modes_are_those_of_a_new_channel(changes: tuple[ModeChange, ...]) -> None:
    channel = left_after(ModesSet("Mary", changes))
    for event in reset(channel):
        channel.apply(event, NOON)
    assert channel.modes.state(0.0) == left_after().modes.state(0.0)
    assert reset(channel) == []


def test_the_topic_is_that_of_a_new_channel() -> None:
    channel = left_after(TopicSet("Mary", "tea"))
    assert reset(channel) == [TopicSet("", "")]


def test_a_channel_without_modes_and_topic_needs_nothing() -> None:
    assert reset(left_after()) == []
