"""Sending a file: what there is to say of it beforehand, and bringing it to the front desk."""

import errno
import http.client
import os
import stat
from collections.abc import Callable
from contextlib import closing
from typing import BinaryIO, Literal

from antechamber.client.server_connection import problem_words
from antechamber.protocol.commands import Send

BLOCK_BYTES = 262_144
_TOLD_STATUSES = frozenset((400, 404, 409, 410, 413, 500, 507))
"""With these the front desk has given the file up, and the server tells both sides why."""


def look_at(path: str) -> tuple[int, Literal["", "missing", "folder", "unreadable"]]:
    """Return the size of the file at `path`, as the person typed it, and what keeps it from being sent."""
    path = os.path.expanduser(path)
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            return 0, "folder"
        if not stat.S_ISREG(mode):
            return 0, "unreadable"
        with open(path, "rb", buffering=0) as file:
            return os.fstat(file.fileno()).st_size, ""
    except OSError as error:
        return 0, "missing" if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG) else "unreadable"


def upload(desk: http.client.HTTPConnection, command: Send, url_path: str, moved: Callable[[int], None]) -> str:
    """Bring the announced file to the front desk; return in words what went wrong that the server will not tell of."""
    with closing(desk):
        try:
            desk.connect()
        except (OSError, UnicodeError) as error:
            return f"{desk.host}:{desk.port} does not answer: {problem_words(error)}"
        try:
            with _open_again(os.path.expanduser(command.path)) as file:
                size = os.fstat(file.fileno()).st_size
                desk.putrequest("PUT", url_path)
                desk.putheader("Content-Length", str(size))
                desk.endheaders()
                # One that has changed since is the front desk's to refuse, which goes by the length it is told.
                if size == command.size and not _send_all(desk, file, size, moved):
                    return "it changed while it was being sent"
            answer = desk.getresponse()
            answer.read(BLOCK_BYTES)
        except (OSError, http.client.HTTPException):
            return ""  # cut off by the server, which tells why
        if answer.status < 300 or answer.status in _TOLD_STATUSES:
            return ""
        return f"the front desk refused it ({answer.status} {answer.reason})"


def _open_again(path: str) -> BinaryIO:
    """Open the file that was looked at; nothing is left of one that cannot be opened any more."""
    try:
        return open(path, "rb", buffering=0)
    except OSError:
        return open(os.devnull, "rb", buffering=0)


def _send_all(desk: http.client.HTTPConnection, file: BinaryIO, size: int, moved: Callable[[int], None]) -> bool:
    """Send `size` bytes; return whether the file had as many throughout. Raises OSError."""
    sent = 0
    while sent < size:
        data = file.read(min(BLOCK_BYTES, size - sent))
        # The last block only goes out if the file is still what was announced: without it, the server has no file.
        if not data or (sent + len(data) == size and os.fstat(file.fileno()).st_size != size):
            return False
        desk.send(data)
        sent += len(data)
        moved(sent)
    return True
