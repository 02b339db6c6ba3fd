"""Default paths on this machine."""

import os
from collections.abc import Mapping


def default_data_path(environ: Mapping[str, str] = os.environ) -> str:
    """Return the log's path in the user's state folder, as the XDG base directory specification has it.

    An `XDG_STATE_HOME` that is empty or a relative path counts as unset.
    """
    folder = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(folder):
        folder = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "state")
    return os.path.join(folder, "antechamber", "antechamber.db")
