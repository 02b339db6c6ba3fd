"""A channel's modes, bans, invitations and roles: who may enter, who may talk, and who may change what. Pure.

The letters are those of IRC (https://modern.ircdocs.horse/#channel-modes):

* `i` admits only those who are invited, `m` lets only members with a role talk, `n` only seated members; `s` keeps the
  channel out of lists, and `t` leaves the topic to its operators;
* `k` is a key that one has to know, `l` the number of members (open channels only);
* `b`, `e` and `I` are lists of masks: bans, exceptions from bans, and standing invitations;
* `o` and `v` are a member's roles: operator of the channel, and a voice whatever the modes say.

`judge` returns what a change comes to, and changes nothing; `apply` makes a change that was judged.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import CHANNEL_KEY_CHARACTERS_MAX, INVITATIONS_MAX, MASK_CHARACTERS_MAX, MASKS_MAX
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import fold, nick_of

FLAGS = tuple("imnst")
"""The modes that are on or off."""
LISTS = tuple("beI")
"""The modes that are lists of masks."""
ROLES = tuple("ov")
"""The modes that are roles of members."""
UNKNOWN_HOST = "antechamber"
"""The host of a member without a known one."""
_FIRST_FLAGS = "nt"
_JUDGED_MAX = 1_000
"""Members for whom the result of the ban check is cached; beyond that, the cache is cleared."""
_STARS = re.compile(r"\*\*+")

Listed = dict[str, tuple[str, float]]
"""Masks, each with the name of the member who set it, and the time."""


class Ground(NamedTuple):
    """What mode changes depend on besides the modes: the kind of channel, its capacity, and its seated members."""

    is_open: bool
    limit_max: int
    seated: Mapping[str, object]


class ModesState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The modes in a snapshot; those of a new channel by default."""

    flags: str = _FIRST_FLAGS
    key: str = ""
    limit: int | None = None
    bans: Listed = {}
    excepts: Listed = {}
    invites: Listed = {}
    roles: dict[str, str] = {}
    invited: list[str] = []
    guests: dict[str, tuple[str, ...]] = {}


