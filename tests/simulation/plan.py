"""What a seed makes of the world: its limits, its people, and how often what happens in it.

Each seed leaves some kinds of things out and has others happen often, so that rare things come together.
"""

from collections.abc import Mapping

from antechamber.protocol.limits import Limits, Retention
from antechamber.rooms.room import Room
from tests.simulation.dice import Dice

CHANNELS = ("general", "games", "help", "attic")
NAMES = (
    *("Ada", "Bo", "Cy", "Di", "Eve", "Flo", "Gus", "Hal", "Ida", "Jo", "Kit", "Lea"),
    *("Mia", "Ned", "Ola", "Pam", "Quin", "Ray", "Sue", "Tom", "Uma", "Vic", "Wes", "Zoe"),
)
LINE_BYTES_MOST = 1_000
FOREVER = float("inf")


class Plan:
    """What stays as it is throughout a run."""

    def __init__(self, dice: Dice, weights: Mapping[str, int]) -> None:
        self.names = NAMES[: dice.pick((4, 12, 24, 24))]
        self.people_max = dice.pick((4, 8, 12, 20))
        self.turns = dice.pick((150, 400, 700, 1000))
        """How often, of a thousand, the server has its turn after something has happened."""
        self.delays = dice.pick((0, 50, 300))
        """How often what somebody sends is under way for longer."""
        self.plain = dice.pick((0, 200, 500))
        self.fleeting = dice.pick((0, 100, 400))
        """How often somebody cannot come back by a token."""
        self.pipes = dice.pick(((300,), (2_000,), (300, 2_000, 65_536)))
        self.resumes = dice.pick((500, 900))
        """How often somebody who was lost comes back before somebody new comes."""
        self.addresses = dice.pick((("192.0.2.1",), ("192.0.2.1", "192.0.2.2", "2001:db8::1")))
        self.slow = dice.pick((0, 50, 300))
        """How often somebody reads slowly from the beginning."""
        self.is_paced = dice.chance(150)
        self.holding = dice.chance(800)
        self.weights = {name: weight * dice.pick((0, 1, 4, 4, 12)) for name, weight in weights.items()}
        for name in ("arrive", "say", "pass_moment"):
            self.weights[name] = max(self.weights[name], 4 * weights[name])

    def limits(self, dice: Dice) -> Limits:
        """Return limits that a config may have."""
        outbox_bytes_max = dice.pick((1_000, 5_000, 1 << 20))
        return Limits(
            line_bytes_max=dice.pick((200, LINE_BYTES_MOST)),
            recent_ids_max=dice.pick((128, 1_000)),
            sessions_max=dice.pick((5, 40, 20_000, 20_000)),
            sessions_per_address_max=dice.pick((6, 40, 10_000, 10_000)),
            commands_per_second_max=dice.pick((1.0, 20.0)) if self.is_paced else 0.0,
            commands_burst_max=dice.pick((4, 30)),
            hello_seconds_max=dice.pick((3.0, 60.0)),
            linger_seconds_max=dice.pick((0.5, 5.0)),
            inbox_commands_max=dice.pick((2, 100_000, 100_000)),
            turn_characters_max=dice.pick((150, 262_144, 262_144)),
            catch_up_bytes_max=min(dice.pick((130, 1_000, 65_536)), outbox_bytes_max // 4),
            catch_up_seconds_max=dice.pick((0.05, 0.5)),
            outbox_bytes_max=outbox_bytes_max,
            transfers_max=dice.pick((2, 100)),
            transfer_idle_seconds_max=dice.pick((1.0, 30.0)),
            snapshot_entries_max=dice.pick((1, 7, 50, 1_000)),
            held_visit_seconds_min=dice.pick((0.0, 0.0, 5.0)),
            address_held_max=dice.pick((0, 2, 400, 400)),
        )

    def rooms(self, dice: Dice, limits: Limits) -> list[Room]:
        """Return rooms as fresh from a config."""
        count = dice.pick((1, 2, 3, 4))
        chosen = dice.shuffled(CHANNELS)[:count]
        return [self._room(dice, name, limits) for name in chosen]

    def _room(self, dice: Dice, name: str, limits: Limits) -> Room:
        own = limits._replace(
            waiting_max=dice.pick((1, 5, 1_000)),
            idle_seconds_max=dice.pick((5.0, 100.0, FOREVER, FOREVER)),
            seat_hold_seconds=dice.pick((0.0, 2.0, 60.0, 60.0)) if self.holding else 0.0,
            place_hold_seconds=dice.pick((0.0, 2.0, 300.0, 300.0)) if self.holding else 0.0,
        )
        retention = Retention(dice.pick((0.0, 0.0, 10.0)), dice.pick((0, 0, 3, 40)))
        topic = dice.pick(("", "what there is"))
        return Room(name, 9001 + CHANNELS.index(name), dice.pick((1, 2, 3, 5)), own, topic, retention)
