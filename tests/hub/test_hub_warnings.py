"""Warnings: who is silent for long reads of it before its seat goes."""

import pytest

from antechamber.protocol.commands import Hello, Here, Mute, Ping, Resume, Say, Send
from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits
from antechamber.protocol.notices import Goodbye, Idling, Message, Resumed, Welcome
from tests.fakes import NOON, FailingHouse, House, Person

IDLE = Limits().idle_seconds_max
SILENT = IDLE - IDLE_WARNING_SECONDS


def warnings(person: Person) -> list[Message]:
    """Return the warnings among what was read since the last look."""
    return [message for message in person.messages() if isinstance(message, Idling)]


def test_who_is_silent_for_long_is_warned_once_twenty_seconds_before_its_seat_goes() -> None:
    house = House()
    mary, plain = house.enter("Mary"), house.enter("Bob", plain=True)
    house.loop.advance(SILENT - 0.01)
    assert warnings(mary) == []
    house.quiet(plain)
    house.loop.advance(0.01)
    assert mary.messages() == [Idling(NOON + 80, "general", 20)]
    house.loop.advance(19.99)
    assert mary.new() == plain.new() == b""
    house.loop.advance(0.01)
    assert isinstance(mary.messages()[-1], Goodbye)


def test_a_sign_of_life_ends_it_and_is_worth_another_warning() -> None:
    house = House()
    mary = house.enter("Mary")
    house.loop.advance(90)
    mary.ask(Here())
    house.loop.advance(SILENT - 0.01)
    assert warnings(mary) == [Idling(NOON + 80, "general", 20)]
    house.loop.advance(0.01)
    assert warnings(mary) == [Idling(NOON + 90 + 80, "general", 20)]
    assert not mary.transport.closed


def test_a_ping_does_not_end_it() -> None:
    house = House()
    mary = house.enter("Mary")
    house.loop.advance(90)
    mary.ask(Ping())
    house.loop.advance(10)
    assert mary.transport.closed


@pytest.mark.parametrize(("idle", "told"), [(40.0, 20.0), (39.0, 19.5), (1.0, 0.5)])
def test_where_little_time_is_given_the_warning_comes_at_half_of_it(idle: float, told: float) -> None:
    house = House(limits=Limits(idle_seconds_max=idle))
    mary = house.enter("Mary")
    house.loop.advance(idle)
    assert warnings(mary) == [Idling(NOON + idle - told, "general", told)]


def test_a_warning_comes_as_late_as_a_mute_moves_the_end() -> None:
    house = House()
    mary = house.enter("Mary")
    house.loop.advance(30)
    house.operator.ask(Mute("general", "Mary", 500))
    house.loop.advance(500 + SILENT - 30 - 0.01)
    assert warnings(mary) == []
    house.loop.advance(0.01)
    assert len(warnings(mary)) == 1


def test_who_has_a_file_under_way_to_the_server_is_not_warned() -> None:
    house = House(limits=Limits(transfer_idle_seconds_max=1_000))
    house.hub.announce_front_desk(9876)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(SILENT - 5)
    mary.ask(Send("Bob", "a.txt", 5))
    bob.ask(Here())
    house.run()
    (transfer,) = house.transfers.of(mary.session)
    transfer.state = "uploading"
    house.loop.advance(IDLE - 5)
    assert warnings(mary) == []
    assert len(warnings(bob)) == 1
    transfer.state = "offered"
    house.loop.advance(IDLE)
    assert len(warnings(mary)) == 1
    assert mary.transport.closed


def test_who_has_a_file_under_way_keeps_its_seat_though_the_machine_slept_through_all_of_its_time() -> None:
    house = House(limits=Limits(transfer_idle_seconds_max=1_000))
    house.hub.announce_front_desk(9876)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(Send("Bob", "a.txt", 5))
    house.run()
    (transfer,) = house.transfers.of(mary.session)
    transfer.state = "uploading"
    house.clock.time += IDLE
    house.loop.advance(0)
    assert warnings(mary) == []
    assert not mary.transport.closed
    assert bob.transport.closed
    house.check()


def test_who_comes_back_is_warned_by_its_new_connection_too() -> None:
    house = House(limits=Limits(seat_hold_seconds=60, place_hold_seconds=60, held_visit_seconds_min=0))
    mary = house.enter("Mary")
    (welcome, _) = mary.all_messages()
    assert isinstance(welcome, Welcome)
    house.loop.advance(85)
    mary.vanish()
    house.loop.advance(5)
    again = house.knock("")
    again.ask(Resume(welcome.token, 2))
    house.loop.advance(0.01)
    resumed, idling = again.messages()
    assert isinstance(resumed, Resumed)
    assert idling == Idling(NOON + 90.001, "general", 9.999)
    house.loop.advance(9.99)
    assert again.transport.closed


def test_who_comes_back_in_time_is_warned_in_time() -> None:
    house = House(limits=Limits(seat_hold_seconds=60, place_hold_seconds=60, held_visit_seconds_min=0))
    mary = house.enter("Mary")
    (welcome, _) = mary.all_messages()
    assert isinstance(welcome, Welcome)
    house.loop.advance(70)
    mary.vanish()
    again = house.knock("")
    again.ask(Resume(welcome.token, 2))
    house.loop.advance(9.99)
    assert warnings(again) == []
    house.loop.advance(0.01)
    assert warnings(again) == [Idling(NOON + 80, "general", 20)]


def test_a_warning_in_a_turn_that_was_not_kept_comes_with_the_next() -> None:
    house = FailingHouse()
    mary, zoe = house.enter("Mary"), house.enter("Zoe", "games")
    house.loop.advance(SILENT - 0.5)
    zoe.ask(Here())
    house.run()
    house.fail()
    house.quiet(mary, zoe)
    house.clock.time += 0.5
    zoe.ask(Say("hi"))
    house.run()
    assert zoe.refusals() == [("not-kept", "")]
    house.loop.advance(0.01)
    assert warnings(mary) == [Idling(NOON + 80, "general", 20)]
    house.loop.advance(10)
    assert warnings(mary) == []
    house.check()


def test_a_warning_undone_with_what_was_said_in_its_own_channel_comes_again() -> None:
    house = FailingHouse()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(SILENT - 0.5)
    bob.ask(Here())
    house.run()
    house.fail()
    house.quiet(mary, bob)
    house.clock.time += 0.5
    bob.ask(Say("hi"))
    house.run()
    assert mary.new() == b""
    house.fail(False)
    house.loop.advance(1)
    assert len(warnings(mary)) == 1
    house.check()


def test_a_warning_that_was_told_is_not_told_again_because_a_later_turn_failed() -> None:
    house = FailingHouse()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(SILENT - 0.5)
    bob.ask(Here())
    house.loop.advance(1)
    assert len(warnings(mary)) == 1
    house.fail()
    bob.ask(Say("hi"))
    house.run()
    house.fail(False)
    house.loop.advance(5)
    assert warnings(mary) == []
    house.check()


def test_who_waits_is_not_warned() -> None:
    house = House(seats=1)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(SILENT)
    assert len(warnings(mary)) == 1
    assert bob.new() == b""


def test_a_hello_of_no_idle_time_waits_for_nothing() -> None:
    house = House(limits=Limits(idle_seconds_max=float("inf")))
    house.knock("").ask(Hello("Mary", channel="general"))
    house.loop.advance(1000)
    assert [timer for timer in house.loop.pending() if timer.at < float("inf")] == []
