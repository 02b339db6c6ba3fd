"""The commands: what their arguments become, and the one line that a malformed one gets."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from antechamber import __main__, __version__
from antechamber.client import chat
from antechamber.client.chat import Chat, Mode
from antechamber.config import Address, ConfigError, Settings, configfile
from antechamber.protocol.limits import NAME_CHARACTERS_MOST, Limits
from antechamber.runtime.paths import default_data_path

CONFIG = "channel general 9001 5\nchannel games 9002 5\nchannel help 9003 5\n"
TOML = """\
host = "127.0.0.3"
port = 9800
data = "chat.db"
log_level = "info"
[limits]
idle_seconds_max = 600
[[channel]]
name = "office-hour"
port = 9001
seats = 1
waiting_max = 20
idle_seconds_max = 0
seat_hold_seconds = 120.5
retention_days = 0.5
retention_entries = 10_000
topic = "One at a time"
[[channel]]
name = "games"
port = 9002
seats = 5
"""


class Started:
    """What was started in place of the programs, with its arguments."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []
        self.read_again: Callable[[], Settings]
        self.clients: list[Chat] = []
        self.modes: list[Mode] = []

    def serve(self, settings: Settings, read_again: Callable[[], Settings], _: str) -> int:
        self.settings.append(settings)
        self.read_again = read_again
        return 7

    def join(self, client: Chat, mode: Mode) -> int:
        self.clients.append(client)
        self.modes.append(mode)
        return 8


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """Put fakes in the place of the server and the client, in a folder with a config."""
    started = Started()
    module = ModuleType("antechamber.server.server")
    module.serve = started.serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(chat, "run", started.join)
    monkeypatch.chdir(tmp_path)
    Path("configfile").write_text(CONFIG)
    return started


def run(monkeypatch: pytest.MonkeyPatch, program: Callable[[], int], *argv: str) -> int:
    monkeypatch.setattr(sys, "argv", [*argv])
    return program()


