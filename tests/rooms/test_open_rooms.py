"""Channels that members open: they end with their last member, and whoever comes next finds a new one."""

from itertools import pairwise

import pytest

from antechamber.protocol.commands import Hello, History, List, Quit, Say, Search, SetModes, SetTopic, Watch
from antechamber.protocol.events import (
    AnyEvent,
    Emptied,
    Left,
    ModeChange,
    Queued,
    Renamed,
    Seated,
    TopicSet,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Channels
from antechamber.rooms.directory import FORMER_NAMES_REMEMBERED, GONE_REMEMBERED, Directory
from tests.fakes import NOON, FailingLog, KeptChannel, break_deciding
from tests.irc.wire import Net
from tests.open_rooms import KeptLog, chess, fresh, network, told


def test_a_channel_is_there_as_long_as_somebody_is_in_it() -> None:
    net = network()
    mary, bob = net.joins("Mary", "#chess"), net.joins("Bob", "#chess")
    room = chess(net)
    assert room.is_open
    assert net.hub.hosts["chess"] is room.hosts
    assert room.hosts == {"Mary": "mary.cloak", "Bob": "bob.cloak"}
    assert room.channel.modes.roles == {"Mary": "o"}
    mary.sends("PART #chess")
    assert chess(net) is room
    bob.sends("PART #chess")
    assert "chess" not in net.hub.rooms
    assert net.hub.hosts.keys() == net.hub.rooms.audiences.keys() == net.rooms.keys()
    assert list(net.hub.rooms) == ["general", "games", "help"]


def test_a_channel_of_the_config_never_ends() -> None:
    net = network()
    net.joins("Mary").sends("PART #general")
    assert "general" in net.hub.rooms


def test_anyone_who_comes_next_finds_neither_topic_nor_modes() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    modes = "MODE #chess +mik-t+l secret 5"
    mary.sends("TOPIC #chess :Openings", "INVITE Bob #chess", modes, "MODE #chess +b Eve!*@*", "MODE #chess +e Eve!*@*")
    mary.sends("MODE #chess +I Ann!*@*")
    kept = KeptLog(net)
    mary.sends("PART #chess")
    bob = net.joins("Bob", "#chess")
    channel = chess(net).channel
    assert (channel.topic, channel.modes.flags, channel.modes.key, channel.modes.limit) == ("", {"n", "t"}, "", None)
    assert not channel.modes.bans
    assert not channel.modes.excepts
    assert not channel.modes.invites
    assert not channel.modes.invited
    assert channel.modes.roles == {"Bob": "o"}
    assert [event for event in kept.events if isinstance(event, TopicSet)] == [TopicSet("", "")]
    assert bob.user.memberships


def test_anyone_who_comes_within_the_turn_in_which_it_ended_finds_it_new() -> None:
    net = network()
    mary, bob = net.joins("Mary", "#chess"), net.connects("Bob")
    mary.sends("MODE #chess +k secret", "TOPIC #chess :Openings")
    room, sequence = chess(net), chess(net).log.sequence
    mary.asks(b"PART #chess\r\n")
    bob.asks(b"JOIN #chess\r\n")
    net.run()
    assert chess(net) is room
    assert (room.topic_now, room.channel.modes.key) == ("", "")
    assert room.log.begins_at == sequence + 4  # after the departure, the key's, and the topic's
    assert room.channel.modes.roles == {"Bob": "o"}


@pytest.mark.parametrize("command", [History(), History(after=1), Search("knights")])
def test_what_was_said_before_its_founding_is_not_read(command: History | Search) -> None:
    net = network()
    net.joins("Mary", "#chess").sends("PRIVMSG #chess :knights before", "PART #chess")
    net.joins("Bob", "#chess").sends("PRIVMSG #chess :knights after")
    entries = told(net, "Eve", command)
    assert all(entry.sequence >= chess(net).log.begins_at for entry in entries)
    texts = [getattr(entry.event, "text", "") for entry in entries]
    assert "knights after" in texts
    assert "knights before" not in texts


def test_what_was_said_before_a_restart_is_not_read() -> None:
    first = network()
    first.joins("Mary", "#chess").sends("TOPIC #chess :Openings", "MODE #chess +i", "PRIVMSG #chess :before")
    net = network(first.log)
    assert "chess" not in net.hub.rooms
    net.joins("Bob", "#chess").sends("PRIVMSG #chess :after")
    room = chess(net)
    assert list(room.channel.seated) == ["Bob"]
    assert room.topic_now == ""
    entries = told(net, "Eve", History())
    assert [entry.event for entry in entries[:2]] == [Queued("Bob", host="bob.cloak"), Seated("Bob")]
    assert entries[0].sequence == net.entries("chess")[0].sequence > 6


def test_a_channel_that_was_open_can_become_one_of_the_config() -> None:
    first = network()
    mary = first.joins("Mary", "#chess")
    mary.sends("MODE #chess +k secret", "TOPIC #chess :Openings", "PART #chess")
    net = Net(log=first.log, channels=("general", "games", "chess"))
    room = chess(net)
    assert not room.is_open
    assert (room.topic_now, room.channel.modes.key) == ("", "")


def test_a_channel_whose_founding_the_log_did_not_keep_is_not_there() -> None:
    log = FailingLog()
    net = network(log)
    mary = net.connects("Mary")
    log.full = True
    mary.sends("JOIN #chess")
    assert list(net.hub.rooms) == ["general", "games", "help"]
    assert not mary.user.memberships
    log.full = False
    mary.sends("JOIN #chess")
    assert list(chess(net).channel.seated) == ["Mary"]


def test_an_end_that_the_log_did_not_keep_ends_nothing_until_it_does() -> None:
    log = FailingLog()
    net = network(log)
    mary = net.joins("Mary", "#chess")
    mary.sends("TOPIC #chess :Openings")
    room = chess(net)
    log.full = True
    mary.vanishes()
    assert chess(net) is room
    assert (room.topic_now, room.log.begins_at) == ("Openings", 1)
    log.full = False
    net.loop.advance(2)
    assert "chess" not in net.hub.rooms


def test_a_channel_whose_log_cannot_be_read_is_not_opened() -> None:
    log = FailingLog()
    net = network(log)
    mary = net.connects("Mary")
    log.unreadable = True
    mary.sends("JOIN #chess")
    assert "chess" not in net.hub.rooms


def test_there_are_as_many_channels_as_there_may_be_and_no_more() -> None:
    net = network(limits=Limits(channels_max=4))
    mary = net.connects("Mary")
    mary.sends("JOIN #chess,#go")
    assert list(net.hub.rooms) == ["general", "games", "help", "chess"]
    mary.sends("PART #chess", "JOIN #go")
    assert list(net.hub.rooms) == ["general", "games", "help", "go"]


def test_nobody_goes_afk_there() -> None:
    net = network()
    net.joins("Mary", "#chess")
    net.loop.advance(Limits().idle_seconds_max * 3)
    assert list(chess(net).channel.seated) == ["Mary"]


def test_it_is_neither_listed_nor_counted() -> None:
    net = network()
    net.joins("Mary", "#chess").sends("PRIVMSG #chess :hi")
    person = net.enters("Bob")
    person.ask(List())
    net.run()
    (channels,) = person.messages()
    assert isinstance(channels, Channels)
    assert [info.name for info in channels.channels] == ["general", "games", "help"]
    assert [info.name for info in net.hub.channels()] == ["general", "games", "help"]
    assert net.hub.metrics.channel("chess").messages == 1
    net.hub.samples.begin()
    assert net.hub.samples.of("chess") == []


def test_subscribers_are_not_told_of_it_at_once_or_later() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    page, operator = (net.knock("") for _ in range(2))
    operator.session.operator = True
    for person in (page, operator):
        person.ask(Watch())
    net.run()
    mary.sends("JOIN #general", "MODE #chess +s")
    net.loop.advance(2)
    for person in (page, operator):
        first, later = person.messages()
        for answer in (first, later):
            assert isinstance(answer, Channels)
            assert [info.name for info in answer.channels] == ["general", "games", "help"]


def test_the_figures_of_one_that_has_ended_are_forgotten() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    mary.sends("PRIVMSG #chess :hi", "PART #chess")
    assert "chess" not in net.hub.metrics.channels


def test_a_reload_leaves_it_open_behind_those_of_the_config() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    net.hub.reload(map(fresh, ("help", "general")), Limits(name_characters_max=8))
    assert list(net.hub.rooms) == ["help", "general", "chess"]
    assert chess(net).is_open
    assert chess(net).limits.name_characters_max == 8
    mary.sends("PART #chess")
    assert list(net.hub.rooms) == ["help", "general"]


def test_a_reload_makes_it_one_of_the_configs() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    net.hub.reload([fresh("general"), fresh("chess", "Openings")], Limits())
    room = chess(net)
    assert (room.is_open, room.capacity, room.topic_now) == (False, 2, "Openings")
    mary.sends("PART #chess")
    assert "chess" in net.hub.rooms


def test_a_fault_of_the_program_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network()
    mary = net.joins("Mary", "#chess", "#general")
    with monkeypatch.context() as patch:
        break_deciding(patch, chess(net).channel)
        mary.sends("TOPIC #chess :Openings")
    assert "chess" not in net.hub.rooms
    assert list(mary.user.memberships or {}) == ["general"]
    assert not mary.user.closed
    mary.sends("JOIN #chess")
    assert list(chess(net).channel.seated) == ["Mary"]


# The hosts


def test_hosts_are_known_of_members_and_of_those_who_left_lately() -> None:
    net = network()
    mary = net.joins("Mary")
    person = net.knock()
    person.session.host = "page.cloak"
    person.ask(Hello("Bob"))
    net.run()
    hosts = net.hub.hosts["general"]
    assert hosts == {"Mary": "mary.cloak", "Bob": "page.cloak"}
    mary.sends("NICK Maria")
    person.ask(Quit())
    net.run()
    assert hosts == {"Mary": "mary.cloak", "Maria": "mary.cloak", "Bob": "page.cloak"}
    again = Net(log=net.log)
    assert again.hub.hosts["general"] == hosts


def test_a_switch_takes_the_host_along() -> None:
    net = network()
    person = net.knock()
    person.session.host = "page.cloak"
    person.ask(Hello("Bob"), Say("hi"))
    net.run()
    assert net.events()[0] == Queued("Bob", host="page.cloak")


def test_a_host_is_kept_through_a_snapshot() -> None:
    net = Net(limits=Limits(snapshot_entries_max=2))
    net.joins("Mary")
    assert net.log.snapshot("general") is not None
    again = Net(log=net.log)
    assert again.hub.hosts["general"] == {"Mary": "mary.cloak"}


def test_as_many_former_members_are_remembered_as_may_be_and_no_more() -> None:
    directory, kept = Directory(), KeptChannel()

    def happen(*events: AnyEvent) -> None:
        for event in events:
            directory.follow(event, kept.channel)
            kept.channel.apply(event, NOON)

    happen(Queued("Mary", host="m"), Seated("Mary"), Emptied())
    for number in range(GONE_REMEMBERED - 1):
        happen(Queued(f"n{number}"), Seated(f"n{number}"), Left(f"n{number}", "quit"))
    assert len(directory.hosts) == GONE_REMEMBERED
    assert directory.hosts["Mary"] == "m"
    happen(Queued("Bob", host="b"), Seated("Bob"), Renamed("Bob", "Rob"))
    assert "Mary" not in directory.hosts
    assert directory.hosts["Rob"] == "b"
    assert len(directory.hosts) == GONE_REMEMBERED + 1


def test_as_many_former_names_are_remembered_as_may_be_and_no_more() -> None:
    directory, kept = Directory(), KeptChannel()
    names = [f"n{number}" for number in range(FORMER_NAMES_REMEMBERED + 2)]

    def happen(event: AnyEvent) -> None:
        directory.follow(event, kept.channel)
        kept.channel.apply(event, NOON)

    happen(Queued("n0"))
    for name, to in pairwise(names[:-1]):
        happen(Renamed(name, to))
    assert directory.name_now("n0", 1) == names[-2]
    assert directory.name_now("n0", 2) == "n0"
    happen(Renamed(names[-2], names[-1]))
    assert directory.name_now("n0", 1) == "n0"
    assert directory.name_now("n1", 1) == names[-1]


def test_a_member_who_takes_an_earlier_name_again_has_it() -> None:
    directory, kept = Directory(), KeptChannel()
    kept.channel.apply(Queued("Mary"), NOON)
    for event in (Renamed("Mary", "Maria"), Renamed("Maria", "Mary")):
        directory.follow(event, kept.channel)
        kept.channel.apply(event, NOON)
    assert directory.name_now("Mary", 1) == directory.name_now("Maria", 1) == "Mary"


def test_names_are_alike_that_irc_cannot_tell_apart() -> None:
    directory = Directory()
    directory.reset([("Mary", ""), ("mary", ""), ("_a", ""), ("ÄRA", "")])
    assert sorted(directory.alike("MARY")) == ["Mary", "mary"]
    assert directory.alike("+A") == ("_a",)
    assert directory.alike("ära") == ()
    assert directory.alike("Ära") == ("ÄRA",)
    directory.reset([("mary", "")])
    assert directory.alike("Mary") == ("mary",)
    assert directory.alike("_a") == ()


def test_a_turn_that_was_not_kept_leaves_no_name_behind() -> None:
    log = FailingLog()
    net = network(log)
    log.full = True
    mary = net.connects("Mary")
    mary.sends("JOIN #general")
    assert net.rooms["general"].log.directory.alike("Mary") == ()


def test_a_channel_without_modes_or_topic_ends_without_entries_about_them() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    kept = KeptLog(net)
    mary.sends("PART #chess")
    net.operator.ask(SetModes((ModeChange("+m"),), "chess"), SetTopic("x", "chess"))
    net.run()
    assert [type(event) for event in kept.events] == [Left]
