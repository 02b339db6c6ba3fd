"""JOIN: entering a channel, waiting for a seat in it, and coming back to one that was held."""

from collections.abc import Sequence

from antechamber.codec import Encoding
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Line
from antechamber.codec.irc.numerics import (
    ERR_BADCHANNAME,
    ERR_BADCHANNELKEY,
    ERR_CHANNELISFULL,
    ERR_NOSUCHCHANNEL,
    ERR_TOOMANYCHANNELS,
    ERR_UNAVAILRESOURCE,
)
from antechamber.feeds.replay import CaughtUp
from antechamber.irc.access import channel_of, member_called, refuse, sits_in
from antechamber.irc.away import hush, tell_away
from antechamber.irc.labeled_response import batched
from antechamber.irc.markread import tell_marker
from antechamber.irc.names import tell_names
from antechamber.irc.network import Network
from antechamber.irc.quit import leave
from antechamber.irc.topic import tell_topic
from antechamber.irc.users import User
from antechamber.irc.verbs import targets, targets_in, verb
from antechamber.protocol.commands import Join
from antechamber.protocol.events import Announced, Entry, Said, Seated
from antechamber.protocol.notices import Message
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import name_problem
from antechamber.rooms.idle_warnings import warn_again
from antechamber.rooms.room import Room
from antechamber.session.session import Session


def _entrances(params: Sequence[str]) -> int:
    return targets(params[0]) if params and params[0] != "0" else 0


@verb(
    "JOIN <channel>[,<channel>…] [<key>[,<key>…]]",
    "Enters channels. If all seats are taken you wait in line: the JOIN comes once you have a seat.",
    params_min=1,
    is_logged=True,
    names=slice(2),
    cost=targets_in(0),
    entrances=_entrances,
    are_secret=True,
)
def join(network: Network, user: User, line: Line) -> None:
    """Enter some channels, each with its key where it has one; `0` is to leave all that one is in."""
    if line.params[0] == "0":
        assert user.memberships is not None
        for session in list(user.memberships.values()):
            leave(network, user, network.rooms[session.channel], session, "")
        return
    channels = line.params[0].split(",")
    keys = line.params[1].split(",") if len(line.params) > 1 else []
    keys += [""] * (len(channels) - len(keys))
    for channel, key in zip(channels, keys, strict=False):
        if channel:
            _enter(network, user, channel, key)


def _enter(network: Network, user: User, channel: str, key: str) -> None:
    room = network.room(channel)
    if room is not None and (session := network.membership(user, room)) is not None:
        if session.name in room.channel.waiting:
            tell_queued(network, user, room, session)
        return
    assert user.memberships is not None
    if len(user.memberships) >= network.settings.channels_per_user_max:
        network.reply(user, ERR_TOOMANYCHANNELS, channel)
        return
    room = room or _opened(network, user, channel)
    if room is None:
        return
    network.replies.at = room
    if room.stopped:
        network.reply(user, ERR_UNAVAILRESOURCE, channel_of(room), text=room.obituary)
        return
    hush(network, user, room)
    session = _session(user)
    back = comes_back(network, user, room)
    if isinstance(back, Refused):
        network.reply(user, ERR_UNAVAILRESOURCE, channel_of(room), text=back.text)
        return
    if back:
        go_on(network, user, room, session)
        return
    if (other := member_called(room, user.name)) is not None:
        network.reply(user, ERR_UNAVAILRESOURCE, channel_of(room), text=_taken(room, other))
        return
    holds = room.may_hold(session)
    marks = network.invitation_marks(user) if room.channel.modes.invited else ()
    join = Join(holds, host=user.host, key=key, marks=marks)
    decision = network.login_attempts.enter(user, room.channel, join, user.name, network.turn.steady)
    if isinstance(decision, Refused):
        _refuse(network, user, room, decision)
        return
    room.enter(network.turn, session, user.name)
    room.record(network.turn, decision)
    if holds:
        _keep_proof(network, user, room)
    if session.seated:
        _greet_now(network, session)
    else:
        tell_queued(network, user, room, session)


def _session(user: User) -> Session:
    """Return a session for one membership of a user's. Who has a password may come back to it."""
    session = Session(user.transport, user.encoding, "", may_hold=bool(user.password), outlet=user)
    session.host, session.holds = user.host, session.may_hold
    return session


def _keep_proof(network: Network, user: User, room: Room) -> None:
    """Let a user who has just entered be known by its password, after a restart too."""
    entered = room.claim(user.name).entered
    proof = network.tokens.proof(room.name, entered, user.password)
    room.channel.prove(user.name, proof)
    network.turn.part(room.name).proofs += ((entered, proof),)


def _greet_now(network: Network, session: Session) -> None:
    """Greet within the answer to the command, not with those who get a seat because another left it."""
    network.turn.greet.remove(session)
    greet(network, session)


def _opened(network: Network, user: User, channel: str) -> Room | None:
    """Open a channel that is not there, where users may do so; tell the user why, where it is not done."""
    name = channel[1:]
    if channel[:1] != "#" or (not network.settings.open_channels and not _name_problem(network, name)):
        network.reply(user, ERR_NOSUCHCHANNEL, channel)
    elif _name_problem(network, name):
        network.reply(user, ERR_BADCHANNAME, channel)
    elif isinstance(room := network.open_room(name, user.host), Room):
        return room
    else:
        network.reply(user, ERR_UNAVAILRESOURCE, channel, text=room)
    return None


