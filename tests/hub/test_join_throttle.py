"""Who comes in faster than its address may waits for its turn, in order; others do not notice."""

from antechamber.codec.jsonl_websocket import WEBSOCKET
from antechamber.config.toml import DEFAULTS
from antechamber.protocol.commands import Hello, Ping, Quit, Resume, Say, Switch, Watch
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Welcome
from tests.fakes import House, Person
from tests.irc.wire import Client, Net

TWO = Limits(address_hellos_per_second_max=1, address_hellos_burst_max=2, commands_per_second_max=0)


def house(limits: Limits = TWO, seats: int = 50) -> House:
    return House(seats, limits)


def comes(house: House, name: str, host: str = "school", *, plain: bool = False, door: str = "general") -> Person:
    """Open a connection from an address and say hello."""
    person = house.knock(door, plain=plain)
    person.session.host = host
    person.ask(Hello(name))
    house.run()
    return person


def seated(house: House, channel: str = "general") -> list[str]:
    return list(house.rooms[channel].channel.seated)


def test_as_many_come_in_at_once_as_may_and_one_more_waits_its_turn() -> None:
    place = house()
    people = [comes(place, name) for name in ("Ann", "Bob", "Cid", "Dan")]
    assert seated(place) == ["Ann", "Bob"]
    assert [person.transport.paused for person in people] == [False, False, True, True]
    assert people[2].data == b""
    place.loop.advance(1)
    assert seated(place) == ["Ann", "Bob", "Cid"]
    assert not people[2].transport.paused
    place.loop.advance(1)
    assert seated(place) == ["Ann", "Bob", "Cid", "Dan"]
    assert place.hub._join_throttle.lines == {}


def test_who_comes_by_plain_text_waits_like_everybody_else() -> None:
    place = house()
    for name in ("Ann", "Bob", "Cid"):
        comes(place, name, plain=True)
    assert seated(place) == ["Ann", "Bob"]
    place.loop.advance(1)
    assert seated(place) == ["Ann", "Bob", "Cid"]


def test_nobody_from_elsewhere_waits() -> None:
    place = house()
    for number in range(5):
        comes(place, f"n{number}")
    comes(place, "Bob", "elsewhere")
    assert seated(place) == ["n0", "n1", "Bob"]


def test_nobody_overtakes_those_who_wait() -> None:
    place = house()
    for name in ("Ann", "Bob", "Cid"):
        comes(place, name)
    place.clock.time += 1  # there is room for one, and Cid is next
    comes(place, "Dan")
    assert seated(place) == ["Ann", "Bob"]
    place.loop.advance(0)
    assert seated(place) == ["Ann", "Bob", "Cid"]


def test_all_that_is_asked_after_a_hello_waits_with_it_in_its_order() -> None:
    place = house()
    comes(place, "Ann")
    comes(place, "Bob")
    cid = place.knock()
    cid.session.host = "school"
    cid.ask(Hello("Cid"), Say("one"), Say("two"))
    place.run()
    cid.ask(Say("three"))
    place.run()
    assert cid.transport.paused
    place.loop.advance(1)
    texts = [getattr(event, "text", "") for event in place.events()]
    assert [text for text in texts if text] == ["one", "two", "three"]


def test_what_is_asked_just_as_the_turn_comes_is_done_after_the_hello() -> None:
    place = house()
    comes(place, "Ann")
    comes(place, "Bob")
    cid = place.knock()
    cid.session.host = "school"
    cid.ask(Hello("Cid"), Say("one"))
    place.run()
    cid.ask(Say("two"))  # it is in the inbox, and nobody has taken it, when the turn has come
    place.clock.time += 1
    (timer,) = place.hub._join_throttle._timers.values()
    timer.call()  # type: ignore[attr-defined]
    place.run()
    assert [text for event in place.events() if (text := getattr(event, "text", ""))] == ["one", "two"]


def test_a_switch_waits_as_a_hello_does_and_the_seat_is_kept_meanwhile() -> None:
    place = house()
    ann = comes(place, "Ann")
    comes(place, "Bob")
    ann.ask(Switch("games"))
    place.run()
    assert seated(place) == ["Ann", "Bob"]
    place.loop.advance(1)
    assert (seated(place), seated(place, "games")) == (["Bob"], ["Ann"])


def test_switching_back_and_forth_goes_no_faster_than_coming_in() -> None:
    place = house()
    ann = comes(place, "Ann")
    ann.ask(*[Switch(channel) for channel in ("games", "general") * 10])
    place.loop.advance(4)
    moves = [event for name in place.rooms for event in place.events(name) if type(event).__name__ == "Queued"]
    assert len(moves) == 6  # the burst, and four more in four seconds


def test_coming_and_going_goes_no_faster_than_coming_in() -> None:
    place = house()
    for number in range(20):
        person = comes(place, f"n{number}")
        person.ask(Quit())
        place.run()
    place.loop.advance(3)
    assert len(place.events()) == 3 * 5


