"""Kills: SIGKILL to a server under load at random moments, and everybody comes back to what was theirs.

Members talk, wait in line, leave, enter and switch; the server is killed and started again at once, on the same ports
and data, and each member resumes by its token and the last entry it has read. It fails, and tells all of it, where
something that anybody read is missing, doubled or out of order, a message is not kept exactly once, or a seat or a
place is not what it was: as the members see it at once, and as the log has it at the end.
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

from bench.house import House
from bench.machine import Watch
from bench.member import Member
from bench.programs import BenchError, folder, set_up
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
"""Nobody is idle or away for too long on a slow machine, nor there for too short a time; snapshots come often, since
they are part of it."""
LIFE_SECONDS_MAX = 0.8
"""The kill comes at a random moment up to so long after everybody is back."""
EARLY_ROUNDS = 5
"""In each so many'th round the kill comes while people are still coming back."""
RETURN_SECONDS_MAX = 30.0
_TICK_SECONDS = 0.005
_MOVES_A_TALK = 0.01
_DROPS_A_TALK = 0.005


class Round(NamedTuple):
    """Seconds from a SIGKILL to the first member who was told that it goes on, and to the last who had read it all."""

    first: float
    all: float


class Survived(NamedTuple):
    """What came of it. Of a round in which the next kill came early, there are no seconds."""

    kills: int
    rounds: list[Round]
    messages: int
    entries: int
    returns: int


class Broken(Exception):
    """Something was lost, doubled or not as it was. Its text tells all that was found."""


class Crowd:
    """The members, and who of them is not back yet in the life of the server that is under way."""

    def __init__(self, house: House, witness: Witness, chance: Random, members: int, talks_per_second: float) -> None:
        self._house = house
        self._chance = chance
        self._talks_per_second = talks_per_second
        self._talking = True
        self._away: set[Member] = set()
        self._all_back = asyncio.Event()
        self.members = [
            Member(f"m{number}", house, witness, Random(chance.random()), self._note_return)
            for number in range(members)
        ]
        self._tasks = [asyncio.create_task(member.live()) for member in self.members]
        self._talker = asyncio.create_task(self._talk())

    def begin_life(self) -> None:
        """Start the server; nobody is back yet."""
        self._away = set(self.members)
        self._all_back.clear()
        self._house.start()

    async def all_back(self) -> None:
        """Wait until everybody is. Raises BenchError where that takes too long, Broken where somebody has gone."""
        back = asyncio.create_task(self._all_back.wait())
        await asyncio.wait([back, *self._tasks], timeout=RETURN_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
        if not back.done():
            back.cancel()
            self._raise_what_broke()
            names = ", ".join(sorted(member.name or member.label for member in self._away)[:10])
            raise BenchError(f"{len(self._away)} did not come back in time: {names}")

    async def quieten(self) -> None:
        """Let nobody say anything more, and wait until everybody has read back what it said."""
        self._talking = False
        deadline = asyncio.get_running_loop().time() + RETURN_SECONDS_MAX
        while any(member.pending for member in self.members):
            self._raise_what_broke()
            if asyncio.get_running_loop().time() > deadline:
                raise BenchError("not everything that was said was read back in time")
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Wait until everybody has read that the server shuts down."""
        _, waiting = await asyncio.wait(self._tasks, timeout=RETURN_SECONDS_MAX)
        if waiting:
            raise BenchError(f"{len(waiting)} did not read that the server shuts down")

    async def close(self) -> None:
        """Let go of everybody."""
        for task in (self._talker, *self._tasks):
            task.cancel()
        await asyncio.gather(self._talker, *self._tasks, return_exceptions=True)

    def _note_return(self, member: Member, life: int) -> None:
        if life == self._house.lives:
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
    house: House, witness: Witness, kills: int, members: int, talks_per_second: float, seed: int
) -> Survived:
    """Kill the server so many times, and compare all that was read with the log.

    Raises Broken where anything is not as it should be, BenchError where it could not be found out.
    """
    chance = Random(seed)
    rounds: list[Round] = []
    now = asyncio.get_running_loop().time
    crowd = Crowd(house, witness, chance, members, talks_per_second)
    try:
        crowd.begin_life()
        await crowd.all_back()
        for number in range(1, kills + 1):
            early = number > 1 and number % EARLY_ROUNDS == 0
            await asyncio.sleep(chance.uniform(0, LIFE_SECONDS_MAX))
            killed_at = now()
            house.kill()
            crowd.begin_life()
            if early:
                await asyncio.sleep(chance.uniform(0, 2 * median(each.all for each in rounds)))
                house.kill()
                crowd.begin_life()
            await crowd.all_back()
            if not early:
                first = min(member.resumed_at for member in crowd.members if member.resumed_at > killed_at)
                rounds.append(Round(first - killed_at, now() - killed_at))
            _check(house, witness)
            print(f"{number}/{kills} {now() - killed_at:.3f} s", file=sys.stderr)
        await crowd.quieten()
        if (status := await asyncio.to_thread(house.stop)) != 0:
            raise Broken(f"the server ended with status {status}")
        await crowd.end()
    except BenchError:
        _check(house, witness)
        raise
    finally:
        await crowd.close()
    witness.compare(read_log(house))
    _check(house, witness)
    return Survived(house.lives - 1, rounds, witness.messages, witness.entries, witness.returns)


def _check(house: House, witness: Witness) -> None:
    problems = [*witness.problems, *([said] if (said := house.said()) else [])]
    if problems:
        raise Broken("\n".join(problems))


def read_log(house: House) -> dict[str, list[tuple[dict[str, Any], bytes]]]:
    """Return all that each channel's log has, decoded and as lines."""
    from antechamber.log.reader import LogReader

    with contextlib.closing(LogReader(house.data)) as reader:
        return {
            channel: [
                (json.loads(kept.line), kept.line) for kept in reader.latest(channel, sys.maxsize, chat_only=False)
            ]
            for channel in reader.channels()
        }


@contextlib.contextmanager
def house_of_kills() -> Iterator[tuple[House, Witness]]:
    """Give a house with more members to come than it has seats, and a witness."""
    with folder() as path, contextlib.closing(House(path, CHANNELS, LIMITS)) as house:
        yield house, Witness(CHANNELS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/kills", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=100, help="how many times to kill the server and start it (default: %(default)s)")
    add("--members", type=int, default=40, help="for 19 seats (default: %(default)s)")
    add("--talk", type=float, default=2000.0, metavar="N", help="messages per second at most (default: %(default)s)")
    add("--seed", type=int, default=secrets.randbelow(1 << 32), help="default: another one each time")
    chosen = parser.parse_args(arguments)
    set_up()
    print(f"seed {chosen.seed}", file=sys.stderr)
    watch = Watch()
    try:
        with house_of_kills() as (house, witness):
            asked = (chosen.rounds, chosen.members, chosen.talk, chosen.seed)
            survived = asyncio.run(survive(house, witness, *asked))
    except Broken as broken:
        print(f"bench/kills: not survived, after {house.lives - 1} kills (seed {chosen.seed}):\n{broken}")
        return 1
    except BenchError as error:
        print(f"bench/kills: {error}", file=sys.stderr)
        return 1
    print(f"{report(survived, chosen)}\n\n{watch.sentence()}")
    return 0


def report(survived: Survived, chosen: argparse.Namespace) -> str:
    """Return what was survived, and the table of times."""
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
