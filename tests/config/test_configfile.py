"""The configfile: what is accepted, and the one line that each fault gets."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.config import ChannelSettings, ConfigError, Overrides, configfile, rules
from antechamber.config.load import read_settings
from antechamber.protocol import text
from antechamber.protocol.limits import CONFIG_BYTES_MAX, Limits, Retention

FORM = "write: channel NAME PORT CAPACITY"
GOOD = "channel general 9001 5\nchannel games 9002 6\nchannel help 9003 7\n"
GOOD_CHANNELS = [("general", 9001, 5), ("games", 9002, 6), ("help", 9003, 7)]
REST = "\nchannel b 9002 5\nchannel c 9003 5\n"


def read(content: str | bytes) -> tuple[ChannelSettings, ...]:
    Path("configfile").write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_settings("configfile").channels


def fault(content: str | bytes) -> str:
    with pytest.raises(ConfigError) as told:
        read(content)
    return str(told.value)


@pytest.mark.usefixtures("folder")
class TestWhatIsAccepted:
    def test_channels_come_in_the_files_order(self) -> None:
        assert [channel[:3] for channel in read(GOOD)] == GOOD_CHANNELS

    def test_a_channel_knows_its_line(self) -> None:
        assert [channel.where for channel in read("# first\n" + GOOD)] == [f"configfile:{line}" for line in (2, 3, 4)]

    def test_a_channel_has_the_limits_of_a_server_that_is_told_none(self) -> None:
        assert {channel[4:] for channel in read(GOOD)} == {(configfile.DEFAULTS, Retention(), "", False)}

    def test_who_comes_by_a_port_is_never_held_and_who_comes_by_the_page_is(self) -> None:
        assert Limits()._replace(seat_hold_seconds=60, place_hold_seconds=300) == configfile.DEFAULTS
        assert configfile.DEFAULTS.commands_per_second_max == 0
        assert not any(channel.ports_hold for channel in read(GOOD))

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(GOOD.replace("\n", "\r\n"), id="line ends of Windows"),
            pytest.param(GOOD.rstrip("\n"), id="no newline at the end"),
            pytest.param("\ufeff" + GOOD, id="byte order mark"),
            pytest.param("\n# a comment\n  # another\n\t \n" + GOOD.replace("\n", "\n\n#\n"), id="blanks and comments"),
            pytest.param(GOOD.replace(" ", "\t  ").replace("\n", " \n "), id="more white space"),
            pytest.param(GOOD.replace("9001", "0009001"), id="leading zeros"),
        ],
    )
    def test_what_means_the_same_reads_the_same(self, content: str) -> None:
        assert [channel[:3] for channel in read(content)] == GOOD_CHANNELS

    @pytest.mark.parametrize("port", [1, 65535])
    def test_a_port_at_its_bounds_is_accepted(self, port: int) -> None:
        assert read(f"channel a {port} 5{REST}")[0].port == port

    @pytest.mark.parametrize("seats", [5, Limits().capacity_max])
    def test_a_capacity_at_its_bounds_is_accepted(self, seats: int) -> None:
        assert read(f"channel a 9001 {seats}{REST}")[0].seats == seats

    @pytest.mark.parametrize("name", ["x", "x" * 32, "Räume", "部屋", "a9", "a.b-c_d+e~f'g", "_9"])
    def test_a_name_that_may_be_is_accepted(self, name: str) -> None:
        assert read(f"channel {name} 9001 5{REST}")[0].name == name

    def test_a_name_is_kept_in_its_composed_form(self) -> None:
        assert read(f"channel cafe\u0301 9001 5{REST}")[0].name == "caf\u00e9"

    def test_names_differ_by_case(self) -> None:
        assert [channel.name for channel in read(f"channel B 9001 5{REST}")] == ["B", "b", "c"]

    def test_as_many_channels_as_the_limit_are_accepted(self) -> None:
        most = Limits().channels_max
        assert len(read("".join(f"channel c{n} {n + 1} 5\n" for n in range(most)))) == most

    def test_a_file_of_the_largest_size_is_accepted(self) -> None:
        assert [channel[:3] for channel in read(GOOD.ljust(CONFIG_BYTES_MAX, "#"))] == GOOD_CHANNELS

    def test_the_front_desks_port_is_a_channels_where_the_front_desk_is_elsewhere(self) -> None:
        Path("configfile").write_text(f"channel a 9876 5{REST}")
        assert read_settings("configfile", Overrides(front_desk_port=80)).channels[0].port == 9876

    def test_the_shipped_config_has_three_channels_of_five_seats(self) -> None:
        shipped = Path(__file__).parents[2] / "configfile"
        channels = read_settings(str(shipped)).channels
        assert [(channel.port, channel.seats) for channel in channels] == [(9001, 5), (9002, 5), (9003, 5)]


FAULTY_LINES = {
    "chanel a 9001 5": f"'chanel' is no setting ({FORM})",
    "Channel a 9001 5": f"'Channel' is no setting ({FORM})",
    "channel": f"a channel has a name, a port and a capacity, and nothing else ({FORM})",
    "channel a 9001": f"a channel has a name, a port and a capacity, and nothing else ({FORM})",
    "channel a 9001 5 6": f"a channel has a name, a port and a capacity, and nothing else ({FORM})",
    "channel a 9001 5 # no": f"a channel has a name, a port and a capacity, and nothing else ({FORM})",
    "channel 9a 9001 5": "the name '9a' starts with a digit (start it with a letter)",
    "channel ٥a 9001 5": "the name '٥a' starts with a digit (start it with a letter)",
    "channel a:b 9001 5": "the name 'a:b' has a colon (leave it out: operators write CHANNEL:NAME)",
    "channel a[b] 9001 5": (
        "the name 'a[b]' cannot be: A name has only letters, digits, marks and . _ - + ~ ' (choose another name)"
    ),
    "channel a\x1bb 9001 5": (
        "the name 'a\ufffdb' cannot be: A name has only letters, digits, marks and . _ - + ~ ' (choose another name)"
    ),
    "channel Server-message 9001 5": (
        "the name 'Server-message' cannot be: A name cannot look like \"Server message\" (choose another name)"
    ),
    "channel \u0301a 9001 5": (
        "the name '\u0301a' cannot be: A name starts with no combining mark (choose another name)"
    ),
    f"channel {'x' * 33} 9001 5": (
        f"the name '{'x' * 33}' cannot be: A name has at most 32 characters (choose another name)"
    ),
    f"channel {'x' * 100_000} 9001 5": (
        f"the name '{'x' * 40}…' cannot be: A name has at most 32 characters (choose another name)"
    ),
    "channel a 0 5": "the port '0' is not from 1 to 65535 (choose another port)",
    "channel a 65536 5": "the port '65536' is not from 1 to 65535 (choose another port)",
    f"channel a {'9' * 5000} 5": f"the port '{'9' * 40}…' is not from 1 to 65535 (choose another port)",
    "channel a 9876 5": "the port 9876 is the front desk's (choose another port, or move that one with --port)",
    **{
        f"channel a {word} 5": f"the port '{word}' is no whole number (choose one from 1 to 65535)"
        for word in ("port", "-1", "+5", "5_0", "٥٥", "80.0", "1e3", "0x50", "²")
    },
    "channel a 9001 4": "the capacity 4 is less than 5 (choose 5 or more)",
    "channel a 9001 0": "the capacity 0 is less than 5 (choose 5 or more)",
    "channel a 9001 100001": "the capacity '100001' is more than 100000 (choose 100000 or less)",
    **{
        f"channel a 9001 {word}": f"the capacity '{word}' is no whole number (choose 5 or more)"
        for word in ("many", "-5", "+5", "5_0", "٥", "5.0", "5.5", "inf")
    },
    "channel a\0 9001 5": "the line has a NUL byte (a config is plain text)",
    "# \0": "the line has a NUL byte (a config is plain text)",
}


@pytest.mark.usefixtures("folder")
class TestWhatAFaultyLineGets:
    @pytest.mark.parametrize("line", FAULTY_LINES, ids=lambda line: ascii(line[:40]))
    def test_each_fault_names_file_line_rule_and_remedy(self, line: str) -> None:
        assert fault(f"# first\n{line}{REST}") == f"configfile:2: {FAULTY_LINES[line]}"

    def test_a_line_that_is_no_utf8_is_named(self) -> None:
        assert fault(b"# caf\xe9" + REST.encode()) == "configfile:1: the line is no UTF-8 text (save the file as UTF-8)"

    def test_a_file_in_utf16_is_no_utf8(self) -> None:
        assert fault(GOOD.encode("utf-16")) == "configfile:1: the line is no UTF-8 text (save the file as UTF-8)"

    @pytest.mark.parametrize("name", ["b", "\u00e9"])
    def test_a_name_that_stands_twice_names_the_line_before(self, name: str) -> None:
        again = "e\u0301" if name == "\u00e9" else name
        told = fault(f"channel {name} 9001 5\n\nchannel {again} 9002 5\n")
        assert told == f"configfile:3: the name '{name}' stands on line 1 (choose another name)"

    def test_a_port_that_stands_twice_names_the_line_before(self) -> None:
        told = fault("channel a 9001 5\nchannel b 09001 5\n")
        assert told == "configfile:2: the port 9001 stands on line 1 (choose another port)"

    def test_a_channel_past_the_limit_is_named(self) -> None:
        most = Limits().channels_max
        told = fault("".join(f"channel c{n} {n + 1} 5\n" for n in range(most + 1)))
        assert told == f"configfile:{most + 1}: a config has at most {most} channels (leave this one out)"

    def test_of_several_faults_the_first_line_is_told(self) -> None:
        assert fault(b"channel a 9001 5\nchannel b 0 4\nchanel\n\xff\n").startswith("configfile:2: the port '0' ")


@pytest.mark.usefixtures("folder")
class TestWhatAFaultyFileGets:
    @pytest.mark.parametrize(
        ("content", "line", "count", "missing"),
        [
            ("", 1, 0, 3),
            ("\ufeff", 1, 0, 3),
            ("# nothing\n", 1, 0, 3),
            ("# nothing\n\n", 2, 0, 3),
            ("channel a 9001 5", 1, 1, 2),
            ("channel a 9001 5\nchannel b 9002 5", 2, 2, 1),
        ],
    )
    def test_fewer_than_three_channels_are_told_at_the_end(
        self, content: str, line: int, count: int, missing: int
    ) -> None:
        rule = f"a config has at least 3 channels, and this one has {count}"
        assert fault(content) == f"configfile:{line}: {rule} (add {missing} more; {FORM})"

    def test_a_missing_file_is_told(self) -> None:
        with pytest.raises(ConfigError, match=r"^nowhere: there is no such file \(check the path\)$"):
            read_settings("nowhere")

    def test_a_folder_is_told(self) -> None:
        with pytest.raises(ConfigError, match=r"^\.: is a folder \(name the config file itself\)$"):
            read_settings(".")

    def test_a_pipe_that_nobody_writes_is_told_at_once(self) -> None:
        os.mkfifo("pipe")
        with pytest.raises(ConfigError, match=r"^pipe: is no regular file \(name a text file\)$"):
            read_settings("pipe")

    def test_a_file_in_a_file_is_told(self) -> None:
        Path("file").touch()
        rule = r"^file/configfile: cannot be read: Not a directory \(check the path and its permissions\)$"
        with pytest.raises(ConfigError, match=rule):
            read_settings("file/configfile")

    def test_an_unreadable_file_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        Path("configfile").write_text(GOOD)
        monkeypatch.setattr(rules, "open", refuse, raising=False)  # the superuser may read every real file
        rule = r"^configfile: cannot be read: Permission denied \(check the path and its permissions\)$"
        with pytest.raises(ConfigError, match=rule):
            read_settings("configfile")

    def test_a_file_larger_than_the_limit_is_told(self) -> None:
        told = fault(GOOD.ljust(CONFIG_BYTES_MAX + 1, "#"))
        assert told == f"configfile: is larger than {CONFIG_BYTES_MAX} bytes (is it a config file?)"

    def test_a_path_with_control_characters_is_told_in_one_safe_line(self) -> None:
        with pytest.raises(ConfigError) as told:
            read_settings("a\nb\x1b")
        assert str(told.value) == "a\ufffdb\ufffd: there is no such file (check the path)"


words = st.sampled_from(["channel", "a", "b", "c", "9001", "9002", "9003", "5", "6", "#", "\0", "\ufeff", "e\u0301"])
line_like = st.lists(words | st.text(max_size=5), max_size=6).map(lambda line: " ".join(line).encode(errors="replace"))
file_like = st.lists(line_like | st.binary(max_size=20), max_size=6).map(b"\n".join)


@given(content=st.binary() | file_like)
def test_any_bytes_give_channels_or_one_clear_line(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any-config"
    path.write_bytes(content)
    try:
        channels = read_settings(str(path)).channels
    except ConfigError as error:
        assert str(error) == text.clean(str(error))
        assert str(error).startswith(f"{path}:")
    else:
        assert len(channels) >= 3
        assert (
            len({channel.name for channel in channels}) == len({channel.port for channel in channels}) == len(channels)
        )
