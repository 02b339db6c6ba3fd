"""The pictures of the terminal are what the programs show today."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def words(picture: Path) -> list[str]:
    """Return the texts in a picture, with `0` for every number, as clocks and ports differ."""
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", picture.read_text(encoding="utf-8"))
    return [re.sub(r"\d+", "0", " ".join(unescape(text).split())) for text in texts]


def test_the_pictures_are_what_the_programs_show(tmp_path: Path) -> None:
    script = [sys.executable, "docs/make_terminal_pictures.py", str(tmp_path)]
    subprocess.run(script, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    kept = {path.name: words(path) for path in (ROOT / "docs" / "images").glob("terminal-*.svg")}
    assert len(kept) == 10
    assert {path.name: words(path) for path in tmp_path.iterdir()} == kept
