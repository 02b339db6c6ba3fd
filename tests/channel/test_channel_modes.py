"""What a channel's modes let happen: who comes in, who talks, and which changes can be made."""

import pytest

from antechamber.channel.channel import Channel
from antechamber.channel.decide import may_say, sift
from antechamber.protocol.commands import (
    Command,
    Invite,
    Join,
    Leave,
    Mute,
    Say,
    Send,
    SetModes,
    Tag,
    Whisper,
)
from antechamber.protocol.events import (
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Queued,
    Said,
    Seated,
    Tagged,
)
from antechamber.protocol.limits import MODE_CHANGES_MAX, Limits
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel
from tests.moderated_channels import change, channel_of, code

# Coming in


def test_whoever_joins_is_known_with_its_host() -> None:
    kept = KeptChannel(seats=1)
    assert kept.take(Join(host="a.cloak"), "Mary") == [Queued("Mary", host="a.cloak"), Seated("Mary")]
    kept.take(Join(host="b.cloak"), "Bob")
    memberships = [kept.channel.membership(name) for name in ("Mary", "Bob")]
    assert [each.host for each in memberships if each is not None] == ["a.cloak", "b.cloak"]


def test_who_is_banned_does_not_come_in_unless_an_exception_is_made() -> None:
    kept = channel_of("Mary", modes=("+b *!*@bad.cloak",))
    banned = Refused("banned", "You are banned from the general channel.")
    assert kept.take(Join(host="bad.cloak"), "Bob") == banned
    assert code(kept, Join(host="good.cloak"), "Bob") == ""
    kept.take(change("+e Eve!*@*"))
    assert code(kept, Join(host="bad.cloak"), "Eve") == ""


def test_only_who_is_invited_enters_a_channel_with_mode_i_and_once() -> None:
    kept = channel_of("Mary", modes=("+i",))
    assert kept.take(Join(), "Bob") == Refused("invite-only", "Only the invited may enter the general channel.")
    assert kept.take(Invite("bOB")) == [Invited("", "bOB")]
    assert code(kept, Join(), "Bob") == ""
    kept.take(Leave("quit"), "Bob")
    assert code(kept, Join(), "Bob") == "invite-only"
    kept.take(change("+I *!*@b.cloak"))
    assert code(kept, Join(host="b.cloak"), "Bob") == ""


def test_an_invitation_opens_to_nobody_who_is_banned_or_has_no_key() -> None:
    kept = channel_of(modes=("+i", "+k sesame", "+b Bob!*@*"))
    kept.take(Invite("Bob"))
    kept.take(Invite("Eve"))
    assert code(kept, Join(key="sesame"), "Bob") == "banned"
    assert kept.take(Join(), "Eve") == Refused("wrong-key", "The general channel opens to those who know its key.")
    assert code(kept, Join(key="Sesame"), "Eve") == "wrong-key"
    assert code(kept, Join(key="sesame"), "Eve") == ""


def test_a_key_that_nobody_asks_for_does_no_harm() -> None:
    assert code(channel_of(), Join(key="sesame"), "Mary") == ""


def test_who_may_come_in_waits_where_no_seat_is_free() -> None:
    kept = channel_of("Mary", seats=1, modes=("+k sesame",))
    assert kept.take(Join(key="sesame"), "Bob") == [Queued("Bob")]
    assert code(kept, Join(), "Eve") == "wrong-key"


def test_who_waits_keeps_the_place_though_the_channel_is_closed_to_others() -> None:
    kept = channel_of("Mary", "Bob", seats=1, modes=("+i", "+k sesame", "+m"))
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit"), Seated("Bob")]


# Channels that their members made


def test_who_comes_first_into_an_open_channel_is_its_operator() -> None:
    kept = KeptChannel(is_open=True)
    first = [Queued("Mary"), Seated("Mary"), ModesSet("", (ModeChange("+o", "Mary"),))]
    assert kept.take(Join(), "Mary") == first
    assert kept.take(Join(), "Bob") == [Queued("Bob"), Seated("Bob")]
    assert kept.channel.modes.roles == {"Mary": "o"}
    for name in ("Mary", "Bob"):
        kept.take(Leave("quit"), name)
    assert kept.channel.is_vacant
    assert kept.take(Join(), "Mary") == first


