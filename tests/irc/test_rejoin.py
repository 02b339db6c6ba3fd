"""Coming back, with the password, to a seat or a place that was held, by the bytes on the wire."""

import pytest

from antechamber.codec.irc.encoding import IrcEncoding
from antechamber.feeds.replay import CaughtUp
from antechamber.irc.join import Missed
from antechamber.protocol.commands import Kick
from antechamber.protocol.events import Entry, Said, Seated
from antechamber.protocol.limits import Limits
from tests.fakes import NOON, FailingLog
from tests.irc.wire import Client, Net

HOLDING = Limits(seat_hold_seconds=60.0, place_hold_seconds=60.0, held_visit_seconds_min=0)


def returns(net: Net, *capabilities: str) -> tuple[Client, list[bytes]]:
    """Have Mary join again on a new connection, and return what she reads."""
    again = net.connects("Mary", *capabilities, password="sesame")
    return again, again.asked("JOIN #general")


def test_who_comes_back_goes_on_in_its_seat_and_reads_what_it_missed() -> None:
    net = Net(limits=HOLDING)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    bob.sends("PRIVMSG #general :You have read this")
    mary.vanishes()
    bob.reads()
    bob.sends("PRIVMSG #general :and not this")
    again, read = returns(net)
    assert read == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":Bob!~u@bob.cloak PRIVMSG #general :and not this",
        b":irc.antechamber 353 Mary = #general :Bob Mary",
        b":irc.antechamber 366 Mary #general :End of NAMES list",
    ]
    assert bob.reads() == []
    bob.sends("PRIVMSG #general :but this")
    assert again.reads() == [b":Bob!~u@bob.cloak PRIVMSG #general :but this"]
    again.sends("PRIVMSG #general :indeed")
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :indeed"]


def test_what_was_missed_is_a_batch_for_those_who_know_batches() -> None:
    net = Net(limits=HOLDING)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    mary.vanishes()
    bob.sends("PRIVMSG #general :one", "PRIVMSG #general :two")
    _, read = returns(net, "batch", "server-time", "message-tags")
    read = read[1:5]
    first = net.entries()[-2].sequence
    assert read[0].endswith(f":irc.antechamber BATCH +missed-{first} chathistory #general".encode())
    assert read[1].startswith(f"@batch=missed-{first};time=".encode())
    assert read[1].endswith(b":Bob!~u@bob.cloak PRIVMSG #general :one")
    assert read[2].endswith(b":Bob!~u@bob.cloak PRIVMSG #general :two")
    assert read[3].endswith(f":irc.antechamber BATCH -missed-{first}".encode())


def test_who_came_and_went_meanwhile_is_told_by_the_names_alone() -> None:
    net = Net(limits=HOLDING)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    mary.vanishes()
    net.joins("Cid")
    bob.sends("PART #general")
    _, read = returns(net)
    assert read == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":irc.antechamber 353 Mary = #general :Mary Cid",
        b":irc.antechamber 366 Mary #general :End of NAMES list",
    ]


def test_who_comes_back_goes_on_at_its_place_in_the_line() -> None:
    net = Net(seats=1, limits=HOLDING)
    net.joins("Ann")
    mary = net.joins("Mary", password="sesame")
    net.joins("Bob")
    mary.vanishes()
    _, read = returns(net)
    assert read == [
        b":irc.antechamber 471 Mary #general :Cannot join channel (+l) - you are in its waiting queue",
        b":irc.antechamber NOTE JOIN QUEUED #general 0 "
        b":You are in the waiting queue and there are 0 user(s) ahead of you.",
    ]
    assert list(net.rooms["general"].channel.waiting) == ["Mary", "Bob"]


def test_who_got_its_seat_meanwhile_reads_from_there_on() -> None:
    net = Net(seats=1, limits=HOLDING)
    ann, mary = net.joins("Ann"), net.connects("Mary", password="sesame")
    mary.sends("JOIN #general")
    ann.sends("PRIVMSG #general :Mary has no seat yet")
    mary.vanishes()
    ann.sends("PART #general")
    _, read = returns(net)
    assert read[:2] == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":irc.antechamber 353 Mary = #general :Mary",
    ]


def test_another_password_or_none_comes_back_to_nothing() -> None:
    net = Net(limits=HOLDING)
    mary = net.joins("Mary", password="sesame")
    mary.vanishes()
    text = b"A place of Mary is held in #general: come back with its password (PASS), or as another nick"
    for password in ("", "wrong"):
        other = net.connects("Mary", password=password)
        assert other.asked("JOIN #general") == [b":irc.antechamber 437 Mary #general :" + text]
        other.sends("QUIT")


