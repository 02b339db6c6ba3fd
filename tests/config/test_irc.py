"""What a config and the command line say of IRC: its port, channels that people make, the message of the day."""

from pathlib import Path

import pytest

from antechamber.config import Address, ConfigError, Overrides, Settings
from antechamber.config.load import read_settings
from antechamber.config.rules import address
from antechamber.protocol.limits import MOTD_LINE_CHARACTERS_MAX, MOTD_LINES_MAX
from tests.config.tomls import CHANNEL, fault, read

CONFIGFILE = "channel general 9001 5\nchannel games 9002 5\nchannel help 9003 5\n"
ITS_OWN = Address("", 6667)
IRC = Overrides(irc=ITS_OWN)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("6667", Address("", 6667)),
        ("1", Address("", 1)),
        ("65535", Address("", 65_535)),
        ("0.0.0.0:6667", Address("0.0.0.0", 6667)),
        ("chat.example.org:6697", Address("chat.example.org", 6697)),
        ("[::1]:6667", Address("::1", 6667)),
        ("::1:6667", Address("::1", 6667)),
        ("0", None),
        ("65536", None),
        ("", None),
        ("irc", None),
        ("localhost", None),
        (":6667", None),
        ("[]:6667", None),
        ("a b:6667", None),
        ("localhost:", None),
        ("localhost:-1", None),
    ],
)
def test_an_address_is_a_port_or_a_host_with_a_port(word: str, found: Address | None) -> None:
    assert address(word) == found


@pytest.mark.usefixtures("folder")
class TestWhatIsSaidInToml:
    def test_irc_is_off_unless_something_is_said_of_it(self) -> None:
        settings = read(CHANNEL)
        assert (settings.irc, settings.open_channels, settings.motd) == (None, False, "")

    @pytest.mark.parametrize(
        ("written", "found"),
        [
            ("true", Address("", 6667)),
            ("false", None),
            ("6697", Address("", 6697)),
            ('"6697"', Address("", 6697)),
            ('"0.0.0.0:6667"', Address("0.0.0.0", 6667)),
        ],
    )
    def test_irc_is_a_switch_a_port_or_a_host_with_a_port(self, written: str, found: Address | None) -> None:
        assert read(f"irc = {written}\n{CHANNEL}").irc == found

    @pytest.mark.parametrize(
        ("written", "shown"),
        [('"irc"', "'irc'"), ("0", "0"), ("65536", "65536"), ("6667.0", "6667.0"), ("[6667]", "a list")],
    )
    def test_what_is_no_port_of_irc_is_shown_with_rule_and_remedy(self, written: str, shown: str) -> None:
        assert fault(f"irc = {written}\n{CHANNEL}") == (
            f'irc is {shown}, not true, a port, or a host with a port (write irc = 6667, or irc = "0.0.0.0:6667")'
        )

    def test_it_listens_where_the_server_does_unless_it_has_a_host_of_its_own(self) -> None:
        assert read(f'host = "::1"\nirc = true\n{CHANNEL}').irc_host == "::1"
        assert read(f'host = "::1"\nirc = "0.0.0.0:6667"\n{CHANNEL}').irc_host == "0.0.0.0"
        assert read(f'host = "::1"\n{CHANNEL}').irc_host == "::1"

    def test_the_command_line_comes_before_the_file(self) -> None:
        assert read(f"irc = 6697\n{CHANNEL}", IRC).irc == Address("", 6667)
        assert read(f"irc = false\n{CHANNEL}", IRC).irc == Address("", 6667)

    def test_people_may_be_let_make_channels(self) -> None:
        assert read(f"open_channels = true\n{CHANNEL}").open_channels
        told = fault(f"open_channels = 1\n{CHANNEL}")
        assert told == "open_channels is 1, not true or false (write open_channels = true)"

    @pytest.mark.parametrize(
        ("written", "motd"),
        [
            ('"Welcome!"', "Welcome!"),
            ('"""\nWelcome!\n\n  Be kind. \n"""', "Welcome!\n\n  Be kind."),
            ('"a\\u001bb\\tc"', "a\ufffdb c"),
            ('""', ""),
            (f'"{"x" * MOTD_LINE_CHARACTERS_MAX}"', "x" * MOTD_LINE_CHARACTERS_MAX),
            (f'"""{chr(10).join("x" * MOTD_LINES_MAX)}"""', "\n".join("x" * MOTD_LINES_MAX)),
        ],
    )
    def test_the_message_of_the_day_is_lines_that_a_terminal_can_show(self, written: str, motd: str) -> None:
        assert read(f"motd = {written}\n{CHANNEL}").motd == motd

    def test_a_longer_message_of_the_day_is_told(self) -> None:
        long = "x" * (MOTD_LINE_CHARACTERS_MAX + 1)
        told = fault(f'motd = """\na\n{long}"""\n{CHANNEL}')
        assert told == "line 2 of motd is 101 characters long, and the most are 100 (break it in two)"
        many = "\n".join("x" * (MOTD_LINES_MAX + 1))
        told = fault(f'motd = """{many}"""\n{CHANNEL}')
        assert told == "motd has 101 lines, and the most are 100 (shorten it)"
        assert fault(f"motd = 5\n{CHANNEL}") == 'motd is 5, not a text (write motd = "Welcome!")'

    def test_a_port_is_not_ircs_and_somebody_elses(self) -> None:
        told = fault(f"irc = 9001\n{CHANNEL}")
        assert told == (
            'channel 1 ("a"): the port 9001 is IRC\'s '
            "(choose another port, or move that one with irc at the top, or --irc)"
        )
        told = fault(f"irc = 9876\n{CHANNEL}")
        assert told == (
            "IRC's port 9876 is the front desk's (choose another with irc at the top, or --irc, "
            "or move the front desk's with port at the top, or --port)"
        )

    def test_names_that_irc_cannot_tell_apart_are_told_where_it_is_on(self) -> None:
        upper = CHANNEL.replace('"a"', '"A"').replace("9001", "9003")
        assert [channel.name for channel in read(CHANNEL + upper).channels] == ["a", "A"]
        assert fault(f"irc = true\n{CHANNEL}{upper}") == (
            "channel 2 (\"A\"): to IRC the name 'A' is 'a', which is channel 1's "
            "(choose one that differs in more than the case of its letters, or take irc out)"
        )

    def test_names_that_differ_in_the_case_of_other_letters_are_different(self) -> None:
        lower = CHANNEL.replace('"a"', '"ä"')
        upper = CHANNEL.replace('"a"', '"Ä"').replace("9001", "9003")
        assert [channel.name for channel in read(f"irc = true\n{lower}{upper}").channels] == ["ä", "Ä"]


