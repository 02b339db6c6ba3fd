"""MODE for channels and users, by the bytes on the wire."""

import pytest

from antechamber.protocol.limits import MASKS_MAX, MODE_CHANGES_MAX
from tests.irc.wire import Net, ruled

S = b":irc.antechamber "


def test_what_holds_in_a_channel_is_told_to_anybody() -> None:
    net, ann = ruled()
    bob = net.connects("Bob")
    assert bob.asked("MODE #den") == [
        b":irc.antechamber 324 Bob #den +nt",
        b":irc.antechamber 329 Bob #den 1000000",
    ]
    ann.sends("MODE #den +lmk 7 sesame")
    ann.reads()
    assert ann.asked("MODE #den")[0] == b":irc.antechamber 324 Ann #den +klmnt sesame 7"
    assert bob.asked("MODE #den")[0] == b":irc.antechamber 324 Bob #den +klmnt * 7"


def test_the_limit_of_a_channel_of_the_config_is_its_seats() -> None:
    net = Net(seats=7)
    mary = net.connects("Mary")
    assert mary.asked("MODE #general")[0] == b":irc.antechamber 324 Mary #general +lnt 7"


def test_a_secret_channel_is_told_of_to_its_members() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +s")
    ann.reads()
    assert net.connects("Bob").asked("MODE #den", "MODE #den b") == 2 * [
        b":irc.antechamber 442 Bob #den :You're not on that channel"
    ]
    assert ann.asked("MODE #den")[0] == b":irc.antechamber 324 Ann #den +nst"


def test_a_channel_that_is_not_there_has_no_modes() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("MODE #nowhere", "MODE #nowhere +m") == 2 * [
        b":irc.antechamber 403 Mary #nowhere :No such channel"
    ]


def test_changes_are_read_by_all_in_the_channel() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    ann.reads()
    changed = b":Ann!~u@ann.cloak MODE #den +m+o Bob"
    assert ann.asked("MODE #den +mo bob") in ([changed], [changed.replace(b"+m+o", b"+mo")])
    assert len(bob.reads()) == 1
    assert net.hub.rooms["den"].channel.modes.is_operator("Bob")


def test_what_would_change_nothing_is_not_told() -> None:
    _, ann = ruled()
    assert ann.asked("MODE #den +n", "MODE #den -k x", "MODE #den +o Ann", "MODE #den -b x!*@*") == []


def test_more_than_four_arguments_take_several_lines() -> None:
    names = ["Bob", "Cid", "Dan", "Eve", "Fay"]
    _, ann = ruled(*names)
    read = ann.asked(f"MODE #den +vvvvv {' '.join(names)}")
    assert read == [
        b":Ann!~u@ann.cloak MODE #den +vvvv Bob Cid Dan Eve",
        b":Ann!~u@ann.cloak MODE #den +v Fay",
    ]


def test_what_cannot_be_is_refused_and_the_rest_is_done() -> None:
    net, ann = ruled()
    net.connects("Bob")
    assert ann.asked("MODE #den +xmovl Bob Nobody many") == [
        b":irc.antechamber 472 Ann x :is unknown mode char to me",
        b":irc.antechamber 441 Ann Bob #den :They aren't on that channel",
        b":irc.antechamber 401 Ann Nobody :No such nick/channel",
        b":irc.antechamber 696 Ann #den l many :A limit is a number from 1 to 100000.",
        b":Ann!~u@ann.cloak MODE #den +m",
    ]


@pytest.mark.parametrize("letter", ["k", "l", "o", "v"])
def test_what_a_mode_is_of_has_to_be_said(letter: str) -> None:
    _, ann = ruled()
    expected = f":irc.antechamber 696 Ann #den {letter} * :Mode {letter} needs a parameter."
    assert ann.asked(f"MODE #den +{letter}") == [expected.encode()]


def test_a_key_that_is_none_is_refused() -> None:
    _, ann = ruled()
    refused = [b":irc.antechamber 525 Ann #den :Key is not well-formed"]
    assert ann.asked("MODE #den +k a,b") == refused
    assert ann.asked(f"MODE #den +k {51 * 'x'}") == refused
    assert ann.asked(f"MODE #den +k {50 * 'x'}") == [f":Ann!~u@ann.cloak MODE #den +k {50 * 'x'}".encode()]


def test_the_seats_of_the_config_are_no_mode_to_change() -> None:
    net = Net()
    ann = net.joins("Ann")
    net.network.users.get("Ann").operator = True  # type: ignore[union-attr]
    text = b"The seats of this channel stand in the config: mode l stays as it is."
    assert ann.asked("MODE #general +l 3") == [b":irc.antechamber 696 Ann #general l 3 :" + text]
    text = b"Whoever has no seat cannot talk here: mode n stays on."
    assert ann.asked("MODE #general -n") == [b":irc.antechamber 696 Ann #general n * :" + text]


