"""The contents of file transfers: a sender PUTs a file, its target GETs it, and then it is deleted.

A content is stored in an unnamed temporary file, so that it cannot outlive the process. Threads read and write it, so
that a slow disk does not delay the chat. The hub decides about a transfer: it receives `Uploaded` or `Abandon`, and
closing the transfer aborts the connections that upload or download it. So the hub ends stalled transfers, too.
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
"""How many bytes of a file are read at once."""
T = TypeVar("T")


class TransferConnection(Protocol):
    """A connection that uploads or downloads a file."""

    def abort(self) -> None:
        """Close at once."""

    @property
    def ended(self) -> bool:
        """Whether it is closing or closed."""


class StoredFile:
    """The content of one file. Once closed, it is deleted as soon as its last user has finished."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._users: set[TransferConnection] = set()
        self._closed = False

    @contextmanager
    def used_by(self, connection: TransferConnection) -> Iterator[None]:
        """Keep the content open for `connection`, which is aborted when it is closed."""
        self._users.add(connection)
        try:
            yield
        finally:
            self._users.discard(connection)
            self._let_go()

    def close(self) -> None:
        """Abort the connections that use the content, and delete it."""
        self._closed = True
        for connection in self._users:
            connection.abort()
        self._let_go()

    def open(self) -> None:
        """Create the file. Raises OSError."""
        with tempfile.TemporaryFile(buffering=0) as file:
            self._descriptor = os.dup(file.fileno())

    def append(self, data: bytes) -> None:
        """Append `data`. Raises OSError."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def read(self, offset: int) -> bytes:
        """Return a block from `offset`, which must be before the end. Raises OSError."""
        data = os.pread(self._descriptor, _BLOCK_BYTES, offset)
        if not data:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return data

    def _let_go(self) -> None:
        if self._closed and not self._users and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Uploads:
    """Serves uploads and downloads. Files are read and written in `threads`."""

    def __init__(self, hub: Hub, threads: Executor) -> None:
        self._hub = hub
        self._threads = threads

    async def answer(self, request: Request) -> Response:
        """Answer an upload or a download of the file with a ticket."""
        transfer = self._hub.transfers.get(request.path_params["ticket"])
        if transfer is None:
            raise HTTPException(404, "There is no file with this ticket (any more).")
        if request.method == "PUT":
            return await self._take(request, transfer)
        if transfer.state not in ("offered", "downloading") or not isinstance(transfer.content, StoredFile):
            raise HTTPException(409, "The file has not been uploaded yet.")
        if request.method == "GET":
            self.moved(transfer)
            transfer.state = "downloading"
        else:  # by HEAD a target says that its person has not decided yet
            transfer.moved_at = max(transfer.moved_at, self._hub.clock.steady())
        return _Download(self, transfer, transfer.content)

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run a function that reads or writes a file, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    def moved(self, transfer: Transfer) -> None:
        """Record that `transfer` makes progress."""
        transfer.moved_at = self._hub.clock.steady()

    def fetched(self, transfer: Transfer) -> None:
        """Report the file as received, if its target's client is on IRC and so cannot do that."""
        if transfer.target.outlet is not transfer.target:
            self._hub.submit(transfer.target, [Received(transfer.ticket)])

    def abandon(self, transfer: Transfer, problem: str) -> None:
        """Abandon a transfer: the hub tells both sides the problem."""
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
            raise HTTPException(410, "The transfer has ended.")
        if problem:
            self.abandon(transfer, problem)
            raise HTTPException(status, f"The file was not taken: {problem}")
        self._hub.submit(transfer.sender, [Uploaded(transfer.ticket)])
        return Response(status_code=204)

    def _check(self, request: Request, transfer: Transfer) -> None:
        """Raise HTTPException if the upload cannot begin."""
        if transfer.state != "asked":
            raise HTTPException(409, "A file can be uploaded only once, and this one has been or is being uploaded.")
        length = request.headers.get("content-length")
        if length is None:
            raise HTTPException(411, "An upload needs a Content-Length.")
        problem = ""
        if transfer.size == SIZE_UNKNOWN:
            problem = self._hub.transfers.set_size(transfer, int(length))
        if int(length) != transfer.size:
            transfer.state = "uploading"  # prevents another upload until the hub abandons it in its next turn
            if problem:
                self.abandon(transfer, problem)
                raise HTTPException(413, f"The file has {length} bytes, which is too much.")
            self.abandon(transfer, "its size changed before it was read.")
            status = 413 if int(length) > transfer.size else 409
            raise HTTPException(status, f"The file was announced with {transfer.size} bytes, but has {length}.")

    async def _store(self, request: Request, transfer: Transfer, content: StoredFile) -> tuple[int, str]:
        """Write the body into `content`; return a status and, unless the whole file was received, a problem."""
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
    """A response with the content of a stored file."""

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
        """Send the head and, for a GET, the file."""
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
    """Return a Content-Disposition for a file name with any characters (RFC 6266, 4)."""
    plain = "".join(character if character.isascii() and character.isprintable() else "_" for character in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
