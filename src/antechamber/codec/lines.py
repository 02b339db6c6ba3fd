"""Cutting a stream of bytes into lines, within a bound."""


class LineSplitter:
    """Gives the whole lines of a stream, without their newlines; None stands for a line longer than the bound.

    A line that is too long is told of as soon as it is, once; the rest of it is passed over unread.
    """

    __slots__ = ("_bytes_max", "_passing", "_rest")

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._rest = b""
        self._passing = False

    @property
    def idle(self) -> bool:
        """Whether no line is under way, so that the next byte starts one."""
        return not self._rest and not self._passing

    def feed(self, data: bytes) -> list[bytes | None]:
        """Take the next bytes of the stream and return the lines that end in them."""
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
        """Take bytes with no newline in them."""
        if self._passing:
            return []
        if len(self._rest) + len(data) > self._bytes_max:
            self._rest, self._passing = b"", True
            return [None]
        self._rest += data
        return []

    def _bounded(self, line: bytes) -> bytes | None:
        return line if len(line) <= self._bytes_max else None
