"""The search index: messages are added after they were kept, and segments are merged, in small steps."""

from antechamber.log.file_access import FileAccess
from antechamber.log.indexed_text import Step, steps
from antechamber.log.schema import turn_table

ENTRIES_A_TICK = 500
PAGES_A_MERGE = 16


class Index:
    """The full-text index of a log."""

    def __init__(self, access: FileAccess) -> None:
        self._access = access

    def add_some(self, entries_max: int = ENTRIES_A_TICK) -> int:
        """Index up to `entries_max` entries, and return how many. It stops early if the log is to be closed."""
        count = 0
        for number, name, indexed, last in self._backlog():
            for step in steps(self._access, (number, name), indexed, last, entries_max - count):
                if self._access.closing.is_set():
                    return 0
                self._add(step)
                self.merge()
                count += step.entries
                self._access.pause()
            if count >= entries_max:
                break
        return count

    def merge(self) -> bool:
        """Merge a few pages of the index's segments; return whether there was anything to merge."""
        with self._access.lock:
            writer = self._access.writer
            before = writer.total_changes
            writer.execute("INSERT INTO said (said, rank) VALUES ('merge', ?)", (PAGES_A_MERGE,))
            return writer.total_changes - before > 1  # FTS5 counts one change for the command itself

    def _backlog(self) -> list[tuple[int, str, int, int]]:
        """Return number, name, last indexed and last entry of channels not fully indexed, the least behind first."""
        reader = self._access.reader
        behind: list[tuple[int, tuple[int, str, int, int]]] = []
        for number, name, indexed in reader.execute("SELECT number, name, indexed FROM channel").fetchall():
            (last,) = reader.execute(f"SELECT ifnull(max(last), 0) FROM {turn_table(number)}").fetchone()
            if last > indexed:
                behind.append((last - indexed, (number, name, indexed, last)))
        return [channel for _, channel in sorted(behind)]

    def _add(self, step: Step) -> None:
        """Index the step and move the mark in one transaction: a kill in between neither loses nor doubles a row."""
        with self._access.step() as writer:
            if rows := step.rows(step.last):
                values = ",".join(["(?, ?)"] * (len(rows) // 2))  # one statement, so the GIL changes hands once
                writer.execute(f"INSERT INTO said (rowid, text) VALUES {values}", rows)
            writer.execute("UPDATE channel SET indexed = ? WHERE number = ?", (step.last, step.number))
