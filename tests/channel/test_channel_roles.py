"""What roles let members do, topics, invitations, names and last words; and that all of it is kept."""

import msgspec
import pytest

from antechamber.channel.channel import Channel
from antechamber.channel.snapshot import ChannelState
from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Invite,
    Join,
    Kick,
    Leave,
    Move,
    Mute,
    Rename,
    Say,
    SetTopic,
)
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Moved,
    Muted,
    Renamed,
    Seated,
    Tagged,
    TopicSet,
)
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX, TOPIC_CHARACTERS_MAX, Limits
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel
from tests.moderated_channels import change, channel_of, code

NOT_OPERATOR = Refused("not-operator", "Only an operator of the channel may do that.")


# Roles


COMMANDS: list[tuple[Command, AnyEvent]] = [
    (Kick("general", "Bob"), Left("Bob", "kicked", by="Mary")),
    (Mute("general", "Bob", 60), Muted("Bob", 60)),
    (Empty("general"), Emptied()),
    (Move("general", "Joe", 0), Moved("Joe", 0)),
    (Announce("tea"), Announced("tea")),
    (change("+m"), ModesSet("Mary", (ModeChange("+m"),))),
    (SetTopic("tea"), TopicSet("Mary", "tea")),
]


@pytest.mark.parametrize(("command", "event"), COMMANDS)
def test_an_operator_of_the_channel_may_do_in_it_what_the_operator_may(command: Command, event: AnyEvent) -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Ann", "Joe", modes=("+o Mary", "+v Bob"))
    for name in ("Bob", "Eve", "Ann", "stranger"):
        assert kept.take(command, name) == NOT_OPERATOR
    decision = kept.take(command, "Mary")
    assert not isinstance(decision, Refused)
    assert decision[0] == event


def test_a_role_ends_with_the_seat() -> None:
    for end in (Leave("quit"), Kick("general", "Mary"), Empty("general")):
        kept = channel_of("Mary", modes=("+o Mary",))
        kept.take(end, "Mary")
        kept.take(Join(), "Mary")
        assert kept.take(Announce("tea"), "Mary") == NOT_OPERATOR
        assert kept.channel.modes.roles == {}


def test_a_role_is_for_who_is_seated() -> None:
    kept = channel_of("Mary", "Bob", seats=1)
    assert code(kept, change("+o Bob")) == code(kept, change("+v stranger")) == "not-here"
    assert kept.take(change("+o mary")) == [ModesSet("", (ModeChange("+o", "Mary"),))]


# The topic


def test_the_topic_is_set_and_taken_back() -> None:
    kept = channel_of("Mary", modes=("+o Mary",))
    assert kept.take(SetTopic("tea"), "Mary", NOON + 5) == [TopicSet("Mary", "tea")]
    assert (kept.channel.topic, kept.channel.topic_by, kept.channel.topic_at) == ("tea", "Mary", NOON + 5)
    assert kept.take(SetTopic("tea")) == []
    assert kept.take(SetTopic("")) == [TopicSet("", "")]
    assert (kept.channel.topic, kept.channel.topic_by, kept.channel.topic_at) == ("", "", 0.0)
    assert kept.take(SetTopic("")) == []


def test_without_mode_t_whoever_may_talk_sets_the_topic() -> None:
    kept = channel_of("Mary", "Bob", seats=1, modes=("-t",))
    assert kept.take(SetTopic("tea"), "Mary") == [TopicSet("Mary", "tea")]
    assert code(kept, SetTopic("no"), "Bob") == code(kept, SetTopic("no"), "stranger") == "waiting"
    kept.take(change("+m"))
    assert code(kept, SetTopic("no"), "Mary") == "moderated"
    kept.take(change("+t"))
    assert kept.take(SetTopic("no"), "Mary") == NOT_OPERATOR


def test_an_outsider_sets_no_topic_even_where_it_may_talk() -> None:
    kept = channel_of("Mary", is_open=True, modes=("-n", "-t"))
    assert code(kept, SetTopic("no"), "Bob") == "waiting"


def test_a_topic_is_as_long_as_its_bound_and_no_longer() -> None:
    kept = channel_of("Mary")
    assert code(kept, SetTopic("t" * TOPIC_CHARACTERS_MAX)) == ""
    assert code(kept, SetTopic("t" * (TOPIC_CHARACTERS_MAX + 1))) == "too-long"


# Inviting


def test_a_member_invites_where_anybody_may_come() -> None:
    kept = channel_of("Mary", "Bob", seats=1)
    assert kept.take(Invite("Eve"), "Mary") == [Invited("Mary", "Eve")]
    assert code(kept, Invite("Eve"), "Bob") == code(kept, Invite("Eve"), "stranger") == "waiting"


