"""A kept turn, as bytes and as entries."""

from collections.abc import Sequence

import msgspec

from antechamber.events import Entry, decode_entries
from antechamber.log import LogError


def decode_turn(log: str, last: int, lines: bytes) -> Sequence[Entry]:
    """Decode the lines of the turn that ends in entry `last`.

    Raises LogError, naming the `log`, where they are no entries.
    """
    try:
        return decode_entries(lines)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LogError(f"The log {log} is damaged near entry {last}.") from error
