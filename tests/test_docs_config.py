"""What the documentation says can be set is what can be set: the config, its TOML, every limit with its range."""

import re
from pathlib import Path

import pytest

from antechamber.config import ConfigError, Settings, configfile
from antechamber.config.bounds import BOUNDS, RETENTION_DAYS, RETENTION_ENTRIES
from antechamber.config.load import read_settings
from antechamber.config.toml import DEFAULTS
from antechamber.protocol import limits
from antechamber.protocol.limits import Limits
from tests.markdown import DOCUMENTS, blocks, code, section, tables, unquoted

CONFIG, GUIDE = DOCUMENTS["docs/config.md"], DOCUMENTS["docs/operators-guide.md"]


# The config and the limits


def test_the_config_shown_is_accepted(tmp_path: Path) -> None:
    config = tmp_path / "configfile"
    config.write_text("\n".join(line for line in code(section(CONFIG, "## The config file")) if ":" not in line))
    assert len(read_settings(str(config)).channels) == limits.CHANNELS_MIN


def test_the_fault_shown_is_what_a_faulty_config_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("configfile").write_text("channel a 9001 5\nchannel b 9002 5\nchannel c 9003 4\n")
    with pytest.raises(ConfigError) as fault:
        read_settings("configfile")
    assert str(fault.value) in code(CONFIG)


def test_the_rules_of_the_config_are_the_limits() -> None:
    kept = Limits()
    for words in (
        f"at least {limits.CHANNELS_MIN}, at most {kept.channels_max:,}",
        f"1 to {kept.name_characters_max} letters",
        f"a whole number from 1 to {limits.PORT_MAX}",
        f"a whole number from {limits.CAPACITY_MIN} to {kept.capacity_max:,}",
        f"text of at most {limits.CONFIG_BYTES_MAX >> 20} MiB",
    ):
        assert words in section(CONFIG, "## The config file")


def plain(number: float) -> str:
    """Return a number as the documents write it."""
    return str(int(number)) if number == int(number) else str(number)


def test_every_limit_is_documented_with_its_defaults_and_its_range() -> None:
    known = {name: (plain(value), "fixed") for name, value in vars(limits).items() if name.isupper()}
    for name, value in configfile.DEFAULTS._asdict().items():
        in_toml, bound = getattr(DEFAULTS, name), BOUNDS[name]
        default = plain(value) if value == in_toml else f"{plain(value)}; in TOML {plain(in_toml)}"
        zero = f", or 0: {bound.zero}" if bound.zero else ""
        known[name] = default, f"{plain(bound.least)} to {plain(bound.most)}{zero}"
    rows = tables(section(CONFIG, "## Limits"))[0]
    assert {unquoted(name): (default, least_to_most) for name, default, least_to_most, *_ in rows} == known
    assert len(rows) == len(known)
    assert all(map(all, rows))


# TOML

LEAST = '[[channel]]\nname = "a"\nport = 9001\nseats = 5\n'
SHOWN = [(name, snippet) for name, document in DOCUMENTS.items() for snippet in blocks(document, "toml")]
"""Every snippet of TOML that is shown, with its document."""


def read_toml(content: str, folder: Path) -> Settings:
    """Read a config in TOML as the server does. Raises ConfigError."""
    path = folder / "antechamber.toml"
    path.write_text(content, encoding="utf-8")
    return read_settings(str(path))


def known_keys(content: str, folder: Path) -> list[str]:
    """Return the settings that there are where `content` has one that is none, as the fault names them."""
    with pytest.raises(ConfigError) as fault:
        read_toml(content, folder)
    found = re.search(r"there are ([\w, ]+)\)$", str(fault.value))
    assert found is not None, fault.value
    return found[1].split(", ")


@pytest.mark.parametrize(("name", "snippet"), SHOWN)
def test_every_toml_shown_is_accepted(name: str, snippet: str, tmp_path: Path) -> None:
    assert read_toml(snippet, tmp_path).channels, name


def test_a_toml_is_shown_where_people_look_for_one() -> None:
    assert {"docs/config.md", "docs/operators-guide.md"} <= {name for name, _ in SHOWN}


