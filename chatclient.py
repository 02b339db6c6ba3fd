"""Start a client: python3 chatclient.py PORT USERNAME [options]; --help names them."""

import sys

if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]  # received files land in this folder, so nothing is imported from it

import os

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "src"))

from antechamber.bootstrap.launch import prepare

if __name__ == "__main__":
    prepare(HERE)
    from antechamber.__main__ import chatclient

    sys.exit(chatclient(HERE))
