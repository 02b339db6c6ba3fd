"""Default paths on this machine."""

import os
from collections.abc import Mapping


def state_folder(environ: Mapping[str, str] = os.environ) -> str:
    """Return the program's own folder in the user's state folder, as the XDG base directory specification has it.

    An `XDG_STATE_HOME` that is empty or a relative path counts as unset.
    """
    folder = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(folder):
        folder = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "state")
    return os.path.join(folder, "antechamber")


def default_data_path(environ: Mapping[str, str] = os.environ) -> str:
    """Return the log's path, which is in the state folder."""
    return os.path.join(state_folder(environ), "antechamber.db")


def received_folder(environ: Mapping[str, str] = os.environ) -> str:
    """Return the folder in which a person's received files are saved, in the user's data folder (XDG_DATA_HOME)."""
    folder = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(folder):
        folder = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "share")
    return os.path.join(folder, "antechamber", "received")
