"""The past of a channel, asked by its members of a real server; and the link to the operator's page."""

import json
import signal
from pathlib import Path

import pytest

from tests.processes.json_members import Rich, history, seats, toml
from tests.processes.programs import Programs, Server

DATA = pytest.mark.parametrize("data", ["chat.db", ":memory:"])
TOKEN = "a-token-of-the-config"


def located(programs: Programs, data: str) -> Path:
    """Return where a log goes, in the programs' folder."""
    return Path(data) if data == ":memory:" else programs.folder / data


def exits(server: Server) -> None:
    """See to it that the server ends as it should, and read all that it says meanwhile."""
    while server.next_line("the end") is not None:
        pass
    server.exits(0)


def numbers(answer: dict[str, object]) -> list[int]:
    entries = answer["entries"]
    assert isinstance(entries, list)
    return [entry["sequence"] for entry in entries]


@DATA
def test_members_read_and_search_what_was_said_before_they_came(programs: Programs, data: str) -> None:
    config = toml(programs, {})
    config.starts(located(programs, data))
    mary, tom = seats(programs, config.ports["general"], "Mary", "Tom")
    for text in ("hello", "two", "hello again"):
        mary.says(text)
        for member in (mary, tom):
            member.reads_said(text)
    sue = Rich(programs, config.ports["general"], "Sue")
    sue.reads_event("seated", name="Sue")
    sue.asks("history", limit=3, id="1")
    assert numbers(sue.reads("entries", channel="general", more=True, id="1")) == [7, 8, 9]
    sue.asks("history", before=3, id="2")
    assert numbers(sue.reads("entries", id="2", more=None)) == [1, 2]
    sue.asks("search", words="HELLO", id="3")
    assert numbers(sue.reads("entries", id="3")) == [5, 7]
    sue.asks("search", words="?!", id="4")
    sue.reads("refusal", code="bad-search", id="4")
    sue.asks("history", limit=201, id="5")
    sue.reads("refusal", code="bad-history", id="5")


def test_what_is_told_of_the_past_is_what_the_log_has(programs: Programs) -> None:
    data = programs.folder / "chat.db"
    config = toml(programs, {"commands_per_second_max": 0})
    config.starts(data)
    mary, tom = seats(programs, config.ports["general"], "Mary", "Tom")
    ids = [mary.says(f"{number} {'x' * 50}") for number in range(300)]
    for member in (mary, tom):
        while len(member.said) < len(ids):
            member.reads("entry")
    told: list[object] = []
    before = 0
    while before != 1:
        tom.asks("history", before=before, limit=200, id="h")
        entries = tom.reads("entries", id="h")["entries"]
        told[:0] = entries
        before = entries[0]["sequence"]
    assert told == list(history(programs, data))


def test_a_server_that_ends_while_many_ask_ends_in_order(programs: Programs) -> None:
    data = programs.folder / "chat.db"
    config = toml(programs, {"commands_per_second_max": 0})
    server = config.starts(data)
    members = seats(programs, config.ports["general"], "Mary", "Tom", "Ann", "Bob")
    mary = members[0]
    for number in range(200):
        mary.says(f"hello {number} {'x' * 500}")
    for member in members:
        while len(member.said) < 200:
            member.reads("entry")
    for number in range(50):
        for member in members:
            member.asks("search", words=f"hello {number}", limit=200, id=f"s{number}")
    server.signal(signal.SIGTERM)
    for member in members:
        while (line := member.reads_something())["type"] in ("entries", "refusal"):
            pass
        assert (line["type"], line["reason"]) == ("goodbye", "shutdown")
    exits(server)
    assert sorted(path.name for path in data.parent.glob("chat.db*")) == ["chat.db"]


def test_the_link_is_printed_while_the_server_runs_and_is_the_same_after(programs: Programs) -> None:
    data = programs.folder / "chat.db"
    config = toml(programs, {})
    server = config.starts(data)
    seats(programs, config.ports["general"], "Mary")  # so the log is there
    asked = ("operator-link", "--data", str(data), "--port", str(server.front_desk_port), str(config.path))
    running = programs.antechamber(*asked)
    server.signal(signal.SIGTERM)
    exits(server)
    stopped = programs.antechamber(*asked)
    assert (running.status, running.stderr, stopped.stdout) == (0, "", running.stdout)
    address, _, token = running.stdout.removesuffix("\n").partition("#")
    assert address == f"http://localhost:{server.front_desk_port}/operator"
    assert len(token) == 43


def test_a_token_of_the_config_is_told_nowhere_else(programs: Programs) -> None:
    data = programs.folder / "chat.db"
    config = toml(programs, {})
    top = f'operator_token = "{TOKEN}"\nlog_level = "debug"\n'
    config.path.write_text(top + config.path.read_text(encoding="utf-8"), encoding="utf-8")
    server = config.starts(data)
    told = json.loads(server.tells('"listening"'))
    assert told["operator_token"] == "set"
    assert told["channels"] == [{"name": "general", "port": config.ports["general"], "seats": 5}]
    assert told["limits"]["line_bytes_max"] == 16_384
    linked = programs.antechamber("operator-link", str(config.path))
    assert linked.stdout == f"http://localhost:9876/operator#{TOKEN}\n"
    operator = programs.caller(config.ports["general"], "the operator")
    operator.types(json.dumps({"type": "operate", "token": TOKEN}))
    operator.reads('{"type":"operating",<*>}')
    config.path.write_text(config.path.read_text(encoding="utf-8").replace(TOKEN, f"{TOKEN}-2"), encoding="utf-8")
    server.signal(signal.SIGHUP)
    server.tells("the operator token has changed for new connections")
    late = programs.caller(config.ports["general"], "the late one")
    late.types(json.dumps({"type": "operate", "token": TOKEN}))
    late.reads('{"type":"refusal","time":<time>,"code":"bad-token",<*>}')
    server.signal(signal.SIGTERM)
    exits(server)
    assert TOKEN not in server.reads_errors()
