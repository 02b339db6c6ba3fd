"""docs/protocol.md is whole and true: every type, field, code, reason, status and line of the code, and no other."""

import ast
import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pytest
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from antechamber.codec.plain import member_line, operator_line
from antechamber.gateway import file_descriptors as descriptors
from antechamber.gateway.http import callers, websocket
from antechamber.gateway.http import http11 as http
from antechamber.gateway.http import request_turns as turns
from antechamber.protocol.commands import OperatorCommand, PeerCommand, Privileged
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Entry,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Muted,
    Renamed,
    Said,
    Seated,
    TopicSet,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import (
    AnyNotice,
    ChannelInfo,
    Channels,
    GoodbyeReason,
    Invitation,
    Members,
    Message,
    Place,
    Refusal,
    Sample,
    Samples,
    SeatedMember,
    Sent,
    TransferFailed,
    WaitingMember,
    Welcome,
    Whispered,
)
from tests.markdown import DOCUMENTS, ROOT, Row, prose, section, tables, unquoted

PROTOCOL, GUIDE = DOCUMENTS["docs/protocol.md"], DOCUMENTS["docs/operators-guide.md"]
STRUCTS: dict[str, type[Struct]] = {
    str(struct.__struct_config__.tag): struct
    for struct in (*get_args(PeerCommand), *get_args(AnyEvent), Entry, *get_args(AnyNotice))
}
"""Every struct that is a line, or an entry's event, by its `type` in JSON."""
INNER: dict[type[Struct], list[type[Struct]]] = {
    Channels: [ChannelInfo],
    Members: [SeatedMember, WaitingMember],
    Samples: [Sample],
}
"""The structs in a line's lists, which are told of after it."""
ASKED: dict[str, type[Struct]] = {
    tag: struct for struct in get_args(PeerCommand) if STRUCTS[tag := str(struct.__struct_config__.tag)] is not struct
}
"""The commands that have the `type` of their answer."""
PACKAGE = ROOT / "src" / "antechamber"
DECLINING = (
    *(
        path.relative_to(PACKAGE).as_posix()
        for name in ("channel", "handlers", "hub")
        for path in PACKAGE.glob(f"{name}/*.py")
    ),
    "codec/jsonl.py",
    "codec/plain.py",
    "codec/sanitize.py",
    "feeds/history_queries.py",
    "gateway/admission.py",
    "gateway/connection.py",
    "protocol/refusals.py",
    "rooms/transfers.py",
    "session/login_attempts.py",
)
"""The modules that decline commands."""
CODE_POSITIONS = {"Refusal": 1, "Refused": 0, "refuse": 3, "turn_away": 3, "CodecError": 0, "Malformed": 0}
"""Where each call that declines a command has its code."""


def nodes(*modules: str) -> Iterator[ast.AST]:
    """Give every node of the modules' syntax trees."""
    for module in modules:
        yield from ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))


def first_cells(text: str, table: int = 0) -> list[str]:
    """Return the first column of a table in `text`, in order of the alphabet."""
    return sorted(unquoted(row[0]) for row in tables(text)[table])


# Types and fields


