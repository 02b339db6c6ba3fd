"""The pictures of the page in the documentation: their script still makes them, and none is heavy."""

import struct
import subprocess
import sys
from pathlib import Path

from tests.processes.programs import CHECKOUT

IMAGES = CHECKOUT / "docs" / "images"
NAMES = {f"page-{name}.png" for name in ("light", "dark", "phone", "line", "operator")}
PICTURE_BYTES_MAX = 130_000


def size(picture: Path) -> tuple[int, int]:
    """Return the width and the height of a PNG."""
    header = picture.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", header[16:])
    return width, height


def test_the_script_makes_pictures_like_those_that_are_shown(tmp_path: Path) -> None:
    script = [sys.executable, "docs/make_pictures.py", str(tmp_path)]
    subprocess.run(script, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
    assert {path.name for path in tmp_path.iterdir()} == NAMES
    assert {name: size(tmp_path / name) for name in NAMES} == {name: size(IMAGES / name) for name in NAMES}


def test_no_picture_is_heavy() -> None:
    for name in NAMES:
        assert (IMAGES / name).stat().st_size <= PICTURE_BYTES_MAX
