"""Items of the talk as rows of styled text: the time, the name, and the text beside them."""

import time
from typing import NamedTuple

from antechamber.client.app.cells import anchored, clipped, plain, width, wrapped
from antechamber.client.app.talk import Item
from antechamber.client.commands import calls

Fragment = tuple[str, str]
"""A style, as the classes of a theme, and a text."""
Row = list[Fragment]
_TIME_CELLS = 8
NAME_CELLS_MIN = 9
NAME_CELLS_MAX = 16
NAME_COLOURS = 6
"""Colours that names have; a theme has a class `name0` to `name5` for each."""
_STYLES = {
    "whisper": "class:whisper",
    "announced": "class:announced",
    "happened": "class:aside",
    "note": "class:aside",
    "pending": "class:aside",
}


class Look(NamedTuple):
    """How rows are made: how wide, and for whom."""

    columns: int
    me: str = ""

    @property
    def name_cells(self) -> int:
        """The width of the column of names."""
        return max(NAME_CELLS_MIN, min(NAME_CELLS_MAX, self.columns // 7))


def rows_of(item: Item, look: Look) -> list[Row]:
    """Return the rows of an item."""
    style = _STYLES.get(item.kind, "")
    if item.kind == "said" and item.name != look.me and calls(look.me, item.text):
        style = "class:mention"
    name, text = _worded(item, look.me)
    name_style = "class:me" if item.name == look.me else f"{colour_of(item.name)} bold" if item.name else "class:aside"
    if item.kind == "whisper":
        name_style = style
    name = plain(name)
    column = _TIME_CELLS + look.name_cells
    cells = max(look.columns - column, 10)
    longer = max(width(name) + 2 - look.name_cells, 0)
    lead = "" if longer <= 0 else " " * longer
    texts = list(wrapped(lead + plain(text), cells)) or [""]
    clock = time.strftime("%H:%M", time.localtime(item.time))
    rows: list[Row] = []
    for number, line in enumerate(texts):
        if number == 0:
            head: Row = [("class:time", f" {clock}  ")]
            head.append((name_style, anchored(name) + " " * max(look.name_cells - width(name), min(longer, 2))))
            line = line[longer:] if longer else line  # noqa: PLW2901
        else:
            head = [("", " " * column)]
        rows.append([*head, (style, anchored(line))])
    return rows


def _worded(item: Item, me: str) -> tuple[str, str]:
    """Return what stands in the column of names, and the text beside it."""
    name = "you" if item.name == me and item.name else item.name
    match item.kind:
        case "whisper":
            return name, f"(only {item.to or 'you'}) {item.text}"
        case "action":
            return "*", f"{item.name} {item.text}"
        case "announced":
            return "Operator", item.text
        case "happened" | "note":
            return "", f"· {item.text}"
        case "pending":
            return "you", f"{item.text} (not sent yet)"
        case _:
            return name, item.text


def colour_of(name: str) -> str:
    """Return the class of a name's colour, the same in every run."""
    return f"class:name{sum(name.encode(errors='replace')) % NAME_COLOURS}"


def rule(words: str, columns: int, style: str = "class:rule") -> Row:
    """Return a line across, with words at its beginning."""
    if not words:
        return [(style, "─" * columns)]
    words = clipped(words, columns - 6)
    return [(style, f" ── {words} "), (style, "─" * max(columns - width(words) - 5, 0))]


def spread(left: Row, right: Row, columns: int, style: str = "") -> Row:
    """Return a row with something at each end; what is on the left is cut if both do not fit."""
    room = columns - sum(width(text) for _, text in right)
    row: Row = []
    for each, text in left:
        shown = clipped(text, room)
        row.append((each, shown))
        room -= width(shown)
    return [*row, (style, " " * max(room, 0)), *right]


def boxed(title: str, body: list[Row], columns: int, foot: str = "", style: str = "class:box") -> list[Row]:
    """Return rows with a frame around them."""
    inner = columns - 2
    head = f" {clipped(title, inner - 3)} " if title else ""
    end = f" {clipped(foot, inner - 3)} " if foot else ""
    framed: list[Row] = [[(style, f"┌{head}{'─' * (inner - width(head))}┐")]]
    for row in body:
        cells = sum(width(text) for _, text in row)
        framed.append([(style, "│"), *row, ("", " " * max(inner - cells, 0)), (style, "│")])
    framed.append([(style, f"└{end}{'─' * (inner - width(end))}┘")])
    return framed


def text_of(row: Row) -> str:
    """Return a row without its styles."""
    return "".join(text for _, text in row)
