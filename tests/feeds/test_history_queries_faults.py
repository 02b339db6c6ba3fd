"""History queries whose askers have gone before the answer, and a log that cannot be read."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from antechamber.codec.jsonl import JSON
from antechamber.log import LogError, Page, Reader
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import History, Leave, Quit, Resume, Say, Search, Switch
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Entries, Goodbye, Refusal, Welcome
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room
from tests.fakes import NOON, SECRET, CountingEncoding, FailingLog, House, Person
from tests.slow_history import CountingReaderLog, SlowHouse, chat, replies

HOLDS = Limits(seat_hold_seconds=60.0, place_hold_seconds=60.0, held_visit_seconds_min=0)


# Askers who are somewhere else when the answer comes


LEAVING: list[Callable[[House, Person], None]] = [
    lambda _, person: person.ask(Quit()),
    lambda _, person: person.ask(Switch("games")),
    lambda _, person: person.vanish(),
    lambda house, _: house.hub._stop_room(house.hub._new_turn(), house.rooms["general"]),
]


@pytest.mark.parametrize("leave", LEAVING)
@pytest.mark.parametrize("begun", [False, True])
def test_anyone_who_is_gone_by_then_is_told_nothing(leave: Callable[[House, Person], None], begun: bool) -> None:
    house = SlowHouse()
    first, mary = house.enter("First"), house.enter("Mary")
    if not begun:
        first.ask(History(limit=1, id="1"))
    mary.ask(History(id="1"))
    house.run()
    leave(house, mary)
    house.answer()
    assert not any(isinstance(message, Entries) for message in mary.all_messages())
    assert house.hub.history_queries._asking == {}
    assert house.hub.history_queries.unread == {}


def test_nothing_is_read_for_those_who_are_all_gone() -> None:
    log = CountingReaderLog()
    house = SlowHouse(log=log)
    first, mary, bob = (house.enter(name) for name in ("First", "Mary", "Bob"))
    first.ask(History(limit=1))
    mary.ask(History(limit=2))
    bob.ask(History(limit=2))
    house.run()
    mary.ask(Quit())
    bob.ask(Quit())
    house.answer()
    assert log.reads == 1


def test_anyone_who_left_and_came_back_is_another_member() -> None:
    house = SlowHouse()
    mary = house.enter("Mary")
    mary.ask(History(id="1"))
    house.run()
    mary.ask(Switch("games"), Switch("general"))
    house.run()
    mary.new()
    house.answer()
    assert mary.messages() == []


def test_anyone_who_has_switched_may_ask_there_at_once() -> None:
    house = SlowHouse()
    first, mary = house.enter("First"), house.enter("Mary")
    first.ask(History(limit=1))
    mary.ask(History(limit=2, id="1"))
    house.run()
    mary.ask(Switch("games"))
    house.run()
    mary.new()
    mary.ask(History(id="2"), History(id="3"))
    house.run()
    assert mary.refusals() == [("busy", "3")]
    assert [question.channel for question in house.hub.history_queries.unread] == ["games"]
    house.answer()
    assert replies(mary) == [("2", [1, 2], False)]


def test_anyone_who_has_switched_while_it_was_read_may_ask_there_at_once() -> None:
    house = SlowHouse()
    mary = house.enter("Mary")
    mary.ask(History(id="1"))
    house.run()
    mary.ask(Switch("games"))
    house.run()
    mary.new()
    mary.ask(History(id="2"))
    house.answer()
    assert replies(mary) == [("2", [1, 2], False)]


def test_anyone_who_came_back_by_another_connection_asks_anew() -> None:
    house = SlowHouse(limits=HOLDS)
    mary = house.enter("Mary")
    (welcome,) = [message for message in mary.all_messages() if isinstance(message, Welcome)]
    mary.ask(History(id="1"))
    house.run()
    mary.vanish()
    again = house.knock()
    again.ask(Resume(welcome.token, after=2))
    house.run()
    again.new()
    again.ask(History(id="1"))
    house.answer()
    assert replies(again) == [("1", [1, 2], False)]
    assert not any(isinstance(message, Entries) for message in mary.all_messages())


def test_a_member_whose_connection_is_lost_loses_its_question_with_it() -> None:
    house = SlowHouse()
    mary = house.enter("Mary")
    mary.ask(History(id="1"), Leave("lost"))
    house.answer()
    assert house.hub.history_queries._asking == {}


def test_a_member_who_quits_while_the_log_keeps_nothing_is_told_nothing_after_its_goodbye() -> None:
    log = FailingLog()
    house = SlowHouse(log=log)
    mary = house.enter("Mary")
    mary.ask(History(id="1"))
    house.run()
    log.full = True
    mary.ask(Quit())
    house.run()
    house.answer()
    assert isinstance(mary.all_messages()[-1], Goodbye)


# What goes wrong


class SpoiltLog(MemoryLog):
    """A log that cannot be read, with this `error`."""

    error: Exception = LogError("The log x.db is damaged near entry 7.")

    def reader(self) -> Reader:
        log = self

        class Spoilt:
            def before(self, *_: Any) -> Page:
                raise log.error

            after = find = before

            def sequence_before(self, *_: Any) -> int:
                raise log.error

            def sequence_since(self, *_: Any) -> int:
                raise log.error

            def interrupt(self) -> None:
                """Do nothing, as nothing is under way."""

            def close(self) -> None:
                """Do nothing, as nothing is open."""

        return Spoilt()


@pytest.mark.parametrize("error", [SpoiltLog.error, RuntimeError("a fault of ours")])
@pytest.mark.parametrize("question", [History(id="1"), History(after=1, id="1"), Search("hello", id="1")])
def test_what_cannot_be_read_is_refused_and_the_rest_goes_on(
    error: Exception, question: History | Search, caplog: pytest.LogCaptureFixture
) -> None:
    log = SpoiltLog(secret=SECRET)
    log.error = error
    house = House(log=log)
    mary = house.enter("Mary")
    with caplog.at_level(logging.ERROR):
        mary.ask(question)
        house.run()
    (refusal,) = mary.messages()
    text = "That part of the server's log cannot be read."
    assert refusal == Refusal(NOON, "unreadable", text, "1")
    assert [record.getMessage() for record in caplog.records] == ["a history query failed"]
    chat(house, mary, "still here")
    mary.ask(question)
    house.run()
    assert mary.refusals() == [("unreadable", "1")]


def test_a_question_is_answered_in_a_turn_that_the_log_did_not_keep() -> None:
    house = SlowHouse(log=FailingLog(failures=[False, False, True]))
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary)
    mary.ask(History(id="1"))
    bob.ask(Say("lost"))
    house.run()
    assert [code for code, _ in bob.refusals()] == ["not-kept"]
    house.answer()
    assert replies(mary) == [("1", [1, 2, 3, 4], False)]


def test_of_two_who_ask_the_same_in_an_undone_turn_each_is_answered_once() -> None:
    house = SlowHouse(log=FailingLog(failures=[False, False, True]))
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary)
    for person in (mary, bob):
        person.ask(History(id="1"))
    bob.ask(Say("lost"))
    house.run()
    assert [type(message) for message in bob.messages()] == [Refusal]
    house.answer()
    assert [len(replies(person)) for person in (mary, bob)] == [1, 1]


# The end


def test_a_hub_that_closes_answers_nobody_any_more() -> None:
    house = SlowHouse()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(History(id="1"))
    bob.ask(History(limit=1, id="1"))
    house.run()
    house.hub.close()
    assert house.slow.closed
    (reading, _), *_ = house.slow.work
    assert isinstance(reading(), Refused)  # as it was interrupted
    house.slow.finish()
    house.run()
    for person in (mary, bob):
        assert not any(isinstance(message, Entries) for message in person.all_messages())
    house.hub.close()


def test_the_bounds_of_a_reload_hold_for_the_next_answer() -> None:
    house = House()
    mary = house.enter("Mary")
    chat(house, mary, "x" * 900, "y" * 900)
    limits = house.limits._replace(catch_up_bytes_max=1_024)
    house.hub.reload([Room(name, room.port, 5, limits) for name, room in house.rooms.items()], limits)
    mary.new()
    mary.ask(History(id="1"))
    house.run()
    assert replies(mary) == [("1", [4], True)]


def test_an_answer_is_encoded_for_its_reader() -> None:
    house = House()
    encoding = CountingEncoding(JSON)
    mary = house.enter("Mary", encoding=encoding)
    before = encoding.single
    mary.ask(History(id="1"))
    house.run()
    assert encoding.single == before + 1
