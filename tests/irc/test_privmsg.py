"""PRIVMSG and NOTICE, by the bytes on the wire."""

import pytest

from antechamber.irc.network import IrcSettings
from antechamber.protocol.commands import Mute, Say, SetModes, Whisper
from antechamber.protocol.events import Entry, ModeChange, Said
from antechamber.protocol.limits import TARGETS_MAX, Limits
from antechamber.protocol.notices import Whispered
from tests.irc.wire import Client, Net

TAGS = ("message-tags", "server-time")
TIME = b"time=1970-01-12T13:46:40.000Z"


def pair(*capabilities: str) -> tuple[Net, Client, Client]:
    """Return Mary and Bob in one channel, Mary with these capabilities."""
    net = Net()
    mary = net.joins("Mary", capabilities=capabilities)
    bob = net.joins("Bob")
    net.reads_away(mary, bob)
    return net, mary, bob


def set_modes(net: Net, *changes: ModeChange) -> None:
    net.operator.ask(SetModes(changes, "general"))
    net.run()


# Channels


def test_what_one_says_is_read_by_the_others_and_not_by_itself() -> None:
    net, mary, bob = pair()
    assert mary.asked("PRIVMSG #general :hello there") == []
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :hello there"]
    assert net.events()[-1] == Said("Mary", "hello there")


def test_who_asks_for_its_own_messages_reads_them() -> None:
    _, mary, bob = pair("echo-message")
    assert mary.asked("PRIVMSG #general :hello") == [b":Mary!~u@mary.cloak PRIVMSG #general :hello"]
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :hello"]


def test_many_lines_that_come_at_once_are_all_said_in_order() -> None:
    net, mary, bob = pair()
    mary.sends(*(f"PRIVMSG #general :line {number}" for number in range(32)))
    assert mary.reads() == []
    assert bob.reads() == [f":Mary!~u@mary.cloak PRIVMSG #general :line {number}".encode() for number in range(32)]
    assert net.rooms["general"].channel.sequence == net.rooms["general"].log.sequence


def test_two_who_talk_in_one_turn_read_each_other_in_order() -> None:
    net, mary, bob = pair()
    ann = net.joins("Ann")
    net.reads_away(mary, bob)
    mary.asks(b"PRIVMSG #general :one\r\nPRIVMSG #general :two\r\n")
    bob.asks(b"PRIVMSG #general :three\r\n")
    mary.asks(b"PRIVMSG #general :four\r\n")
    net.run()
    mine = [b":Mary!~u@mary.cloak PRIVMSG #general :" + text for text in (b"one", b"two", b"four")]
    theirs = b":Bob!~u@bob.cloak PRIVMSG #general :three"
    assert mary.reads() == [theirs]
    assert bob.reads() == mine
    assert ann.reads() == [*mine[:2], theirs, mine[2]]


def test_the_operator_s_console_reads_every_line_of_what_comes_at_once() -> None:
    net, mary, _ = pair()
    net.operator.new()
    mary.sends("PRIVMSG #general :one", "PRIVMSG #general :two")
    assert net.operator.lines() == ["[Mary (12:00:00)] one", "[Mary (12:00:00)] two"]


def test_a_member_of_a_page_reads_what_an_irc_user_says_and_the_other_way_round() -> None:
    net, mary, _ = pair()
    ann = net.enters("Ann")
    mary.reads()
    ann.new()
    mary.sends("PRIVMSG #general :hello")
    assert [entry.event for entry in ann.messages() if isinstance(entry, Entry)] == [Said("Mary", "hello")]
    ann.ask(Say("hi"))
    net.run()
    assert mary.reads() == [b":Ann!~u@antechamber PRIVMSG #general :hi"]


def test_a_channel_is_found_in_whatever_case_it_is_written() -> None:
    _, mary, bob = pair()
    mary.sends("PRIVMSG #GENERAL :one", "PRIVMSG #GENERAL :two")
    assert [line.rpartition(b":")[2] for line in bob.reads()] == [b"one", b"two"]


def test_a_notice_and_an_action_keep_their_form() -> None:
    net, mary, bob = pair()
    mary.sends("NOTICE #general :mind the gap", "PRIVMSG #general :\x01ACTION waves\x01")
    assert bob.reads() == [
        b":Mary!~u@mary.cloak NOTICE #general :mind the gap",
        b":Mary!~u@mary.cloak PRIVMSG #general :\x01ACTION waves\x01",
    ]
    assert net.events()[-2:] == [Said("Mary", "mind the gap", form="notice"), Said("Mary", "waves", form="action")]


