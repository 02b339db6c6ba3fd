"""What is typed at a terminal: every command of the page, unknown words refused, and completion."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.client.commands import (
    COMMANDS,
    OPTIONS_MAX,
    Aim,
    Known,
    Local,
    Option,
    Wrong,
    calls,
    may,
    meant,
    names_at,
    read,
    suggest,
)
from antechamber.protocol.commands import (
    Command,
    Invite,
    Kick,
    List,
    Mute,
    PeerCommand,
    Quit,
    Rename,
    Say,
    Search,
    Send,
    SetModes,
    SetTopic,
    Switch,
    Whisper,
)
from antechamber.protocol.events import ModeChange

AIM = Aim("general", {"Bob": 3, "bob": 5, "Zoë": 7, "Ada": 9})
PAGE = Path(__file__).parents[2] / "src/antechamber/web/js/room/commands.js"


def modes(mode: str, argument: str, entered: int = 0) -> SetModes:
    return SetModes((ModeChange(mode, argument),), "general", entered=entered)


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [
        ("hello", Say("hello")),
        ("  hello \n", Say("hello")),
        ("one\n  two", Say("one\n  two")),
        ("//quit", Say("/quit")),
        ("a\x1bb", Say("a\N{REPLACEMENT CHARACTER}b")),
        ("/whisper Ada psst you", Whisper("Ada", "psst you", entered=9)),
        ("/whisper ada  a\nb", Whisper("Ada", "a\nb", entered=9)),
        ("/whisper BOB psst", Whisper("BOB", "psst")),
        ("/whisper nobody psst", Whisper("nobody", "psst")),
        ("/whisper Zoe\u0308 psst", Whisper("Zoë", "psst", entered=7)),
        ("/send Ada my notes.txt", Send("Ada", "my notes.txt", entered=9)),
        ("/search due date", Search("due date")),
        ("/list", List()),
        ("/switch games", Switch("games")),
        ("/switch games s3cret", Switch("games", channel_key="s3cret")),
        ("/me waves", Say("waves", form="action")),
        ("/nick Mary", Rename("Mary")),
        ("/topic Exercise 3", SetTopic("Exercise 3", "general")),
        ("/mute Ada 5m", Mute("general", "Ada", 300, entered=9)),
        ("/mute Ada 90", Mute("general", "Ada", 90, entered=9)),
        ("/kick Ada too loud", Kick("general", "Ada", text="too loud", entered=9)),
        ("/kick Ada", Kick("general", "Ada", entered=9)),
        ("/ban Ada", modes("+b", "Ada!*@*")),
        ("/ban *!*@x", modes("+b", "*!*@x")),
        ("/unban Ada", modes("-b", "Ada!*@*")),
        ("/invite Kim", Invite("Kim", "general")),
        ("/voice Ada", modes("+v", "Ada", 9)),
        ("/devoice Ada", modes("-v", "Ada", 9)),
        ("/op Ada", modes("+o", "Ada", 9)),
        ("/deop Ada", modes("-o", "Ada", 9)),
        ("/mode +mk-t x", SetModes((ModeChange("+m"), ModeChange("+k", "x"), ModeChange("-t")), "general")),
        ("/quit", Quit()),
        ("/help", Local("help")),
        ("/who", Local("who")),
        ("/theme dark", Local("theme", "dark")),
        ("/theme", Local("theme")),
        ("/accept", Local("accept")),
        ("/accept Ada", Local("accept", "Ada")),
        ("/decline Ada", Local("decline", "Ada")),
        ("", None),
        (" \u200b ", None),
    ],
)
def test_what_is_typed_means_what_it_says(typed: str, meaning: PeerCommand | Local | None) -> None:
    assert read(typed, AIM) == meaning


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("/wisper Bob secret", "There is no command /wisper. To send it as a message, write / twice."),
        ("/", "There is no command /. To send it as a message, write / twice."),
        (f"/{'x' * 40} a", f"There is no command /{'x' * 22}…. To send it as a message, write / twice."),
        ("/whisper", "Write it as /whisper NAME TEXT."),
        ("/whisper Bob", "Write it as /whisper NAME TEXT."),
        ("/send Bob", "Write it as /send NAME FILE."),
        ("/search", "Write it as /search WORDS."),
        ("/switch a b c", "Write it as /switch CHANNEL [KEY]."),
        ("/switch", "Write it as /switch CHANNEL [KEY]."),
        ("/me", "Write it as /me TEXT."),
        ("/nick a b", "Write it as /nick NAME."),
        ("/topic", "Write it as /topic TEXT."),
        ("/mute Bob", "Write it as /mute NAME TIME."),
        ("/mute Bob soon", "Write it as /mute NAME TIME."),
        ("/mute Bob ٥", "Write it as /mute NAME TIME."),
        ("/kick", "Write it as /kick NAME WHY."),
        ("/op a b", "Write it as /op NAME."),
        ("/invite a b", "Write it as /invite NAME."),
        ("/mode +o", "Write it as /mode CHANGES."),
        ("/mode", "Write it as /mode CHANGES."),
        ("/accept a b", "Write it as /accept [NAME]."),
        ("/quit now", "Write /quit alone. Nothing was sent."),
        ("/list all", "Write /list alone. Nothing was sent."),
        ("/who Bob", "Write /who alone. Nothing was sent."),
    ],
)
def test_what_means_nothing_is_refused_and_says_how_it_is_written(typed: str, problem: str) -> None:
    assert read(typed, AIM) == Wrong(problem)


@given(st.text(max_size=60))
def test_any_text_means_something_or_is_refused(typed: str) -> None:
    meaning = read(typed, AIM)
    assert meaning is None or isinstance(meaning, Command | Local | Wrong)


def test_every_command_of_the_page_is_there_under_the_same_name() -> None:
    of_the_page = re.findall(r"^  \['(/[a-z]+)", PAGE.read_text(encoding="utf-8"), re.M)
    assert len(of_the_page) > 15
    assert set(of_the_page) <= {info.name for info in COMMANDS}


def test_a_command_for_operators_is_free_without_the_mode_that_guards_it() -> None:
    named = {info.name: info for info in COMMANDS}
    assert may(named["/topic"], operates=False, modes="n")
    assert not may(named["/topic"], operates=False, modes="nt")
    assert not may(named["/kick"], operates=False, modes="")
    assert may(named["/kick"], operates=True, modes="")


def test_a_name_is_meant_that_differs_only_in_case_if_there_is_just_one() -> None:
    assert meant("ADA", AIM.entered) == "Ada"
    assert meant("bob", AIM.entered) == "bob"
    assert meant("BOB", AIM.entered) == "BOB"


@pytest.mark.parametrize(
    ("name", "text", "is_called"),
    [
        ("Mary", "Mary, look!", True),
        ("Mary", "look, mary", True),
        ("Mary", "@Mary look", True),
        ("Mary", "Maryland", False),
        ("Mary", "Rosemary", False),
        ("Al", "al is short", False),
        ("Al", "hey @Al", True),
        ("a.b", "axb", False),
    ],
)
def test_a_mention_is_the_name_as_a_word_of_its_own(name: str, text: str, is_called: bool) -> None:
    assert calls(name, text) == is_called


# Completion


KNOWN = Known(["Bob", "Bobby", "Ada"], [("games", "Chess"), ("lab-2", "")])


def values(before: str, known: Known = KNOWN) -> list[str]:
    found = suggest(before, known)
    return [] if found is None else [option.value for option in found.options]


def test_commands_are_suggested_by_how_they_begin() -> None:
    assert values("/s") == ["/send", "/search", "/switch"]
    found = suggest("/sen", KNOWN)
    assert found is not None
    assert (found.title, found.length) == ("Commands", 4)
    assert found.options == [Option("/send", "/send NAME FILE", "sends someone a file")]
    assert values("//s") == values("s") == values("/x") == []


@pytest.mark.parametrize(
    "command", ["whisper", "send", "kick", "mute", "ban", "op", "deop", "voice", "accept", "invite"]
)
def test_names_are_suggested_where_a_person_is_named(command: str) -> None:
    assert values(f"/{command} b") == ["Bob", "Bobby"]
    assert values(f"/{command} ") == ["Bob", "Bobby", "Ada"]


def test_what_else_is_known_is_suggested_where_it_belongs(tmp_path: Path) -> None:
    assert values("/switch ") == ["games", "lab-2"]
    assert values("/switch g") == ["games"]
    assert values("/theme d") == ["dark"]
    assert values("/nick b") == []
    assert values("hello @bob") == ["@Bob", "@Bobby"]
    (tmp_path / "notes.txt").touch()
    (tmp_path / "night").mkdir()
    (tmp_path / ".hidden").touch()
    assert values(f"/send Bob {tmp_path}/n") == ["night/", "notes.txt"]
    assert values(f"/send Bob {tmp_path}/") == ["night/", "notes.txt"]
    assert values(f"/send Bob {tmp_path}/.") == [".hidden"]
    assert values(f"/send Bob {tmp_path}/missing/x") == []


def test_an_exact_name_is_suggested_first() -> None:
    known = Known(["Bobby", "Bob"])
    assert values("/whisper bob", known) == ["Bob", "Bobby"]


def test_a_list_of_suggestions_has_a_bound() -> None:
    assert len(values("/whisper ", Known([f"n{number}" for number in range(OPTIONS_MAX)]))) == OPTIONS_MAX
    assert len(values("/whisper ", Known([f"n{number}" for number in range(OPTIONS_MAX + 1)]))) == OPTIONS_MAX


def test_tab_completes_a_name_in_a_sentence() -> None:
    found = names_at("I asked bo", ["Bob", "Ada"])
    assert found is not None
    assert (found.length, [option.value for option in found.options]) == (2, ["Bob"])
    assert names_at("I asked ", ["Bob"]) is None
    assert names_at("xyz", ["Bob"]) is None
