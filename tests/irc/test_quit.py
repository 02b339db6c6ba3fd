"""What the others read when a user leaves, by the bytes on the wire."""

from antechamber.irc.network import IrcSettings
from antechamber.protocol.limits import Limits
from tests.fakes import FailingLog
from tests.irc.wire import Net

HOLDING = Limits(seat_hold_seconds=60.0, place_hold_seconds=60.0, held_visit_seconds_min=0)


def test_who_waits_in_one_shared_channel_is_read_to_quit_in_the_other() -> None:
    net = Net(seats=1)
    ann = net.joins("Ann")
    net.rooms["games"].capacity = net.rooms["games"].channel.capacity = 2
    mary = net.joins("Mary", "#general", "#games")
    ann.sends("JOIN #games")
    ann.reads()
    mary.sends("QUIT :bye")
    assert ann.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: bye"]


def test_whose_seat_is_held_in_one_channel_only_leaves_the_others() -> None:
    net = Net(limits=HOLDING, settings=IrcSettings(open_channels=True))
    mary, bob = net.connects("Mary", password="sesame"), net.joins("Bob", "#general", "#den")
    mary.sends("JOIN #general,#den")
    bob.reads()
    mary.vanishes()
    assert bob.reads() == [b":Mary!~u@mary.cloak PART #den :Connection lost"]
    assert bob.asked("NAMES #general")[0] == b":irc.antechamber 353 Bob = #general :Bob Mary"
    net.loop.advance(60)
    assert bob.reads() == [b":Mary!~u@mary.cloak PART #general :Connection lost"]


def test_a_member_from_elsewhere_who_goes_takes_nobody_of_its_name_along() -> None:
    net = Net()
    page, mary = net.enters("Mary", "games"), net.joins("Mary")
    bob = net.joins("Bob", "#general", "#games")
    page.vanish()
    net.run()
    assert bob.reads() == [b":Mary!~u@antechamber PART #games :Connection lost"]
    assert bob.asked("NAMES #general")[0] == b":irc.antechamber 353 Bob = #general :Mary Bob"
    assert mary.reads() == [b":Bob!~u@bob.cloak JOIN #general"]


def test_who_quits_takes_no_member_of_its_name_along() -> None:
    net = Net()
    net.enters("Mary", "games")
    mary = net.joins("Mary")
    bob = net.joins("Bob", "#general", "#games")
    mary.sends("QUIT :bye")
    assert bob.reads() == [b":Mary!~u@mary.cloak PART #general :bye"]


def test_who_has_quit_reads_nothing_more_while_the_log_cannot_keep_it() -> None:
    log = FailingLog()
    net = Net(log=log)
    mary, bob = net.joins("Mary"), net.joins("Bob")
    net.reads_away(mary, bob)
    log.full = True
    assert mary.asked("QUIT") == [b"ERROR :Closing Link: Mary (Quit: Leaving)"]
    bob.sends("PRIVMSG #general :not kept")
    log.full = False
    bob.sends("PRIVMSG #general :kept")
    assert mary.reads() == []
