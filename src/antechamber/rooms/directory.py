"""The directory of a channel: its members' hosts, names that IRC cannot tell apart, and former names.

It follows the channel's events, so replaying the log restores it.
"""

from collections.abc import Iterable

from antechamber.channel.channel import Channel
from antechamber.protocol.events import AnyEvent, Emptied, Left, Queued, Renamed
from antechamber.protocol.text import fold, nick_of

GONE_REMEMBERED = 1_000
"""The number of former members whose hosts are still known, to show beside their earlier messages."""

FORMER_NAMES_REMEMBERED = 1_000
"""The number of renames that are remembered, for members who come back by an earlier name."""


class Directory:
    """The names of a channel's members, and the cloaked hosts of these and of members who left lately.

    `hosts` is for reading, and stays the same object.
    """

    __slots__ = ("_former", "_gone", "_spellings", "hosts")

    def __init__(self) -> None:
        self.hosts: dict[str, str] = {}
        self._gone: dict[str, None] = {}
        """The names in `hosts` of former members, in the order in which they left."""
        self._spellings: dict[str, tuple[str, ...]] = {}
        """The members' names by their folded form, without names that equal it."""
        self._former: dict[tuple[str, int], str] = {}
        """The next name of a renamed member, by the name before and the number of the entry by which it entered."""

    def follow(self, event: AnyEvent, channel: Channel) -> None:
        """Take note of an event that is about to happen in `channel`."""
        match event:
            case Queued(name=name, host=host):
                self._add(name, host)
            case Left(name=name):
                self._discard(name)
            case Emptied():
                for name in channel.seated:
                    self._discard(name)
            case Renamed(name=name, to=to):
                host = self.hosts.get(name, "")
                self._discard(name)
                self._add(to, host)
                if (membership := channel.membership(name)) is not None:
                    self._note_name(name, to, membership.entered)

    def reset(self, members: Iterable[tuple[str, str]]) -> None:
        """Make these the members, each with its host, as a snapshot has them. Former members stay known."""
        known = dict(members)
        for name in [name for name in self.hosts if name not in known and name not in self._gone]:
            self._discard(name)
        for name, host in known.items():
            self._add(name, host)

    def alike(self, name: str) -> tuple[str, ...]:
        """Return the members' names that IRC cannot tell from `name`, which differ in case at most."""
        key = _key(name)
        others = self._spellings.get(key, ())
        return (key, *others) if key in self.hosts and key not in self._gone else others

    def name_now(self, name: str, entered: int) -> str:
        """Return the present name of a member who was once called `name`, and entered by the entry `entered`."""
        while (later := self._former.get((name, entered))) is not None:
            name = later
        return name

    def _note_name(self, name: str, to: str, entered: int) -> None:
        self._former.pop((to, entered), None)  # an earlier name of its own, which it has again
        self._former[name, entered] = to
        if len(self._former) > FORMER_NAMES_REMEMBERED:
            del self._former[next(iter(self._former))]

    def _add(self, name: str, host: str) -> None:
        self._gone.pop(name, None)
        self.hosts[name] = host
        key = _key(name)
        others = self._spellings.get(key, ())
        if name != key and name not in others:
            self._spellings[key] = (*others, name)

    def _discard(self, name: str) -> None:
        key = _key(name)
        left = tuple(other for other in self._spellings.get(key, ()) if other != name)
        if left:
            self._spellings[key] = left
        else:
            self._spellings.pop(key, None)
        self._gone[name] = None
        if len(self._gone) > GONE_REMEMBERED:
            oldest = next(iter(self._gone))
            del self._gone[oldest]
            del self.hosts[oldest]


def _key(name: str) -> str:
    return fold(nick_of(name))
