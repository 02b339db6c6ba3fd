"""A ban reaches those who wait, and keeps those who sit from all that others read of them."""

import pytest

from antechamber.channel.channel import Channel
from antechamber.channel.decide import admit, turned_away
from antechamber.protocol.commands import (
    Command,
    Empty,
    Expire,
    Invite,
    Join,
    Kick,
    Leave,
    Rename,
    Send,
    SetTopic,
    Tag,
    Whisper,
)
from antechamber.protocol.events import Invited, Left, ModeChange, ModesSet, Renamed, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel
from tests.moderated_channels import change, channel_of, code

OUT = "Banned from the general channel."
BANNED = Left("Bob", "kicked", False, "", OUT)


def waiting(kept: KeptChannel) -> list[str]:
    return list(kept.channel.waiting)


# Those who wait


@pytest.mark.parametrize("mask", ["Bob!*@*", "*!*@bob.cloak", "b?b!*@*"])
def test_who_is_banned_while_it_waits_leaves_the_line_at_once(mask: str) -> None:
    kept = channel_of("Mary", "Bob", "Eve", seats=1)
    decision = kept.take(change(f"+b {mask}"))
    assert not isinstance(decision, Refused)
    assert list(decision)[1:] == [BANNED]
    assert waiting(kept) == ["Eve"]
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit"), Seated("Eve")]
    assert kept.replayed().snapshot(0.0) == kept.channel.snapshot(0.0)


def test_it_is_told_who_has_banned_it() -> None:
    kept = channel_of("Mary", "Bob", seats=1, modes=("+o Mary",))
    decision = kept.take(change("+b *!*@bob.cloak"), "Mary")
    assert decision == [
        ModesSet("Mary", (ModeChange("+b", "*!*@bob.cloak"),)),
        Left("Bob", "kicked", False, "Mary", OUT),
    ]


def test_all_changes_of_one_command_are_made_before_anybody_leaves() -> None:
    kept = channel_of("Mary", "Bob", "Eve", seats=1)
    decision = kept.take(change("+b *!*@*", "+e Bob!*@*"))
    assert not isinstance(decision, Refused)
    assert list(decision)[1:] == [Left("Eve", "kicked", False, "", OUT)]
    assert waiting(kept) == ["Bob"]


def test_an_exception_that_is_lifted_bans_those_who_waited_by_it() -> None:
    kept = channel_of("Mary", "Eve", seats=1)
    kept.take(change("+b *!*@bob.cloak", "+e Bob!*@*"))
    kept.take(Join(host="bob.cloak"), "Bob")
    assert kept.take(change("-e Bob!*@*")) == [ModesSet("", (ModeChange("-e", "Bob!*@*"),)), BANNED]


def test_nobody_takes_a_name_in_line_that_is_banned() -> None:
    kept = channel_of("Mary", "Eve", seats=1, modes=("+b Bob!*@*",))
    expected = Refused("banned-rename", "The name Bob is banned from the general channel.")
    assert kept.take(Rename("Bob"), "Eve") == expected
    assert kept.take(Rename("Ann"), "Eve") == [Renamed("Eve", "Ann")]


def test_a_ban_takes_no_seat() -> None:
    kept = channel_of("Mary", seats=1)
    assert kept.take(change("+b *!*@*")) == [ModesSet("", (ModeChange("+b", "*!*@*"),))]
    assert list(kept.channel.seated) == ["Mary"]


def test_a_ban_that_is_lifted_again_brings_nobody_back() -> None:
    kept = channel_of("Mary", "Bob", seats=1)
    kept.take(change("+b Bob!*@*"))
    kept.take(change("-b Bob!*@*"))
    assert waiting(kept) == []
    assert code(kept, Join(host="bob.cloak"), "Bob") == ""


def of_an_old_log(*names: str) -> KeptChannel:
    """Return a channel with Mary in its one seat, and these in line; an earlier version let Bob wait though banned."""
    kept = channel_of("Mary", *names, seats=1)
    kept.channel.apply(ModesSet("", (ModeChange("+b", "Bob!*@*"),)), NOON)
    return kept


@pytest.mark.parametrize(
    ("command", "by", "at"),
    [
        (Leave("quit"), "Mary", NOON),
        (Leave("switched"), "Mary", NOON),
        (Kick("general", "Mary"), "", NOON),
        (Empty("general"), "", NOON),
        (Expire(), "Mary", NOON + 100),
    ],
)
def test_no_path_to_a_seat_leads_there_who_is_banned(command: Command, by: str, at: float) -> None:
    kept = of_an_old_log("Bob", "Eve")
    decision = kept.take(command, by, at)
    assert not isinstance(decision, Refused)
    assert list(decision)[1:] == [Seated("Eve")]


def test_more_seats_are_not_for_who_is_banned_nor_is_a_newcomer_kept_from_them() -> None:
    kept = of_an_old_log("Bob", "Eve")
    kept.channel.capacity = 3
    assert admit(kept.channel) == (Seated("Eve"),)
    kept = of_an_old_log("Bob")
    kept.take(Leave("quit"), "Mary")
    kept.take(Join(), "Joe")
    assert list(kept.channel.seated) == ["Joe"]


def test_who_waits_banned_by_an_old_log_is_turned_away_when_asked_for() -> None:
    kept = of_an_old_log("Bob", "Eve")
    assert turned_away(kept.channel) == (BANNED,)
    restored = Channel("general", 1, Limits())
    restored.restore(kept.channel.snapshot(0.0), kept.channel.sequence, NOON, 0.0)
    assert turned_away(restored) == (BANNED,)
    assert turned_away(channel_of("Mary", "Bob", seats=1).channel) == ()


# Those who sit


@pytest.mark.parametrize(
    ("command", "deed"),
    [
        (Whisper("Mary", "psst"), "whisper"),
        (Send("Mary", "a.txt"), "send files"),
        (Invite("Zoe"), "invite anybody"),
        (Tag({"+react": "x"}), "talk"),
        (SetTopic("mine"), "talk"),
    ],
)
def test_who_is_banned_and_sits_reaches_nobody_unless_a_role_makes_up_for_it(command: Command, deed: str) -> None:
    kept = channel_of("Mary", "Bob", modes=("-t", "+b *!*@bob.cloak"))
    expected = Refused("banned-talk", f"You are banned in the general channel, so you cannot {deed} there.")
    assert kept.take(command, "Bob") == expected
    assert code(kept, command, "Mary") != "banned-talk"
    kept.take(change("+v Bob"))
    assert code(kept, command, "Bob") == ""


def test_one_whom_an_exception_is_for_does_as_anybody() -> None:
    kept = channel_of("Mary", "Bob", modes=("+b *!*@*", "+e Bob!*@*"))
    assert kept.take(Whisper("Mary", "psst"), "Bob") == []
    assert kept.take(Invite("Zoe"), "Bob") == [Invited("Bob", "Zoe")]


def test_what_is_wrong_beside_the_ban_is_told_first_where_one_has_no_seat() -> None:
    kept = channel_of("Mary", "Bob", seats=1)
    assert code(kept, Whisper("Mary", "psst"), "Bob") == "waiting"
    assert code(kept, Send("Mary", "a.txt"), "Bob") == "waiting"
