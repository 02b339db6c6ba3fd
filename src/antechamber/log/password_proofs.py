"""Password proofs: private data, which the log keeps beside its entries, where no reader sees it.

Up to version 5 of the file they were in the entries, which members read unchanged. Bringing a file up to date removes
them there, and keeps those of present members, so that they can resume.
"""

import sqlite3

import msgspec

from antechamber.protocol.events import decode_entries, encode_lines

_VERSION = 6
"""The first version of the file without proofs in its entries."""
_NEEDLE = b'"proof":"'
"""The key of a proof in an entry's line. It cannot occur in a text, where JSON escapes the quotes."""


class _Event(msgspec.Struct):
    type: str
    proof: str = ""


class _Entry(msgspec.Struct):
    sequence: int
    event: _Event


_decode = msgspec.json.Decoder(_Entry).decode


def take_out_of_entries(connection: sqlite3.Connection, version: int) -> None:
    """Move the proofs out of the entries of a file of this version, in the current transaction."""
    if not 0 < version < _VERSION:
        return
    for (number,) in connection.execute("SELECT number FROM channel").fetchall():
        table = f"turn_{int(number)}"
        found = connection.execute(
            f"SELECT last FROM {table} WHERE typeof(lines) = 'blob' AND instr(lines, ?) > 0", (_NEEDLE,)
        ).fetchall()
        for (last,) in found:
            (lines,) = connection.execute(f"SELECT lines FROM {table} WHERE last = ?", (last,)).fetchone()
            cleared, proofs = _take_out(lines)
            connection.execute(f"UPDATE {table} SET lines = ? WHERE last = ?", (cleared, last))
            connection.executemany(
                "INSERT OR REPLACE INTO proof VALUES (?, ?, ?)", [(number, *proof) for proof in proofs]
            )
    connection.execute(
        "DELETE FROM proof WHERE entered <= (SELECT sequence FROM snapshot WHERE snapshot.channel = proof.channel)"
    )


def _take_out(lines: bytes) -> tuple[bytes, list[tuple[int, str]]]:
    """Return a turn's lines without proofs, and the proofs by entry number; damaged lines stay unchanged."""
    cleared, proofs = [], []
    for line in lines.splitlines(keepends=True):
        try:
            entry = _decode(line)
            cleared.append(encode_lines(decode_entries(line)))
            proofs.append((entry.sequence, entry.event.proof))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            cleared.append(line)
    return b"".join(cleared), [proof for proof in proofs if proof[1]]
