"""The error for a damaged log, and the remedy."""

from antechamber.log import LogError

REMEDY = (
    "put a backup in its place, or move it and its -wal away to start with an empty log; "
    "`antechamber history` may still read parts of it"
)


def damaged(path: str, where: str = "") -> LogError:
    """Return the LogError for a damaged log; `where` says at which place."""
    return LogError(f"The log {path} is damaged{where}: {REMEDY}.")
