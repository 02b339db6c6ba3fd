"""The facts about commands that stand on their structs."""

from typing import get_args

from antechamber.protocol.commands import PeerCommand, Targeted


def test_the_commands_about_a_member_are_those_that_say_so() -> None:
    assert {kind for kind in get_args(PeerCommand) if kind.names_member} == set(get_args(Targeted))
