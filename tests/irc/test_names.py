"""NAMES, by the bytes on the wire."""

from tests.irc.wire import Net, ruled


def test_names_have_the_highest_role_or_all_of_them() -> None:
    net, ann = ruled()
    net.joins("Bob", "#den")
    ann.sends("MODE #den +vv Ann Bob")
    ann.reads()
    assert ann.asked("NAMES #den")[0] == b":irc.antechamber 353 Ann = #den :@Ann +Bob"
    many = net.connects("Cid", "multi-prefix")
    assert many.asked("NAMES #den")[0] == b":irc.antechamber 353 Cid = #den :@+Ann +Bob"


def test_names_come_with_hosts_where_they_are_asked_for() -> None:
    net, _ = ruled()
    bob = net.connects("Bob", "userhost-in-names")
    assert bob.asked("NAMES #den")[0] == b":irc.antechamber 353 Bob = #den :@Ann!~u@ann.cloak"


def test_many_names_take_several_lines_that_are_not_too_long() -> None:
    net = Net(seats=200)
    for number in range(100):
        net.enters(f"somebody-{number:03}")
    mary = net.connects("Mary")
    *lines, end = mary.asked("NAMES #general")
    assert end == b":irc.antechamber 366 Mary #general :End of NAMES list"
    assert max(map(len, lines)) <= 510
    assert max(map(len, lines)) > 495
    names = b" ".join(line.split(b" :", 1)[1] for line in lines).split()
    assert names == [f"somebody-{number:03}".encode() for number in range(100)]


def test_the_names_of_a_secret_channel_are_its_members() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +s")
    ann.reads()
    assert ann.asked("NAMES #den")[0] == b":irc.antechamber 353 Ann @ #den :@Ann"
    assert net.connects("Bob").asked("NAMES #den") == [b":irc.antechamber 366 Bob #den :End of NAMES list"]


def test_who_wants_to_be_invisible_is_seen_by_members_alone() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    bob.sends("MODE Bob +i")
    assert net.connects("Cid").asked("NAMES #den")[0] == b":irc.antechamber 353 Cid = #den :@Ann"
    assert ann.asked("NAMES #den")[-2] == b":irc.antechamber 353 Ann = #den :@Ann Bob"


def test_names_of_nothing_end_at_once() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("NAMES") == [b":irc.antechamber 366 Mary * :End of NAMES list"]
    assert mary.asked("NAMES #help") == [b":irc.antechamber 366 Mary #help :End of NAMES list"]
    assert mary.asked("NAMES #nowhere") == [b":irc.antechamber 366 Mary #nowhere :End of NAMES list"]


def test_names_of_so_many_channels_are_told_and_of_no_more() -> None:
    mary = Net().connects("Mary")
    assert len(mary.asked("NAMES #a,#b,#c,#d")) == 4
    assert mary.asked("NAMES #a,#b,#c,#d,#e")[4:] == [b":irc.antechamber 407 Mary #e :Too many targets"]


def test_a_member_whose_name_has_a_plus_in_front_is_shown_without() -> None:
    net = Net()
    net.enters("+one")
    assert net.connects("Mary").asked("NAMES #general")[0] == b":irc.antechamber 353 Mary = #general :_one"
