"""Rosters: an operator reads who is in a channel, and each change to it."""

from antechamber.feeds.subscriptions import CHANGES_SECONDS, SIGNS_SECONDS
from antechamber.protocol.commands import Hello, Here, Mute, Ping, Resume, Say, Watch, Who
from antechamber.protocol.notices import Members, Refusal, Welcome
from tests.fakes import NOON, House
from tests.watchers import HOLDING, SOON, counts, looker, timers


def test_an_operator_reads_who_is_in_a_channel_now_and_after_each_change() -> None:
    house = House(seats=1)
    house.enter("Mary")
    ann = house.knock("")
    ann.session.operator = True
    ann.ask(Watch(rosters=("general", "general"), id="1"))
    house.run()
    channels, members = ann.messages()
    assert counts(channels)["general"] == (1, 0)
    assert isinstance(members, Members)
    assert ([one.name for one in members.seated], members.waiting, members.id) == (["Mary"], [], "")
    house.enter("Bob")
    house.enter("Zoe", "games")
    house.loop.advance(SOON)
    channels, members = ann.messages()
    assert isinstance(members, Members)
    assert (members.channel, [one.name for one in members.waiting]) == ("general", ["Bob"])


def test_a_roster_tells_mutes_and_who_is_away_and_those_who_come_back() -> None:
    house = House(limits=HOLDING)
    mary = house.knock()
    mary.ask(Hello("Mary"))
    house.run()
    token = next(message.token for message in mary.messages() if isinstance(message, Welcome))
    ann = looker(house, "general", operator=True)
    house.operator.ask(Mute("general", "Mary", 60))
    house.loop.advance(1)
    mary.vanish()
    house.loop.advance(1)
    house.knock().ask(Resume(token))
    house.loop.advance(1)
    rosters = [message.seated[0] for message in ann.messages() if isinstance(message, Members)]
    assert [one.away for one in rosters] == [False, True, False]
    assert all(one.muted_seconds > 50 for one in rosters)


def test_where_members_only_talk_the_roster_is_told_less_often() -> None:
    house = House()
    mary = house.enter("Mary")
    ann = looker(house, "general", operator=True)
    for _ in range(200):
        mary.ask(Say("hi"), Here())
        house.loop.advance(0.1)
    seen = len(ann.messages())
    assert 20 / SIGNS_SECONDS - 1 <= seen <= 20 / SIGNS_SECONDS + 1


def test_rosters_are_for_operators_and_of_channels_that_there_are_all_or_nothing() -> None:
    house = House()
    ann = house.knock("")
    ann.ask(Watch(rosters=("general",), id="1"))
    house.run()
    assert ann.messages() == [Refusal(NOON, "operators-only", "Only the operator can do that.", "1")]
    ann.session.operator = True
    ann.ask(Watch(rosters=("general", "gen\x1beral"), id="2"))
    house.run()
    (refusal,) = ann.messages()
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.id) == ("no-such-channel", "2")
    assert "\x1b" not in refusal.text
    house.enter("Mary")
    house.loop.advance(1)
    assert ann.new() == b""


def test_an_operator_watches_other_rosters_instead() -> None:
    house = House()
    ann = looker(house, "general", operator=True)
    ann.ask(Watch(channels=False, rosters=("games",)))
    house.run()
    ann.new()
    house.enter("Mary")
    house.enter("Bob", "games")
    house.loop.advance(1)
    (members,) = ann.messages()
    assert isinstance(members, Members)
    assert members.channel == "games"


def test_a_roster_that_was_told_because_of_messages_is_not_told_again_for_what_it_contained() -> None:
    house = House()
    mary = house.enter("Mary")
    ann = looker(house, "general", operator=True)
    mary.ask(Say("hi"))
    house.loop.advance(SIGNS_SECONDS - 3 * SOON)
    mary.ask(Say("ho"))
    house.enter("Bob")
    house.loop.advance(SOON)
    ann.new()
    house.enter("Eve")
    house.loop.advance(3 * SOON)
    (members,) = [message for message in ann.messages() if isinstance(message, Members)]
    assert [one.name for one in members.seated] == ["Mary", "Bob", "Eve"]
    house.loop.advance(2)
    assert [message for message in ann.messages() if isinstance(message, Members)] == []


def test_a_change_that_concerns_no_member_is_no_news_of_a_roster() -> None:
    house = House()
    mary, ann = house.enter("Mary"), looker(house, "general", operator=True)
    mary.ask(Ping())
    house.run()
    assert timers(house) == []
    mary.ask(Who())
    house.run()
    assert timers(house) == []
    house.loop.advance(CHANGES_SECONDS)
    assert ann.new() == b""