def _name_problem(network: Network, name: str) -> str | None:
    """Say what keeps `name` from being a channel's: it is as a member's, but for more `#` in front."""
    characters_max = network.limits.name_characters_max
    if len(name) > characters_max:
        return f"A name has at most {characters_max} characters."
    return name_problem(name.lstrip("#"), characters_max)


def _refuse(network: Network, user: User, room: Room, refused: Refused) -> None:
    """Tell a user why it does not come in."""
    if refused.code == "queue-full":
        text = f"{ERR_CHANNELISFULL.text} - its waiting queue is full, too"
        network.reply(user, ERR_CHANNELISFULL, channel_of(room), text=text)
    elif refused.code == "too-many-failures":
        network.reply(user, ERR_BADCHANNELKEY, channel_of(room), text=refused.text)
    else:
        refuse(network, user, "JOIN", room, refused)


def _taken(room: Room, name: str) -> str:
    """Say what to do about a name that a member has who is not this user, or that IRC cannot tell from it."""
    if name in room.held:
        return (
            f"A place of {name} is held in {channel_of(room)}: come back with its password (PASS), or as another nick"
        )
    return (
        f"There is somebody called {name} in {channel_of(room)} already: take another nick with NICK, then join again"
    )


# Being told of it


def greet(network: Network, session: Session) -> None:
    """Tell a user, whose membership has got its seat, what the channel is about and who is in it."""
    user, room = session.outlet, network.rooms[session.channel]
    assert isinstance(user, User)
    tell_away(network, user, room)
    tell_topic(network, user, room)
    tell_who_is_here(network, user, room)


def tell_who_is_here(network: Network, user: User, room: Room) -> None:
    """Tell a user who comes in how far it has read, and who is in the channel, unless it would rather ask that."""
    tell_marker(network, user, channel_of(room))
    if not user.has(Capability.NO_IMPLICIT_NAMES):
        tell_names(network, user, room)


def tell_queued(network: Network, user: User, room: Room, session: Session) -> None:
    """Tell a user that it waits for a seat, and at which place."""
    ahead = session.place = list(room.channel.waiting).index(session.name)
    channel = channel_of(room)
    network.reply(user, ERR_CHANNELISFULL, channel, text=f"{ERR_CHANNELISFULL.text} - you are in its waiting queue")
    text = f"You are in the waiting queue and there are {ahead} user(s) ahead of you."
    network.fail(user, "JOIN", "QUEUED", channel, str(ahead), text=text, kind="NOTE")


# Coming back

_TALK = (Said, Announced)
"""What is told of the past: who came and went is told by who is there at the end of it."""


class Missed:
    """How a session reads what it has missed: what was said, in a batch where its client knows batches."""

    joins_each = False
    reads_lines = False

    def __init__(self, encoding: Encoding, *, batches: bool) -> None:
        self.carries_files = encoding.carries_files
        self._encoding = encoding
        self._batches = batches

    def __eq__(self, other: object) -> bool:
        """Whether the other reads alike, so that a piece of the past is encoded once for both."""
        return isinstance(other, Missed) and (self._encoding, self._batches) == (other._encoding, other._batches)

    def __hash__(self) -> int:
        """Return what is the same for all who read alike."""
        return hash((self._encoding, self._batches))

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode those of the entries that are told."""
        told = [entry for entry in entries if isinstance(entry.event, _TALK)]
        data = self._encoding.joined(told, b"", clock)
        if not self._batches or not data:
            return data
        return batched(f"missed-{told[0].sequence}", "chathistory", f"#{told[0].channel}", data)

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode what is not of the past as ever."""
        return self._encoding.one(message, clock, reader)


def comes_back(network: Network, user: User, room: Room) -> bool | Refused:
    """Say whether a user is the one whose membership is held in a room: a member on IRC, with the same password.

    Return why that is not judged, where too many wrong ones came before.
    """
    membership = room.channel.membership(user.name) if user.name in room.held else None
    if membership is None or not membership.proof or not user.password:
        return False
    if (refused := network.login_attempts.waits(user, user.name, ", or come as another nick")) is not None:
        return refused
    if network.tokens.proves(membership.proof, room.name, membership.entered, user.password):
        return True
    network.login_attempts.failed(user, user.name, "password")
    return False


def go_on(network: Network, user: User, room: Room, session: Session) -> None:
    """Let a user go on as the member that it was."""
    turn, name, hold = network.turn, user.name, room.held.get(user.name)
    room.resume(turn, session, name, hold.read_up_to if hold is not None else room.sequence)
    warn_again(room, turn, name)
    seat = room.channel.seated.get(name)
    if seat is None:
        room.admit(turn)
        if not session.seated:
            tell_queued(network, user, room, session)
        room.tell_announcements(turn, session)
        return
    entry = Entry(room.name, seat.since, turn.time, Seated(name))
    network.send(user, user.encoding.one(entry, turn.clock, name))
    tell_topic(network, user, room)
    session.encoding = Missed(user.encoding, batches=user.has(Capability.BATCH))
    network.replay(session)


def tell_caught_up(network: Network, user: User, caught_up: CaughtUp) -> None:
    """Tell a user who has read all that it had missed in a channel who is there now."""
    room = network.replies.at = network.rooms.get(caught_up.channel)
    if room is not None and sits_in(user, room):
        tell_who_is_here(network, user, room)
