"""A mute holds for whom it is for, wherever that one goes, until its end; and covers every text that others read."""

import msgspec
import pytest

from antechamber.channel.channel import Channel
from antechamber.channel.decide import may_say
from antechamber.channel.snapshot import ChannelState
from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Expire,
    Invite,
    Join,
    Kick,
    Leave,
    Mute,
    Rename,
    Say,
    Send,
    SetTopic,
    Tag,
    Whisper,
)
from antechamber.protocol.events import AnyEvent, Left, ModeChange, ModesSet, Muted, Queued, Renamed, Said, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel
from tests.moderated_channels import change, channel_of, code

IDLE = Limits().idle_seconds_max


def muted(*others: str, seconds: int = 300, seats: int = 3, modes: tuple[str, ...] = ()) -> KeptChannel:
    """Return a channel where Mary, who comes from mary.cloak, is muted."""
    kept = channel_of("Mary", *others, seats=seats, modes=modes)
    kept.take(Mute("general", "Mary", seconds))
    return kept


def comes(kept: KeptChannel, name: str = "Mary", host: str = "mary.cloak", time: float = NOON) -> None:
    kept.take(Join(host=host), name, time)


def says(kept: KeptChannel, name: str = "Mary", time: float = NOON) -> str:
    """Return why somebody cannot say anything, "" where it can."""
    return code(kept, Say("hi"), name, time)


# For whom


@pytest.mark.parametrize("departure", [Leave("quit"), Leave("switched"), Leave("lost"), Kick("", "Mary"), Empty("")])
def test_a_mute_holds_for_who_comes_again_however_it_went(departure: Command) -> None:
    kept = muted()
    kept.take(departure, "Mary" if isinstance(departure, Leave) else "", NOON + 10)
    comes(kept, time=NOON + 20)
    refusal = Refused("muted", "You are still muted for 279 seconds.")
    assert kept.take(Say("hi"), "Mary", NOON + 20.5) == refusal
    assert says(kept, time=NOON + 299.9) == "muted"
    assert says(kept, time=NOON + 300) == ""


@pytest.mark.parametrize("name", ["mary", "MARY", "Mary_", "_Mary", "M-ary"])
def test_a_mute_holds_for_names_that_are_told_apart_by_case_or_signs_alone(name: str) -> None:
    kept = muted()
    kept.take(Leave("quit"), "Mary")
    comes(kept, name)
    assert says(kept, name) == "muted"


@pytest.mark.parametrize(("name", "host"), [("Mary", "another.cloak"), ("Mary2", "mary.cloak"), ("Bob", "mary.cloak")])
def test_a_mute_is_for_nobody_else_who_takes_the_name_or_sits_behind_the_address(name: str, host: str) -> None:
    kept = muted()
    kept.take(Leave("quit"), "Mary")
    comes(kept, name, host)
    assert says(kept, name) == ""


def test_a_mute_holds_for_who_waits_for_a_seat_and_for_the_seat_then() -> None:
    kept = muted("Bob", seats=2)
    kept.take(Leave("quit"), "Mary")
    comes(kept, "Eve", "eve.cloak")
    comes(kept, time=NOON + 10)
    assert code(kept, Rename("Rude"), "Mary", NOON + 10) == "muted"
    assert kept.take(Leave("quit", "words"), "Mary", NOON + 10) == [Left("Mary", "quit", seated=False)]
    comes(kept, time=NOON + 10)
    kept.take(Leave("quit"), "Bob", NOON + 20)
    assert says(kept, time=NOON + 299) == "muted"
    assert says(kept, time=NOON + 300) == ""


def test_a_mute_is_over_for_who_waits_as_for_who_sits() -> None:
    kept = muted("Bob", seats=2, seconds=60)
    kept.take(Leave("quit"), "Mary")
    comes(kept, "Eve", "eve.cloak")
    comes(kept)
    assert code(kept, Rename("Ann"), "Mary", NOON + 60) == ""


def test_a_second_mute_takes_the_place_of_the_first_for_who_comes_again_too() -> None:
    kept = muted()
    kept.take(Mute("general", "Mary", 10))
    kept.take(Leave("quit"), "Mary")
    comes(kept)
    assert says(kept, time=NOON + 9) == "muted"
    assert says(kept, time=NOON + 10) == ""


def test_a_stranger_who_is_muted_cannot_talk_where_strangers_may() -> None:
    kept = channel_of("Ann", "Mary", modes=("-n",), is_open=True)
    kept.take(Mute("general", "Mary", 60))
    kept.take(Leave("quit"), "Mary")
    refused = may_say(kept.channel, "Mary", NOON, "mary.cloak")
    assert refused == Refused("muted", "You are still muted for 60 seconds.")
    assert may_say(kept.channel, "Mary", NOON, "another.cloak") is None
    assert may_say(kept.channel, "Mary", NOON + 60, "mary.cloak") is None


def test_one_who_comes_again_while_it_is_muted_goes_afk_as_late_as_if_it_had_stayed() -> None:
    kept = muted()
    kept.take(Leave("quit"), "Mary")
    comes(kept, time=NOON + 200)
    assert kept.channel.next_due_at() >= NOON + 300
    assert kept.take(Expire(), "Mary", NOON + 300 + IDLE - 1) == []
    assert kept.take(Expire(), "Mary", NOON + 300 + IDLE) == [Left("Mary", "idle")]


