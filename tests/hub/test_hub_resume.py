"""A lost connection costs neither seat nor place: hold, resume, catch up."""

from antechamber.protocol.commands import Empty, Hello, Kick, Leave, Mute, Quit, Resume, Say, Send, Whisper
from antechamber.protocol.events import Left, Muted, Queued, Said, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Place, Refusal, Resumed, Whispered
from tests.fakes import NOON, FailingLog, House
from tests.reconnecting_people import HOLDS, come_back, entries, last_read, token_of


def test_a_lost_connection_leaves_the_seat_and_tells_nobody() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob)
    mary.vanish()
    house.run()
    assert bob.messages() == []
    assert list(house.state().seated) == ["Mary", "Bob"]
    assert house.hub.channels()[0].seated == 2
    house.check()


def test_a_resumed_member_reads_what_it_missed_and_then_what_happens() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob)
    mary.vanish()
    bob.ask(Say("one"), Say("two"))
    house.run()
    back = come_back(house, mary)
    first, *missed = back.messages()
    assert isinstance(first, Resumed)
    assert (first.channel, first.name, first.seated, first.first, first.last) == ("general", "Mary", True, 5, 6)
    assert (first.seat_hold_seconds, first.place_hold_seconds) == (60, 300)
    assert missed == house.entries()[4:6]
    bob.ask(Say("three"))
    house.run()
    assert back.messages() == house.entries()[6:]
    house.check()


def test_what_happens_in_the_very_turn_of_a_resume_is_read_once() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    house.run()
    back = house.knock()
    bob.ask(Say("before"))
    back.ask(Resume(token_of(mary), last_read(mary)))
    bob.ask(Say("after"))
    back.ask(Say("my own"))
    house.run()
    assert [entry.event for entry in entries(back)] == [
        Said("Bob", "before"),
        Said("Bob", "after"),
        Said("Mary", "my own"),
    ]
    house.check()