def test_every_toml_fault_shown_is_what_such_a_config_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = blocks(section(CONFIG, "## TOML"), "toml")[0]
    broken = (
        (shown.replace('"0.0.0.0"', "0.0.0.0"), "this is no TOML"),
        (shown.replace("seats = 200", "seats = 0"), "seats is 0"),
        (shown.replace("retention_days", "retention"), "'retention'"),
    )
    faults = []
    for content, about in broken:
        Path("antechamber.toml").write_text(content)
        with pytest.raises(ConfigError, match=about) as fault:
            read_settings("antechamber.toml")
        faults.append(str(fault.value))
    told = blocks(section(CONFIG, "## TOML"), "")[0].splitlines()
    # What is wrong with the syntax is in the words of Python's own reader, which may change with its version.
    faults[0], told[0] = (re.sub("(?<=no TOML: ).*(?= [(]mend)", "", line) for line in (faults[0], told[0]))
    assert faults == told


def test_every_setting_at_the_top_is_documented_with_its_default(tmp_path: Path) -> None:
    rows = tables(section(CONFIG, "### At the top"))[0]
    defaults = {unquoted(name): default for name, default, _ in rows}
    assert [*defaults, "limits", "channel"] == known_keys(f"xxxxxxxxxx = 1\n{LEAST}", tmp_path)
    settings = read_toml(LEAST, tmp_path)
    assert defaults["host"] == f'`"{settings.host}"`'
    assert defaults["port"] == f"`{settings.front_desk_port}`"
    assert defaults["operator_token"] == f'`"{settings.operator_token}"`'


def test_every_limit_of_the_table_is_a_setting_under_limits(tmp_path: Path) -> None:
    rows = tables(section(CONFIG, "## Limits"))[0]
    told = [unquoted(name) for name, _, _, *_ in rows if name.strip("`").islower()]
    assert sorted(told) == sorted(known_keys(f"[limits]\nxxxxxxxxxx = 1\n{LEAST}", tmp_path))


def test_every_setting_of_a_channel_is_documented_with_its_default(tmp_path: Path) -> None:
    rows = tables(section(CONFIG, "### In a `[[channel]]`"))[0]
    defaults = {unquoted(name): default for name, default, _ in rows}
    assert sorted(defaults) == sorted(known_keys(f"{LEAST}xxxxxxxxxx = 1\n", tmp_path))
    least = tuple(line.split()[0] for line in LEAST.splitlines()[1:])
    assert tuple(name for name, default in defaults.items() if default == "required") == least
    (channel,) = read_toml(LEAST, tmp_path).channels
    assert defaults["topic"] == f'`"{channel.topic}"`'
    assert [defaults["retention_days"], defaults["retention_entries"]] == [f"`{plain(n)}`" for n in channel.retention]
    own = [name for name, default in defaults.items() if default == "as under `[limits]`"]
    assert own == ["waiting_max", "idle_seconds_max", "seat_hold_seconds", "place_hold_seconds"]


def test_the_numbers_about_toml_are_those_of_the_code() -> None:
    text = " ".join(section(CONFIG, "## TOML").split())
    for words in (
        f"held](protocol.md#coming-back) for {plain(DEFAULTS.seat_hold_seconds)} seconds in a seat and "
        f"{plain(DEFAULTS.place_hold_seconds)} in line",
        f"may send {plain(DEFAULTS.commands_per_second_max)} commands a second, once a burst of "
        f"{DEFAULTS.commands_burst_max} is used up",
        f"up to {plain(RETENTION_DAYS.most)}",
        f"up to {plain(RETENTION_ENTRIES.most)}",
        f"at most {limits.TOPIC_CHARACTERS_MAX} characters",
    ):
        assert words in text


def test_the_fault_of_the_reload_shown_is_one_of_those_that_are_told() -> None:
    faults = blocks(section(CONFIG, "## TOML"), "")[0].splitlines()
    _, declined = blocks(section(CONFIG, "## Reload"), "text")[0].splitlines()
    assert declined.removeprefix("antechamber: not reloaded, so nothing has changed: ") in faults


def test_the_numbers_in_the_operators_guide_are_the_limits() -> None:
    text = " ".join(GUIDE.split())
    for words in (
        f"`seat_hold_seconds` ({plain(DEFAULTS.seat_hold_seconds)})",
        f"`place_hold_seconds` ({plain(DEFAULTS.place_hold_seconds)})",
        f"{plain(DEFAULTS.commands_per_second_max)} commands a second, after a burst of {DEFAULTS.commands_burst_max}",
        f"takes {DEFAULTS.sessions_max:,}, and {DEFAULTS.sessions_per_address_max:,} from one address",
        f"goodbye after {plain(DEFAULTS.hello_seconds_max)} seconds",
        f"once {DEFAULTS.outbox_bytes_max >> 20} MiB waits",
    ):
        assert words in text
