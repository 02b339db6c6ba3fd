"""JOIN: entering a channel, waiting for a seat, and coming back to a seat or a place that was held.

RFC 2812, section 3.2.1. A user who has to wait is told so by ERR_CHANNELISFULL (471) and a NOTE; its JOIN comes once it
has a seat.
"""

from collections.abc import Sequence
from functools import partial

from antechamber.codec import Encoding
from antechamber.codec.irc.capabilities import Capability
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
from antechamber.irc.away import drop_own_words, tell_away
from antechamber.irc.exchange import Exchange
from antechamber.irc.labeled_response import batched
from antechamber.irc.markread import tell_marker
from antechamber.irc.names import tell_names
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

_TALK = (Said, Announced)
"""The events of the past that a user is told when it comes back; the names show it who has come and gone."""


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
def join(exchange: Exchange) -> None:
    """Enter channels, each with its key if it has one; leave all channels if the parameter is `0`."""
    if exchange.param(0) == "0":
        assert exchange.user.memberships is not None
        for session in list(exchange.user.memberships.values()):
            leave(exchange, exchange.network.rooms[session.channel], session, "")
        return
    channels = exchange.param(0).split(",")
    keys = exchange.param(1).split(",")
    keys += [""] * (len(channels) - len(keys))
    for channel, key in zip(channels, keys, strict=False):
        if channel:
            _enter(exchange, channel, key)


def _enter(exchange: Exchange, channel: str, key: str) -> None:
    user, network = exchange.user, exchange.network
    room = network.room(channel)
    if room is not None and (session := network.membership(user, room)) is not None:
        if session.name in room.channel.waiting:
            _tell_queued(exchange, room, session)
        return
    assert user.memberships is not None
    if len(user.memberships) >= network.settings.channels_per_user_max:
        exchange.reply(ERR_TOOMANYCHANNELS, channel)
        return
    room = room or _open(exchange, channel)
    if room is None:
        return
    exchange.turn.at = room.name
    if room.stopped:
        exchange.reply(ERR_UNAVAILRESOURCE, channel_of(room), text=room.stopped_text)
        return
    drop_own_words(exchange, room)
    back = _comes_back(exchange, room)
    if isinstance(back, Refused):
        exchange.reply(ERR_UNAVAILRESOURCE, channel_of(room), text=back.text)
    elif back:
        _resume(exchange, room)
    elif (other := member_called(room, user.name)) is not None:
        exchange.reply(ERR_UNAVAILRESOURCE, channel_of(room), text=_name_taken(room, other))
    else:
        _enter_anew(exchange, room, key)


def _enter_anew(exchange: Exchange, room: Room, key: str) -> None:
    """Enter a channel as a new member, in a seat or in the waiting line, unless the channel refuses that."""
    user, turn, network = exchange.user, exchange.turn, exchange.network
    session = _membership_of(user)
    holds = room.may_hold(session)
    marks = network.invitation_marks(user) if room.channel.modes.invited else ()
    command = Join(holds, host=user.host, key=key, marks=marks)
    decision = network.login_attempts.decide_join(user, room.channel, command, user.name, turn.steady)
    if isinstance(decision, Refused):
        _refuse(exchange, room, decision)
        return
    room.enter(turn, session, user.name)
    room.record(turn, decision)
    if holds:
        _log_proof(exchange, room)
    if session.seated:
        turn.greet.remove(session)  # as the greeting is part of the answer to the command
        greet(exchange, room)
    else:
        _tell_queued(exchange, room, session)


def _membership_of(user: User) -> Session:
    """Return a new session for a membership of the user, who may come back to it if it has a password."""
    session = Session(user.transport, user.encoding, "", may_hold=bool(user.password), outlet=user)
    session.host, session.holds = user.host, session.may_hold
    return session


def _log_proof(exchange: Exchange, room: Room) -> None:
    """Log what the user's password is checked against when it comes back to this membership, after a restart too."""
    user = exchange.user
    entered = room.claim(user.name).entered
    proof = exchange.network.tokens.proof(room.name, entered, user.password)
    room.channel.prove(user.name, proof)
    exchange.turn.part(room.name).proofs += ((entered, proof),)


def _open(exchange: Exchange, channel: str) -> Room | None:
    """Open a channel that does not exist, if users may do that; otherwise tell the user why not and return None."""
    network, name = exchange.network, channel[1:]
    problem = _name_problem(name, network.limits.name_characters_max)
    if channel[:1] != "#" or (not network.settings.open_channels and not problem):
        exchange.reply(ERR_NOSUCHCHANNEL, channel)
    elif problem:
        exchange.reply(ERR_BADCHANNAME, channel)
    elif isinstance(room := network.open_room(exchange.turn, name, exchange.user.host), Room):
        return room
    else:
        exchange.reply(ERR_UNAVAILRESOURCE, channel, text=room)
    return None


def _name_problem(name: str, characters_max: int) -> str | None:
    """Return why `name` cannot be a channel's, None if it can: it follows a member's rules, but may begin with `#`."""
    if len(name) > characters_max:
        return f"A name has at most {characters_max} characters."
    return name_problem(name.lstrip("#"), characters_max)