def test_who_does_not_rule_changes_nothing() -> None:
    net, _ = ruled()
    bob, cid = net.joins("Bob", "#den"), net.connects("Cid")
    assert bob.asked("MODE #den +mo Bob") == [b":irc.antechamber 482 Bob #den :You're not channel operator"]
    assert cid.asked("MODE #den +m") == [b":irc.antechamber 442 Cid #den :You're not on that channel"]


def test_so_many_changes_are_made_at_once_and_no_more() -> None:
    _, ann = ruled()
    most = "+m-m" * (MODE_CHANGES_MAX // 2)
    assert ann.asked(f"MODE #den {most}") != []
    assert ann.asked(f"MODE #den {most}+i") == [
        b":irc.antechamber FAIL MODE TOO_MANY_MODES #den :One command makes at most 20 changes."
    ]


# Lists


def test_bans_are_told_to_anybody() -> None:
    net, ann = ruled()
    bob = net.connects("Bob")
    ann.sends("MODE #den +bb Eve *@*.bad")
    ann.reads()
    told = [
        b":irc.antechamber 367 Bob #den Eve!*@* Ann!~u@ann.cloak 1000000",
        b":irc.antechamber 367 Bob #den *!*@*.bad Ann!~u@ann.cloak 1000000",
        b":irc.antechamber 368 Bob #den :End of channel ban list",
    ]
    assert bob.asked("MODE #den b") == told
    assert bob.asked("MODE #den +b") == told
    assert ann.asked("MODE #den -b eve!*@*") == [b":Ann!~u@ann.cloak MODE #den -b Eve!*@*"]
    assert len(bob.asked("MODE #den b")) == 2


def test_the_other_lists_are_the_operators() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    ann.sends("MODE #den +eI Bob Cid")
    ann.reads()
    bob.reads()
    assert ann.asked("MODE #den eI") == [
        b":irc.antechamber 348 Ann #den Bob!*@* Ann!~u@ann.cloak 1000000",
        b":irc.antechamber 349 Ann #den :End of channel exception list",
        b":irc.antechamber 346 Ann #den Cid!*@* Ann!~u@ann.cloak 1000000",
        b":irc.antechamber 347 Ann #den :End of channel invite list",
    ]
    assert bob.asked("MODE #den e", "MODE #den I") == 2 * [
        b":irc.antechamber 482 Bob #den :You're not channel operator"
    ]


def test_a_list_has_so_many_masks_and_no_more() -> None:
    _, ann = ruled()
    for number in range(MASKS_MAX):
        ann.sends(f"MODE #den +b somebody{number}")
    ann.reads()
    assert ann.asked("MODE #den +b onemore") == [b":irc.antechamber 478 Ann #den b :Channel list is full"]
    assert len(ann.asked("MODE #den b")) == MASKS_MAX + 1


def test_who_is_banned_and_let_in_by_name_comes_in() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +be *!*@* Bob")
    assert net.connects("Cid").asked("JOIN #den") == [b":irc.antechamber 474 Cid #den :Cannot join channel (+b)"]
    assert net.connects("Bob").asked("JOIN #den")[0] == b":Bob!~u@bob.cloak JOIN #den"


# A user's own modes


def test_ones_own_modes_are_told_and_changed() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("MODE Mary", "MODE mary +wi", "MODE Mary", "MODE Mary -w+B-B+i", "MODE Mary") == [
        S + b"221 Mary +",
        b":Mary!~u@mary.cloak MODE Mary :+iw",
        S + b"221 Mary +iw",
        b":Mary!~u@mary.cloak MODE Mary :-w",
        S + b"221 Mary +i",
    ]


def test_modes_come_and_go_in_one_change() -> None:
    mary = Net().connects("Mary")
    mary.sends("MODE Mary +w")
    assert mary.asked("MODE Mary B-w+i") == [b":Mary!~u@mary.cloak MODE Mary :+Bi-w"]


def test_a_mode_that_is_none_is_said_once_and_the_others_are_set() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("MODE Mary +xiz") == [
        S + b"501 Mary :Unknown MODE flag",
        b":Mary!~u@mary.cloak MODE Mary :+i",
    ]


def test_nobody_makes_itself_an_operator() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("MODE Mary +o", "MODE Mary") == [S + b"221 Mary +"]
    assert not mary.user.operator


def test_the_modes_of_others_are_theirs() -> None:
    network = Net()
    network.connects("John")
    assert network.connects("Mary").asked("MODE John", "MODE john +i", "MODE nobody +i") == [
        S + b"502 Mary :Cant change mode for other users",
        S + b"502 Mary :Cant change mode for other users",
        S + b"401 Mary nobody :No such nick/channel",
    ]


def test_those_who_hide_are_counted_apart() -> None:
    network = Net()
    network.connects("Mary").sends("MODE Mary +i")
    john = network.connects("John")
    assert john.asked("LUSERS")[0] == S + b"251 John :There are 1 users and 1 invisible on 1 servers"
