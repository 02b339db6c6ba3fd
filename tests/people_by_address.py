"""Those who come into a house from an address of theirs."""

from antechamber.protocol.commands import Hello
from tests.fakes import House, Person


def comes(house: House, name: str, host: str = "school", door: str = "general") -> Person:
    """Open a connection from an address, say hello, and read the answers away."""
    person = house.knock(door)
    person.session.host = host
    person.ask(Hello(name))
    house.run()
    person.new()
    return person
