"""The check that the log's file is still in its place: SQLite goes on writing to a deleted file."""

import os

from antechamber.log import LogError


class FileIdentity:
    """The files of the log at `path`, which exist now."""

    def __init__(self, path: str) -> None:
        self._files = {name: os.stat(name) for name in (path, f"{path}-wal")}
        self.is_certain = False
        """Whether the check was made lately: by the maintenance of a busy log, or at the next append to a quiet one."""

    def check(self) -> None:
        """Check the files. Raises LogError if one is gone or replaced."""
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
