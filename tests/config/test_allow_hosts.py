"""The names that the front desk may go by: by option and in TOML."""

import pytest

from antechamber.config import ConfigError, Overrides
from antechamber.config.load import read_settings
from antechamber.config.rules import host_name
from antechamber.config.toml import read_toml

CHANNEL = '[[channel]]\nname = "general"\nport = 9001\nseats = 5\n'


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("chat.example.org", "chat.example.org"),
        ("Chat.Example.", "chat.example"),
        ("tower", "tower"),
        ("a-b_c.9", "a-b_c.9"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("x" * 253, "x" * 253),
        *(
            (word, None)
            for word in ("", ".", "a..b", "-a", "a-", "a.-b", "a b", "chat:8443", "http://chat", "a/b", "*")
        ),
        ("x" * 254, None),
        ("ü" * 64, None),
        ("a@b", None),
    ],
)
def test_a_name_is_one_alone_as_browsers_write_it(word: str, name: str | None) -> None:
    assert host_name(word) == name


def test_the_option_comes_beside_what_the_config_says(tmp_path: object) -> None:
    path = f"{tmp_path}/chat.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'allow_hosts = ["chat.example", "B.example"]\n{CHANNEL}')
    assert read_settings(path).allow_hosts == ("chat.example", "b.example")
    both = read_settings(path, Overrides(allow_hosts=("c.example", "chat.example")))
    assert both.allow_hosts == ("chat.example", "b.example", "c.example")


def fault(written: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read_toml(f"allow_hosts = {written}\n{CHANNEL}".encode(), "chat.toml", Overrides())
    return str(raised.value)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('"chat.example"', "allow_hosts is 'chat.example', not a list of names"),
        ("[5]", "allow_hosts has 5, which is no name of a host alone"),
        ('["chat.example:80"]', "allow_hosts has 'chat.example:80', which is no name of a host alone"),
    ],
)
def test_what_is_no_list_of_names_is_a_fault_with_its_remedy(written: str, told: str) -> None:
    assert fault(written) == f'chat.toml: {told} (write allow_hosts = ["chat.example.org"])'
