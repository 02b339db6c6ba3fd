"""Modes of a channel: masks, and what each change comes to."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.channel.modes import Ground, Modes, ModesState, mask_of, pattern
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import CHANNEL_KEY_CHARACTERS_MAX, INVITATIONS_MAX, MASK_CHARACTERS_MAX, MASKS_MAX
from antechamber.protocol.refusals import Refused

CLOSED = Ground(is_open=False, limit_max=100, seated={"Mary": None, "+x": None})
OPEN = CLOSED._replace(is_open=True)


def modes_of(*changes: tuple[str, str]) -> Modes:
    """Return modes after these changes, by Mary at 5."""
    modes = Modes()
    for mode, argument in changes:
        modes.apply(ModeChange(mode, argument), "Mary", 5.0)
    return modes


def judged(modes: Modes, mode: str, argument: str = "", ground: Ground = OPEN) -> ModeChange | str | None:
    """Return what a change comes to, or the code of its refusal."""
    found = modes.judge(ModeChange(mode, argument), ground)
    return found.code if isinstance(found, Refused) else found


# Masks


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("Mary", "Mary!*@*"),
        ("Mary!~u", "Mary!~u@*"),
        ("Mary!~u@h", "Mary!~u@h"),
        ("~u@h", "*!~u@h"),
        ("@h", "*!*@h"),
        ("!@", "*!*@*"),
        ("*", "*!*@*"),
        ("M***y!**@h*", "M*y!*@h*"),
        ("", "*!*@*"),
    ],
)
def test_a_mask_that_tells_only_some_of_it_is_filled_up_with_stars(text: str, mask: str) -> None:
    assert mask_of(text) == mask
    assert mask_of(mask) == mask


@pytest.mark.parametrize(
    ("mask", "name", "host", "matches"),
    [
        ("Mary!*@*", "Mary", "h", True),
        ("mARY!*@*", "Mary", "h", True),
        ("mary", "Mary", "h", False),
        ("*!*@H.cloak", "Mary", "h.CLOAK", True),
        ("*!*@*.cloak", "Mary", "h.cloak.x", False),
        ("M?ry!~u@?", "Mary", "h", True),
        ("M?ry!~u@?", "Mary", "hh", False),
        ("*!*@antechamber", "Mary", "", True),
        ("_x!*@*", "+x", "h", True),
        ("+x!*@*", "+x", "h", False),
        ("*Zoë*", "Zoë", "h", True),
        ("*ZoË*", "Zoë", "h", False),
        ("[M]ary!*@*", "Mary", "h", False),
        ("M.ry!*@*", "Mary", "h", False),
    ],
)
def test_a_mask_is_for_the_sources_that_it_matches_whole(mask: str, name: str, host: str, matches: bool) -> None:
    assert modes_of(("+b", mask)).matches(name, host) is matches


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_stars_and_question_marks_stand_for_what_they_stand_for_everywhere(mask: str, text: str) -> None:
    assert bool(pattern(mask).match(text)) == fnmatchcase(text, mask)


def test_a_mask_of_many_stars_is_compared_in_no_time() -> None:
    """Which would take for ever, were each star tried at every place for every place of the others."""
    assert not pattern("*a" * 90 + "b").match("a" * 400)


def test_an_exception_lets_in_who_is_banned() -> None:
    modes = modes_of(("+b", "*!*@h"), ("+e", "Mary!*@*"))
    assert modes.matches("Bob", "h")
    assert not modes.matches("Mary", "h")
    modes.apply(ModeChange("-e", "Mary!*@*"), "", 6.0)
    assert modes.matches("Mary", "h")
    modes.apply(ModeChange("-b", "*!*@h"), "", 6.0)
    assert not modes.matches("Mary", "h")


def test_of_more_people_than_are_remembered_it_is_found_out_again_who_is_banned() -> None:
    modes = modes_of(("+b", "n7!*@*"))
    for _ in range(2):
        assert [n for n in range(1_100) if modes.matches(f"n{n}", "h")] == [7]


# Judging a change


def test_a_channel_begins_with_n_and_t() -> None:
    modes = Modes()
    assert (modes.flags, modes.key, modes.limit, modes.restrains) == ({"n", "t"}, "", None, False)
    assert modes.state(0.0) == ModesState()


@pytest.mark.parametrize("letter", "ims")
def test_a_flag_is_set_and_taken_back_once(letter: str) -> None:
    modes = Modes()
    assert judged(modes, f"-{letter}") is None
    assert judged(modes, f"+{letter}", "whatever") == ModeChange(f"+{letter}")
    modes.apply(ModeChange(f"+{letter}"), "", 0.0)
    assert judged(modes, f"+{letter}") is None
    assert judged(modes, f"-{letter}") == ModeChange(f"-{letter}")


def test_where_there_is_a_line_who_has_no_seat_cannot_talk_whatever_the_modes() -> None:
    assert judged(Modes(), "-n", ground=CLOSED) == "fixed-mode"
    assert judged(Modes(), "-n") == ModeChange("-n")
    assert judged(Modes(), "+n", ground=CLOSED) is None


@pytest.mark.parametrize("mode", ["", "+", "m", "+q", "*m", "+mm", "+im", "+ov"])
def test_what_is_no_mode_is_refused(mode: str) -> None:
    assert judged(Modes(), mode) == "unknown-mode"
    with pytest.raises(KeyError):
        Modes().apply(ModeChange(mode, "Mary"), "", 0.0)


def test_a_key_is_one_word() -> None:
    modes = Modes()
    assert judged(modes, "-k") is None
    for key in ("", "a b", "a,b", ":a", "a\x07", "a\u202e"):
        assert judged(modes, "+k", key) == "bad-key"
    assert judged(modes, "+k", "séšame:") == ModeChange("+k", "séšame:")


def test_a_key_is_replaced_by_another_and_taken_off_whatever_one_says_it_was() -> None:
    modes = modes_of(("+k", "sesame"))
    assert judged(modes, "+k", "sesame") is None
    assert judged(modes, "+k", "open") == ModeChange("+k", "open")
    assert judged(modes, "-k", "what?") == ModeChange("-k", "*")
    modes.apply(ModeChange("-k", "*"), "", 0.0)
    assert modes.key == ""


def test_a_key_is_as_long_as_its_bound_and_no_longer() -> None:
    assert judged(Modes(), "+k", "k" * CHANNEL_KEY_CHARACTERS_MAX) == ModeChange("+k", "k" * CHANNEL_KEY_CHARACTERS_MAX)
    assert judged(Modes(), "+k", "k" * (CHANNEL_KEY_CHARACTERS_MAX + 1)) == "bad-key"


@pytest.mark.parametrize(("argument", "limit"), [("1", "1"), ("007", "7"), ("100", "100")])
def test_a_limit_is_a_number_of_members(argument: str, limit: str) -> None:
    assert judged(Modes(), "+l", argument) == ModeChange("+l", limit)


@pytest.mark.parametrize("argument", ["", "0", "-1", "101", "0100", "1.5", "x", "٣", "²", "9" * 5_000])
def test_what_is_no_limit_is_refused(argument: str) -> None:
    assert judged(Modes(), "+l", argument) == "bad-limit"


def test_a_limit_changes_only_to_another() -> None:
    modes = modes_of(("+l", "7"))
    assert modes.limit == 7
    assert judged(modes, "+l", "7") is None
    assert judged(modes, "-l") == ModeChange("-l")
    assert judged(Modes(), "-l") is None


@pytest.mark.parametrize("mode", ["+l", "-l"])
def test_the_seats_of_the_config_are_no_mode(mode: str) -> None:
    assert judged(Modes(), mode, "7", CLOSED) == "fixed-mode"


@pytest.mark.parametrize("letter", "beI")
def test_a_mask_is_put_on_a_list_and_taken_off_in_whatever_case(letter: str) -> None:
    modes = Modes()
    assert judged(modes, f"-{letter}", "Mary") is None
    change = judged(modes, f"+{letter}", "Mary")
    assert change == ModeChange(f"+{letter}", "Mary!*@*")
    modes.apply(ModeChange(f"+{letter}", "Mary!*@*"), "Bob", 5.0)
    assert modes.masks(letter) == {"Mary!*@*": ("Bob", 5.0)}
    assert judged(modes, f"+{letter}", "mARY!*@*") is None
    assert judged(modes, f"-{letter}", "mary") == ModeChange(f"-{letter}", "Mary!*@*")
    modes.apply(ModeChange(f"-{letter}", "Mary!*@*"), "Bob", 5.0)
    assert modes.masks(letter) == {}


@pytest.mark.parametrize("mask", ["", "a b", ":a", "a\x02!*@*", "a\n"])
def test_what_is_no_mask_is_refused(mask: str) -> None:
    assert judged(Modes(), "+b", mask) == "bad-mask"


def test_a_mask_is_as_long_as_its_bound_and_no_longer() -> None:
    longest = "m" * (MASK_CHARACTERS_MAX - len("!*@*"))
    assert judged(Modes(), "+b", longest) == ModeChange("+b", f"{longest}!*@*")
    assert judged(Modes(), "+b", f"{longest}m") == "bad-mask"


@pytest.mark.parametrize("letter", "beI")
def test_a_list_has_as_many_masks_as_its_bound_and_no_more(letter: str) -> None:
    modes = modes_of(*((f"+{letter}", f"n{n}!*@*") for n in range(MASKS_MAX - 1)))
    assert judged(modes, f"+{letter}", "last") == ModeChange(f"+{letter}", "last!*@*")
    modes.apply(ModeChange(f"+{letter}", "last!*@*"), "", 0.0)
    assert judged(modes, f"+{letter}", "more") == "list-full"
    assert judged(modes, f"+{letter}", "last") is None
    assert judged(modes, f"-{letter}", "last") == ModeChange(f"-{letter}", "last!*@*")


def test_a_role_is_given_to_who_is_seated_in_whatever_case_and_taken_back() -> None:
    modes = Modes()
    assert judged(modes, "+o", "mARY") == ModeChange("+o", "Mary")
    assert judged(modes, "+v", "_X") == ModeChange("+v", "+x")
    assert judged(modes, "+o", "Bob") == judged(modes, "-v", "") == "not-here"
    assert judged(modes, "-o", "Mary") is None
    modes.apply(ModeChange("+o", "Mary"), "", 0.0)
    assert judged(modes, "+o", "Mary") is None
    assert judged(modes, "-o", "mary") == ModeChange("-o", "Mary")


def test_the_highest_role_marks_a_member() -> None:
    modes = modes_of(("+v", "Mary"), ("+o", "Mary"), ("+v", "Bob"))
    assert (modes.prefix("Mary"), modes.prefixes("Mary")) == ("@", "@+")
    assert (modes.prefix("Bob"), modes.prefixes("Bob")) == ("+", "+")
    assert (modes.prefix("Eve"), modes.prefixes("Eve")) == ("", "")
    assert [name for name in ("Mary", "Bob", "Eve") if modes.is_operator(name)] == ["Mary"]
    modes.apply(ModeChange("-o", "Mary"), "", 0.0)
    assert modes.roles == {"Mary": "v", "Bob": "v"}
    modes.apply(ModeChange("-v", "Mary"), "", 0.0)
    assert modes.roles == {"Bob": "v"}


@pytest.mark.parametrize("change", [("-i", ""), ("-b", "Mary!*@*"), ("*i", ""), ("+z", ""), ("+l", "x")])
def test_a_change_that_cannot_have_been_made_is_a_fault(change: tuple[str, str]) -> None:
    with pytest.raises(KeyError):
        modes_of(change)


# Invitations


def test_who_is_invited_may_come_in_once_in_whatever_case() -> None:
    modes = Modes()
    modes.invite("Mary")
    assert modes.is_invited("mARY")
    assert modes.admits("mARY", "h")
    modes.came("maRY")
    assert not modes.admits("Mary", "h")
    modes.came("maRY")


def test_whom_a_standing_invitation_is_for_may_come_in_again_and_again() -> None:
    modes = modes_of(("+I", "*!*@h"))
    modes.came("Mary")
    assert modes.admits("Mary", "h")
    assert not modes.is_invited("Mary")
    assert not modes.admits("Mary", "elsewhere")


def test_of_more_invitations_than_the_bound_the_oldest_is_forgotten() -> None:
    modes = Modes()
    for n in range(INVITATIONS_MAX):
        modes.invite(f"n{n}")
    assert modes.is_invited("n0")
    modes.invite("n0")
    assert len(modes.invited) == INVITATIONS_MAX
    modes.invite("one-more")
    assert len(modes.invited) == INVITATIONS_MAX
    assert modes.is_invited("n0")
    assert not modes.is_invited("n1")


# Copies and snapshots


def test_a_copy_is_the_same_and_changes_apart() -> None:
    modes = modes_of(("+m", ""), ("+k", "sesame"), ("+l", "7"), ("+b", "a!*@*"), ("+e", "b!*@*"), ("+I", "c!*@*"))
    modes.apply(ModeChange("+o", "Mary"), "", 0.0)
    modes.invite("Bob")
    copy = modes.copy()
    assert copy.state(0.0) == modes.state(0.0)
    assert copy.restrains
    for change in (
        ("-m", ""),
        ("-k", "*"),
        ("-l", ""),
        ("-b", "a!*@*"),
        ("-e", "b!*@*"),
        ("-I", "c!*@*"),
        ("-o", "Mary"),
    ):
        copy.apply(ModeChange(*change), "", 0.0)
    copy.came("Bob")
    assert copy.state(0.0) == ModesState()
    assert modes.state(0.0) != copy.state(0.0)


def test_a_snapshot_tells_times_since_the_epoch() -> None:
    modes = modes_of(("+b", "a!*@*"))
    state = modes.state(1_000.0)
    assert state.bans == {"a!*@*": ("Mary", 1_005.0)}
    assert Modes(state, 900.0).bans == {"a!*@*": ("Mary", 105.0)}


@pytest.mark.parametrize(("change", "is_private"), [(("+k", "sesame"), True), (("+s", ""), True), (("+i", ""), False)])
def test_what_a_secret_or_a_locked_channel_is_about_is_private(change: tuple[str, str], is_private: bool) -> None:
    assert modes_of(change).is_private is is_private
