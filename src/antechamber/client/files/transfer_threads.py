"""The transfers of a chat, each in a thread of its own, so that no file delays the chat.

Their imports come with the first transfer. The bytes go through the front desk.
"""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from antechamber.client.view import View
from antechamber.protocol.commands import PeerCommand, Received, Send
from antechamber.protocol.notices import Offer, Ticket
from antechamber.protocol.text import clean

if TYPE_CHECKING:
    from http.client import HTTPConnection

    from antechamber.client.files.allowance import Allowance, Taken
    from antechamber.client.files.progress import Progress
    from antechamber.client.files.saving import IncomingFile

Accept = Literal["ask", "always", "never"]
"""Whether a file that somebody sends is taken."""
_STALL_SECONDS_MAX = 30.0
"""How long one step of a transfer may take; the server has the same limit."""
_KEPT_EVERY_SECONDS = 5.0
"""How often the front desk is told that the person has not decided yet."""
_NOT_WANTED = "it was not wanted."
_NONE_WANTED = "no files are taken there."


class FileSettings(NamedTuple):
    """Where received files are saved, and whether they are taken."""

    folder: str
    accept: Accept = "always"
    makes_folder: bool = False
    """Whether the folder is made for the first file, for it is the program's own idea."""


class _Question:
    """An offer that a person has not decided on, and what it takes of the allowance."""

    def __init__(self, offer: Offer, taken: "Taken", losses: int) -> None:
        self.offer = offer
        self.taken = taken
        self.losses = losses
        self.over = threading.Event()
        """Set once it is decided on, or moot."""


class TransferThreads:
    """The transfers of one chat. `tell` sends a command to the server, from any thread."""

    def __init__(self, host: str, settings: FileSettings, view: View, tell: Callable[[PeerCommand], None]) -> None:
        self.front_desk_port = 0
        self._host = host
        self._settings = settings
        self._view = view
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
        self._questions: dict[str, _Question] = {}
        """The files that a person is asked about, by their tickets."""
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
        """Fetch a file, ask about it first, or decline it: if none is taken, or too much was sent already."""
        from antechamber.client.files.allowance import Allowance

        self._allowance = self._allowance or Allowance()
        if self._settings.accept == "never":
            self._start(self._run_decline, self._losses, offer, _NONE_WANTED)
            return
        taken = self._allowance.take(clean(offer.sender), max(offer.size, 0))
        if isinstance(taken, str):
            self._start(self._run_decline, self._losses, offer, taken)
            return
        self._declined.clear()
        question = _Question(offer, taken, self._losses)
        if self._settings.accept == "always":
            self._start(self._run_receive, question)
            return
        self._questions[offer.ticket] = question
        self._view.ask(offer, lambda yes: self._decide(offer.ticket, yes))
        self._start(self._run_wait, question)

    def withdraw(self, ticket: str) -> None:
        """Ask no more about a file, which cannot be had any more."""
        with self._lock:
            question = self._questions.pop(ticket, None)
        if question is not None:
            question.over.set()
            self._give_back(question)
            self._view.withdraw(ticket)

    def _decide(self, ticket: str, yes: bool) -> None:
        """Fetch or decline a file, as the person decided; do nothing if the question is moot."""
        with self._lock:
            question = self._questions.pop(ticket, None)
        if question is None:
            return
        question.over.set()
        if yes:
            self._start(self._run_receive, question)
        else:
            self._give_back(question)
            self._start(self._run_refuse, question)

    def _give_back(self, question: _Question) -> None:
        assert self._allowance is not None
        self._allowance.give_back(question.taken)

    def lose(self) -> list[str]:
        """Give up the transfers because the connection was lost, and say so; return the ids of unanswered commands.

        The thread that fetches a file gives it up once it notices.
        """
        unanswered = list(self._announced)
        for ticket in list(self._questions):
            self.withdraw(ticket)
        with self._lock:
            self._losses += 1
            outgoing = [*self._announced.values(), *self._outgoing.values()]
            brought = list(self._brought.values())
            for files in (self._announced, self._outgoing, self._brought):
                files.clear()
        for command in outgoing:
            self._view.note(f"{clean(command.path)} was not sent to {command.to}: the connection was lost")
        for command in brought:
            self._view.note(f"{clean(command.path)} perhaps did not reach {command.to}: the connection was lost")
        return unanswered

    def unname(self) -> None:
        """Have incomplete files vanish with the program. Any thread may call it, and it waits for none."""
        for incoming in list(self._incoming):
            incoming.unname()

    def end(self) -> None:
        """Clean up because the program ends, and say what was not sent."""
        self.unname()
        for command in list(self._outgoing.values()):
            self._view.note(f"{clean(command.path)} was not sent: it was still on its way")

    def _start(self, run: Callable[..., None], *args: object) -> None:
        if self._ways is None:
            from antechamber.client.files.progress import Progress

            self._ways = Progress(self._view)
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
            self._view.note(f"{clean(command.path)} was not sent to {command.to}: {problem}")

    def _run_wait(self, _: "Progress", question: _Question) -> None:
        """Have the front desk keep a file until the person has decided."""
        from antechamber.client.files.receiving import is_kept

        while not question.over.wait(_KEPT_EVERY_SECONDS):
            if not is_kept(self._desk(), question.offer):
                self.withdraw(question.offer.ticket)

    def _run_refuse(self, _: "Progress", question: _Question) -> None:
        if self._losses == question.losses:
            self._tell(Received(question.offer.ticket, _NOT_WANTED))

    def _run_receive(self, ways: "Progress", question: _Question) -> None:
        offer = question.offer
        with ways.of("Receiving", offer.file, offer.size) as moved:
            name, problem = self._save(offer, moved)
        if problem:
            self._give_back(question)
        if self._losses == question.losses:
            self._tell(Received(offer.ticket, problem))
        elif problem:
            self._view.note(f"{clean(offer.file)} from {clean(offer.sender)} did not arrive: the connection was lost")
        if name and self._view.tells_of_files:
            path = os.path.normpath(os.path.join(self._settings.folder, name))
            self._view.note(f"{described(offer)} is saved as {clean(path)}")

    def _run_decline(self, _: "Progress", losses: int, offer: Offer, problem: str) -> None:
        with self._lock:
            is_news = problem not in self._declined
            self._declined.add(problem)
        if self._losses == losses:
            self._tell(Received(offer.ticket, problem))
        if is_news and self._view.tells_of_files:
            self._view.note(f"{described(offer)} was not taken: {problem}")

    def _save(self, offer: Offer, moved: Callable[[int], None]) -> tuple[str, str]:
        """Fetch and save the file; return its name, and in words what went wrong, in which case nothing is saved."""
        from antechamber.client.files.receiving import download, saving_problem
        from antechamber.client.files.saving import IncomingFile

        folder = self._settings.folder
        try:
            if self._settings.makes_folder:
                os.makedirs(folder, mode=0o700, exist_ok=True)
            incoming = IncomingFile(folder)
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


def described(offer: Offer) -> str:
    """Return the text about an offered file, made safe for a terminal."""
    from antechamber.client.files.progress import size_words
    from antechamber.client.files.saving import safe_name

    return f"{safe_name(offer.file)} ({size_words(offer.size)}) from {clean(offer.sender)}"
