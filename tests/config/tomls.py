"""A config in TOML in the current folder: its pieces, and what reading it gives."""

from pathlib import Path

import pytest

from antechamber.config import ConfigError, Overrides, Settings
from antechamber.config.load import read_settings
from antechamber.protocol import text

CHANNEL = '[[channel]]\nname = "a"\nport = 9001\nseats = 5\n'
OTHER = '[[channel]]\nname = "b"\nport = 9002\nseats = 6\n'
NEVER = float("inf")


def read(content: str | bytes, overrides: Overrides | None = None) -> Settings:
    Path("a.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_settings("a.toml", overrides or Overrides())


def fault(content: str | bytes) -> str:
    with pytest.raises(ConfigError) as told:
        read(content)
    assert str(told.value) == text.clean(str(told.value))
    assert str(told.value).startswith("a.toml:")
    return str(told.value).removeprefix("a.toml:").removeprefix(" ")
