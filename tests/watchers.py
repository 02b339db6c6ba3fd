"""People who look on in tests, and what they were told."""

import inspect

from antechamber.protocol.commands import Watch
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Channels, Message
from antechamber.runtime.timer import Timer
from tests.fakes import FakeTimer, House, Person

HOLDING = Limits(seat_hold_seconds=60.0, place_hold_seconds=300.0, held_visit_seconds_min=0)
SOON = 0.01


def looker(house: House, *rosters: str, operator: bool = False) -> Person:
    """Return somebody who watches, has read the first answer, and is no member."""
    person = house.knock("")
    person.session.operator = operator
    person.ask(Watch(rosters=rosters))
    house.run()
    person.new()
    return person


def counts(message: Message) -> dict[str, tuple[int, int]]:
    """Return how many sit and wait in each channel."""
    assert isinstance(message, Channels)
    return {info.name: (info.seated, info.waiting) for info in message.channels}


def told(person: Person) -> list[tuple[int, int]]:
    """Return what this one was told of the general channel."""
    return [counts(message)["general"] for message in person.messages()]


def timers(house: House) -> list[FakeTimer]:
    """Return the timers of the subscriptions that are still to come."""
    calls = ((timer, inspect.getclosurevars(timer.call).nonlocals["callback"]) for timer in house.loop.pending())
    owners = ((timer, getattr(call, "__self__", None)) for timer, call in calls)
    owners = ((timer, getattr(owner.fire, "__self__", None)) for timer, owner in owners if isinstance(owner, Timer))
    return [timer for timer, owner in owners if owner is house.hub.subscriptions]
