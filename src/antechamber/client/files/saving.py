"""Saving a received file: under its own name, never over an existing file, and certainly in its folder.

The sender is a stranger, and the server may be one, so the name is checked here in any case.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

from antechamber.protocol.limits import RECEIVED_FREE_BYTES_MIN
from antechamber.protocol.text import clean

_NAME_BYTES_MAX = 255
"""Length of a file name, which is the limit of nearly every file system."""
_MODE = 0o666
_MARKS = dict.fromkeys(map(ord, "\u061c\u200e\u200f"), "\N{REPLACEMENT CHARACTER}")
"""Invisible direction marks, which make a name look different."""
_DISK_PARTS = 20
"""A disk counts as nearly full if less than one of so many parts is free."""
_NAMELESS: int = getattr(os, "O_TMPFILE", 0) if os.path.isdir("/proc/self/fd") else 0


def safe_name(name: str) -> str:
    """Return a safe file name: no path, not hidden, without characters that control a terminal.

    A leading dot becomes `_`, because programs read some hidden files by their names, such as `.profile`.
    """
    name = clean(name.replace("\\", "/").rpartition("/")[2]).translate(_MARKS).strip()
    if not name.strip(". "):
        name = "file"
    if name.startswith("."):
        name = "_" + name[1:]
    return _shortened(name, "")


def _shortened(name: str, mark: str) -> str:
    """Return a name with a mark before its extension, short enough for a file system."""
    stem, extension = os.path.splitext(name)
    if len(extension.encode()) > _NAME_BYTES_MAX // 4:
        stem, extension = name, ""
    room = _NAME_BYTES_MAX - len((mark + extension).encode())
    return stem.encode()[:room].decode(errors="ignore") + mark + extension


def _candidates(name: str) -> Iterator[str]:
    """Yield the names to try, one after the other, if one is taken."""
    yield name
    for number in count(1):
        yield _shortened(name, f" ({number})")


class IncomingFile:
    """A file being written in `folder`, which is named once it is complete.

    If the file system allows it, the file has no name until then and vanishes with the process; elsewhere it has a
    hidden name. Every method may raise OSError.
    """

    def __init__(self, folder: str) -> None:
        self._hidden = ""
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._descriptor = self._open()
        except BaseException:
            os.close(self._folder)
            raise

    def expect(self, size: int) -> None:
        """Check that there is room for so many bytes. Raises OSError if they would leave the disk nearly full."""
        disk = os.fstatvfs(self._folder)
        whole = disk.f_blocks * disk.f_frsize  # 0 if the file system does not tell
        if whole and disk.f_bavail * disk.f_frsize < size + min(RECEIVED_FREE_BYTES_MIN, whole // _DISK_PARTS):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(self, data: bytes) -> None:
        """Append data."""
        self.expect(len(data))
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def keep(self, name: str) -> str:
        """Give the file its name, or a similar one if that is taken, close it, and return the name."""
        for candidate in _candidates(safe_name(name)):
            try:
                self._name(candidate)
            except FileExistsError:
                continue
            self.discard()
            return candidate
        raise AssertionError  # there is always one more candidate

    def discard(self) -> None:
        """Close the file, and delete it unless it is complete; may be called repeatedly."""
        if self._folder < 0:
            return
        self.unname()
        folder, self._folder = self._folder, -1
        os.close(folder)
        os.close(self._descriptor)

    def unname(self) -> None:
        """Remove the hidden name, if there is one, so that the file vanishes with the process; for any thread."""
        if self._hidden:
            with suppress(OSError):
                os.unlink(self._hidden, dir_fd=self._folder)

    def _open(self) -> int:
        if _NAMELESS:
            with suppress(OSError):
                return os.open(".", _NAMELESS | os.O_WRONLY | os.O_CLOEXEC, _MODE, dir_fd=self._folder)
        hidden = f".antechamber-{secrets.token_hex(8)}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(hidden, flags, _MODE, dir_fd=self._folder)
        self._hidden = hidden
        return descriptor

    def _name(self, name: str) -> None:
        """Give the file its name. Raises FileExistsError if the name is taken, even by a dangling link."""
        if not self._hidden:
            # With a folder's descriptor Python calls linkat(2), which follows the descriptor's link to the file.
            source = f"/proc/self/fd/{self._descriptor}"
            os.link(source, name, dst_dir_fd=self._folder, follow_symlinks=True)
            return
        try:
            os.link(self._hidden, name, src_dir_fd=self._folder, dst_dir_fd=self._folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS):
                raise
            self._replace_own(name)
        else:
            os.unlink(self._hidden, dir_fd=self._folder)
        self._hidden = ""

    def _replace_own(self, name: str) -> None:
        """Reserve the name with an empty file and move the file over it, for file systems without links."""
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE, dir_fd=self._folder))
        os.rename(self._hidden, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