def type_words(kind: Any) -> str:
    """Return what the documentation calls a type."""
    if kind == AnyEvent:
        return "event"
    if kind == get_type_hints(Privileged)["command"]:
        return "object"
    if get_origin(kind) in (Annotated, UnionType):  # of a union, what it is unless it is null
        return type_words(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return "text"
    if get_origin(kind) in (list, tuple):
        return "list"
    if get_origin(kind) is dict:
        return "map"
    words: dict[Any, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return words[kind]


def default_words(field: FieldInfo) -> str:
    """Return what the documentation says of a field's default, as it is in JSON."""
    if field.default is NODEFAULT and field.default_factory is NODEFAULT:
        return "required"
    if field.default is None:
        return "`null`"
    if field.default == () or field.default_factory is list:
        return "`[]`"
    return f'`"{field.default}"`' if isinstance(field.default, str) else f"`{str(field.default).lower()}`"


def assert_tells(rows: list[Row], struct: type[Struct]) -> None:
    """Assert that a table tells of every field of `struct`, in order, and of no other."""
    told = [(unquoted(name), kind, default) for name, kind, default, _ in rows]
    assert told == [(field.name, type_words(field.type), default_words(field)) for field in fields(struct)]
    for field, (_, _, _, meaning) in zip(fields(struct), rows, strict=True):
        if get_origin(field.type) is Literal and field.type != GoodbyeReason:
            assert [word for word in re.findall("`([a-z]+)`", meaning) if word] == list(
                filter(None, get_args(field.type))
            )


def test_every_type_has_its_heading() -> None:
    assert sorted(re.findall("^#### `([a-z-]+)`$", PROTOCOL, re.MULTILINE)) == sorted(STRUCTS)


@pytest.mark.parametrize("name", STRUCTS)
def test_every_field_is_documented(name: str) -> None:
    struct = STRUCTS[name]
    told = tables(section(PROTOCOL, f"#### `{name}`"))
    expected = [struct] if fields(struct) else []
    expected += INNER.get(struct, [])
    assert len(told) == len(expected)
    for rows, one in zip(told, expected, strict=True):
        assert_tells(rows, one)


@pytest.mark.parametrize("name", ASKED)
def test_every_field_of_a_command_is_documented_that_is_called_as_its_answer(name: str) -> None:
    (rows,) = tables(section(PROTOCOL, f"#### `{name}`, the command"))
    assert_tells(rows, ASKED[name])


def test_every_command_of_a_member_has_its_answer() -> None:
    rows = tables(section(PROTOCOL, "### Commands"))[0]
    operators = {struct.__struct_config__.tag for struct in get_args(OperatorCommand)}
    commands = {struct.__struct_config__.tag for struct in get_args(PeerCommand)}
    assert {found[1] for row in rows if (found := re.match(r"\[`([a-z-]+)`\]", row[0]))} == commands - operators - {
        "hello",
        "operate",
        "resume",
    }


# Codes, reasons, statuses, numbers


def refusal_codes() -> set[str]:
    """Return every refusal's code: what a call that declines has in its place, or the first of code and words."""
    codes: set[str] = set()
    for node in nodes(*DECLINING):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments) if name in CODE_POSITIONS:
                position = CODE_POSITIONS[name]
                for argument in arguments[position : position + 1]:
                    if isinstance(argument, ast.Constant):
                        codes.add(str(argument.value))
            case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.JoinedStr()]):
                codes.add(code)
            case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.Constant(value=str(words))]) if words[-1:] == ".":
                codes.add(code)
    return codes


def test_every_refusal_is_documented() -> None:
    assert first_cells(section(PROTOCOL, "### Refusals")) == sorted(refusal_codes())


def test_every_goodbye_is_documented() -> None:
    assert first_cells(section(PROTOCOL, "### Goodbyes")) == sorted(get_args(GoodbyeReason))


def test_every_status_of_the_front_desk_is_documented() -> None:
    numbers = {
        node.value
        for module in ("exposition", "http11", "origin_guard", "routes", "static", "uploads", "websocket")
        for node in nodes(f"gateway/http/{module}.py")
        if isinstance(node, ast.Constant) and type(node.value) is int
    }
    statuses = sorted(str(number) for number in numbers if isinstance(number, int) and 200 <= number < 600)
    assert [row[0] for row in tables(section(PROTOCOL, "## The front desk"))[1]] == statuses


def test_every_request_to_the_front_desk_is_documented() -> None:
    paths = {
        call.args[0].value.replace("{ticket}", "TICKET").replace("{path:path}", "PATH")
        for call in nodes("gateway/http/routes.py")
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Route"
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }
    assert {request.split()[1] for request in first_cells(section(PROTOCOL, "## The front desk"))} == paths


def test_every_limit_of_the_front_desk_is_documented_with_its_value() -> None:
    known = {name: f"{value:.0f}" for name, value in vars(http).items() if re.fullmatch("[A-Z][A-Z_]+_MAX", name)}
    del known["STOP_SECONDS_MAX"]  # nobody who asks can meet it
    known["FRONT_DESK_CONNECTIONS_MAX"] = str(descriptors.FRONT_DESK_CONNECTIONS_MAX)
    known["FRAME_BYTES_MAX"] = str(websocket.FRAME_BYTES_MAX)
    known["BARE_FRAMES_BURST"] = str(websocket.BARE_FRAMES_BURST)
    known["PLACE_SECONDS_MAX"] = f"{callers.PLACE_SECONDS_MAX:.0f}"
    known["REQUESTS_A_PASS"] = str(turns.REQUESTS_A_PASS)
    assert {unquoted(name): value for name, value, _ in tables(section(PROTOCOL, "## The front desk"))[2]} == known


