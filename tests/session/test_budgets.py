"""What one address may use: what comes back with time, what there is at once, and how long a guesser waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.protocol.limits import CurrentLimits, Limits
from antechamber.session import budgets as budgets_module
from antechamber.session.budgets import Budgets, Count
from tests.fakes import FakeClock

LIMITS = Limits(
    address_hellos_per_second_max=2,
    address_hellos_burst_max=4,
    address_transfers_max=2,
    failures_burst_max=2,
    address_failures_burst_max=4,
    failure_delay_seconds_max=8,
    failures_forgotten_seconds=100,
)
COUNTS: list[Count] = ["sessions", "front_desk_connections", "watchers", "transfers", "transfer_bytes", "marks"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def budgets(clock: FakeClock) -> Budgets:
    return Budgets(CurrentLimits(LIMITS), clock)


def took(budgets: Budgets, count: Count, host: str, amount: int = 1) -> bool:
    """Take so many for an address, as all do who ask for room before; return whether there was any."""
    if not budgets.has_room(count, host, amount):
        return False
    budgets.take(count, host, amount)
    return True


# Rates


def test_an_address_spends_a_whole_burst_and_not_one_more(budgets: Budgets) -> None:
    assert [budgets.spend("hellos", "a") for _ in range(5)] == [True] * 4 + [False]


def test_what_is_not_there_is_not_spent_in_part(budgets: Budgets) -> None:
    assert budgets.spend("hellos", "a", 3)
    assert not budgets.spend("hellos", "a", 2)
    assert budgets.spend("hellos", "a", 1)


def test_a_rate_comes_back_with_time_and_says_when(budgets: Budgets, clock: FakeClock) -> None:
    budgets.spend("hellos", "a", 4)
    assert budgets.seconds_until("hellos", "a") == 0.5
    clock.time += 0.5
    assert budgets.seconds_until("hellos", "a") == 0
    assert budgets.spend("hellos", "a")


def test_more_than_a_burst_is_as_a_burst(budgets: Budgets, clock: FakeClock) -> None:
    assert budgets.spend("hellos", "a", 100)
    assert not budgets.spend("hellos", "a")
    assert budgets.seconds_until("hellos", "a", 100) == 2


def test_each_address_has_a_budget_of_its_own(budgets: Budgets) -> None:
    budgets.spend("hellos", "a", 4)
    assert budgets.spend("hellos", "b")


def test_each_rate_has_a_budget_of_its_own(budgets: Budgets) -> None:
    budgets.spend("hellos", "a", 4)
    assert budgets.spend("foundings", "a")


def test_the_console_has_no_bound(budgets: Budgets) -> None:
    assert all(budgets.spend("hellos", "") for _ in range(100))
    assert all(took(budgets, "transfers", "") for _ in range(100))
    assert [budgets.failed("", "x") for _ in range(100)] == [0] * 100


def test_a_rate_of_0_is_no_bound(clock: FakeClock) -> None:
    budgets = Budgets(CurrentLimits(LIMITS._replace(address_hellos_per_second_max=0)), clock)
    assert all(budgets.spend("hellos", "a") for _ in range(100))


def test_bounds_that_were_replaced_hold_at_once(budgets: Budgets) -> None:
    budgets.spend("hellos", "a", 4)
    budgets.limits.replace(LIMITS._replace(address_hellos_burst_max=10))
    assert [budgets.spend("hellos", "a") for _ in range(11)] == [True] * 10 + [False]


def test_a_class_of_300_behind_one_address_joins_in_ten_seconds(clock: FakeClock) -> None:
    budgets = Budgets(CurrentLimits(Limits()), clock)
    for _ in range(300):
        assert budgets.spend("hellos", "school")
        assert took(budgets, "sessions", "school")
        assert took(budgets, "watchers", "school")
        clock.time += 10 / 300


def test_of_too_many_addresses_the_one_used_longest_ago_is_forgotten(
    budgets: Budgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets_module, "ADDRESSES_REMEMBERED", 2)
    for host in ("a", "b", "a", "c"):
        budgets.spend("hellos", host, 2)
    assert not budgets.spend("hellos", "a")
    assert budgets.spend("hellos", "b", 4)


# Counts


@pytest.mark.parametrize("count", COUNTS)
def test_an_address_takes_as_many_as_it_may_and_not_one_more(count: Count, clock: FakeClock) -> None:
    budgets = Budgets(CurrentLimits(Limits()), clock)
    assert took(budgets, count, "a", budgets.most(count))
    assert not took(budgets, count, "a")
    assert took(budgets, count, "b")
    budgets.give_back(count, "a")
    assert took(budgets, count, "a")
    assert budgets.used(count, "a") == budgets.most(count)


def test_what_is_not_taken_is_not_taken_in_part(budgets: Budgets) -> None:
    assert not took(budgets, "transfers", "a", 3)
    assert budgets.used("transfers", "a") == 0


def test_who_had_it_before_has_it_still(budgets: Budgets) -> None:
    budgets.take("transfers", "a", 5)
    assert budgets.used("transfers", "a") == 5
    assert not took(budgets, "transfers", "a")


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=60))
def test_a_count_is_what_was_taken_less_what_was_given_back(steps: list[tuple[str, bool]]) -> None:
    budgets, have = Budgets(CurrentLimits(LIMITS), FakeClock()), {"a": 0, "b": 0}
    for host, takes in steps:
        if takes:
            assert took(budgets, "transfers", host) == (have[host] < 2)
            have[host] = min(have[host] + 1, 2)
        elif have[host]:
            budgets.give_back("transfers", host)
            have[host] -= 1
        assert {host: budgets.used("transfers", host) for host in have} == have


# Failures


def test_a_few_failures_cost_nothing_and_then_each_doubles_the_wait(budgets: Budgets, clock: FakeClock) -> None:
    waits = []
    for _ in range(7):
        clock.time += budgets.seconds_until_try("a", "Mary")
        waits.append(budgets.failed("a", "Mary"))
    assert waits == [0, 0, 1, 2, 4, 8, 8]


def test_another_address_and_another_name_do_not_wait(budgets: Budgets) -> None:
    for _ in range(3):
        budgets.failed("a", "Mary")
    assert budgets.seconds_until_try("a", "Mary") == 1
    assert budgets.seconds_until_try("b", "Mary") == 0
    assert budgets.seconds_until_try("a", "Bob") == 0


def test_an_address_that_fails_with_many_names_waits_whatever_the_name(budgets: Budgets) -> None:
    assert [budgets.failed("a", name) for name in ("1", "2", "3", "4", "5")] == [0, 0, 0, 0, 1]
    assert budgets.seconds_until_try("a", "6") == 1


def test_who_is_right_has_failed_with_that_name_no_more_but_its_address_has(budgets: Budgets) -> None:
    for _ in range(3):
        budgets.failed("a", "Mary")
    budgets.succeeded("a", "Mary")
    assert budgets.seconds_until_try("a", "Mary") == 0
    assert [budgets.failed("a", "Bob") for _ in range(2)] == [0, 1]


def test_failures_are_forgotten_after_a_while_without_one(budgets: Budgets, clock: FakeClock) -> None:
    for _ in range(3):
        budgets.failed("a", "Mary")
    clock.time += 99
    assert budgets.failed("a", "Mary") == 2
    clock.time += 100
    assert budgets.failed("a", "Mary") == 0


def test_of_too_many_failures_the_oldest_are_forgotten(budgets: Budgets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets_module, "ADDRESSES_REMEMBERED", 4)
    for host in "abcd":
        for _ in range(3):
            budgets.failed(host, "Mary")
    assert [budgets.seconds_until_try(host, "Mary") > 0 for host in "abcd"] == [False, False, True, True]


def test_a_failure_that_stands_alone_counts_for_its_name_and_not_for_the_address(budgets: Budgets) -> None:
    for _ in range(20):
        budgets.failed("a", "Mary", alone=True)
    assert budgets.seconds_until_try("a", "Mary") == LIMITS.failure_delay_seconds_max
    assert budgets.seconds_until_try("a", "Bob") == 0
    assert (budgets.failures("a", "Mary"), budgets.failures("a", "")) == (20, 0)


def test_failures_are_counted_by_address_and_name(budgets: Budgets) -> None:
    assert budgets.failures("a", "Mary") == 0
    budgets.failed("a", "Mary")
    budgets.failed("a", "Bob")
    assert (budgets.failures("a", "Mary"), budgets.failures("a", ""), budgets.failures("b", "Mary")) == (1, 2, 0)
