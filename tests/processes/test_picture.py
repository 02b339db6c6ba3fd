"""The README's picture is what the programs show today."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def without_times(picture: Path) -> str:
    return re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", picture.read_text(encoding="utf-8"))


def test_the_picture_of_the_readme_is_what_the_programs_show(tmp_path: Path) -> None:
    made = tmp_path / "session.svg"
    subprocess.run([sys.executable, "docs/make_picture.py", made], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert without_times(made) == without_times(ROOT / "docs" / "images" / "session.svg")
