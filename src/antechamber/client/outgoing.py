"""What a person asks for, on its way to the conversation: sent by a thread, so that no key waits for the network."""

import queue
import threading

from msgspec.structs import replace

from antechamber.client.conversation import Conversation
from antechamber.protocol.commands import PeerCommand


class Outgoing:
    """The commands of one person, in order. Any thread may ask."""

    def __init__(self) -> None:
        self._commands: queue.SimpleQueue[PeerCommand | None] = queue.SimpleQueue()
        self._conversation: Conversation | None = None

    def start(self, conversation: Conversation) -> None:
        """Send what is asked from now on."""
        self._conversation = conversation
        threading.Thread(target=self._run, args=(conversation,), name="commands", daemon=True).start()

    def new_id(self) -> str:
        """Return an id for a command, by which its answer can be told from others."""
        assert self._conversation is not None
        return self._conversation.new_id()

    def ask(self, command: PeerCommand, command_id: str = "") -> str:
        """Send a command under this id, or a new one, and return the id."""
        command_id = command_id or self.new_id()
        self._commands.put(replace(command, id=command_id))
        return command_id

    def end(self) -> None:
        """Send nothing after what was asked so far."""
        self._commands.put(None)

    def _run(self, conversation: Conversation) -> None:
        while (command := self._commands.get()) is not None:
            conversation.do(command)