def test_what_was_set_before_everybody_left_keeps_nobody_out_of_an_open_channel() -> None:
    kept = channel_of("Mary", is_open=True, modes=("+i", "+k sesame", "+b *!*@*", "+l 1"))
    kept.take(Leave("quit"), "Mary")
    assert code(kept, Join(), "Bob") == ""


def test_who_comes_first_into_a_channel_of_the_config_is_no_operator() -> None:
    kept = channel_of("Mary")
    assert kept.channel.modes.roles == {}
    assert not kept.channel.is_vacant


def test_an_open_channel_has_as_many_members_as_its_limit_and_no_line() -> None:
    kept = channel_of("Mary", is_open=True)
    assert kept.channel.limit is None
    kept.take(change("+l 2"), "Mary")
    assert kept.channel.limit == 2
    assert code(kept, Join(), "Bob") == ""
    assert kept.take(Join(), "Eve") == Refused("full", "The general channel is full.")
    kept.take(change("-l"), "Mary")
    assert code(kept, Join(), "Eve") == ""
    assert list(kept.channel.waiting) == []


def test_an_open_channel_has_no_more_members_than_its_capacity_whatever_its_limit() -> None:
    kept = channel_of("Mary", "Bob", is_open=True, seats=2)
    assert code(kept, Join(), "Eve") == "full"
    kept.take(change("+l 9"), "Mary")
    assert code(kept, Join(), "Eve") == "full"


def test_the_limit_of_a_channel_of_the_config_is_its_seats() -> None:
    kept = channel_of("Mary", seats=2)
    assert kept.channel.limit == 2
    assert code(kept, change("+l 1")) == code(kept, change("-n")) == "fixed-mode"


# Talking


def test_a_message_has_its_form_and_tags() -> None:
    kept = channel_of("Mary")
    command = Say("waves", "7", "action", {"+reply": "3"})
    assert kept.take(command, "Mary") == [Said("Mary", "waves", "7", "action", {"+reply": "3"})]
    assert kept.take(Tag({"+react": "x"}), "Mary") == [Tagged("Mary", {"+react": "x"})]


@pytest.mark.parametrize("command", [Say("hi"), Tag({"+react": "x"})])
def test_in_a_moderated_channel_talks_who_has_a_role(command: Command) -> None:
    kept = channel_of("Mary", "Bob", "Eve", modes=("+m", "+o Mary", "+v Bob"))
    moderated = Refused("moderated", "Only those who have a voice may talk in the general channel now.")
    assert kept.take(command, "Eve") == moderated
    assert may_say(kept.channel, "Eve", NOON) == moderated
    for name in ("Mary", "Bob"):
        assert code(kept, command, name) == ""
        assert may_say(kept.channel, name, NOON) is None
    kept.take(change("-m"))
    assert code(kept, command, "Eve") == ""


@pytest.mark.parametrize("command", [Say("hi"), Tag({"+react": "x"})])
def test_who_is_banned_while_seated_cannot_talk_without_a_role(command: Command) -> None:
    kept = channel_of("Mary", "Bob", "Eve", modes=("+b *!*@*.cloak", "+v Bob", "+e Eve!*@*"))
    assert kept.take(command, "Mary") == Refused(
        "banned-talk", "You are banned in the general channel, so you cannot talk there."
    )
    assert code(kept, command, "Bob") == code(kept, command, "Eve") == ""
    kept.take(change("-b *!*@*.cloak"))
    assert code(kept, command, "Mary") == ""


def test_a_mute_silences_who_has_a_role_too() -> None:
    kept = channel_of("Mary", modes=("+o Mary",))
    kept.take(Mute("general", "Mary", 60))
    for command in (Say("hi"), Tag({"+react": "x"})):
        assert code(kept, command, "Mary") == "muted"


