"""The talk of one channel as it is kept in the app: in order, without gaps or repetitions, and bounded."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from antechamber.client.words import happening
from antechamber.protocol.events import Announced, Entry, Said

ITEMS_MAX = 5_000
"""Items that are kept; the oldest are loaded from the history again when somebody scrolls there."""
Kind = Literal["said", "action", "notice", "whisper", "announced", "happened", "note", "pending", "found"]


class Item(NamedTuple):
    """Something in the talk. `time` is in seconds since the epoch, `name` is who said it, "" for nobody."""

    kind: Kind
    time: float
    text: str
    name: str = ""
    sequence: int = 0
    """The number of its entry; 0 for what is not in the log."""
    to: str = ""
    """Whom a whisper of one's own was for."""


def item_of(entry: Entry, me: str) -> Item | None:
    """Return what the talk shows of an entry, to the member `me`; None for nothing."""
    match entry.event:
        case Said(name=name, text=text, form=form):
            kind: Kind = "said" if form == "message" else form
            return Item(kind, entry.time, text, name, entry.sequence)
        case Announced(text=text):
            return Item("announced", entry.time, text, "", entry.sequence)
        case event:
            words = happening(event, me)
            return None if words is None else Item("happened", entry.time, words, "", entry.sequence)


class Talk:
    """Items in the order in which they are read: entries by number, and the rest where it came in between.

    Each item keeps its index, whatever comes before it or is forgotten: they go from `first` to just before `end`.
    """

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._newest = 0
        """The highest number of an entry that was added at the end."""
        self.first = 0
        self.oldest = 0
        """The lowest number of an entry from which on nothing is missing; 0 before there is one."""
        self.unread_from: int | None = None
        """The index of the first item that the person has not seen, if there is one."""

    @property
    def end(self) -> int:
        """The index after that of the newest item."""
        return self.first + len(self._items)

    def __getitem__(self, index: int) -> Item:
        """Return the item with an index between `first` and `end`."""
        return self._items[index - self.first]

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the items, oldest first."""
        return iter(self._items)

    def add(self, item: Item) -> bool:
        """Add an item at the end, unless it is an entry that is there already; return whether it was added."""
        if item.sequence:
            if item.sequence <= self._newest:
                return False
            self.pass_over(item.sequence)
        self._items.append(item)
        if len(self._items) > ITEMS_MAX:
            self._forget_oldest()
        return True

    def pass_over(self, sequence: int) -> None:
        """Note an entry of which the talk shows nothing, so that its number is no gap."""
        self._newest = max(self._newest, sequence)
        self.oldest = self.oldest or sequence

    def put_before(self, items: Iterable[Item], oldest: int) -> None:
        """Put earlier items, from the history, before the others; it was looked through down to the number `oldest`."""
        earlier = [item for item in items if not self.oldest or item.sequence < self.oldest]
        self._items.extendleft(reversed(earlier))
        self.first -= len(earlier)
        self._newest = max(self._newest, max((item.sequence for item in earlier), default=0))
        self.oldest = min(self.oldest or oldest, oldest)

    def go_back(self, last: int) -> None:
        """Take it that the server has lost the entries after number `last`; others will have their numbers."""
        self._newest = min(self._newest, last)

    def begin_anew(self) -> None:
        """Forget everything but the notes at the end, which tell why."""
        kept: list[Item] = []
        while self._items and self._items[-1].kind == "note":
            kept.append(self._items.pop())
        self._items = deque(reversed(kept))
        self.first = self._newest = self.oldest = 0
        self.unread_from = None

    def _forget_oldest(self) -> None:
        gone = self._items.popleft()
        self.first += 1
        if gone.sequence:
            self.oldest = gone.sequence + 1
        if self.unread_from is not None:
            self.unread_from = max(self.unread_from, self.first)
