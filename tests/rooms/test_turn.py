"""Who reads which bytes of a turn, and how often anything is encoded or written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.codec import Encoding
from antechamber.codec.jsonl import JSON
from antechamber.codec.jsonl_websocket import WEBSOCKET, text_frame
from antechamber.codec.plain import OPERATOR, PLAIN
from antechamber.protocol.commands import (
    Command,
    Empty,
    Hello,
    Kick,
    Leave,
    List,
    Malformed,
    Mute,
    Ping,
    Quit,
    Received,
    Say,
    Send,
    Switch,
    Whisper,
)
from antechamber.protocol.events import Entry, Said, Seated
from antechamber.rooms.transfers import Abandon, Uploaded
from antechamber.rooms.turn import Audience, Part, Turn
from antechamber.session.session import Session
from tests.fakes import CHANNELS, NOON, CountingEncoding, FakeTransport, House, Person

# What a turn costs


@pytest.mark.parametrize("members", [1, 5, 40])
@pytest.mark.parametrize("messages", [1, 7])
def test_a_turn_costs_messages_and_members_and_not_their_product(members: int, messages: int) -> None:
    json, plain = CountingEncoding(JSON), CountingEncoding(PLAIN)
    house = House(seats=2 * members)
    people = [house.enter(f"j{n}", encoding=json) for n in range(members)]
    people += [house.enter(f"p{n}", encoding=plain) for n in range(members)]
    json.entries = json.single = plain.entries = plain.single = 0
    writes = [len(person.transport.writes) for person in people]
    for n in range(messages):
        people[n % members].ask(Say(f"message {n}"))
    house.run()
    assert (json.entries, json.single, plain.entries, plain.single) == (messages, 0, messages, 0)
    assert [len(person.transport.writes) for person in people] == [count + 1 for count in writes]
    assert len(house.operator.transport.writes) == 2 * members + 1


@pytest.mark.parametrize("encoding", [JSON, PLAIN])
def test_what_is_personal_in_a_turn_costs_its_own_encoding_alone(encoding: Encoding) -> None:
    counting = CountingEncoding(encoding)
    house = House(seats=10)
    people = [house.enter(f"n{n}", encoding=counting) for n in range(10)]
    counting.entries = counting.single = 0
    writes = [len(person.transport.writes) for person in people]
    for n in range(5):
        people[0].ask(Say(f"message {n}"), Ping())
    people[1].ask(Whisper("n2", "psst"), Say("last"))
    house.run()
    assert counting.entries == 6
    assert counting.single == 6
    assert [len(person.transport.writes) for person in people] == [count + 1 for count in writes]


def test_an_encoding_that_nobody_there_reads_costs_nothing() -> None:
    plain = CountingEncoding(PLAIN)
    house = House()
    bob = house.enter("Bob", encoding=plain)
    mary = house.enter("Mary")
    bob.ask(Quit())
    house.run()
    plain.entries = 0
    mary.ask(Say("alone"))
    house.run()
    assert plain.entries == 0


def test_a_session_that_reads_nothing_of_a_turn_is_not_written_to() -> None:
    house = House(seats=1)
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    eve = house.enter("Eve", "games", plain=True)
    before = [len(person.transport.writes) for person in (mary, bob, eve)]
    mary.ask(Say("hi"))
    bob.ask(Quit())  # from the line: nobody in the channel reads of it, and it ends without a text
    eve.ask(Ping())
    house.run()
    assert [len(person.transport.writes) for person in (mary, bob, eve)] == [before[0] + 1, before[1], before[2]]


def test_a_house_without_operators_observes_nothing() -> None:
    house = House()
    house.hub.remove_operator(house.operator.session)
    mary = house.enter("Mary", plain=True)
    mary.ask(Say("hi"), Whisper("Joe", "psst"))
    house.run()
    assert mary.lines() == ["[Mary (12:00:00)] hi", "[Server message (12:00:00)] Joe is not here."]
    assert house.operator.data == b""


def test_every_operator_reads_everything() -> None:
    house = House()
    second = Person(house, OPERATOR, "", operator=True)
    house.hub.add_operator(second.session)
    mary = house.enter("Mary")
    mary.ask(Say("hi"), Whisper("Joe", "psst"))
    house.run()
    assert second.data == house.operator.data
    assert second.lines() == [
        "[Server message (12:00:00)] Mary has joined the general channel.",
        "[Mary (12:00:00)] hi",
        "[Mary whispers to Joe: (12:00:00)] psst",
    ]


# The right slices, in order


def said(person: Person) -> list[str]:
    return [line.partition("] ")[2] if line.startswith("[") else line for line in person.lines()]


def test_a_session_reads_its_channel_from_where_it_was_seated() -> None:
    house = House()
    mary = house.enter("Mary", plain=True)
    bob = house.knock(plain=True)
    mary.ask(Say("before"))
    bob.ask(Hello("Bob"))
    mary.ask(Say("after"))
    house.run()
    assert said(mary) == ["before", "Bob has joined the channel.", "after"]
    assert said(bob) == ["Welcome to the general channel, Bob.", "Bob has joined the channel.", "after"]


def test_a_session_reads_its_channel_up_to_where_it_left() -> None:
    house = House()
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    house.quiet(mary)
    mary.ask(Say("before"))
    bob.ask(Quit())
    mary.ask(Say("after"))
    house.run()
    assert said(mary) == ["before", "Bob has left the channel.", "after"]
    assert said(bob) == ["before"]


def test_a_session_that_switches_there_and_back_reads_each_channel_while_it_sits_there() -> None:
    house = House()
    mary = house.enter("Mary", plain=True)
    ann, joe = house.enter("Ann", plain=True), house.enter("Joe", "games", plain=True)
    house.quiet(mary)
    ann.ask(Say("1"))
    mary.ask(Switch("games"))
    ann.ask(Say("2"))
    joe.ask(Say("3"))
    mary.ask(Switch("general"))
    ann.ask(Say("4"))
    joe.ask(Say("5"))
    house.run()
    assert said(mary) == [
        "1",
        "Welcome to the games channel, Mary.",
        "Mary has joined the channel.",
        "3",
        "Welcome to the general channel, Mary.",
        "Mary has joined the channel.",
        "4",
    ]
    assert said(joe) == ["Mary has joined the channel.", "3", "Mary has left the channel.", "5"]


def test_a_muted_session_reads_of_it_in_words_of_its_own_in_its_place() -> None:
    house = House()
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    house.quiet(mary)
    bob.ask(Say("1"))
    house.operator.ask(Mute("general", "Mary", 5))
    bob.ask(Say("2"))
    house.operator.ask(Mute("general", "Mary", 6), Mute("general", "Bob", 7))
    house.run()
    assert said(mary) == [
        "1",
        "You have been muted for 5 seconds.",
        "2",
        "You have been muted for 6 seconds.",
        "Bob has been muted for 7 seconds.",
    ]
    assert said(bob) == [
        "1",
        "Mary has been muted for 5 seconds.",
        "2",
        "Mary has been muted for 6 seconds.",
        "You have been muted for 7 seconds.",
    ]


def test_personal_lines_keep_their_place_among_the_rest() -> None:
    house = House()
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    house.quiet(mary)
    mary.ask(Say("1"), Whisper("Joe", "psst"), Say("2"))
    bob.ask(Whisper("Mary", "psst"))
    mary.ask(Say("3"), List(), Whisper("Mary", "myself"))
    house.run()
    assert mary.lines() == [
        "[Mary (12:00:00)] 1",
        "[Server message (12:00:00)] Joe is not here.",
        "[Mary (12:00:00)] 2",
        "[Bob whispers to you: (12:00:00)] psst",
        "[Mary (12:00:00)] 3",
        "[Channel] general 2/5/0.",
        "[Channel] games 0/5/0.",
        "[Channel] help 0/5/0.",
        "[Mary whispers to you: (12:00:00)] myself",
    ]
    assert said(bob) == ["1", "2", "3"]


def test_those_who_wait_read_their_places_and_no_chat() -> None:
    house = House(seats=1)
    mary, bob, eve = (house.enter(name, plain=True) for name in ("Mary", "Bob", "Eve"))
    mary.ask(Say("1"), Quit())
    bob.ask(Say("2"), Quit())
    house.run()
    assert said(bob) == ["Bob has joined the channel.", "2"]
    assert said(eve) == [
        "You are in the waiting queue and there are 0 user(s) ahead of you.",
        "Eve has joined the channel.",
    ]


# The parts of it


def part_of(*texts: str) -> Part:
    part = Part("general", Audience())
    part.events += [Said("Mary", text) for text in texts]
    part.number(7, NOON)
    return part


def foreseen(part: Part, encoding: Encoding) -> None:
    """Announce slices of a part of three entries."""
    for start, stop in ((0, 0), (0, 2), (2, 3)):
        part.will_cut(encoding, start, stop)


def test_a_part_numbers_its_entries_without_a_gap() -> None:
    part = part_of("a", "b")
    assert part.entries == [Entry("general", 7, NOON, Said("Mary", "a")), Entry("general", 8, NOON, Said("Mary", "b"))]


@pytest.mark.parametrize("encoding", [JSON, PLAIN, OPERATOR])
@pytest.mark.parametrize("chunk_first", [True, False])
def test_a_slice_is_cut_out_of_the_chunk(encoding: Encoding, chunk_first: bool) -> None:
    part = part_of("a", "b", "c")
    foreseen(part, encoding)
    one = [encoding.one(entry, "12:00:00", "") for entry in part.entries]
    if chunk_first:
        assert part.chunk(encoding, "12:00:00") == b"".join(one)
    assert part.slice(encoding, "12:00:00", 0, 0) == b""
    assert part.slice(encoding, "12:00:00", 0, 2) == one[0] + one[1]
    assert part.slice(encoding, "12:00:00", 2, 3) == one[2]
    assert part.chunk(encoding, "12:00:00") == b"".join(one)


@pytest.mark.parametrize("chunk_first", [True, False])
def test_a_slice_is_one_frame_and_so_is_the_chunk(chunk_first: bool) -> None:
    part = part_of("a", "b", "c")
    foreseen(part, WEBSOCKET)
    first, second, third = part.lines.splitlines(keepends=True)
    if chunk_first:
        assert part.chunk(WEBSOCKET, "12:00:00") == text_frame(part.lines)
    assert part.slice(WEBSOCKET, "12:00:00", 0, 0) == b""
    assert part.slice(WEBSOCKET, "12:00:00", 0, 2) == text_frame(first + second)
    assert part.slice(WEBSOCKET, "12:00:00", 2, 3) == text_frame(third)
    assert part.chunk(WEBSOCKET, "12:00:00") == text_frame(part.lines)


def test_all_who_read_frames_are_written_the_very_same_bytes() -> None:
    house = House(seats=9)
    people = [house.enter(f"n{n}", encoding=WEBSOCKET) for n in range(9)]
    people[0].ask(Say("one"), Say("two"))
    people[8].ask(Ping())
    house.run()
    last = [person.transport.writes[-1] for person in people]
    assert len({id(data) for data in last[:8]}) == 1
    assert last[8] != last[0]


def test_a_session_that_is_in_no_audience_leaves_it_without_a_fault() -> None:
    audience = Audience()
    audience.discard(Session(FakeTransport(), PLAIN, "general"))
    assert audience.groups == {}


def test_much_that_one_session_is_told_is_one_piece_until_it_reads_something_else() -> None:
    audience, transport = Audience(), FakeTransport()
    turn = Turn(NOON, NOON, "12:00:00", {"general": audience}, ())
    session = Session(transport, JSON, "")
    turn.seat(session, part := turn.part("general"))
    lines = [b"a\n", b"b\n", b"c\n"]
    for line in lines:
        turn.write(session, line)
    turn.happened(part, Said("Bob", "hello"))
    turn.write(session, b"d\n")
    part.number(1, NOON)
    assert len(turn._view(session).pieces) == 3
    turn.deliver()
    assert transport.writes == [b"a\nb\nc\n" + part.chunk(JSON, "") + b"d\n"]
    assert lines == [b"a\n", b"b\n", b"c\n"]
    turn.clear()
    assert not turn.parts


def test_a_turn_in_which_nothing_happens_writes_nothing() -> None:
    transport = FakeTransport()
    session = Session(transport, PLAIN, "general")
    session.channel, session.seated = "general", True
    audience = Audience()
    audience.add(session)
    turn = Turn(NOON, NOON, "12:00:00", {"general": audience}, [])
    turn.part("general")
    turn.deliver()
    assert transport.writes == []


def test_an_event_is_read_by_those_seated_from_it_on() -> None:
    transport = FakeTransport()
    session = Session(transport, PLAIN, "general")
    session.channel, session.name = "general", "Mary"
    turn = Turn(NOON, NOON, "12:00:00", {"general": Audience()}, [])
    part = turn.part("general")
    turn.happened(part, Said("Bob", "before"))
    turn.seat(session, part)
    turn.happened(part, Seated("Mary"))
    part.number(1, NOON)
    turn.deliver()
    assert transport.writes == [b"[Server message (12:00:00)] Mary has joined the channel.\n"]


# One turn or many: everybody reads the same

NAMES = ["Ann", "Bob", "Eve", "Joe", "Mary", "Zoe"]
TICKETS = ["t1", "t2", "t3"]
names = st.sampled_from(NAMES)
rooms = st.sampled_from(CHANNELS)
ids = st.sampled_from(["", "", "", "1", "2"])
of_people: st.SearchStrategy[Command] = st.one_of(
    st.builds(Hello, names, st.just(1), ids),
    st.builds(Say, st.sampled_from(["a", "bb", "ccc"]), ids),
    st.builds(Whisper, names, st.just("psst"), ids),
    st.builds(Switch, rooms | st.just("nowhere"), ids),
    st.builds(List, ids),
    st.builds(Ping, ids),
    st.builds(Quit, ids),
    st.just(Leave("lost")),
    st.just(Malformed("no-json", "Not a line of JSON.")),
    st.builds(Send, names, st.just("a.txt"), st.just(5), st.sampled_from(["", "", "", "missing"]), ids),
    st.builds(Received, st.sampled_from(TICKETS), st.sampled_from(["", "no room"]), ids),
    st.builds(Uploaded, st.sampled_from(TICKETS)),
    st.builds(Abandon, st.sampled_from(TICKETS), st.just("it broke")),
    st.builds(Kick, rooms, names, ids),
)
of_the_operator: st.SearchStrategy[Command] = st.one_of(
    st.builds(Kick, rooms, names, ids),
    st.builds(Mute, rooms | st.just("nowhere"), names, st.integers(0, 9), ids),
    st.builds(Empty, rooms | st.just("nowhere"), ids),
)
who = st.integers(0, 7)
scripts = st.lists(st.tuples(who, of_people) | st.tuples(st.just(-1), of_the_operator), max_size=25)


def bytes_read(
    seats: int, before: list[tuple[int, Command]], script: list[tuple[int, Command]], *, at_once: bool
) -> list[bytes]:
    """Return what each of eight sessions and the operator reads of `script`."""
    house = House(seats)
    house.hub.announce_front_desk(9876)
    people = [house.knock(CHANNELS[n % 2], plain=n in {4, 5, 7}) for n in range(8)]
    everyone = [*people, house.operator]
    for person, name in zip(people, NAMES, strict=False):
        person.ask(Hello(name))
    for number, command in before:
        everyone[number].ask(command)
        house.run()
    house.quiet(*everyone)
    for number, command in script:
        everyone[number].ask(command)
        if not at_once:
            house.run()
    house.run()
    house.check()
    return [person.new() for person in everyone]


@settings(max_examples=400)
@given(st.integers(1, 3), st.lists(st.tuples(who, of_people), max_size=6), scripts)
def test_what_anyone_reads_of_one_turn_is_what_it_reads_of_many(
    seats: int, before: list[tuple[int, Command]], script: list[tuple[int, Command]]
) -> None:
    assert bytes_read(seats, before, script, at_once=True) == bytes_read(seats, before, script, at_once=False)


class Owner:
    """Something with an attribute."""

    def __init__(self) -> None:
        self.name = "Mary"


def test_a_rollback_restores_what_was_set_put_and_taken_out() -> None:
    turn = Turn(NOON, NOON, "12:00:00", {}, ())
    owner, table = Owner(), {"a": 1, "b": 2}

    turn.set(owner, "name", "John")
    turn.set(owner, "name", "Peter")
    turn.put(table, "a", 3)
    turn.put(table, "c", 4)
    assert turn.pop(table, "b") == 2
    turn.put(table, "b", 5)
    assert (owner.name, table) == ("Peter", {"a": 3, "c": 4, "b": 5})

    turn.roll_back()
    assert (owner.name, table) == ("Mary", {"a": 1, "b": 2})


def test_taking_out_what_is_not_there_changes_nothing() -> None:
    turn, table = Turn(NOON, NOON, "12:00:00", {}, ()), {"a": 1}
    assert turn.pop(table, "b") is None
    turn.roll_back()
    assert table == {"a": 1}


def test_a_rollback_restores_what_was_saved_before_something_else_changed_it() -> None:
    turn = Turn(NOON, NOON, "12:00:00", {}, ())
    owner, table = Owner(), {"a": 1}
    turn.save(owner, "name")
    turn.save_item(table, "a")
    turn.save_item(table, "b")
    turn.save_item(table, "c")
    owner.name = "John"
    del table["a"]
    table["b"] = 2
    turn.roll_back()
    assert (owner.name, table) == ("Mary", {"a": 1})


@pytest.mark.parametrize("sat", [False, True])
def test_a_rollback_puts_a_session_back_into_its_audience_or_out_of_it(sat: bool) -> None:
    audience, session = Audience(), Session(FakeTransport(), PLAIN, "general")
    session.channel = "general"
    if sat:
        session.seated = True
        audience.add(session)
    turn = Turn(NOON, NOON, "12:00:00", {"general": audience}, ())
    for _ in range(2):
        turn.unseat(session)
        turn.seat(session, turn.part("general"))
    if sat:
        turn.unseat(session)
    assert session.seated is not sat
    turn.roll_back()
    assert session.seated is sat
    assert list(audience.groups[PLAIN]) == [session] * sat


def test_a_rollback_reopens_whoever_was_said_goodbye_to_and_forgets_the_ids_of_commands() -> None:
    turn, session = Turn(NOON, NOON, "12:00:00", {}, ()), Session(FakeTransport(), PLAIN, "general")
    session.repeats("1", 9)
    turn.remembered.append((session, "1"))
    turn.end(session, "quit", "Goodbye.")
    assert session.closed
    turn.roll_back()
    assert not session.closed
    assert not session.repeats("1", 9)
