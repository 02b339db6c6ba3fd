"""SIGKILL to a server under load, at random moments: nothing that anybody read is lost, and all keep their places."""

import asyncio

from bench.kills import crowded_server, survive

ROUNDS = 3
MEMBERS = 40
TALKS_PER_SECOND = 1_000.0


def test_killed_again_and_again_it_loses_doubles_and_oversells_nothing() -> None:
    with crowded_server() as (server, witness):
        survived = asyncio.run(survive(server, witness, ROUNDS, MEMBERS, TALKS_PER_SECOND, seed=1))
    assert survived.kills >= ROUNDS
    assert survived.returns >= ROUNDS * MEMBERS
    assert survived.messages
