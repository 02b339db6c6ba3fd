"""`antechamber operator-link`: the address of the operator's page, with the operator token.

Only the link is printed, so that it can be passed to a browser.
"""

import sys

from antechamber.config import Settings
from antechamber.config.page_urls import operator_page
from antechamber.protocol.text import clean


class NoTokenError(Exception):
    """The error that there is no operator token. Its text is for people."""


def run(settings: Settings) -> int:
    """Print the link for a server with these settings, and return the exit status; an error is one line."""
    from antechamber.log import LogError

    try:
        token = settings.operator_token or _log_token(settings.data_path)
    except (NoTokenError, LogError) as error:
        print(f"antechamber operator-link: {clean(str(error))}", file=sys.stderr)
        return 1
    print(operator_page(settings, token))
    return 0


def _log_token(data_path: str | None) -> str:
    """Return the token made from the log's secret. Raises NoTokenError, or LogError."""
    import os.path

    from antechamber.log.reader import LogReader
    from antechamber.session.tokens import operator_token

    remedy = 'set operator_token = "…" in a config in TOML'
    if data_path is None:
        raise NoTokenError(f"A log in memory keeps no operator token: {remedy}, or keep the log in a file.")
    if not os.path.isfile(data_path):
        raise NoTokenError(
            f"There is no log at {data_path} yet: start the server once, name its log with --data, or {remedy}."
        )
    reader = LogReader(data_path)
    try:
        return operator_token(reader.secret())
    finally:
        reader.close()
