"""From a config file and the command line to settings, whatever the file's form; and the sample that is shipped."""

import re
import sys
from pathlib import Path

import pytest

from antechamber.config import Overrides, Settings, configfile
from antechamber.config.load import is_toml, read_settings
from antechamber.config.toml import DEFAULTS
from antechamber.protocol.limits import Limits
from antechamber.runtime.paths import default_data_path

ROOT = Path(__file__).parents[2]
CONFIGFILE = "channel general 9001 5\nchannel games 9002 5\nchannel help 9003 5\n"
TOML = '[[channel]]\nname = "general"\nport = 9001\nseats = 1\n'


@pytest.fixture(autouse=True)
def configs(folder: Path) -> None:
    """Make a config of each form."""
    (folder / "configfile").write_text(CONFIGFILE)
    (folder / "a.toml").write_text(TOML)


@pytest.mark.parametrize("path", ["a.toml", "x/a.toml", "A.TOML", ".toml"])
def test_a_file_whose_name_ends_in_toml_is_toml(path: str) -> None:
    assert is_toml(path)


@pytest.mark.parametrize("path", ["configfile", "a.toml.txt", "toml", "a.toml/configfile"])
def test_any_other_is_a_configfile(path: str) -> None:
    assert not is_toml(path)


@pytest.mark.parametrize("path", ["configfile", "a.toml"])
def test_what_nobody_says_is_the_default(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    settings = read_settings(path)
    limits = DEFAULTS if path == "a.toml" else configfile.DEFAULTS
    assert settings == Settings(path, settings.channels, "localhost", 9876, default_data_path(), "warning", limits)
    assert settings.channels[0].limits == limits
    assert settings.operator_token == ""


@pytest.mark.parametrize("path", ["configfile", "a.toml"])
@pytest.mark.parametrize(("terminal", "level"), [(True, "off"), (False, "warning")])
def test_logging_is_silent_on_a_terminal_unless_asked_for(
    path: str, terminal: bool, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert read_settings(path).log_level == level
    assert read_settings(path, Overrides(log_level="debug")).log_level == "debug"


@pytest.mark.parametrize("path", ["configfile", "a.toml"])
def test_what_the_command_line_says_is_so(path: str) -> None:
    settings = read_settings(path, Overrides("::1", 80, "x/chat.db", "info", 2.5))
    assert settings[2:6] == ("::1", 80, "x/chat.db", "info")
    assert {settings.limits.idle_seconds_max, *(c.limits.idle_seconds_max for c in settings.channels)} == {2.5}
    assert read_settings(path, Overrides(data_path=":memory:")).data_path is None


@pytest.mark.parametrize(
    ("config", "data", "path"),
    [
        ("a.toml", "chat.db", "chat.db"),
        ("x/a.toml", "chat.db", "x/chat.db"),
        ("x/a.toml", "../chat.db", "x/../chat.db"),
        ("x/a.toml", "/var/chat.db", "/var/chat.db"),
        ("x/a.toml", ":memory:", None),
    ],
)
def test_a_path_in_a_config_starts_at_its_folder(config: str, data: str, path: str | None) -> None:
    Path(config).parent.mkdir(exist_ok=True)
    Path(config).write_text(f'data = "{data}"\n{TOML}')
    assert read_settings(config).data_path == path


def test_data_in_a_home_folder_goes_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/mary")
    config = tmp_path / "a.toml"
    config.write_text('data = "~/chat.db"\n[[channel]]\nname = "a"\nport = 1\nseats = 1\n', encoding="utf-8")
    assert read_settings(str(config)).data_path == "/home/mary/chat.db"


def test_a_path_on_the_command_line_starts_at_the_current_folder() -> None:
    Path("x").mkdir()
    Path("x/a.toml").write_text(TOML)
    assert read_settings("x/a.toml", Overrides(data_path="chat.db")).data_path == "chat.db"


def test_a_file_that_has_changed_is_read_again() -> None:
    assert [channel.seats for channel in read_settings("a.toml").channels] == [1]
    Path("a.toml").write_text(TOML.replace("seats = 1", "seats = 2"))
    assert [channel.seats for channel in read_settings("a.toml").channels] == [2]


# The sample

SAMPLE = (ROOT / "antechamber.toml").read_text(encoding="utf-8")
LEFT_OUT = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)
"""Before a setting at its default, which the sample has as a comment."""
EXAMPLES = {"data": "antechamber.db", "log_level": "warning"}
"""The settings whose default depends on where the server starts; the sample has an example of them."""


def test_the_sample_has_the_channels_of_the_shipped_configfile() -> None:
    configfile = read_settings(str(ROOT / "configfile")).channels
    assert [channel[:3] for channel in read_settings(str(ROOT / "antechamber.toml")).channels] == [
        channel[:3] for channel in configfile
    ]


def test_the_sample_has_every_setting_at_its_true_default() -> None:
    Path("whole.toml").write_text(LEFT_OUT.sub("", SAMPLE), encoding="utf-8")
    Path("sample.toml").write_text(SAMPLE, encoding="utf-8")
    whole, sample = read_settings("whole.toml"), read_settings("sample.toml")
    assert (whole.data_path, whole.log_level) == (EXAMPLES["data"], EXAMPLES["log_level"])
    assert whole.operator_token == sample.operator_token
    assert (whole.irc, whole.open_channels, whole.motd, whole.allow_hosts) == (None, False, "", ())
    assert (whole.host, whole.front_desk_port, whole.limits) == (sample.host, sample.front_desk_port, sample.limits)
    assert [channel._replace(where="") for channel in whole.channels] == [
        channel._replace(where="") for channel in sample.channels
    ]


def test_the_sample_names_every_setting_there_is_once() -> None:
    tables = re.split(r"^\[+[a-z]+\]+$", LEFT_OUT.sub("", SAMPLE), flags=re.MULTILINE)
    top, limits, channel = (re.findall(r"^([a-z_]+) = ", table, re.MULTILINE) for table in tables[:3])
    names = ["allow_hosts", "data", "host", "irc", "log_level", "motd", "open_channels", "operator_token", "port"]
    assert sorted(top) == names
    assert sorted(limits) == sorted(Limits._fields)
    own = ["idle_seconds_max", "place_hold_seconds", "seat_hold_seconds", "waiting_max"]
    assert sorted(channel) == sorted([*own, "name", "port", "seats", "topic", "retention_days", "retention_entries"])
