"""The typed lines of earlier runs, as prompt_toolkit's line editor asks for them."""

from collections.abc import Iterable

from prompt_toolkit.history import History

from antechamber.runtime.typed_lines import TypedLines


class Remembered(History):
    """The history of a field, over `lines`."""

    def __init__(self, lines: TypedLines) -> None:
        super().__init__()
        self._lines = lines

    def load_history_strings(self) -> Iterable[str]:
        """Return the lines, newest first."""
        return reversed(list(self._lines))

    def store_string(self, string: str) -> None:
        """Keep a line."""
        self._lines.add(string)
