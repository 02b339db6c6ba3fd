"""People who lose their connections and come back."""

from antechamber.protocol.commands import Resume
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Resumed, Welcome
from tests.fakes import House, Person

HOLDS = Limits(seat_hold_seconds=60, place_hold_seconds=300, held_visit_seconds_min=0, idle_seconds_max=1000)
"""Everybody is held who loses the connection, however short the visit was."""


def token_of(person: Person) -> str:
    """Return the token of the person's last welcome."""
    return [message.token for message in person.all_messages() if isinstance(message, Welcome | Resumed)][-1]


def last_read(person: Person) -> int:
    return max((message.sequence for message in person.all_messages() if isinstance(message, Entry)), default=0)


def come_back(house: House, person: Person, door: str = "general") -> Person:
    """Open another connection that resumes, and let the hub take its turn."""
    back = house.knock(door)
    back.ask(Resume(token_of(person), last_read(person)))
    house.run()
    return back


def entries(person: Person) -> list[Entry]:
    return [message for message in person.messages() if isinstance(message, Entry)]
