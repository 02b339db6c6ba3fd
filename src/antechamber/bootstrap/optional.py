"""The optional packages of a checkout: what draws on a terminal, installed when a person first sits at one.

A wheel has them as the extra `terminal`. Without them the client has its line mode, and the server's console its plain
prompt, so a machine without a network has both as well.
"""

import importlib.util
import os
import sys

from antechamber.bootstrap.launch import Environment

TERMINAL_LOCK = "requirements-terminal.lock"
_LIBRARY = "prompt_toolkit"


def terminal_library_problem(root: str = "") -> str:
    """Make the library that draws on a terminal ready to be imported; return in words why it is not, "" if it is.

    In a checkout at `root` (by default the one that this file is in) it is the locked one, which is installed first if
    it is missing; whatever else this Python has does not count.
    """
    if _LIBRARY in sys.modules:
        return ""
    environment = Environment(root or _checkout(), TERMINAL_LOCK)
    if not os.path.isfile(environment.lock):
        is_there = importlib.util.find_spec(_LIBRARY) is not None
        return "" if is_there else "prompt_toolkit is not installed (pip install 'antechamber[terminal]')"
    if not environment.is_whole():
        from antechamber.bootstrap import first_run

        try:
            first_run.set_up(
                environment.lock, environment.folder, environment.packages, environment.stamp, "the terminal app"
            )
        except first_run.SetUpError as error:
            return str(error)
    sys.path.insert(1, environment.packages)
    importlib.invalidate_caches()
    return ""


def _checkout() -> str:
    """Return the folder that has `src`, if this file is in a checkout."""
    path = os.path.realpath(__file__)
    for _ in range(4):  # the file, bootstrap, antechamber, src
        path = os.path.dirname(path)
    return path