def test_without_a_password_nothing_is_held() -> None:
    net = Net(limits=HOLDING)
    mary, bob = net.joins("Mary"), net.joins("Bob")
    mary.vanishes()
    assert bob.reads() == [b":Mary!~u@mary.cloak QUIT :Connection lost"]


def test_what_is_held_is_so_for_its_time() -> None:
    net = Net(limits=HOLDING)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    mary.vanishes()
    bob.reads()
    net.loop.advance(59)
    assert bob.reads() == []
    net.loop.advance(1)
    assert bob.reads()[0].startswith(b":Mary!~u@mary.cloak PART #general")


def test_a_connection_that_does_not_know_that_it_is_dead_is_overtaken() -> None:
    net = Net(limits=HOLDING)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    bob.reads()
    _, read = returns(net)
    assert read[0] == b":Mary!~u@mary.cloak JOIN #general"
    assert bob.reads() == []
    assert mary.transport.closed


def test_much_that_was_missed_comes_in_pieces_and_whole() -> None:
    net = Net(limits=HOLDING._replace(catch_up_bytes_max=2_000, idle_seconds_max=float("inf")))
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    mary.vanishes()
    for number in range(100):
        bob.sends(f"PRIVMSG #general :number {number}")
    _, (_, *read, _, _) = returns(net)
    assert read == [f":Bob!~u@bob.cloak PRIVMSG #general :number {number}".encode() for number in range(100)]
    net.check()


def test_who_takes_its_nick_later_comes_back_by_joining() -> None:
    net = Net(limits=HOLDING)
    mary = net.joins("Mary", password="sesame")
    mary.vanishes()
    again = net.connects("Mary_", password="sesame")
    again.sends("NICK Mary")
    assert again.asked("JOIN #general") == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":irc.antechamber 353 Mary = #general :Mary",
        b":irc.antechamber 366 Mary #general :End of NAMES list",
    ]
    net.check()


def test_joining_where_one_has_come_back_to_already_does_nothing() -> None:
    net = Net(limits=HOLDING)
    mary = net.joins("Mary", password="sesame")
    mary.vanishes()
    again, _ = returns(net)
    assert again.asked("JOIN #general") == []


def test_who_is_kicked_while_it_reads_what_it_missed_is_told_so() -> None:
    net = Net(limits=HOLDING)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    mary.vanishes()
    bob.sends("PRIVMSG #general :one")
    again = net.connects("Mary", password="sesame")
    again.asks(b"JOIN #general\r\n")
    net.operator.ask(Kick("general", "Mary"))
    net.run()
    assert again.reads() == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":irc.antechamber KICK #general Mary :Kicked by the operator",
    ]
    assert list(net.rooms["general"].channel.seated) == ["Bob"]
    net.check()


def test_who_has_left_when_it_has_caught_up_is_told_no_names() -> None:
    net = Net()
    mary = net.connects("Mary")
    net.hub.submit(mary.user, [CaughtUp("general")])
    net.run()
    assert mary.reads() == []


def test_what_several_have_missed_is_read_and_encoded_once_for_all_who_read_alike() -> None:
    plain = IrcEncoding({}, 0)
    assert Missed(plain, batches=True) == Missed(plain, batches=True)
    assert Missed(plain, batches=True) != Missed(plain, batches=False)
    assert Missed(plain, batches=True) != Missed(IrcEncoding({}, 0), batches=True)
    assert Missed(plain, batches=True) != plain


def test_of_what_was_missed_only_what_was_said_is_told() -> None:
    entries = [Entry("general", 1, NOON, Seated("Bob")), Entry("general", 2, NOON, Said("Bob", "hello"))]
    missed = Missed(IrcEncoding({}, 0), batches=False)
    assert missed.joined(entries, b"", "") == b":Bob!~u@antechamber PRIVMSG #general :hello\r\n"


def test_after_a_restart_the_password_is_known_still_and_no_other_is() -> None:
    before = Net(seats=1, limits=HOLDING)
    mary, bob = before.connects("Mary", password="sesame"), before.connects("Bob", password="open")
    mary.sends("JOIN #general")
    bob.sends("JOIN #general")
    page = before.enters("Eve")
    net = Net(seats=1, limits=HOLDING, log=before.log)
    stranger = net.connects("Mary", password="guess")
    assert stranger.asked("JOIN #general")[-1].startswith(b":irc.antechamber 437 Mary #general :")
    stranger.sends("QUIT")
    assert returns(net)[1] == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":irc.antechamber 353 Mary = #general :Mary",
        b":irc.antechamber 366 Mary #general :End of NAMES list",
    ]
    again = net.connects("Bob", password="open")
    assert again.asked("JOIN #general")[0].startswith(b":irc.antechamber 471 Bob #general ")
    assert page.session.name == "Eve"
    eve = net.connects("Eve", password="")
    assert eve.asked("JOIN #general")[-1].startswith(b":irc.antechamber 437 Eve #general :")


