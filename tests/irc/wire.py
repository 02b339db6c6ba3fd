"""A whole server with an IRC network, driven by literal bytes.

    network = Net()
    mary = network.connects("Mary")
    mary.sends("JOIN #general")
    assert mary.reads() == [b":Mary!~u@mary.cloak JOIN #general", ...]

The hub, the decoder, the encodings and all handlers are the real ones; transports, clock, loop and log are those of
`fakes`. Members on pages and terminals join by `enters`.
"""

from collections.abc import Callable

from antechamber.codec.irc.decoding import IrcDecoder
from antechamber.irc.dispatch import PARAMETERS, Dispatch
from antechamber.irc.network import IrcSettings, Network
from antechamber.irc.users import User
from antechamber.log import Log
from antechamber.protocol.commands import Leave, SetModes
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import Limits
from antechamber.session.session import GONE
from antechamber.session.tokens import operator_token
from tests.fakes import CHANNELS, SECRET, FailingLog, FakeTransport, House, Person

OPEN = IrcSettings(open_channels=True)
"""A network whose users may make channels."""


class Client:
    """The connection of an IRC client, as the gateway would serve it."""

    def __init__(self, net: "Net", host: str) -> None:
        self.net = net
        self.transport = FakeTransport()
        self.user = User(self.transport, net.network.encodings.of(0), host)
        self._decoder = IrcDecoder(PARAMETERS)
        self._read = 0

    def sends(self, *lines: str | bytes) -> None:
        """Send whole lines in one piece, and have the hub take its turns."""
        raw = [line.encode() if isinstance(line, str) else line for line in lines]
        self.sends_raw(b"".join(line + b"\r\n" for line in raw))

    def sends_raw(self, data: bytes) -> None:
        """Send bytes as they are, and have the hub take its turns."""
        self.asks(data)
        self.net.run()

    def asks(self, data: bytes) -> None:
        """Send bytes as they are; the hub takes them with its next turn."""
        if commands := self._decoder.receive(data):
            self.net.hub.submit(self.user, commands)

    def reads(self) -> list[bytes]:
        """Return the lines written since this was last called, without their ends."""
        data = b"".join(self.transport.writes[self._read :])
        self._read = len(self.transport.writes)
        *lines, rest = data.split(b"\r\n")
        assert rest == b"", "a line is not whole"
        return lines

    def asked(self, *lines: str | bytes) -> list[bytes]:
        """Send lines, and return what is read from then on."""
        self.reads()
        self.sends(*lines)
        return self.reads()

    def vanishes(self, text: str = "") -> None:
        """Lose the connection."""
        self.user.transport = GONE
        for session in (self.user.memberships or {}).values():
            session.transport = GONE
        self.net.hub.submit(self.user, [Leave("lost", text)])
        self.net.run()


class Net(House):
    """A server with an IRC network."""

    def __init__(
        self,
        seats: int = 5,
        limits: Limits | None = None,
        log: Log | None = None,
        channels: tuple[str, ...] = CHANNELS,
        settings: IrcSettings | None = None,
        rehash: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(seats, limits, log, channels)
        self.network = Network(self.hub, self.limits, settings or IrcSettings(), rehash)
        self.hub.router.extend(Dispatch(self.network))

    @property
    def operator_token(self) -> str:
        """The token that makes a user an operator of the server."""
        return operator_token(SECRET)

    def connection(self, host: str = "somebody.cloak") -> Client:
        """Open a connection that has sent nothing yet."""
        return Client(self, host)

    def connects(self, nick: str, *capabilities: str, password: str = "") -> Client:
        """Open a connection, register with these capabilities, and discard the welcome."""
        client = Client(self, f"{nick.lower()}.cloak")
        if password:
            client.sends(f"PASS {password}")
        if capabilities:
            client.sends(f"CAP REQ :{' '.join(capabilities)}")
        client.sends(f"NICK {nick}", f"USER {nick.lower()} 0 * :{nick} Doe")
        if capabilities:
            client.sends("CAP END")
        assert client.user.name == nick, client.reads()
        client.reads()
        return client

    def joins(self, nick: str, *channels: str, capabilities: tuple[str, ...] = (), password: str = "") -> Client:
        """Open a connection, register, join these channels, and discard all that is read."""
        client = self.connects(nick, *capabilities, password=password)
        client.sends(f"JOIN {','.join(channels or ('#general',))}")
        client.reads()
        return client

    def enters(self, name: str, channel: str = "general") -> Person:
        """Have a member join who is not on IRC."""
        return self.enter(name, channel)

    def sets_mode(self, mode: str, argument: str = "", channel: str = "general") -> None:
        """Have the operator at the console change a mode or a role."""
        self.operator.ask(SetModes((ModeChange(mode, argument),), channel))
        self.run()

    def reads_away(self, *clients: Client) -> None:
        """Discard what these clients have been told so far."""
        for client in clients:
            client.reads()


class FullNet(Net):
    """A network whose log can be full, and whose users may make channels."""

    log: FailingLog

    def __init__(self, seats: int = 5) -> None:
        super().__init__(seats, log=FailingLog(), settings=OPEN)


def ruled(*others: str, channel: str = "#den") -> tuple[Net, Client]:
    """Return a network and Ann, who has made a channel and is its operator; these others are in it."""
    net = Net(settings=OPEN)
    ann = net.joins("Ann", channel)
    for name in others:
        net.joins(name, channel)
    ann.reads()
    return net, ann