def test_a_notice_of_what_one_does_is_a_notice() -> None:
    net, mary, _ = pair()
    assert mary.asked("NOTICE #general :\x01ACTION waves\x01", "NOTICE #no :\x01ACTION waves\x01") == []
    assert net.events()[-1] == Said("Mary", "waves", form="notice")


def test_tags_of_a_reply_go_with_what_is_said_and_into_the_log() -> None:
    net, mary, bob = pair(*TAGS)
    ann = net.joins("Ann", capabilities=TAGS)
    net.reads_away(mary, bob)
    mary.sends("@+draft/reply=general-1;+other=x;label=7 PRIVMSG #general :yes")
    number = net.rooms["general"].log.sequence
    assert ann.reads() == [
        b"@%b;msgid=general-%d;+draft/reply=general-1 :Mary!~u@mary.cloak PRIVMSG #general :yes" % (TIME, number)
    ]
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :yes"]
    assert net.events()[-1] == Said("Mary", "yes", tags={"+draft/reply": "general-1"})


def test_nothing_is_said_without_a_target_or_a_text() -> None:
    _, mary, bob = pair()
    assert mary.asked("PRIVMSG") == [b":irc.antechamber 411 Mary :No recipient given (PRIVMSG)"]
    assert mary.asked("PRIVMSG #general") == [b":irc.antechamber 412 Mary :No text to send"]
    assert mary.asked("PRIVMSG #general :") == [b":irc.antechamber 412 Mary :No text to send"]
    assert mary.asked("PRIVMSG #general :  ") == [b":irc.antechamber 412 Mary :No text to send"]
    assert mary.asked("PRIVMSG #general :\x01ACTION\x01") == [b":irc.antechamber 412 Mary :No text to send"]
    assert mary.asked("NOTICE", "NOTICE #general", "NOTICE #general :", "NOTICE nobody :hello", "NOTICE #no :x") == []
    assert bob.reads() == []


def test_what_cannot_be_sent_is_told_each_time_and_of_a_notice_never() -> None:
    net, mary, _ = pair()
    stranger = net.connects("Carl")
    refused = b":irc.antechamber 404 Carl #general :Cannot send to channel"
    assert stranger.asked("PRIVMSG #general :hello") == [refused]
    assert stranger.asked("PRIVMSG #nowhere :hello") == [b":irc.antechamber 403 Carl #nowhere :No such channel"]
    net.operator.ask(Mute("general", "Mary", 60))
    net.run()
    muted = b":irc.antechamber 404 Mary #general :You are still muted for 60 seconds."
    assert mary.asked("PRIVMSG #general :one", "PRIVMSG #general :two") == [muted, muted]
    assert mary.asked("NOTICE #general :three") == []


def test_who_waits_for_a_seat_cannot_talk_yet() -> None:
    net = Net(seats=1)
    net.joins("Mary")
    bob = net.connects("Bob")
    bob.sends("JOIN #general")
    assert bob.asked("PRIVMSG #general :hello") == [b":irc.antechamber 404 Bob #general :Cannot send to channel"]


def test_a_user_cannot_talk_for_a_member_of_a_page_with_its_name() -> None:
    net = Net(settings=IrcSettings(open_channels=True))
    net.joins("Ann", "#den").sends("MODE #den -n")
    net.enters("Bob", "den")
    bob = net.connects("Bob")
    assert bob.asked("PRIVMSG #den :I am Bob") == [b":irc.antechamber 404 Bob #den :Cannot send to channel"]


def test_a_stranger_talks_in_a_channel_that_lets_strangers() -> None:
    net = Net(settings=IrcSettings(open_channels=True))
    ann = net.joins("Ann", "#den")
    ann.sends("MODE #den -n")
    ann.reads()
    assert net.connects("Bob").asked("PRIVMSG #den :hello") == []
    assert [line.partition(b" ")[2] for line in ann.reads()] == [b"PRIVMSG #den :hello"]


def test_in_a_moderated_channel_only_those_with_a_voice_talk() -> None:
    net, mary, bob = pair()
    set_modes(net, ModeChange("+m"), ModeChange("+v", "Bob"))
    net.reads_away(mary, bob)
    words = b"Only those who have a voice may talk in the general channel now."
    assert mary.asked("PRIVMSG #general :hello") == [b":irc.antechamber 404 Mary #general :" + words]
    bob.sends("PRIVMSG #general :hello")
    assert mary.reads() == [b":Bob!~u@bob.cloak PRIVMSG #general :hello"]