def test_what_a_member_without_a_role_says_opens_no_channel_that_is_closed_later() -> None:
    kept = channel_of("Mary", "Bob", modes=("+o Bob",))
    kept.take(Invite("Eve"), "Mary")
    kept.take(Invite("Ann"), "Bob")
    kept.take(change("+i"), "Bob")
    assert kept.take(Invite("Joe"), "Mary") == NOT_OPERATOR
    assert code(kept, Join(), "Eve") == "invite-only"
    assert code(kept, Join(), "Ann") == ""


def test_whoever_is_there_already_is_not_invited() -> None:
    kept = channel_of("Mary", "Bob", seats=1)
    for name in ("Mary", "Bob"):
        assert kept.take(Invite(name)) == Refused("already-here", f"{name} is in general already.")


def test_what_is_no_name_is_not_invited() -> None:
    most = Limits().name_characters_max
    kept = channel_of("Mary")
    assert code(kept, Invite("n" * most)) == ""
    assert code(kept, Invite("n" * (most + 1))) == code(kept, Invite("a b")) == "bad-name"


# Names


def test_a_seated_member_keeps_all_it_has_under_its_new_name() -> None:
    kept = channel_of("Mary", "Bob", "Eve", modes=("+o Bob",))
    seat = kept.channel.seated["Bob"]
    assert kept.take(Rename("Ann"), "Bob") == [Renamed("Bob", "Ann")]
    assert list(kept.channel.seated) == ["Mary", "Ann", "Eve"]
    assert kept.channel.seated["Ann"] is seat
    assert kept.channel.modes.roles == {"Ann": "o"}
    assert kept.replayed().snapshot(0.0) == kept.channel.snapshot(0.0)


def test_one_who_waits_keeps_its_place_under_its_new_name() -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Joe", seats=1)
    kept.take(Rename("Ann"), "Eve")
    assert list(kept.channel.waiting) == ["Bob", "Ann", "Joe"]
    kept.take(Rename("Zoe"), "Bob")
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit"), Seated("Zoe")]


def test_a_name_changes_in_case_alone_and_to_itself_not_at_all() -> None:
    kept = channel_of("Mary")
    assert kept.take(Rename("Mary"), "Mary") == []
    assert kept.take(Rename("mary"), "Mary") == [Renamed("Mary", "mary")]


@pytest.mark.parametrize("name", ["Bob", "Eve"])
def test_a_name_that_somebody_has_is_not_taken_from_it(name: str) -> None:
    kept = channel_of("Mary", "Bob", "Eve", seats=2)
    taken = Refused("name-taken", f"Somebody called {name} is in the general channel already.")
    assert kept.take(Rename(name), "Mary") == taken


def test_what_is_no_name_is_not_taken() -> None:
    most = Limits().name_characters_max
    kept = channel_of("Mary")
    assert code(kept, Rename("n" * (most + 1)), "Mary") == code(kept, Rename("a b"), "Mary") == "bad-name"
    assert code(kept, Rename("n" * most), "Mary") == ""


def test_somebody_who_is_not_there_has_no_name_to_change() -> None:
    assert code(channel_of("Mary"), Rename("Ann"), "Bob") == "not-in-channel"


def test_who_is_banned_does_not_slip_out_of_the_ban_by_another_name() -> None:
    kept = channel_of("Mary", "Bob", modes=("+b Mary!*@*", "+b Bob!*@*", "+v Bob"))
    refusal = Refused("banned-rename", "You are banned in the general channel, so you keep your name there.")
    assert kept.take(Rename("Ann"), "Mary") == refusal
    assert code(kept, Rename("Eve"), "Bob") == ""


def test_a_ban_is_asked_about_again_under_a_new_name() -> None:
    kept = channel_of("Mary", modes=("+b Ann!*@*",))
    assert code(kept, Say("hi"), "Mary") == ""
    kept.take(Rename("Ann"), "Mary")
    assert code(kept, Say("hi"), "Ann") == "banned-talk"


# Last words


def test_a_kick_says_by_whom_and_why() -> None:
    kept = channel_of("Mary", "Bob", "Eve", seats=2, modes=("+o Mary",))
    assert kept.take(Kick("general", "Eve", text="so"), "Mary") == [Left("Eve", "kicked", False, "Mary", "so")]
    assert kept.take(Kick("general", "Bob", text="why"), "Mary") == [Left("Bob", "kicked", True, "Mary", "why")]
    assert kept.take(Kick("general", "Mary")) == [Left("Mary", "kicked")]


