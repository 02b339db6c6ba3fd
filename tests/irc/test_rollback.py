"""Rollback of changes to channels that the log could not keep, by the bytes on the wire."""

from tests.irc.wire import Client, FullNet

WHY = b"The server could not keep this, so nobody has read it: the disk is full. Try again in a moment."


def refused(client: Client, command: str) -> list[bytes]:
    """Return what a client reads when it sends a command while the log is full."""
    net = client.net
    assert isinstance(net, FullNet)
    net.log.full = True
    read = client.asked(command)
    net.log.full = False
    return read


def test_a_join_that_was_not_kept_is_told_of_and_can_be_said_again() -> None:
    net = FullNet()
    mary = net.connects("Mary")
    assert refused(mary, "JOIN #general") == [b":irc.antechamber FAIL JOIN NOT_KEPT #general :" + WHY]
    assert mary.user.memberships == {}
    net.check()
    assert mary.asked("JOIN #general")[0] == b":Mary!~u@mary.cloak JOIN #general"
    net.check()


def test_a_channel_whose_founding_was_not_kept_is_not_there() -> None:
    net = FullNet()
    mary = net.connects("Mary")
    assert refused(mary, "JOIN #den") == [b":irc.antechamber FAIL JOIN NOT_KEPT #den :" + WHY]
    assert list(net.hub.rooms) == ["general", "games", "help"]
    assert mary.asked("JOIN #den")[1] == b":irc.antechamber MODE #den +o Mary"


def test_a_part_that_was_not_kept_has_not_been() -> None:
    net = FullNet()
    mary, bob = net.joins("Mary"), net.joins("Bob")
    mary.reads()
    assert refused(mary, "PART #general :bye") == [b":irc.antechamber FAIL PART NOT_KEPT #general :" + WHY]
    assert bob.reads() == []
    net.check()
    bob.sends("PRIVMSG #general :still here?")
    assert mary.reads() == [b":Bob!~u@bob.cloak PRIVMSG #general :still here?"]
    assert mary.asked("PART #general") == [b":Mary!~u@mary.cloak PART #general"]


def test_a_line_that_was_left_in_a_turn_that_was_not_kept_is_waited_in_still() -> None:
    net = FullNet(seats=1)
    net.joins("Ann")
    mary = net.joins("Mary")
    assert refused(mary, "PART #general") == [b":irc.antechamber FAIL PART NOT_KEPT #general :" + WHY]
    assert list(net.rooms["general"].channel.waiting) == ["Mary"]
    net.check()


def test_what_an_operator_of_a_channel_did_is_undone() -> None:
    net = FullNet()
    ann = net.joins("Ann", "#den")
    bob = net.joins("Bob", "#den")
    ann.reads()
    for command in ("TOPIC #den :Ours", "MODE #den +m", "KICK #den Bob", "MUTE #den Bob 5", "EMPTY #den"):
        verb = command.split()[0].encode()
        assert refused(ann, command) == [b":irc.antechamber FAIL %b NOT_KEPT #den :" % verb + WHY]
    assert bob.reads() == []
    assert bob.asked("TOPIC #den") == [b":irc.antechamber 331 Bob #den :No topic is set"]
    assert bob.asked("MODE #den")[0] == b":irc.antechamber 324 Bob #den +nt"
    assert bob.asked("NAMES #den")[0] == b":irc.antechamber 353 Bob = #den :@Ann Bob"


def test_names_are_told_though_the_log_is_full() -> None:
    net = FullNet()
    mary = net.joins("Mary")
    assert refused(mary, "NAMES #general")[0] == b":irc.antechamber 353 Mary = #general :Mary"
