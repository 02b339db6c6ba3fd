"""How people are told to start the programs: beside the one that runs, as that one was started."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from antechamber import __main__
from antechamber.config import Settings

INSTALLED = "/usr/local/bin"
CONFIG = "channel general 9001 5\nchannel games 9002 5\nchannel help 9003 5\n"


@pytest.fixture
def joins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Give the commands to join by that servers are started with, in a folder with a config."""
    joins: list[str] = []

    def serve(settings: Settings, read_again: object, join: str) -> int:
        joins.append(join)
        return 0

    module = ModuleType("antechamber.server.server")
    module.serve = serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "antechamber.server.server", module)
    monkeypatch.setenv("PATH", f"/usr/bin:{INSTALLED}")
    monkeypatch.chdir(tmp_path)
    Path("my chat").mkdir()
    for folder in (".", "my chat"):
        Path(folder, "configfile").write_text(CONFIG)
    return joins


@pytest.mark.parametrize(
    ("program", "serve", "join"),
    [
        ("chatserver.py", "python3 chatserver.py configfile", "python3 chatclient.py"),
        ("./chatserver.py", "python3 ./chatserver.py ./configfile", "python3 ./chatclient.py"),
        (
            "my chat/chatserver.py",
            "python3 'my chat/chatserver.py' 'my chat/configfile'",
            "python3 'my chat/chatclient.py'",
        ),
        (f"{INSTALLED}/chatserver", "chatserver configfile", "chatclient"),
        (f"{INSTALLED}/antechamber", "antechamber serve configfile", "antechamber join"),
        ("./antechamber", "./antechamber serve ./configfile", "./antechamber join"),
        ("/x/antechamber", "/x/antechamber serve configfile", "/x/antechamber join"),
        ("/x/antechamber/__main__.py", "python3 -m antechamber serve configfile", "python3 -m antechamber join"),
    ],
)
def test_people_are_told_what_to_type_where_they_are(
    joins: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    serve: str,
    join: str,
) -> None:
    whole = program.rpartition("/")[2] in ("antechamber", "__main__.py")
    function, words = (__main__.main, ["serve"]) if whole else (__main__.chatserver, [])
    monkeypatch.setattr(sys, "argv", [program, *words])
    with pytest.raises(SystemExit):
        function()
    assert f": the config file is missing: start with {serve} (" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", [program, *words, "configfile"])
    function()
    assert joins == [join]
