"""A log that is damaged, and what can be done about it."""

from antechamber.log import LogError

REMEDY = (
    "put a backup in its place, or move it and its -wal away to start with an empty log; "
    "`antechamber history` may still read parts of it"
)


def damaged(path: str, where: str = "") -> LogError:
    """Return the LogError for a log that is damaged, `where` it is known to be."""
    return LogError(f"The log {path} is damaged{where}: {REMEDY}.")