def test_who_is_in_already_uses_nothing_up_by_another_hello() -> None:
    place = house()
    ann = comes(place, "Ann")
    ann.ask(*[Hello("Ann")] * 10)
    place.run()
    assert not ann.transport.paused
    comes(place, "Bob")
    assert seated(place) == ["Ann", "Bob"]


def test_who_hangs_up_before_its_turn_is_not_let_in() -> None:
    place = house()
    people = [comes(place, name) for name in ("Ann", "Bob", "Cid", "Dan")]
    people[2].vanish()
    place.run()
    place.loop.advance(1)
    assert seated(place) == ["Ann", "Bob", "Dan"]


def test_where_all_who_wait_hang_up_nothing_is_left_of_the_line() -> None:
    place = house()
    people = [comes(place, name) for name in ("Ann", "Bob", "Cid", "Dan")]
    for person in people[2:]:
        person.vanish()
        place.run()
    join_throttle = place.hub._join_throttle
    assert (join_throttle.lines, join_throttle._timers) == ({}, {})
    place.loop.advance(5)
    assert seated(place) == ["Ann", "Bob"]


def test_who_was_closed_while_it_waited_uses_nobody_elses_turn_up() -> None:
    place = house()
    people = [comes(place, name) for name in ("Ann", "Bob", "Cid", "Dan")]
    people[2].session.closed = True
    place.loop.advance(1)
    assert seated(place) == ["Ann", "Bob", "Dan"]


def test_who_comes_back_does_not_wait() -> None:
    place = house(TWO._replace(seat_hold_seconds=60.0, held_visit_seconds_min=0))
    ann = comes(place, "Ann")
    comes(place, "Bob")
    (token,) = [message.token for message in ann.all_messages() if isinstance(message, Welcome)]
    ann.vanish()
    place.run()
    again = place.knock()
    again.session.host = "school"
    again.ask(Resume(token), Ping("p"))
    place.run()
    assert not again.transport.paused
    assert place.rooms["general"].sessions["Ann"] is again.session


def test_the_console_never_waits() -> None:
    place = house()
    for number in range(5):
        comes(place, f"n{number}", "")
    assert len(seated(place)) == 5


def test_without_a_bound_nobody_waits() -> None:
    place = house(TWO._replace(address_hellos_per_second_max=0))
    for number in range(20):
        comes(place, f"n{number}")
    assert len(seated(place)) == 20


def test_a_reload_lets_those_who_wait_in_faster() -> None:
    place = house()
    for number in range(5):
        comes(place, f"n{number}")
    place.hub.reload(place.rooms.values(), TWO._replace(address_hellos_per_second_max=0))
    place.loop.advance(1)
    assert len(seated(place)) == 5


def test_once_the_hub_is_closed_nobody_is_let_through() -> None:
    place = house()
    for name in ("Ann", "Bob", "Cid"):
        comes(place, name)
    place.hub.close()
    place.loop.advance(5)
    assert place.loop.pending() == []
    assert seated(place) == ["Ann", "Bob"]


# IRC


def joins(net: Net, nick: str, channels: str) -> Client:
    client = net.connects(nick)
    client.user.host = "school"
    client.sends(f"JOIN {channels}")
    return client


def test_each_channel_of_a_join_counts() -> None:
    net = Net(limits=TWO)
    joins(net, "Ann", "#general,#games")
    bob = joins(net, "Bob", "#general")
    assert seated(net) == ["Ann"]
    assert bob.transport.paused
    bob.sends("PING x")
    assert not any(b"PONG" in line for line in bob.reads())
    net.loop.advance(1)
    assert seated(net) == ["Ann", "Bob"]
    assert any(b"PONG" in line for line in bob.reads())


def test_a_join_of_more_channels_than_a_burst_waits_for_a_whole_burst() -> None:
    net = Net(limits=TWO)
    joins(net, "Ann", "#general")
    joins(net, "Bob", "#general,#games,#help,#nowhere")
    net.loop.advance(0.9)
    assert seated(net) == ["Ann"]
    net.loop.advance(0.2)
    assert [seated(net, channel) for channel in ("general", "games", "help")] == [["Ann", "Bob"], ["Bob"], ["Bob"]]


def test_leaving_them_all_is_no_coming_in() -> None:
    net = Net(limits=TWO)
    ann = joins(net, "Ann", "#general,#games")
    ann.sends("JOIN 0")
    assert not ann.transport.paused
    assert seated(net) == []


def test_a_class_of_300_behind_one_address_comes_in_at_once_by_each_door() -> None:
    net = Net(300 * 4, DEFAULTS)
    for number in range(300):
        comes(net, f"j{number}")
        comes(net, f"p{number}", plain=True)
        joins(net, f"i{number}", "#general")
        page = net.knock("", encoding=WEBSOCKET)
        page.session.host = "school"
        page.ask(Watch(), Hello(f"w{number}", channel="general"))
        net.run()
    assert len(seated(net)) == 1_200
    assert net.hub._join_throttle.lines == {}
