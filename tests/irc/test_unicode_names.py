"""Names on IRC: the same name in whatever Unicode form it is written; and names that nobody may have."""

import unicodedata

import pytest

from antechamber.channel.modes import nick_key
from antechamber.codec.irc.decoding import SERVER_NAME
from antechamber.irc.network import IrcSettings
from antechamber.irc.verbs import VERBS
from tests.fakes import Person
from tests.irc.wire import Client, Net

S = b":irc.antechamber "
ZOE, CAFE, WOOD = "Zoë", "Café", "Forêt"
CAPABILITIES = ("batch", "draft/chathistory", "echo-message", "message-tags", "setname")


def decomposed(text: str) -> str:
    """Return a text in Unicode form NFD."""
    return unicodedata.normalize("NFD", text)


def net_with_zoe() -> tuple[Net, Client, Client, Person]:
    """Return a network where Ann, the operator of the channel Café, sits with Zoë, on IRC too, and Chloé on a page."""
    net = Net(channels=("general", CAFE, WOOD), settings=IrcSettings(open_channels=True))
    ann, zoe = [net.joins(nick, f"#{CAFE}", capabilities=CAPABILITIES) for nick in ("Ann", ZOE)]
    chloe = net.enters("Chloé", CAFE)
    net.sets_mode("+o", "Ann", CAFE)
    ann.sends(f"PRIVMSG #{CAFE} :hi")
    net.reads_away(ann, zoe)
    chloe.new()
    return net, ann, zoe, chloe


