"""Durability: what anybody has read is in the log, whatever happens to the server."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.processes.chat import Chat
from tests.processes.programs import CHECKOUT, Caller, Programs, Server
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the path of a log that is not there yet."""
    return tmp_path / "data" / "chat.db"


def kept(programs: Programs, data: Path, *options: str) -> list[str]:
    """Return the messages that `antechamber history` finds in the general channel, in its order."""
    ended = programs.antechamber("history", "general", "--json", "--limit", "100000", "--data", str(data), *options)
    assert ended.status == 0, ended.stderr
    return [json.loads(line)["event"]["text"] for line in ended.stdout.splitlines()]


def texts(lines: Iterable[str]) -> list[str]:
    """Return what is said in the lines of messages."""
    return [line.partition(")] ")[2] for line in lines]


def talks(chat: Chat, *said: str) -> Caller:
    """Say this as Mary, and wait until it is heard."""
    mary = chat.calls("general", "Mary")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    mary.types(*said)
    mary.reads(*(f"[Mary (<t>)] {text}" for text in said))
    return mary


class TestKillingTheServer:
    @pytest.mark.parametrize("heard_before", [1, 2_500])
    def test_what_anybody_read_is_kept_once_and_in_order(
        self, programs: Programs, data: Path, heard_before: int
    ) -> None:
        said: list[str] = []
        for life in range(2):
            chat = Chat(programs, programs.server(data=str(data)), "socket")
            mary, tom, ann = (chat.calls("general", name) for name in ("Mary", "Tom", "Ann"))
            ann.reads_up_to(says("Ann has joined the channel."))
            for speaker in (mary, tom):
                speaker.reads_up_to(says("Ann has joined the channel."))
                speaker.types(*(f"{speaker.name} {life}.{number}" for number in range(4_000)))
            before = [ann.next_line("a message") or "" for _ in range(heard_before)]
            chat.server.drops()
            readings = [texts(before + ann.reads_the_rest()), texts(mary.reads_the_rest()), texts(tom.reads_the_rest())]
            for name in ("Mary", "Tom"):
                mine = [text for text in readings[0] if text.startswith(name)]
                assert mine == [f"{name} {life}.{number}" for number in range(len(mine))]
            found = kept(programs, data)
            assert found[: len(said)] == said
            for reading in readings:
                assert found[len(said) : len(said) + len(reading)] == reading
            assert len(set(found)) == len(found)
            said = found

    def test_at_once_it_starts_again_and_whoever_was_there_is_gone(self, programs: Programs, data: Path) -> None:
        config, ports = programs.config()
        launched = (SERVER, "--data", str(data))
        first = Chat(programs, programs.start_server(*launched, config=config, ports=ports), "chatclient")
        mary = first.runs("general", "Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        first.server.reads(says("Mary has joined the general channel."))
        first.fills("games")
        waiting = first.waits("games", "Ann", 0, kind="socket")
        first.server.drops()
        waiting.ends()
        mary.exits(1)
        assert mary.reads_errors()
        second = Chat(programs, programs.start_server(*launched, config=config, ports=ports), "socket")
        second.seats("general", "Mary")
        second.fills("games")
        second.server_reads_nothing()
        found = programs.antechamber("history", "games", "--all", "--data", str(data)).stdout
        assert "* Ann has lost the connection, from the waiting queue." in found

    def test_entries_go_on_being_numbered(self, programs: Programs, data: Path) -> None:
        numbers = []
        for _ in range(2):
            server = programs.server(data=str(data))
            caller = programs.caller(server.ports["general"], "Mary")
            caller.types('{"type":"hello","name":"Mary"}', '{"type":"say","text":"hello"}')
            caller.reads_up_to('{"type":"entry",<*>"seated"<*>')
            numbers.append(json.loads(caller.next_line("what was said") or "")["sequence"])
            server.drops()
        assert numbers == [3, 7]  # queued, seated, said; then left, for the connection was lost, and the same again


class TestHistory:
    def test_it_is_read_while_the_server_runs(self, programs: Programs, data: Path) -> None:
        chat = Chat(programs, programs.server(data=str(data)), "socket")
        talks(chat, "the early bird", "catches the worm", "Ärger mit Ümläuten", "early, again")
        assert kept(programs, data) == ["the early bird", "catches the worm", "Ärger mit Ümläuten", "early, again"]
        assert kept(programs, data, "--search", "EARLY") == ["the early bird", "early, again"]
        assert kept(programs, data, "--search", "umlauten arger") == ["Ärger mit Ümläuten"]
        assert kept(programs, data, "--search", "worm", "--since", "1h") == ["catches the worm"]
        assert kept(programs, data, "--until", "2020-01-01") == []
        ended = programs.antechamber("history", "general", "--limit", "2", "--data", str(data))
        assert [line[20:] for line in ended.stdout.splitlines()] == ["<Mary> Ärger mit Ümläuten", "<Mary> early, again"]

    def test_whispers_are_never_kept(self, programs: Programs, data: Path) -> None:
        chat = Chat(programs, programs.server(data=str(data)), "socket")
        mary = talks(chat, "hello")
        mary.types("/whisper Mary the password is tomato")
        mary.reads("[Mary whispers to you: (<t>)] the password is tomato")
        mary.types("/quit")
        mary.ends()
        chat.server.types("/shutdown")
        chat.server.reads_up_to(says("Mary has left the channel."))
        chat.server.exits(0)
        assert kept(programs, data) == ["hello"]
        for path in data.parent.iterdir():
            assert b"tomato" not in path.read_bytes()

    def test_after_a_shutdown_all_is_there_in_the_users_state_folder(self, programs: Programs) -> None:
        chat = Chat(programs, programs.server(data=None), "socket")
        talks(chat, "hello")
        chat.server.types("/shutdown")
        chat.server.reads_up_to("[Mary (<t>)] hello")
        chat.server.exits(0)
        folder = programs.folder / "state" / "antechamber"
        assert [path.name for path in folder.iterdir()] == ["antechamber.db"]
        ended = programs.antechamber("history", "general", "--search", "hello")
        assert ended.stdout.endswith(" <Mary> hello\n")

    @pytest.mark.parametrize(
        "arguments",
        [
            ["nowhere"],
            ["general", "--limit", "0"],
            ["general", "--since", "soon"],
            ["general", "--data", "no such file"],
            ["general", "--data", ":memory:"],
            [],
        ],
        ids=" ".join,
    )
    def test_what_it_cannot_find_is_one_line(self, programs: Programs, data: Path, arguments: list[str]) -> None:
        chat = Chat(programs, programs.server(data=str(data)), "socket")
        talks(chat, "hello")
        where = [] if "--data" in arguments else ["--data", str(data)]
        ended = programs.antechamber("history", *arguments, *where)
        assert (ended.status, ended.stdout) == (1, "")
        assert len(ended.stderr.splitlines()) == 1


def refusal(programs: Programs, data: str) -> str:
    """Return the one line of a server that cannot have this log."""
    config, ports = programs.config()
    desk = programs.ports.take()
    ended = programs.run(SERVER, str(config), "--port", str(desk), "--data", data)
    assert (ended.status, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    for port in (*ports.values(), desk):
        with pytest.raises(ConnectionRefusedError):
            Caller(port, "nobody")
    return line


def test_a_second_server_on_the_same_log_is_refused(programs: Programs, data: Path) -> None:
    chat = Chat(programs, programs.server(data=str(data)), "socket")
    assert f"{data} is in use by another antechamber server (process {chat.server.pid})" in refusal(programs, str(data))
    talks(chat, "we go on")
    link = data.parent / "link.db"
    link.symlink_to(data)
    assert "in use by another antechamber server" in refusal(programs, str(link))


def test_what_is_no_log_is_refused_and_left_alone(programs: Programs) -> None:
    note = programs.folder / "note.txt"
    note.write_text("This is no log, and it is mine.\n" * 100)
    assert str(note) in refusal(programs, str(note))
    assert note.read_text() == "This is no log, and it is mine.\n" * 100
    assert str(programs.folder) in refusal(programs, str(programs.folder))
    assert "/dev/null" in refusal(programs, "/dev/null/chat.db")


def test_in_memory_nothing_is_written(programs: Programs) -> None:
    def files() -> set[Path]:
        return {path for path in programs.folder.rglob("*") if path.suffix != ".stderr"}

    server: Server = programs.server(data=":memory:")
    before = files()
    chat = Chat(programs, server, "socket")
    talks(chat, "hello")
    server.types("/shutdown")
    server.reads_up_to("[Mary (<t>)] hello")
    server.exits(0)
    assert files() == before