def test_a_seat_is_held_for_so_long_and_not_longer() -> None:
    house = House(seats=1, limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    house.loop.advance(59.9)
    assert list(house.state().seated) == ["Mary"]
    house.loop.advance(0.2)
    assert list(house.state().seated) == ["Bob"]
    assert house.events()[-2:] == [Left("Mary", "lost"), Seated("Bob")]
    back = come_back(house, mary)
    refusal, goodbye = back.messages()
    assert isinstance(refusal, Refusal)
    assert refusal.code == "resume-over"
    assert refusal.text.startswith("You were away for too long")
    assert isinstance(goodbye, Goodbye)
    assert goodbye.reason == "refused"
    assert back.transport.closed
    assert bob.session.seated


def test_a_place_in_the_line_is_held_for_so_long_and_not_longer() -> None:
    house = House(seats=1, limits=HOLDS)
    _, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve")
    bob.vanish()
    house.loop.advance(299.9)
    assert house.state().waiting == ["Bob", "Eve"]
    house.loop.advance(0.2)
    assert house.state().waiting == ["Eve"]
    assert [message.ahead for message in eve.messages() if isinstance(message, Place)] == [0]


def test_a_resumed_member_in_the_line_is_told_its_place() -> None:
    house = House(seats=1, limits=HOLDS)
    mary, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve")
    eve.vanish()
    bob.ask(Quit())
    house.run()
    back = come_back(house, eve, "games")
    resumed, place = back.messages()
    assert isinstance(resumed, Resumed)
    assert not resumed.seated
    assert resumed.first == resumed.last + 1
    assert isinstance(place, Place)
    assert place.ahead == 0
    mary.ask(Quit())
    house.run()
    assert [entry.event for entry in entries(back)] == [Seated("Eve")]
    house.check()


def test_who_comes_back_to_a_free_seat_has_it_and_reads_from_there() -> None:
    house = House(seats=1, limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    bob.vanish()
    house.loop.advance(200)
    mary.ask(Say("not for Bob"), Quit())
    house.run()
    house.loop.advance(59)
    back = come_back(house, bob)
    assert [entry.event for entry in entries(back)] == [Seated("Bob")]
    house.check()


def test_a_seat_that_came_by_coming_back_is_held_as_any_other() -> None:
    house = House(seats=1, limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    bob.vanish()
    mary.ask(Quit())
    house.loop.advance(200)
    come_back(house, bob).vanish()
    house.loop.advance(59.9)
    assert list(house.state().seated) == ["Bob"]
    house.loop.advance(0.1)
    assert list(house.state().seated) == []


def test_without_a_hold_a_lost_connection_frees_the_seat_at_once() -> None:
    house = House(seats=1)
    mary = house.enter("Mary")
    house.enter("Bob")
    mary.vanish()
    house.run()
    assert list(house.state().seated) == ["Bob"]


def test_a_hold_of_places_alone_frees_a_seat_at_once() -> None:
    house = House(seats=1, limits=Limits(place_hold_seconds=300, held_visit_seconds_min=0))
    mary, bob = house.enter("Mary"), house.enter("Bob")
    eve = house.enter("Eve")
    bob.vanish()
    house.run()
    assert house.state().waiting == ["Bob", "Eve"]
    mary.vanish()
    house.loop.advance(0.01)
    assert list(house.state().seated) == ["Eve"], "Bob had the seat, and was not there"
    assert eve.session.seated


def test_who_wants_no_hold_gets_no_token_and_leaves_at_once() -> None:
    house = House(limits=HOLDS)
    mary = house.knock()
    mary.ask(Hello("Mary", hold=False))
    house.run()
    assert token_of(mary) == ""
    mary.vanish()
    house.run()
    assert house.events() == [Queued("Mary"), Seated("Mary"), Left("Mary", "lost")]


def test_a_plain_session_leaves_at_once() -> None:
    house = House(limits=HOLDS)
    mary = house.knock(plain=True)
    mary.ask(Hello("Mary", hold=False))
    house.run()
    mary.vanish()
    house.run()
    assert house.events()[-1] == Left("Mary", "lost")


def test_a_resume_takes_over_from_a_connection_that_seems_alive() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob)
    back = come_back(house, mary)
    assert [message.reason for message in mary.messages() if isinstance(message, Goodbye)] == ["resumed"]
    assert mary.transport.closed
    mary.vanish()
    bob.ask(Say("hi"))
    house.run()
    assert [entry.event for entry in entries(back)] == [Said("Bob", "hi")]
    assert mary.lines() == []
    house.check()


def test_a_resume_comes_before_the_news_that_the_connection_was_lost() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    back = house.knock()
    back.ask(Resume(token_of(mary), last_read(mary)))
    mary.ask(Leave("lost"))
    house.run()
    assert house.rooms["general"].sessions["Mary"] is back.session
    assert house.rooms["general"].held == {}
    house.check()


def test_a_token_is_good_for_one_membership_alone() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    mary.ask(Quit())
    house.run()
    other = house.enter("Mary")
    back = come_back(house, mary)
    assert [message.code for message in back.messages() if isinstance(message, Refusal)] == ["resume-ended"]
    assert house.rooms["general"].sessions["Mary"] is other.session


def test_a_token_of_nobody_is_refused() -> None:
    house = House(limits=HOLDS)
    back = house.knock()
    back.ask(Resume("bm90.aGluZw"))
    house.run()
    refusal, goodbye = back.messages()
    assert isinstance(refusal, Refusal)
    assert refusal.code == "bad-token"
    assert refusal.utc_offset_seconds == 3600
    assert isinstance(goodbye, Goodbye)


def test_a_resume_in_another_version_of_the_protocol_is_refused() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    back = house.knock()
    back.ask(Resume(token_of(mary), 0, protocol=2))
    house.run()
    assert [message.code for message in back.messages() if isinstance(message, Refusal)] == ["protocol"]


def test_who_is_somebody_already_resumes_nothing() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    bob.ask(Resume(token_of(mary), 0, id="7"))
    house.run()
    assert bob.refusals() == [("named-already", "7")]


def test_the_operator_reaches_those_who_are_away() -> None:
    house = House(seats=2, limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    bob.vanish()
    house.operator.ask(Kick("general", "Mary"))
    house.run()
    house.operator.ask(Empty("general"))
    house.run()
    assert house.rooms["general"].held == {}
    for gone, words in ((mary, "closed your connection"), (bob, "emptied")):
        refusal, _ = come_back(house, gone).messages()
        assert isinstance(refusal, Refusal)
        assert refusal.code == "resume-ended"
        assert words in refusal.text


def test_an_idle_time_goes_on_while_its_member_is_away() -> None:
    house = House(limits=HOLDS._replace(seat_hold_seconds=5000))
    mary = house.enter("Mary")
    house.loop.advance(500)
    mary.vanish()
    house.loop.advance(500.1)
    refusal, _ = come_back(house, mary).messages()
    assert isinstance(refusal, Refusal)
    assert refusal.code == "resume-over"
    assert "You sent nothing for too long" in refusal.text


def test_a_resume_is_no_sign_of_life_of_the_person() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    house.loop.advance(990)
    mary.vanish()
    back = come_back(house, mary)
    house.loop.advance(10.1)
    assert [message.reason for message in back.messages() if isinstance(message, Goodbye)] == ["idle"]


def test_a_whisper_to_somebody_away_is_refused() -> None:
    house = House(limits=HOLDS)
    house.hub.announce_front_desk(9876)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob)
    mary.vanish()
    bob.ask(Whisper("Mary", "psst", "1"), Send("Mary", "a.txt", 5, "", "2"))
    house.run()
    assert bob.refusals() == [("away", "1"), ("away", "2")]
    back = come_back(house, mary)
    bob.ask(Whisper("Mary", "psst", "3"))
    house.run()
    assert [message.text for message in back.messages() if isinstance(message, Whispered)] == ["psst"]


def test_the_ids_of_commands_are_remembered_across_a_resume() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(bob)
    mary.ask(Say("hi", "1"))
    house.run()
    mary.vanish()
    back = come_back(house, mary)
    back.ask(Say("hi", "1"), Say("there", "2"))
    house.run()
    assert [entry.event for entry in entries(bob)] == [Said("Mary", "hi", "1"), Said("Mary", "there", "2")]


def test_a_mute_goes_on_across_a_resume() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    mary.vanish()
    house.operator.ask(Mute("general", "Mary", 30))
    house.run()
    back = come_back(house, mary)
    back.ask(Say("hi", "1"))
    house.run()
    assert [entry.event for entry in entries(back)] == [Muted("Mary", 30)]
    assert house.events()[-1] == Muted("Mary", 30)


def test_held_seats_are_held_by_a_restarted_server() -> None:
    house = House(seats=1, limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.enter("Plain", plain=True)
    plain = house.knock(plain=True)
    plain.ask(Hello("Eve", hold=False))
    house.run()
    house.operator.ask(Mute("general", "Mary", 500))
    house.run()
    house.clock.time += 100
    again = House(seats=1, limits=HOLDS, log=house.log, clock=house.clock)
    assert (list(again.state().seated), again.state().waiting) == (["Mary"], ["Bob", "Plain"])
    back = come_back(again, mary)
    assert [entry.event for entry in entries(back)] == [Left("Eve", "lost", False)]
    back.ask(Say("hi", "1"))
    again.run()
    assert back.refusals() == [("muted", "1")]
    again.loop.advance(299)
    assert [type(message) for message in come_back(again, bob).messages()] == [Resumed, Place]
    again.check()
    again.loop.advance(2)
    assert again.state().waiting == ["Bob"]


def test_a_restarted_server_seats_those_who_are_held_once_they_are_back() -> None:
    house = House(seats=1, limits=HOLDS)
    plain = house.knock()
    plain.ask(Hello("Plain", hold=False))
    house.run()
    bob, eve = house.enter("Bob"), house.enter("Eve")
    again = House(seats=1, limits=HOLDS, log=house.log, clock=house.clock)
    assert (list(again.state().seated), again.state().waiting) == ([], ["Bob", "Eve"])
    come_back(again, eve)
    assert (list(again.state().seated), again.state().waiting) == (["Eve"], ["Bob"])
    assert again.events()[-2:] == [Left("Plain", "lost"), Seated("Eve")]
    come_back(again, bob)
    assert again.state().waiting == ["Bob"]
    again.check()


def test_a_snapshot_keeps_who_holds() -> None:
    limits = HOLDS._replace(snapshot_entries_max=1)
    house = House(seats=1, limits=limits)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    again = House(seats=1, limits=limits, log=house.log, clock=house.clock)
    for person in (mary, bob):
        assert isinstance(come_back(again, person).messages()[0], Resumed)
    again.check()


def test_a_clock_that_is_set_moves_nobody() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.operator.ask(Mute("general", "Bob", 30))
    mary.vanish()
    house.run()
    for seconds in (86_400.0, -86_400.0):
        house.clock.set_forward_seconds = seconds
        house.quiet(bob)
        bob.ask(Say("hi", "1"))
        house.loop.advance(1)
        assert bob.refusals() == [("muted", "1")]
        assert list(house.state().seated) == ["Mary", "Bob"]
    house.loop.advance(28.5)
    house.quiet(bob)
    bob.ask(Say("hi", "2"))
    house.run()
    assert [entry.time for entry in entries(bob)] == [NOON + 0.001]  # no earlier than the mute


def test_nothing_is_held_for_one_who_quit_while_the_log_failed() -> None:
    log = FailingLog()
    house = House(limits=HOLDS, log=log)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob)
    log.full = True
    mary.ask(Quit())
    house.run()
    assert mary.messages() == [Goodbye(NOON, "quit", "Goodbye.")]
    mary.vanish()
    house.run()
    log.full = False
    house.loop.advance(1)
    assert house.events()[-1] == Left("Mary", "quit")
    assert bob.messages() == house.entries()[-1:]
    house.check()
