"""Registration by PASS, NICK and USER, and the welcome; PING, PONG and QUIT."""

import pytest

from antechamber import __version__
from antechamber.irc.network import IrcSettings
from antechamber.protocol.limits import (
    LAST_WORDS_CHARACTERS_MAX,
    PASSWORD_CHARACTERS_MAX,
    REALNAME_CHARACTERS_MAX,
    Limits,
)
from tests.irc.wire import Net

S = b":irc.antechamber "
VERSION = f"antechamber-{__version__}".encode()


def test_a_connection_that_says_its_nick_and_who_it_is_is_welcomed() -> None:
    mary = Net().connection("mary.cloak")
    mary.sends("NICK Mary")
    assert mary.reads() == []
    mary.sends("USER mary 0 * :Mary Doe")
    assert mary.reads() == [
        S + b"001 Mary :Welcome to the Antechamber IRC Network Mary!~u@mary.cloak",
        S + b"002 Mary :Your host is irc.antechamber, running version " + VERSION,
        S + b"003 Mary :This server was created 1970-01-12 13:46:40 UTC",
        S + b"004 Mary irc.antechamber " + VERSION + b" Biow Ibeiklmnostv Ibeklov",
        S + b"005 Mary AWAYLEN=200 BOT=B CASEMAPPING=ascii CHANLIMIT=#:100 CHANMODES=beI,k,l,imnst CHANNELLEN=33"
        b" CHANTYPES=# CHATHISTORY=200 CLIENTTAGDENY=*,-draft/react,-draft/reply,-draft/unreact,-reply,-typing"
        b" ELIST=MNTU EXCEPTS=e INVEX=I KEYLEN=50 :are supported by this server",
        S + b"005 Mary KICKLEN=200 LINELEN=512 MAXLIST=b:100,e:100,I:100 MODES=4 MONITOR=100"
        b" MSGREFTYPES=msgid,timestamp NAMELEN=100 NETWORK=Antechamber NICKLEN=32 PREFIX=(ov)@+ SAFELIST"
        b" STATUSMSG=@+ TARGMAX=JOIN:,KICK:4,LIST:,NAMES:4,NOTICE:4,PART:,PRIVMSG:4,TAGMSG:4,WHOIS:1"
        b" :are supported by this server",
        S + b"005 Mary TOPICLEN=200 UTF8ONLY WHOX :are supported by this server",
        S + b"251 Mary :There are 1 users and 0 invisible on 1 servers",
        S + b"254 Mary 3 :channels formed",
        S + b"255 Mary :I have 1 clients and 0 servers",
        S + b"265 Mary 1 1 :Current local users 1, max 1",
        S + b"266 Mary 1 1 :Current global users 1, max 1",
        S + b"422 Mary :MOTD File is missing",
    ]


def test_user_may_come_before_nick() -> None:
    mary = Net().connection()
    mary.sends("USER mary 0 * :Mary Doe")
    assert mary.reads() == []
    mary.sends("NICK Mary")
    assert mary.reads()[0] == S + b"001 Mary :Welcome to the Antechamber IRC Network Mary!~u@somebody.cloak"


def test_what_is_supported_follows_the_limits() -> None:
    mary = Net(limits=Limits(name_characters_max=9)).connection()
    told = b" ".join(mary.asked("NICK Mary", "USER mary 0 * :Mary"))
    assert b" NICKLEN=9 " in told
    assert b" CHANNELLEN=10 " in told


def test_the_message_of_the_day_ends_the_welcome() -> None:
    mary = Net(settings=IrcSettings(motd="Be kind.\n\nSit down.")).connection()
    assert mary.asked("NICK Mary", "USER mary 0 * :Mary")[-5:] == [
        S + b"375 Mary :- irc.antechamber Message of the day - ",
        S + b"372 Mary :- Be kind.",
        S + b"372 Mary :- ",
        S + b"372 Mary :- Sit down.",
        S + b"376 Mary :End of MOTD command.",
    ]


def test_one_that_is_registered_does_not_register_again() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("USER mary 0 * :Mary", "PASS secret") == [
        S + b"462 Mary :You may not reregister",
        S + b"462 Mary :You may not reregister",
    ]


def test_a_user_name_that_is_empty_is_missing() -> None:
    mary = Net().connection()
    assert mary.asked("NICK Mary", "USER  0 * :x", "USER") == [
        S + b"461 * USER :Not enough parameters",
        S + b"461 * USER :Not enough parameters",
    ]


