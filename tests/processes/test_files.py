"""Sending files: who reads what, and what lies where afterwards."""

import http.client
import json
import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from antechamber.client.files.saving import safe_name
from antechamber.protocol.limits import RECEIVED_FILES_PER_SENDER_MAX
from antechamber.protocol.text import clean
from tests.processes.chat import THROUGH_CLIENTS, Chat
from tests.processes.failed_starts import the_one_line
from tests.processes.programs import CHECKOUT, Caller, Member, Program, Programs, Server
from tests.processes.screens import terminals_in
from tests.processes.transcript import says

CLIENT = str(CHECKOUT / "chatclient.py")
CONTENT = bytes(range(256)) * 40 + b"\r\n\x00 and the end"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Give the folder where Tom's files go."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def pair(chat: Chat, inbox: Path) -> tuple[Member, Member]:
    """Give Mary, whose current folder has a note, and Tom beside her."""
    (chat.programs.folder / "note.txt").write_bytes(CONTENT)
    [mary] = chat.seats("general", "Mary")
    [tom] = chat.seats("general", "Tom", among=[mary], files=inbox)
    return mary, tom


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@THROUGH_CLIENTS
class TestWhatArrives:
    def test_the_file_is_the_same_and_the_target_reads_nothing(
        self, chat: Chat, pair: tuple[Member, Member], inbox: Path
    ) -> None:
        mary, tom = pair
        mary.types("/send Tom note.txt")
        mary.reads(says("You sent note.txt to Tom."))
        chat.server.reads(says("Mary sent note.txt to Tom."))
        assert contents(inbox) == {"note.txt": CONTENT}
        chat.nobody_else_read_anything([mary, tom], speaker=tom)

    def test_it_is_saved_under_its_own_base_name(self, chat: Chat, pair: tuple[Member, Member], inbox: Path) -> None:
        mary, _ = pair
        folder = chat.programs.folder / "deep" / "down"
        folder.mkdir(parents=True)
        (folder / "Grüße (1).tar.gz").write_bytes(CONTENT)
        (folder / "empty").touch()
        os.rename(folder / "Grüße (1).tar.gz", folder / "Grüße.tar.gz")
        path = folder / "Grüße.tar.gz"
        mary.types(f"/send   Tom   {path}", "/send Tom deep/down/../down/empty")
        first, second = says(f"You sent {path} to Tom."), says("You sent deep/down/../down/empty to Tom.")
        if mary.reads_up_to(first) == []:  # two files on their way arrive in any order
            mary.reads(second)
        assert contents(inbox) == {"Grüße.tar.gz": CONTENT, "empty": b""}

    def test_it_is_saved_beside_the_targets_own_program(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, tom = pair
        home = chat.programs.folder / "home"
        home.mkdir()
        (home / "chatclient.py").write_bytes((CHECKOUT / "chatclient.py").read_bytes())
        for name in ("src", ".venv", "requirements.lock"):
            (home / name).symlink_to(CHECKOUT / name)
        before = set(home.iterdir())
        ann = chat.programs.client(chat.server.ports["general"], "Ann", launcher=home)
        ann.reads(says("Welcome to the general channel, Ann."))
        chat.all_read([mary, tom, ann], says("Ann has joined the channel."))
        mary.types("/send Ann note.txt")
        mary.reads(says("You sent note.txt to Ann."))
        assert set(home.iterdir()) - before == {home / "note.txt"}
        assert (home / "note.txt").read_bytes() == CONTENT
        ann.types("/quit")
        ann.exits(0)

    def test_to_oneself_it_goes_as_well(self, chat: Chat, inbox: Path) -> None:
        (chat.programs.folder / "note.txt").write_bytes(CONTENT)
        [tom] = chat.seats("general", "Tom", files=inbox)
        tom.types("/send Tom note.txt")
        tom.reads(says("You sent note.txt to Tom."))
        assert contents(inbox) == {"note.txt": CONTENT}

    def test_a_file_that_is_there_is_never_overwritten(self, pair: tuple[Member, Member], inbox: Path) -> None:
        mary, _ = pair
        (inbox / "note.txt").write_bytes(b"mine")
        for _ in range(2):
            mary.types("/send Tom note.txt")
            mary.reads(says("You sent note.txt to Tom."))
        assert contents(inbox) == {"note.txt": b"mine", "note (1).txt": CONTENT, "note (2).txt": CONTENT}

    def test_a_link_to_elsewhere_is_not_followed(self, chat: Chat, pair: tuple[Member, Member], inbox: Path) -> None:
        mary, _ = pair
        elsewhere = chat.programs.folder / "elsewhere"
        (inbox / "note.txt").symlink_to(elsewhere)
        mary.types("/send Tom note.txt")
        mary.reads(says("You sent note.txt to Tom."))
        assert not elsewhere.exists()
        assert (inbox / "note (1).txt").read_bytes() == CONTENT


@THROUGH_CLIENTS
class TestWhatIsRefused:
    def test_a_target_that_is_not_seated_here(self, chat: Chat, pair: tuple[Member, Member], inbox: Path) -> None:
        mary, tom = pair
        [ann] = chat.seats("games", "Ann", kind="socket")
        mary.types("/send Nobody note.txt", "/send Ann note.txt")
        mary.reads(says("Nobody is not here."), says("Ann is not here."))
        chat.nobody_else_read_anything([mary, tom], speaker=mary)
        chat.nobody_else_read_anything([ann], speaker=ann)
        assert contents(inbox) == {}

    def test_a_target_that_waits(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, tom = pair
        others = chat.seats("general", "one1", "one2", "one3", among=pair, kind="socket")
        ann = chat.waits("general", "Ann", 0)
        mary.types("/send Ann note.txt")
        mary.reads(says("Ann is not here."))
        ann.types("/send Tom note.txt")
        ann.types("/list")
        ann.reads("[Channel] general 5/5/1.")
        chat.nobody_else_read_anything([mary, tom, *others], speaker=mary)

    def test_a_file_that_does_not_exist(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, tom = pair
        mary.types("/send Tom nothing.txt", "/send Tom note.txt/nothing", f"/send Tom {'x' * 300}")
        mary.reads(says("nothing.txt does not exist."), says("note.txt/nothing does not exist."))
        mary.reads(says(f"{'x' * 300} does not exist."))
        chat.nobody_else_read_anything([mary, tom], speaker=mary)

    def test_both_in_that_order(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, tom = pair
        mary.types("/send Nobody nothing.txt")
        mary.reads(says("Nobody is not here."), says("nothing.txt does not exist."))
        chat.nobody_else_read_anything([mary, tom], speaker=mary)

    def test_what_is_no_file_that_can_be_read(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, tom = pair
        (chat.programs.folder / "folder").mkdir()
        os.mkfifo(chat.programs.folder / "pipe")
        with (chat.programs.folder / "huge").open("wb") as huge:
            huge.truncate((100 << 20) + 1)
        mary.types("/send Tom folder", "/send Tom pipe", "/send Tom /dev/zero", "/send Tom huge")
        mary.reads(says("folder is a folder."), says("pipe cannot be read."), says("/dev/zero cannot be read."))
        mary.reads(says("huge is larger than 100 MiB."))
        chat.nobody_else_read_anything([mary, tom], speaker=mary)

    def test_a_bare_socket_can_neither_send_nor_receive(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, _ = pair
        [ann] = chat.seats("general", "Ann", among=pair, kind="socket")
        mary.types("/send Ann note.txt")
        mary.reads(says("Ann cannot receive files."))
        ann.types("/send Mary note.txt", "/send Nobody note.txt")
        ann.reads(says("Files are sent with the chatclient program."), says("Nobody is not here."))
        chat.nobody_else_read_anything([*pair, ann], speaker=ann)


class Peer:
    """A JSON session of a program that is not ours, which brings and fetches files as it likes."""

    def __init__(self, chat: Chat, name: str) -> None:
        self.caller: Caller = chat.calls("general", name, json.dumps({"type": "hello", "name": name}))
        self._front_desk_port = chat.server.front_desk_port
        self.gets("welcome")
        chat.server.reads(says(f"{name} has joined the general channel."))

    def sends(self, **command: Any) -> None:
        self.caller.types(json.dumps(command))

    def gets(self, kind: str) -> dict[str, Any]:
        """Return the next message of this type."""
        while (line := self.caller.next_line(f"a {kind}")) is not None:
            message: dict[str, Any] = json.loads(line)
            if message["type"] == kind:
                return message
        raise AssertionError(kind)

    def desk(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("localhost", self._front_desk_port, timeout=20)

    def brings(self, to: str, path: str, content: bytes) -> None:
        """Send a file whole."""
        self.sends(type="send", to=to, path=path, size=len(content))
        ticket = self.gets("ticket")
        with closing(self.desk()) as desk:
            desk.request("PUT", ticket["path"], content)
            assert desk.getresponse().status == 204


@THROUGH_CLIENTS
class TestStrangers:
    @pytest.mark.parametrize(
        ("path", "is_right"),
        [
            ("../../evil.txt", "evil.txt".__eq__),
            ("/etc/cron.d/evil", "evil".__eq__),
            ("..\\..\\evil.exe", "evil.exe".__eq__),
            ("..", lambda name: "." not in name),
            ("/", lambda name: "/" not in name),
            (".profile", lambda name: not name.startswith(".")),
            ("a\u202egpj.exe", lambda name: "\u202e" not in name),
            ("a\nb\x1b[2Jc", lambda name: name.isprintable()),
            ("x" * 500 + ".txt", lambda name: len(name) < 256),
            ("what?<yes>.txt", "what?<yes>.txt".__eq__),
            ("chatclient.py", "chatclient.py".__eq__),
        ],
    )
    def test_whatever_the_name_the_file_lies_in_the_folder(
        self, chat: Chat, inbox: Path, path: str, is_right: Callable[[str], bool]
    ) -> None:
        chat.seats("general", "Tom", files=inbox)
        peer = Peer(chat, "peer")
        before = set(chat.programs.folder.rglob("*"))
        peer.brings("Tom", path, CONTENT)
        peer.gets("sent")
        [created] = set(chat.programs.folder.rglob("*")) - before
        assert created.parent == inbox
        assert is_right(created.name), created.name
        assert created.read_bytes() == CONTENT

    def test_what_breaks_off_on_its_way_leaves_nothing(self, chat: Chat, inbox: Path) -> None:
        [tom] = chat.seats("general", "Tom", files=inbox)
        peer = Peer(chat, "peer")
        tom.reads(says("peer has joined the channel."))
        peer.sends(type="send", to="Tom", path="half", size=1 << 20, id="file")
        ticket = peer.gets("ticket")
        with closing(peer.desk()) as desk:
            desk.putrequest("PUT", ticket["path"])
            desk.putheader("Content-Length", str(1 << 20))
            desk.endheaders(b"x" * (1 << 19))
        assert peer.gets("transfer-failed")["problem"]
        peer.sends(type="say", text="sorry")
        tom.reads("[peer (<t>)] sorry")
        assert contents(inbox) == {}

    @pytest.mark.parametrize("path", ["subprocess.py", "sitecustomize.py", ".zshenv", "CON", "x" * 255, "a\nb", "-rf"])
    def test_a_name_that_programs_know_is_a_name_in_the_folder_and_over_nothing(
        self, chat: Chat, inbox: Path, path: str
    ) -> None:
        chat.seats("general", "Tom", files=inbox)
        elsewhere = chat.programs.folder / "elsewhere"
        kept = safe_name(path)
        (inbox / kept).symlink_to(elsewhere)
        peer = Peer(chat, "peer")
        peer.brings("Tom", path, CONTENT)
        peer.gets("sent")
        assert not elsewhere.exists()
        [created] = [file for file in inbox.iterdir() if file.name != kept]
        assert created.read_bytes() == CONTENT
        assert created.name.replace(" (1)", "") == (kept if len(kept) < 255 else kept[:251])

    def test_so_many_files_of_one_sender_are_saved_and_no_more(self, chat: Chat, inbox: Path) -> None:
        [tom] = chat.seats("general", "Tom", files=inbox)
        peer = Peer(chat, "peer")
        tom.reads(says("peer has joined the channel."))
        for number in range(RECEIVED_FILES_PER_SENDER_MAX):
            peer.brings("Tom", f"{number}.txt", b"x")
            peer.gets("sent")
            chat.server.reads(says(f"peer sent {number}.txt to Tom."))
        peer.brings("Tom", "more.txt", b"x")
        problem = "no more than 20 files and 1 GiB are taken from peer in an hour."
        assert peer.gets("transfer-failed")["problem"] == problem
        tom.reads(says(f"A file from peer did not arrive: {problem}"))
        assert len(contents(inbox)) == RECEIVED_FILES_PER_SENDER_MAX
        peer.caller.drops()
        again = Peer(chat, "peer")
        again.brings("Tom", "more.txt", b"x")
        assert again.gets("transfer-failed")["problem"] == problem, "who comes again is the same sender"

    def test_a_target_that_dies_is_told_to_the_sender(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, tom = pair
        peer = Peer(chat, "peer")
        chat.all_read(pair, says("peer has joined the channel."))
        mary.types("/send peer note.txt")
        peer.gets("offer")
        peer.caller.drops()
        mary.reads(says("note.txt was not sent to peer: peer has left."))
        chat.nobody_else_read_anything([tom], speaker=tom)

    def test_chat_goes_on_while_a_large_file_is_on_its_way(self, chat: Chat, pair: tuple[Member, Member]) -> None:
        mary, tom = pair
        content = os.urandom(1 << 20) * 6
        (chat.programs.folder / "large").write_bytes(content)
        peer = Peer(chat, "peer")
        chat.all_read(pair, says("peer has joined the channel."))
        mary.types("/send peer large", "it is on its way")
        chat.all_read([mary, tom], "[Mary (<t>)] it is on its way")
        offer = peer.gets("offer")
        with closing(peer.desk()) as desk:
            desk.request("GET", offer["path"])
            answer = desk.getresponse()
            came = answer.read(1 << 20)
            tom.types("half of it is here")
            chat.all_read([mary, tom], "[Tom (<t>)] half of it is here")
            came += answer.read()
        assert came == content
        peer.sends(type="received", ticket=offer["ticket"])
        mary.reads(says("You sent large to peer."))

    def test_a_large_file_between_clients_arrives_whole(
        self, chat: Chat, pair: tuple[Member, Member], inbox: Path
    ) -> None:
        mary, tom = pair
        content = os.urandom(1 << 20) * 12
        (chat.programs.folder / "large").write_bytes(content)
        mary.types("/send Tom large")
        for number in range(20):
            tom.types(f"line {number}")
            tom.reads(f"[Tom (<t>)] line {number}")
        mary.reads_up_to(says("You sent large to Tom."))
        assert contents(inbox) == {"large": content}


@THROUGH_CLIENTS
class TestOnATerminal:
    def test_who_sent_what_is_told_and_where_it_is(self, chat: Chat, inbox: Path) -> None:
        peer = Peer(chat, "peer")
        with terminals_in(chat.programs.folder) as terminals:
            door = str(chat.server.ports["general"])
            tom = terminals.screen("Tom", [sys.executable, CLIENT, door, "Tom", "--files", str(inbox), "--plain"])
            tom.shows("Tom has joined the channel.")
            peer.brings("Tom", "papers/\x1b[2Jgpj.\u202eexe", CONTENT)
            peer.gets("sent")
            kept = "\ufffd[2Jgpj.\ufffdexe"
            tom.shows(f"antechamber: {kept} (10.3 kB) from peer is saved as")
            peer.brings("Tom", ".bashrc", b"")
            tom.shows("antechamber: _bashrc (0 bytes) from peer is saved as")
            assert contents(inbox) == {kept: CONTENT, "_bashrc": b""}

    def test_a_script_is_told_nothing_beside_the_transcript(self, chat: Chat, inbox: Path) -> None:
        (chat.programs.folder / "note.txt").write_bytes(CONTENT)
        [tom] = chat.seats("general", "Tom", files=inbox)
        tom.types("/send Tom note.txt")
        tom.reads(says("You sent note.txt to Tom."))
        tom.types("/quit")
        assert isinstance(tom, Program)
        tom.exits(0)
        assert tom.reads_errors() == ""


def test_a_folder_is_one_from_where_the_client_was_started(programs: Programs, server: Server) -> None:
    (programs.folder / "note.txt").write_bytes(CONTENT)
    (programs.folder / "in box").mkdir()
    (programs.folder / "link").symlink_to("in box")
    for folder in ("in box", "./in box/../in box/", "link"):
        tom = programs.client(server.ports["general"], "Tom", "--files", folder)
        tom.reads(says("Welcome to the general channel, Tom."), says("Tom has joined the channel."))
        tom.types("/send Tom note.txt")
        tom.reads(says("You sent note.txt to Tom."))
        tom.types("/quit")
        tom.exits(0)
    names = ["note (1).txt", "note (2).txt", "note.txt"]
    assert sorted(path.name for path in (programs.folder / "in box").iterdir()) == names


@pytest.mark.parametrize("folder", ["", "nowhere", "note.txt", "dangling", "a\nb"])
def test_what_is_no_folder_is_named_before_anybody_joins(programs: Programs, server: Server, folder: str) -> None:
    (programs.folder / "note.txt").touch()
    (programs.folder / "dangling").symlink_to("nowhere")
    line = the_one_line(programs.run(CLIENT, str(server.ports["general"]), "Tom", "--files", folder))
    assert f"'{clean(folder)}' is no folder: make it, or name another" in line
