"""What a turn tells single sessions is bounded, however much is asked in it."""

from antechamber.protocol.commands import List, Who
from antechamber.protocol.events import Queued, Seated
from antechamber.protocol.limits import Limits
from tests.fakes import NOON, FakeTransport, House

MEMBERS = 500


def crowd() -> House:
    """Return a house whose general channel is full of people."""
    house = House(MEMBERS + 2, limits=Limits(outbox_bytes_max=200_000))
    for n in range(MEMBERS):
        house.rooms["general"].channel.apply(Queued(f"member{n}"), NOON)
        house.rooms["general"].channel.apply(Seated(f"member{n}"), NOON)
    return house


def longest(transport: FakeTransport) -> int:
    return max(map(len, transport.writes))


def test_who_asks_again_and_again_is_written_no_more_than_an_outbox_and_an_answer_at_once() -> None:
    house = crowd()
    mary = house.enter("Mary")
    mary.ask(Who())
    house.run()
    answer = len(mary.new())
    mary.ask(*[Who()] * 100)
    house.loop.step()
    assert 200_000 <= longest(mary.transport) < 200_000 + answer
    house.run()
    assert len(mary.messages()) == 100


def test_others_are_served_between_the_turns_of_one_who_asks_much() -> None:
    house = crowd()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(*[Who()] * 100)
    house.loop.step()
    bob.ask(List())
    while not bob.transport.writes[1:]:
        assert house.loop.step()
    assert len(bob.messages()) == 1


def test_all_who_ask_in_one_turn_are_told_by_one_look_each_with_its_id() -> None:
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(Who(id="1"))
    bob.ask(Who(id="2"))
    house.run()
    told = [mary.messages()[-1], bob.messages()[-1]]
    assert [members.id for members in told] == ["1", "2"]  # type: ignore[union-attr]
