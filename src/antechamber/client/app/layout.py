"""The screen of the app: what is drawn where, in every size from 80 by 24 up, and in smaller ones as far as it goes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition
from prompt_toolkit.layout import (
    ConditionalContainer,
    Float,
    FloatContainer,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.layout.controls import BufferControl, UIContent, UIControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from antechamber.client.app.panels import SIDE_CELLS
from antechamber.client.app.rows import Row

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone

FIELD_ROWS_MAX = 8
WHEEL_ROWS = 3
_GROUND = "class:ground"
"""What fills every cell, also where nothing is written."""
HEADER_FROM_ROWS = 20
"""The height of a screen from which on it has a header."""
Draw = Callable[[int, int], list[Row]]
"""A function that returns the rows for so many columns and rows."""


class Drawn(UIControl):
    """A part of the screen whose rows a function makes for the size that it has."""

    def __init__(self, draw: Draw, scroll: Callable[[int], None] | None = None) -> None:
        self._draw = draw
        self._scroll = scroll

    def create_content(self, width: int, height: int) -> UIContent:
        """Return the rows that are to be drawn."""
        rows = self._draw(width, height)
        return UIContent(lambda number: list(rows[number]), len(rows), Point(0, 0), show_cursor=False)

    def is_focusable(self) -> bool:
        """Return False: what is typed goes to the field alone."""
        return False

    def mouse_handler(self, mouse_event: MouseEvent) -> "NotImplementedOrNone":
        """Scroll by the wheel."""
        step = {MouseEventType.SCROLL_UP: -WHEEL_ROWS, MouseEventType.SCROLL_DOWN: WHEEL_ROWS}
        if self._scroll is None or mouse_event.event_type not in step:
            return NotImplemented
        self._scroll(step[mouse_event.event_type])
        return None


class Parts:
    """The functions that draw each part, and tell which of them there are now."""

    head: Draw
    talk: Draw
    side: Draw
    alarm: Draw
    above: Draw
    status: Draw
    box: Draw
    """The box in the middle; no rows if nothing is asked."""
    options: Draw
    """The suggestions above the field; no rows if there are none."""
    scroll: Callable[[int], None]
    has_head: Callable[[], bool]
    has_side: Callable[[], bool]
    has_alarm: Callable[[], bool]


def made(parts: Parts, field: Buffer, columns: Callable[[], int]) -> Layout:
    """Return the layout, in which the field has the focus."""

    def row(draw: Draw) -> Window:
        return Window(Drawn(draw), height=1, dont_extend_height=True)

    def when(there: Callable[[], bool], window: Window | VSplit) -> ConditionalContainer:
        return ConditionalContainer(window, Condition(there))

    control = BufferControl(field, input_processors=[BeforeInput(" › ", "class:key")], focus_on_click=True)
    field_window = Window(
        control,
        height=Dimension(min=1, max=FIELD_ROWS_MAX),
        wrap_lines=True,
        dont_extend_height=True,
        style="class:field",
        get_line_prefix=lambda line, wraps: "   " if line or wraps else "",
    )
    side = VSplit(
        [
            Window(width=1, char="│", style="class:rule"),
            Window(Drawn(parts.side), width=SIDE_CELLS, dont_extend_width=True),
        ]
    )
    body = HSplit(
        [
            when(parts.has_head, row(parts.head)),
            VSplit([Window(Drawn(parts.talk, parts.scroll), height=Dimension(min=1)), when(parts.has_side, side)]),
            when(parts.has_alarm, row(parts.alarm)),
            row(parts.above),
            field_window,
            row(parts.status),
        ],
        style=_GROUND,
    )

    def floated(draw: Draw, cells: Callable[[], int], left: int | None = None, bottom: int | None = None) -> Float:
        def height() -> int:
            return len(draw(cells(), 0))

        window = Window(Drawn(draw), width=cells, height=height, style=_GROUND)
        return Float(when(lambda: bool(draw(cells(), 0)), window), left=left, bottom=bottom)

    return Layout(
        FloatContainer(
            body,
            [
                floated(parts.options, lambda: min(columns() - 2, 62), left=1, bottom=3),
                floated(parts.box, lambda: min(columns() - 4, 60)),
            ],
        ),
        focused_element=field_window,
    )
