"""The token that operators show: another one holds for those who come from then on, and throws nobody out."""

from antechamber.protocol.commands import Kick, Operate
from antechamber.protocol.notices import Operating, Refusal
from antechamber.session.tokens import operator_token
from tests.fakes import SECRET, House, Person

OTHER = "a-token-of-the-config"


def comes(house: House, token: str) -> Person:
    """Open a connection by no door, and show the token."""
    person = house.knock("")
    person.ask(Operate(token))
    house.run()
    return person


def is_in(person: Person) -> bool:
    return any(isinstance(message, Operating) for message in person.messages())


def test_at_first_it_is_the_logs_own() -> None:
    house = House()
    assert is_in(comes(house, operator_token(SECRET)))
    assert not is_in(comes(house, OTHER))


def test_another_one_holds_for_those_who_come_from_then_on() -> None:
    house = House()
    house.enter("Mary")
    early = comes(house, operator_token(SECRET))
    house.hub.set_operator_token(OTHER)
    assert not is_in(comes(house, operator_token(SECRET)))
    assert is_in(comes(house, OTHER))
    early.new()
    early.ask(Kick("general", "Mary", id="1"))
    house.run()
    assert not any(isinstance(message, Refusal) for message in early.messages())
    assert not house.state().seated
