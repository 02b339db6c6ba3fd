"""`antechamber operator-link`: one line, which is the link, or one line of what is wrong and what to do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import pytest

from antechamber import __main__
from antechamber.log.sqlite import SqliteLog
from antechamber.session.tokens import operator_token

CHANNELS = '[[channel]]\nname = "a"\nport = 9001\nseats = 5\n'
CONFIGFILE = "channel a 9001 5\nchannel b 9002 5\nchannel c 9003 5\n"
SET = "a-token-of-the-config"
Ran = tuple[int, str, str]


class Command:
    """Runs the command in a folder of its own, with a configfile."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        Path("configfile").write_text(CONFIGFILE)

    def __call__(self, *arguments: str) -> Ran:
        """Return the exit status, and what was printed on standard output and on standard error."""
        status = __main__.main(["operator-link", *arguments])
        return status, *self._capsys.readouterr()

    def declines(self, *arguments: str) -> str:
        """Return the one line that says why there is no link."""
        status, out, err = self(*arguments)
        assert (status, out) == (1, "")
        assert err.startswith("antechamber operator-link: ")
        assert err.count("\n") == 1
        return err.removeprefix("antechamber operator-link: ").removesuffix("\n")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Command(capsys)


def made(path: str | Path) -> str:
    """Make a log, and return its token."""
    with closing(SqliteLog(path, tick_seconds=None)) as log:
        return operator_token(log.secret())


def toml(top: str) -> str:
    Path("a.toml").write_text(f"{top}\n{CHANNELS}")
    return "a.toml"


def test_the_link_has_the_token_of_the_log(command: Command, tmp_path: Path) -> None:
    token = made(tmp_path / "state" / "antechamber" / "antechamber.db")
    assert command() == (0, f"http://localhost:9876/operator#{token}\n", "")


def test_the_server_may_be_running(command: Command) -> None:
    with closing(SqliteLog("x.db")) as log:
        token = operator_token(log.secret())
        assert command("--data", "x.db") == (0, f"http://localhost:9876/operator#{token}\n", "")


def test_the_log_is_left_as_it_was(command: Command) -> None:
    made("x.db")
    before = Path("x.db").read_bytes()
    command("--data", "x.db")
    assert Path("x.db").read_bytes() == before


def test_the_options_and_the_config_say_where_it_leads(command: Command) -> None:
    token = made("x.db")
    config = toml('host = "chat.example"\nport = 80\ndata = "x.db"')
    assert command(config)[1] == f"http://chat.example:80/operator#{token}\n"
    assert command("--port", "81", "--host", "127.0.0.2", config)[1] == f"http://127.0.0.2:81/operator#{token}\n"


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "localhost"), ("::", "localhost"), ("::1", "[::1]")])
def test_the_address_is_one_that_a_browser_goes_to(command: Command, host: str, shown: str) -> None:
    token = made("x.db")
    assert command("--data", "x.db", "--host", host)[1] == f"http://{shown}:9876/operator#{token}\n"


@pytest.mark.parametrize("data", ["x.db", ":memory:"])
def test_a_token_of_the_config_needs_no_log(command: Command, data: str, tmp_path: Path) -> None:
    config = toml(f'operator_token = "{SET}"\ndata = "{data}"')
    assert command(config) == (0, f"http://localhost:9876/operator#{SET}\n", "")
    assert not (tmp_path / "x.db").exists()


def test_a_token_with_signs_goes_through_the_link_unchanged(command: Command) -> None:
    token = "!#$%&()*+,-./0129:;<=>?@AZ[]^_`az{|}~"
    link = command(toml(f"operator_token = '{token}'"))[1]
    assert unquote(link.removesuffix("\n").partition("#")[2]) == token
    assert link.isascii()
    assert not set('<>"`{}|\\^ ') & set(link)


# What is wrong


def test_where_there_is_no_log_yet_the_server_is_to_be_started(command: Command, tmp_path: Path) -> None:
    remedy = 'start the server once, name its log with --data, or set operator_token = "…" in a config in TOML.'
    assert command.declines("--data", "x.db") == f"There is no log at x.db yet: {remedy}"
    assert command.declines("--data", str(tmp_path)) == f"There is no log at {tmp_path} yet: {remedy}"
    assert not (tmp_path / "x.db").exists()


def test_a_log_in_memory_has_no_token_to_show(command: Command) -> None:
    remedy = 'set operator_token = "…" in a config in TOML, or keep the log in a file.'
    assert command.declines("--data", ":memory:") == f"A log in memory keeps no operator token: {remedy}"


def test_a_file_that_is_no_log_is_told(command: Command, tmp_path: Path) -> None:
    assert "it is not an antechamber log" in command.declines("--data", "configfile")
    with closing(sqlite3.connect("other.db")) as other:
        other.execute("CREATE TABLE t (x)")
        other.commit()
    assert "is another program's SQLite file" in command.declines("--data", "other.db")
    Path("empty.db").touch()
    assert "is empty: no server has kept anything there yet" in command.declines("--data", "empty.db")


def test_a_damaged_log_is_told(command: Command) -> None:
    made("x.db")
    with closing(sqlite3.connect("x.db")) as log:
        log.execute("DELETE FROM identity")
        log.commit()
    assert "(its secret is gone)" in command.declines("--data", "x.db")


def test_a_path_that_controls_a_terminal_is_told_safely(command: Command) -> None:
    assert "a\ufffdb" in command.declines("--data", "a\x1bb")


def test_a_faulty_config_is_told(command: Command) -> None:
    status, out, err = command(toml('operator_token = "short-secret"'))
    assert (status, out) == (1, "")
    assert err == "a.toml: the length of operator_token is 12, not 16 to 128 (make one: openssl rand -hex 16)\n"
    assert command("nowhere") == (1, "", "nowhere: there is no such file (check the path)\n")
