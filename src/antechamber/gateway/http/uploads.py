"""The bytes of files on their way: a sender PUTs them, their target GETs them, and then they are gone.

They lie in a file without a name, so nothing of them can outlive the process, and are read and written in threads, so
that no disk holds up the chat. The hub decides what becomes of a transfer: it is told `Uploaded` or `Abandon`, and what
closes the transfer cuts whoever is bringing or fetching the bytes. So a stall is the hub's to end as well.
"""

import asyncio
import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from antechamber.hub.hub import Hub
from antechamber.protocol.commands import Received
from antechamber.rooms.transfers import SIZE_UNKNOWN, Abandon, Transfer, Uploaded

_BLOCK_BYTES = 262_144
"""How much of a file is read at once."""
T = TypeVar("T")


class TransferConnection(Protocol):
    """Who brings or fetches the bytes."""

    def abort(self) -> None:
        """Cut it off."""

    @property
    def ended(self) -> bool:
        """Whether it is cut off, or has gone."""


class StoredFile:
    """The bytes of one file. Once closed, they are gone as soon as the last thread has let go of them."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._users: set[TransferConnection] = set()
        self._closed = False

    @contextmanager
    def used_by(self, connection: TransferConnection) -> Iterator[None]:
        """Keep the bytes open for `connection`, which is cut off when they are closed."""
        self._users.add(connection)
        try:
            yield
        finally:
            self._users.discard(connection)
            self._let_go()

    def close(self) -> None:
        """Cut off all who use the bytes, and let them be gone."""
        self._closed = True
        for connection in self._users:
            connection.abort()
        self._let_go()

    def open(self) -> None:
        """Make room for the bytes. Raises OSError."""
        with tempfile.TemporaryFile(buffering=0) as file:
            self._descriptor = os.dup(file.fileno())

    def append(self, data: bytes) -> None:
        """Put `data` behind what is there. Raises OSError."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def read(self, offset: int) -> bytes:
        """Return a block of the bytes from `offset` on, which there are. Raises OSError."""
        data = os.pread(self._descriptor, _BLOCK_BYTES, offset)
        if not data:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return data

    def _let_go(self) -> None:
        if self._closed and not self._users and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Uploads:
    """Takes and gives the bytes of every file on its way. Disks are waited for in `threads`."""

    def __init__(self, hub: Hub, threads: Executor) -> None:
        self._hub = hub
        self._threads = threads

    async def answer(self, request: Request) -> Response:
        """Take the file of a ticket, or give it."""
        transfer = self._hub.transfers.get(request.path_params["ticket"])
        if transfer is None:
            raise HTTPException(404, "There is no file with this ticket (any more).")
        if request.method == "PUT":
            return await self._take(request, transfer)
        if transfer.state not in ("offered", "downloading") or not isinstance(transfer.content, StoredFile):
            raise HTTPException(409, "The file is not here yet.")
        if request.method == "GET":
            self.moved(transfer)
            transfer.state = "downloading"
        else:  # a HEAD is how a target says that its person has not made up their mind yet
            transfer.moved_at = max(transfer.moved_at, self._hub.clock.steady())
        return _Download(self, transfer, transfer.content)

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Wait for a disk."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    def moved(self, transfer: Transfer) -> None:
        """Remember that `transfer` does not stand still."""
        transfer.moved_at = self._hub.clock.steady()

    def fetched(self, transfer: Transfer) -> None:
        """Take the file as received where its target's client cannot say so, as that knows nothing of files."""
        if transfer.target.outlet is not transfer.target:
            self._hub.submit(transfer.target, [Received(transfer.ticket)])

    def abandon(self, transfer: Transfer, problem: str) -> None:
        """Have the hub tell both sides that the file does not arrive."""
        self._hub.submit(transfer.sender, [Abandon(transfer.ticket, problem)])

    # Uploads

    async def _take(self, request: Request, transfer: Transfer) -> Response:
        self._check(request, transfer)
        transfer.state = "uploading"
        self.moved(transfer)
        content = transfer.content = StoredFile()
        with content.used_by(request.state.connection):
            status, problem = await self._store(request, transfer, content)
        if self._hub.transfers.get(transfer.ticket) is not transfer:
            raise HTTPException(410, "The file is not wanted any more.")
        if problem:
            self.abandon(transfer, problem)
            raise HTTPException(status, f"The file was not taken: {problem}")
        self._hub.submit(transfer.sender, [Uploaded(transfer.ticket)])
        return Response(status_code=204)

    def _check(self, request: Request, transfer: Transfer) -> None:
        """Raise HTTPException where the upload cannot begin."""
        if transfer.state != "asked":
            raise HTTPException(409, "A file is brought once, and this one was or is.")
        length = request.headers.get("content-length")
        if length is None:
            raise HTTPException(411, "Say in Content-Length how many bytes the file has.")
        problem = ""
        if transfer.size == SIZE_UNKNOWN:
            problem = self._hub.transfers.set_size(transfer, int(length))
        if int(length) != transfer.size:
            transfer.state = "uploading"  # it is not brought again: the hub gives it up in its next turn
            if problem:
                self.abandon(transfer, problem)
                raise HTTPException(413, f"The file has {length} bytes, which is too much.")
            self.abandon(transfer, "its size changed before it was read.")
            status = 413 if int(length) > transfer.size else 409
            raise HTTPException(status, f"The file was announced with {transfer.size} bytes, but has {length}.")

    async def _store(self, request: Request, transfer: Transfer, content: StoredFile) -> tuple[int, str]:
        """Write what comes into `content`; return a status and, where it is not the whole file, why in words."""
        came = 0
        try:
            await self.run(content.open)
            async for data in request.stream():
                came += len(data)
                if came > transfer.size:
                    return 413, "it was longer than announced."
                await self.run(content.append, data)
                self.moved(transfer)
        except ClientDisconnect:
            return 400, "it broke off on its way to the server."
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                return 507, "the server's disk is full."
            return 500, f"the server could not keep it ({error.strerror})."
        return (204, "") if came == transfer.size else (400, "it was shorter than announced.")


class _Download(Response):
    """Answers with the bytes of a stored file."""

    def __init__(self, files: Uploads, transfer: Transfer, content: StoredFile) -> None:
        headers = {
            "Content-Length": str(transfer.size),
            "Content-Disposition": _attachment(transfer.file),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        super().__init__(None, 200, headers, "application/octet-stream")
        self._files = files
        self._transfer = transfer
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head and, where the request was a GET, the file."""
        connection: TransferConnection = scope["state"]["connection"]
        with self._content.used_by(connection):
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] == "GET":
                await self._send_file(connection, send)
        if connection.ended:
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            await send({"type": "http.response.body"})
            if scope["method"] == "GET":
                self._files.fetched(self._transfer)

    async def _send_file(self, connection: TransferConnection, send: Send) -> None:
        files, transfer, offset = self._files, self._transfer, 0
        while offset < transfer.size and not connection.ended:
            try:
                data = await files.run(self._content.read, offset)
            except OSError as error:
                files.abandon(transfer, f"the server could not read it ({error.strerror}).")
                connection.abort()
                return
            await send({"type": "http.response.body", "body": data, "more_body": True})
            offset += len(data)
            if not connection.ended:
                files.moved(transfer)


def _attachment(name: str) -> str:
    """Return the Content-Disposition for a file name of any characters (RFC 6266)."""
    plain = "".join(character if character.isascii() and character.isprintable() else "_" for character in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