class Modes:
    """The modes in force. All attributes are for reading; only `apply`, `invite` and the channel change them."""

    __slots__ = ("_judged", "bans", "excepts", "flags", "invited", "invites", "key", "limit", "restrains", "roles")

    def __init__(self, state: ModesState | None = None, epoch: float = 0.0) -> None:
        """Restore the modes of a snapshot, whose times are `epoch` later; begin afresh if it is None."""
        state = state or ModesState()
        self.flags = set(state.flags)
        self.key = state.key
        """The key; "" for none."""
        self.limit = state.limit
        """The number of members that may be in; None if the modes do not limit it."""
        self.bans, self.excepts, self.invites = (
            {mask: (by, time - epoch) for mask, (by, time) in masks.items()}
            for masks in (state.bans, state.excepts, state.invites)
        )
        self.roles = dict(state.roles)
        """The roles `o`, `v` or `ov` of members, by name."""
        self.invited = {nick: state.guests.get(nick, ()) for nick in state.invited}
        """The invited nicks, folded, each with the marks of those who are meant, if any."""
        self._changed()

    def state(self, epoch: float) -> ModesState:
        """Return the state for a snapshot, with `epoch` added to the times."""
        bans, excepts, invites = (
            {mask: (by, time + epoch) for mask, (by, time) in masks.items()}
            for masks in (self.bans, self.excepts, self.invites)
        )
        flags = "".join(sorted(self.flags))
        roles, invited = dict(self.roles), list(self.invited)
        guests = {nick: marks for nick, marks in self.invited.items() if marks}
        return ModesState(flags, self.key, self.limit, bans, excepts, invites, roles, invited, guests)

    def copy(self) -> "Modes":
        """Return a copy."""
        return Modes(self.state(0.0))

    # Asking

    @property
    def is_private(self) -> bool:
        """Whether the topic is for members alone, because the channel is secret or has a key."""
        return bool(self.key) or "s" in self.flags

    def is_operator(self, name: str) -> bool:
        """Return whether a member is an operator of the channel."""
        return "o" in self.roles.get(name, "")

    def prefix(self, name: str) -> str:
        """Return the prefix of a member's highest role: `@`, `+`, or "" for none."""
        return self.prefixes(name)[:1]

    def prefixes(self, name: str) -> str:
        """Return the prefixes of all of a member's roles, highest first."""
        return self.roles.get(name, "").translate({ord("o"): "@", ord("v"): "+"})

    def matches(self, name: str, host: str) -> bool:
        """Return whether a ban matches a name and a host, and no exception does."""
        if not self.bans:
            return False
        who = (name, host)
        banned = self._judged.get(who)
        if banned is None:
            source = _source(name, host)
            banned = _listed(self.bans, source) and not _listed(self.excepts, source)
            if len(self._judged) >= _JUDGED_MAX:
                self._judged.clear()
            self._judged[who] = banned
        return banned

    def admits(self, name: str, host: str, marks: Iterable[str] = ()) -> bool:
        """Return whether somebody may enter the channel although it is closed, by their name, host and marks."""
        return self.is_invited(name, marks) or _listed(self.invites, _source(name, host))

    def is_invited(self, name: str, marks: Iterable[str] = ()) -> bool:
        """Return whether somebody has an unused invitation, by their name and marks."""
        meant = self.invited.get(nick_key(name))
        return meant is not None and (not meant or not set(meant).isdisjoint(marks))

    def masks(self, letter: str) -> Listed:
        """Return the masks of one list."""
        return {"b": self.bans, "e": self.excepts, "I": self.invites}[letter]

    def judge(self, change: ModeChange, ground: Ground) -> ModeChange | Refused | None:
        """Return a change in its normal form, None if it would change nothing, or why it is refused."""
        sign, letter = change.mode[:1], change.mode[1:]
        judge = _JUDGES.get(letter)
        if judge is None or sign not in ("+", "-"):
            return Refused("unknown-mode", f"{change.mode[:2]} is no change of a channel's modes.")
        return judge(self, change, ground)

    # Changing

    def apply(self, change: ModeChange, by: str, time: float) -> None:
        """Apply a change made by a member. Raises KeyError if it is impossible."""
        sign, letter, argument = change.mode[:1], change.mode[1:], change.argument
        if sign not in ("+", "-"):
            raise KeyError(change.mode)
        if letter in FLAGS:
            self.flags.add(letter) if sign == "+" else self.flags.remove(letter)
        elif letter in LISTS:
            masks = self.masks(letter)
            if sign == "+":
                masks[argument] = by, time
            else:
                del masks[argument]
        elif letter in ROLES:
            before = self.roles.get(argument, "")
            wanted = {*before, letter} if sign == "+" else {*before} - {letter}
            self.set_roles(argument, "".join(sorted(wanted)))
        elif letter == "k":
            self.key = argument if sign == "+" else ""
        elif letter == "l" and (sign == "-" or argument.isdecimal()):
            self.limit = int(argument) if sign == "+" else None
        else:
            raise KeyError(change.mode)
        self._changed()

    def set_roles(self, name: str, roles: str) -> None:
        """Set a member's roles; "" for none."""
        if roles:
            self.roles[name] = roles
        else:
            self.roles.pop(name, None)

    def rename(self, name: str, to: str) -> None:
        """Give the roles of a member to its new name."""
        if (roles := self.roles.pop(name, None)) is not None:
            self.roles[to] = roles

    def invite(self, name: str, guests: tuple[str, ...] = ()) -> None:
        """Add an invitation for a name; if there are `guests`, only for those with one of these marks."""
        self.invited.pop(nick_key(name), None)
        self.invited[nick_key(name)] = guests
        if len(self.invited) > INVITATIONS_MAX:
            del self.invited[next(iter(self.invited))]

    def came(self, name: str) -> None:
        """Remove the invitation of somebody who has entered, if there is one."""
        self.invited.pop(nick_key(name), None)

    def _changed(self) -> None:
        self.restrains = "m" in self.flags or bool(self.bans)
        """Whether some members may not talk, so that each has to be checked."""
        self._judged: dict[tuple[str, str], bool] = {}


# Judging one change


def _judge_flag(modes: Modes, change: ModeChange, ground: Ground) -> ModeChange | Refused | None:
    if change.mode == "-n" and not ground.is_open:
        return Refused("fixed-mode", "Whoever has no seat cannot talk here: mode n stays on.")
    is_on = change.mode[1] in modes.flags
    return None if is_on == (change.mode[0] == "+") else ModeChange(change.mode)


