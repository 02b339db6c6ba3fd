"""The themes: contrast, and which one is chosen."""

import itertools

import pytest
from prompt_toolkit.styles import Style
from prompt_toolkit.styles.defaults import default_ui_style

from antechamber.client.app.rows import NAME_COLOURS
from antechamber.client.app.themes import THEMES, chosen_theme, styles

CONTRAST_MIN = 4.5


def luminance(colour: str) -> float:
    """Return the relative luminance of RRGGBB (WCAG 2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_contrast(theme: str) -> None:
    style = Style(list(styles(theme).items()))
    grounds = ["class:head", "class:status"]
    faults = []
    for name, ground in itertools.product(styles(theme), grounds):
        on = ground if name.startswith(ground.removeprefix("class:")) else ""
        attrs = style.get_attrs_for_style_str(f"class:ground {on} class:{name}")
        assert attrs.color
        assert attrs.bgcolor
        if contrast(attrs.color, attrs.bgcolor) < CONTRAST_MIN:
            faults.append((name, on, attrs.color, attrs.bgcolor))
    assert faults == []


def test_every_theme_has_the_same_classes_with_a_colour_for_every_name() -> None:
    assert len({frozenset(styles(theme)) for theme in THEMES}) == 1
    assert {f"name{number}" for number in range(NAME_COLOURS)} <= styles("light").keys()
    for theme in THEMES:
        Style(list(styles(theme).items()))
    assert default_ui_style()


@pytest.mark.parametrize(
    ("environ", "kept", "chosen"),
    [
        ({}, "", "terminal"),
        ({}, "dark", "dark"),
        ({}, "purple", "terminal"),
        ({"ANTECHAMBER_THEME": "light"}, "dark", "light"),
        ({"ANTECHAMBER_THEME": "purple"}, "dark", "dark"),
        ({"COLORFGBG": "0;15"}, "", "light"),
        ({"COLORFGBG": "15;0"}, "", "dark"),
        ({"COLORFGBG": "15;default;0"}, "", "dark"),
        ({"COLORFGBG": "odd"}, "", "terminal"),
    ],
)
def test_a_theme_is_chosen_by_name_or_by_the_terminals_background(
    environ: dict[str, str], kept: str, chosen: str
) -> None:
    assert chosen_theme(environ, kept) == chosen
