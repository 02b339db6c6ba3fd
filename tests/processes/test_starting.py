"""Starting both programs: what they accept, and the one line on standard error that anything else gets."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes.chat import THROUGH_CLIENTS, Chat
from tests.processes.failed_starts import nobody_listens, the_one_line
from tests.processes.programs import CHECKOUT, Ended, Programs
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")
CLIENT = str(CHECKOUT / "chatclient.py")


class TestTheConfigFile:
    @pytest.mark.parametrize(
        ("content", "number", "rule"),
        [
            ("channel a {a} 5\nchannel b {b} 5\n", 2, "at least 3 channels"),
            ("", 1, "at least 3 channels"),
            ("channel a {a} 5\nchannel b {b} 5\nchannel 1c {c} 5\n", 3, "starts with a digit"),
            ("channel a {a} 5\nchannel a {b} 5\nchannel c {c} 5\n", 2, "stands on line 1"),
            ("channel a {a} 5\nchannel b {a} 5\nchannel c {c} 5\n", 2, "stands on line 1"),
            ("channel a {a} 5\nchannel b 0 5\nchannel c {c} 5\n", 2, "not from 1 to 65535"),
            ("channel a {a} 5\nchannel b 65536 5\nchannel c {c} 5\n", 2, "not from 1 to 65535"),
            ("channel a {a} 5\nchannel b -1 5\nchannel c {c} 5\n", 2, "no whole number"),
            ("channel a {a} 5\nchannel b x 5\nchannel c {c} 5\n", 2, "no whole number"),
            ("channel a {a} 5\nchannel b {b} 4\nchannel c {c} 5\n", 2, "less than 5"),
            ("channel a {a} 5\nchannel b {b} 5.0\nchannel c {c} 5\n", 2, "no whole number"),
            ("channel a {a} 5\nchannel b {b}\nchannel c {c} 5\n", 2, "a name, a port and a capacity"),
            ("channel a {a} 5\nchannel b {b} 5 6\nchannel c {c} 5\n", 2, "a name, a port and a capacity"),
            ("channel a {a} 5\nroom b {b} 5\nchannel c {c} 5\n", 2, "'room' is no setting"),
            ("channel a {a} 5\nchannel b {desk} 5\nchannel c {c} 5\n", 2, "is the front desk's"),
            ("channel a {a} 5\nchannel b[] {b} 5\nchannel c {c} 5\n", 2, "cannot be"),
            ("channel a {a} 5\n\udcff\nchannel c {c} 5\n", 2, "no UTF-8"),
        ],
    )
    def test_what_breaks_a_rule_is_named_with_file_line_and_rule(
        self, programs: Programs, content: str, number: int, rule: str
    ) -> None:
        ports = {name: programs.ports.take() for name in ("a", "b", "c", "desk")}
        config = programs.folder / "my config"
        config.write_bytes(content.format(**ports).encode(errors="surrogateescape"))
        line = the_one_line(programs.run(SERVER, str(config), "--port", str(ports["desk"]), "--data", ":memory:"))
        assert line.startswith(f"{config}:{number}: ")
        assert rule in line
        assert nobody_listens(*ports.values())

    def test_one_that_is_no_file_is_named(self, programs: Programs) -> None:
        folder = programs.folder
        assert the_one_line(programs.run(SERVER, "nowhere")).startswith("nowhere: there is no such file")
        assert the_one_line(programs.run(SERVER, str(folder))).startswith(f"{folder}: is a folder")

    def test_one_that_cannot_be_read_is_named(self, programs: Programs) -> None:
        config = programs.folder / "configfile"
        config.symlink_to(config)  # a link to itself: not even root can read it
        assert the_one_line(programs.run(SERVER, str(config))).startswith(f"{config}: cannot be read")

    def test_the_shipped_one_has_three_channels_of_five_seats(self, programs: Programs) -> None:
        checked = programs.antechamber("check-config", str(CHECKOUT / "configfile"))
        assert checked.status == 0
        assert checked.stdout.splitlines() == [
            "channel general on port 9001, 5 seats",
            "channel games on port 9002, 5 seats",
            "channel help on port 9003, 5 seats",
            "ok",
        ]


class TestTakenPorts:
    def test_a_channels_port_that_is_taken_is_named_and_nothing_listens(self, programs: Programs) -> None:
        config, ports = programs.config()
        desk = programs.ports.take()
        with closing(socket.create_server(("127.0.0.1", ports["help"]))):
            line = the_one_line(programs.run(SERVER, str(config), "--port", str(desk), "--data", ":memory:"))
        assert f"{config}:3: " in line
        assert f"port {ports['help']} is taken" in line
        assert nobody_listens(*ports.values(), desk)

    def test_the_front_desks_port_that_is_taken_is_named_and_nothing_listens(self, programs: Programs) -> None:
        config, ports = programs.config()
        desk = programs.ports.take()
        with closing(socket.create_server(("127.0.0.1", desk))):
            line = the_one_line(programs.run(SERVER, str(config), "--port", str(desk), "--data", ":memory:"))
        assert "front desk" in line
        assert f"port {desk} is taken" in line
        assert nobody_listens(*ports.values())

    @THROUGH_CLIENTS
    def test_a_second_server_leaves_the_first_in_peace(self, chat: Chat) -> None:
        ports = chat.server.ports
        config = chat.programs.folder / "configfile"
        config.write_text("".join(f"channel {name} {port} 5\n" for name, port in ports.items()))
        other = chat.programs.run(SERVER, str(config), "--port", str(chat.programs.ports.take()))
        assert f"port {ports['general']} is taken" in the_one_line(other)
        chat.seats("general", "Mary")


@pytest.mark.parametrize("arguments", [[], ["--port", "{desk}"], ["--data", ":memory:", "--irc"]], ids=" ".join)
@pytest.mark.parametrize(
    ("program", "how"),
    [
        ([SERVER], f"start with python3 {SERVER} {CHECKOUT / 'configfile'} "),
        (["-m", "antechamber", "serve"], "start with python3 -m antechamber serve configfile "),
    ],
    ids=["chatserver", "antechamber"],
)
def test_without_a_config_the_server_says_how_to_start(
    programs: Programs, program: list[str], how: str, arguments: list[str]
) -> None:
    (programs.folder / "configfile").write_text("channel a 9001 5\nchannel b 9002 5\nchannel c 9003 5\n")
    desk = programs.ports.take()
    line = the_one_line(programs.run(*program, *(word.format(desk=desk) for word in arguments)))
    assert how in line
    assert nobody_listens(desk)


class TestStandardInput:
    """What a server that does not start was given to read is left to whoever reads after it."""

    @pytest.fixture
    def pasted(self, programs: Programs) -> Iterator[int]:
        path = programs.folder / "pasted"
        path.write_text("/shutdown\nthe next program's\n")
        with path.open("rb") as file:
            yield file.fileno()

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ([], "the config file is missing"),
            (["nowhere"], "there is no such file"),
            (["{config}", "--afk", "0"], "is no time"),
            (["{config}", "--port", "{taken}"], "is taken"),
            (["{config}", "--irc", "{taken}"], "is taken"),
            (["{config}", "--data", "{folder}"], "is a folder"),
            (["{config}", "--data", "{config}"], "is not an antechamber log"),
        ],
    )
    def test_is_not_read_by_a_server_that_does_not_start(
        self, programs: Programs, pasted: int, arguments: list[str], why: str
    ) -> None:
        config, _ = programs.config()
        taken, desk = programs.ports.take(), programs.ports.take()
        known = {"config": config, "taken": taken, "folder": programs.folder}
        words = [word.format(**known) for word in arguments]
        with closing(socket.create_server(("127.0.0.1", taken))):
            line = the_one_line(programs.run(SERVER, "--port", str(desk), *words, stdin=pasted))
        assert why in line
        assert os.lseek(pasted, 0, os.SEEK_CUR) == 0

    def test_is_not_read_by_a_second_server_on_the_same_log(self, programs: Programs, pasted: int) -> None:
        programs.server(data="chat.db")
        config, _ = programs.config()
        desk = str(programs.ports.take())
        the_one_line(programs.run(SERVER, str(config), "--port", desk, "--data", "chat.db", stdin=pasted))
        assert os.lseek(pasted, 0, os.SEEK_CUR) == 0

    def test_is_read_once_the_server_runs(self, programs: Programs, pasted: int) -> None:
        config, _ = programs.config()
        desk = str(programs.ports.take())
        assert programs.run(SERVER, str(config), "--port", desk, "--data", ":memory:", stdin=pasted) == Ended(0, "", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--afk", "0"],
        ["--afk", "-1"],
        ["--afk", "soon"],
        ["--afk"],
        ["--port", "0"],
        ["--port", "65536"],
        ["--port", "http"],
        ["--host", ""],
        ["--host", "no such host"],
        ["--host", "203.0.113.1"],
        ["--data", ""],
        ["--log-level", "loud"],
        ["another-config"],
        ["--colour"],
    ],
    ids=" ".join,
)
def test_malformed_arguments_of_the_server_get_one_line(programs: Programs, arguments: list[str]) -> None:
    config, ports = programs.config()
    desk = programs.ports.take()
    given = [str(config), "--port", str(desk), "--data", ":memory:", *arguments]
    assert the_one_line(programs.run(SERVER, *given))
    assert nobody_listens(*ports.values(), desk)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["9001"],
        ["0", "Mary"],
        ["65536", "Mary"],
        ["-1", "Mary"],
        ["90x", "Mary"],
        ["", "Mary"],
        ["9001", ""],
        ["9001", "Mary Ann"],
        ["9001", "Mary\tAnn"],
        ["9001", "[Mary]"],
        ["9001", "Mary\x1b[2J"],
        ["9001", "Mary\u202e"],
        ["9001", "M" * 33],
        ["9001", "\u0301Mary"],
        ["9001", "Mary", "Ann"],
        ["9001", "Mary", "--colour"],
        ["9001", "Mary", "--host"],
        ["9001", "Mary", "--front-desk", "0"],
        ["9001", "Mary", "--files", "no such folder"],
        ["9001", "Mary", "--host", "no-such-host.invalid"],
    ],
    ids=ascii,
)
def test_malformed_arguments_of_the_client_get_one_line(programs: Programs, arguments: list[str]) -> None:
    assert the_one_line(programs.run(CLIENT, *arguments))


def test_where_nothing_answers_the_client_gets_one_line(programs: Programs) -> None:
    port = programs.ports.take()
    assert f":{port}" in the_one_line(programs.run(CLIENT, str(port), "Mary"))
    assert f":{port}" in the_one_line(programs.run(CLIENT, "general", "Mary", "--front-desk", str(port)))


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_9.2p1\r\n", b"220 mail.example.org\n", b"[]\n", b"\xff\xfe\n", b""]
)
def test_what_is_no_chat_server_gets_one_line(programs: Programs, greeting: bytes) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        client = programs.client(port, "Mary")
        with closing(listener.accept()[0]) as stranger:
            stranger.sendall(greeting)
            stranger.shutdown(socket.SHUT_WR)
            client.exits(1)
    [line] = client.reads_errors().splitlines()
    assert f":{port}" in line


@pytest.mark.parametrize("launcher", [SERVER, CLIENT])
def test_help_is_on_standard_output(programs: Programs, launcher: str) -> None:
    ended = programs.run(launcher, "--help")
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"usage: {Path(launcher).name} ")


@THROUGH_CLIENTS
def test_a_channel_is_found_by_its_name(chat: Chat) -> None:
    desk = str(chat.server.front_desk_port)
    mary = chat.runs("games", "Mary", "--front-desk", desk, door="games")
    mary.reads(says("Welcome to the games channel, Mary."), says("Mary has joined the channel."))
    mary.types("/quit")
    mary.exits(0)
    line = the_one_line(chat.programs.run(CLIENT, "nowhere", "Mary", "--front-desk", desk))
    assert "nowhere" in line


def test_the_installed_command_serves_and_joins(programs: Programs) -> None:
    config, ports = programs.config()
    server = programs.start_server("-m", "antechamber", "serve", config=config, ports=ports)
    mary = programs.start("Mary", "-m", "antechamber", "join", str(ports["general"]), "Mary")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    server.reads(says("Mary has joined the general channel."))
    mary.types("/quit")
    mary.exits(0)


def test_channels_have_names_of_any_language(programs: Programs) -> None:
    chat = Chat(programs, programs.server(names=("großes-Café", "игры", "c++'.~_")), "chatclient")
    desk = str(chat.server.front_desk_port)
    mary = chat.runs("großes-Café", "Zoë", "--front-desk", desk, door="großes-Cafe\u0301")
    mary.reads(says("Welcome to the großes-Café channel, Zoë."), says("Zoë has joined the channel."))
    chat.server.reads(says("Zoë has joined the großes-Café channel."))
    mary.types("/switch игры", "/list")
    mary.reads(says("Welcome to the игры channel, Zoë."), says("Zoë has joined the channel."))
    mary.reads("[Channel] großes-Café 0/5/0.", "[Channel] игры 1/5/0.", "[Channel] c++'.~_ 0/5/0.")
    chat.server.reads(says("Zoë has left the channel."), says("Zoë has joined the игры channel."))
    chat.server.types("/kick игры:Zoe\u0308", "/empty c++'.~_")
    chat.server.reads(says("Kicked Zoë."), says("c++'.~_ has been emptied."))
    mary.exits(0)


def test_a_host_may_be_given(programs: Programs) -> None:
    server = programs.server("--host", "127.0.0.1")
    mary = programs.client("help", "Mary", "--host", "127.0.0.1", "--front-desk", str(server.front_desk_port))
    mary.reads(says("Welcome to the help channel, Mary."), says("Mary has joined the channel."))


@THROUGH_CLIENTS
def test_a_script_may_type_everything_at_once(chat: Chat) -> None:
    [tom] = chat.seats("general", "Tom", kind="socket")
    mary = chat.runs("general", "Mary")
    mary.types("one", "/whisper Tom two", "/list", "", "three", "/quit")
    mary.stops_typing()
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    mary.reads("[Mary (<t>)] one", "[Channel] general 2/5/0.", "[Channel] games 0/5/0.", "[Channel] help 0/5/0.")
    mary.reads("[Mary (<t>)] three")
    mary.exits(0)
    tom.reads(says("Mary has joined the channel."), "[Mary (<t>)] one", "[Mary whispers to you: (<t>)] two")
    tom.reads("[Mary (<t>)] three", says("Mary has left the channel."))
