"""The app, flown by a pilot: what it draws, what its keys do, how it calls, and how it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from antechamber.client.server_connection import ConnectionProblem
from antechamber.protocol.commands import Here, History, Quit, Say, Search, Whisper
from antechamber.protocol.events import Announced, Queued, Said, Seated
from antechamber.protocol.limits import CONSENT_LINES_MAX
from antechamber.protocol.notices import (
    ChannelInfo,
    Channels,
    Entries,
    Idling,
    Members,
    Offer,
    Place,
    Refusal,
    SeatedMember,
    WaitingMember,
    Whispered,
)
from tests.client.app.pilot import NOON, Pilot, Terminal, entry, flown, welcome

Fly = Callable[..., tuple[int | ConnectionProblem, Terminal]]
TOPIC = "Exercises 1 to 6"
CHANNELS = Channels(NOON, [ChannelInfo("general", 9001, 5, 2, 1, TOPIC), ChannelInfo("games", 9002, 5, 0, 0)])
MEMBERS = Members(
    NOON,
    "general",
    9,
    [SeatedMember("Ada", NOON, role="o", entered=1), SeatedMember("Mary", NOON, entered=8)],
    [WaitingMember("Kim", NOON, True)],
    topic=TOPIC,
    modes="+nt",
)


@pytest.fixture
def fly(tmp_path: Path) -> Fly:
    environ = {"XDG_STATE_HOME": str(tmp_path), "TERM": "xterm-256color"}

    def fly(
        steps: Callable[[Pilot], None], columns: int = 80, rows: int = 24, **more: str
    ) -> tuple[int | ConnectionProblem, Terminal]:
        return flown(steps, environ | more, columns, rows)

    return fly


def seated(pilot: Pilot) -> None:
    pilot.hears(welcome(), entry(8, Queued("Mary")), entry(9, Seated("Mary")), MEMBERS, CHANNELS)
    pilot.shows("You have a seat now.")


def test_a_seat_is_drawn_with_everything_around_it(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.hears(entry(10, Said("Ada", "Is ex. 4 for this week?")), entry(11, Announced("Tea at 5")))
        shown = pilot.shows("Tea at 5", "● connected").splitlines()
        assert shown[0].startswith(" general  Exercises 1 to 6")
        assert shown[0].endswith("F1 help")
        assert shown[-3].startswith("─ To everyone ───")
        assert shown[-2] == " ›"
        assert shown[-1].startswith(" ■ Seated │ general")
        side = [line[72:] for line in shown[1:-3]]
        assert "SEATS               2 of 5" in side[0]
        assert "■ Mary (you)" in side[1]
        assert "■ @Ada" in side[2]
        assert any("LINE" in line and "1" in line for line in side)
        assert any("1  Kim (away)" in line for line in side)

    fly(steps, 100, 30)


def test_eighty_columns_have_no_side_and_the_people_on_a_key(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        assert "SEATS" not in pilot.shows("2 of 5 seats, 1 in line", "F2 people and line")
        pilot.presses("\x1bOQ")
        pilot.shows("SEATS", "LINE", "Kim (away)")
        pilot.presses("\x1b")
        pilot.hides("SEATS")

    fly(steps)


def test_any_size_is_drawn_without_an_error(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("a draft")
        for columns, rows in ((10, 3), (1, 1), (40, 10), (300, 100), (80, 24)):
            pilot.resizes(columns, rows)
            pilot.hears(entry(10, Said("Ada", "x" * 200)))
        pilot.shows("a draft", "■ Seated")

    fly(steps)


def test_the_line_is_drawn_with_the_place_and_the_wait(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        pilot.hears(welcome(), entry(9, Queued("Mary")), CHANNELS, Place(NOON, "general", 2, (240.0, 540.0)))
        shown = pilot.shows("You are 3rd in line", "about 4 to 9 minutes", "○ ○ ● you", "2 of 5 seats taken")
        assert "The bell rings when you have a seat" in shown
        pilot.hears(Place(NOON, "general", 0))
        pilot.shows("You are next", "The wait cannot be told yet")

    fly(steps)


def test_wide_and_right_to_left_text_leaves_the_border_where_it_is(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        for number, text in enumerate(("日本語のテキスト" * 6, "שלום עולם " * 12, "e\u0301" * 90, "👩‍👩‍👧 " * 30), 10):
            pilot.hears(entry(number, Said("Ada", text)))
        pilot.shows("👩")
        border = [pilot.terminal.screen.buffer[row][71].data for row in range(1, 27)]
        assert border == ["│"] * 26

    fly(steps, 100, 30)


def test_what_is_typed_is_said_and_what_is_refused_comes_back(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("hello\r")
        said = pilot.asked(Say)
        assert isinstance(said, Say)
        assert said.text == "hello"
        pilot.hears(Refusal(NOON, "muted", "You are still muted for 5 seconds.", said.id))
        pilot.shows("You are still muted", "› hello")
        pilot.presses("\x15/wisper Ada secret\r")
        pilot.shows("There is no command /wisper", "› /wisper Ada secret")
        pilot.presses("\x15/whisper ada psst\r")
        whispered = pilot.asked(Whisper)
        assert isinstance(whispered, Whisper)
        assert (whispered.to, whispered.entered) == ("Ada", 1)

    fly(steps)


def test_suggestions_are_chosen_by_the_arrows_and_closed_by_escape(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("/s")
        pilot.shows("▸ /send", "/search", "/switch", "Tab takes it")
        pilot.presses("\x1b[B\x1b[B")
        pilot.shows("▸ /switch")
        pilot.presses("\t")
        pilot.shows("› /switch", "▸ games")
        pilot.presses("\x1b")
        pilot.hides("▸ games")
        pilot.presses("\x15I asked ad\t")
        pilot.shows("› I asked Ada")

    fly(steps)


@pytest.mark.parametrize(("lines", "asks"), [(CONSENT_LINES_MAX, False), (CONSENT_LINES_MAX + 1, True)])
def test_a_paste_is_one_message_and_past_the_limit_one_is_asked(fly: Fly, lines: int, asks: bool) -> None:
    text = "\n".join(f"line {number}" for number in range(lines))

    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses(f"\x1b[200~{text}\x1b[201~")
        pilot.shows(f"line {lines - 1}")
        pilot.presses("\r")
        if asks:
            pilot.shows(f"{lines} lines: Enter again sends them")
            pilot.presses("\r")
        said = pilot.asked(Say)
        assert isinstance(said, Say)
        assert said.text == text

    fly(steps)


def test_the_bell_rings_and_the_title_tells_when_one_looks_elsewhere(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        before = pilot.terminal.bells
        pilot.presses("\x1b[O")
        pilot.waits_until(lambda _: not pilot.app.model.looks, "a look elsewhere")
        pilot.hears(entry(10, Said("Ada", "hello")), entry(11, Said("Ada", "Mary, look")))
        pilot.shows("── 2 new ──", "2 new messages")
        assert pilot.terminal.bells == before + 1
        assert "★ Ada mentions you" in pilot.terminal.written
        pilot.presses("\x1b[I")
        pilot.hides("2 new messages")
        pilot.shows("── 2 new ──")

    fly(steps)


def test_scrolling_up_loads_what_was_said_before(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        first = pilot.asked(History)
        earlier = [entry(number, Said("Ada", f"m{number}")) for number in range(2, 8)]
        pilot.hears(Entries(NOON, "general", earlier, True, first.id))
        pilot.shows("m2", "m7")
        pilot.presses("\x1b[5~")
        more = pilot.asked(History)
        assert isinstance(more, History)
        assert more.before == 2
        pilot.hears(Entries(NOON, "general", [entry(1, Said("Ada", "the first"))], False, more.id))
        pilot.shows("the first")

    fly(steps)


def test_the_wheel_scrolls_the_talk_and_the_end_key_goes_back(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.hears(*(entry(number, Said("Ada", f"m{number}.")) for number in range(10, 60)))
        pilot.shows("m59.")
        pilot.presses("\x1b[<64;10;10M" * 4)
        pilot.hides("m59.")
        pilot.hears(entry(60, Said("Ada", "m60.")))
        pilot.shows("1 new message", "m40.")
        pilot.presses("\x1b[<65;10;10M\x1b[F")
        pilot.shows("m60.", "── 1 new ──")

    fly(steps)


def test_a_search_is_shown_and_closed(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("\x1bORtea\r")
        search = pilot.asked(Search)
        pilot.hears(Entries(NOON, "general", [entry(3, Said("Ada", "tea?"))], False, search.id))
        pilot.shows("1 message with tea; Esc goes back", "tea?")
        pilot.presses("\x1b")
        pilot.hides("goes back")

    fly(steps)


def test_a_question_about_a_file_is_answered_by_a_key(fly: Fly) -> None:
    answers: list[bool] = []

    def steps(pilot: Pilot) -> None:
        seated(pilot)
        for ticket in "12":
            pilot.app.ask(Offer(NOON, "Ada", "../notes.txt", 1_234, ticket, f"/files/{ticket}"), answers.append)
        shown = pilot.shows("A file for you", "Ada sends you a file:", "notes.txt (1.2 kB)", "1 more")
        assert "saved in /received" in shown
        pilot.presses("letters do not answer\x1b[18~")
        pilot.waits_until(lambda _: answers == [True], answers)
        pilot.app.withdraw("2")
        pilot.hides("A file for you")
        pilot.presses("\x1b[19~\x15/accept\r")
        pilot.shows("There is no file to accept.")

    fly(steps)
    assert answers == [True]


def test_the_idle_warning_is_drawn_and_typing_keeps_the_seat(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.hears(Idling(NOON, "general", 20.0))
        pilot.shows("You lose your seat in 0:", "Any key keeps it")
        pilot.presses("x")
        assert isinstance(pilot.asked(Here), Here)
        pilot.hides("You lose your seat")

    fly(steps)


def test_what_the_conversation_notes_is_drawn_and_the_draft_stays(fly: Fly) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("a draft")
        pilot.app.note("the connection was lost")
        pilot.app.away("Trying again in 3 s; your seat is kept for 40 s more")
        pilot.app.progress("Sending notes.txt: 45% of 12.3 MB")
        pilot.shows("· the connection was lost", "◌ Trying again in 3 s", "a draft", "Sent once you are back")
        pilot.app.away("")
        pilot.shows("Sending notes.txt: 45%")

    fly(steps)


@pytest.mark.parametrize(
    ("keys", "status"),
    [("\x04", 0), ("/quit\r", 0), ("\x03", 130), ("draft\x03\x03", 130)],
    ids=["d", "quit", "c", "cc"],
)
def test_one_leaves_by_a_key_or_a_command(fly: Fly, keys: str, status: int) -> None:
    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses(keys)
        assert isinstance(pilot.asked(Quit), Quit)

    ended, terminal = fly(steps)
    assert ended == status
    assert terminal.written.rstrip().count("\x1b[?1049l") == 1
    assert "\x1b[?1004l" in terminal.written


def test_a_chat_that_never_was_is_told_as_the_problem_it_had(fly: Fly) -> None:
    problem = ConnectionProblem("nothing answers")
    status, _ = fly(lambda pilot: pilot.talker.ends(problem))
    assert status is problem


def test_a_theme_is_remembered_and_no_colour_is_none(fly: Fly) -> None:
    def changes(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("/theme dark\r/theme purple\r")
        pilot.shows("Write it as /theme NAME: light, dark, terminal. This one is", "dark.")

    def looks(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("/theme\r")
        pilot.shows("This one is", "dark.")

    fly(changes)
    _, coloured = fly(looks)
    assert "\x1b[0;38;5;" in coloured.written or "38;2;" in coloured.written
    _, plain = fly(looks, NO_COLOR="1")
    assert "38;5;" not in plain.written


def test_what_was_typed_comes_back_in_another_run(fly: Fly) -> None:
    def types(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("remember me\r")
        pilot.asked(Say)

    def recalls(pilot: Pilot) -> None:
        seated(pilot)
        pilot.presses("\x1b[A")
        pilot.shows("› remember me")

    fly(types)
    fly(recalls)


def test_a_hostile_server_controls_no_terminal(fly: Fly) -> None:
    evil = "\x1b]2;evil\x07\x1b[2J\u202e"

    def steps(pilot: Pilot) -> None:
        seated(pilot)
        pilot.hears(
            entry(10, Said(evil, evil)),
            entry(11, Announced(evil)),
            Members(NOON, "general", 11, [SeatedMember(evil, NOON)], [WaitingMember(evil, NOON)], topic=evil),
            Channels(NOON, [ChannelInfo(evil, 9001, 5, 2, 1, evil)]),
            Whispered(NOON, "general", evil, "Mary", evil),
            Place(NOON, "general", 1),
        )
        pilot.app.ask(Offer(NOON, evil, evil, 1, "1", "/files/1"), lambda _: None)
        pilot.app.note(evil)
        pilot.shows("A file for you", "\ufffd[2J")
        pilot.presses("\x1bOQ/whisper \x1b")
        pilot.shows("SEATS")

    _, terminal = fly(steps, 100, 30)
    assert "evil\x07" not in terminal.written.replace("\x1b]2;\ufffd", "")
    assert "\u202e" not in terminal.written
