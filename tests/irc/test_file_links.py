"""Files for and from IRC users, by the bytes on the wire."""

from math import inf

from antechamber.protocol.commands import Received, Send
from antechamber.protocol.limits import LINK_SECONDS_MAX, Limits
from antechamber.protocol.notices import Offer, Sent, Ticket
from antechamber.rooms.transfers import SIZE_UNKNOWN, Uploaded
from tests.fakes import NOON, Person
from tests.irc.wire import Client, Net


def house(limits: Limits | None = None) -> tuple[Net, Client, Person]:
    """Return Bob, who reached the server by one of its addresses, and Pat, who sits with him and is on a page."""
    net = Net(limits=limits)
    net.hub.announce_front_desk(9876)
    bob, pat = net.joins("Bob"), net.enters("Pat")
    bob.user.reached_at = "192.0.2.7"
    bob.reads()
    pat.new()
    return net, bob, pat


def arrives(net: Net) -> None:
    """Have the front desk receive all of the file whose ticket was given out first."""
    transfer = net.transfers.get("t1")
    assert transfer is not None
    net.hub.submit(transfer.sender, [Uploaded("t1")])
    net.run()


def test_a_file_for_a_user_is_a_notice_from_its_sender_with_a_link() -> None:
    net, bob, pat = house()
    pat.ask(Send("Bob", "pictures/cat.png", 1234))
    net.run()
    assert pat.messages() == [Ticket(NOON, "t1", "/files/t1")]
    arrives(net)
    assert bob.reads() == [
        b":Pat!~u@antechamber NOTICE Bob :cat.png (1234 bytes) for you, for 10 minutes: http://192.0.2.7:9876/files/t1"
    ]
    transfer = net.transfers.get("t1")
    assert transfer is not None
    net.hub.submit(transfer.target, [Received("t1")])
    net.run()
    assert pat.messages() == [Sent(NOON, "Pat", "Bob", "pictures/cat.png")]
    assert bob.reads() == []


def test_a_link_is_kept_for_as_long_as_it_says() -> None:
    net, bob, pat = house(Limits(idle_seconds_max=inf))
    pat.ask(Send("Bob", "cat.png", 1234))
    net.run()
    arrives(net)
    net.loop.advance(LINK_SECONDS_MAX - 1)
    assert net.transfers.get("t1") is not None
    pat.new()
    bob.reads()
    net.loop.advance(1)
    assert net.transfers.get("t1") is None
    assert bob.reads() == [
        b":irc.antechamber NOTICE Bob :A file from Pat did not arrive: it made no progress for too long."
    ]


def test_a_user_brings_a_file_by_a_link() -> None:
    net, bob, pat = house()
    assert bob.asked("SEND pat our plan.txt") == [
        b":irc.antechamber NOTICE Bob :Send our plan.txt within 10 minutes, for example by: "
        b"curl -T 'our plan.txt' http://192.0.2.7:9876/files/t1"
    ]
    transfer = net.transfers.get("t1")
    assert transfer is not None
    assert transfer.size == SIZE_UNKNOWN
    transfer.size = 7
    arrives(net)
    assert pat.messages() == [Offer(NOON, "Bob", "our plan.txt", 7, "t1", "/files/t1")]
    pat.ask(Received("t1"))
    net.run()
    assert bob.reads() == [b":irc.antechamber NOTICE Bob :You sent our plan.txt to Pat."]


def test_irc_users_send_each_other_files_by_two_links() -> None:
    net, bob, _ = house()
    ann = net.joins("Ann")
    bob.reads()
    bob.sends("SEND Ann cat.png")
    transfer = net.transfers.get("t1")
    assert transfer is not None
    transfer.size = 7
    arrives(net)
    link = b"http://localhost:9876/files/t1"
    assert ann.reads() == [b":Bob!~u@bob.cloak NOTICE Ann :cat.png (7 bytes) for you, for 10 minutes: " + link]


def test_files_go_between_members_of_one_channel() -> None:
    net, bob, _ = house()
    net.connects("Carl")
    assert bob.asked("SEND Carl cat.png") == [b":irc.antechamber 401 Bob Carl :No such nick/channel"]
    assert bob.asked("SEND Pat") == [b":irc.antechamber 461 Bob SEND :Not enough parameters"]


def test_without_a_front_desk_no_file_is_brought() -> None:
    net, bob, _ = house()
    net.hub.announce_front_desk(0)
    (told,) = bob.asked("SEND Pat cat.png")
    assert told.startswith(b":irc.antechamber FAIL * NO_FILES :")