COMMANDS = [
    *("PRIVMSG Zoë :hi", "PRIVMSG Chloé :hi", "PRIVMSG #Café :hi", "PRIVMSG @#Café :hi", "NOTICE Zoë :hi"),
    *(
        "NOTICE #Café :hi",
        "@+typing=active TAGMSG Zoë",
        "@+typing=active TAGMSG #Café",
        "WHOIS Zoë",
        "WHOIS Zoë Zoë",
        "WHOIS Chloé",
        "WHO Zoë",
    ),
    *("WHO #Café", "WHO Zo?", "WHO Z*ë", "WHO *Doë*", "WHOWAS Zoë", "ISON Zoë Chloé", "ISON :Ann Zoë"),
    *("USERHOST Ann Zoë Chloé", "INVITE Zoë #general", "INVITE Chloé #Café", "INVITE Zoë #Café", "NAMES #Café"),
    *("TOPIC #Café", "TOPIC #Café :tea", "LIST #Café", "LIST *é", "MODE #Café", "MODE #Café +o Zoë"),
    *("MODE #Café +v Chloé", "MODE #Café +b Zoë!*@*", "MODE #Café +k clé", "MODE Zoë", "KICK #Café Zoë"),
    *("KICK #Café Chloé :bye", "MUTE #Café Zoë 10", "MOVE #Café Zoë 0", "ANNOUNCE #Café :hi", "EMPTY #Café"),
    *("PART #Café", "JOIN #Forêt", "JOIN #Thé", "MONITOR + Zoë,Chloé", "MARKREAD #Café", "MARKREAD Zoë"),
    *("SEND Zoë a.txt", "SEND Chloé a.txt", "CHATHISTORY LATEST #Café * 10", "CHATHISTORY LATEST #Thé * 10"),
    *("NICK Zoë", "NICK Ännchen", "KILL Zoë", "SETNAME Doë"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_finds_a_name_in_whatever_form_it_is_written(command: str) -> None:
    told = []
    for form in (command, decomposed(command)):
        _, ann, zoe, chloe = net_with_zoe()
        ann.user.operator = command.startswith("KILL")
        told.append((ann.asked(form), zoe.reads(), chloe.new()))
    assert told[0] == told[1]
    assert any(told[0])


def test_every_command_that_names_somebody_is_tried() -> None:
    naming = {name for name, verb in VERBS.items() if verb.parameters.names != slice(0)}
    assert naming - {"USER", "BATCH"} == {
        command.removeprefix("@+typing=active ").partition(" ")[0] for command in COMMANDS
    }


def test_a_name_that_registers_is_found_in_either_form() -> None:
    net = Net()
    client = net.connection()
    told = client.asked(f"NICK {decomposed(ZOE)}", f"USER zoe 0 * :{decomposed('Zoë Doë')}")
    assert told[0].startswith(S + f"001 {ZOE} ".encode())
    assert client.user.realname == "Zoë Doë"
    other = net.connection()
    assert other.asked(f"NICK {ZOE}") == [S + f"433 * {ZOE} :Nickname is already in use".encode()]


def test_a_message_of_several_lines_is_to_a_name_in_either_form() -> None:
    told = []
    for target in (f"#{CAFE}", decomposed(f"#{CAFE}")):
        net = Net(channels=(CAFE,))
        ann = net.joins("Ann", f"#{CAFE}", capabilities=("batch", "draft/multiline", "message-tags"))
        tom = net.joins("Tom", f"#{CAFE}")
        lines = [f"@batch=é1 PRIVMSG {target} :{word}" for word in ("one", "two")]
        ann.sends(f"BATCH +é1 draft/multiline {target}", *lines, "BATCH -é1")
        told.append(tom.reads())
    assert told[0] == told[1]
    assert len(told[0]) == 2


def test_many_messages_in_a_row_are_to_a_name_in_either_form() -> None:
    _, ann, zoe, _ = net_with_zoe()
    target = decomposed(f"#{CAFE}")
    ann.sends_raw(f"PRIVMSG {target} :one\r\nPRIVMSG {target} :two\r\n".encode())
    assert [line.rpartition(b":")[2] for line in zoe.reads()] == [b"one", b"two"]


def test_what_is_said_stays_in_the_form_in_which_it_was_written() -> None:
    _, ann, zoe, _ = net_with_zoe()
    ann.sends(f"PRIVMSG #{CAFE} :{decomposed(ZOE)}", f"TOPIC #{CAFE} :{decomposed(ZOE)}")
    assert [line.rpartition(b":")[2] for line in zoe.reads()] == [decomposed(ZOE).encode()] * 2


def test_a_key_opens_a_channel_in_either_form() -> None:
    net, ann, _, _ = net_with_zoe()
    ann.sends(f"MODE #{CAFE} +k {decomposed('clé')}")
    for form in ("clé", decomposed("clé")):
        bob = net.connects("Bob" if form == "clé" else "Eve")
        assert b"JOIN" in bob.asked(f"JOIN #{CAFE} {form}")[0]


@pytest.mark.parametrize("first", [CAFE, decomposed(CAFE)])
def test_a_channel_that_is_opened_is_one_in_either_form(first: str) -> None:
    net = Net(settings=IrcSettings(open_channels=True))
    net.joins("Ann", f"#{first}")
    net.joins("Bob", f"#{decomposed(CAFE)}")
    assert set(net.hub.rooms[CAFE].channel.seated) == {"Ann", "Bob"}


def test_a_banned_name_is_banned_in_either_form() -> None:
    net, ann, _, _ = net_with_zoe()
    ann.sends(f"MODE #{CAFE} +b {decomposed('Ève')}!*@*")
    eve = net.connects("Ève")
    assert eve.asked(f"JOIN #{CAFE}")[0].startswith(S + "474 Ève ".encode())
    ann.sends(f"MODE #{CAFE} -b Ève!*@*")
    assert b"JOIN" in eve.asked(f"JOIN #{decomposed(CAFE)}")[0]


# Names that are nobody's


@pytest.mark.parametrize(
    ("nick", "why"),
    [
        *((name, "That is the server's own name") for name in ("Server", "OPERATOR", "nickserv", SERVER_NAME.upper())),
        ("Adm1n", 'A name cannot look like "Admin", which is the server\'s own'),
        (decomposed("Sérver"), 'A name cannot look like "Server", which is the server\'s own'),
        ("Sеrvеr", 'A name cannot look like "Server", which is the server\'s own'),
        ("Operator_", 'A name cannot look like "Operator", which is the server\'s own'),
    ],
)
def test_nobody_has_a_name_of_the_servers(nick: str, why: str) -> None:
    net = Net()
    shown = unicodedata.normalize("NFC", nick)
    assert net.connection().asked(f"NICK {nick}") == [S + f"432 * {shown} :{why}".encode()]
    mary = net.joins("Mary")
    assert mary.asked(f"NICK {nick}") == [S + f"432 Mary {shown} :{why}".encode()]


def test_nobody_is_invited_by_a_name_of_the_servers() -> None:
    net = Net()
    mary = net.joins("Mary")
    net.sets_mode("+o", "Mary")
    mary.reads()
    mary.sends("INVITE Server #general")
    assert nick_key("Server") not in net.hub.rooms["general"].channel.modes.invited


def test_a_channel_may_be_called_as_nobody_is() -> None:
    net = Net(settings=IrcSettings(open_channels=True))
    mary = net.connects("Mary")
    assert mary.asked("JOIN #Server")[0] == b":Mary!~u@mary.cloak JOIN #Server"