@pytest.mark.parametrize("more", [0, 1])
def test_a_message_goes_to_so_many_targets_and_no_more(more: int) -> None:
    _, mary, bob = pair()
    targets = ",".join(["#general", *(f"nobody{number}" for number in range(TARGETS_MAX - 1 + more))])
    replies = mary.asked(f"PRIVMSG {targets} :hello")
    if more:
        assert replies == [f":irc.antechamber 407 Mary {targets} :Too many targets".encode()]
        assert bob.reads() == []
    else:
        assert [line.split()[1] for line in replies] == [b"401"] * (TARGETS_MAX - 1)
        assert len(bob.reads()) == 1


def test_the_same_target_twice_is_one() -> None:
    _, mary, bob = pair()
    mary.sends("PRIVMSG Bob,Bob,bob :hello")
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG Bob :hello"]


def test_talking_is_a_sign_of_life_where_one_talks() -> None:
    net, mary, _ = pair()
    mary.sends("JOIN #games")
    net.clock.time += 50
    mary.sends("PRIVMSG #general :hello")
    seats = [net.rooms[name].channel.seated["Mary"].active_at for name in ("general", "games")]
    assert [net.clock.time - active_at for active_at in seats] == [0, 50]


# Those with a role


def test_what_is_for_operators_is_read_by_them_alone_and_not_kept() -> None:
    net, mary, bob = pair("echo-message")
    ann = net.joins("Ann")
    page = net.enters("Pat")
    set_modes(net, ModeChange("+o", "Bob"), ModeChange("+v", "Ann"), ModeChange("+o", "Pat"))
    net.reads_away(mary, bob, ann)
    page.new()
    kept = net.rooms["general"].log.sequence
    line = b":Mary!~u@mary.cloak PRIVMSG @#general :help"
    assert mary.asked("PRIVMSG @#general :help") == [line]
    assert bob.reads() == [line]
    assert ann.reads() == []
    assert [message for message in page.messages() if isinstance(message, Whispered)] == [
        Whispered(net.clock.now(), "general", "Mary", "Pat", "help")
    ]
    mary.sends("PRIVMSG +#general :all of you")
    assert len(bob.reads()) == len(ann.reads()) == 1
    assert net.rooms["general"].log.sequence == kept


def test_who_may_not_talk_may_not_talk_to_operators_either() -> None:
    net = Net()
    carl = net.connects("Carl")
    assert carl.asked("PRIVMSG @#general :x") == [b":irc.antechamber 404 Carl @#general :Cannot send to channel"]
    assert carl.asked("PRIVMSG @#nowhere :x") == [b":irc.antechamber 403 Carl #nowhere :No such channel"]


# People


def test_irc_users_talk_to_each_other_wherever_they_sit() -> None:
    net = Net()
    mary, bob = net.connects("Mary"), net.connects("Bob", *TAGS)
    assert mary.asked("PRIVMSG bob :hello") == []
    assert bob.reads() == [b"@%b;msgid=pm-3b9aca00-1 :Mary!~u@mary.cloak PRIVMSG Bob :hello" % TIME]
    assert bob.asked("NOTICE Mary :hi") == []
    assert mary.reads() == [b":Bob!~u@bob.cloak NOTICE Mary :hi"]


def test_both_read_a_private_message_by_the_same_id() -> None:
    net = Net()
    mary, bob = net.connects("Mary", "echo-message", *TAGS), net.connects("Bob", *TAGS)
    echo = mary.asked("@+reply=pm-1-1 PRIVMSG Bob :hello")
    assert echo == bob.reads()
    assert echo == [b"@%b;msgid=pm-3b9aca00-1;+reply=pm-1-1 :Mary!~u@mary.cloak PRIVMSG Bob :hello" % TIME]


def test_one_who_is_away_says_so_to_messages_and_not_to_notices() -> None:
    net = Net()
    mary, bob = net.connects("Mary"), net.connects("Bob")
    bob.sends("AWAY :at lunch")
    bob.reads()
    assert mary.asked("PRIVMSG Bob :hello") == [b":irc.antechamber 301 Mary Bob :at lunch"]
    assert mary.asked("NOTICE Bob :hello") == []
    assert len(bob.reads()) == 2


