"""The operator's console, with pipes for a terminal: it prints every channel, and never blocks the chat."""

import asyncio
import os
import pty
import threading
from collections.abc import Callable

import pytest

from antechamber.bootstrap import optional
from antechamber.hub.hub import Hub
from antechamber.log.memory import MemoryLog
from antechamber.protocol.limits import CurrentLimits, Limits
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Transfers
from antechamber.runtime.diagnostics import StandardError
from antechamber.runtime.terminal import OutputWriter
from antechamber.server.console import Console, ConsoleTransport
from antechamber.session.budgets import Budgets
from tests.fakes import FakeClock


def new_hub(limits: Limits) -> Hub:
    loop = asyncio.get_running_loop()
    hub = Hub(
        [Room("general", 9001, 5, limits)],
        MemoryLog(),
        Transfers(lambda: "", Budgets(CurrentLimits(limits), FakeClock())),
        FakeClock(),
        loop,
    )
    hub.open()
    return hub


async def read_until(descriptor: int, end: bytes) -> bytes:
    """Read the output in a thread until it ends with `end`."""

    def read() -> bytes:
        printed = b""
        while not printed.endswith(end):
            data = os.read(descriptor, 65_536)
            assert data, printed
            printed += data
        return printed

    return await asyncio.get_running_loop().run_in_executor(None, read)


async def test_what_the_operator_types_is_done_and_answered() -> None:
    (stdin, typed), (printed, stdout) = os.pipe(), os.pipe()
    console = Console(new_hub(Limits()), Limits(), asyncio.get_running_loop(), stdin, stdout)
    console.listen()
    os.write(typed, b"ignored\n/kick general\n  /empty   general \n/empty nowhere\n")
    lines = (await read_until(printed, b"nowhere does not exist.\n")).decode().splitlines()
    assert [line.partition(")] ")[2] for line in lines] == ["general has been emptied.", "nowhere does not exist."]
    console.close(5.0)
    os.close(typed)


async def test_what_is_typed_waits_until_the_console_listens_and_is_done_once() -> None:
    (stdin, typed), (printed, stdout) = os.pipe(), os.pipe()
    console = Console(new_hub(Limits()), Limits(), asyncio.get_running_loop(), stdin, stdout)
    os.write(typed, b"/empty nowhere\n")
    assert not [thread for thread in threading.enumerate() if thread.name == "standard input"]
    assert os.read(stdin, 6) == b"/empty"
    os.write(typed, b"/empty general\n")
    os.read(stdin, 9)
    console.listen()
    console.listen()
    line = (await read_until(printed, b"\n")).decode()
    assert line.endswith("general has been emptied.\n")
    console.close(5.0)
    os.close(typed)


async def test_the_shutdown_that_the_operator_asks_for_reaches_the_server() -> None:
    (stdin, typed), (_, stdout) = os.pipe(), os.pipe()
    hub = new_hub(Limits())
    asked = asyncio.Event()
    hub.on_shutdown(asked.set)
    console = Console(hub, Limits(), asyncio.get_running_loop(), stdin, stdout)
    console.listen()
    os.write(typed, b"/shutdown\n")
    await asked.wait()
    console.close(5.0)
    os.close(typed)


async def test_a_closed_output_ends_the_printing_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    (stdin, typed), (printed, stdout) = os.pipe(), os.pipe()
    hub = new_hub(Limits())
    gone = asyncio.Event()
    remove: Callable[..., None] = hub.remove_operator

    def removed(*arguments: object) -> None:
        remove(*arguments)
        gone.set()

    monkeypatch.setattr(hub, "remove_operator", removed)
    console = Console(hub, Limits(), asyncio.get_running_loop(), stdin, stdout)
    console.listen()
    os.close(printed)
    os.write(typed, b"/empty general\n")
    await gone.wait()
    asked = asyncio.Event()
    hub.on_shutdown(asked.set)
    os.write(typed, b"/shutdown\n")
    await asked.wait()
    console.close(5.0)
    os.close(typed)


def test_lines_that_a_slow_output_leaves_out_are_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    printed, stdout = os.pipe()
    writer = OutputWriter(stdout, bytes_max=100)
    transport = ConsoleTransport(writer)
    for _ in range(3):
        transport.write(b"x" * 101)
    assert [record.getMessage() for record in caplog.records] == [
        "standard output is slow or closed, so lines are left out there"
    ]
    transport.write(b"fits\n")
    assert os.read(printed, 100) == b"fits\n"
    writer.close(5.0)


async def test_what_is_wrong_with_a_line_is_told_to_a_person_after_the_answers_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    master, slave = pty.openpty()
    console = Console(new_hub(Limits()), Limits(), asyncio.get_running_loop(), slave, slave)
    console.listen()
    os.write(master, b"/empty general\n/kick x\nhello\n\n/help\n")
    shown = (await read_until(master, b"shows these commands\r\n")).decode().replace("\r", "")
    *before, help_begins = shown.partition("\n/list ")
    assert help_begins
    *_, emptied, usage, say = before[0].split("\n")
    assert emptied.endswith("general has been emptied.")
    assert usage == "Usage: /kick CHANNEL:NAME"
    assert say.startswith("To tell a channel something")
    console.close(5.0)
    os.close(master)
    os.close(slave)


async def test_a_terminal_without_its_library_has_the_plain_console_and_is_told_why_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(optional, "terminal_library_problem", lambda: "the network is away")
    (typed_end, typed), (told, stderr), (printed, stdout) = os.pipe(), os.pipe(), os.pipe()
    errors = StandardError(stderr)
    console = Console(new_hub(Limits()), Limits(), asyncio.get_running_loop(), typed_end, stdout)
    console.prompt(errors)
    console.prompt(errors)
    os.write(typed, b"/empty nowhere\n")
    assert (await read_until(printed, b"\n")).endswith(b"nowhere does not exist.\n")
    console.close(5.0)
    errors.close(5.0)
    os.close(stderr)
    assert os.read(told, 1_000) == b"antechamber: there is no prompt: the network is away\n"
    for descriptor in (typed, told, printed, stdout):
        os.close(descriptor)
