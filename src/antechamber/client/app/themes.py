"""The colours: light and dark with a background of their own, or the terminal's sixteen.

Every text of a theme has a contrast of at least 4.5 to its background (WCAG 2, 1.4.3), which a test reckons; in sixteen
colours that is for the terminal's owner to choose. Nothing is told by colour alone.
"""

from collections.abc import Mapping

THEMES = ("light", "dark", "terminal")
_LIGHT = {
    "ground": "#221f1a bg:#fffdf8",
    "head": "#221f1a bg:#ece7df",
    "head.topic": "#57524a",
    "time": "#6b655b",
    "aside": "#6b655b",
    "rule": "#6b655b",
    "unread": "#8a4b00",
    "me": "#0b5a54 bold",
    "mention": "#8a4b00 bold",
    "announced": "#8a4b00 bold",
    "whisper": "#6a2f6a",
    "seat": "#0b5a54",
    "wait": "#8a4b00",
    "title": "bold",
    "key": "#0b5a54 bold",
    "box": "#57524a",
    "chosen": "#0b3f3b bg:#d9efec bold",
    "alarm": "#8a4b00 bold",
    "status": "#ffffff bg:#0d6e66",
    "status.warn": "#ffffff bg:#a34700",
    "status.away": "#ffffff bg:#57524a",
    "field": "",
    "name0": "#1f5a1f",
    "name1": "#1d4f91",
    "name2": "#8a2f4f",
    "name3": "#6b4a00",
    "name4": "#5a3a9a",
    "name5": "#00596b",
}
_DARK = {
    "ground": "#e8e4dc bg:#191817",
    "head": "#e8e4dc bg:#2b2926",
    "head.topic": "#b5aea3",
    "time": "#a39c91",
    "aside": "#a39c91",
    "rule": "#8f887d",
    "unread": "#f0b060",
    "me": "#7fd8cc bold",
    "mention": "#f0b060 bold",
    "announced": "#f0b060 bold",
    "whisper": "#d9a3d9",
    "seat": "#7fd8cc",
    "wait": "#f0b060",
    "title": "bold",
    "key": "#7fd8cc bold",
    "box": "#a39c91",
    "chosen": "#c9f3ed bg:#17332f bold",
    "alarm": "#f0b060 bold",
    "status": "#8fe3d8 bg:#17332f",
    "status.warn": "#191817 bg:#f0b060",
    "status.away": "#e8e4dc bg:#45413b",
    "field": "",
    "name0": "#98d898",
    "name1": "#9cc3ff",
    "name2": "#ffa3bd",
    "name3": "#e0c070",
    "name4": "#c9b0ff",
    "name5": "#80d4e8",
}
_TERMINAL = {
    "ground": "",
    "head": "reverse",
    "head.topic": "",
    "time": "",
    "aside": "",
    "rule": "",
    "unread": "ansiyellow",
    "me": "ansicyan bold",
    "mention": "ansiyellow bold",
    "announced": "ansiyellow bold",
    "whisper": "ansimagenta",
    "seat": "ansicyan",
    "wait": "ansiyellow",
    "title": "bold",
    "key": "bold",
    "box": "",
    "chosen": "reverse",
    "alarm": "ansiyellow bold",
    "status": "reverse",
    "status.warn": "reverse bold",
    "status.away": "reverse",
    "field": "",
    **{
        f"name{number}": colour
        for number, colour in enumerate(("ansigreen", "ansiblue", "ansimagenta", "ansiyellow", "ansicyan", "ansired"))
    },
}
_ALL: Mapping[str, Mapping[str, str]] = {"light": _LIGHT, "dark": _DARK, "terminal": _TERMINAL}


def styles(theme: str) -> dict[str, str]:
    """Return the styles of a theme by their classes."""
    return dict(_ALL[theme])


def chosen_theme(environ: Mapping[str, str], kept: str = "") -> str:
    """Return the theme: as the environment names it, as it was chosen before, or as the terminal's background is."""
    for name in (environ.get("ANTECHAMBER_THEME", ""), kept):
        if name in THEMES:
            return name
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    if ground.isdigit():
        return "light" if int(ground) in (7, 15) else "dark"
    return "terminal"
