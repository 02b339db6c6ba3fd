"""JSON lines: what the page and the operators ask, to the byte, and within what bounds."""

import msgspec
import pytest

from antechamber.codec import CodecError
from antechamber.codec.jsonl import parse
from antechamber.protocol.commands import (
    Announce,
    AskPlace,
    AskSamples,
    Hello,
    Here,
    History,
    Move,
    Operate,
    PeerCommand,
    Say,
    Search,
    Watch,
    Whisper,
    Who,
)
from antechamber.protocol.limits import HISTORY_ENTRIES_MAX, SEARCH_CHARACTERS_MAX, SEQUENCE_MAX, Limits

LIMITS = Limits()

COMMANDS: list[tuple[str, PeerCommand]] = [
    ('{"type":"hello","name":"Mary","channel":"games"}', Hello("Mary", channel="games")),
    ('{"type":"operate","token":"abc","protocol":2,"id":"1"}', Operate("abc", 2, "1")),
    ('{"type":"watch"}', Watch()),
    ('{"type":"watch","channels":false,"id":"1"}', Watch(channels=False, id="1")),
    ('{"type":"watch","rosters":["games","help"]}', Watch(rosters=("games", "help"))),
    ('{"type":"place","id":"1"}', AskPlace("1")),
    ('{"type":"who","id":"1"}', Who("1")),
    ('{"type":"here","id":"1"}', Here("1")),
    ('{"type":"history"}', History()),
    ('{"type":"history","before":7,"limit":20,"id":"1"}', History(7, limit=20, id="1")),
    ('{"type":"history","after":7}', History(after=7)),
    ('{"type":"search","words":"a \\"b c\\"","before":7,"limit":5,"id":"1"}', Search('a "b c"', 7, 5, "1")),
    ('{"type":"move","channel":"games","name":"Bob","ahead":2,"id":"1"}', Move("games", "Bob", 2, "1")),
    ('{"type":"announce","text":"Tea","id":"1"}', Announce("Tea", id="1")),
    ('{"type":"announce","text":"Tea","channel":"games"}', Announce("Tea", "games")),
    ('{"type":"samples","channel":"games","id":"1"}', AskSamples("games", "1")),
]


def read(line: str) -> PeerCommand:
    return parse(line.encode(), LIMITS)


def refused(line: str) -> tuple[str, str]:
    """Return the code of the refusal, and the id that it is told under."""
    with pytest.raises(CodecError) as caught:
        read(line)
    return caught.value.code, caught.value.command_id


@pytest.mark.parametrize(("line", "command"), COMMANDS)
def test_what_is_asked_is_read_from_its_line(line: str, command: PeerCommand) -> None:
    assert read(line) == command
    assert msgspec.json.encode(command) == line.encode()


def test_a_text_may_have_several_lines_each_of_them_safe() -> None:
    text = '" a\\r\\nb\\rc\\n\\n\\td\\u001b[2J\\u2028e \\n"'
    assert read(f'{{"type":"say","text":{text}}}') == Say("a\nb\nc\n\n d\ufffd[2J\ufffde")
    assert read(f'{{"type":"whisper","to":"Bob","text":{text}}}') == Whisper("Bob", "a\nb\nc\n\n d\ufffd[2J\ufffde")
    assert read(f'{{"type":"announce","text":{text}}}') == Announce("a\nb\nc\n\n d\ufffd[2J\ufffde")


def test_names_and_tokens_are_made_safe() -> None:
    zoe = "Zoe\u0308\\u0000"
    assert read(f'{{"type":"hello","name":"Bob","channel":"{zoe}"}}') == Hello("Bob", channel="Zoë\ufffd")
    assert read(f'{{"type":"move","channel":"{zoe}","name":"{zoe}","ahead":0}}') == Move("Zoë\ufffd", "Zoë\ufffd", 0)
    assert read(f'{{"type":"announce","text":"hi","channel":"{zoe}"}}') == Announce("hi", "Zoë\ufffd")
    assert read(f'{{"type":"samples","channel":"{zoe}"}}') == AskSamples("Zoë\ufffd")
    assert read(f'{{"type":"watch","rosters":["{zoe}","a"]}}') == Watch(rosters=("Zoë\ufffd", "a"))
    assert read('{"type":"operate","token":"t\\n"}') == Operate("t\ufffd")
    assert read('{"type":"search","words":" a\\tb\\n"}') == Search("a b")
    assert read('{"type":"here","id":"\\n"}') == Here("\ufffd")


@pytest.mark.parametrize("text", ["", " ", "\\n\\r\\n"])
def test_nothing_is_announced_where_there_is_no_text(text: str) -> None:
    assert refused(f'{{"type":"announce","text":"{text}","id":"1"}}') == ("empty", "1")


@pytest.mark.parametrize("limit", [1, HISTORY_ENTRIES_MAX])
def test_as_many_entries_may_be_asked_for_as_the_bound(limit: int) -> None:
    assert read(f'{{"type":"history","limit":{limit}}}') == History(limit=limit)
    assert read(f'{{"type":"search","words":"a","limit":{limit}}}') == Search("a", limit=limit)


@pytest.mark.parametrize("limit", [-1, 0, HISTORY_ENTRIES_MAX + 1, 2**70])
def test_no_entries_and_more_than_the_bound_are_refused(limit: int) -> None:
    assert refused(f'{{"type":"history","limit":{limit},"id":"1"}}') == ("bad-history", "1")
    assert refused(f'{{"type":"search","words":"a","limit":{limit},"id":"1"}}') == ("bad-search", "1")


def test_an_entry_has_a_number_that_every_reader_counts_exactly() -> None:
    assert read(f'{{"type":"history","before":{SEQUENCE_MAX}}}') == History(SEQUENCE_MAX)
    assert read(f'{{"type":"history","after":{SEQUENCE_MAX}}}') == History(after=SEQUENCE_MAX)
    assert read(f'{{"type":"search","words":"a","before":{SEQUENCE_MAX}}}') == Search("a", SEQUENCE_MAX)
    for number in (-1, SEQUENCE_MAX + 1):
        assert refused(f'{{"type":"history","before":{number}}}') == ("bad-history", "")
        assert refused(f'{{"type":"history","after":{number}}}') == ("bad-history", "")
        assert refused(f'{{"type":"search","words":"a","before":{number}}}') == ("bad-search", "")


def test_one_asks_for_what_came_before_or_after_not_for_both() -> None:
    assert refused('{"type":"history","before":7,"after":3,"id":"1"}') == ("bad-history", "1")


def test_one_searches_for_as_many_characters_as_the_bound_and_not_for_none() -> None:
    longest = "x" * SEARCH_CHARACTERS_MAX
    assert read(f'{{"type":"search","words":" {longest} "}}') == Search(longest)
    for words in ("", " \\t", longest + "x"):
        assert refused(f'{{"type":"search","words":"{words}","id":"1"}}') == ("bad-search", "1")
