"""The folder that the configs of a test are in."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty current folder, so that a config's path is its bare name."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