def test_the_numbers_in_the_texts_are_the_limits() -> None:
    kept = Limits()
    text = " ".join(prose(PROTOCOL).split())
    for words in (
        f"1 to {kept.name_characters_max} letters",
        f"at most {kept.id_characters_max} characters",
        f"more than {kept.id_characters_max} characters",
        f"last {kept.recent_ids_max} ids",
        f"longer than {kept.line_bytes_max:,} bytes",
        f"more than {kept.path_characters_max:,} characters",
        f"more than {kept.file_bytes_max >> 20} MiB",
        f"{kept.transfers_per_session_max} files of this sender, or {kept.transfers_max} of all",
        f"or {kept.transfer_bytes_per_session_max >> 20} MiB of this sender's",
        f"not over after {kept.transfer_seconds_max:,.0f}",
        f"from 1 to {kept.mute_seconds_max:,}",
        f"in {kept.hello_seconds_max:.0f} seconds",
        f"more than {kept.outbox_bytes_max >> 20} MiB was waiting",
        f"has {kept.linger_seconds_max:.0f} seconds to read",
        f"nothing moves for {kept.transfer_idle_seconds_max:.0f} seconds",
    ):
        assert words in text


# What people type and read


ANY_NUMBER: Any = "<seconds>"
COUNTS: Any = ("<seats>", "<seated>", "<waiting>")


def entry(event: AnyEvent) -> Entry:
    return Entry("<channel>", 1, 0.0, event)


MESSAGES: list[Message] = [
    Welcome(0.0, "<channel>", "<name>", "", 1, 0, 0),
    Place(0.0, "<channel>", ANY_NUMBER),
    entry(Seated("<name>")),
    entry(Said("<name>", "<text>")),
    entry(Said("<name>", "<text>", form="action")),
    entry(Said("<name>", "<text>", form="notice")),
    *(entry(TopicSet(by, topic)) for by in ("<by>", "") for topic in ("<topic>", "")),
    *(entry(ModesSet(by, (ModeChange("<modes>"),))) for by in ("<by>", "")),
    *(entry(Invited(by, "<name>")) for by in ("<by>", "")),
    *(Invitation(0.0, "<channel>", by) for by in ("<by>", "")),
    entry(Renamed("<name>", "<to>")),
    entry(Left("<name>", "kicked", by="<by>")),
    entry(Left("<name>", "quit")),
    entry(Left("<name>", "kicked")),
    entry(Left("<name>", "idle")),
    entry(Muted("<name>", ANY_NUMBER)),
    entry(Emptied()),
    Whispered(0.0, "<channel>", "<sender>", "<name>", "<text>"),
    Channels(0.0, [ChannelInfo("<channel>", 0, *COUNTS)]),
    entry(Announced("<text>")),
    Members(
        0.0,
        "<channel>",
        0,
        [SeatedMember("<name>", 0.0, 0.0, 1.0, True, "o"), SeatedMember("<name>", 0.0, role="v")],
        [WaitingMember("<name>", 0.0, away=True)],
    ),
    Members(0.0, "<channel>", 0, [], []),
    Sent(0.0, "<sender>", "<name>", "<path>"),
    TransferFailed(0.0, "<sender>", "<name>", "<path>", "", "<problem>"),
    Refusal(0.0, "", "<text>"),
]
"""One of each kind that is worded in a way of its own."""


def refusal_lines() -> set[str]:
    """Return what those who were declined may read, with `<>` for whatever differs."""
    lines = set()
    for node in nodes(*DECLINING):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "<>" for part in node.values]
            lines.add("".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines.add(re.sub("{[a-z]+}", "<>", node.value))
    return {f"[Server message (<>)] {line}" for line in lines}


def assert_tells_lines(rows: list[Row], worded: set[str]) -> None:
    """Assert that the last column of a table has every line of `worded`, and beside them lines of refusals alone."""
    told = {re.sub("<[a-z]+>", "<>", unquoted(row[-1])) for row in rows if row[-1].startswith(("`[", "`*", "`-"))}
    worded = {re.sub("<[a-z]+>", "<>", line) for line in worded}
    assert worded <= told
    assert told - worded <= refusal_lines()


def test_every_line_that_a_member_reads_is_documented() -> None:
    worded = {member_line(message, "<t>", reader) for message in MESSAGES for reader in ("<name>", "<sender>", "")}
    assert_tells_lines(tables(section(PROTOCOL, "## Plain text"))[2], {line for line in worded if line})


def test_every_line_that_the_operator_reads_is_documented() -> None:
    worded = {operator_line(message, "<t>") for message in MESSAGES}
    assert_tells_lines(tables(section(GUIDE, "## The console"))[1], {line for line in worded if line})


def test_every_command_that_is_typed_is_documented() -> None:
    typed = {
        node.value
        for node in nodes("codec/slash_commands.py")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch("/[a-z]+", node.value)
    }
    told = first_cells(section(PROTOCOL, "## Plain text")) + first_cells(section(PROTOCOL, "## Plain text"), 1)
    told += first_cells(section(GUIDE, "## The console"))
    assert {words.split()[0] for words in told} == typed
