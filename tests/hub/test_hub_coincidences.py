"""Two rare things in the same moment, most of them a resume and a failure. `tests/simulation` found each of these."""

from collections.abc import Iterator

from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Hello, Leave, Mute, Quit, Resume, Say, Send, Shutdown, Switch, Whisper
from antechamber.protocol.events import Entry, Left, Queued, Said, Seated
from antechamber.protocol.notices import Goodbye, Place, Refusal, Resumed, Welcome, Whispered
from tests.fakes import FailingLog, House, Person, not_kept
from tests.reconnecting_people import HOLDS, last_read, token_of


class FullHouse(House):
    """A house whose members may come back, and whose log may fail."""

    log: FailingLog

    def __init__(self, seats: int = 5) -> None:
        super().__init__(seats, HOLDS, FailingLog())

    def fail_once(self) -> None:
        self.log.failures = iter([True])


def come_back(house: House, person: Person) -> Person:
    """Open another connection, and ask to go on; the hub has not taken its turn yet."""
    told = person.all_messages()
    token = [message.token for message in told if isinstance(message, Welcome | Resumed)][-1]
    back = house.knock()
    back.ask(Resume(token, max((message.sequence for message in told if isinstance(message, Entry)), default=0)))
    return back


def test_who_switches_in_the_very_turn_of_its_resume_reads_nothing_of_before() -> None:
    house = House(seats=1, limits=HOLDS)
    mary, _ = house.enter("Mary"), house.enter("Bob", "games")
    mary.vanish()
    back = come_back(house, mary)
    back.ask(Switch("games"))
    house.run()
    assert [type(message) for message in back.messages()] == [Resumed, Welcome, Place]
    assert not back.transport.aborted
    house.check()


def test_who_quits_in_the_very_turn_of_its_resume_reads_nothing_after_its_goodbye() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    mary.vanish()
    back = come_back(house, mary)
    back.ask(Quit())
    house.run()
    assert [type(message) for message in back.messages()] == [Resumed, Goodbye]
    house.check()


def test_a_switch_that_was_not_kept_leads_no_resume_away() -> None:
    house = FullHouse()
    mary = house.enter("Mary")
    house.fail_once()
    mary.ask(Switch("games", "1"))
    house.run()
    mary.vanish()
    back = come_back(house, mary)
    house.run()
    (resumed,) = back.messages()
    assert isinstance(resumed, Resumed)
    assert (resumed.channel, resumed.seated) == ("general", True)
    house.check()


def test_nothing_is_held_for_one_who_has_quit_while_the_log_fails() -> None:
    house = FullHouse()
    mary = house.enter("Mary")
    house.fail_once()
    mary.ask(Quit())
    house.run()
    mary.vanish()
    house.run()
    assert house.events() == [Queued("Mary", True), Seated("Mary"), Left("Mary", "quit")]
    house.check()


def test_a_resume_in_a_turn_that_was_not_kept_reads_nothing_of_that_turn() -> None:
    house = FullHouse(seats=1)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    bob.vanish()
    house.run()
    house.fail_once()
    back = come_back(house, bob)
    mary.ask(Quit())
    house.run()
    assert [type(message) for message in back.messages()] == [Resumed, Place]
    assert not back.session.seated
    house.check()
    house.loop.advance(1)
    assert [entry.event for entry in back.messages() if isinstance(entry, Entry)] == [Seated("Bob")]
    house.check()


def test_a_resume_to_a_channel_that_has_stopped_is_told_so() -> None:
    house = FullHouse()
    mary = house.enter("Mary")
    house.log.unreadable = house.log.full = True
    mary.ask(Leave("lost"), Say("hi"))
    house.loop.advance(61)
    assert house.rooms["general"].stopped
    assert house.rooms["general"].audience.groups == {}
    back = come_back(house, mary)
    house.run()
    assert [message.code for message in back.messages() if isinstance(message, Refusal)] == ["stopped"]


def test_a_whisper_to_one_whose_departure_is_not_kept_yet_is_refused() -> None:
    house = FullHouse()
    house.hub.announce_front_desk(9876)
    mary, bob = house.enter("Mary"), house.knock()
    bob.ask(Hello("Bob", hold=False))
    house.run()
    house.fail_once()
    bob.vanish()
    house.run()
    house.quiet(mary, bob)
    mary.ask(Whisper("Bob", "psst", "1"))
    house.run()
    assert mary.refusals() == [("away", "1")]
    assert not [message for message in bob.messages() if isinstance(message, Whispered)]


def test_a_file_ends_with_the_connection_that_is_taken_over_while_the_log_fails() -> None:
    house = FullHouse()
    house.hub.announce_front_desk(9876)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(Send("Bob", "a.txt", 5))
    house.run()
    house.fail_once()
    come_back(house, mary)
    bob.ask(Say("hi", "1"))
    house.run()
    assert mary.transport.closed
    assert house.transfers.of(mary.session) == []


def test_a_member_who_asks_for_a_shutdown_is_answered_while_the_log_fails() -> None:
    house = FullHouse()
    mary = house.enter("Mary")
    house.quiet(mary)
    house.fail_once()
    mary.ask(Say("hi", "1"), Shutdown("2"))
    house.run()
    assert mary.messages() == [not_kept("1"), not_kept("2")]


class ForgettingLog(MemoryLog):
    """A log whose entries are kept no more from some moment on."""

    first = 1

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        return super().read_from(channel, max(sequence, self.first))


def test_who_is_to_read_what_is_kept_no_more_is_cut_off_and_told_at_its_next_resume() -> None:
    log = ForgettingLog()
    house = House(limits=HOLDS._replace(catch_up_bytes_max=1000), log=log)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    bob.ask(*[Say(f"line {n}") for n in range(100)])
    house.run()
    back = house.knock()
    back.ask(Resume(token_of(mary), last_read(mary)))
    house.loop.step()  # the turn
    house.loop.step()  # the first piece
    log.first = 90
    house.run()
    assert back.transport.aborted
    read = [message.sequence for message in back.all_messages() if isinstance(message, Entry)]
    assert read == list(range(read[0], read[-1] + 1))
    back.vanish()
    again = come_back(house, back)
    house.loop.advance(1)
    resumed, *entries = again.messages()
    assert isinstance(resumed, Resumed)
    assert resumed.first == 90
    assert [entry.event for entry in entries if isinstance(entry, Entry)] == [
        Said("Bob", f"line {n}") for n in range(85, 100)
    ]


def test_a_mute_that_was_not_kept_ends_none_that_was_though_somebody_has_set_the_clock() -> None:
    house = FullHouse()
    mary = house.enter("Mary")
    house.operator.ask(Mute("general", "Mary", 600))
    house.run()
    house.clock.set_forward_seconds = 86_400.0
    house.fail_once()
    house.operator.ask(Mute("general", "Mary", 5), Mute("general", "Mary", 7))
    house.loop.advance(599)
    house.quiet(mary)
    mary.ask(Say("hi", "1"))
    house.run()
    assert mary.refusals() == [("muted", "1")]
    house.loop.advance(1)
    mary.ask(Say("hi", "1"))
    house.run()
    assert house.events()[-1] == Said("Mary", "hi", "1")
