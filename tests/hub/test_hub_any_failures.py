"""Any sequence of commands, any failures of the log: what was read is in the log, and the log is what is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.codec.jsonl import JSON
from antechamber.protocol.commands import (
    Announce,
    AskPlace,
    Command,
    Empty,
    Hello,
    Here,
    Kick,
    Leave,
    List,
    Move,
    Mute,
    Quit,
    Say,
    Switch,
    Whisper,
    Who,
)
from antechamber.protocol.events import Entry, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Message, Welcome
from tests.fakes import (
    CHANNELS,
    FailingHouse,
    Person,
)

IDLE = Limits().idle_seconds_max


NAMES = ["Ann", "Bob", "Eve", "Joe", "Mary", "Zoe"]
names = st.sampled_from(NAMES)
rooms = st.sampled_from(CHANNELS[:2])
ids = st.sampled_from(["", "", "1", "2"])
of_people: st.SearchStrategy[Command] = st.one_of(
    st.builds(Hello, names),
    st.builds(Say, st.sampled_from(["a", "b"]), ids),
    st.builds(Whisper, names, st.just("psst"), ids),
    st.builds(Switch, rooms, ids),
    st.one_of(*(st.builds(question, ids) for question in (List, Who, AskPlace, Here))),
    st.builds(Hello, names, channel=rooms),
    st.builds(Quit, ids),
    st.just(Leave("lost")),
)
of_the_operator: st.SearchStrategy[Command] = st.one_of(
    st.builds(Kick, rooms, names),
    st.builds(Mute, rooms, names, st.sampled_from([1, 30, 300])),
    st.builds(Empty, rooms),
    st.builds(Move, rooms, names, st.integers(0, 3)),
    st.builds(Announce, st.just("tea"), st.sampled_from(["", *CHANNELS[:2]])),
)
steps = st.one_of(
    st.tuples(st.integers(0, 7), of_people),
    st.tuples(st.integers(0, 7), of_people),
    st.tuples(st.just(-1), of_the_operator),
    st.tuples(st.just(-2), st.sampled_from([0, 0, 0, 1, 40, 79, 81, 100])),
)


def stays(messages: list[Message]) -> list[list[Entry]]:
    """Return the entries that a session read, one list for each time it was in a channel's queue or seat."""
    found: list[list[Entry]] = [[]]
    for message in messages:
        if isinstance(message, Welcome):
            found.append([])
        elif isinstance(message, Entry):
            found[-1].append(message)
    return found


@settings(max_examples=250)
@given(
    st.integers(1, 3),
    st.lists(steps, max_size=40),
    st.lists(st.booleans(), max_size=40),
    st.booleans(),
)
def test_whatever_fails_what_was_read_is_in_the_log_and_the_log_is_what_is(
    seats: int, script: list[tuple[int, Command | int]], failures: list[bool], prompt: bool
) -> None:
    house = FailingHouse(seats)
    auditor = Person(house, JSON, "", operator=True)
    house.hub.add_operator(auditor.session)
    people = [house.knock((*CHANNELS[:2], "")[n % 3]) for n in range(8)]
    for person, name in zip(people, NAMES, strict=False):
        person.ask(Hello(name))
    house.run()
    house.log.failures = iter(failures)
    for who, what in script:
        if isinstance(what, int):
            house.loop.advance(what)
            house.check()
            if prompt:
                for person in people:
                    if person.transport.closed:
                        person.vanish()
        else:
            (people[who] if who >= 0 else house.operator).ask(what)
    house.log.failures = iter(())
    house.loop.advance(2)
    house.check()

    for room in house.rooms.values():
        assert not any(session.closed for session in room.sessions.values())
        assert not any(person.session.closed and person.session.seated for person in people)
    audited = [message for message in auditor.all_messages() if isinstance(message, Entry)]
    logged = {name: house.entries(name) for name in CHANNELS}
    for name in CHANNELS:
        assert [entry for entry in audited if entry.channel == name] == logged[name]
    for person in people:
        messages = person.all_messages()
        goodbyes = [n for n, message in enumerate(messages) if isinstance(message, Goodbye)]
        assert goodbyes in ([], [len(messages) - 1])
        *_, last = found = stays(messages)
        for stay in found:
            if stay:
                assert isinstance(stay[0].event, Seated)
                first = stay[0].sequence
                assert stay == logged[stay[0].channel][first - 1 : first - 1 + len(stay)]
        if person.session.seated:
            assert last[-1].sequence == house.rooms[person.session.channel].log.sequence