# What it covers


TEXTS: list[Command] = [
    Say("hi"),
    Say("hi", form="notice"),
    Say("waves", form="action"),
    Tag({"+draft/react": "rude"}),
    Whisper("Bob", "psst"),
    SetTopic("rude"),
    Rename("Rude"),
    Invite("rude_words"),
]


@pytest.mark.parametrize("command", TEXTS)
@pytest.mark.parametrize("modes", [("-t",), ("+o Mary",), ("-t", "+v Mary")])
def test_one_who_is_muted_gives_others_no_text_to_read(command: Command, modes: tuple[str, ...]) -> None:
    kept = muted("Bob", modes=modes)
    assert kept.take(command, "Mary", NOON + 30) == Refused("muted", "You are still muted for 270 seconds.")
    assert code(kept, command, "Mary", NOON + 300) == ""


@pytest.mark.parametrize("command", [Announce("rude"), *map(change, ("+b rude", "+e rude", "+I rude", "+k rude"))])
def test_an_operator_of_the_channel_who_is_muted_gives_none_either(command: Command) -> None:
    kept = muted("Bob", modes=("+o Mary",))
    assert code(kept, command, "Mary") == "muted"
    assert code(kept, command, "Mary", NOON + 300) == ""


def test_a_muted_operator_may_do_still_what_has_no_words() -> None:
    kept = muted("Bob", modes=("+o Mary",))
    assert kept.take(change("+m", "+v Bob"), "Mary") == [ModesSet("Mary", (ModeChange("+m"), ModeChange("+v", "Bob")))]
    assert kept.take(Mute("", "Bob", 60), "Mary") == [Muted("Bob", 60)]
    assert kept.take(Send("Bob", "a.txt"), "Mary") == []
    assert kept.take(Kick("", "Bob", text="rude"), "Mary") == [Left("Bob", "kicked", by="Mary")]


def test_a_muted_operator_cannot_make_its_own_mute_shorter() -> None:
    kept = muted(modes=("+o Mary",))
    assert code(kept, Mute("", "Mary", 1), "Mary") == "muted"
    assert kept.take(Mute("", "Mary", 1), "Mary", NOON + 300) == [Muted("Mary", 1)]


@pytest.mark.parametrize("reason", ["quit", "switched", "closed"])
def test_the_last_words_of_one_who_is_muted_are_dropped(reason: str) -> None:
    kept = muted()
    assert kept.take(Leave(reason, "rude"), "Mary") == [Left("Mary", reason)]  # type: ignore[arg-type]


def test_something_else_may_be_said_in_the_place_of_dropped_words() -> None:
    assert muted().take(Leave("quit", "rude", "Leaving"), "Mary") == [Left("Mary", "quit", text="Leaving")]
    assert channel_of("Mary").take(Leave("quit", "bye", "Leaving"), "Mary") == [Left("Mary", "quit", text="bye")]


def test_why_a_connection_was_lost_is_no_word_of_its_members() -> None:
    assert muted().take(Leave("lost", "Ping timeout"), "Mary") == [Left("Mary", "lost", text="Ping timeout")]


# That it is kept


def test_a_mute_is_in_a_snapshot_and_in_what_is_replayed() -> None:
    kept = muted()
    kept.take(Leave("quit"), "Mary")
    state = msgspec.json.decode(msgspec.json.encode(kept.channel.snapshot(1_000.0)), type=ChannelState)
    restored = Channel("general", 3, Limits())
    restored.restore(state, 4, NOON, 1_000.0)
    for channel in (restored, kept.replayed()):
        channel.apply(Queued("Mary", host="mary.cloak"), NOON)
        channel.apply(Seated("Mary"), NOON)
        assert may_say(channel, "Mary", NOON + 299) == Refused("muted", "You are still muted for 1 seconds.")
        assert may_say(channel, "Mary", NOON + 300) is None


def test_a_snapshot_tells_of_those_who_sit_there_muted_as_ever() -> None:
    state = muted().channel.snapshot(0.0)
    assert b"mutes" not in msgspec.json.encode(state)
    restored = Channel("general", 3, Limits())
    restored.restore(state, 3, NOON, 0.0)
    for event in (Left("Mary", "quit"), Queued("Mary", host="mary.cloak"), Seated("Mary")):
        restored.apply(event, NOON)
    assert may_say(restored, "Mary", NOON + 299) is not None
    assert may_say(restored, "Mary", NOON + 300) is None


def test_a_log_of_before_in_which_one_who_is_muted_took_another_name_is_read_as_a_mute_of_both() -> None:
    kept = muted()
    events: list[AnyEvent] = [Renamed("Mary", "Ann"), Left("Ann", "quit")]
    for event in events:
        kept.channel.apply(event, NOON)
    for name in ("Mary", "Ann"):
        comes(kept, name)
        assert says(kept, name) == "muted"


def test_who_is_not_muted_talks() -> None:
    kept = muted("Bob")
    assert kept.take(Say("hi"), "Bob") == [Said("Bob", "hi")]
