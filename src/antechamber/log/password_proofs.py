"""Proofs of passwords: private facts, which the log keeps beside its entries, where nothing that is read has them.

Up to version 5 of the file they stood in the entries, which go out to members as they are. So a file of such a version
is rid of them as it is brought up to date. Those of members who may be there still are kept, so that they come back.
"""

import sqlite3

import msgspec

from antechamber.protocol.events import decode_entries, encode_lines

_VERSION = 6
"""The first version of the file whose entries have none."""
_NEEDLE = b'"proof":"'
"""What stands in the line of an entry with a proof, and in no text of anybody's, where JSON has no such quotes."""


class _Event(msgspec.Struct):
    type: str
    proof: str = ""


class _Entry(msgspec.Struct):
    sequence: int
    event: _Event


_decode = msgspec.json.Decoder(_Entry).decode


def take_out_of_entries(connection: sqlite3.Connection, version: int) -> None:
    """Move the proofs of a file of `version` out of its entries, in the transaction that is under way."""
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
    """Return a turn's lines without proofs, and these by the numbers of their entries; what is damaged stays so."""
    cleared, proofs = [], []
    for line in lines.splitlines(keepends=True):
        try:
            entry = _decode(line)
            cleared.append(encode_lines(decode_entries(line)))
            proofs.append((entry.sequence, entry.event.proof))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            cleared.append(line)
    return b"".join(cleared), [proof for proof in proofs if proof[1]]
