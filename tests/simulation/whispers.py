"""The whispers: each is heard once at most, by the one it is for."""

from typing import TYPE_CHECKING

from antechamber.protocol.notices import Whispered
from tests.simulation.failing import RuleBroken

if TYPE_CHECKING:
    from tests.simulation.visits import Visit


class Whisper:
    __slots__ = ("done", "heard", "refused", "sender", "to")

    def __init__(self, sender: str, to: str) -> None:
        self.sender = sender
        self.to = to
        self.heard = False
        self.refused = False
        self.done = False


class Whispers:
    """Every whisper of a run, by its text, which no other has."""

    def __init__(self) -> None:
        self._by_text: dict[str, Whisper] = {}
        self.last_lost_at_step: dict[str, int] = {}
        """When somebody of this name last ended a connection that there may have been something to read on."""

    def ask(self, sender: str, to: str, text: str) -> None:
        self._by_text[text] = Whisper(sender, to)

    def hear(self, whispered: Whispered, visit: "Visit") -> None:
        whisper = self._by_text.get(whispered.text)
        if whisper is None or (whisper.sender, whisper.to) != (whispered.sender, visit.name):
            visit.fail(f"it is told {whispered}")
        if whisper.heard or whisper.refused:
            visit.fail(f"it hears {whispered} again, or it was refused")
        whisper.heard = True

    def refuse(self, text: str) -> None:
        whisper = self._by_text.get(text)
        if whisper is not None:
            if whisper.heard:
                raise RuleBroken(f"{text!r} was refused, and {whisper.to} has heard it")
            whisper.refused = True

    def done(self, text: str) -> None:
        self._by_text[text].done = True

    def see_all_heard(self) -> None:
        """See that each that was delivered has been heard, or that the connection it went by was lost since."""
        for text, whisper in self._by_text.items():
            if whisper.done and not whisper.heard:
                asked_at_step = int(text.split()[1])
                if self.last_lost_at_step.get(whisper.to, -1) < asked_at_step:
                    raise RuleBroken(f"{text!r} was delivered to {whisper.to}, who never heard it")
