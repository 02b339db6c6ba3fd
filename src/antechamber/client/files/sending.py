"""Sending a file: announcing it, and uploading it to the front desk."""

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
"""The statuses with which the front desk gives a file up; the server then tells both sides why."""


def look_at(path: str) -> tuple[int, Literal["", "missing", "folder", "unreadable"]]:
    """Return the size of the file at a typed path, and the problem that prevents sending it."""
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
    """Upload the announced file; return in words what went wrong unless the server tells it."""
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
                # If the file has changed, the front desk refuses it by its announced length.
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
    """Open the file again; a file that can no longer be opened counts as empty."""
    try:
        return open(path, "rb", buffering=0)
    except OSError:
        return open(os.devnull, "rb", buffering=0)


def _send_all(desk: http.client.HTTPConnection, file: BinaryIO, size: int, moved: Callable[[int], None]) -> bool:
    """Send `size` bytes; return whether the file had exactly as many. Raises OSError."""
    sent = 0
    while sent < size:
        data = file.read(min(BLOCK_BYTES, size - sent))
        # The last block is sent only if the file is still as announced; without it the server has no file.
        if not data or (sent + len(data) == size and os.fstat(file.fileno()).st_size != size):
            return False
        desk.send(data)
        sent += len(data)
        moved(sent)
    return True
