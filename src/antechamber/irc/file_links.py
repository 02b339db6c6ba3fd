"""Files: an IRC client has no way of its own to bring or to fetch one here, so its person is given links.

A file for a user is a NOTICE from its sender with a link to fetch it by, and it has arrived once its bytes are fetched.
`SEND <nick> <file name>` is answered with a link to bring one to.
"""

import shlex
from typing import Final

from antechamber.channel.channel import SENDING
from antechamber.codec.irc.decoding import Line, message, source_of
from antechamber.codec.irc.numerics import ERR_NOSUCHNICK
from antechamber.irc.network import Network
from antechamber.irc.private_message import shared
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Send
from antechamber.protocol.limits import LINK_SECONDS_MAX
from antechamber.protocol.notices import Offer, Ticket
from antechamber.rooms.transfers import SIZE_UNKNOWN, Transfer
from antechamber.session.session import Session

_MINUTES: Final = round(LINK_SECONDS_MAX / 60)


def tell_link(network: Network, session: Session, transfer: Transfer, notice: Ticket | Offer) -> None:
    """Tell the session of a member where its file is brought or fetched: by a link, where it is an IRC user's.

    A link waits for a person to follow it, so it is kept longer than what a program has to fetch.
    """
    user = session.outlet
    if not isinstance(user, User):
        network.turn.tell(session, notice)
        return
    transfer.moved_at = network.turn.steady + LINK_SECONDS_MAX - network.limits.transfer_idle_seconds_max
    link = f"http://{user.reached_at or 'localhost'}:{network.files.front_desk_port}{notice.path}"
    if isinstance(notice, Ticket):
        how = f"curl -T {shlex.quote(transfer.file)} {link}"
        network.notice(user, f"Bring {transfer.file} within {_MINUTES} minutes, for example by: {how}")
        return
    source = source_of(notice.sender, network.rooms[session.channel].hosts.get(notice.sender, ""))
    text = f"{notice.file} ({notice.size} bytes) for you, for {_MINUTES} minutes: {link}"
    network.send(user, message(source, "NOTICE", user.name, text, trailing=True))


@verb(
    "SEND <nick> <file name>",
    "Gives you a link by which to send a file to somebody in your channel.",
    params_min=2,
    names=slice(1),
)
def _send(network: Network, user: User, line: Line) -> None:
    """Let a user bring a file for a member of a channel that both sit in."""
    nick, path = line.params[0], " ".join(line.params[1:])
    places = shared(network, user, nick)
    if not places:
        network.reply(user, ERR_NOSUCHNICK, nick)
        return
    allowed = (place for place in places if place[0].channel.barred(place[1].name, SENDING) is None)
    room, session, name = next(allowed, places[0])
    network.replies.at = room
    room.channel.touch(session.name, network.turn.steady)
    network.files.send(session, room, Send(name, path, SIZE_UNKNOWN))
