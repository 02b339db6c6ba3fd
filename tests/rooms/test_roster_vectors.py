"""The vectors of rosters are what a hub makes today, and replaying their entries gives the same rosters."""

from typing import Any

import msgspec
import pytest

from antechamber.channel.channel import Channel
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Limits
from antechamber.rooms.roster import roster
from tests.roster_vectors import CASES, SEATS, VECTORS, made, written

KEPT: dict[str, list[dict[str, Any]]] = msgspec.json.decode(VECTORS.read_bytes()) if VECTORS.exists() else {}


def test_the_file_is_what_a_hub_makes_today() -> None:
    assert VECTORS.read_bytes() == written(made()), "write it again: python -m tests.roster_vectors"


@pytest.mark.parametrize("case", CASES)
def test_replaying_the_entries_gives_the_rosters(case: str) -> None:
    channel = Channel("general", SEATS, Limits())
    for step in KEPT[case]:
        for entry in msgspec.convert(step["entries"], list[Entry]):
            channel.apply(entry.event, entry.time)
        told, now = step["members"], step["members"]["time"]
        names = [*channel.seated, *channel.waiting]
        members = msgspec.json.decode(msgspec.json.encode(roster(channel, names, now, now, told.get("topic", ""))))
        for member in (*told["seated"], *members["seated"]):
            member.pop("idle_seconds", None)  # commands that are not entries restart the idle clock as well
        assert members == told
