"""A whole server with an IRC network on it, driven by literal bytes.

    network = Net()
    mary = network.connects("Mary")
    mary.sends("JOIN #general")
    assert mary.reads() == [b":Mary!~u@mary.cloak JOIN #general", ...]

The hub, the decoder, the encodings and everything that carries commands out are the real ones; transports, clock, loop
and log are those of `fakes`. Members of pages and terminals come in by `enters`.
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
from tests.fakes import CHANNELS, SECRET, FakeTransport, House, Person


class Client:
    """An IRC client's connection, as the gateway would look after it."""

    def __init__(self, net: "Net", host: str) -> None:
        self.net = net
        self.transport = FakeTransport()
        self.user = User(self.transport, net.network.encodings.of(0), host)
        self._decoder = IrcDecoder(PARAMETERS)
        self._read = 0

    def sends(self, *lines: str | bytes) -> None:
        """Send whole lines, all in one piece, and let the hub take its turns."""
        raw = [line.encode() if isinstance(line, str) else line for line in lines]
        self.sends_raw(b"".join(line + b"\r\n" for line in raw))

    def sends_raw(self, data: bytes) -> None:
        """Send bytes as they are, and let the hub take its turns."""
        self.asks(data)
        self.net.run()

    def asks(self, data: bytes) -> None:
        """Send bytes as they are; the hub takes them with its next turn."""
        if commands := self._decoder.receive(data):
            self.net.hub.submit(self.user, commands)

    def reads(self) -> list[bytes]:
        """Return the lines written since the last look, without their ends."""
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
        """Let the connection die."""
        self.user.transport = GONE
        for session in (self.user.memberships or {}).values():
            session.transport = GONE
        self.net.hub.submit(self.user, [Leave("lost", text)])
        self.net.run()


class Net(House):
    """A house with an IRC network."""

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
        Dispatch(self.network).extend(self.hub)

    @property
    def operator_token(self) -> str:
        """The word that makes an operator of who says it."""
        return operator_token(SECRET)

    def knocks(self, host: str = "somebody.cloak") -> Client:
        """Open a connection that has said nothing yet."""
        return Client(self, host)

    def connects(self, nick: str, *capabilities: str, password: str = "") -> Client:
        """Open a connection that registers, with these capabilities, and read the greeting away."""
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
        """Open a connection that registers and enters these channels, and read all that away."""
        client = self.connects(nick, *capabilities, password=password)
        client.sends(f"JOIN {','.join(channels or ('#general',))}")
        client.reads()
        return client

    def enters(self, name: str, channel: str = "general") -> Person:
        """Let a member come in by a page or a terminal."""
        return self.enter(name, channel)

    def sets_mode(self, mode: str, argument: str = "", channel: str = "general") -> None:
        """Let the operator at the console change a mode or a role."""
        self.operator.ask(SetModes((ModeChange(mode, argument),), channel))
        self.run()

    def reads_away(self, *clients: Client) -> None:
        """Read away what these were told so far."""
        for client in clients:
            client.reads()
