"""Starting from a checkout: its packages go on the path, and are set up first where they are not there yet.

Every start pays for what stands here, so it reads two small files and imports nothing new; what sets packages up is
imported when it is needed. It must be readable by Python 3.6, for it is what tells that a Python is too old.

Packages live in `.venv` beside the launchers, in one folder for each lock file and kind of Python. A copy of the lock
file is put there last: where it equals the lock file, what the lock names is installed, whole.
"""

import os
import sys

PYTHON_MIN = (3, 11)
RUN_LOCK = "requirements.lock"


class Environment:
    """Where the packages that one lock file names are for this Python.

    `folder` is a virtual environment, `packages` the folder in it that goes on the path, `stamp` the copy of the lock
    file that tells they are all there.
    """

    def __init__(self, root: str, lock_name: str) -> None:
        multiarch = getattr(sys.implementation, "_multiarch", sys.platform)
        kind = f"{sys.implementation.cache_tag}{sys.abiflags}-{multiarch}"
        version = "python{}.{}".format(*sys.version_info) + ("t" if "t" in sys.abiflags else "")
        self.lock = os.path.join(root, lock_name)
        self.folder = os.path.join(root, ".venv", f"{lock_name.rpartition('.')[0]}-{kind}")
        self.packages = os.path.join(self.folder, "lib", version, "site-packages")
        self.stamp = os.path.join(self.folder, lock_name)

    def is_whole(self) -> bool:
        """Return whether exactly what the lock file names is installed."""
        try:
            with open(self.stamp, "rb") as stamp, open(self.lock, "rb") as lock:
                return stamp.read() == lock.read()
        except OSError:
            return False


def prepare(root: str, lock_name: str = RUN_LOCK) -> Environment:
    """Put the packages that the checkout at `root` needs on the path; on the first start, set them up.

    Raises SystemExit, with one line for standard error, where this Python is too old or the set-up fails.
    """
    if sys.version_info[:2] < PYTHON_MIN:
        found, least = "{}.{}".format(*sys.version_info), "{}.{}".format(*PYTHON_MIN)
        sys.exit(f"antechamber: this is Python {found}; at least {least} is needed (try python3.11 or a newer one)")
    # The folder of the launchers is where received files land, so nothing is imported from there, the set-up included.
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) != root]
    environment = Environment(root, lock_name)
    if not environment.is_whole():
        from antechamber.bootstrap import first_run

        try:
            first_run.set_up(environment.lock, environment.folder, environment.packages, environment.stamp)
        except first_run.SetUpError as error:
            sys.exit(f"antechamber: {error}")
    sys.path.insert(1, environment.packages)
    return environment


def add_folders(root: str, *names: str) -> None:
    """Make folders of the checkout at `root` packages that can be imported, and nothing else that lies in it.

    It is for what is developed beside the package, and not installed: `bench` and `tests`.
    """
    for name in names:
        package = type(sys)(name)
        package.__path__ = [os.path.join(root, name)]
        sys.modules[name] = package
