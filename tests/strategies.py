"""Anything that a peer may send, and anything that the server may say."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import strategies as st

from antechamber.protocol.commands import (
    Announce,
    AskPlace,
    AskSamples,
    Empty,
    Hello,
    Here,
    History,
    Invite,
    Kick,
    List,
    Move,
    Mute,
    Operate,
    PeerCommand,
    Ping,
    Quit,
    Received,
    Rename,
    Say,
    Search,
    Send,
    SetModes,
    SetTopic,
    Shutdown,
    Switch,
    Tag,
    Watch,
    Whisper,
    Who,
)
from antechamber.protocol.events import (
    Announced,
    Emptied,
    Entry,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
)
from antechamber.protocol.notices import (
    Announcement,
    ChannelInfo,
    Channels,
    Done,
    Entries,
    Goodbye,
    Idling,
    Invitation,
    Members,
    Message,
    Named,
    Offer,
    Operating,
    Place,
    Pong,
    Presence,
    Refusal,
    Sample,
    Samples,
    SeatedMember,
    Sent,
    Ticket,
    TransferFailed,
    WaitingMember,
    Welcome,
    Whispered,
)
from antechamber.protocol.text import clean, clean_lines, normalise_name, shows

nasty = "ab \t\n\r/\u202e\u2066\x1b[]:\ufeff\u2028"
raw_texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.text(nasty, max_size=8)
"""Texts as a peer may send them."""
texts = raw_texts.map(clean)
"""Texts as the server keeps them."""
said = raw_texts.map(lambda text: clean_lines(text.strip())).filter(shows)
"""What is said, in one line or several."""
names = st.sampled_from(["Mary", "Bob", "Zoë", "山田", "x.y-z_1"])
any_names = names | texts.map(normalise_name)
ids = st.sampled_from(["", "1", "a-b"]) | texts
sizes = st.integers(0, 2**63)
counts = st.integers(0, 2**40)
times = st.floats(0, 2**32)
seconds = st.integers(-(2**63), 2**63)
numbers = st.integers(0, 2**53 - 1)
forms = st.sampled_from(("message", "notice", "action"))
tags = st.dictionaries(st.sampled_from(["+draft/react", "+typing", "+example.org/x"]), texts, min_size=1)
"""What a client says in tags of its own."""
changes = st.lists(st.builds(ModeChange, texts, any_names), max_size=3).map(tuple)
raw_changes = st.lists(st.tuples(raw_texts, raw_texts), max_size=3).map(tuple)

commands: st.SearchStrategy[PeerCommand] = st.one_of(
    st.builds(Hello, any_names, st.integers(0, 9), ids, st.booleans(), any_names, ids),
    st.builds(Operate, texts, st.integers(0, 9), ids),
    st.builds(Watch, st.booleans(), st.lists(any_names, max_size=2).map(tuple), ids),
    st.builds(AskPlace, ids),
    st.builds(Who, ids),
    st.builds(Here, ids),
    st.builds(History, numbers, st.just(0), st.integers(1, 200), ids),
    st.builds(History, st.just(0), numbers, st.integers(1, 200), ids),
    st.builds(Search, texts.map(str.strip).filter(bool), numbers, st.integers(1, 200), ids),
    st.builds(Say, said, ids, forms, st.none() | tags),
    st.builds(Tag, tags, ids),
    st.builds(Rename, any_names, ids),
    st.builds(SetTopic, texts.map(str.strip), any_names, ids),
    st.builds(SetModes, changes, any_names, ids),
    st.builds(Invite, any_names, any_names, ids),
    st.builds(Whisper, any_names, said, ids),
    st.builds(List, ids),
    st.builds(Switch, any_names, ids),
    st.builds(
        Send, any_names, texts.filter(bool), sizes, st.sampled_from(("", "missing", "folder", "unreadable")), ids
    ),
    st.builds(Received, texts, texts, ids),
    st.builds(Quit, ids),
    st.builds(Ping, ids),
    st.builds(Kick, any_names, any_names, ids, texts.map(str.strip)),
    st.builds(Mute, any_names, any_names, seconds, ids),
    st.builds(Empty, any_names, ids),
    st.builds(Move, any_names, any_names, seconds, ids),
    st.builds(Announce, said, any_names, ids),
    st.builds(AskSamples, any_names, ids),
    st.builds(Shutdown, ids),
)
"""Commands as a decoder gives them."""

raw_commands: st.SearchStrategy[PeerCommand] = st.one_of(
    st.builds(Hello, raw_texts, st.integers(), raw_texts),
    st.builds(Say, raw_texts, raw_texts, forms, st.dictionaries(raw_texts, raw_texts, max_size=2)),
    st.builds(Tag, st.dictionaries(raw_texts, raw_texts, max_size=2), raw_texts),
    st.builds(Rename, raw_texts, raw_texts),
    st.builds(SetTopic, raw_texts, raw_texts, raw_texts),
    st.builds(SetModes, raw_changes, raw_texts, raw_texts),
    st.builds(Invite, raw_texts, raw_texts, raw_texts),
    st.builds(Whisper, raw_texts, raw_texts, raw_texts),
    st.builds(Switch, raw_texts, raw_texts),
    st.builds(Send, raw_texts, raw_texts, st.integers(), st.just(""), raw_texts),
    st.builds(Received, raw_texts, raw_texts, raw_texts),
    st.builds(Kick, raw_texts, raw_texts, raw_texts, raw_texts),
    st.builds(Mute, raw_texts, raw_texts, st.integers(), raw_texts),
    st.builds(Empty, raw_texts, raw_texts),
    st.builds(Operate, raw_texts, st.integers(), raw_texts),
    st.builds(Watch, st.booleans(), st.lists(raw_texts).map(tuple), raw_texts),
    st.builds(History, st.integers(), st.integers(), st.integers(), raw_texts),
    st.builds(Search, raw_texts, st.integers(), st.integers(), raw_texts),
    st.builds(Move, raw_texts, raw_texts, st.integers(), raw_texts),
    st.builds(Announce, raw_texts, raw_texts, raw_texts),
    st.builds(AskSamples, raw_texts, raw_texts),
)
"""Commands with whatever texts a peer may put into them."""

events = st.one_of(
    st.builds(Queued, names, host=st.sampled_from(["", "7f3k.cloak"])),
    st.builds(Seated, names),
    st.builds(
        Left,
        names,
        st.sampled_from(("quit", "switched", "kicked", "idle", "lost")),
        st.booleans(),
        st.just("") | names,
        texts,
    ),
    st.builds(Said, names, said, ids, forms, st.none() | tags),
    st.builds(TopicSet, st.just("") | names, texts),
    st.builds(ModesSet, st.just("") | names, changes),
    st.builds(Invited, st.just("") | names, names),
    st.builds(Renamed, names, names),
    st.builds(Tagged, names, tags),
    st.builds(Muted, names, st.integers(1, 31_536_000)),
    st.builds(Emptied),
    st.builds(Moved, names, st.integers(0, 1_000)),
    st.builds(Announced, said),
)
channels = st.sampled_from(["general", "Spiele"])
entries = st.builds(Entry, channels, st.integers(1, 2**53), times, events)
waits = st.none() | st.tuples(times, times)
infos = st.builds(ChannelInfo, channels, counts, counts, counts, counts, texts, waits)
some_names = st.lists(names, max_size=3)

notices = st.one_of(
    st.builds(Welcome, times, channels, names, texts, counts, st.integers(-86_400, 86_400), counts),
    st.builds(Place, times, channels, counts, waits, ids),
    st.builds(
        Members,
        times,
        channels,
        counts,
        st.lists(st.builds(SeatedMember, names, times, times, times, st.booleans()), max_size=3),
        st.lists(st.builds(WaitingMember, names, times, st.booleans()), max_size=3),
        ids,
    ),
    st.builds(Presence, times, channels, some_names, some_names, some_names),
    st.builds(Idling, times, channels, times),
    st.builds(Announcement, times, channels, said),
    st.builds(Entries, times, channels, st.lists(entries, max_size=3), st.booleans(), ids),
    st.builds(Operating, times, texts, counts, st.integers(-86_400, 86_400), counts, ids),
    st.builds(
        Samples,
        times,
        channels,
        times,
        counts,
        st.lists(st.builds(Sample, times, counts, counts, times), max_size=3),
        ids,
    ),
    st.builds(Whispered, times, channels, names, any_names, said),
    st.builds(Channels, times, st.lists(infos, max_size=3), ids),
    st.builds(Ticket, times, texts, texts, ids),
    st.builds(Offer, times, names, texts, counts, texts, texts),
    st.builds(Sent, times, names, names, texts),
    st.builds(TransferFailed, times, names, names, texts, texts, texts),
    st.builds(Invitation, times, channels, st.just("") | names),
    st.builds(Named, times, channels, names, texts),
    st.builds(Done, times, ids),
    st.builds(Pong, times, ids),
    st.builds(Refusal, times, texts, texts, ids),
    st.builds(
        Goodbye,
        times,
        st.sampled_from(
            ("quit", "kicked", "idle", "emptied", "shutdown", "refused", "slow", "silent", "broken"),
        ),
        texts,
    ),
)
messages: st.SearchStrategy[Message] = entries | notices
"""Whatever a session may read, made of what the server keeps."""


cuts = st.lists(st.integers(0, 600), max_size=5)


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    """Cut `data` at these places."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, stop in pairwise(edges):
        yield data[start:stop]
