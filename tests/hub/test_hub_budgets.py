"""What one address may use of the server: bytes of the log, files, looking on, and channels of its own."""

import pytest

from antechamber.irc.network import IrcSettings
from antechamber.protocol.commands import (
    Hello,
    Leave,
    Quit,
    Received,
    Resume,
    Say,
    Send,
    Watch,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Refusal, Ticket, TransferFailed, Welcome
from antechamber.rooms.transfers import Abandon, Uploaded
from tests.fakes import FailingHouse, FailingLog, House, Person
from tests.irc.wire import Client, Net
from tests.people_by_address import comes

# Files

FILES = Limits(address_transfers_max=2, address_transfer_bytes_max=100, transfers_per_session_max=100)


def pair(house: House, host: str = "school") -> tuple[Person, Person]:
    house.hub.announce_front_desk(9000)
    return comes(house, f"Ann-{host}", host), comes(house, f"Bob-{host}", host)


def sends(person: Person, to: Person, size: int) -> str:
    """Ask to send a file, and return its ticket, or why not."""
    person.new()
    person.ask(Send(to.session.name, "a.txt", size))
    person.house.run()
    (answer,) = person.messages()
    assert isinstance(answer, Ticket | Refusal)
    return answer.ticket if isinstance(answer, Ticket) else answer.code


def used(house: House, host: str = "school") -> tuple[int, int]:
    return house.hub.budgets.used("transfers", host), house.hub.budgets.used("transfer_bytes", host)


def test_an_address_has_so_many_files_on_their_way_and_no_more() -> None:
    house = House(limits=FILES)
    ann, bob = pair(house)
    assert [sends(ann, bob, 1), sends(bob, ann, 1), sends(ann, bob, 1)] == ["t1", "t2", "too-many-files"]
    others = pair(house, "elsewhere")
    assert sends(*others, 1) == "t3"
    assert used(house) == (2, 2)


def test_an_address_has_so_many_bytes_on_their_way_and_no_more() -> None:
    house = House(limits=FILES)
    ann, bob = pair(house)
    assert [sends(ann, bob, 60), sends(ann, bob, 41), sends(ann, bob, 40)] == ["t1", "too-many-files", "t2"]
    assert used(house) == (2, 100)


@pytest.mark.parametrize("end", ["received", "declined", "stopped", "abandoned", "sender", "target", "quit"])
def test_whatever_ends_a_file_gives_back_what_it_used_once(end: str) -> None:
    house = House(limits=FILES)
    ann, bob = pair(house)
    kept = sends(bob, ann, 7) if end in ("received", "declined", "stopped", "abandoned") else ""
    ticket = sends(ann, bob, 50)
    if end in ("received", "declined"):
        house.hub.submit(ann.session, [Uploaded(ticket)])
    ends = {
        "received": (bob, Received(ticket)),
        "declined": (bob, Received(ticket, "no")),
        "stopped": (ann, Received(ticket, "no")),
        "abandoned": (ann, Abandon(ticket, "it broke.")),
        "sender": (ann, Leave("lost")),
        "target": (bob, Leave("lost")),
        "quit": (ann, Quit()),
    }
    person, command = ends[end]
    for _ in range(2):
        person.ask(command)
        house.run()
    assert used(house) == ((1, 7) if kept else (0, 0))


def test_a_ticket_that_the_log_did_not_keep_uses_nothing_and_an_end_that_it_did_not_keep_gives_nothing_back() -> None:
    log = FailingLog()
    house = House(limits=FILES, log=log)
    ann, bob = pair(house)
    log.full = True
    ann.ask(Send(bob.session.name, "a.txt", 10), Say("x"))
    house.run()
    assert used(house) == (0, 0)
    log.full = False
    ticket = sends(ann, bob, 10)
    log.full = True
    ann.ask(Received(ticket, "no"), Say("x"))
    house.run()
    assert used(house) in ((0, 0), (1, 10))
    log.full = False
    house.loop.advance(2)
    assert used(house) == (0, 0)


def test_a_file_takes_as_long_as_it_may_and_no_longer_though_it_moves() -> None:
    house = House(limits=Limits(transfer_idle_seconds_max=30, transfer_seconds_max=100, idle_seconds_max=1_000))
    ann, bob = pair(house)
    ticket = sends(ann, bob, 10)
    transfer = house.transfers.get(ticket)
    assert transfer is not None
    for _ in range(99):
        house.loop.advance(1)
        transfer.moved_at = house.clock.time
    assert house.transfers.get(ticket) is transfer
    house.loop.advance(1)
    assert house.transfers.get(ticket) is None
    (failed,) = ann.messages()
    assert isinstance(failed, TransferFailed)
    assert failed.problem == "it took too long."


def test_a_file_whose_size_is_told_late_counts_from_then_on() -> None:
    house = House(limits=FILES)
    ann, bob = pair(house)
    ticket = sends(ann, bob, -1)
    assert used(house) == (1, 0)
    transfer = house.transfers.get(ticket)
    assert transfer is not None
    assert "too many files" in house.transfers.set_size(transfer, 101)
    assert house.transfers.set_size(transfer, 100) == ""
    assert used(house) == (1, 100)
    house.transfers.close(ticket)
    assert house.transfers.close(ticket) is None
    assert used(house) == (0, 0)


# Looking on

LOOKING = Limits(address_watchers_max=2)


def looks_on(house: House, host: str = "school", *, door: str = "") -> Person:
    person = house.knock(door)
    person.session.host = host
    person.ask(Watch())
    house.run()
    return person


def watchers(house: House, host: str = "school") -> int:
    return house.hub.budgets.used("watchers", host)


@pytest.mark.parametrize("door", ["", "general"])
def test_so_many_of_an_address_look_on_and_no_more(door: str) -> None:
    house = House(limits=LOOKING)
    for _ in range(2):
        assert not looks_on(house, door=door).transport.closed
    third = looks_on(house, door=door)
    refusal, goodbye = third.messages()
    assert isinstance(refusal, Refusal)
    assert refusal.code == "too-many-sessions"
    assert isinstance(goodbye, Goodbye)
    assert goodbye.reason == "refused"
    assert third.transport.closed
    assert watchers(house) == 2
    assert not looks_on(house, "elsewhere").transport.closed


def test_who_says_who_it_is_or_goes_or_looks_no_more_makes_room_for_another() -> None:
    house = House(limits=LOOKING)
    first, second = looks_on(house), looks_on(house)
    first.ask(Watch(), Hello("Ann", channel="general"))
    house.run()
    assert watchers(house) == 1
    third = looks_on(house)
    assert not third.transport.closed
    second.vanish()
    house.run()
    third.ask(Watch(channels=False))
    house.run()
    assert watchers(house) == 0
    first.vanish()
    house.run()
    assert watchers(house) == 0


def test_members_and_operators_look_on_as_they_like() -> None:
    house = House(limits=LOOKING)
    looks_on(house)
    looks_on(house)
    ann = comes(house, "Ann")
    ann.ask(Watch())
    page = house.knock("")
    page.session.host, page.session.operator = "school", True
    page.ask(Watch(rosters=("general",)))
    house.run()
    assert not ann.transport.closed
    assert not page.transport.closed
    assert watchers(house) == 2


def test_who_comes_back_looks_on_as_somebody() -> None:
    house = House(limits=LOOKING._replace(seat_hold_seconds=60.0, held_visit_seconds_min=0))
    ann = house.knock()
    ann.session.host = "school"
    ann.ask(Hello("Ann"))
    house.run()
    (token,) = [message.token for message in ann.all_messages() if isinstance(message, Welcome)]
    ann.vanish()
    again = looks_on(house)
    again.ask(Resume(token))
    house.run()
    assert watchers(house) == 0


def test_who_was_not_let_in_after_all_looks_on_still() -> None:
    house = FailingHouse()
    person = looks_on(house)
    house.fail()
    person.ask(Hello("Ann", channel="general"))
    house.run()
    assert watchers(house) == 1
    person.vanish()
    house.run()
    assert watchers(house) == 0


# Channels of their own

FOUNDING = Limits(address_foundings_per_second_max=0.1, address_foundings_burst_max=2)


def founder(net: Net, nick: str, host: str = "school") -> Client:
    client = net.connects(nick)
    client.user.host = host
    return client


def test_an_address_makes_so_many_channels_and_no_more_until_time_has_passed() -> None:
    net = Net(limits=FOUNDING, settings=IrcSettings(open_channels=True))
    ann, bob = founder(net, "Ann"), founder(net, "Bob")
    ann.sends("JOIN #one")
    bob.sends("JOIN #two,#one,#three")
    told = "Your address has made too many channels: wait 10 s, or join one that is there"
    assert f":irc.antechamber 437 Bob #three :{told}".encode() in bob.reads()
    assert list(net.rooms) == ["general", "games", "help"]
    assert list(net.hub.rooms)[3:] == ["one", "two"]
    founder(net, "Cid", "elsewhere").sends("JOIN #four")
    net.loop.advance(10)
    bob.sends("JOIN #three,#five")
    assert list(net.hub.rooms)[3:] == ["one", "two", "four", "three"]


def test_channels_that_are_made_and_left_again_count() -> None:
    net = Net(limits=FOUNDING, settings=IrcSettings(open_channels=True))
    ann = founder(net, "Ann")
    for number in range(4):
        ann.sends(f"JOIN #c{number}", f"PART #c{number}")
    ann.sends("JOIN #c4")
    assert list(net.hub.rooms) == ["general", "games", "help"]


def test_what_is_no_name_or_one_too_many_for_the_server_costs_no_founding() -> None:
    net = Net(limits=FOUNDING._replace(channels_max=4), settings=IrcSettings(open_channels=True))
    ann = founder(net, "Ann")
    ann.sends("JOIN #one", "JOIN #two", "JOIN #three", "JOIN #b@d,", "PART #one", "JOIN #two")
    assert list(net.hub.rooms)[3:] == ["two"]