@pytest.mark.parametrize("over", [0, 1])
def test_a_real_name_is_cut_to_its_bound(over: int) -> None:
    network = Net()
    mary = network.connection()
    mary.sends("NICK Mary", f"USER mary 0 * :{'x' * (REALNAME_CHARACTERS_MAX + over)}")
    assert mary.user.realname == "x" * REALNAME_CHARACTERS_MAX


@pytest.mark.parametrize("command", ["JOIN #general", "PRIVMSG #general :hi", "WHOIS Mary", "LUSERS", "NONSENSE"])
def test_before_it_is_registered_a_connection_can_do_nothing_else(command: str) -> None:
    assert Net().connection().asked(command) == [S + b"451 * :You have not registered"]


def test_several_messages_in_a_row_before_registration_are_refused() -> None:
    replies = Net().connection().asked("PRIVMSG #general :a", "PRIVMSG #general :b")
    assert set(replies) == {S + b"451 * :You have not registered"}


# Nicks at registration


def test_a_nick_that_somebody_has_is_refused_and_another_may_be_taken() -> None:
    network = Net()
    network.connects("Mary")
    other = network.connection()
    assert other.asked("NICK mary") == [S + b"433 * mary :Nickname is already in use"]
    assert other.asked("USER x 0 * :x") == []
    assert other.asked("NICK Marian")[0].startswith(S + b"001 Marian ")


def test_of_two_who_want_one_nick_at_once_the_first_to_be_registered_has_it() -> None:
    network = Net()
    first, second = network.connection(), network.connection()
    first.sends("NICK Mary")
    second.sends("NICK Mary")
    first.sends("USER x 0 * :x")
    assert second.asked("USER x 0 * :x") == [S + b"433 * Mary :Nickname is already in use"]
    assert second.asked("NICK John")[0].startswith(S + b"001 John ")


@pytest.mark.parametrize(
    ("nick", "told"),
    [
        ("[x]", b"[x] :A name has only letters, digits, marks and . _ - + ~ '"),
        ("a|b", b"a|b :A name has only letters, digits, marks and . _ - + ~ '"),
        ("+x", b"+x :A nick does not begin with a +"),
        ("#x", b"#x :A name has only letters, digits, marks and . _ - + ~ '"),
        ("x" * 33, b"x" * 33 + b" :A name has at most 32 characters"),
        ("irc.Antechamber", b"irc.Antechamber :That is the server's own name"),
        (":a b", b"* :A name has only letters, digits, marks and . _ - + ~ '"),
        (":: b", b"* :A name has only letters, digits, marks and . _ - + ~ '"),
    ],
)
def test_a_nick_that_cannot_be_one_is_refused_with_the_reason(nick: str, told: bytes) -> None:
    assert Net().connection().asked(f"NICK {nick}") == [S + b"432 * " + told]


def test_a_nick_of_the_greatest_length_is_one() -> None:
    assert Net().connection().asked(f"NICK {'x' * 32}", "USER x 0 * :x")[0].startswith(S + b"001 " + b"x" * 32 + b" ")


@pytest.mark.parametrize("command", ["NICK", "NICK :"])
def test_a_nick_that_is_not_said_is_asked_for(command: str) -> None:
    assert Net().connection().asked(command) == [S + b"431 * :No nickname given"]


def test_two_spellings_of_one_letter_are_one_nick() -> None:
    network = Net()
    network.connects("Andr\N{LATIN SMALL LETTER E WITH ACUTE}")
    other = network.connection()
    assert other.asked("NICK Andre\N{COMBINING ACUTE ACCENT}") == [
        S + "433 * André :Nickname is already in use".encode()  # as one letter
    ]


# A ghost


def test_who_has_the_password_takes_over_the_nick_and_the_seats_that_are_held() -> None:
    network = Net(limits=Limits(seat_hold_seconds=60, held_visit_seconds_min=0))
    john, ghost = network.joins("John"), network.connects("Mary", password="secret")
    ghost.sends("JOIN #general")
    network.reads_away(ghost, john)
    mary = network.connection("other.cloak")
    assert mary.asked("PASS secret", "NICK Mary", "USER mary 0 * :Mary Doe")[0].startswith(S + b"001 Mary ")
    assert ghost.reads() == [b"ERROR :Closing Link: Mary (Overridden by another connection)"]
    assert ghost.transport.closed
    assert mary.asked("JOIN #general")[0] == b":Mary!~u@mary.cloak JOIN #general"
    ghost.vanishes()
    assert john.reads() == []
    mary.sends("PRIVMSG #general :here")
    assert john.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :here"]
    network.check()


