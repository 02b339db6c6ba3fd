"""`--reconnect`: seats and places outlive lost connections and a killed server, and nothing is missed or doubled."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.network import Network, network_to
from tests.processes.programs import CHANNELS, CHECKOUT, Program, Programs, Server
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")
BACK = "back again, in your seat"


class House:
    """A server that keeps seats and places, and can be killed and started again."""

    def __init__(self, programs: Programs, seats: int = 2) -> None:
        self.programs = programs
        self.ports = {name: programs.ports.take() for name in CHANNELS}
        self.config: Path = programs.folder / "antechamber.toml"
        channels = (
            f'[[channel]]\nname = "{name}"\nport = {port}\nseats = {seats}\n' for name, port in self.ports.items()
        )
        limits = "[limits]\nidle_seconds_max = 0\ncommands_per_second_max = 0\nheld_visit_seconds_min = 0\n"
        self.config.write_text(limits + "".join(channels), encoding="utf-8")
        self.server = self.starts()

    def starts(self) -> Server:
        arguments = (SERVER, "--data", str(self.programs.folder / "chat.db"), "--host", "127.0.0.1")
        self.server = self.programs.start_server(*arguments, config=self.config, ports=self.ports)
        return self.server

    def joins(self, name: str, port: int = 0, channel: str = "general") -> Program:
        """Connect `name`, by a port of its own if one is given."""
        client = self.programs.client(port or self.ports[channel], name, "--host", "127.0.0.1", "--reconnect")
        client.reads(says(f"Welcome to the {channel} channel, {name}."))
        return client

    def seats(self, name: str, port: int = 0, channel: str = "general") -> Program:
        client = self.joins(name, port, channel)
        client.reads(says(f"{name} has joined the channel."))
        return client

    def waits(self, name: str, ahead: int, port: int = 0) -> Program:
        client = self.joins(name, port)
        client.reads(in_line(ahead))
        return client


def in_line(ahead: int) -> str:
    return says(f"You are in the waiting queue and there are {ahead} user(s) ahead of you.")


def joined(name: str) -> str:
    return says(f"{name} has joined the channel.")


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


@pytest.fixture
def network(house: House) -> Iterator[Network]:
    with network_to(house.ports["general"]) as network:
        yield network


def is_told_of_the_loss(client: Program, kept: str) -> None:
    client.tells(f"was lost; your {kept}; trying to come back")


def up_to(reader: Program, text: str) -> list[str]:
    """Take lines up to and with the first in which this is said, and return them."""
    lines: list[str] = []
    while not (lines and lines[-1].endswith(f")] {text}")):
        lines.append(reader.next_line(text) or "")
    return lines


class TestALostConnection:
    def test_keeps_the_seat_and_what_was_said_meanwhile_is_read_once(self, house: House, network: Network) -> None:
        ann, mary = house.seats("Ann"), house.seats("Mary", network.port)
        ann.reads(joined("Mary"))
        bob = house.waits("Bob", 0)
        network.stop_carrying()
        network.cut()
        is_told_of_the_loss(mary, "seat is kept for 60 s")
        ann.types("where is Mary?")
        ann.reads("[Ann (<t>)] where is Mary?")
        mary.types("back in a moment")
        network.carry_again()
        mary.reads("[Ann (<t>)] where is Mary?")
        for reader in (mary, ann):
            reader.reads("[Mary (<t>)] back in a moment")
        mary.tells(f"{BACK}; what you missed follows")
        ann.types("/quit")
        mary.reads(says("Ann has left the channel."), joined("Bob"))
        bob.reads(joined("Bob"))

    def test_keeps_the_place_in_line(self, house: House, network: Network) -> None:
        ann, _ = house.seats("Ann"), house.seats("Ben")
        ann.reads(joined("Ben"))
        mary, tom = house.waits("Mary", 0, network.port), house.waits("Tom", 1)
        network.cut()
        is_told_of_the_loss(mary, "place in line is kept for 5 min")
        mary.tells("back again, at your place in line (0 ahead)")
        ann.types("/quit")
        mary.reads(joined("Mary"))
        tom.reads(in_line(0))

    def test_again_and_again_loses_and_doubles_nothing(self, programs: Programs) -> None:
        house = House(programs, seats=3)
        with network_to(house.ports["general"]) as network:
            ann, mary = house.seats("Ann"), house.seats("Mary", network.port)
            tom = house.seats("Tom")
            for reader in (ann, mary):
                reader.reads_up_to(joined("Tom"))
            readings: list[list[str]] = [[], [], []]
            for number in range(4):
                for speaker in (mary, tom):
                    speaker.types(*(f"{speaker.name} {number}.{line}" for line in range(50)))
                readings[1] += up_to(mary, f"Mary {number}.5")
                network.cut()
            ann.types("the end")
            said = [f"{name} {number}.{line}" for name in ("Mary", "Tom") for number in range(4) for line in range(50)]
            for reading, reader in zip(readings, (ann, mary, tom), strict=True):
                reading += [reader.next_line("a message") or "" for _ in range(len(said) + 1 - len(reading))]
            assert readings[1] == readings[0] == readings[2]
            texts = [line.partition(")] ")[2] for line in readings[0]]
            for name in ("Mary", "Tom"):
                assert [text for text in texts if text.startswith(name)] == [t for t in said if t.startswith(name)]
            mary.tells(BACK)

    def test_on_a_server_that_keeps_no_seats_means_joining_again(self, programs: Programs) -> None:
        server = programs.server("--host", "127.0.0.1")
        with network_to(server.ports["general"]) as network:
            mary = programs.client(network.port, "Mary", "--host", "127.0.0.1", "--reconnect")
            mary.reads(says("Welcome to the general channel, Mary."), joined("Mary"))
            network.cut()
            is_told_of_the_loss(mary, "seat is not kept")
            mary.reads(says("Welcome to the general channel, Mary."), joined("Mary"))
            mary.tells("joining again at the end of the line")

    def test_does_not_evade_the_operator(self, house: House, network: Network) -> None:
        mary = house.seats("Mary", network.port)
        network.stop_carrying()
        network.cut()
        is_told_of_the_loss(mary, "seat is kept for 60 s")
        house.server.types("/kick general:Mary")
        house.server.reads_up_to(says("Kicked Mary."))
        network.carry_again()
        mary.exits(1)
        assert "the operator closed your connection to the general channel" in mary.reads_errors()

    def test_without_the_option_frees_the_seat_at_once(self, house: House, network: Network) -> None:
        client = house.programs.client(network.port, "Mary", "--host", "127.0.0.1")
        client.reads(says("Welcome to the general channel, Mary."), joined("Mary"))
        network.cut()
        client.exits(1)
        assert client.reads_errors().endswith("was lost\n")
        house.seats("Mary")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
    def test_is_what_a_client_that_is_ended_leaves(self, house: House, number: signal.Signals) -> None:
        mary, ann = house.seats("Mary"), house.seats("Ann")
        mary.reads(joined("Ann"))
        bob = house.waits("Bob", 0)
        mary.signal(number)
        mary.exits(-number)
        told: list[str] = []
        while not told:  # the server may not have heard of it yet
            ann.types("/whisper Mary are you there?", "/list")
            told = ann.reads_up_to("[Channel] general 2/2/1.")
            ann.reads("[Channel] games 0/2/0.", "[Channel] help 0/2/0.")
        [line] = told
        assert line.endswith("Mary has lost the connection and may come back soon.")
        ann.types("/quit")
        bob.reads(joined("Bob"))


class TestAKilledServer:
    def test_finds_everybody_where_they_were_and_hears_what_was_typed_meanwhile(self, house: House) -> None:
        ann, mary = house.seats("Ann"), house.seats("Mary")
        ann.reads(joined("Mary"))
        tom, bob = house.waits("Tom", 0), house.waits("Bob", 1)
        ida = house.seats("Ida", channel="games")
        mary.types("/switch games")
        mary.reads(says("Welcome to the games channel, Mary."), joined("Mary"))
        ida.reads(joined("Mary"))
        ann.reads(says("Mary has left the channel."), joined("Tom"))
        tom.reads(joined("Tom"))
        bob.reads(in_line(0))
        house.server.drops()
        for client in (ann, mary, tom, ida):
            is_told_of_the_loss(client, "seat is kept for 60 s")
        is_told_of_the_loss(bob, "place in line is kept for 5 min")
        mary.types("typed while nobody listened")
        house.starts()
        for client in (ann, mary, tom, ida):
            client.tells(BACK)
        bob.tells("back again, at your place in line (0 ahead)")
        for reader in (mary, ida):
            reader.reads("[Mary (<t>)] typed while nobody listened")
        ann.types("/quit")
        tom.reads(says("Ann has left the channel."), joined("Bob"))
        bob.reads(joined("Bob"))

    def test_loses_and_doubles_nothing_that_was_under_way(self, house: House) -> None:
        ann, mary = house.seats("Ann"), house.seats("Mary")
        ann.reads(joined("Mary"))
        readings: list[list[str]] = [[], []]
        for number in range(3):
            mary.types(*(f"{number}.{line}" for line in range(60)))
            readings[1] += up_to(mary, f"{number}.5")
            house.server.drops()
            house.starts()
        for reading, reader in zip(readings, (ann, mary), strict=True):
            reading += [reader.next_line("a message") or "" for _ in range(180 - len(reading))]
            texts = [line.partition(")] ")[2] for line in reading]
            assert texts == [f"{number}.{line}" for number in range(3) for line in range(60)]
            reader.tells(BACK)

    def test_that_was_shut_down_in_order_is_come_back_to_as_well(self, house: House) -> None:
        mary = house.seats("Mary")
        house.server.types("/shutdown")
        house.server.reads_up_to(says("Mary has joined the general channel."))
        house.server.exits(0)
        mary.tells("shuts down; your seat is kept for 60 s; trying to come back")
        house.starts()
        mary.tells(BACK)
        mary.types("hello")
        mary.reads("[Mary (<t>)] hello")

    def test_is_not_waited_for_by_a_person_who_quits(self, house: House) -> None:
        mary = house.seats("Mary")
        house.server.drops()
        is_told_of_the_loss(mary, "seat is kept for 60 s")
        mary.types("too late", "/quit")
        mary.exits(0)
        assert mary.reads_errors().endswith("antechamber: 1 line that you typed was not sent\n")
