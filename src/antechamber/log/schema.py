"""The log's file: its tables, their versions, and how an older file becomes a current one.

One file is one SQLite database in WAL mode:

- `channel`: a channel's number and name, and two sequence numbers: after `forgotten` and up to `indexed`, its chat is
  in the search index. Turns that end at `forgotten` or before it are gone, or never were: a channel that is new to the
  log begins after the number of `identity`. Its `kind` says whether it is the config's (below).
- `turn_<number>`: a channel's turns, one row each: the sequence number of the turn's last entry, its time in seconds
  since the epoch, and its entries as JSON lines. Each channel has a table of its own, so that a turn is always appended
  at the end of a B-tree; in one table for all, turns land in its midst, which costs half as much again in time and
  twice the bytes written.
- `snapshot`: each channel's latest state.
- `proof`: what passwords are known by of members who entered after their channel's snapshot, by the number of the entry
  of their entering. No reader of the past looks at it (password_proofs.py).
- `ended`: the channels that members had opened and that are no more, as `channel` had them. Nobody reads of them; the
  upkeep takes their turns out (retention.py), and then their table is another channel's.
- `spare`: the numbers of the channels' tables that are empty, and nobody's.
- `said`: the full-text index of what was said. It keeps no text; its rowid is `number << SEQUENCE_BITS | sequence`.
- `behind`: of the turns that were kept while the machine's clock was behind the time of the one before: when, by that
  clock. From then on they grow old.
- `remains`: one row: of how many forgotten entries, since when, the words may still stand in the index's pages.
- `identity`: one row: the secret that the log was given when it was made, the number of the present round of its
  write-ahead log (wal.py), and in `numbered` the highest sequence number that any channel had that has ended: no other
  gets it again, so that what was signed for the one never fits another of its name.
- `usage`: one row: whether a server has the log open, or has ended without closing it (opening.py).
"""

import os
import sqlite3
from urllib.parse import quote

from antechamber.log import SECRET_BYTES, LogError
from antechamber.log.password_proofs import take_out_of_entries

APPLICATION_ID = 0x414E5445
"""Marks a SQLite file as ours: "ANTE"."""

SEQUENCE_BITS = 40

PAGE_BYTES = 2048
"""An append writes the one page that it changes, whole: of a new file, half SQLite's usual size costs half as much."""

TOKENIZE = "tokenize = 'unicode61 remove_diacritics 2'"
"""How chat is cut into words: runs of letters and digits, without regard to case and accents."""

CONFIGS, OPEN, UNSURE, UNSURE_OPEN = range(4)
"""The kinds of channels: the config's, whose past stays when the config has it no more; those that members opened, and
that end with the last of them; and those of a version that did not tell the two apart, open at present or not."""

MIGRATIONS = (
    (
        "CREATE TABLE channel (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE snapshot (channel INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, state BLOB NOT NULL)",
    ),
    (
        "ALTER TABLE channel ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0",
        f"CREATE VIRTUAL TABLE said USING fts5 (text, content = '', columnsize = 0, {TOKENIZE})",
        # The index is merged in steps of known size, between appends (maintenance.py), never as one long surprise.
        "INSERT INTO said (said, rank) VALUES ('automerge', 0)",
        "INSERT INTO said (said, rank) VALUES ('crisismerge', 1999)",
        "INSERT INTO said (said, rank) VALUES ('usermerge', 8)",
        "INSERT INTO said (said, rank) VALUES ('pgsz', 1950)",  # so that a leaf of the index fits a page of the file
    ),
    (
        "ALTER TABLE channel ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE remains (entries INTEGER NOT NULL, since REAL NOT NULL)",
        "INSERT INTO remains VALUES (0, 0)",
        "CREATE TABLE identity (secret BLOB NOT NULL, round INTEGER NOT NULL)",
    ),
    (),  # `moved` and `announced` may be among the entries
    (),  # `topic-set`, `modes-set`, `invited`, `renamed` and `tagged` may be
    (  # and the proofs that stood in the entries of `queued` go to their table
        "CREATE TABLE IF NOT EXISTS behind (channel INTEGER NOT NULL, last INTEGER NOT NULL, time REAL NOT NULL, "
        "PRIMARY KEY (channel, last)) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS usage (is_open INTEGER NOT NULL)",
        "INSERT INTO usage SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM usage)",
        "CREATE TABLE proof (channel INTEGER NOT NULL, entered INTEGER NOT NULL, proof TEXT NOT NULL, "
        "PRIMARY KEY (channel, entered)) WITHOUT ROWID",
        f"ALTER TABLE channel ADD COLUMN kind INTEGER NOT NULL DEFAULT {UNSURE}",
        "CREATE TABLE ended (number INTEGER PRIMARY KEY, name TEXT NOT NULL, indexed INTEGER NOT NULL, "
        "forgotten INTEGER NOT NULL)",
        "CREATE TABLE spare (number INTEGER PRIMARY KEY)",
        "ALTER TABLE identity ADD COLUMN numbered INTEGER NOT NULL DEFAULT 0",
    ),
)
"""Each step makes version n + 1 of version n; a new file goes through all of them.

Steps are only ever added. A new kind of event is a new version too, if of an empty step: older programs cannot read it.
"""

VERSION = len(MIGRATIONS)
READABLE_VERSION = 2
"""The oldest version that can be read as it is, without a server to bring it up to date."""


def turn_table(number: int) -> str:
    """Return the name of the table of the turns of the channel with this number."""
    return f"turn_{number}"


def create_turn_table(number: int) -> str:
    """Return the statement that makes the table of the turns of the channel with this number."""
    return f"CREATE TABLE {turn_table(number)} (last INTEGER PRIMARY KEY, time REAL NOT NULL, lines BLOB NOT NULL)"


def connect(path: str, options: str) -> sqlite3.Connection:
    """Open the file with the SQLite URI `options`; its statements commit themselves, any thread may use it."""
    uri = f"file:{quote(os.fsencode(path))}?{options}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=1.0, isolation_level=None, check_same_thread=False, cached_statements=1024
    )
    connection.execute("PRAGMA temp_store = MEMORY")  # or it would need descriptors when there may be none left
    return connection


def file_version(connection: sqlite3.Connection, path: str) -> int:
    """Return the schema version of the file, 0 for an empty one.

    Raises LogError if the file is another program's or a newer antechamber's, sqlite3.Error where it is damaged.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise LogError(f"{path} is another program's SQLite file, not an antechamber log.")
    if version > VERSION:
        raise LogError(
            f"The log {path} was written by a newer antechamber (version {version} of the file, "
            f"this program knows up to {VERSION}): use that one, or another --data."
        )
    return int(version)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file of `version` to `VERSION`, wholly or not at all."""
    if version == VERSION:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for step in MIGRATIONS[version:]:
            for statement in step:
                connection.execute(statement)
        take_out_of_entries(connection, version)
        once = "INSERT INTO identity (secret, round) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM identity)"
        connection.execute(once, (os.urandom(SECRET_BYTES),))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
