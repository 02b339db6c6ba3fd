"""Whether the log's file is still where it was: SQLite goes on writing to one that was deleted, as to any open file."""

import os

from antechamber.log import LogError


class FileIdentity:
    """The files of the log at `path`, which are there when this is made."""

    def __init__(self, path: str) -> None:
        self._files = {name: os.stat(name) for name in (path, f"{path}-wal")}
        self.is_certain = False
        """Whether it was looked at lately: a busy log is looked at by its upkeep, a quiet one at its next append."""

    def check(self) -> None:
        """Look, and raise LogError where a file is gone, or another one in its place."""
        for name, known in self._files.items():
            try:
                self.is_certain = os.path.samestat(known, os.stat(name))
            except OSError:
                self.is_certain = False
            if not self.is_certain:
                raise LogError(
                    f"{name} was moved away or deleted under the running server, so nothing can be kept: "
                    "put it back, or restart the server."
                )
