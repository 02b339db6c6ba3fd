"""Capabilities: what of IRCv3 a client asks for, by CAP, and what follows for the sessions of its memberships."""

from collections.abc import Iterable, Iterator, Sequence

from antechamber.codec.irc.capabilities import Capability, listed, names_of, requested
from antechamber.codec.irc.decoding import SERVER_NAME, Line, message
from antechamber.codec.irc.numerics import ERR_INVALIDCAPCMD
from antechamber.irc.network import Network
from antechamber.irc.registration import advance_registration
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.session.session import Session

_IN_PIECES = 302
"""The version of the negotiation from which on a list may be in several lines, and cap-notify is implied."""
_LIST_BYTES_MAX = 400
"""Length of the names in one line of a list."""


@verb("CAP LS|LIST|REQ|END", "Asks for IRCv3 capabilities.", params_min=1, before_registration=True)
def _cap(network: Network, user: User, line: Line) -> None:
    what, words = line.params[0].upper(), line.params[1:]
    match what:
        case "LS":
            _list_all(network, user, words)
        case "LIST":
            _tell_list(network, user, "LIST", names_of(user.capabilities))
        case "REQ":
            _request(network, user, words[0] if words else "")
        case "END":
            _end(network, user)
        case _:
            network.reply(user, ERR_INVALIDCAPCMD, what)


def _list_all(network: Network, user: User, words: Sequence[str]) -> None:
    version = int(words[0]) if words and words[0].isascii() and words[0].isdigit() and len(words[0]) < 5 else 0
    network.change(user, "cap_version", max(version, user.cap_version))
    _negotiates(network, user)
    if user.cap_version >= _IN_PIECES:
        set_capabilities(network, user, user.capabilities | Capability.CAP_NOTIFY)
    _tell_list(network, user, "LS", listed(user.cap_version))


def _request(network: Network, user: User, asked: str) -> None:
    names = asked.split()
    _negotiates(network, user)
    capabilities = requested(names, user.capabilities)
    if capabilities is not None and user.cap_version >= _IN_PIECES and "-cap-notify" in names:
        capabilities = None
    if capabilities is not None:
        set_capabilities(network, user, capabilities)
    _tell(network, user, "NAK" if capabilities is None else "ACK", " ".join(names))


def _end(network: Network, user: User) -> None:
    if user.registration is not None:
        advance_registration(network, user, user.registration._replace(negotiates=False))


def _negotiates(network: Network, user: User) -> None:
    """Let a connection not be registered before it has ended the negotiation."""
    if user.registration is not None:
        advance_registration(network, user, user.registration._replace(negotiates=True))


def _tell_list(network: Network, user: User, what: str, names: Iterable[str]) -> None:
    portions = list(_portions(names)) if user.cap_version >= _IN_PIECES else [" ".join(names)]
    for portion in portions[:-1]:
        _tell(network, user, what, "*", portion)
    _tell(network, user, what, portions[-1])


def _tell(network: Network, user: User, *words: str) -> None:
    network.send(user, message(SERVER_NAME, "CAP", user.name or "*", *words, trailing=True))


def _portions(names: Iterable[str]) -> Iterator[str]:
    """Join names by spaces, as many at a time as fit into a line; one empty text where there are none."""
    portion = ""
    for name in names:
        if portion and len(portion) + 1 + len(name) > _LIST_BYTES_MAX:
            yield portion
            portion = ""
        portion = f"{portion} {name}" if portion else name
    yield portion


def set_capabilities(network: Network, user: User, capabilities: int) -> None:
    """Let a user have these capabilities, and read its channels as they have it from this turn on."""
    before = user.capabilities
    if capabilities == before:
        return
    _read_by(network, user, capabilities)
    network.turn.undo.append(lambda: _read_by(network, user, before))


def _read_by(network: Network, user: User, capabilities: int) -> None:
    assert user.memberships is not None
    user.capabilities = capabilities
    encoding = network.encodings.of(capabilities)
    sessions: tuple[Session, ...] = (user, *user.memberships.values())
    for session in sessions:
        if session.encoding is not encoding and not session.behind:
            audience = network.rooms[session.channel].audience if session.seated else None
            if audience is not None:
                audience.discard(session)
            session.encoding = encoding
            if audience is not None:
                audience.add(session)
