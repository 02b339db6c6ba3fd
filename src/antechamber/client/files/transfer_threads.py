"""The transfers of a chat, each in a thread of its own, so that no file delays the chat.

Their imports come with the first transfer. The bytes go through the front desk.
"""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from antechamber.client.screen import Screen
from antechamber.protocol.commands import MemberCommand, Received, Send
from antechamber.protocol.notices import Offer, Ticket
from antechamber.protocol.text import clean

if TYPE_CHECKING:
    from http.client import HTTPConnection

    from antechamber.client.files.allowance import Allowance, Taken
    from antechamber.client.files.progress import Progress
    from antechamber.client.files.saving import IncomingFile

_STALL_SECONDS_MAX = 30.0
"""How long one step of a transfer may take; the server has the same limit."""


class TransferThreads:
    """The transfers of one chat. `tell` sends a command to the server, from any thread."""

    def __init__(self, host: str, folder: str, screen: Screen, tell: Callable[[MemberCommand], None]) -> None:
        self.front_desk_port = 0
        self._host = host
        self._folder = folder
        self._screen = screen
        self._tell = tell
        self._ways: Progress | None = None
        self._announced: dict[str, Send] = {}
        self._outgoing: dict[str, Send] = {}
        """The files being sent whose fate is unknown, by the ids of their commands."""
        self._brought: dict[str, Send] = {}
        """The files that were uploaded and not reported on yet."""
        self._incoming: set[IncomingFile] = set()
        self._allowance: Allowance | None = None
        self._declined: set[str] = set()
        """The reasons for declining files since the last accepted one; each is told once."""
        self._losses = 0
        """The number of lost connections, each of which ended the transfers under way."""
        self._lock = threading.Lock()

    def announce(self, command: Send) -> Send:
        """Return the command with the size of the file, or its problem, and remember it until the answer."""
        from antechamber.client.files.sending import look_at

        size, problem = look_at(command.path)
        command = replace(command, size=size, problem=problem)
        if not problem:
            self._announced[command.id] = command
        return command

    def forget(self, command_id: str) -> None:
        """Forget a file announced under this id, if there is one, because it was refused."""
        self._announced.pop(command_id, None)

    def send(self, ticket: Ticket) -> None:
        """Begin to upload an announced file."""
        if (command := self._announced.pop(ticket.id, None)) is not None:
            self._outgoing[command.id] = command
            self._start(self._run_send, self._losses, command, ticket.path)

    def settle(self, to: str, path: str) -> None:
        """Note that the server has reported on a file, even if its upload is still open."""
        with self._lock:
            for files in (self._brought, self._outgoing):
                for command in list(files.values()):
                    if (command.to, clean(command.path)) == (to, path):
                        del files[command.id]
                        return

    def receive(self, offer: Offer) -> None:
        """Begin to fetch a file, or decline it if too much was sent already."""
        from antechamber.client.files.allowance import Allowance

        self._allowance = self._allowance or Allowance()
        taken = self._allowance.take(clean(offer.sender), max(offer.size, 0))
        if isinstance(taken, str):
            self._start(self._run_decline, self._losses, offer, taken)
        else:
            self._declined.clear()
            self._start(self._run_receive, self._losses, offer, self._allowance, taken)

    def lose(self) -> list[str]:
        """Give up the transfers because the connection was lost, and say so; return the ids of unanswered commands.

        The thread that fetches a file gives it up once it notices.
        """
        unanswered = list(self._announced)
        with self._lock:
            self._losses += 1
            outgoing = [*self._announced.values(), *self._outgoing.values()]
            brought = list(self._brought.values())
            for files in (self._announced, self._outgoing, self._brought):
                files.clear()
        for command in outgoing:
            self._screen.note(f"{clean(command.path)} was not sent to {command.to}: the connection was lost")
        for command in brought:
            self._screen.note(f"{clean(command.path)} perhaps did not reach {command.to}: the connection was lost")
        return unanswered

    def unname(self) -> None:
        """Have incomplete files vanish with the program. Any thread may call it, and it waits for none."""
        for incoming in list(self._incoming):
            incoming.unname()

    def end(self) -> None:
        """Clean up because the program ends, and say what was not sent."""
        self.unname()
        for command in list(self._outgoing.values()):
            self._screen.note(f"{clean(command.path)} was not sent: it was still on its way")

    def _start(self, run: Callable[..., None], *args: object) -> None:
        if self._ways is None:
            from antechamber.client.files.progress import Progress

            self._ways = Progress(self._screen)
        threading.Thread(target=run, args=(self._ways, *args), name="file", daemon=True).start()

    def _desk(self) -> "HTTPConnection":
        from http.client import HTTPConnection

        return HTTPConnection(self._host, self.front_desk_port, timeout=_STALL_SECONDS_MAX)

    def _run_send(self, ways: "Progress", losses: int, command: Send, url_path: str) -> None:
        from antechamber.client.files.sending import upload

        with ways.of("Sending", os.path.basename(command.path), command.size) as moved:
            problem = upload(self._desk(), command, url_path, moved)
        with self._lock:
            if self._losses != losses:
                return  # this was told already
            if self._outgoing.pop(command.id, None) is not None and not problem:
                self._brought[command.id] = command
        if problem:
            self._screen.note(f"{clean(command.path)} was not sent to {command.to}: {problem}")

    def _run_receive(self, ways: "Progress", losses: int, offer: Offer, allowance: "Allowance", taken: "Taken") -> None:
        with ways.of("Receiving", offer.file, offer.size) as moved:
            name, problem = self._save(offer, moved)
        if problem:
            allowance.give_back(taken)
        if self._losses == losses:
            self._tell(Received(offer.ticket, problem))
        elif problem:
            self._screen.note(f"{clean(offer.file)} from {clean(offer.sender)} did not arrive: the connection was lost")
        if name and self._screen.is_terminal:
            path = os.path.normpath(os.path.join(self._folder, name))
            self._screen.note(f"{_described(offer)} is saved as {clean(path)}")

    def _run_decline(self, _: "Progress", losses: int, offer: Offer, problem: str) -> None:
        with self._lock:
            is_news = problem not in self._declined
            self._declined.add(problem)
        if self._losses == losses:
            self._tell(Received(offer.ticket, problem))
        if is_news and self._screen.is_terminal:
            self._screen.note(f"{_described(offer)} was not taken: {problem}")

    def _save(self, offer: Offer, moved: Callable[[int], None]) -> tuple[str, str]:
        """Fetch and save the file; return its name, and in words what went wrong, in which case nothing is saved."""
        from antechamber.client.files.receiving import download, saving_problem
        from antechamber.client.files.saving import IncomingFile

        try:
            incoming = IncomingFile(self._folder)
        except OSError as error:
            return "", saving_problem(error)
        self._incoming.add(incoming)
        try:
            incoming.expect(offer.size)
            problem = download(self._desk(), offer, incoming, moved)
            return ("", problem) if problem else (incoming.keep(offer.file), "")
        except OSError as error:
            return "", saving_problem(error)
        finally:
            self._incoming.discard(incoming)
            incoming.discard()


def _described(offer: Offer) -> str:
    """Return the text about an offered file, made safe for a terminal."""
    from antechamber.client.files.progress import size_words
    from antechamber.client.files.saving import safe_name

    return f"{safe_name(offer.file)} ({size_words(offer.size)}) from {clean(offer.sender)}"
