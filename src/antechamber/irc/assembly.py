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
    network = Network(hub.rooms, hub.replies, encodings, limits, hub.clock)
    network.history_queries, network.files = hub.router.history_queries, hub.router.files
    network.files.tell_link = partial(tell_link, network)
    network.tokens, network.login_attempts = hub.tokens, hub.login_attempts
    network.open_room = hub.open_room

    def replay(session: Session) -> None:
        hub.router.entering.resumed.append(session)

    network.replay = replay
    verbs = Verbs(network)
    hub.extend(verbs.table, verbs.greet, verbs.undone)
    return network
