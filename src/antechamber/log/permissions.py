"""File permissions: only its owner can read the log, whatever the umask.

New files get these permissions. Existing files keep theirs, and the operator is warned.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_OTHERS_WRITE = 0o022
_OTHERS = 0o066


def make_folders(folder: str) -> None:
    """Make a folder and its parents if they do not exist. Raises OSError."""
    if os.path.isdir(folder):
        return
    make_folders(os.path.dirname(folder))
    with suppress(FileExistsError):  # another process has made it meanwhile
        os.mkdir(folder, FOLDER_MODE)
        os.chmod(folder, FOLDER_MODE)


def make_file(path: str) -> None:
    """Make a file if there is none, and check that it can be read and written. Raises OSError.

    SQLite gives the files beside it the same mode.
    """
    with suppress(FileExistsError):
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE)
        try:
            os.fchmod(file, FILE_MODE)
        finally:
            os.close(file)
        return
    os.close(os.open(path, os.O_RDWR))


def exposures(paths: Iterable[str]) -> Iterator[str]:
    """Yield a warning for each file that others can read or write, and each folder that they can write to.

    Reading a folder shows only names; writing to it allows replacing the log.
    """
    for path in paths:
        with suppress(OSError):
            is_folder, mode = os.path.isdir(path), os.stat(path).st_mode
            if mode & (_OTHERS_WRITE if is_folder else _OTHERS) and not (is_folder and mode & stat.S_ISVTX):
                import shlex

                yield (
                    f"{path}, where what is said is kept, is open to other users of this machine: "
                    f"chmod {FOLDER_MODE if is_folder else FILE_MODE:o} {shlex.quote(path)}"
                )
