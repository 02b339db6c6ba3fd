"""Networks on which members open channels, and what is told of these channels' past."""

from collections.abc import Sequence

from antechamber.irc.network import IrcSettings
from antechamber.log import Batch, Log
from antechamber.protocol.commands import Hello, History, Quit, Search
from antechamber.protocol.events import (
    AnyEvent,
    Entry,
    decode_entries,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Entries
from antechamber.rooms.room import Room
from tests.irc.wire import Net

OPEN = IrcSettings(open_channels=True)


def network(log: Log | None = None, limits: Limits | None = None) -> Net:
    return Net(log=log, limits=limits, settings=OPEN)


def chess(net: Net) -> Room:
    return net.hub.rooms["chess"]


class KeptLog:
    """Remembers what a network's log keeps from now on."""

    def __init__(self, net: Net) -> None:
        self.events: list[AnyEvent] = []
        append = net.log.append

        def remember(batches: Sequence[Batch]) -> None:
            append(batches)
            self.events += [entry.event for batch in batches for entry in decode_entries(batch.lines)]

        net.log.append = remember  # type: ignore[method-assign]


def told(net: Net, name: str, command: History | Search) -> list[Entry]:
    """Return what a member of the open channel who comes by JSON is told of its past."""
    person = net.knock("")
    person.ask(Hello(name, channel="chess"))
    net.run()
    person.new()
    person.ask(command)
    net.run()
    (answer,) = person.messages()
    assert isinstance(answer, Entries)
    assert answer.more is False
    person.ask(Quit())
    net.run()
    return answer.entries


def fresh(name: str, topic: str = "") -> Room:
    return Room(name, 9_001, 2, Limits(), topic)
