"""NICK: a new nick, in all channels at once or in none."""

from antechamber.protocol.commands import Mute
from antechamber.protocol.limits import WHOWAS_KEPT
from tests.fakes import FailingLog
from tests.irc.wire import Net

S = b":irc.antechamber "


def test_a_new_nick_is_read_once_by_everybody_who_shares_a_channel() -> None:
    network = Net()
    mary = network.joins("Mary", "#general", "#games")
    john, anna = network.joins("John", "#general", "#games"), network.joins("Anna", "#games")
    network.reads_away(mary, john, anna)
    mary.sends("NICK Maria")
    told = [b":Mary!~u@mary.cloak NICK Maria"]
    assert (mary.reads(), john.reads(), anna.reads()) == (told, told, told)
    john.sends("PRIVMSG Maria :hi")
    assert mary.reads() == [b":John!~u@john.cloak PRIVMSG Maria :hi"]
    mary.sends("PRIVMSG #games :it is me")
    assert anna.reads() == [b":Maria!~u@mary.cloak PRIVMSG #games :it is me"]
    assert network.rooms["general"].sessions.keys() == {"Maria", "John"}
    network.check()


def test_who_sits_nowhere_reads_its_new_nick() -> None:
    network = Net()
    mary = network.connects("Mary")
    assert mary.asked("NICK Maria", "PING x") == [b":Mary!~u@mary.cloak NICK Maria", S + b"PONG irc.antechamber :x"]
    assert network.connection().asked("NICK Mary") == []


def test_who_waits_reads_its_new_nick_and_keeps_its_place() -> None:
    network = Net(seats=1)
    network.joins("John")
    mary, anna = network.joins("Mary"), network.joins("Anna")
    network.reads_away(mary, anna)
    assert mary.asked("NICK Maria") == [b":Mary!~u@mary.cloak NICK Maria"]
    assert list(network.rooms["general"].channel.waiting) == ["Maria", "Anna"]
    assert anna.reads() == []


def test_a_nick_that_somebody_has_stays_theirs() -> None:
    network = Net()
    network.connects("John")
    mary = network.connects("Mary")
    assert mary.asked("NICK john", "NICK [x]", "NICK") == [
        S + b"433 Mary john :Nickname is already in use",
        S + b"432 Mary [x] :A name has only letters, digits, marks and . _ - + ~ '",
        S + b"431 Mary :No nickname given",
    ]


def test_ones_own_nick_may_be_spelled_otherwise() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    network.reads_away(john)
    assert mary.asked("NICK MARY") == [b":Mary!~u@mary.cloak NICK MARY"]
    assert john.reads() == [b":Mary!~u@mary.cloak NICK MARY"]
    assert mary.asked("NICK MARY") == []
    network.check()


def test_a_nick_that_a_member_from_a_page_has_in_one_of_the_channels_is_not_free() -> None:
    network = Net()
    network.enters("Page", "games")
    mary = network.joins("Mary", "#general", "#games")
    john = network.joins("John", "#general")
    network.reads_away(john)
    assert mary.asked("NICK page") == [S + b"433 Mary page :Somebody has this nick in #games"]
    assert mary.asked("NICK Page") == [S + b"433 Mary Page :Somebody has this nick in #games"]
    assert john.reads() == []
    assert network.rooms["general"].sessions.keys() == {"Mary", "John"}
    elsewhere = network.joins("Anna", "#general")
    assert elsewhere.asked("NICK Page") == [b":Anna!~u@anna.cloak NICK Page"]
    network.check()


def test_who_is_banned_in_one_of_the_channels_keeps_its_nick() -> None:
    network = Net()
    mary = network.joins("Mary", "#general", "#games")
    network.sets_mode("+b", "mary", channel="games")
    mary.reads()
    text = b"You are banned in the games channel, so you keep your name there."
    assert mary.asked("NICK Maria") == [S + b"435 Mary Maria #games :" + text]
    assert network.rooms["general"].sessions.keys() == network.rooms["games"].sessions.keys() == {"Mary"}


def test_roles_go_with_the_nick() -> None:
    network = Net()
    mary = network.joins("Mary")
    network.sets_mode("+o", "Mary")
    mary.reads()
    mary.sends("NICK Maria")
    mary.reads()
    assert mary.asked("NAMES #general") == [
        S + b"353 Maria = #general :@Maria",
        S + b"366 Maria #general :End of NAMES list",
    ]


def test_a_page_reads_the_new_name() -> None:
    network = Net()
    page, mary = network.enters("Page"), network.joins("Mary")
    network.quiet(page)
    mary.sends("NICK Maria")
    (told,) = page.messages()
    assert '"renamed"' in page.data.decode()
    assert told


def test_changes_that_were_not_kept_are_undone_though_many_nicks_were_had_since() -> None:
    log = FailingLog()
    net = Net(log=log)
    mary, bob = net.connects("Mary"), net.joins("Bob")
    log.full = True
    mary.asks(b"".join(b"NICK Mary%d\r\n" % number for number in range(WHOWAS_KEPT + 1)))
    assert bob.asked("PRIVMSG #general :hello")[0].startswith(b":irc.antechamber FAIL PRIVMSG NOT_KEPT #general :")
    assert (mary.user.name, net.network.users.get("Mary"), list(net.network.users.former)) == ("Mary", mary.user, [])
    log.full = False
    mary.reads()
    assert mary.asked("NICK Maria") == [b":Mary!~u@mary.cloak NICK Maria"]


def test_a_member_in_another_case_is_told_apart_by_its_spelling() -> None:
    net = Net()
    net.enters("Mary")
    net.enters("mary")
    bob = net.joins("Bob")
    net.sets_mode("+o", "Bob")
    bob.reads()
    assert bob.asked("KICK #general mary :out") == [b":Bob!~u@bob.cloak KICK #general mary :out"]
    assert bob.asked("KICK #general MARY :out") == [b":Bob!~u@bob.cloak KICK #general Mary :out"]


def test_what_one_says_in_any_channel_is_read_by_the_nick_that_it_had_then() -> None:
    net = Net()
    mary, bob = net.joins("Mary", "#general", "#games"), net.joins("Bob", "#games", "#general")
    net.reads_away(mary, bob)
    mary.sends("PRIVMSG #games :one", "NICK Maria", "PRIVMSG #games :two")
    assert bob.reads() == [
        b":Mary!~u@mary.cloak PRIVMSG #games :one",
        b":Mary!~u@mary.cloak NICK Maria",
        b":Maria!~u@mary.cloak PRIVMSG #games :two",
    ]


def test_who_is_muted_is_so_still_though_others_had_its_nick_in_a_turn_that_was_not_kept() -> None:
    log = FailingLog()
    net = Net(log=log)
    mary, bob = net.joins("Mary"), net.joins("Bob")
    net.operator.ask(Mute("general", "Mary", 60))
    net.run()
    net.reads_away(mary, bob)
    log.full = True
    mary.asks(b"NICK Ann\r\n")
    bob.sends("NICK Mary")
    log.full = False
    net.reads_away(mary, bob)
    assert mary.asked("PRIVMSG #general :hello")[0].startswith(
        b":irc.antechamber 404 Mary #general :You are still muted"
    )
    assert bob.asked("PRIVMSG #general :hello") == []
    net.check()
