"""Passwords of members: nobody else reads them, nor the proofs that the log keeps of them."""

import shutil
from pathlib import Path

import pytest

from antechamber.codec.jsonl_websocket import WEBSOCKET
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.commands import Hello, History, Resume, Search, Watch
from antechamber.protocol.events import Queued, encode_lines
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Refusal, Resumed, Welcome
from tests.fakes import FailingLog, House
from tests.irc.wire import Net
from tests.log.test_password_proofs import WRITTEN

HOLDING = Limits(seat_hold_seconds=60.0, place_hold_seconds=60.0, held_visit_seconds_min=0)
ALL_THAT_HAPPENS = ("draft/chathistory", "batch", "server-time", "message-tags", "draft/event-playback")


def test_a_proof_is_told_to_nobody() -> None:
    net = Net(limits=HOLDING)
    ann, page = net.enters("Ann"), net.enter("Eve", encoding=WEBSOCKET)
    bob = net.connects("Bob")
    bob.sends("JOIN #general")
    mary = net.connects("Mary", password="sesame")
    mary.sends("JOIN #general")
    (proof,) = net.log.proofs("general").values()
    away = ann.all_messages()[0]
    assert isinstance(away, Welcome)
    ann.vanish()
    mary.sends("PART #general", "JOIN #general", "PRIVMSG #general :proof")
    again = net.knock()
    again.ask(Resume(away.token, after=1), History(id="h"), Search("proof", id="s"), Watch(rosters=("general",)))
    page.ask(History(id="h", before=99))
    bob.sends("CHATHISTORY LATEST #general * 50", "WHO #general", "WHOIS Mary", "NAMES #general")
    net.loop.advance(10)
    told = b"".join((ann.data, page.data, again.data, net.operator.data, *bob.transport.writes))
    assert b"proof" in told  # which Mary has said
    assert b'"proof":' not in told
    assert proof.encode() not in told
    kept = encode_lines(net.entries())
    assert b'"proof":' not in kept
    assert proof.encode() not in kept
    net.check()


def test_the_same_password_has_another_proof_in_each_membership() -> None:
    net = Net(limits=HOLDING)
    for nick in ("Mary", "Eve"):
        net.connects(nick, password="sesame").sends("JOIN #general,#games", "PART #general", "JOIN #general")
    proofs = [*net.log.proofs("general").values(), *net.log.proofs("games").values()]
    assert len(proofs) == len(set(proofs)) == 6


def test_who_cannot_come_back_leaves_no_proof() -> None:
    net = Net(limits=HOLDING)
    net.joins("Mary")
    assert net.log.proofs("general") == {}
    net = Net()
    net.joins("Mary", password="sesame")
    assert net.log.proofs("general") == {}


def test_a_turn_that_was_not_kept_leaves_no_proof_and_the_next_has_its_own() -> None:
    log = FailingLog()
    net = Net(limits=HOLDING, log=log)
    mary = net.connects("Mary", password="sesame")
    log.full = True
    mary.sends("JOIN #general")
    assert (log.proofs("general"), net.rooms["general"].channel.membership("Mary")) == ({}, None)
    log.full = False
    mary.sends("JOIN #general")
    assert list(log.proofs("general")) == [1]
    net.check()


# Keys and passwords are apart


def says_hello(net: House, key: str) -> list[object]:
    person = net.knock()
    person.ask(Hello("Mary", key=key))
    net.run()
    return [message for message in person.messages() if isinstance(message, Refusal | Resumed | Welcome)]


@pytest.mark.parametrize("state", ["there", "lost", "restarted"])
def test_a_key_that_is_a_members_password_opens_nothing(state: str) -> None:
    net = Net(limits=HOLDING)
    mary = net.connects("Mary", password="sesame")
    mary.sends("JOIN #general")
    (proof,) = net.log.proofs("general").values()
    if state == "lost":
        mary.vanishes()
    if state == "restarted":
        net = Net(limits=HOLDING, log=net.log)
    for key in ("sesame", proof):
        (answer,) = says_hello(net, key)
        assert isinstance(answer, Refusal)
        assert answer.code == "name-taken"
    if state != "there":
        again = net.connects("Mary", password="sesame")
        assert again.asked("JOIN #general")[0] == b":Mary!~u@mary.cloak JOIN #general"


@pytest.mark.parametrize("state", ["there", "lost", "restarted"])
def test_a_password_that_is_a_members_key_opens_nothing(state: str) -> None:
    net = Net(limits=HOLDING)
    person = net.knock()
    person.ask(Hello("Mary", key="sesame"))
    net.run()
    if state == "lost":
        person.vanish()
    if state == "restarted":
        net = Net(limits=HOLDING, log=net.log)
    mary = net.connects("Mary", password="sesame")
    assert mary.asked("JOIN #general")[-1].startswith(b":irc.antechamber 437 Mary #general :")


def test_a_key_opens_what_is_its_members_still() -> None:
    net = Net(limits=HOLDING)
    person = net.knock()
    person.ask(Hello("Mary", key="sesame"))
    net.run()
    person.vanish()
    assert isinstance(says_hello(net, "sesame")[0], Resumed)


# A log of version 0.4.0


def test_members_of_an_older_version_come_back_by_their_passwords(tmp_path: Path) -> None:
    shutil.copy(WRITTEN, tmp_path / "log.db")
    log = SqliteLog(tmp_path / "log.db", tick_seconds=None)
    net = Net(seats=2, limits=HOLDING, log=log, channels=("general",))
    stranger = net.connects("Mary", password="guess")
    assert stranger.asked("JOIN #general")[-1].split()[1] == b"437"
    stranger.sends("QUIT")
    mary, bob = net.connects("Mary", password="sesame"), net.connects("Bob", password="open")
    assert mary.asked("JOIN #general")[0].startswith(b":Mary!~u@")
    assert bob.asked("JOIN #general")[0].startswith(b":irc.antechamber 471 Bob #general ")
    assert [type(event) for event in net.events()[:1]] == [Queued]
    log.close()
