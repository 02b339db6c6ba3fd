"""Splitting a stream of bytes into lines of limited length."""


class LineSplitter:
    """Splits a stream into lines without their newlines; None stands for a line that is too long.

    A line that is too long is reported once, as soon as it is; the rest of it is skipped.
    """

    __slots__ = ("_bytes_max", "_passing", "_rest")

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._rest = b""
        self._passing = False

    @property
    def idle(self) -> bool:
        """Whether the next byte starts a new line."""
        return not self._rest and not self._passing

    def feed(self, data: bytes) -> list[bytes | None]:
        """Take the next bytes of the stream, and return the lines that end in them."""
        first, newline, after = data.partition(b"\n")
        if not newline:
            return self._part(data)
        lines: list[bytes | None] = []
        if self._passing:
            self._passing = False
        else:
            lines.append(self._bounded(self._rest + first))
        self._rest = b""
        *whole, rest = after.split(b"\n")
        lines += whole if len(after) <= self._bytes_max else map(self._bounded, whole)
        return lines + self._part(rest)

    def _part(self, data: bytes) -> list[bytes | None]:
        """Take bytes without a newline."""
        if self._passing:
            return []
        if len(self._rest) + len(data) > self._bytes_max:
            self._rest, self._passing = b"", True
            return [None]
        self._rest += data
        return []

    def _bounded(self, line: bytes) -> bytes | None:
        return line if len(line) <= self._bytes_max else None
