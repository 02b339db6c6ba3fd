"""The app and the line mode in real terminals: what is typed stays whole, and nobody loses a seat or a word."""

import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.programs import CHANNELS, CHECKOUT, Caller, Programs, Server
from tests.processes.screens import Screen, Terminals, terminals_in

CLIENT = str(CHECKOUT / "chatclient.py")
SERVER = str(CHECKOUT / "chatserver.py")
SEATED = "You have a seat now."
LINES = "\n".join(f"line {number}" for number in range(1, 22))


class House:
    """A server that keeps seats and places, and people at terminals."""

    def __init__(self, programs: Programs, terminals: Terminals, seats: int = 2) -> None:
        self.programs = programs
        self.terminals = terminals
        self.ports = {name: programs.ports.take() for name in CHANNELS}
        self.front_desk_port = programs.ports.take()
        self.config: Path = programs.folder / "antechamber.toml"
        channels = (
            f'[[channel]]\nname = "{name}"\nport = {port}\nseats = {seats}\ntopic = "Bring the exercise number."\n'
            for name, port in self.ports.items()
        )
        limits = "[limits]\nidle_seconds_max = 0\ncommands_per_second_max = 0\nheld_visit_seconds_min = 0\n"
        self.config.write_text(limits + "".join(channels), encoding="utf-8")
        self.server = self.starts()

    def starts(self) -> Server:
        arguments = (SERVER, "--data", str(self.programs.folder / "chat.db"), "--host", "127.0.0.1")
        front_desk_port = self.front_desk_port
        return self.programs.start_server(
            *arguments, config=self.config, ports=self.ports, front_desk_port=front_desk_port
        )

    def is_killed(self) -> None:
        self.server.drops()

    def sits_down(
        self, name: str, *options: str, columns: int = 100, rows: int = 30, channel: str = "general", env: str = ""
    ) -> Screen:
        """Start the client as `name` in a terminal; its exit status is shown when it has ended."""
        words = [sys.executable, CLIENT, str(self.ports[channel]), name, "--host", "127.0.0.1", *options]
        script = f"{env} {shlex.join(words)}; echo status $?; stty -a | grep -c -- ' echo '; exec cat"
        return self.terminals.screen(name, ["sh", "-c", script], columns, rows)

    def caller(self, name: str) -> Caller:
        """Connect `name` through a socket."""
        caller = self.programs.caller(self.ports["general"], name)
        caller.types(name)
        caller.reads_up_to(f"[Server message (<t>)] {name} has joined the channel.")
        return caller


@pytest.fixture
def house(programs: Programs) -> Iterator[House]:
    with terminals_in(programs.folder) as terminals:
        yield House(programs, terminals)


def field(screen: Screen) -> str:
    """Return the line in which one writes."""
    return screen.line(-2)


