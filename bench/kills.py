"""Kills: a server under load gets SIGKILL at random moments, and all members come back to their seats and places.

Members talk, wait in line, leave, enter and switch; the server is killed and restarted at once, on the same ports and
data, and each member resumes with its token and the last entry it has read. The bench fails with a full report if
anything that a member read is missing, duplicated or out of order, a message is not kept exactly once, or a seat or a
place has changed: as the members see it at once, and as the log has it at the end.
"""

import argparse
import asyncio
import contextlib
import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from random import Random
from statistics import median, quantiles
from typing import Any, NamedTuple

from bench.machine import Watch
from bench.member import Member
from bench.programs import BenchError, folder, set_up
from bench.restartable_server import RestartableServer
from bench.table import table
from bench.witness import Witness

CHANNELS = {"general": 8, "games": 6, "help": 5}
LIMITS = {
    "commands_per_second_max": 0,
    "address_commands_per_second_max": 0,
    "idle_seconds_max": 0,
    "seat_hold_seconds": 600,
    "place_hold_seconds": 600,
    "held_visit_seconds_min": 0,
    "snapshot_entries_max": 200,
}
"""Limits under which nobody is idle or away for too long on a slow machine, nor present for too short a time;
snapshots are frequent, to be part of the test."""
LIFE_SECONDS_MAX = 0.8
"""The longest time from everybody's return to the next kill, which comes at a random moment."""
EARLY_ROUNDS = 5
"""Every so many rounds, the kill comes while members are still coming back."""
RETURN_SECONDS_MAX = 30.0
_TICK_SECONDS = 0.005
_MOVES_A_TALK = 0.01
_DROPS_A_TALK = 0.005


class Round(NamedTuple):
    """Seconds from a SIGKILL to the first member that resumed, and to the last that had read everything."""

    first: float
    all: float


class Survived(NamedTuple):
    """The result. A round in which the next kill came early has no seconds."""

    kills: int
    rounds: list[Round]
    messages: int
    entries: int
    returns: int


class Broken(Exception):
    """Something was lost, duplicated or changed. The text lists everything that was found."""


