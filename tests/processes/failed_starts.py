"""What a program leaves that could not start: one line on standard error, and no open port."""

import socket
from contextlib import closing

from tests.processes.programs import Ended


def the_one_line(ended: Ended) -> str:
    """Return the line on standard error of a program that could not start."""
    assert ended.status == 1
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    assert ended.stderr == f"{line}\n"
    return line


def nobody_listens(*ports: int) -> bool:
    for port in ports:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
    return True
