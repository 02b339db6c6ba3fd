"""CAP: which IRCv3 capabilities a client has.

https://ircv3.net/specs/extensions/capability-negotiation
"""

from functools import partial

from antechamber.codec.irc.capabilities import Capability, listed, names_of, requested
from antechamber.codec.irc.decoding import SERVER_NAME, message
from antechamber.codec.irc.numerics import ERR_INVALIDCAPCMD
from antechamber.irc.exchange import Exchange
from antechamber.irc.message_text import LIST_BYTES_MAX, packed
from antechamber.irc.registration import advance_registration
from antechamber.irc.verbs import verb
from antechamber.session.session import Session

_IN_PIECES = 302
"""The version of the negotiation from which on a list may take several lines, and cap-notify is implied."""


@verb("CAP LS|LIST|REQ|END", "Asks for IRCv3 capabilities.", params_min=1, before_registration=True)
def cap(exchange: Exchange) -> None:
    """Carry out one step of the negotiation."""
    user, subcommand = exchange.user, exchange.param(0).upper()
    match subcommand:
        case "LS":
            _list_all(exchange)
        case "LIST":
            _tell_list(exchange, "LIST", names_of(user.capabilities))
        case "REQ":
            _request(exchange, exchange.param(1).split())
        case "END":
            if user.registration is not None:
                advance_registration(exchange, user.registration._replace(negotiates=False))
        case _:
            exchange.reply(ERR_INVALIDCAPCMD, subcommand)


def _list_all(exchange: Exchange) -> None:
    user, word = exchange.user, exchange.param(1)
    version = int(word) if word.isascii() and word.isdigit() and len(word) < 5 else 0
    exchange.set("cap_version", max(version, user.cap_version))
    _put_registration_off(exchange)
    if user.cap_version >= _IN_PIECES:
        set_capabilities(exchange, user.capabilities | Capability.CAP_NOTIFY)
    _tell_list(exchange, "LS", listed(user.cap_version))


def _request(exchange: Exchange, names: list[str]) -> None:
    user = exchange.user
    _put_registration_off(exchange)
    capabilities = requested(names, user.capabilities)
    if capabilities is not None and user.cap_version >= _IN_PIECES and "-cap-notify" in names:
        capabilities = None
    if capabilities is not None:
        set_capabilities(exchange, capabilities)
    _tell(exchange, "NAK" if capabilities is None else "ACK", " ".join(names))


def _put_registration_off(exchange: Exchange) -> None:
    """Put the registration of a connection off until it ends the negotiation."""
    registration = exchange.user.registration
    if registration is not None:
        advance_registration(exchange, registration._replace(negotiates=True))


def _tell_list(exchange: Exchange, subcommand: str, names: list[str]) -> None:
    lines = list(packed(names, LIST_BYTES_MAX)) if exchange.user.cap_version >= _IN_PIECES else [" ".join(names)]
    for line in lines[:-1]:
        _tell(exchange, subcommand, "*", line)
    _tell(exchange, subcommand, lines[-1] if lines else "")


def _tell(exchange: Exchange, *words: str) -> None:
    exchange.send(message(SERVER_NAME, "CAP", exchange.user.name or "*", *words, trailing=True))


def set_capabilities(exchange: Exchange, capabilities: int) -> None:
    """Give a user exactly these capabilities; from this turn on it reads its channels accordingly."""
    before = exchange.user.capabilities
    if capabilities != before:
        _put(exchange, capabilities)
        exchange.turn.undo.append(partial(_put, exchange, before))


def _put(exchange: Exchange, capabilities: int) -> None:
    user, network = exchange.user, exchange.network
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
