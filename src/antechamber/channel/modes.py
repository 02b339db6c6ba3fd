"""A channel's modes, bans, invitations and roles: who may come in, who may talk, and who may change what. Pure.

The letters are IRC's, as every client has them:

* `i` lets in only who is invited, `m` lets talk only who has a role, `n` only who has a seat, `s` keeps the channel out
  of lists, `t` leaves the topic to its operators;
* `k` is a key that one has to know, `l` how many may be in (open channels only);
* `b`, `e` and `I` are lists of masks: who is banned, who is not though banned, who is invited for good;
* `o` and `v` are a member's roles: an operator of the channel, and one who may talk whatever the modes say.

`judge` says of one change what it comes to, and changes nothing; `apply` lets a change that was judged have happened.
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
"""The host of one of whom none is known."""
_FIRST_FLAGS = "nt"
_JUDGED_MAX = 1_000
"""Members of whom it is remembered whether they are banned; all are forgotten past it."""
_STARS = re.compile(r"\*\*+")

Listed = dict[str, tuple[str, float]]
"""Masks, each with the name of the member who set it, and the time."""


class Ground(NamedTuple):
    """What changes of modes are judged by, beside the modes: the channel's kind, its bound, and who sits there."""

    is_open: bool
    limit_max: int
    seated: Mapping[str, object]


class ModesState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a snapshot keeps of a channel's modes; as they begin, where it tells none."""

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
    """The modes in force. All of it is for reading; only `apply`, `invite` and what the channel calls change it."""

    __slots__ = ("_judged", "bans", "excepts", "flags", "invited", "invites", "key", "limit", "restrains", "roles")

    def __init__(self, state: ModesState | None = None, epoch: float = 0.0) -> None:
        """Take what a snapshot keeps, less `epoch` in its times; begin afresh where it is None."""
        state = state or ModesState()
        self.flags = set(state.flags)
        self.key = state.key
        """What one has to know to come in, "" where nothing."""
        self.limit = state.limit
        """How many may be in, None where the modes do not say."""
        self.bans, self.excepts, self.invites = (
            {mask: (by, time - epoch) for mask, (by, time) in masks.items()}
            for masks in (state.bans, state.excepts, state.invites)
        )
        self.roles = dict(state.roles)
        """`o`, `v` or `ov`, of the members who have a role."""
        self.invited = {nick: state.guests.get(nick, ()) for nick in state.invited}
        """The folded nicks of those who may come in once, with the marks of whom is meant, if any."""
        self._changed()

    def state(self, epoch: float) -> ModesState:
        """Return what a snapshot keeps, with `epoch` added to the times."""
        bans, excepts, invites = (
            {mask: (by, time + epoch) for mask, (by, time) in masks.items()}
            for masks in (self.bans, self.excepts, self.invites)
        )
        flags = "".join(sorted(self.flags))
        roles, invited = dict(self.roles), list(self.invited)
        guests = {nick: marks for nick, marks in self.invited.items() if marks}
        return ModesState(flags, self.key, self.limit, bans, excepts, invites, roles, invited, guests)

    def copy(self) -> "Modes":
        """Return modes like these, to be changed apart from them."""
        return Modes(self.state(0.0))

    # Asking

    @property
    def is_private(self) -> bool:
        """Whether what the channel is about is for its members alone: it is secret, or has a key."""
        return bool(self.key) or "s" in self.flags

    def is_operator(self, name: str) -> bool:
        """Return whether a member is an operator of the channel."""
        return "o" in self.roles.get(name, "")

    def prefix(self, name: str) -> str:
        """Return the mark of the member's highest role: `@`, `+`, or "" where it has none."""
        return self.prefixes(name)[:1]

    def prefixes(self, name: str) -> str:
        """Return the marks of all of the member's roles, the highest first."""
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
        """Return one of the lists."""
        return {"b": self.bans, "e": self.excepts, "I": self.invites}[letter]

    def judge(self, change: ModeChange, ground: Ground) -> ModeChange | Refused | None:
        """Return what `change` comes to, in its one spelling; None if nothing would change, or why it cannot be."""
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
        """Whether not everybody in the channel may talk, so that each is to be asked about."""
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
    # So many digits are no limit, and Python takes long over them.
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
    """Return the mask `nick!user@host` that `text` stands for, which may tell only some of it."""
    nick, bang, rest = text.partition("!")
    if not bang:
        nick, rest = ("", text) if "@" in text else (text, "")
    user, _, host = rest.partition("@")
    return _STARS.sub("*", f"{nick or '*'}!{user or '*'}@{host or '*'}")


def _is_word(text: str) -> bool:
    """Return whether a text can be a middle parameter of an IRC line."""
    return bool(text) and text.isprintable() and " " not in text and not text.startswith(":")


def nick_key(name: str) -> str:
    """Return what is the same for all names that IRC cannot tell apart."""
    return fold(nick_of(name))


def _source(name: str, host: str) -> str:
    return fold(f"{nick_of(name)}!~u@{host or UNKNOWN_HOST}")


def _listed(masks: Listed, source: str) -> bool:
    return any(pattern(mask).match(source) for mask in masks)


@lru_cache(maxsize=4_096)
def pattern(mask: str) -> re.Pattern[str]:
    """Return what finds the folded sources, or other folded texts, that a mask is for.

    Each part between two stars is taken where it comes first and never looked for again, so that no mask, however
    many stars it has, takes long to compare.
    """
    first, *parts = ("".join("." if c == "?" else re.escape(c) for c in part) for part in fold(mask).split("*"))
    if not parts:
        return re.compile(f"{first}\\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in parts[:-1])
    return re.compile(f"{first}{middle}.*{parts[-1]}\\Z", re.DOTALL)