def _judge_key(modes: Modes, change: ModeChange, _: Ground) -> ModeChange | Refused | None:
    if change.mode == "-k":
        return ModeChange("-k", "*") if modes.key else None
    key = change.argument
    if not _is_word(key) or "," in key or len(key) > CHANNEL_KEY_CHARACTERS_MAX:
        most = CHANNEL_KEY_CHARACTERS_MAX
        return Refused("bad-key", f"A key is one word of at most {most} characters, without a comma.")
    return None if key == modes.key else ModeChange("+k", key)


def _judge_limit(modes: Modes, change: ModeChange, ground: Ground) -> ModeChange | Refused | None:
    if not ground.is_open:
        return Refused("fixed-mode", "The seats of this channel stand in the config: mode l stays as it is.")
    if change.mode == "-l":
        return None if modes.limit is None else ModeChange("-l")
    digits = change.argument
    # So many digits are not a limit, and Python takes long to read them.
    limit = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= len(str(ground.limit_max)) else 0
    if not 1 <= limit <= ground.limit_max:
        return Refused("bad-limit", f"A limit is a number from 1 to {ground.limit_max}.")
    return None if limit == modes.limit else ModeChange("+l", str(limit))


def _judge_mask(modes: Modes, change: ModeChange, _: Ground) -> ModeChange | Refused | None:
    masks = modes.masks(change.mode[1])
    mask = mask_of(change.argument)
    folded = fold(mask)
    present = next((each for each in masks if fold(each) == folded), None)
    if change.mode[0] == "-":
        return None if present is None else ModeChange(change.mode, present)
    if present is not None:
        return None
    if not _is_word(change.argument) or len(mask) > MASK_CHARACTERS_MAX:
        most = MASK_CHARACTERS_MAX
        return Refused("bad-mask", f"A mask is one word of at most {most} characters, such as nick!*@* or *!*@host.")
    if len(masks) >= MASKS_MAX:
        return Refused("list-full", f"A list has at most {MASKS_MAX} masks: take one off it first.")
    return ModeChange(change.mode, mask)


def _judge_role(modes: Modes, change: ModeChange, ground: Ground) -> ModeChange | Refused | None:
    name = change.argument
    if name not in ground.seated:
        key = nick_key(name)
        name = next((each for each in ground.seated if nick_key(each) == key), name)
    if name not in ground.seated:
        return Refused("not-here", f"{name} is not here.")
    has = change.mode[1] in modes.roles.get(name, "")
    return None if has == (change.mode[0] == "+") else ModeChange(change.mode, name)


_JUDGES: dict[str, Callable[[Modes, ModeChange, Ground], ModeChange | Refused | None]] = {
    **dict.fromkeys(FLAGS, _judge_flag),
    **dict.fromkeys(LISTS, _judge_mask),
    **dict.fromkeys(ROLES, _judge_role),
    "k": _judge_key,
    "l": _judge_limit,
}


# Masks


def mask_of(text: str) -> str:
    """Return the complete mask `nick!user@host` for a text that may be only part of one."""
    nick, bang, rest = text.partition("!")
    if not bang:
        nick, rest = ("", text) if "@" in text else (text, "")
    user, _, host = rest.partition("@")
    return _STARS.sub("*", f"{nick or '*'}!{user or '*'}@{host or '*'}")


def _is_word(text: str) -> bool:
    """Return whether a text can be a middle parameter of an IRC line."""
    return bool(text) and text.isprintable() and " " not in text and not text.startswith(":")


def nick_key(name: str) -> str:
    """Return a key that is the same for all names that IRC cannot tell apart."""
    return fold(nick_of(name))


def _source(name: str, host: str) -> str:
    return fold(f"{nick_of(name)}!~u@{host or UNKNOWN_HOST}")


def _listed(masks: Listed, source: str) -> bool:
    return any(pattern(mask).match(source) for mask in masks)


@lru_cache(maxsize=4_096)
def pattern(mask: str) -> re.Pattern[str]:
    """Return a pattern for the folded sources, or other folded texts, that a mask matches.

    Each part between two stars matches at its first occurrence and is not tried again, so no mask takes long to
    compare, however many stars it has.
    """
    first, *parts = ("".join("." if c == "?" else re.escape(c) for c in part) for part in fold(mask).split("*"))
    if not parts:
        return re.compile(f"{first}\\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in parts[:-1])
    return re.compile(f"{first}{middle}.*{parts[-1]}\\Z", re.DOTALL)
