"""What the environment and the exit statuses mean, for `--help` and the man pages, and for these what is kept where."""

import textwrap
from collections.abc import Iterable

ENVIRONMENT = (
    ("ANTECHAMBER_PLAIN", "if it is not empty, a terminal has the plain transcript, and the server no prompt"),
    ("ANTECHAMBER_LINES", "if it is not empty, a terminal has lines in place of the full screen"),
    ("ANTECHAMBER_THEME", "the colours of the full screen: light, dark or terminal"),
    ("NO_COLOR", "if it is not empty, there are no colours"),
    ("XDG_STATE_HOME", "where the log and what was typed are kept (default: ~/.local/state)"),
    ("XDG_DATA_HOME", "where received files are kept (default: ~/.local/share)"),
)
KEPT = (
    ("$XDG_STATE_HOME/antechamber/antechamber.db", "the log of a server, unless --data names another"),
    ("$XDG_STATE_HOME/antechamber/*-history", "what was typed, for the user's eyes alone"),
    ("$XDG_STATE_HOME/antechamber/theme", "the colours that were chosen in the full screen"),
    ("$XDG_DATA_HOME/antechamber/received", "received files, unless --files names another folder"),
)
EXIT_STATUSES = (
    (0, "after /quit or /shutdown, an end by the other side, or when it is done"),
    (1, "a malformed argument or config, a taken port or name, nothing answers, or the connection is lost"),
    (130, "a client, history or backup was interrupted by Ctrl-C"),
)


def help_epilog(columns: int) -> str:
    """Return the end of every `--help`, in so many columns."""
    return f"\nenvironment:\n{_listed(ENVIRONMENT, columns)}\nexit status:\n{_listed(EXIT_STATUSES, columns)}"


def _listed(rows: Iterable[tuple[object, str]], columns: int) -> str:
    return "".join(
        textwrap.fill(meaning, columns, initial_indent=f"  {name!s:21} ", subsequent_indent=" " * 24) + "\n"
        for name, meaning in rows
    )