class Crowd:
    """The members, and those of them that have not come back since the server's last start."""

    def __init__(
        self, server: RestartableServer, witness: Witness, chance: Random, members: int, talks_per_second: float
    ) -> None:
        self._server = server
        self._chance = chance
        self._talks_per_second = talks_per_second
        self._talking = True
        self._away: set[Member] = set()
        self._all_back = asyncio.Event()
        self.members = [
            Member(f"m{number}", server, witness, Random(chance.random()), self._note_return)
            for number in range(members)
        ]
        self._tasks = [asyncio.create_task(member.live()) for member in self.members]
        self._talker = asyncio.create_task(self._talk())

    def begin_life(self) -> None:
        """Start the server, with nobody back yet."""
        self._away = set(self.members)
        self._all_back.clear()
        self._server.start()

    async def all_back(self) -> None:
        """Wait until everybody is back. Raises BenchError if that takes too long, Broken if a member has gone."""
        back = asyncio.create_task(self._all_back.wait())
        await asyncio.wait([back, *self._tasks], timeout=RETURN_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
        if not back.done():
            back.cancel()
            self._raise_what_broke()
            names = ", ".join(sorted(member.name or member.label for member in self._away)[:10])
            raise BenchError(f"{len(self._away)} did not come back in time: {names}")

    async def quieten(self) -> None:
        """Stop all talking, and wait until each member has read its own messages."""
        self._talking = False
        deadline = asyncio.get_running_loop().time() + RETURN_SECONDS_MAX
        while any(member.pending for member in self.members):
            self._raise_what_broke()
            if asyncio.get_running_loop().time() > deadline:
                raise BenchError("not everything that was said was read back in time")
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Wait until everybody has read the goodbye `shutdown`."""
        _, waiting = await asyncio.wait(self._tasks, timeout=RETURN_SECONDS_MAX)
        if waiting:
            raise BenchError(f"{len(waiting)} did not read that the server shuts down")

    async def close(self) -> None:
        """Close everybody's connection."""
        for task in (self._talker, *self._tasks):
            task.cancel()
        await asyncio.gather(self._talker, *self._tasks, return_exceptions=True)

    def _note_return(self, member: Member, life: int) -> None:
        if life == self._server.lives:
            self._away.discard(member)
            if not self._away:
                self._all_back.set()

    def _raise_what_broke(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()

    async def _talk(self) -> None:
        chance = self._chance
        while self._talking:
            await asyncio.sleep(_TICK_SECONDS)
            talks = chance.uniform(0, 2 * _TICK_SECONDS * self._talks_per_second)
            for _ in range(round(talks)):
                if talkers := [member for member in self.members if member.can_talk]:
                    chance.choice(talkers).talk()
            if chance.random() < talks * _MOVES_A_TALK:
                chance.choice(self.members).move()
            if chance.random() < talks * _DROPS_A_TALK:
                chance.choice(self.members).drop()


async def survive(
    server: RestartableServer, witness: Witness, kills: int, members: int, talks_per_second: float, seed: int
) -> Survived:
    """Kill the server `kills` times, and compare everything that was read with the log.

    Raises Broken if anything is wrong, BenchError if that could not be determined.
    """
    chance = Random(seed)
    rounds: list[Round] = []
    now = asyncio.get_running_loop().time
    crowd = Crowd(server, witness, chance, members, talks_per_second)
    try:
        crowd.begin_life()
        await crowd.all_back()
        for number in range(1, kills + 1):
            early = number > 1 and number % EARLY_ROUNDS == 0
            await asyncio.sleep(chance.uniform(0, LIFE_SECONDS_MAX))
            killed_at = now()
            server.kill()
            crowd.begin_life()
            if early:
                await asyncio.sleep(chance.uniform(0, 2 * median(each.all for each in rounds)))
                server.kill()
                crowd.begin_life()
            await crowd.all_back()
            if not early:
                first = min(member.resumed_at for member in crowd.members if member.resumed_at > killed_at)
                rounds.append(Round(first - killed_at, now() - killed_at))
            _check(server, witness)
            print(f"{number}/{kills} {now() - killed_at:.3f} s", file=sys.stderr)
        await crowd.quieten()
        if (status := await asyncio.to_thread(server.stop)) != 0:
            raise Broken(f"the server ended with status {status}")
        await crowd.end()
    except BenchError:
        _check(server, witness)
        raise
    finally:
        await crowd.close()
    witness.compare(read_log(server))
    _check(server, witness)
    return Survived(server.lives - 1, rounds, witness.messages, witness.entries, witness.returns)


def _check(server: RestartableServer, witness: Witness) -> None:
    problems = [*witness.problems, *([said] if (said := server.said()) else [])]
    if problems:
        raise Broken("\n".join(problems))


def read_log(server: RestartableServer) -> dict[str, list[tuple[dict[str, Any], bytes]]]:
    """Return all entries of each channel's log, decoded and as lines."""
    from antechamber.log.reader import LogReader

    with contextlib.closing(LogReader(server.data)) as reader:
        return {
            channel: [
                (json.loads(kept.line), kept.line) for kept in reader.latest(channel, sys.maxsize, chat_only=False)
            ]
            for channel in reader.channels()
        }


@contextlib.contextmanager
def crowded_server() -> Iterator[tuple[RestartableServer, Witness]]:
    """Yield a server with fewer seats than members, and a witness."""
    with folder() as path, contextlib.closing(RestartableServer(path, CHANNELS, LIMITS)) as server:
        yield server, Witness(CHANNELS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/kills", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=100, help="how many times to kill the server and start it (default: %(default)s)")
    add("--members", type=int, default=40, help="for 19 seats (default: %(default)s)")
    add("--talk", type=float, default=2000.0, metavar="N", help="messages per second at most (default: %(default)s)")
    add("--seed", type=int, default=secrets.randbelow(1 << 32), help="default: a fresh one each time")
    chosen = parser.parse_args(arguments)
    set_up()
    print(f"seed {chosen.seed}", file=sys.stderr)
    watch = Watch()
    try:
        with crowded_server() as (server, witness):
            asked = (chosen.rounds, chosen.members, chosen.talk, chosen.seed)
            survived = asyncio.run(survive(server, witness, *asked))
    except Broken as broken:
        print(f"bench/kills: not survived, after {server.lives - 1} kills (seed {chosen.seed}):\n{broken}")
        return 1
    except BenchError as error:
        print(f"bench/kills: {error}", file=sys.stderr)
        return 1
    print(f"{report(survived, chosen)}\n\n{watch.sentence()}")
    return 0


def report(survived: Survived, chosen: argparse.Namespace) -> str:
    """Return a summary, and the table of times."""
    seats = sum(CHANNELS.values())
    words = (
        f"{chosen.rounds} rounds survived, {survived.kills} kills; {chosen.members} members for {seats} seats came "
        f"back {survived.returns} times. {survived.messages} messages, read {survived.entries} times: none missing, "
        "doubled or out of order, each kept exactly once."
    )
    figures = {
        "SIGKILL to the first who goes on": [each.first for each in survived.rounds],
        "from there to the last who has read all": [each.all - each.first for each in survived.rounds],
        "SIGKILL to everybody resumed": [each.all for each in survived.rounds],
    }
    rows = [
        [name, f"{median(taken) * 1e3:.0f}", f"{_p99(taken) * 1e3:.0f}", f"{max(taken) * 1e3:.0f}"]
        for name, taken in figures.items()
    ]
    return f"{words}\n\n{table(['milliseconds', 'median', 'p99', 'most'], rows)}"


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98] if len(values) > 1 else values[0]