class TestTheApp:
    def test_what_is_typed_stays_whole_while_a_hundred_messages_arrive(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        bob = house.caller("Bob")
        mary.writes("It crashes only wi")
        mary.shows(" › It crashes only wi")
        for number in range(100):
            bob.types(f"message {number}")
            if number == 50:
                mary.writes("th the second push.")
        mary.shows("message 99", " › It crashes only with the second push.")
        mary.presses("Enter")
        bob.reads_up_to("[Mary (<t>)] It crashes only with the second push.")
        mary.shows("you", "It crashes only with the second push.")

    def test_it_fits_any_size_at_any_moment(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED, "SEATS", "1 of 2", "● connected")
        mary.writes("a draft")
        mary.is_resized_to(80, 24)
        assert "SEATS" not in mary.shows("1 of 2 seats, 0 in line", "F2 people and line", "a draft", "F1 help")
        mary.is_resized_to(40, 12)
        assert "F1 help" not in mary.shows(SEATED[:8], "a draft", "■ Seated")
        mary.is_resized_to(20, 5)
        mary.shows("a draft")
        mary.is_resized_to(130, 40)
        mary.shows(SEATED, "SEATS", "a draft", "F1 help")

    def test_pasted_lines_are_one_message_that_is_asked_about_past_the_limit(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        bob = house.caller("Bob")
        mary.pastes("one\n  two\nthree\n")
        mary.shows(" › one", "     two", "   three")
        mary.presses("Enter")
        bob.reads_up_to("[Mary (<t>)] one ⏎   two ⏎ three")
        mary.pastes(LINES)
        mary.shows("line 21")
        mary.presses("Enter")
        mary.shows("21 lines: Enter again sends them as one message, Esc goes back")
        mary.presses("Escape")
        mary.hides("Enter again")
        mary.presses("Enter")
        mary.shows("21 lines: Enter again")
        mary.presses("Enter")
        bob.reads_up_to(f"[Mary (<t>)] {' ⏎ '.join(LINES.splitlines())}")

    def test_a_killed_server_costs_neither_the_seat_nor_the_draft(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        mary.types("before")
        mary.shows("you      ", "before")
        mary.writes("a draft")
        house.is_killed()
        mary.shows("the connection to 127.0.0.1", "Trying again in", "your seat is kept", "a draft")
        mary.presses("C-u")
        mary.types("said meanwhile")
        mary.shows("said meanwhile (not sent yet)")
        mary.writes("another draft")
        house.starts()
        mary.shows("back again, in your seat", "● connected", "another draft")
        mary.hides("(not sent yet)")
        mary.presses("C-u")
        mary.types("/who")
        mary.shows("SEATS", "■ Mary (you)")
        mary.presses("Escape")
        mary.shows("before", "said meanwhile")
        assert mary.shown().count("before") == 1

    def test_who_waits_sees_the_line_and_is_called_to_the_seat(self, house: House) -> None:
        first, _ = house.caller("Ann"), house.caller("Ben")
        mary = house.sits_down("Mary", columns=80, rows=24)
        mary.shows("You are next", "2 of 2 seats taken", "● you", "Bring the exercise number.", "/quit", "○ 1st of 1")
        kim = house.sits_down("Kim", columns=80, rows=24)
        kim.shows("You are 2nd in line", "○ ● you", "○ 2nd of 2")
        mary.types("reaches nobody")
        first.types("/quit")
        mary.shows(SEATED, "■ Seated", "To everyone")
        kim.shows("You are next")
        kim.types("/quit")
        kim.shows("status 0")

    def test_a_file_is_taken_only_by_who_wants_it(self, house: House) -> None:
        (house.programs.folder / "notes.txt").write_bytes(b"x" * 1_234)
        mary, bob = (house.sits_down(name, columns=240) for name in ("Mary", "Bob"))
        bob.shows(SEATED, "Mary")
        received = house.programs.folder / ".local/share/antechamber/received"
        for sent, (key, told, kept) in enumerate(
            [("F8", "it was not wanted", []), ("F7", "is saved as", ["notes.txt"])], 1
        ):
            bob.types(f"/send mary {house.programs.folder}/notes.txt")
            mary.shows("A file for you", "Bob sends you a file:", "notes.txt (1.2 kB)", "1 file for you: F7 F8")
            assert not received.exists()
            mary.presses(key)
            (bob if key == "F8" else mary).shows(told)
            mary.hides("A file for you")
            assert [path.name for path in received.glob("*")] == kept, sent
        assert (received / "notes.txt").read_bytes() == b"x" * 1_234
        bob.shows("Mary has")

    def test_a_file_of_which_nobody_is_asked_is_taken_or_declined_as_was_said(self, house: House) -> None:
        (house.programs.folder / "notes.txt").write_bytes(b"x")
        files = house.programs.folder / "files"
        files.mkdir()
        mary = house.sits_down("Mary", "--accept-files", "always", "--files", str(files), columns=240)
        bob = house.sits_down("Bob", "--accept-files", "never", columns=240)
        bob.shows(SEATED, "Mary")
        bob.types(f"/send Mary {house.programs.folder}/notes.txt")
        mary.shows("is saved as", "files/notes.txt")
        mary.types(f"/send Bob {house.programs.folder}/notes.txt")
        mary.shows("no files are taken there")
        bob.shows("was not taken")

    def test_a_mistyped_whisper_is_read_by_nobody(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        bob = house.caller("Bob")
        mary.shows("Bob took a seat.")
        mary.types("/wisper Bob secret")
        mary.shows("There is no command /wisper", "› /wisper Bob secret")
        mary.presses("C-c")
        mary.writes("/wh")
        mary.shows("Commands", "▸ /whisper NAME TEXT", "  /who")
        mary.presses("Tab")
        mary.writes("b")
        mary.shows("People", "▸ Bob")
        mary.presses("Tab")
        mary.shows("› /whisper Bob", "Only to Bob")
        mary.types("psst")
        mary.shows("(only Bob) psst")
        bob.reads_up_to("[Mary whispers to you: (<t>)] psst")
        mary.types("//wisper is no command")
        bob.reads_up_to("[Mary (<t>)] /wisper is no command")

    def test_every_key_does_what_the_help_says(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        mary.types(*(f"message {number}" for number in range(40)))
        mary.shows("message 39")
        mary.presses("PPage")
        mary.hides("message 39")
        mary.presses("NPage")
        mary.shows("message 39")
        mary.presses("PPage", "End")
        mary.shows("message 39")
        mary.presses("Up")
        mary.shows("› message 39")
        mary.presses("Up")
        mary.shows("› message 38")
        mary.presses("Down", "C-c")
        mary.hides("› message")
        mary.presses("F1")
        mary.shows("What you can type", "/whisper NAME TEXT", "/help")
        mary.presses("F1")
        mary.hides("What you can type")
        mary.presses("F2")
        assert mary.shows("SEATS", times=2)
        mary.presses("Escape", "F3")
        mary.shows("› /search")
        mary.types("39")
        mary.shows("1 message with 39; Esc goes back")
        mary.presses("Escape")
        mary.writes("one")
        mary.presses("C-j")
        mary.writes("two")
        mary.presses("M-Enter")
        mary.types("three")
        mary.shows("                 three")
        mary.writes("/x")
        mary.presses("C-l")
        mary.shows("› /x")
        mary.presses("C-c", "C-d")
        mary.shows("status 0")

    def test_the_commands_work_under_the_names_of_the_page(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        mary.types("/list")
        mary.shows("general, 1 of 2 seats", "games, 0 of 2 seats")
        mary.types("/me waves")
        mary.shows("*         Mary waves")
        mary.types("/nick Maria")
        mary.shows("You are now called Maria.", "Maria (you)")
        mary.types("/topic Tea")
        mary.shows("Only an operator of the channel may do that.")
        mary.types("/switch games")
        mary.shows(" games ", SEATED)
        mary.types("/theme dark")
        mary.types("/theme purple")
        mary.shows("This one is dark.")

    def test_leaving_gives_the_terminal_back_with_the_end_of_the_talk(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        mary.types("the last word")
        mary.shows("you", "the last word")
        mary.writes("draft")
        mary.presses("C-c")
        mary.hides("draft")
        mary.presses("C-c")
        assert "F1 help" not in mary.shows("the last word", "status 130\n1")

    def test_an_end_from_outside_gives_the_terminal_back_and_holds_the_seat(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        pane = house.terminals.run("list-panes", "-t", "Mary", "-F", "#{pane_pid}").strip()
        child = Path(f"/proc/{pane}/task/{pane}/children").read_text().split()[0]
        house.programs.run("-c", f"import os; os.kill({child}, {signal.SIGTERM:d})")
        assert "F1 help" not in mary.shows("status 143\n1")
        bob = house.sits_down("Bob")
        bob.shows("◌ Mary", "away")

    def test_a_kick_is_told_with_its_reason(self, house: House) -> None:
        mary = house.sits_down("Mary")
        mary.shows(SEATED)
        house.server.types("/kick general:Mary")
        mary.shows("· the operator closed your connection", "status 0\n1")

    def test_nothing_is_coloured_where_no_colour_is_wanted(self, house: House) -> None:
        mary = house.sits_down("Mary", env="NO_COLOR=1")
        mary.shows(SEATED)
        coloured = house.terminals.run("capture-pane", "-p", "-e", "-t", "Mary")
        assert not [code for code in ("\x1b[3", "\x1b[4", "\x1b[9", "\x1b[38", "\x1b[48") if f"{code}1m" in coloured]
        assert "\x1b[38;" not in coloured

    def test_somebody_whose_name_is_taken_is_told_and_the_terminal_is_as_it_was(self, house: House) -> None:
        house.caller("Mary")
        mary = house.sits_down("Mary")
        mary.shows("Cannot connect to the general channel.", "status 1\n1")


class TestTheLineMode:
    def test_what_is_written_and_what_is_said_never_mix(self, house: House) -> None:
        mary = house.sits_down("Mary", "--lines")
        mary.shows("Mary has joined the channel.")
        bob = house.caller("Bob")
        mary.shows("Bob has joined the channel.")
        mary.writes("a draft")
        mary.shows("a draft")
        bob.types("said meanwhile")
        bob.reads_up_to("[Bob (<t>)] said meanwhile")
        mary.writes(", more")
        assert "said meanwhile" not in mary.shows("a draft, more")
        mary.presses("BSpace", "Enter")
        mary.shows("a draft, mor\n[Bob (")
        bob.reads_up_to("[Mary (<t>)] a draft, mor")
        mary.types("/wisper Bob secret")
        mary.shows("There is no command /wisper.")
        mary.types("/whisper bob psst")
        mary.shows("[You whisper to Bob] psst")
        mary.types("/who")
        mary.shows("Seated: Mary, Bob.", "In line: nobody.")
        mary.types("/search draft")
        mary.shows("1 messages found with draft:")
        mary.types("/help")
        mary.shows("/whisper NAME TEXT: writes to one person only")
        mary.types("/list")
        mary.shows("[Channel] general 2/2/0.")
        mary.pastes("two\nlines\n")
        mary.presses("Enter")
        bob.reads_up_to("[Mary (<t>)] two ⏎ lines")
        mary.writes("gone")
        mary.presses("C-c")
        mary.presses("C-d")
        mary.shows("status 0\n1")

    def test_a_simple_terminal_has_it_by_itself(self, house: House) -> None:
        mary = house.sits_down("Mary", env="TERM=dumb")
        mary.shows("Mary has joined the channel.")
        mary.presses("C-c")
        mary.shows("status 130\n1")

    def test_a_file_is_asked_about_and_a_killed_server_is_waited_for(self, house: House) -> None:
        (house.programs.folder / "notes.txt").write_bytes(b"x" * 1_234)
        mary, bob = house.sits_down("Mary", "--lines"), house.sits_down("Bob")
        bob.shows(SEATED, "Mary")
        bob.types(f"/send Mary {house.programs.folder}/notes.txt")
        mary.shows("Bob sends you notes.txt (1.2 kB): /accept takes it, /decline does not")
        mary.types("/accept")
        mary.shows("is saved as")
        mary.types("/accept")
        mary.shows("There is no file to accept.")
        house.is_killed()
        mary.shows("your seat is kept for")
        mary.types("said meanwhile")
        house.starts()
        mary.shows("back again, in your seat", "[Mary (", "said meanwhile")


def test_the_plain_transcript_is_there_on_a_terminal_as_well(house: House) -> None:
    mary = house.sits_down("Mary", "--plain")
    mary.shows("] Welcome to the general channel, Mary.\n[Server message (", "Mary has joined the channel.")
    mary.types("/quit")
    mary.shows("status 0")
    ann = house.sits_down("Ann", env="ANTECHAMBER_PLAIN=1")
    ann.shows("] Welcome to the general channel, Ann.")


@pytest.mark.parametrize(("view", "seated"), [([], SEATED), (["--lines"], "Mary has joined")], ids=["app", "lines"])
def test_it_stops_and_goes_on_as_the_shell_says(house: House, view: list[str], seated: str) -> None:
    words = [sys.executable, CLIENT, str(house.ports["general"]), "Mary", "--host", "127.0.0.1", *view]
    shell = house.terminals.screen("Mary", ["bash", "--norc", "-i"], 100, 30)
    shell.types(shlex.join(words))
    shell.shows(seated)
    shell.writes("a draft")
    shell.shows("a draft")
    shell.presses("C-z")
    shell.shows("Stopped")
    bob = house.caller("Bob")
    shell.types("echo $((40 + 2)); fg")
    shell.shows("42", "fg", "a draft") if view else shell.shows("Bob took a seat.", "› a draft")
    shell.writes(", more")
    shell.shows("a draft, more")
    shell.presses("Enter")
    bob.reads_up_to("[Mary (<t>)] a draft, more")
