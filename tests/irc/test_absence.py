"""Users whose connections are lost: seats go to the next in line, and places are held."""

import pytest

from antechamber.protocol.limits import Limits
from tests.fakes import FailingLog
from tests.irc.wire import Client, Net

HOLDING = Limits(seat_hold_seconds=60.0, place_hold_seconds=300.0, held_visit_seconds_min=0, idle_seconds_max=1000)
DEFAULTS = HOLDING._replace(held_visit_seconds_min=5.0)


def standing(net: Net) -> tuple[list[str], list[str]]:
    channel = net.rooms["general"].channel
    return list(channel.seated), list(channel.waiting)


def returns(net: Net, nick: str) -> tuple[Client, list[bytes]]:
    back = net.connects(nick, password="sesame")
    return back, back.asked("JOIN #general")


def test_the_next_who_is_there_gets_the_seat_and_who_comes_back_the_next_one() -> None:
    net = Net(seats=1, limits=HOLDING)
    ann, bob, cid = net.joins("Ann"), net.joins("Bob", password="sesame"), net.joins("Cid")
    bob.vanishes()
    ann.sends("PART #general")
    assert cid.reads()[0] == b":Cid!~u@cid.cloak JOIN #general"
    assert standing(net) == (["Cid"], ["Bob"])
    back, read = returns(net, "Bob")
    assert b"there are 0 user(s) ahead of you" in read[1]
    cid.sends("PART #general")
    assert back.reads()[0] == b":Bob!~u@bob.cloak JOIN #general"
    net.check()


def test_who_comes_back_to_a_free_seat_joins_at_once() -> None:
    net = Net(seats=1, limits=HOLDING)
    ann, bob = net.joins("Ann"), net.joins("Bob", password="sesame")
    bob.vanishes()
    ann.sends("PART #general")
    _, read = returns(net, "Bob")
    assert read[:2] == [b":Bob!~u@bob.cloak JOIN #general", b":irc.antechamber 353 Bob = #general :Bob"]
    assert standing(net) == (["Bob"], [])
    net.check()


def test_a_newcomer_joins_at_once_where_only_those_wait_who_are_away() -> None:
    net = Net(seats=1, limits=HOLDING)
    ann, bob = net.joins("Ann"), net.joins("Bob", password="sesame")
    bob.vanishes()
    ann.sends("PART #general")
    cid = net.connects("Cid")
    assert cid.asked("JOIN #general")[0] == b":Cid!~u@cid.cloak JOIN #general"
    assert standing(net) == (["Cid"], ["Bob"])


@pytest.mark.parametrize(("seconds", "kept"), [(4.9, []), (5, ["Bob"])])
def test_a_seat_is_held_for_who_was_there_for_five_seconds(seconds: float, kept: list[str]) -> None:
    net = Net(limits=DEFAULTS)
    ann, bob = net.joins("Ann"), net.joins("Bob", password="sesame")
    net.loop.advance(seconds)
    ann.reads()
    bob.vanishes("Gone")
    assert standing(net) == (["Ann", *kept], [])
    assert ann.reads() == ([] if kept else [b":Bob!~u@bob.cloak QUIT :Gone"])


@pytest.mark.parametrize(("seconds", "kept"), [(4.9, []), (5, ["Bob"])])
def test_a_place_is_held_for_who_was_there_for_five_seconds(seconds: float, kept: list[str]) -> None:
    net = Net(seats=1, limits=DEFAULTS)
    net.joins("Ann")
    bob = net.joins("Bob", password="sesame")
    net.loop.advance(seconds)
    bob.vanishes()
    assert standing(net) == (["Ann"], kept)


def test_who_is_held_in_one_channel_and_hardly_came_into_another_leaves_that() -> None:
    net = Net(limits=DEFAULTS)
    bob = net.joins("Bob", password="sesame")
    net.loop.advance(5)
    bob.sends("JOIN #games")
    bob.vanishes()
    assert [list(net.rooms[name].channel.seated) for name in ("general", "games")] == [["Bob"], []]


def test_who_came_back_is_held_at_once() -> None:
    net = Net(seats=1, limits=DEFAULTS)
    net.joins("Ann")
    bob = net.joins("Bob", password="sesame")
    net.loop.advance(5)
    bob.vanishes()
    back, _ = returns(net, "Bob")
    back.vanishes()
    assert standing(net) == (["Ann"], ["Bob"])


def test_a_newcomer_is_not_held_where_so_many_are_away_who_came_from_its_address() -> None:
    net = Net(seats=1, limits=HOLDING._replace(address_held_max=1))
    for nick in ("Ann", "Bob"):
        client = net.connects(nick, password="sesame")
        client.user.host = "one.cloak"
        client.sends("JOIN #general")
        client.vanishes()
    assert standing(net) == (["Ann"], [])


def test_who_comes_back_to_a_free_seat_while_the_log_is_full_is_told_so_and_comes_back_later() -> None:
    log = FailingLog()
    net = Net(seats=1, limits=HOLDING, log=log)
    ann, bob = net.joins("Ann"), net.joins("Bob", password="sesame")
    bob.vanishes()
    ann.sends("PART #general")
    log.full = True
    back, read = returns(net, "Bob")
    assert b" FAIL JOIN NOT_KEPT #general :" in read[-1]
    assert standing(net) == ([], ["Bob"])
    net.check()
    log.full = False
    net.loop.advance(1)
    assert standing(net) == ([], ["Bob"])
    assert back.asked("JOIN #general")[0] == b":Bob!~u@bob.cloak JOIN #general"
    net.check()
