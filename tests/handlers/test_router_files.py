"""Files on their way, as the hub sees them."""

from math import inf

import pytest

from antechamber.protocol.commands import (
    Kick,
    List,
    Quit,
    Received,
    Say,
    Send,
    Switch,
)
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Done, Offer, Refusal, Sent, Ticket, TransferFailed
from antechamber.rooms.transfers import Abandon, Uploaded
from tests.fakes import NOON, House, Person, server


def house_with_files(limits: Limits | None = None) -> tuple[House, Person, Person]:
    house = House(limits=limits)
    house.hub.announce_front_desk(9876)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob, house.operator)
    return house, mary, bob


def test_a_file_goes_from_ticket_to_offer_to_sent() -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "../a.txt", 5, "", "7"))
    house.run()
    assert mary.messages() == [Ticket(NOON, "t1", "/files/t1", "7")]
    mary.ask(Uploaded("t1"))
    house.run()
    assert bob.messages() == [Offer(NOON, "Mary", "a.txt", 5, "t1", "/files/t1")]
    bob.ask(Received("t1", "", "8"))
    house.run()
    assert bob.messages() == [Done(NOON, "8")]
    assert mary.messages() == [Sent(NOON, "Mary", "Bob", "../a.txt")]
    assert house.operator.lines() == [server("Mary sent ../a.txt to Bob.")]
    assert house.transfers.get("t1") is None


@pytest.mark.parametrize("uploaded", [False, True])
def test_the_sender_stops_its_file_wherever_it_is(uploaded: bool) -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "a.txt", 5))
    if uploaded:
        mary.ask(Uploaded("t1"))
    house.run()
    mary.new()
    bob.new()
    mary.ask(Received("t1", "", "8"))
    house.run()
    assert mary.messages() == [Done(NOON, "8")]
    assert house.transfers.get("t1") is not None
    mary.ask(Received("t1", "Mary stopped it.", "9"))
    house.run()
    failed = TransferFailed(NOON, "Mary", "Bob", "a.txt", "t1", "Mary stopped it.")
    assert mary.messages() == [failed, Done(NOON, "9")]
    assert bob.messages() == ([failed] if uploaded else [])
    assert house.transfers.get("t1") is None


@pytest.mark.parametrize(
    ("send", "refusals"),
    [
        (Send("Joe", "a.txt", 5), [("not-here", "Joe is not here.")]),
        (Send("Bob", "a.txt", problem="missing"), [("no-such-file", "a.txt does not exist.")]),
        (
            Send("Joe", "a.txt", problem="missing"),
            [("not-here", "Joe is not here."), ("no-such-file", "a.txt does not exist.")],
        ),
        (Send("Bob", "a.txt", problem="folder"), [("not-a-file", "a.txt is a folder.")]),
        (Send("Bob", "{path}", problem="unreadable"), [("unreadable-file", "{path} cannot be read.")]),
        (Send("Eve", "a.txt", 5), [("no-files", "Eve cannot receive files.")]),
        (Send("Bob", "a.txt", (100 << 20) + 1), [("file-too-large", "a.txt is larger than 100 MiB.")]),
    ],
)
def test_a_file_that_cannot_be_sent_says_why(send: Send, refusals: list[tuple[str, str]]) -> None:
    house, mary, bob = house_with_files()
    house.enter("Eve", plain=True)
    house.quiet(mary, bob, house.operator)
    mary.ask(send)
    house.run()
    assert mary.messages() == [Refusal(NOON, code, text) for code, text in refusals]
    assert bob.new() == house.operator.new() == b""


def test_a_file_as_large_as_its_bound_is_taken() -> None:
    house, mary, _ = house_with_files()
    mary.ask(Send("Bob", "a.txt", 100 << 20))
    house.run()
    assert isinstance(mary.messages()[0], Ticket)


def test_a_plain_session_sends_no_files() -> None:
    house, _, _ = house_with_files()
    eve = house.enter("Eve", plain=True)
    eve.ask(Send("Bob", "a.txt"), Send("Joe", "a.txt"))
    house.run()
    assert eve.lines() == [server("Files are sent with the chatclient program."), server("Joe is not here.")]


def test_as_many_files_are_on_their_way_as_the_bounds_say() -> None:
    house, mary, bob = house_with_files(Limits(transfers_per_session_max=2, transfers_max=3))
    mary.ask(*[Send("Bob", "a.txt", 5)] * 3)
    house.run()
    assert [type(message) for message in mary.messages()] == [Ticket, Ticket, Refusal]
    bob.ask(*[Send("Mary", "a.txt", 5)] * 2)
    house.run()
    assert [type(message) for message in bob.messages()] == [Ticket, Refusal]


def test_a_file_that_its_target_could_not_keep_fails_for_both() -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "a.txt", 5), Uploaded("t1"))
    house.run()
    house.quiet(mary, bob)
    bob.ask(Received("t1", "no\nroom " + "x" * 300))
    house.run()
    failed = TransferFailed(NOON, "Mary", "Bob", "a.txt", "t1", "no\ufffdroom " + "x" * 192)
    assert mary.messages() == [failed]
    assert bob.messages() == [failed]


@pytest.mark.parametrize("ticket", ["t1", "t9"])
def test_a_word_on_a_file_that_is_not_ones_own_or_not_there_changes_nothing(ticket: str) -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "a.txt", 5), Received("t1"), Uploaded("t9"), Abandon("t9", "gone"))
    bob.ask(Received(ticket))
    house.run()
    transfer = house.transfers.get("t1")
    assert transfer is not None
    assert transfer.state == "asked"
    assert bob.new() == b""


