"""Who is in a channel, as the client follows it: held to what a real server tells after the same entries."""

from typing import Any

import msgspec
import pytest

from antechamber.client.roster import Roster
from antechamber.protocol.events import Entry, Queued, Said, Seated
from antechamber.protocol.notices import Members, Presence, SeatedMember, WaitingMember
from tests.roster_vectors import CASES, VECTORS

KEPT: dict[str, list[dict[str, Any]]] = msgspec.json.decode(VECTORS.read_bytes())


def shown(roster: Roster, now: float) -> dict[str, Any]:
    """Return what entries tell; of signs of life notices tell as well."""
    return {
        "seated": [
            (seat.name, seat.since, seat.entered, max(round(seat.muted_until - now, 1), 0))
            for seat in roster.seated.values()
        ],
        "waiting": [(place.name, place.since, place.entered) for place in roster.waiting.values()],
        "roles": {name: role for name, role in roster.roles.items() if role},
        "modes": roster.modes,
    }


@pytest.mark.parametrize("case", CASES)
def test_entries_lead_to_what_the_server_tells(case: str) -> None:
    steps = KEPT[case]
    followed = Roster()
    followed.set(msgspec.convert(steps[0]["members"], Members))
    for step in steps[1:]:
        for entry in step["entries"]:
            followed.apply(msgspec.convert(entry, Entry))
        members = msgspec.convert(step["members"], Members)
        told = Roster()
        told.set(members)
        assert shown(followed, members.time) == shown(told, members.time)


def members(*seated: SeatedMember, waiting: tuple[WaitingMember, ...] = ()) -> Members:
    return Members(100.0, "general", 7, list(seated), list(waiting), modes="+nt")


def test_nobody_is_known_before_the_server_has_told() -> None:
    roster = Roster()
    roster.apply(Entry("general", 1, 1.0, Seated("Bob")))
    assert (roster.known, roster.seated) == (False, {})


def test_what_the_list_includes_is_not_followed_again() -> None:
    roster = Roster()
    roster.set(members())
    roster.apply(Entry("general", 7, 1.0, Queued("Bob")))
    assert roster.waiting == {}
    roster.apply(Entry("general", 8, 1.0, Queued("Bob")))
    assert list(roster.waiting) == ["Bob"]


def test_signs_of_life_and_lost_connections_are_sensed() -> None:
    roster = Roster()
    away = WaitingMember("Kim", 50.0)
    roster.set(members(SeatedMember("Bob", 1.0, 30.0), SeatedMember("Ada", 1.0, 0.0, 60.0), waiting=(away,)))
    roster.sense(Presence(110.0, "general", ["Bob", "Ada", "gone"], ["Bob", "Kim"], []))
    assert roster.seated["Bob"].active_at == 110.0
    assert roster.seated["Ada"].active_at == 100.0, "a mute does not count"
    assert (roster.seated["Bob"].away, roster.waiting["Kim"].away) == (True, True)
    roster.sense(Presence(111.0, "general", [], [], ["Bob"]))
    assert not roster.seated["Bob"].away
    roster.apply(Entry("general", 8, 90.0, Said("Bob", "late")))
    assert roster.seated["Bob"].active_at == 110.0
    assert roster.entered() == {"Bob": 0, "Ada": 0}
