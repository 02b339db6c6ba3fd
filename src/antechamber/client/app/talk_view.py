"""The part of the talk that is in sight: at the end, or where somebody has scrolled to."""

from antechamber.client.app.rows import Look, Row, rows_of, rule
from antechamber.client.app.talk import Item, Talk
from antechamber.client.words import day_name

_MADE_MAX = 500
"""Items whose rows are kept."""


class TalkView:
    """A window on the talk. What somebody has scrolled to stays where it is while more comes in."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._bottom: int | None = None
        """The index of the lowest item in sight; None for the newest, whatever that is."""
        self._hidden = 0
        """How many of its rows are below the edge."""
        self._made_for: Look | None = None
        self._made: dict[int, tuple[Item, list[Row]]] = {}
        """Rows that were made for that look, by index: a long text is broken once, and not at each drawing."""
        self.at_top = False
        """Whether the oldest item is in sight."""

    @property
    def follows(self) -> bool:
        """Whether the end of the talk is in sight, and stays so."""
        return self._bottom is None

    def follow(self) -> None:
        """Go to the end."""
        self._bottom, self._hidden = None, 0

    def scroll(self, rows: int, look: Look, day: "Days") -> None:
        """Move by so many rows, up if the number is negative."""
        talk = self._talk
        if talk.end == talk.first:
            return
        bottom = self._bottom_index()
        hidden = self._hidden
        if rows < 0:
            if self.at_top:
                return
            hidden -= rows
            while bottom > talk.first and hidden >= (many := len(self._rows(bottom, look, day))):
                hidden -= many
                bottom -= 1
            hidden = min(hidden, len(self._rows(bottom, look, day)) - 1)
        else:
            hidden -= rows
            while hidden < 0 and bottom < talk.end - 1:
                bottom += 1
                hidden += len(self._rows(bottom, look, day))
            if hidden < 0 or (hidden == 0 and bottom == talk.end - 1):
                self.follow()
                return
        self._bottom, self._hidden = bottom, hidden

    def rows(self, look: Look, height: int, day: "Days") -> list[Row]:
        """Return the rows in sight, at most `height`; there are fewer if the talk is short."""
        talk = self._talk
        found: list[Row] = []
        index = self._bottom_index()
        skip = self._hidden
        while index >= talk.first and len(found) < height:
            item_rows = self._rows(index, look, day)
            if skip:
                item_rows = item_rows[: max(len(item_rows) - skip, 1)]
                skip = 0
            found = item_rows + found
            index -= 1
        self.at_top = index < talk.first and len(found) <= height
        return found[-height:] if height > 0 else []

    def _bottom_index(self) -> int:
        talk = self._talk
        return talk.end - 1 if self._bottom is None else min(max(self._bottom, talk.first), talk.end - 1)

    def _rows(self, index: int, look: Look, day: "Days") -> list[Row]:
        """Return the rows of an item, with what stands above it: a new day, and where the unread begins."""
        talk = self._talk
        item = talk[index]
        above: list[Row] = []
        before = talk[index - 1] if index > talk.first else None
        if before is None or day.of(before) != day.of(item):
            above.append(rule(day.name(item), look.columns))
        if index == talk.unread_from:
            new = sum(talk[each].kind not in ("note", "happened") for each in range(index, talk.end))
            above.append(rule(f"{new} new", look.columns, "class:unread"))
        return above + self._rows_of(index, item, look)

    def _rows_of(self, index: int, item: Item, look: Look) -> list[Row]:
        if look != self._made_for or len(self._made) >= _MADE_MAX:
            self._made_for, self._made = look, {}
        made = self._made.get(index)
        if made is None or made[0] is not item:
            made = self._made[index] = (item, rows_of(item, look))
        return made[1]


class Days:
    """The days of items, in the time zone of this machine, seen from the time `now`."""

    def __init__(self, now: float, utc_offset_of: "Offsets") -> None:
        self._now = now
        self._offset = utc_offset_of

    def of(self, item: Item) -> int:
        """Return the number of the day on which it was."""
        return int((item.time + self._offset(item.time)) // 86_400)

    def name(self, item: Item) -> str:
        """Return the day in words."""
        return day_name(item.time + self._offset(item.time), self._now + self._offset(self._now))


class Offsets:
    """The difference of the local time from UTC, in seconds, which changes in spring and in autumn."""

    def __call__(self, when: float) -> int:
        """Return it for a time in seconds since the epoch."""
        import time

        return time.localtime(when).tm_gmtoff
