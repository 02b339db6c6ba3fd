"""The page follows a channel's entries as the server does: the same vectors give the same rosters."""

import json
from typing import Any

import pytest

from tests.processes.programs import Programs
from tests.roster_vectors import CASES, VECTORS
from tests.web.browsing import People
from tests.web.chatting import chatter
from tests.web.houses import House

FOLLOW = """
async (steps) => {
  const { State } = await import(document.querySelector('script[type=module]').src.replace('app.js', 'state.js'));
  const shown = ({ seated, waiting, roles, modes }) => ({
    seated: [...seated.values()].map(({ activeAt, ...each }) => ({ ...each, role: roles.get(each.name) ?? '' })),
    waiting: [...waiting.values()],
    modes: [...modes].sort().join(''),
  });
  const followed = new State().roster;
  followed.set(steps[0].members);
  return steps.slice(1).map(({ entries, members }) => {
    for (const entry of entries) followed.apply(entry);
    const told = new State().roster;
    told.set(members);
    const both = [shown(followed), shown(told)];
    for (const { seated } of both) {
      for (const each of seated) if (each.mutedUntil <= members.time) each.mutedUntil = 0;
    }
    return both;
  });
}
"""
"""Returns for each step the roster that followed the entries, and the one that the server tells."""


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


def test_following_the_entries_gives_what_the_server_tells(house: House, people: People) -> None:
    reader = chatter(people, house.front_desk_port)
    reader.opens()
    page = reader.page
    vectors: dict[str, list[dict[str, Any]]] = json.loads(VECTORS.read_bytes())
    assert vectors.keys() == CASES.keys()
    for case, steps in vectors.items():
        for number, (followed, told) in enumerate(page.evaluate(FOLLOW, steps), 1):
            assert followed == told, f"{case}, step {number}"
