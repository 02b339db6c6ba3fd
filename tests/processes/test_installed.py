"""What `pip install .` installs: the whole package, and the three commands."""

import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

from antechamber import __version__

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package as pip would, from a copy: the builder obeys a hatch.toml that may have landed at the root."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "docs" / "man", source / "docs" / "man")
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-P", "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def test_the_package_is_installed_whole(wheel: Path) -> None:
    source = ROOT / "src"
    files = {path.relative_to(source).as_posix() for path in (source / "antechamber").rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as history_queries:
        assert {path for path in files if "__pycache__" not in path} <= set(history_queries.namelist())


def test_the_three_commands_are_installed(wheel: Path) -> None:
    entry_points = ConfigParser()
    with zipfile.ZipFile(wheel) as history_queries:
        (path,) = (name for name in history_queries.namelist() if name.endswith("/entry_points.txt"))
        entry_points.read_string(history_queries.read(path).decode())
    assert dict(entry_points["console_scripts"]) == {
        "antechamber": "antechamber.__main__:main",
        "chatserver": "antechamber.__main__:chatserver",
        "chatclient": "antechamber.__main__:chatclient",
    }


def test_the_man_pages_are_installed_where_man_finds_them(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition("/")[2] for name in archive.namelist() if ".data/" in name}
    assert names == {f"data/share/man/man1/{name}.1" for name in ("antechamber", "chatserver", "chatclient")}


def test_what_is_installed_runs(wheel: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(wheel)!r}); from antechamber.__main__ import main; main(['--version'])"
    ran = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == (f"antechamber {__version__}\n", "")