def _refuse(exchange: Exchange, room: Room, refused: Refused) -> None:
    """Tell the user why it may not enter."""
    if refused.code == "queue-full":
        text = f"{ERR_CHANNELISFULL.text} - its waiting queue is full, too"
        exchange.reply(ERR_CHANNELISFULL, channel_of(room), text=text)
    elif refused.code == "too-many-failures":
        exchange.reply(ERR_BADCHANNELKEY, channel_of(room), text=refused.text)
    else:
        refuse(exchange, room, refused)


def _name_taken(room: Room, name: str) -> str:
    """Return what to tell the user if another member has its name, or one that IRC cannot tell apart from it."""
    if name in room.held:
        return (
            f"A place of {name} is held in {channel_of(room)}: come back with its password (PASS), or as another nick"
        )
    return (
        f"There is somebody called {name} in {channel_of(room)} already: take another nick with NICK, then join again"
    )


# What a user is told on entering


def greet(exchange: Exchange, room: Room) -> None:
    """Tell the user, who has been given a seat in a channel, the topic and who is there."""
    tell_away(exchange, room)
    tell_topic(exchange, room)
    _tell_who_is_here(exchange, room)


def _tell_who_is_here(exchange: Exchange, room: Room) -> None:
    """Tell the user how far it has read, and who is in the channel unless its client prefers to ask for that."""
    tell_marker(exchange, channel_of(room))
    if not exchange.user.has(Capability.NO_IMPLICIT_NAMES):
        tell_names(exchange, room)


def _tell_queued(exchange: Exchange, room: Room, session: Session) -> None:
    """Tell the user that it waits for a seat, and at which place."""
    ahead = session.place = list(room.channel.waiting).index(session.name)
    channel = channel_of(room)
    exchange.reply(ERR_CHANNELISFULL, channel, text=f"{ERR_CHANNELISFULL.text} - you are in its waiting queue")
    text = f"You are in the waiting queue and there are {ahead} user(s) ahead of you."
    exchange.fail("QUEUED", channel, str(ahead), text=text, kind="NOTE")


# Coming back to a membership that was held


class Missed:
    """The encoding of what a session has missed: messages only, in a batch if its client knows batches."""

    joins_each = False
    reads_lines = False

    def __init__(self, encoding: Encoding, *, batches: bool) -> None:
        self.carries_files = encoding.carries_files
        self._encoding = encoding
        self._batches = batches

    def __eq__(self, other: object) -> bool:
        """Return whether the other gives the same bytes, so that a piece of the past is encoded once for both."""
        return isinstance(other, Missed) and (self._encoding, self._batches) == (other._encoding, other._batches)

    def __hash__(self) -> int:
        """Return the hash of what equality compares."""
        return hash((self._encoding, self._batches))

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode the messages among these entries."""
        told = [entry for entry in entries if isinstance(entry.event, _TALK)]
        data = self._encoding.joined(told, b"", clock)
        if not self._batches or not data:
            return data
        return batched(f"missed-{told[0].sequence}", "chathistory", f"#{told[0].channel}", data)

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode a message that is not of the past."""
        return self._encoding.one(message, clock, reader)


def _comes_back(exchange: Exchange, room: Room) -> bool | Refused:
    """Return whether the user is the one whose membership is held: a user of IRC with the same password.

    Return a refusal if too many wrong passwords came before for this one to be judged.
    """
    user, network = exchange.user, exchange.network
    membership = room.channel.membership(user.name) if user.name in room.held else None
    if membership is None or not membership.proof or not user.password:
        return False
    return network.login_attempts.judge(
        user,
        user.name,
        "password",
        lambda: network.tokens.proves(membership.proof, room.name, membership.entered, user.password),
        ", or come as another nick",
    )


def _resume(exchange: Exchange, room: Room) -> None:
    """Go on in the seat or at the place that was held.

    What was said in the meantime is read from the log and replayed after the turn; then the user is told who is there.
    """
    user, turn = exchange.user, exchange.turn
    session, name, hold = _membership_of(user), user.name, room.held.get(user.name)
    room.resume(turn, session, name, hold.read_up_to if hold is not None else room.log.sequence)
    warn_again(room, turn, name)
    seat = room.channel.seated.get(name)
    if seat is None:
        room.admit(turn)
        if not session.seated:
            _tell_queued(exchange, room, session)
        room.tell_announcements(turn, session)
        return
    entry = Entry(room.name, seat.since, turn.time, Seated(name))
    exchange.send(user.encoding.one(entry, turn.clock, name))
    tell_topic(exchange, room)
    session.encoding = Missed(user.encoding, batches=user.has(Capability.BATCH))
    turn.after.append(partial(exchange.network.replay.begin, session))


def tell_caught_up(exchange: Exchange, caught_up: CaughtUp) -> None:
    """Tell the user, who has now read all that it had missed in a channel, who is there."""
    room = exchange.network.rooms.get(caught_up.channel)
    if room is not None and sits_in(exchange.user, room):
        _tell_who_is_here(exchange, room)
