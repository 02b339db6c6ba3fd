"""SEND, and files for users of IRC: they send and fetch files in a browser, by links.

`SEND <nick> <file name>` is answered with a link to send the file to. Its receiver is told by a NOTICE from the sender,
with a link to fetch it by; the file has arrived once all its bytes have been fetched.
"""

import shlex
from typing import Final

from antechamber.channel.decide import SENDING, barred
from antechamber.codec.irc.decoding import message, source_of
from antechamber.codec.irc.numerics import ERR_NOSUCHNICK
from antechamber.irc.exchange import Exchange
from antechamber.irc.private_message import shared_rooms
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Send
from antechamber.protocol.limits import LINK_SECONDS_MAX
from antechamber.protocol.notices import Offer, Ticket
from antechamber.rooms.transfers import SIZE_UNKNOWN, Transfer
from antechamber.session.session import Session

_MINUTES: Final = round(LINK_SECONDS_MAX / 60)
"""How long a link lasts. A person has to follow it, so it lasts longer than a program's ticket."""


def tell_link(exchange: Exchange, session: Session, transfer: Transfer, notice: Ticket | Offer) -> None:
    """Tell the user, one of whose memberships `session` is, by which link to send or to fetch a file."""
    user = exchange.user
    transfer.moved_at = exchange.turn.steady + LINK_SECONDS_MAX - exchange.network.limits.transfer_idle_seconds_max
    link = f"http://{user.reached_at or 'localhost'}:{exchange.network.files.front_desk_port}{notice.path}"
    if isinstance(notice, Ticket):
        how = f"curl -T {shlex.quote(transfer.file)} {link}"
        exchange.notice(f"Send {transfer.file} within {_MINUTES} minutes, for example by: {how}")
        return
    source = source_of(notice.sender, exchange.network.rooms[session.channel].hosts.get(notice.sender, ""))
    text = f"{notice.file} ({notice.size} bytes) for you, for {_MINUTES} minutes: {link}"
    exchange.send(message(source, "NOTICE", user.name, text, trailing=True))


@verb(
    "SEND <nick> <file name>",
    "Gives you a link by which to send a file to somebody in your channel.",
    params_min=2,
    names=slice(1),
)
def send(exchange: Exchange) -> None:
    """Give the user a link by which to send a file to a member of a channel where both sit."""
    nick, path = exchange.param(0), " ".join(exchange.params[1:])
    places = shared_rooms(exchange, nick)
    if not places:
        exchange.reply(ERR_NOSUCHNICK, nick)
        return
    allowed = (place for place in places if barred(place[0].channel, place[1].name, SENDING) is None)
    room, session, name = next(allowed, places[0])
    exchange.network.files.send(exchange.turn, session, room, Send(name, path, SIZE_UNKNOWN))
