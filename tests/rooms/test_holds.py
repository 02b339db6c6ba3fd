"""The ends of memberships are remembered for members who come back too late, up to a bound."""

from antechamber.rooms.holds import ENDINGS_MAX, Endings
from antechamber.session.tokens import Claim


def mary(entered: int) -> Claim:
    return Claim("general", "Mary", entered)


def test_an_ending_is_one_membership_s_alone() -> None:
    endings = Endings()
    endings.add(mary(3), "lost")
    assert endings.of(mary(3)) == "lost"
    assert endings.of(mary(4)) == ""
    assert endings.of(Claim("general", "Bob", 3)) == ""


def test_the_oldest_ending_is_forgotten_past_the_bound() -> None:
    endings = Endings()
    for entered in range(ENDINGS_MAX):
        endings.add(mary(entered), "quit")
    assert endings.of(mary(0)) == "quit"
    endings.add(mary(ENDINGS_MAX), "quit")
    assert endings.of(mary(0)) == ""
    assert endings.of(mary(1)) == endings.of(mary(ENDINGS_MAX)) == "quit"


def test_a_later_ending_takes_the_place_of_one_that_was_undone() -> None:
    endings = Endings()
    endings.add(mary(3), "idle")
    endings.add(mary(3), "quit")
    assert endings.of(mary(3)) == "quit"
