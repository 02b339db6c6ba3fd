"""Channels that members opened and that have ended: nothing is left of them."""

import pytest

from antechamber.log import LogError
from antechamber.protocol.commands import Hello, History, Quit, Resume
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Refusal, Welcome
from tests.fakes import FailingLog
from tests.irc.wire import Net
from tests.open_rooms import chess, fresh, network, told


def test_nothing_of_one_that_has_ended_stays_in_the_log() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    mary.sends("PRIVMSG #chess :hello")
    last = chess(net).log.sequence
    mary.sends("PART #chess")
    assert net.entries("chess") == []
    mary.sends("JOIN #chess")
    assert net.entries("chess")[0].sequence == last + 2  # after the departure
    assert chess(net).log.begins_at == last + 2


def test_the_numbers_of_one_that_has_ended_are_not_anothers_of_its_name() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    person = net.knock("")
    person.ask(Hello("Bob", channel="chess"))
    net.run()
    (token,) = [message.token for message in person.all_messages() if isinstance(message, Welcome)]
    person.ask(Quit())
    mary.sends("PART #chess")
    for _ in range(10):
        net.joins(f"Ann{_}", "#chess").sends("PART #chess")
        mary.sends("JOIN #chess")
        bob = net.knock("")
        bob.ask(Hello("Bob", channel="chess"))
        net.run()
        stranger = net.knock("")
        stranger.ask(Resume(token))
        net.run()
        assert [message.code for message in stranger.messages() if isinstance(message, Refusal)] == ["resume-over"]
        bob.ask(Quit())
        mary.sends("PART #chess")


def test_what_is_founded_and_ended_in_one_turn_leaves_nothing() -> None:
    net = network()
    mary = net.connects("Mary")
    mary.sends("JOIN #chess", "PRIVMSG #chess :hello", "PART #chess")
    assert net.entries("chess") == []
    assert net.log.begins_after("chess") == 5


def test_an_end_that_the_log_cannot_keep_is_tried_again() -> None:
    log = FailingLog()
    net = network(log)
    mary = net.joins("Mary", "#chess")
    log.no_ends = True
    mary.sends("PART #chess")
    assert "chess" not in net.rooms
    assert len(net.entries("chess")) == 4
    log.no_ends = False
    mary.sends("JOIN #general")
    assert net.entries("chess") == []


def test_a_channel_founded_before_the_log_has_kept_its_end_goes_on_there() -> None:
    log = FailingLog()
    net = network(log)
    mary = net.joins("Mary", "#chess")
    log.no_ends = True
    mary.sends("TOPIC #chess :Openings", "PART #chess", "JOIN #chess")
    log.no_ends = False
    bob = net.joins("Bob", "#chess")
    assert chess(net).topic_now == ""
    assert len(told(net, "Eve", History())) == 7
    mary.sends("PART #chess")
    bob.sends("PART #chess")
    assert net.entries("chess") == []


def test_what_an_adopted_channel_has_kept_stays() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    net.hub.reload([fresh("general"), fresh("chess")], Limits())
    mary.sends("PRIVMSG #chess :hello", "PART #chess")
    net.hub.reload([fresh("general")], Limits())
    assert len(net.entries("chess")) > 4
    mary.sends("JOIN #chess", "PART #chess")
    assert len(net.entries("chess")) > 4


def test_a_channel_that_the_config_gets_after_one_of_its_name_has_ended_begins_anew() -> None:
    net = network()
    mary = net.joins("Mary", "#chess")
    last = chess(net).log.sequence
    mary.sends("PRIVMSG #chess :hello", "PART #chess")
    net.hub.reload([fresh("general"), fresh("chess")], Limits())
    mary.sends("JOIN #chess")
    assert [entry.sequence for entry in net.entries("chess")] == [last + 3, last + 4]
    again = Net(log=net.log, channels=("general", "chess"))
    assert again.hub.rooms["chess"].log.sequence == last + 5


def test_a_reload_whose_adoption_the_log_cannot_keep_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network()
    net.joins("Mary", "#chess")

    def fail(_: str) -> None:
        raise LogError("the disk is full.")

    monkeypatch.setattr(net.log, "adopt", fail)
    with pytest.raises(LogError):
        net.hub.reload([fresh("general"), fresh("chess")], Limits())
    assert chess(net).is_open