def test_what_one_says_to_itself_comes_once_or_with_its_echo_twice() -> None:
    net = Net()
    line = b":Mary!~u@mary.cloak PRIVMSG Mary :note"
    mary = net.connects("Mary")
    assert mary.asked("PRIVMSG Mary :note") == [line]
    mary.sends("CAP REQ echo-message")
    assert mary.asked("PRIVMSG Mary :note") == [line, line]


def test_nobody_is_told_apart_from_nobody() -> None:
    net = Net()
    net.enters("Ann")
    mary = net.connects("Mary")
    assert mary.asked("PRIVMSG Ann :hello") == [b":irc.antechamber 401 Mary Ann :No such nick/channel"]
    assert mary.asked("PRIVMSG Carl :hello") == [b":irc.antechamber 401 Mary Carl :No such nick/channel"]


def test_a_member_of_a_page_reads_a_private_message_as_a_whisper_in_a_shared_channel() -> None:
    net, mary, _ = pair("echo-message")
    ann = net.enters("Ann")
    mary.reads()
    ann.new()
    assert mary.asked("PRIVMSG ann :hello") == [b":Mary!~u@mary.cloak PRIVMSG Ann :hello"]
    mary.sends("PRIVMSG Ann :\x01ACTION waves\x01", "PRIVMSG Ann :\x01VERSION\x01")
    time = net.clock.now()
    assert ann.messages() == [
        Whispered(time, "general", "Mary", "Ann", "hello"),
        Whispered(time, "general", "Mary", "Ann", "* Mary waves"),
    ]
    ann.ask(Whisper("Mary", "hi"))
    net.run()
    assert mary.reads()[-1] == b":Ann!~u@antechamber PRIVMSG Mary :hi"


def test_one_who_is_muted_whispers_to_no_page() -> None:
    net, mary, _ = pair()
    net.enters("Ann")
    net.operator.ask(Mute("general", "Mary", 60))
    net.run()
    mary.reads()
    told = b":irc.antechamber 404 Mary Ann :You are still muted for 60 seconds."
    assert mary.asked("PRIVMSG Ann :hello") == [told]
    assert mary.asked("NOTICE Ann :hello") == []


def test_one_whose_connection_was_lost_reads_no_whisper() -> None:
    net = Net(limits=Limits(seat_hold_seconds=60.0, held_visit_seconds_min=0))
    mary = net.joins("Mary")
    net.enters("Ann").vanish()
    net.run()
    mary.reads()
    told = b":irc.antechamber 401 Mary Ann :Ann has lost the connection and may come back soon"
    assert mary.asked("PRIVMSG Ann :hello") == [told]


def test_talking_to_somebody_is_a_sign_of_life_everywhere() -> None:
    net, mary, _ = pair()
    net.clock.time += 50
    mary.sends("PRIVMSG Bob :hello")
    assert net.rooms["general"].channel.seated["Mary"].active_at == net.clock.time


# Programs


def test_requests_to_programs_pass_between_irc_users_alone() -> None:
    _, mary, bob = pair()
    mary.sends("PRIVMSG Bob :\x01VERSION\x01")
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG Bob :\x01VERSION\x01"]
    bob.sends("NOTICE Mary :\x01VERSION WeeChat\x01")
    assert mary.reads() == [b":Bob!~u@bob.cloak NOTICE Mary :\x01VERSION WeeChat\x01"]
    told = b":irc.antechamber 404 Mary #general :CTCP messages cannot be sent to a channel"
    assert mary.asked("PRIVMSG #general :\x01VERSION\x01") == [told]


def test_dcc_is_refused_with_a_word_on_how_files_go() -> None:
    _, mary, bob = pair()
    assert mary.asked("PRIVMSG Bob :\x01DCC SEND cat.png 1 2 3\x01") == [
        b":irc.antechamber NOTICE Mary :Files are sent by links on this server: SEND <nick> <file name> gives you one."
    ]
    assert bob.reads() == []


@pytest.mark.parametrize("text", ["\x01\x01", "\x01 hello\x01", "\x01"])
def test_a_request_that_does_not_say_what_it_is_goes_to_no_channel(text: str) -> None:
    net = Net()
    mary, bob = net.joins("Mary"), net.joins("Bob")
    net.reads_away(mary, bob)
    entries = net.entries()
    assert mary.asked(f"PRIVMSG #general :{text}") == [
        b":irc.antechamber 404 Mary #general :CTCP messages cannot be sent to a channel"
    ]
    assert (net.entries(), bob.reads()) == (entries, [])
