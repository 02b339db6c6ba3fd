"""How fast one peer may go: at once, and in the long run."""

from hypothesis import given
from hypothesis import strategies as st

from antechamber.session.rate_limit import RateLimit

START = 1_000.0


def test_a_burst_passes_whole_and_one_past_it_does_not() -> None:
    pace = RateLimit(20, 5, START)
    assert pace.take(5, START) == 5
    assert pace.take(1, START) == 0


def test_of_more_than_the_burst_the_first_pass() -> None:
    assert RateLimit(20, 5, START).take(6, START) == 5


def test_what_does_not_pass_costs_nothing() -> None:
    pace = RateLimit(1, 2, START)
    assert pace.take(100, START) == 2
    assert pace.take(100, START + 1) == 1


def test_after_a_burst_they_pass_at_the_pace() -> None:
    pace = RateLimit(4, 5, START)
    pace.take(5, START)
    assert [pace.take(1, START + quarter / 8) for quarter in range(9)] == [0, 0, 1, 0, 1, 0, 1, 0, 1]


def test_a_slow_pace_counts_parts_of_one_together() -> None:
    pace = RateLimit(0.25, 1, START)
    pace.take(1, START)
    assert [pace.take(1, START + second) for second in range(1, 9)] == [0, 0, 0, 1, 0, 0, 0, 1]


def test_a_rest_gives_a_whole_burst_again_and_no_more() -> None:
    pace = RateLimit(1, 5, START)
    pace.take(5, START)
    assert pace.take(100, START + 1_000_000) == 5


def test_one_that_follows_has_what_is_left_and_its_own_rules() -> None:
    earlier = RateLimit(1, 10, START)
    earlier.take(10, START)
    following = RateLimit(2, 5, START + 1).following(earlier)
    assert [following.take(5, START + 1), following.take(5, START + 2), following.take(9, START + 100)] == [2, 2, 5]


def test_one_that_begins_with_less_has_a_whole_burst_after_a_rest() -> None:
    pace = RateLimit(1, 5, START, 2)
    assert [pace.take(5, START), pace.take(9, START + 100)] == [2, 5]


@given(
    st.floats(0.1, 1_000),
    st.integers(1, 100),
    st.lists(st.tuples(st.integers(0, 50), st.floats(0, 10)), max_size=50),
)
def test_no_more_pass_than_the_burst_and_the_pace_allow(
    per_second: float, burst: int, batches: list[tuple[int, float]]
) -> None:
    pace, now, passed = RateLimit(per_second, burst, START), START, 0
    for wanted, seconds in batches:
        now += seconds
        granted = pace.take(wanted, now)
        assert 0 <= granted <= wanted
        passed += granted
    assert passed <= burst + (now - START) * per_second + 1e-3
