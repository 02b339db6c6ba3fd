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
- `proof`: the password proofs of members who entered after their channel's snapshot, by the number of that entry. No
  reader looks at it (password_proofs.py).
- `ended`: the open channels that have ended, as in `channel`. Nobody sees them; the maintenance deletes their turns
  (retention.py), and then their tables are free.
- `spare`: the numbers of free tables, which are empty.
- `said`: the full-text index of messages, without the texts; its rowid is `number << SEQUENCE_BITS | sequence`.
- `behind`: the real times of turns that were kept while the machine's clock was behind the time of the last turn. Their
  age counts from then.
- `remains`: one row: the number of deleted entries, and since when, whose words may still be in the index.
- `identity`: one row: the log's secret from its beginning, the number of the present round of its write-ahead log
  (wal.py), and in `numbered` the highest sequence number of ended channels: later channels begin after it, so that no
  token or mark of an ended channel fits another of its name.
- `usage`: one row: whether a server has the log open, or has ended without closing it (opening.py).
"""

import os
import sqlite3
from urllib.parse import quote

from antechamber.log import SECRET_BYTES, LogError
from antechamber.log.password_proofs import take_out_of_entries

APPLICATION_ID = 0x414E5445
"""The application id of our SQLite files: "ANTE"."""

SEQUENCE_BITS = 40

PAGE_BYTES = 2048
"""The page size of new files. An append writes the page that it changes, so half SQLite's default costs half."""

TOKENIZE = "tokenize = 'unicode61 remove_diacritics 2'"
"""The tokenizer: words are runs of letters and digits, without regard to case and accents."""

CONFIGS, OPEN, UNSURE, UNSURE_OPEN = range(4)
"""The kinds of channels: the config's, whose history stays even if the config drops them; open ones, which end with
their last
member; and those of a version that did not distinguish them, open at present or not."""

MIGRATIONS = (
    (
        "CREATE TABLE channel (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE snapshot (channel INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, state BLOB NOT NULL)",
    ),
    (
        "ALTER TABLE channel ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0",
        f"CREATE VIRTUAL TABLE said USING fts5 (text, content = '', columnsize = 0, {TOKENIZE})",
        # The index is merged in steps of known size between appends (maintenance.py).
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

Steps are only added. A new kind of event is a new version as well, with an empty step: older programs cannot read it.
"""

VERSION = len(MIGRATIONS)
READABLE_VERSION = 2
"""The oldest version that can be read without being brought up to date by a server."""


def turn_table(number: int) -> str:
    """Return the name of the table of turns with this number."""
    return f"turn_{number}"


def create_turn_table(number: int) -> str:
    """Return the statement that makes the table of turns with this number."""
    return f"CREATE TABLE {turn_table(number)} (last INTEGER PRIMARY KEY, time REAL NOT NULL, lines BLOB NOT NULL)"


def connect(path: str, options: str) -> sqlite3.Connection:
    """Open the file with SQLite URI options. Statements commit by themselves, and any thread may use the connection."""
    uri = f"file:{quote(os.fsencode(path))}?{options}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=1.0, isolation_level=None, check_same_thread=False, cached_statements=1024
    )
    connection.execute("PRAGMA temp_store = MEMORY")  # otherwise it would need descriptors when none may be left
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
    """Bring a file of this version to `VERSION`, in one transaction."""
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
