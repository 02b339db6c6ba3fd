"""The maintenance's access to the log's file: it reads at any time, and writes in small steps between appends."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from antechamber.log.schema import connect

PAUSE_SECONDS = 0.001
"""Time between two steps, in which others get the lock."""


class FileAccess:
    """The log at `path`. `writer` is its connection, used only under `lock`; reading has one of its own."""

    def __init__(self, path: str, writer: sqlite3.Connection, lock: threading.Lock) -> None:
        self.path = path
        self.writer = writer
        self.lock = lock
        self.closing = threading.Event()
        """Set when the log is to be closed, so that no further step begins."""
        self.reader = connect(path, "mode=rw")
        self.reader.execute("PRAGMA busy_timeout = 0")  # nothing here may wait while it has the lock
        self.reader.execute("SELECT count(*) FROM channel").fetchone()  # all its files are open from now on

    @contextmanager
    def step(self) -> Iterator[sqlite3.Connection]:
        """Yield the writer for one transaction, which delays appends as long as it takes."""
        with self.lock, self.writer:
            self.writer.execute("BEGIN IMMEDIATE")
            yield self.writer

    def pause(self) -> bool:
        """Give the lock to others for a moment; return whether the log is to be closed."""
        return self.closing.wait(PAUSE_SECONDS)