def test_where_nothing_is_held_an_overtaken_connection_is_read_to_quit() -> None:
    network = Net()
    john, ghost = network.joins("John"), network.connects("Mary", password="secret")
    ghost.sends("JOIN #general")
    network.reads_away(john)
    network.connection().sends("PASS secret", "NICK Mary", "USER mary 0 * :Mary Doe")
    assert john.reads() == [b":Mary!~u@mary.cloak QUIT :Overridden by another connection"]
    network.check()


def test_another_password_takes_nothing_over() -> None:
    network = Net()
    network.connects("Mary", password="secret")
    assert network.connection().asked("PASS other", "NICK Mary") == [S + b"433 * Mary :Nickname is already in use"]
    assert network.connection().asked("NICK Mary") == [S + b"433 * Mary :Nickname is already in use"]


def test_who_came_without_a_password_is_taken_over_by_nobody() -> None:
    network = Net()
    network.connects("Mary")
    assert network.connection().asked("PASS x", "NICK Mary") == [S + b"433 * Mary :Nickname is already in use"]


@pytest.mark.parametrize("over", [0, 1])
def test_a_password_counts_up_to_its_bound(over: int) -> None:
    network = Net()
    long = "x" * PASSWORD_CHARACTERS_MAX
    network.connects("Mary", password=long + "y" * over)
    assert network.connection().asked(f"PASS {long}", "NICK Mary") == []


# Signs of life, and the end


def test_a_ping_is_answered() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("PING LAG123", "PING :a b", "PONG x") == [
        S + b"PONG irc.antechamber :LAG123",
        S + b"PONG irc.antechamber :a b",
    ]


def test_a_ping_is_answered_before_registration() -> None:
    assert Net().connection().asked("PING x", "PONG") == [S + b"PONG irc.antechamber :x"]


def test_a_ping_for_nothing_has_no_origin() -> None:
    assert Net().connects("Mary").asked("PING", "PING :") == [
        S + b"461 Mary PING :Not enough parameters",
        S + b"409 Mary :No origin specified",
    ]


def test_who_quits_is_told_goodbye_and_others_read_why() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    network.reads_away(mary, john)
    mary.sends("QUIT :gone fishing", "PRIVMSG #general :not said")
    assert mary.reads() == [b"ERROR :Closing Link: Mary (Quit: gone fishing)"]
    assert mary.transport.closed
    assert john.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: gone fishing"]
    mary.vanishes()
    assert john.reads() == []
    network.check()


def test_who_quits_without_a_word_is_leaving() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    network.reads_away(mary, john)
    mary.sends("QUIT")
    assert john.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: Leaving"]


def test_a_quit_is_read_once_by_who_shares_several_channels() -> None:
    network = Net()
    mary = network.joins("Mary", "#general", "#games")
    john, anna = network.joins("John", "#general", "#games"), network.joins("Anna", "#games")
    page = network.enters("Page", "games")
    network.reads_away(mary, john, anna)
    network.quiet(page)
    mary.sends("QUIT :bye")
    assert john.reads() == anna.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: bye"]
    assert len(page.messages()) == 1
    network.check()


@pytest.mark.parametrize("over", [0, 1])
def test_last_words_are_cut_to_their_bound(over: int) -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    network.reads_away(john)
    mary.sends(f"QUIT :{'x' * (LAST_WORDS_CHARACTERS_MAX + over)}")
    (told,) = john.reads()
    assert told == b":Mary!~u@mary.cloak QUIT :" + b"Quit: ".ljust(LAST_WORDS_CHARACTERS_MAX, b"x")


def test_a_connection_may_quit_before_it_is_registered() -> None:
    somebody = Net().connection()
    assert somebody.asked("NICK Mary", "QUIT :bye") == [b"ERROR :Closing Link: * (Quit: bye)"]
    assert somebody.transport.closed


def test_a_lost_connection_is_read_as_a_quit() -> None:
    network = Net()
    mary, john = network.joins("Mary", "#general", "#games"), network.joins("John", "#general", "#games")
    network.reads_away(john)
    mary.vanishes("Ping timeout: 240 seconds")
    assert john.reads() == [b":Mary!~u@mary.cloak QUIT :Ping timeout: 240 seconds"]
    assert network.connection().asked("NICK Mary") == []
    network.check()


def test_a_connection_lost_without_a_word_is_lost() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    network.reads_away(john)
    mary.vanishes()
    assert john.reads() == [b":Mary!~u@mary.cloak QUIT :Connection lost"]


def test_who_waits_and_quits_is_missed_by_nobody() -> None:
    network = Net(seats=1)
    john, mary = network.joins("John"), network.joins("Mary")
    network.reads_away(john)
    mary.sends("QUIT :bye")
    assert john.reads() == []
    network.check()