class TestServe:
    def test_the_defaults_are_those_of_the_documents(self, started: Started) -> None:
        assert __main__.main(["serve", "configfile"]) == 7
        (settings,) = started.settings
        assert settings.config_path == "configfile"
        assert [channel[:3] for channel in settings.channels] == [
            ("general", 9001, 5),
            ("games", 9002, 5),
            ("help", 9003, 5),
        ]
        assert (settings.host, settings.front_desk_port) == ("localhost", 9876)
        assert settings.data_path == default_data_path()
        assert settings.limits == configfile.DEFAULTS

    def test_every_option_reaches_the_settings(self, started: Started, tmp_path: Path) -> None:
        (tmp_path / "other").write_text(CONFIG)
        options = "--afk 2.5 --host 127.0.0.2 --port 80 --irc ::1:6697 --data chat.db --log-level debug"
        assert __main__.main(["serve", *options.split(), "other"]) == 7
        (settings,) = started.settings
        assert settings._replace(channels=()) == Settings(
            config_path="other",
            channels=(),
            host="127.0.0.2",
            front_desk_port=80,
            data_path="chat.db",
            log_level="debug",
            limits=configfile.DEFAULTS._replace(idle_seconds_max=2.5),
            irc=Address("::1", 6697),
        )

    def test_memory_is_no_path(self, started: Started) -> None:
        __main__.main(["serve", "configfile", "--data", ":memory:"])
        assert started.settings[0].data_path is None

    @pytest.mark.parametrize(("terminal", "level"), [(True, "off"), (False, "warning")])
    def test_logging_is_silent_on_a_terminal_unless_asked_for(
        self, started: Started, monkeypatch: pytest.MonkeyPatch, terminal: bool, level: str
    ) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
        __main__.main(["serve", "configfile"])
        assert started.settings[0].log_level == level

    def test_a_faulty_config_starts_nothing(self, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
        Path("configfile").write_text("channel general 9001 4\n")
        assert __main__.main(["serve", "configfile"]) == 1
        told = "configfile:1: the capacity 4 is less than 5 (choose 5 or more)\n"
        assert capsys.readouterr() == ("", told)
        assert started.settings == []

    def test_a_config_with_the_front_desks_port_is_faulty(
        self, started: Started, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert __main__.main(["serve", "configfile", "--port", "9002"]) == 1
        assert capsys.readouterr().err.startswith("configfile:2: the port 9002 is the front desk's ")

    def test_a_config_in_toml_says_what_the_options_do_not(self, started: Started) -> None:
        Path("office.toml").write_text(TOML)
        assert __main__.main(["serve", "office.toml"]) == 7
        (settings,) = started.settings
        assert settings._replace(channels=(), limits=Limits()) == Settings(
            config_path="office.toml",
            channels=(),
            host="127.0.0.3",
            front_desk_port=9800,
            data_path="chat.db",
            log_level="info",
            limits=Limits(),
        )
        assert settings.limits.idle_seconds_max == 600
        assert [channel.limits.idle_seconds_max for channel in settings.channels] == [float("inf"), 600]

    def test_irc_has_its_own_port_where_none_is_named(self, started: Started) -> None:
        assert __main__.main(["serve", "configfile", "--irc"]) == 7
        assert __main__.main(["serve", "--irc", "6697", "configfile"]) == 7
        assert [settings.irc for settings in started.settings] == [Address("", 6667), Address("", 6697)]

    def test_an_option_comes_before_what_a_config_in_toml_says(self, started: Started) -> None:
        Path("office.toml").write_text(TOML)
        options = "--afk 2.5 --host 127.0.0.2 --port 80 --data :memory: --log-level off"
        assert __main__.main(["serve", "office.toml", *options.split()]) == 7
        (settings,) = started.settings
        assert settings[2:6] == ("127.0.0.2", 80, None, "off")
        assert {limits.idle_seconds_max for limits in (settings.limits, *(c.limits for c in settings.channels))} == {
            2.5
        }

    def test_the_config_is_read_again_with_the_same_options(self, started: Started) -> None:
        __main__.main(["serve", "configfile", "--afk", "2.5", "--port", "80"])
        assert started.read_again() == started.settings[0]
        Path("configfile").write_text(CONFIG + "channel more 9004 5\n")
        again = started.read_again()
        assert [channel.name for channel in again.channels] == ["general", "games", "help", "more"]
        assert again._replace(channels=()) == started.settings[0]._replace(channels=())
        Path("configfile").write_text(CONFIG + "channel more 80 5\n")
        with pytest.raises(ConfigError, match=r"^configfile:4: the port 80 is the front desk's "):
            started.read_again()

    @pytest.mark.parametrize(
        "arguments", [[], [""], ["--port", "9800"], ["--irc"], ["--host", "0.0.0.0", "--data", "x"]]
    )
    def test_without_a_config_it_says_how_to_start(
        self,
        started: Started,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
    ) -> None:
        with pytest.raises(SystemExit) as exit_:
            run(monkeypatch, __main__.chatserver, "chatserver.py", *arguments)
        assert exit_.value.code == 1
        how = "start with python3 chatserver.py configfile (chatserver.py --help tells more)"
        assert capsys.readouterr() == ("", f"chatserver.py: the config file is missing: {how}\n")
        assert started.settings == []


class TestJoin:
    def test_the_defaults_are_those_of_the_documents(self, started: Started) -> None:
        assert __main__.main(["join", "9001", "Mary"]) == 8
        assert started.clients == [
            Chat(
                host="localhost",
                door=9001,
                name="Mary",
                front_desk_port=9876,
                files_folder="",
                home=".",
                accept=None,
                reconnect=False,
            )
        ]
        assert started.modes == ["plain"]

    def test_every_option_reaches_the_client(self, started: Started, tmp_path: Path) -> None:
        options = ["--host", "::1", "--front-desk", "80", "--files", str(tmp_path), "--reconnect"]
        options += ["--accept-files", "never"]
        assert __main__.main(["join", *options, "games", "Mary"]) == 8
        assert started.clients == [
            Chat(
                host="::1",
                door="games",
                name="Mary",
                front_desk_port=80,
                files_folder=str(tmp_path),
                accept="never",
                reconnect=True,
            )
        ]

    @pytest.mark.parametrize(
        ("options", "mode"), [([], "app"), (["--lines"], "lines"), (["--plain"], "plain")], ids=["", "lines", "plain"]
    )
    def test_a_terminal_has_the_app_unless_another_view_is_asked_for(
        self, started: Started, monkeypatch: pytest.MonkeyPatch, options: list[str], mode: Mode
    ) -> None:
        monkeypatch.setattr(chat, "both_are_terminals", lambda: True)
        monkeypatch.setenv("TERM", "xterm")
        assert __main__.main(["join", "9001", "Mary", *options]) == 8
        assert started.modes == [mode]

    def test_the_plain_transcript_asks_nothing(self, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as exit_:
            __main__.main(["join", "9001", "Mary", "--accept-files", "ask"])
        assert exit_.value.code == 1
        assert "the plain transcript asks nothing: write always or never" in capsys.readouterr().err
        assert started.clients == []

    def test_names_are_joined_in_their_composed_form(self, started: Started) -> None:
        __main__.main(["join", "cafe\u0301", "Rene\u0301"])
        assert (started.clients[0].door, started.clients[0].name) == ("caf\u00e9", "Ren\u00e9")

    def test_a_name_may_be_as_long_as_any_server_lets_it_be(self, started: Started) -> None:
        __main__.main(["join", "9001", "x" * NAME_CHARACTERS_MOST])
        assert started.clients[0].name == "x" * NAME_CHARACTERS_MOST

    def test_a_name_may_start_with_a_dash_after_two(self, started: Started) -> None:
        __main__.main(["join", "9001", "--", "-x-"])
        assert started.clients[0].name == "-x-"

    def test_the_launcher_saves_files_beside_itself(
        self, started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir("/")
        assert run(monkeypatch, partial(__main__.chatclient, str(tmp_path)), "/x/chatclient.py", "9001", "Mary") == 8
        assert started.clients[0].home == str(tmp_path)


CHARACTERS = "A name has only letters, digits, marks and . _ - + ~ '"
MALFORMED = [
    ("serve a b", "antechamber: unrecognized arguments: b"),
    ("serve --afkk 5", "antechamber: unrecognized arguments: --afkk"),
    ("serve --dat x", "antechamber: unrecognized arguments: --dat"),
    ("serve --port", "antechamber serve: argument --port: expected one argument"),
    *(
        (
            f"serve --afk={word}",
            f"antechamber serve: argument --afk: '{word}' is no time: "
            "write seconds, a number above 0 and up to 31536000, such as 100 or 2.5",
        )
        for word in ("", "0", "0.0", "-1", "nan", "inf", "1e3", "1_0", "+5", "1.2.3", ".", "٥", "31536001", "soon")
    ),
    *(
        (
            f"serve --port={word}",
            f"antechamber serve: argument --port: '{word}' is no port: write a whole number from 1 to 65535",
        )
        for word in ("", "0", "65536", "-1", "+80", "80.0", "٥", "8_0", "http")
    ),
    (
        "serve --host=",
        "antechamber serve: argument --host: '' is no host: write a name or an address, such as localhost",
    ),
    (
        "serve --data=",
        "antechamber serve: argument --data: a path has at least one character: name a file, or :memory:",
    ),
    (
        "serve --irc configfile",
        "antechamber serve: argument --irc: 'configfile' is no port: write a port from 1 to 65535, or a host with a "
        "port, such as 0.0.0.0:6667",
    ),
    (
        "serve --log-level=loud",
        "antechamber serve: argument --log-level: invalid choice: 'loud' "
        "(choose from 'off', 'error', 'warning', 'info', 'debug')",
    ),
    ("join", "antechamber join: the following arguments are required: PORT, USERNAME"),
    ("join 9001", "antechamber join: the following arguments are required: USERNAME"),
    ("join 9001 Mary Jane", "antechamber: unrecognized arguments: Jane"),
    *(
        (
            f"join {word} Mary",
            f"antechamber join: argument PORT: '{word}' is no port: write a whole number from 1 to 65535",
        )
        for word in ("0", "65536", "9001x", "٩")
    ),
    ("join a:b Mary", f"antechamber join: argument PORT: 'a:b' is no name: {CHARACTERS}"),
    ("join 9001 a[b]", f"antechamber join: argument USERNAME: 'a[b]' is no name: {CHARACTERS}"),
    ("join 9001 a\x1bb\u202e", f"antechamber join: argument USERNAME: 'a\ufffdb\ufffd' is no name: {CHARACTERS}"),
    ("join 9001 caf\udce9", f"antechamber join: argument USERNAME: 'caf\ufffd' is no name: {CHARACTERS}"),
    (
        f"join 9001 {'x' * 33}",
        f"antechamber join: argument USERNAME: '{'x' * 33}' is no name: A name has at most 32 characters.",
    ),
    (
        "join 9001 Server",
        "antechamber join: argument USERNAME: 'Server' is no name: That is the server's own name.",
    ),
    (
        "join 9001 Adm1n",
        "antechamber join: argument USERNAME: 'Adm1n' is no name: "
        'A name cannot look like "Admin", which is the server\'s own.',
    ),
    (
        "join 9001 Server-message",
        "antechamber join: argument USERNAME: 'Server-message' is no name: A name cannot look like \"Server message\".",
    ),
    (
        "join 9001 Mary --files nowhere",
        "antechamber join: argument --files: 'nowhere' is no folder: make it, or name another",
    ),
    (
        "join 9001 Mary --front-desk 0",
        "antechamber join: argument --front-desk: '0' is no port: write a whole number from 1 to 65535",
    ),
    ("check-config a b", "antechamber: unrecognized arguments: b"),
    (
        "",
        "antechamber: a command is missing: one of serve, join, check-config, operator-link, history, backup, init, "
        "completion",
    ),
    (
        "sevre",
        "antechamber: argument COMMAND: invalid choice: 'sevre' "
        "(choose from 'serve', 'join', 'check-config', 'operator-link', 'history', 'backup', 'init', 'completion')",
    ),
]


class TestMalformedArguments:
    @pytest.mark.parametrize(("line", "told"), MALFORMED, ids=lambda value: ascii(value[:40]))
    def test_they_get_one_clear_line_and_exit_with_1(
        self, started: Started, capsys: pytest.CaptureFixture[str], line: str, told: str
    ) -> None:
        with pytest.raises(SystemExit) as exit_:
            __main__.main(line.split(" ") if line else [])
        program = told.partition(":")[0]
        # what is chosen from is quoted up to Python 3.11, and bare from 3.12 on
        assert capsys.readouterr().err.replace("'", "") == f"{told} ({program} --help tells more)\n".replace("'", "")
        assert exit_.value.code == 1
        assert (started.settings, started.clients) == ([], [])

    def test_an_empty_name_is_none(self, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            __main__.main(["join", "9001", ""])
        assert "'' is no name: A name has at least one character." in capsys.readouterr().err

    @pytest.mark.parametrize("program", [__main__.chatserver, __main__.chatclient])
    def test_the_launchers_name_themselves(
        self, program: Callable[[], int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(SystemExit) as exit_:
            run(monkeypatch, program, "/x/chat.py", "--no\nsuch")
        assert capsys.readouterr().err.splitlines()[-1].endswith(" (chat.py --help tells more)")
        assert exit_.value.code == 1


class TestCheckConfig:
    def test_a_good_config_is_shown(self, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
        assert __main__.main(["check-config"]) == 0
        assert capsys.readouterr() == (
            "channel general on port 9001, 5 seats\n"
            "channel games on port 9002, 5 seats\n"
            "channel help on port 9003, 5 seats\n"
            "ok\n",
            "",
        )
        assert started.settings == []

    def test_a_good_config_in_toml_is_shown_with_all_it_says(
        self, started: Started, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("office.toml").write_text(TOML)
        assert __main__.main(["check-config", "office.toml"]) == 0
        assert capsys.readouterr() == (
            "channel office-hour on port 9001, 1 seat, at most 20 waiting, nobody goes AFK, seat held 120.5 s, "
            "place held 300 s, kept for 0.5 days, at most 10000 entries kept: One at a time\n"
            "channel games on port 9002, 5 seats, at most 1000 waiting, AFK after 600 s, seat held 60 s, "
            "place held 300 s\n"
            "front desk on port 9800 of 127.0.0.3\n"
            "what is said is kept in chat.db\n"
            "the operator token is the log's own (antechamber operator-link prints it)\n"
            "ok\n",
            "",
        )
        assert started.settings == []

    def test_where_irc_clients_come_in_is_shown_too(self, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
        Path("office.toml").write_text(f"irc = true\n{TOML}")
        assert __main__.main(["check-config", "office.toml"]) == 0
        Path("office.toml").write_text(f'irc = "0.0.0.0:6697"\nopen_channels = true\n{TOML}')
        assert __main__.main(["check-config", "office.toml"]) == 0
        assert [line for line in capsys.readouterr().out.splitlines() if "IRC" in line] == [
            "IRC clients come in by port 6667 of 127.0.0.3",
            "IRC clients come in by port 6697 of 0.0.0.0, and make channels of their own",
        ]

    def test_of_an_operator_token_it_tells_no_more_than_that_there_is_one(
        self, started: Started, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("office.toml").write_text(f'operator_token = "do-not-show-this-one"\n{TOML}')
        assert __main__.main(["check-config", "office.toml"]) == 0
        out, err = capsys.readouterr()
        assert out.splitlines()[-2:] == ["the operator token is set here", "ok"]
        assert "do-not" not in out + err

    def test_a_faulty_one_in_toml_is_told(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        config = tmp_path / "office.toml"
        config.write_text(TOML.replace("seats = 5", "seats = 0"))
        assert __main__.main(["check-config", str(config)]) == 1
        fault = "seats is 0, not a whole number from 1 to 100000 (write seats = 5)"
        assert capsys.readouterr() == ("", f'{config}: channel 2 ("games"): {fault}\n')

    def test_a_faulty_one_is_told(self, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
        assert __main__.main(["check-config", "nowhere"]) == 1
        assert capsys.readouterr() == ("", "nowhere: there is no such file (check the path)\n")

    def test_the_front_desks_port_counts(self, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
        assert __main__.main(["check-config", "--port", "9003"]) == 1
        assert capsys.readouterr().err.startswith("configfile:3: ")


class TestTheRest:
    def test_the_version_is_the_packages(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as exit_:
            __main__.main(["--version"])
        assert exit_.value.code == 0
        assert capsys.readouterr().out == f"antechamber {__version__}\n"

    def test_history_brings_its_own_arguments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        history = ModuleType("antechamber.cli.history")
        history.add_arguments = lambda parser: parser.add_argument("channel")  # type: ignore[attr-defined]
        history.run = lambda chosen: len(chosen.channel)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "antechamber.cli.history", history)
        monkeypatch.setattr("antechamber.cli.history", history, raising=False)
        assert __main__.main(["history", "four"]) == 4

    @pytest.mark.parametrize("command", ["", "serve", "join", "check-config", "history"])
    def test_every_command_has_help_that_fits_a_terminal(
        self, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as exit_:
            __main__.main([*command.split(), "--help"])
        assert exit_.value.code == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(f"usage: antechamber {command}".rstrip())
        assert max(len(line) for line in lines) <= 80
