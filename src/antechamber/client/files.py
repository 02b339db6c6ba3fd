"""Files on their way from here and to here, each in a thread of its own, so that no file holds up the chat.

What they need is imported with the first of them. The bytes go over the front desk.
"""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from antechamber.client.screen import Screen
from antechamber.commands import MemberCommand, Received, Send
from antechamber.events import Offer, Ticket
from antechamber.text import clean

if TYPE_CHECKING:
    from http.client import HTTPConnection

    from antechamber.client.progress import Progress
    from antechamber.client.saving import IncomingFile

_STALL_SECONDS_MAX = 30.0
"""How long one step of a transfer may take: the server gives up after as long."""


class Files:
    """The files of one chat. `tell` sends a command to the server, from any thread."""

    def __init__(self, host: str, folder: str, screen: Screen, tell: Callable[[MemberCommand], None]) -> None:
        self.front_desk_port = 0
        self._host = host
        self._folder = folder
        self._screen = screen
        self._tell = tell
        self._ways: Progress | None = None
        self._announced: dict[str, Send] = {}
        self._outgoing: dict[str, Send] = {}
        """The files that are being sent and whose fate nobody knows, by the id of their command."""
        self._incoming: set[IncomingFile] = set()

    def announce(self, command: Send) -> Send:
        """Return `command` with what there is to say of the file, and remember it until its answer comes."""
        from antechamber.client.sending import look_at

        size, problem = look_at(command.path)
        command = replace(command, size=size, problem=problem)
        if not problem:
            self._announced[command.id] = command
        return command

    def forget(self, command_id: str) -> None:
        """Forget what was announced under this id, if anything: it was refused."""
        self._announced.pop(command_id, None)

    def send(self, ticket: Ticket) -> None:
        """Begin to send what was announced."""
        if (command := self._announced.pop(ticket.id, None)) is not None:
            self._outgoing[command.id] = command
            self._start(self._run_send, command, ticket.path)

    def settle(self, to: str, path: str) -> None:
        """Take it that the server has told what became of a file, be its connection still open."""
        for command in list(self._outgoing.values()):
            if (command.to, clean(command.path)) == (to, path):
                self._outgoing.pop(command.id, None)
                return

    def receive(self, offer: Offer) -> None:
        """Begin to fetch a file."""
        self._start(self._run_receive, offer)

    def end(self) -> None:
        """Leave nothing half-done behind, as the program ends, and say what was not sent."""
        for incoming in list(self._incoming):
            incoming.unname()
        for command in list(self._outgoing.values()):
            self._screen.note(f"{clean(command.path)} was not sent: it was still on its way")

    def _start(self, run: Callable[..., None], *args: object) -> None:
        if self._ways is None:
            from antechamber.client.progress import Progress

            self._ways = Progress(self._screen)
        threading.Thread(target=run, args=(self._ways, *args), name="file", daemon=True).start()

    def _desk(self) -> "HTTPConnection":
        from http.client import HTTPConnection

        return HTTPConnection(self._host, self.front_desk_port, timeout=_STALL_SECONDS_MAX)

    def _run_send(self, ways: "Progress", command: Send, url_path: str) -> None:
        from antechamber.client.sending import upload

        with ways.of("Sending", os.path.basename(command.path), command.size) as moved:
            problem = upload(self._desk(), command, url_path, moved)
        self._outgoing.pop(command.id, None)
        if problem:
            self._screen.note(f"{clean(command.path)} was not sent to {command.to}: {problem}")

    def _run_receive(self, ways: "Progress", offer: Offer) -> None:
        with ways.of("Receiving", offer.file, offer.size) as moved:
            problem = self._save(offer, moved)
        self._tell(Received(offer.ticket, problem))

    def _save(self, offer: Offer, moved: Callable[[int], None]) -> str:
        """Fetch the file and save it; return what went wrong, in words, and then nothing of it is there."""
        from antechamber.client.receiving import download, saving_problem
        from antechamber.client.saving import IncomingFile

        try:
            incoming = IncomingFile(self._folder)
        except OSError as error:
            return saving_problem(error)
        self._incoming.add(incoming)
        try:
            problem = download(self._desk(), offer, incoming, moved)
            if not problem:
                incoming.keep(offer.file)
        except OSError as error:
            problem = saving_problem(error)
        finally:
            self._incoming.discard(incoming)
            incoming.discard()
        return problem
