"""How memberships ended is remembered for those who come back too late, up to a bound."""

from antechamber.holds import ENDINGS_MAX, Endings
from antechamber.tokens import Claim


def mary(entered: int) -> Claim:
    return Claim("general", "Mary", entered)


def test_an_ending_is_a_reason_or_the_membership_that_followed() -> None:
    endings = Endings()
    endings.add(mary(3), "lost")
    endings.add(mary(7), Claim("games", "Mary", 9))
    assert endings.of(mary(3)) == "lost"
    assert endings.of(mary(7)) == Claim("games", "Mary", 9)
    assert endings.of(mary(4)) is None
    assert endings.of(Claim("general", "Bob", 3)) is None


def test_the_oldest_ending_is_forgotten_past_the_bound() -> None:
    endings = Endings()
    for entered in range(ENDINGS_MAX):
        endings.add(mary(entered), "quit")
    assert endings.of(mary(0)) == "quit"
    endings.add(mary(ENDINGS_MAX), "quit")
    assert endings.of(mary(0)) is None
    assert endings.of(mary(1)) == endings.of(mary(ENDINGS_MAX)) == "quit"


def test_an_ending_that_was_not_kept_is_forgotten() -> None:
    endings = Endings()
    endings.add(mary(3), "idle")
    endings.forget(mary(3))
    endings.forget(mary(4))
    assert endings.of(mary(3)) is None