def test_why_somebody_is_kicked_is_as_long_as_its_bound_and_no_longer() -> None:
    kept = channel_of("Mary", "Bob")
    assert code(kept, Kick("general", "Bob", text="t" * (LAST_WORDS_CHARACTERS_MAX + 1))) == "too-long"
    assert code(kept, Kick("general", "Bob", text="t" * LAST_WORDS_CHARACTERS_MAX)) == ""


def test_who_leaves_says_as_much_as_the_bound_and_is_cut_off_after_it() -> None:
    kept = channel_of("Mary", "Bob")
    words = "w" * LAST_WORDS_CHARACTERS_MAX
    assert kept.take(Leave("quit", words), "Mary") == [Left("Mary", "quit", text=words)]
    assert kept.take(Leave("quit", words + "w"), "Bob") == [Left("Bob", "quit", text=words)]


# Replay and snapshots


@pytest.mark.parametrize(
    "event",
    [
        Renamed("Joe", "Ann"),
        Renamed("Mary", "Bob"),
        Renamed("Mary", "Eve"),
        Renamed("Eve", "Mary"),
        Tagged("Eve", {}),
        Tagged("Joe", {}),
        ModesSet("", (ModeChange("+m"), ModeChange("+o", "Eve"))),
        ModesSet("", (ModeChange("+m"), ModeChange("-v", "Joe"))),
        ModesSet("", (ModeChange("+m"), ModeChange("-i"))),
        ModesSet("", (ModeChange("+m"), ModeChange("+z"))),
    ],
)
def test_what_cannot_have_happened_is_a_fault_and_changes_nothing(event: AnyEvent) -> None:
    kept = channel_of("Mary", "Bob", "Eve", seats=2)
    before = kept.channel.snapshot(0.0)
    with pytest.raises(KeyError):
        kept.channel.apply(event, NOON)
    assert kept.channel.snapshot(0.0) == before


def full_of_settings() -> KeptChannel:
    kept = channel_of("Mary", "Bob", "Eve", "Ann", modes=("+m", "+i", "+k sesame", "+o Mary", "+v Bob", "+v Mary"))
    kept.take(change("+b a", "+e b", "+I c"), "Mary", NOON + 3)
    kept.take(Invite("Joe"), "Mary", NOON + 4)
    kept.take(SetTopic("tea"), "Mary", NOON + 5)
    return kept


def test_a_snapshot_brings_back_modes_topic_roles_hosts_and_invitations() -> None:
    kept = full_of_settings()
    kept_bytes = msgspec.json.encode(kept.channel.snapshot(500.0))
    restored = Channel("general", 3, Limits())
    restored.restore(msgspec.json.decode(kept_bytes, type=ChannelState), kept.channel.sequence, NOON - 500 + 9, 1000.0)
    assert restored.snapshot(1000.0) == kept.channel.snapshot(500.0)
    assert restored.modes.bans == {"a!*@*": ("Mary", NOON + 3 - 500)}
    assert (restored.topic, restored.topic_by, restored.topic_at) == ("tea", "Mary", NOON + 5 - 500)
    assert restored.modes.roles == {"Mary": "ov", "Bob": "v"}
    assert restored.modes.is_invited("Joe")
    assert restored.waiting["Ann"].host == "ann.cloak"
    assert restored.seated["Mary"].membership.host == "mary.cloak"
    assert restored.modes.restrains


def test_replaying_settings_gives_the_same_channel() -> None:
    kept = full_of_settings()
    assert kept.replayed().snapshot(0.0) == kept.channel.snapshot(0.0)


@pytest.mark.parametrize(
    "state",
    [
        b'{"seated":{"Mary":0.0},"waiting":[]}',
        b'{"seated":{"Mary":0.0},"waiting":[],"members":{"Mary":[1,2,false,[],7.0,7.0]},"seat_seconds":[3.0],'
        b'"announcements":[[2,7.0,"Tea"]]}',
    ],
)
def test_a_snapshot_of_an_older_version_is_read_with_modes_and_topic_as_they_begin(state: bytes) -> None:
    kept = full_of_settings()
    kept.channel.restore(msgspec.json.decode(state, type=ChannelState), 2, NOON, 0.0)
    assert kept.channel.modes.flags == {"n", "t"}
    assert (kept.channel.topic, kept.channel.topic_at, kept.channel.modes.roles) == ("", 0.0, {})
    assert kept.channel.seated["Mary"].membership.host == ""
