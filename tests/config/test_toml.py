"""A config in TOML: what is accepted, and the one line that each fault gets. Its limits are in `test_bounds.py`."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.config import ConfigError, Overrides
from antechamber.config.load import read_settings
from antechamber.config.toml import DEFAULTS
from antechamber.protocol import text
from antechamber.protocol.limits import CONFIG_BYTES_MAX, PORT_MAX, TOPIC_CHARACTERS_MAX, Limits, Retention
from tests.config.tomls import CHANNEL, NEVER, OTHER, fault, read


@pytest.mark.usefixtures("folder")
class TestWhatIsAccepted:
    def test_what_is_not_said_is_the_default(self) -> None:
        settings = read(CHANNEL)
        assert (settings.host, settings.front_desk_port) == ("localhost", 9876)
        assert settings.limits == DEFAULTS
        (channel,) = settings.channels
        assert channel == ("a", 9001, 5, 'a.toml: channel 1 ("a")', DEFAULTS, Retention(), "", True)

    def test_a_lost_member_is_held_and_a_flood_is_bounded_unless_the_file_says_else(self) -> None:
        held = {"seat_hold_seconds": 60, "place_hold_seconds": 300}
        paced = {"commands_per_second_max": 20, "address_commands_per_second_max": 10_000}
        assert Limits()._replace(**held, **paced) == DEFAULTS

    def test_what_is_said_at_the_top_is_kept(self) -> None:
        settings = read('host = "::1"\nport = 80\ndata = ":memory:"\nlog_level = "debug"\n' + CHANNEL)
        assert settings[2:6] == ("::1", 80, None, "debug")
        assert settings.operator_token == ""

    @pytest.mark.parametrize(
        "token", ["!#$%&()*+,-./0129:;<=>?@AZ[]^_`az{|}~", "12345678" * 2, "x" * 121 + "1234567", ""]
    )
    def test_an_operator_token_is_kept_as_it_is(self, token: str) -> None:
        assert read(f"operator_token = '{token}'\n{CHANNEL}").operator_token == token

    def test_channels_come_in_the_files_order(self) -> None:
        channels = read(OTHER + CHANNEL).channels
        assert [channel[:4] for channel in channels] == [
            ("b", 9002, 6, 'a.toml: channel 1 ("b")'),
            ("a", 9001, 5, 'a.toml: channel 2 ("a")'),
        ]

    @pytest.mark.parametrize("key", ["waiting_max", "idle_seconds_max", "seat_hold_seconds", "place_hold_seconds"])
    def test_a_channels_own_limit_comes_before_the_servers(self, key: str) -> None:
        settings = read(f"[limits]\n{key} = 7\n{CHANNEL}{key} = 8\n{OTHER}")
        assert getattr(settings.limits, key) == 7
        assert [getattr(channel.limits, key) for channel in settings.channels] == [8, 7]
        assert settings.channels[0].limits == settings.limits._replace(**{key: 8})

    def test_an_idle_time_of_0_is_never(self) -> None:
        settings = read(f"[limits]\nidle_seconds_max = 0\n{CHANNEL}idle_seconds_max = 2.5\n{OTHER}")
        assert settings.limits.idle_seconds_max == NEVER
        assert [channel.limits.idle_seconds_max for channel in settings.channels] == [2.5, NEVER]
        settings = read(f"{CHANNEL}idle_seconds_max = 0.0\n{OTHER}")
        assert [channel.limits.idle_seconds_max for channel in settings.channels] == [NEVER, 100]

    def test_the_command_line_comes_before_the_file(self) -> None:
        said = 'host = "::1"\nport = 80\ndata = "x"\nlog_level = "debug"\n[limits]\nidle_seconds_max = 0\n'
        overrides = Overrides("127.0.0.2", 81, ":memory:", "off", 2.5)
        settings = read(f"{said}{CHANNEL}idle_seconds_max = 7\n", overrides)
        assert settings[2:6] == ("127.0.0.2", 81, None, "off")
        assert (settings.limits.idle_seconds_max, settings.channels[0].limits.idle_seconds_max) == (2.5, 2.5)

    def test_the_front_desks_port_is_a_channels_where_the_front_desk_is_elsewhere(self) -> None:
        channel = CHANNEL.replace("9001", "9876")
        assert read("port = 80\n" + channel).channels[0].port == 9876
        assert read(channel, Overrides(front_desk_port=80)).channels[0].port == 9876

    def test_retention_is_in_days_and_entries(self) -> None:
        (channel,) = read(CHANNEL + "retention_days = 1.5\nretention_entries = 10_000\n").channels
        assert channel.retention == Retention(age_seconds_max=1.5 * 86_400, entries_max=10_000)

    @pytest.mark.parametrize(
        ("written", "topic"),
        [
            ('"Ask away!"', "Ask away!"),
            ('" a\\tb\\n c "', "a b c"),
            ('"""\na\nb"""', "a b"),
            ('"a\\u001bb\\u202ec"', "a\ufffdb\ufffdc"),
            ('""', ""),
            (f'"{"x" * TOPIC_CHARACTERS_MAX}"', "x" * TOPIC_CHARACTERS_MAX),
        ],
    )
    def test_a_topic_is_one_line_that_a_terminal_can_show(self, written: str, topic: str) -> None:
        assert read(f"{CHANNEL}topic = {written}\n").channels[0].topic == topic

    def test_a_name_is_kept_in_its_composed_form(self) -> None:
        assert read(CHANNEL.replace('"a"', '"cafe\u0301"')).channels[0].name == "caf\u00e9"

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param("\ufeff" + CHANNEL, id="byte order mark"),
            pytest.param(CHANNEL.replace("\n", "\r\n"), id="line ends of Windows"),
            pytest.param('channel = [{ name = "a", port = 9001, seats = 5 }]', id="inline"),
            pytest.param(CHANNEL.replace("9001", "0x2329"), id="hexadecimal"),
            pytest.param(CHANNEL + "[limits]\n", id="an empty table"),
        ],
    )
    def test_what_means_the_same_reads_the_same(self, content: str) -> None:
        assert read(content)._replace(data_path="") == read(CHANNEL)._replace(data_path="")

    def test_a_file_of_the_largest_size_is_accepted(self) -> None:
        assert len(read(CHANNEL.ljust(CONFIG_BYTES_MAX, "#")).channels) == 1


CHANNEL_KEYS = (
    "name, port, seats, waiting_max, idle_seconds_max, seat_hold_seconds, place_hold_seconds, retention_days, "
    "retention_entries, topic"
)
NO_SETTING = [
    ("prot = 80", "'prot' is no setting here (did you mean port?)"),
    ("Host = 'x'", "'Host' is no setting here (did you mean host?)"),
    ("channels = []", "'channels' is no setting here (did you mean channel?)"),
    ("seats = 5", "'seats' is no setting here (it belongs in a [[channel]])"),
    ("waiting_max = 5", "'waiting_max' is no setting here (it belongs under [limits])"),
    (
        "colour = 5",
        "'colour' is no setting here (take it out; there are host, allow_hosts, port, data, log_level, "
        "operator_token, irc, open_channels, motd, limits, channel)",
    ),
    ("'a\\u001b]0;x' = 5", "'a\\u001b]0;x' is no setting here (take it out; there are host, "),
    ('"a\\u001b]0;\\nx" = 5', "'a\ufffd]0;\ufffdx' is no setting here (take it out; there are host, "),
    ('["\\u202e"]', "'\ufffd' is no setting here (take it out; there are host, "),
    (f"{'x' * 100_000} = 1", f"'{'x' * 40}…' is no setting here (take it out; there are host, "),
    ("[limits]\nwaitng_max = 5", "limits: 'waitng_max' is no setting here (did you mean waiting_max?)"),
    ("[limits]\nafk = 5", "limits: 'afk' is no setting here (did you mean idle_seconds_max?)"),
    ("[limits]\nhost = 'x'", "limits: 'host' is no setting here (it belongs at the top of the file)"),
    ("[limits]\ntopic = 'x'", "limits: 'topic' is no setting here (it belongs in a [[channel]])"),
    ("[limits.deeper]", "limits: 'deeper' is no setting here (take it out; there are line_bytes_max, "),
    ("[[channel]]\nseat = 5", "channel 1: 'seat' is no setting here (did you mean seats?)"),
    ("[[channel]]\ncapacity = 5", "channel 1: 'capacity' is no setting here (did you mean seats?)"),
    ("[[channel]]\nhost = 'x'", "channel 1: 'host' is no setting here (it belongs at the top of the file)"),
    ("[[channel]]\nline_bytes_max = 5", "channel 1: 'line_bytes_max' is no setting here (it belongs under [limits])"),
    ("[[channel]]\nqux = 5", f"channel 1: 'qux' is no setting here (take it out; there are {CHANNEL_KEYS})"),
]
WRONG_AT_THE_TOP = [
    ("host = 5", 'host is 5, not a text (write host = "localhost")'),
    ("host = ''", "host is '', not a name or an address (write host = \"localhost\")"),
    ("host = 'a b'", "host is 'a b', not a name or an address (write host = \"localhost\")"),
    ('host = "a\\u0000"', "host is 'a\ufffd', not a name or an address (write host = \"localhost\")"),
    ("port = 0", "port is 0, not a whole number from 1 to 65535 (write port = 9876)"),
    ("port = 65536", "port is 65536, not a whole number from 1 to 65535 (write port = 9876)"),
    ("data = ''", "data is '', not a path (write data = \"antechamber.db\")"),
    ('data = "a\\u0000"', "data is 'a\ufffd', not a path (write data = \"antechamber.db\")"),
    ("data = true", 'data is true, not a text (write data = "antechamber.db")'),
    ("log_level = 'loud'", "log_level is 'loud', not one of off, error, warning, info, debug "),
    ("log_level = 1", 'log_level is 1, not a text (write log_level = "warning")'),
    (
        f"operator_token = '{'x' * 15}'",
        "the length of operator_token is 15, not 16 to 128 (make one: openssl rand -hex 16)",
    ),
    (f"operator_token = '{'x' * 129}'", "the length of operator_token is 129, not 16 to 128 (make one: "),
    (
        f"operator_token = '{'1234567' * 3}'",
        "operator_token has fewer than 8 different characters (make one: openssl rand -hex 16)",
    ),
    ("operator_token = 'passwordpassword'", "operator_token has fewer than 8 different characters (make one: "),
    (f"operator_token = '{'x' * 16}'", "operator_token has fewer than 8 different characters (make one: "),
    ("operator_token = 'x'", "the length of operator_token is 1, not 16 to 128 (make one: "),
    (f"operator_token = 'x {'x' * 20}'", "operator_token has a character that is no letter, digit or sign of ASCII "),
    (f"operator_token = 'é{'x' * 20}'", "operator_token has a character that is no letter, digit or sign of ASCII "),
    (f'operator_token = "\\u007f{"x" * 20}"', "operator_token has a character that is no letter, digit or sign "),
    ("operator_token = 1234567890123456", 'operator_token is not a text (write it in quotes: operator_token = "…")'),
    ("limits = 5", "limits is 5, not a table (write [limits] above its settings)"),
    ("[[limits]]", "limits is a list, not a table (write [limits] above its settings)"),
    ("[channel]", "channel is a table, not a list of tables (write [[channel]], in double brackets, above "),
    ("channel = 5", "channel is 5, not a list of tables (write [[channel]], "),
    ("channel = [1]", "channel is a list, not a list of tables (write [[channel]], "),
    ("channel = [[]]", "channel is a list, not a list of tables (write [[channel]], "),
]
WRONG_NUMBERS = [
    ("'five'", "'five'"),
    ('"a\\u001b\\n"', "'a\ufffd\ufffd'"),
    (f"'{'x' * 100_000}'", f"'{'x' * 40}…'"),
    ("true", "true"),
    ("false", "false"),
    ("5.0", "5.0"),
    ("nan", "nan"),
    ("inf", "inf"),
    ("-inf", "-inf"),
    ("1e999", "inf"),
    ("-5", "-5"),
    ("0", "0"),
    ("100001", "100001"),
    ("99999999999999999999", "99999999999999999999"),
    ("100000000000000000000", "a number of many digits"),
    ("-100000000000000000000", "a number of many digits"),
    ("0x1" + "0" * 50_000, "a number of many digits"),
    ("2026-11-22", "a date or a time"),
    ("2026-11-22T10:00:00Z", "a date or a time"),
    ("10:00:00", "a date or a time"),
    ("[5]", "a list"),
    ("{ a = 5 }", "a table"),
]


@pytest.mark.usefixtures("folder")
class TestWhatAFaultySettingGets:
    @pytest.mark.parametrize(("content", "told"), NO_SETTING, ids=lambda value: ascii(value[:40]))
    def test_one_that_does_not_exist_is_named_with_the_one_that_was_meant(self, content: str, told: str) -> None:
        assert (fault(content) + "\n").startswith(told + "\n" if told.endswith(")") else told)

    @pytest.mark.parametrize(("content", "told"), WRONG_AT_THE_TOP, ids=lambda value: ascii(value[:40]))
    def test_a_wrong_value_at_the_top_is_named_with_rule_and_remedy(self, content: str, told: str) -> None:
        assert fault(content).startswith(told)

    @pytest.mark.parametrize(("written", "shown"), WRONG_NUMBERS, ids=lambda value: ascii(value[:40]))
    def test_what_is_no_number_of_seats_is_shown_with_rule_and_remedy(self, written: str, shown: str) -> None:
        told = fault(f'[[channel]]\nname = "a"\nport = 9001\nseats = {written}\n')
        rule = "not a whole number from 1 to 100000 (write seats = 5)"
        assert told == f'channel 1 ("a"): seats is {shown}, {rule}'

    @pytest.mark.parametrize(
        ("written", "shown"), [("nan", "nan"), ("inf", "inf"), ("-1", "-1"), ("'x'", "'x'"), ("true", "true")]
    )
    def test_what_is_no_time_is_shown_with_rule_and_remedy(self, written: str, shown: str) -> None:
        told = fault(f"[limits]\nidle_seconds_max = {written}\n{CHANNEL}")
        rule = "not a number from 0.1 to 31536000, or 0 for never (write idle_seconds_max = 100)"
        assert told == f"limits: idle_seconds_max is {shown}, {rule}"

    @pytest.mark.parametrize("key", ["name", "port", "seats"])
    def test_what_a_channel_needs_is_named_where_it_is_missing(self, key: str) -> None:
        example = {"name": 'name = "general"', "port": "port = 9001", "seats": "seats = 5"}[key]
        left = "".join(line for line in CHANNEL.splitlines(True) if not line.startswith(key))
        where = "channel 2" if key == "name" else 'channel 2 ("a")'
        assert fault(OTHER + left) == f"{where}: {key} is missing (write {example})"

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ('""', "the name '' cannot be: A name has at least one character (choose another name)"),
            ('"9a"', "the name '9a' starts with a digit (start it with a letter)"),
            ('"a:b"', "the name 'a:b' has a colon (leave it out: operators write CHANNEL:NAME)"),
            (
                '"office hour"',
                "the name 'office hour' cannot be: A name has only letters, digits, marks and . _ - + ~ ' ",
            ),
            ('"Server-message"', "the name 'Server-message' cannot be: A name cannot look like \"Server message\" "),
            ('"b"', "the name 'b' is channel 1's (choose another name)"),
            ("5", 'name is 5, not a text (write name = "general")'),
        ],
    )
    def test_a_name_that_cannot_be_is_told(self, name: str, told: str) -> None:
        where = f'channel 2 ("{name[1:-1]}")' if name.startswith('"') else "channel 2"
        assert fault(OTHER + CHANNEL.replace('"a"', name)).startswith(f"{where}: {told}")

    @pytest.mark.parametrize(
        ("port", "told"),
        [
            ("9002", "the port 9002 is channel 1's (choose another port)"),
            (
                "9876",
                "the port 9876 is the front desk's "
                "(choose another port, or move that one with port at the top, or --port)",
            ),
            ("'9001'", "port is '9001', not a whole number from 1 to 65535 (write port = 9001)"),
            ("0", "port is 0, not a whole number from 1 to 65535 (write port = 9001)"),
            (str(PORT_MAX + 1), "port is 65536, not a whole number from 1 to 65535 (write port = 9001)"),
        ],
    )
    def test_a_port_that_cannot_be_is_told(self, port: str, told: str) -> None:
        assert fault(OTHER + CHANNEL.replace("9001", port)) == f'channel 2 ("a"): {told}'

    @pytest.mark.parametrize(
        ("setting", "told"),
        [
            ("retention_days = -1", "retention_days is -1, not a number from 0 to 36500 (write retention_days = 30)"),
            ("retention_days = 36501", "retention_days is 36501, not a number from 0 to 36500 "),
            ("retention_entries = -1", "retention_entries is -1, not a whole number from 0 to 1000000000 "),
            ("retention_entries = 1000000001", "retention_entries is 1000000001, not a whole number from 0 to "),
            ("retention_entries = 1.5", "retention_entries is 1.5, not a whole number from 0 to 1000000000 "),
            ("topic = 5", 'topic is 5, not a text (write topic = "What this channel is about")'),
            ("waiting_max = -1", "waiting_max is -1, not a whole number from 0 to 1000000 (write waiting_max = 1000)"),
        ],
    )
    def test_a_wrong_value_of_a_channel_is_named(self, setting: str, told: str) -> None:
        assert fault(f"{CHANNEL}{setting}\n").startswith(f'channel 1 ("a"): {told}')

    def test_a_long_name_with_control_characters_is_shown_safely(self) -> None:
        told = fault(CHANNEL.replace('"a"', f'"\\u001b{"x" * 100}"'))
        assert told.startswith(f'channel 1 ("\ufffd{"x" * 39}…"): the name ')

    def test_of_several_faults_the_first_is_told(self) -> None:
        assert fault(f"{CHANNEL}seats_ = 5\n[limits]\nafk = 5\n") == fault("[limits]\nafk = 5\n")
        assert fault("port = 0\nhost = 0\n").startswith("port is 0")
        assert fault("prot = 0\nhost = 0\n").startswith("'prot' is no setting")
        assert fault("host = 0\nprot = 0\n").startswith("host is 0")
        assert fault(f"[[channel]]\nname = 'a'\nport = 0\n{OTHER}seat = 1").startswith('channel 1 ("a"): port is 0')


@pytest.mark.usefixtures("folder")
class TestWhatAFaultyFileGets:
    @pytest.mark.parametrize("content", ["", "# nothing\n", "\ufeff", "port = 80\n", "channel = []\n"])
    def test_a_config_without_a_channel_is_told(self, content: str) -> None:
        rule = "a config has at least 1 channel, and this one has none"
        assert fault(content) == f"{rule} (add [[channel]], and under it a name, a port and seats)"

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("a = 1\nport 80\n", "2: this is no TOML: Expected '=' after a key in a key/value pair (mend the line, "),
            ("port = 80\nport = 81\n", "2: this is no TOML: Cannot overwrite a value "),
            ("[limits]\n\n[limits]\n", "3: this is no TOML: Cannot declare ('limits',) twice "),
            ("[channel]\n[[channel]]\n", "2: this is no TOML: "),
            ("port =", "1: this is no TOML: Invalid value (something is missing at the end of the file)"),
            ("# x\nhost = '", "2: this is no TOML: "),
            ("# x\nhost = '''\n\n", "3: this is no TOML: "),
            ("port = 080\n", "1: this is no TOML: "),
            ("day = 2026-13-45\n", "1: this is no TOML: "),
            ("# \0\n", "1: this is no TOML: "),
            ("a\rb = 1", "1: this is no TOML: "),
            ("channel general 9001 5\n", "1: this is no TOML: "),
            ("[a]]\n", "1: this is no TOML: "),
            (f"[{'x' * 100_000}]\n[{'x' * 100_000}]\n", "2: this is no TOML: Cannot declare ('xxxx"),
        ],
        ids=lambda value: ascii(value[:40]),
    )
    def test_what_is_no_toml_is_told_with_its_line(self, content: str, told: str) -> None:
        found = fault(content)
        assert found.startswith(told)
        assert len(found) < 300

    def test_what_a_parser_says_without_a_place_is_told_at_the_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_: str) -> None:
            raise tomllib.TOMLDecodeError("Something is odd")

        monkeypatch.setattr(tomllib, "loads", refuse)
        odd = "this is no TOML: Something is odd (something is missing at the end of the file)"
        assert fault("a\nb\n") == f"2: {odd}"

    @pytest.mark.parametrize("content", ["a = " + "[" * 100_000, "a = " + "{a=" * 100_000], ids=["lists", "tables"])
    def test_what_is_nested_too_deeply_is_told(self, content: str) -> None:
        assert fault(content) == "lists or tables are nested too deeply (a config nests nothing)"

    def test_a_number_that_python_does_not_read_is_told(self) -> None:
        assert fault(f"port = {'9' * 5_000}\n") == "a number has thousands of digits (write a smaller one)"

    @pytest.mark.parametrize("content", [b"# a\n# caf\xe9\n", b"\n\x80", b"a = 1\nb = '\xff'\n"])
    def test_a_line_that_is_no_utf8_is_named(self, content: bytes) -> None:
        assert fault(content) == "2: the line is no UTF-8 text (save the file as UTF-8)"

    def test_a_file_larger_than_the_limit_is_told(self) -> None:
        told = fault(CHANNEL.ljust(CONFIG_BYTES_MAX + 1, "#"))
        assert told == f"is larger than {CONFIG_BYTES_MAX} bytes (is it a config file?)"

    def test_a_missing_file_is_told(self) -> None:
        with pytest.raises(ConfigError, match=r"^nowhere\.toml: there is no such file \(check the path\)$"):
            read_settings("nowhere.toml")

    def test_a_path_with_control_characters_is_told_in_one_safe_line(self) -> None:
        Path("a\nb.toml").write_text("port = 0")
        with pytest.raises(ConfigError, match=r"^a\ufffdb\.toml: port is 0, "):
            read_settings("a\nb.toml")


keys = st.sampled_from(
    ["host", "port", "name", "seats", "topic", "waiting_max", "retention_days", "x", '"\\u001b"', "a.b"]
)
scalars = st.sampled_from(
    ["5", "9001", "'b'", '"a"', "true", "nan", "1e400", "-1", "2026-11-22", "[1]", "{}", "''", "[", "'"]
)
lines = st.builds("{} = {}".format, keys, scalars) | st.sampled_from(
    ["[limits]", "[[channel]]", "[channel]", "# x", "["]
)
toml_like = st.lists(lines | st.text(max_size=5), max_size=8).map(
    lambda found: "\n".join(found).encode(errors="replace")
)
nearly_good = st.tuples(lines, lines).map(lambda two: f"{two[0]}\n{CHANNEL}{two[1]}\n{OTHER}".encode())


@given(content=st.binary() | toml_like | nearly_good)
def test_any_bytes_give_settings_or_one_clear_line(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    try:
        settings = read_settings(str(path))
    except ConfigError as error:
        assert str(error) == text.clean(str(error))
        assert str(error).startswith(f"{path}:")
    else:
        channels = settings.channels
        assert len({channel.name for channel in channels}) == len({c.port for c in channels}) == len(channels) >= 1
        assert all(channel.seats >= 1 for channel in channels)