def test_a_moderated_channel_keeps_nobody_from_whispering_and_sending() -> None:
    kept = channel_of("Mary", "Bob", modes=("+m",))
    assert kept.take(Whisper("Bob", "hi"), "Mary") == []
    assert kept.take(Send("Bob", "a.txt"), "Mary") == []


def test_outsiders_talk_in_an_open_channel_without_mode_n() -> None:
    kept = channel_of("Mary", is_open=True)
    assert code(kept, Say("hi"), "Bob") == "waiting"
    kept.take(change("-n", "+b *!*@bad.cloak"), "Mary")
    assert kept.take(Say("hi"), "Bob") == [Said("Bob", "hi")]
    assert may_say(kept.channel, "Bob", NOON, "good.cloak") is None
    refused = may_say(kept.channel, "Bob", NOON, "bad.cloak")
    assert refused is not None
    assert refused.code == "banned-talk"
    kept.take(change("+m"), "Mary")
    assert code(kept, Say("hi"), "Bob") == "moderated"
    assert code(kept, Say("hi")) == "waiting"
    assert kept.replayed().snapshot(0.0) == kept.channel.snapshot(0.0)


def test_where_a_channel_was_open_once_outsiders_talk_no_more() -> None:
    kept = channel_of("Mary", is_open=True, modes=("-n",))
    closed = Channel("general", 3, Limits())
    closed.restore(kept.channel.snapshot(0.0), kept.channel.sequence, NOON, 0.0)
    assert may_say(closed, "Bob", NOON) is not None


def test_a_run_of_messages_is_applied_at_once_as_one_by_one() -> None:
    kept, other = channel_of("Mary"), channel_of("Mary")
    kept.channel.apply_said("Mary", 3)
    for _ in range(3):
        other.channel.apply(Said("Mary", "hi"), NOON)
    assert kept.channel.sequence == other.channel.sequence
    with pytest.raises(KeyError):
        kept.channel.apply_said("Bob", 1)


# Changing modes


def test_changes_are_made_all_or_none() -> None:
    kept = channel_of("Mary")
    assert code(kept, change("+m", "+k a,b", "+s")) == "bad-key"
    assert kept.channel.modes.flags == {"n", "t"}
    assert kept.take(change("+m", "+k sesame")) == [ModesSet("", (ModeChange("+m"), ModeChange("+k", "sesame")))]


def test_a_change_is_judged_by_what_those_before_it_have_changed() -> None:
    kept = channel_of("Mary")
    changes = tuple(map(ModeChange, ("+m", "-m", "+m")))
    assert kept.take(change("+m", "+m", "-m", "-s", "+m")) == [ModesSet("", changes)]
    assert kept.take(change("+m", "+n")) == []
    assert kept.take(SetModes(())) == []


def test_of_changes_it_is_told_which_can_be_made_and_why_others_cannot() -> None:
    kept = channel_of("Mary")
    asked = change("+m", "+q", "+m", "+o mary", "+o Bob").changes
    accepted, declined = sift(kept.channel, asked, "Mary", NOON)
    assert accepted == [ModeChange("+m"), ModeChange("+o", "Mary")]
    assert [(one, why.code) for one, why in declined] == [
        (ModeChange("+q"), "unknown-mode"),
        (ModeChange("+o", "Bob"), "not-here"),
    ]
    assert kept.channel.modes.flags == {"n", "t"}


def test_one_command_makes_as_many_changes_as_the_bound_and_no_more() -> None:
    kept = channel_of("Mary")
    most = [f"+b n{n}" for n in range(MODE_CHANGES_MAX)]
    assert code(kept, change(*most, "+m")) == "too-many-modes"
    assert code(kept, change(*most)) == ""
    assert len(kept.channel.modes.bans) == MODE_CHANGES_MAX


def test_a_ban_tells_who_set_it_and_when() -> None:
    kept = channel_of("Mary", modes=("+o Mary",))
    kept.take(change("+b Bob"), "Mary", NOON + 5)
    assert kept.channel.modes.bans == {"Bob!*@*": ("Mary", NOON + 5)}