def test_a_file_that_broke_on_its_way_is_told_to_those_who_know_of_it() -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "a.txt", 5), Send("Bob", "b.txt", 5), Uploaded("t2"))
    mary.ask(Abandon("t1", "it broke."), Abandon("t2", "it broke."))
    house.run()
    failed = [TransferFailed(NOON, "Mary", "Bob", f"{n}.txt", t, "it broke.") for n, t in (("a", "t1"), ("b", "t2"))]
    assert mary.messages()[2:] == failed
    assert bob.messages()[1:] == failed[1:]


@pytest.mark.parametrize("moved_after", [0.5, 20])
def test_a_file_that_does_not_move_is_given_up(moved_after: float) -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "a.txt", 5))
    house.loop.advance(moved_after)
    transfer = house.transfers.get("t1")
    assert transfer is not None
    transfer.moved_at = house.clock.time
    house.quiet(mary)
    house.loop.advance(29.9)
    assert mary.new() == b""
    house.loop.advance(0.1)
    text = "it made no progress for too long."
    assert mary.messages() == [TransferFailed(NOON + 30 + moved_after, "Mary", "Bob", "a.txt", "t1", text)]
    assert bob.new() == b""
    assert house.transfers.get("t1") is None


def test_a_file_that_moves_for_ever_is_given_up_in_the_end() -> None:
    house, mary, bob = house_with_files(Limits(transfer_seconds_max=100, idle_seconds_max=inf))
    mary.ask(Send("Bob", "a.txt", 5), Uploaded("t1"))
    house.run()
    transfer = house.transfers.get("t1")
    assert transfer is not None
    for _ in range(4):
        house.loop.advance(20)
        transfer.moved_at = house.clock.time
    house.loop.advance(19.9)
    house.quiet(mary, bob)
    assert house.transfers.get("t1") is transfer
    house.loop.advance(0.1)
    failed = TransferFailed(NOON + 100, "Mary", "Bob", "a.txt", "t1", "it took too long.")
    assert mary.messages() == bob.messages() == [failed]
    assert house.transfers.get("t1") is None


def test_who_leaves_and_comes_again_sends_no_more_than_who_stays() -> None:
    house, mary, _ = house_with_files(Limits(transfers_per_session_max=1))
    mary.ask(Send("Bob", "a.txt", 5), Uploaded("t1"), Quit())
    house.run()
    mary = house.enter("Mary")
    mary.new()
    mary.ask(Send("Bob", "a.txt", 5))
    house.run()
    [refusal] = mary.messages()
    assert isinstance(refusal, Refusal)
    assert refusal.code == "too-many-files"


def test_a_file_ends_with_the_idle_time_of_its_target() -> None:
    house, mary, bob = house_with_files()
    house.loop.advance(90)
    mary.ask(Send("Bob", "a.txt", 5))
    house.run()
    house.quiet(mary)
    house.loop.advance(10)
    assert bob.transport.closed
    assert [type(message) for message in mary.messages()] == [Entry, TransferFailed]
    assert house.transfers.get("t1") is None


@pytest.mark.parametrize("how", ["quit", "kick", "vanish", "switch"])
def test_a_file_ends_with_its_target_and_its_sender_is_told_before_anything_else_happens(how: str) -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "a.txt", 5))
    house.run()
    house.quiet(mary)
    if how == "kick":
        house.operator.ask(Kick("general", "Bob"))
    elif how == "vanish":
        bob.vanish()
    else:
        bob.ask(Quit() if how == "quit" else Switch("games"))
    mary.ask(Uploaded("t1"), Say("hi"))
    house.run()
    told = [message if isinstance(message, TransferFailed) else type(message) for message in mary.messages()]
    if how == "switch":
        assert told == [Entry, Entry], "a file follows its target to another channel"
    else:
        failed = TransferFailed(NOON, "Mary", "Bob", "a.txt", "t1", "Bob has left.")
        assert told == [Entry, failed, Entry]
        assert not any(isinstance(message, Offer) for message in bob.messages())


def test_a_file_that_is_here_already_outlives_its_sender() -> None:
    house, mary, bob = house_with_files()
    mary.ask(Send("Bob", "a.txt", 5), Send("Bob", "b.txt", 5), Uploaded("t1"), Quit())
    house.run()
    assert [type(message) for message in bob.messages()] == [Offer, Entry]
    assert house.transfers.get("t1") is not None
    assert house.transfers.get("t2") is None
    house.quiet(mary, house.operator)
    bob.ask(Received("t1"))
    house.run()
    assert mary.new() == b""
    assert house.operator.lines() == [server("Mary sent a.txt to Bob.")]


def test_bringing_a_file_is_a_sign_of_life() -> None:
    house, mary, bob = house_with_files()
    house.loop.advance(80)
    mary.ask(Send("Bob", "a.txt", 5))
    house.run()
    transfer = house.transfers.get("t1")
    assert transfer is not None
    transfer.state = "uploading"
    for _ in range(20):
        house.loop.advance(10)
        transfer.moved_at = house.clock.time
        bob.ask(List())
    assert not mary.transport.closed
    assert house.rooms["general"].due_at > house.clock.time, "nothing is due again and again"
    house.loop.advance(5)
    mary.ask(Uploaded("t1"))
    house.loop.advance(29)
    bob.ask(List(), Received("t1"))
    house.loop.advance(70.9)
    assert not mary.transport.closed
    house.loop.advance(0.1)
    assert mary.transport.closed
    assert not bob.transport.closed
