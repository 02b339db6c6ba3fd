"""How the upkeep reaches the log's file: it reads at any time, and writes in small steps between appends."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from antechamber.log.schema import connect

PAUSE_SECONDS = 0.001
"""Time between two steps, in which whoever waits for the lock gets it."""


class FileAccess:
    """The log at `path`. `writer` is its connection, used only under `lock`; reading has one of its own."""

    def __init__(self, path: str, writer: sqlite3.Connection, lock: threading.Lock) -> None:
        self.path = path
        self.writer = writer
        self.lock = lock
        self.closing = threading.Event()
        """Set once the log is to be closed: then no further step is begun."""
        self.reader = connect(path, "mode=rw")
        self.reader.execute("PRAGMA busy_timeout = 0")  # nothing here is worth waiting for under the lock
        self.reader.execute("SELECT count(*) FROM channel").fetchone()  # all its files are open from now on

    @contextmanager
    def step(self) -> Iterator[sqlite3.Connection]:
        """Give the writer for one transaction, which holds appends up for as long as it takes."""
        with self.lock, self.writer:
            self.writer.execute("BEGIN IMMEDIATE")
            yield self.writer

    def pause(self) -> bool:
        """Give the lock to others for a moment; return whether the log is to be closed."""
        return self.closing.wait(PAUSE_SECONDS)
