"""Transfers of files from one member to another: who sends what to whom, and how far it has come.

A transfer goes *asked* (the sender has a ticket) -> *uploading* -> *offered* (the target is told) -> gone, when the
target says that it has the whole file, or when anything breaks. The front desk keeps the bytes.
"""

from collections.abc import Callable, Collection
from typing import Literal, Protocol

from antechamber.protocol.commands import Command
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session

_NAME_BYTES_MAX = 255
"""Length of a file's name: the bound of nearly every file system."""
SIZE_UNKNOWN = -1
"""The size of a file whose sender has not told it: the upload will show it."""
_TOO_MUCH = "too much of yours is on its way, try again in a moment."
State = Literal["asked", "uploading", "offered", "downloading"]


class Uploaded(Command, frozen=True, tag=False):
    """The front desk's command for a file that has come whole."""

    ticket: str


class Abandon(Command, frozen=True, tag=False):
    """The front desk's command for a transfer that broke. `problem` says why, in words."""

    ticket: str
    problem: str


class Content(Protocol):
    """The bytes of a file on its way, with the connections that bring or fetch them."""

    def close(self) -> None:
        """Close the connections that bring or fetch the bytes, and drop the bytes."""


class Transfer:
    """One file on its way. `path` is what the sender typed, `file` the base name under which it is offered."""

    __slots__ = (
        "begun_at",
        "content",
        "counted",
        "file",
        "member",
        "moved_at",
        "path",
        "sender",
        "size",
        "state",
        "target",
        "ticket",
    )

    def __init__(self, ticket: str, sender: Session, target: Session, path: str, size: int, time: float) -> None:
        self.ticket = ticket
        self.sender = sender
        self.member = sender.channel, sender.name
        """The sender's channel and name, by which a member who leaves and comes back is the same sender."""
        self.target = target
        self.path = path
        self.file = base_name(path)
        self.size = size
        self.state: State = "asked"
        self.begun_at = self.moved_at = time
        self.counted = 0
        """The bytes that count against the budget of its sender's address."""
        self.content: Content | None = None
        """What has come of the file. It is kept in a file without a name, so nothing of it outlives the server."""

    @property
    def url_path(self) -> str:
        """The path at which the front desk takes and serves the bytes."""
        return f"/files/{self.ticket}"


def base_name(path: str) -> str:
    """Return the last part of `path`, in any system's form, as a name that a file in a folder may have."""
    name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    while len(name.encode()) > _NAME_BYTES_MAX:
        name = name[1:]
    return "file" if name.strip(". ") == "" else name


def _size(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count >> 20} MiB" if count and count % (1 << 20) == 0 else f"{count} bytes"


class Transfers:
    """All transfers, by ticket."""

    def __init__(self, new_ticket: Callable[[], str], budgets: Budgets) -> None:
        self._limits = budgets.limits
        self.budgets = budgets
        """The number of transfers and of their bytes that each address may have at a time."""
        self._new_ticket = new_ticket
        self._by_ticket: dict[str, Transfer] = {}

    def get(self, ticket: str) -> Transfer | None:
        """Return the transfer with this ticket, None if there is none."""
        return self._by_ticket.get(ticket)

    def problem(self, sender: Session, path: str, size: int) -> tuple[str, str] | None:
        """Return the code and the text of why `sender` may not send a file, None if it may."""
        limits = self._limits.now
        if size > limits.file_bytes_max:
            return "file-too-large", f"{path} is larger than {_size(limits.file_bytes_max)}."
        mine = self._from(sender)
        if len(mine) >= limits.transfers_per_session_max or len(self._by_ticket) >= limits.transfers_max:
            return "too-many-files", f"{path} was not sent: too many files are on their way, try again in a moment."
        if self._is_too_much(mine, size):
            return "too-many-files", f"{path} was not sent: {_TOO_MUCH}"
        budgets, host = self.budgets, sender.host
        if not (budgets.has_room("transfers", host) and budgets.has_room("transfer_bytes", host, max(size, 0))):
            return (
                "too-many-files",
                f"{path} was not sent: too many files are on their way from your address, try again in a moment.",
            )
        return None

    def _from(self, sender: Session) -> list[Transfer]:
        """Return the transfers from the member that `sender` belongs to, by any of its sessions."""
        member, outlet = (sender.channel, sender.name), sender.outlet
        return [t for t in self._by_ticket.values() if t.sender.outlet is outlet or t.member == member]

    def _is_too_much(self, others: Collection[Transfer], size: int) -> bool:
        """Return whether so many bytes are too many beside the `others` of the same sender."""
        bytes_sum = sum(max(other.size, 0) for other in others) + size
        return bool(others) and bytes_sum > self._limits.now.transfer_bytes_per_session_max

    def deadline(self, transfer: Transfer) -> tuple[float, str]:
        """Return when a transfer is given up, by the steady clock, and why in words. Progress moves the deadline."""
        return min(
            (transfer.moved_at + self._limits.now.transfer_idle_seconds_max, "it made no progress for too long."),
            (transfer.begun_at + self._limits.now.transfer_seconds_max, "it took too long."),
        )

    def open(self, sender: Session, target: Session, path: str, size: int, time: float) -> Transfer:
        """Begin a transfer, with a new ticket."""
        transfer = Transfer(self._new_ticket(), sender, target, path, size, time)
        self._enter(transfer)
        return transfer

    def set_size(self, transfer: Transfer, size: int) -> str:
        """Set the size of a file whose sender has not told it; return in words why that is refused, "" if it is not."""
        if size > self._limits.now.file_bytes_max:
            return "it is too large."
        if self._is_too_much([other for other in self._from(transfer.sender) if other is not transfer], size):
            return _TOO_MUCH
        if not self.budgets.has_room("transfer_bytes", transfer.sender.host, size):
            return "too many files are on their way from its sender's address."
        transfer.size = size
        self._count(transfer)
        return ""

    def close(self, ticket: str) -> Transfer | None:
        """End a transfer and drop its bytes, and return it; None if there is none with this ticket.

        Connections that are bringing or fetching the bytes are closed.
        """
        transfer = self._by_ticket.pop(ticket, None)
        if transfer is not None:
            self.budgets.give_back("transfers", transfer.sender.host)
            self.budgets.give_back("transfer_bytes", transfer.sender.host, transfer.counted)
            if transfer.content is not None:
                transfer.content.close()
        return transfer

    def restore(self, transfer: Transfer) -> None:
        """Put back a transfer whose end the log did not keep; its bytes stay closed."""
        self._enter(transfer)

    def of(self, session: Session) -> list[Transfer]:
        """Return the transfers that `session` sends or receives."""
        return [t for t in self._by_ticket.values() if session is t.sender or session is t.target]

    def _enter(self, transfer: Transfer) -> None:
        self._by_ticket[transfer.ticket] = transfer
        self.budgets.take("transfers", transfer.sender.host)
        self._count(transfer)

    def _count(self, transfer: Transfer) -> None:
        """Count the file's bytes, as far as they are known, against the budget of the sender's address."""
        transfer.counted = max(transfer.size, 0)
        self.budgets.take("transfer_bytes", transfer.sender.host, transfer.counted)

    def uploading(self, session: Session) -> bool:
        """Return whether `session` is uploading a file."""
        return any(t.sender is session and t.state == "uploading" for t in self._by_ticket.values())
