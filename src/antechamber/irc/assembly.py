"""The beginning of a network: what it has of the hub, and the hub of it."""

from functools import partial

from antechamber.codec.irc.encoding import Encodings
from antechamber.hub.hub import Hub
from antechamber.irc.dispatch import Verbs
from antechamber.irc.file_links import tell_link
from antechamber.irc.network import Network
from antechamber.protocol.limits import Limits
from antechamber.session.session import Session


def begin(hub: Hub, encodings: Encodings, limits: Limits) -> Network:
    """Return a network on the channels of `hub`, which has its users' commands carried out from now on."""
    network = Network(hub.rooms, hub.answers, encodings, limits, hub.clock)
    network.archive, network.files = hub.dispatch.archive, hub.dispatch.files
    network.files.tell_link = partial(tell_link, network)
    network.tokens, network.tries = hub.tokens, hub.tries
    network.open_room = hub.open_room

    def catch_up(session: Session) -> None:
        hub.dispatch.entering.resumed.append(session)

    network.catch_up = catch_up
    verbs = Verbs(network)
    hub.extend(verbs.table, verbs.greet, verbs.undone)
    return network
