"""TOPIC, by the bytes on the wire."""

import pytest

from antechamber.protocol.events import TopicSet
from antechamber.protocol.limits import TOPIC_CHARACTERS_MAX
from tests.irc.wire import Net, ruled


def test_a_channel_without_a_topic_says_so() -> None:
    _, ann = ruled()
    assert ann.asked("TOPIC #den") == [b":irc.antechamber 331 Ann #den :No topic is set"]


def test_a_topic_is_set_and_read_by_all() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    assert ann.asked("TOPIC #den :What we read") == [b":Ann!~u@ann.cloak TOPIC #den :What we read"]
    assert bob.reads() == [b":Ann!~u@ann.cloak TOPIC #den :What we read"]
    told = [
        b":irc.antechamber 332 Bob #den :What we read",
        b":irc.antechamber 333 Bob #den Ann!~u@ann.cloak 1000000",
    ]
    assert bob.asked("TOPIC #den") == told
    assert net.events("den")[-1] == TopicSet("Ann", "What we read")


def test_the_topic_of_the_config_has_nobody_who_set_it() -> None:
    net = Net()
    net.rooms["general"].topic = "All and sundry"
    mary = net.connects("Mary")
    assert mary.asked("TOPIC #general") == [b":irc.antechamber 332 Mary #general :All and sundry"]


def test_who_does_not_rule_sets_no_topic_unless_anybody_may() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    assert bob.asked("TOPIC #den :Mine") == [b":irc.antechamber 482 Bob #den :You're not channel operator"]
    ann.sends("MODE #den -t")
    bob.reads()
    assert bob.asked("TOPIC #den :Mine") == [b":Bob!~u@bob.cloak TOPIC #den :Mine"]


def test_who_is_not_there_sets_no_topic() -> None:
    net, _ = ruled()
    bob = net.connects("Bob")
    assert bob.asked("TOPIC #den :Mine") == [b":irc.antechamber 442 Bob #den :You're not on that channel"]
    assert bob.asked("TOPIC #nowhere") == [b":irc.antechamber 403 Bob #nowhere :No such channel"]
    assert bob.asked("TOPIC #nowhere :Mine") == [b":irc.antechamber 403 Bob #nowhere :No such channel"]


def test_who_waits_is_not_there_yet() -> None:
    net = Net(seats=1)
    net.joins("Ann")
    bob = net.joins("Bob")
    assert bob.asked("TOPIC #general :Mine") == [b":irc.antechamber 442 Bob #general :You're not on that channel"]


def test_a_topic_is_cut_at_its_bound() -> None:
    net, ann = ruled()
    ann.sends(f"TOPIC #den :{'x' * TOPIC_CHARACTERS_MAX}")
    ann.sends(f"TOPIC #den :{'y' * (TOPIC_CHARACTERS_MAX + 1)}")
    assert [event.topic for event in net.events("den") if isinstance(event, TopicSet)] == [
        "x" * TOPIC_CHARACTERS_MAX,
        "y" * TOPIC_CHARACTERS_MAX,
    ]


def test_the_same_topic_again_changes_nothing() -> None:
    _, ann = ruled()
    ann.sends("TOPIC #den :Ours")
    assert ann.asked("TOPIC #den :Ours") == []


@pytest.mark.parametrize("mode", ["+s", "+k key", "+sk key"])
def test_the_topic_of_a_secret_or_locked_channel_is_its_members(mode: str) -> None:
    net, ann = ruled()
    ann.sends("TOPIC #den :Ours", f"MODE #den {mode}")
    ann.reads()
    bob = net.connects("Bob")
    assert bob.asked("TOPIC #den") == [b":irc.antechamber 442 Bob #den :You're not on that channel"]
    assert ann.asked("TOPIC #den")[0] == b":irc.antechamber 332 Ann #den :Ours"
    bob.sends(f"OPER operator {net.operator_token}")
    assert bob.asked("TOPIC #den")[-2] == b":irc.antechamber 332 Bob #den :Ours"


def test_who_waits_in_the_line_of_a_locked_channel_reads_its_topic() -> None:
    net = Net(seats=1)
    net.rooms["general"].topic = "Ours"
    net.joins("Ann")
    net.sets_mode("+k", "key")
    bob = net.connects("Bob")
    assert bob.asked("TOPIC #general") == [b":irc.antechamber 442 Bob #general :You're not on that channel"]
    bob.sends("JOIN #general key")
    assert bob.asked("TOPIC #general") == [b":irc.antechamber 332 Bob #general :Ours"]
