"""Somebody who speaks JSON over a bare socket, for what the page's own people cannot do, or not so soon."""

import json
from typing import Any

from tests.processes.programs import Caller, Programs
from tests.web.houses import TOKEN, House

CHANNEL = "general"


class Speaker:
    """A session of JSON lines. What it reads is read by nobody."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def asks(self, kind: str, **fields: Any) -> None:
        """Send one command."""
        self._caller.types(json.dumps({"type": kind, **fields}))

    def sets(self, *changes: str) -> None:
        """Change modes or roles of the channel, such as "+o Mary", as the operator."""
        given = [[*change.split(), ""][:2] for change in changes]
        self.asks("set-modes", channel=CHANNEL, changes=given)


def speaker(house: House, name: str) -> Speaker:
    """Open the page as a member, and take a seat."""
    came = _comes(house.programs, house.ports[CHANNEL], name)
    came.asks("hello", name=name)
    return came


def office(house: House) -> Speaker:
    """Open the page as an operator of the server."""
    came = _comes(house.programs, house.ports[CHANNEL], "Office")
    came.asks("operate", token=TOKEN)
    return came


def _comes(programs: Programs, port: int, name: str) -> Speaker:
    return Speaker(programs.caller(port, name))