@pytest.mark.usefixtures("folder")
class TestWhatTheCommandLineSaysToAConfigfile:
    def settings(self, content: str, irc: Address | None = ITS_OWN) -> Settings:
        Path("configfile").write_text(content)
        return read_settings("configfile", Overrides(irc=irc))

    def fault(self, content: str, irc: Address | None = ITS_OWN) -> str:
        with pytest.raises(ConfigError) as told:
            self.settings(content, irc)
        return str(told.value)

    def test_irc_is_on_where_the_command_line_says_so(self) -> None:
        assert self.settings(CONFIGFILE, None).irc is None
        assert self.settings(CONFIGFILE).irc == Address("", 6667)

    def test_its_port_is_nobody_elses(self) -> None:
        assert self.fault(CONFIGFILE, Address("", 9002)) == (
            "configfile:2: the port 9002 is IRC's (choose another port, or move that one with --irc)"
        )
        assert self.fault(CONFIGFILE, Address("", 9876)) == (
            "configfile: IRC's port 9876 is the front desk's "
            "(choose another with --irc, or move the front desk's with --port)"
        )

    def test_names_that_irc_cannot_tell_apart_are_told(self) -> None:
        content = CONFIGFILE.replace("games", "GENERAL")
        assert len(self.settings(content, None).channels) == 3
        assert self.fault(content) == (
            "configfile:2: to IRC the name 'GENERAL' is 'general', which stands on line 1 "
            "(choose one that differs in more than the case of its letters, or take irc out)"
        )
