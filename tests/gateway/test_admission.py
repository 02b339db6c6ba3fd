"""Admission: the counts in total and by address, at their bounds and one past them."""

import logging

import pytest

from antechamber.protocol.limits import Limits
from antechamber.protocol.refusals import Refused
from antechamber.session.addresses import origin_of
from tests.gateway.channel_ports import admitting

FULL = Refused("server-full", "The server is full: it takes no more connections. Try again in a moment.")
TOO_MANY = Refused("too-many-sessions", "Your address has 2 connections, which is the limit. Close one of them first.")
ONE, OTHER = "192.0.2.1", "192.0.2.2"


def test_sessions_at_the_bound_come_in_and_one_past_it_does_not() -> None:
    admission = admitting(Limits(sessions_max=2))
    assert [admission.enter(ONE), admission.enter(OTHER)] == [None, None]
    assert admission.enter("192.0.2.3") == FULL
    assert admission.sessions == 2
    admission.leave(ONE)
    assert admission.enter("192.0.2.3") is None


def test_sessions_of_one_address_at_their_bound_come_in_and_one_past_it_does_not() -> None:
    admission = admitting(Limits(sessions_per_address_max=2))
    assert [admission.enter(ONE), admission.enter(ONE)] == [None, None]
    assert admission.enter(ONE) == TOO_MANY
    assert admission.enter(OTHER) is None
    admission.leave(ONE)
    assert admission.enter(ONE) is None
    assert admission.sessions == 3


def test_an_address_that_nobody_comes_from_any_more_is_forgotten() -> None:
    admission = admitting(Limits())
    admission.enter(ONE)
    admission.leave(ONE)
    assert admission.budgets.used("sessions", ONE) == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::1", "127.0.0.1", False),
        ("", "", True),
    ],
)
def test_one_address_is_an_ipv4_address_or_an_ipv6_network_of_64_bits(one: str, other: str, alike: bool) -> None:
    assert (origin_of(one) == origin_of(other)) is alike


def test_limits_that_are_replaced_hold_for_those_who_come_after() -> None:
    admission = admitting(Limits(sessions_max=1))
    assert admission.enter(ONE) is None
    admission.limits = Limits(sessions_max=3, sessions_per_address_max=2)
    assert admission.enter(ONE) is None
    assert admission.enter(ONE) == TOO_MANY
    admission.limits = Limits(sessions_max=1)
    assert admission.enter(OTHER) == FULL
    assert admission.sessions == 2


def test_one_who_comes_back_is_let_in_past_the_bounds_as_long_as_there_are_open_files() -> None:
    admission = admitting(Limits(sessions_max=1, sessions_per_address_max=1), sessions_fit=2)
    admission.enter(ONE)
    assert admission.enter_again(ONE)
    assert not admission.enter_again(OTHER)
    assert admission.sessions == 2
    admission.leave(ONE)
    assert admission.enter(OTHER) == FULL
    admission.leave(ONE)
    assert admission.enter(OTHER) is None


# Open files


def test_where_there_are_fewer_open_files_they_are_the_bound() -> None:
    admission = admitting(Limits(sessions_max=3), sessions_fit=2)
    assert [admission.enter(ONE), admission.enter(OTHER)] == [None, None]
    assert admission.enter("192.0.2.3") == FULL


def test_of_the_open_files_there_are_one_address_gets_three_quarters_and_not_one_more() -> None:
    admission = admitting(Limits(), sessions_fit=8)
    assert [admission.enter(ONE) for _ in range(6)] == [None] * 6
    text = "Your address has 6 connections, which is the limit. Close one of them first."
    assert admission.enter(ONE) == Refused("too-many-sessions", text)
    assert admission.enter_again(ONE)
    assert admission.enter(OTHER) is None
    assert admission.budgets.used("sessions", ONE) == 7


def test_that_an_address_has_its_share_of_the_open_files_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    admission = admitting(Limits(sessions_max=8), sessions_fit=8)
    for _ in range(10):
        admission.enter(ONE)
    assert [record.message for record in caplog.records] == [
        "the server is full for one address, so its new connections are rejected"
    ]


def test_where_there_is_room_for_one_alone_it_is_let_in() -> None:
    assert admitting(Limits(), sessions_fit=1).enter(ONE) is None


def test_a_class_behind_one_address_gets_in_where_1024_files_may_be_open() -> None:
    admission = admitting(Limits(), sessions_fit=732)
    assert [admission.enter(ONE) for _ in range(300)] == [None] * 300


@pytest.mark.parametrize(
    ("limits", "sessions_fit", "level"),
    [
        (Limits(sessions_max=3), 3, None),
        (Limits(sessions_max=3), 2, logging.WARNING),
        (Limits(), 2, logging.INFO),  # the default, which nobody configured
    ],
)
def test_whoever_asks_for_more_than_there_are_open_files_for_is_warned(
    caplog: pytest.LogCaptureFixture, limits: Limits, sessions_fit: int, level: int | None
) -> None:
    caplog.set_level(logging.INFO)
    admitting(limits, sessions_fit=sessions_fit)
    assert [record.levelno for record in caplog.records] == ([] if level is None else [level])


def test_that_the_server_is_full_is_logged_once_until_there_is_room_again(caplog: pytest.LogCaptureFixture) -> None:
    admission = admitting(Limits(sessions_max=2))
    for _ in range(2):
        admission.enter(ONE)
        admission.enter(ONE)
        for _ in range(3):
            assert admission.enter(ONE) == FULL
        admission.leave(ONE)
        admission.leave(ONE)
    assert [record.getMessage() for record in caplog.records] == [
        "the server is full, so new connections are rejected"
    ] * 2