def test_a_snapshot_keeps_what_a_password_is_known_by() -> None:
    limits = HOLDING._replace(snapshot_entries_max=2)
    before = Net(limits=limits)
    mary = before.connects("Mary", password="sesame")
    mary.sends("JOIN #general")
    assert before.log.snapshot("general") is not None
    assert returns(Net(limits=limits, log=before.log))[1][0] == b":Mary!~u@mary.cloak JOIN #general"


def test_who_is_lost_again_before_it_has_caught_up_misses_nothing() -> None:
    net = Net(limits=HOLDING)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    mary.vanishes()
    bob.sends("PRIVMSG #general :Are you there?")
    again = net.connects("Mary", password="sesame")
    again.transport.unread_bytes = net.limits.catch_up_bytes_max
    assert again.asked("JOIN #general") == [b":Mary!~u@mary.cloak JOIN #general"]
    again.vanishes()
    bob.sends("PRIVMSG #general :Hello?")
    _, read = returns(net)
    assert read[1:3] == [b":Bob!~u@bob.cloak PRIVMSG #general :" + text for text in (b"Are you there?", b"Hello?")]


def test_a_name_that_is_held_since_before_a_restart_is_not_free_in_another_case() -> None:
    net = Net(limits=HOLDING)
    net.connects("Mary", password="sesame").sends("JOIN #general")
    later = Net(limits=HOLDING, log=net.log)
    page = later.enters("mary")
    assert later.rooms["general"].sessions == {}
    assert page.session.name == ""
    _, read = returns(later)
    assert read[0] == b":Mary!~u@mary.cloak JOIN #general"


@pytest.mark.parametrize("last", ["NICK Mary", "USER mary 0 * :Mary", "CAP END"])
def test_who_comes_back_while_the_log_is_full_is_registered_once_it_is_not(last: str) -> None:
    log = FailingLog()
    net = Net(log=log)
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    net.reads_away(mary, bob)
    again = net.connection("mary.cloak")
    lines = ["PASS sesame", "CAP LS", "NICK Mary", "USER mary 0 * :Mary", "CAP END"]
    again.sends(*(line for line in lines if line != last))
    again.reads()
    log.full = True
    again.sends(last)
    assert (again.reads(), mary.reads(), bob.reads()) == ([], [], [])
    bob.sends("PRIVMSG #general :hello")
    log.full = False
    net.loop.advance(1)
    assert again.reads()[0].startswith(b":irc.antechamber 001 Mary ")
    assert mary.reads() == [b"ERROR :Closing Link: Mary (Overridden by another connection)"]
    assert bob.reads()[1:] == [b":Mary!~u@mary.cloak QUIT :Overridden by another connection"]
    net.check()


def test_who_joins_again_while_it_catches_up_has_its_seat_already() -> None:
    net = Net(limits=HOLDING)
    mary, bob = net.connects("Mary", password="sesame"), net.joins("Bob")
    mary.sends("JOIN #general")
    mary.vanishes()
    bob.sends("PRIVMSG #general :Hello?")
    again = net.connects("Mary", password="sesame")
    again.transport.unread_bytes = net.limits.catch_up_bytes_max
    again.sends("JOIN #general")
    again.reads()
    assert again.asked("JOIN #general") == []


def test_who_is_not_overtaken_after_all_reads_on_in_its_channel() -> None:
    log = FailingLog()
    net = Net(limits=HOLDING, log=log)
    mary, bob, ann = net.connects("Mary", password="sesame"), net.joins("Bob"), net.joins("Ann", "#games")
    mary.sends("JOIN #general")
    net.reads_away(mary, bob, ann)
    again = net.connection("mary.cloak")
    log.full = True
    again.asks(b"PASS sesame\r\nNICK Mary\r\nUSER mary 0 * :Mary\r\n")
    ann.sends("PRIVMSG #games :not kept")
    log.full = False
    bob.sends("PRIVMSG #general :Hello?")
    assert mary.reads() == [b":Bob!~u@bob.cloak PRIVMSG #general :Hello?"]
    net.check()
