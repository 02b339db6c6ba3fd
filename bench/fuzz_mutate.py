"""The fuzzer's inputs: real ones, changed in a few places.

They depend only on the seed of `rng` and on the corpus, so they can be repeated.
"""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

import msgspec

_WORD = re.compile(rb"[A-Za-z_][A-Za-z_-]+")
_DIGITS = re.compile(rb"\d+")
_ATOM = re.compile(rb"[^\s\"=,:{}\[\]]+")
_LONG_BYTES = 20_000
"""More bytes than a line may have."""

NUMBERS = (
    *(b"0", b"-1", b"-0", b"1", b"5", b"007", b"1.0", b"1.5", b"1e3", b"1e400", b"-1e-400", b"1_0", b"0x10", b"inf"),
    *(b"65535", b"65536", b"100000", b"31536000", b"31536001", b"2147483648", b"9007199254740993", b"nan"),
    *(b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"18446744073709551616"),
    *(b"9" * 400, "٣".encode(), "²".encode(), b"NaN", b"-Infinity"),
)
_NASTY_TEXTS = (
    *("", " ", "\t", "\n", "\r", "\r\n", "\0", "\x01", "\a", "\b", "\v", "\f", "\x1b[2J", "\x1c", "\x7f", "\x85"),
    *("\u00a0", "\u00ad", "\u1680", "\u200b", "\u200e", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"),
    *("\u3000", "\ufeff", "\ufff9", "\ufffd", "\uffff", "\U000e0001", "\U0010ffff", "\U0001f469\u200d\U0001f680"),
    *("e\u0301", "\u0301", "\u1100\u1161\u11a8", "\u0958", "\U0001d160", "\u2126", "\u037e", "\u1fef", "\u0344", "ﷺ"),
    *("山田", "Zoë", "ſ", "İ", "\u202egnp.exe", "[Server message (12:00:00)] hi", "Server message", "a:b", ":", ".."),
    *("/", "\\", "../../etc/passwd", "C:\\a", "'", '"', "`", "*", "NEAR(", "OR", "#", "=", "[[a]]", "-", "~", "+", "."),
)
_NASTY_BYTES = (
    *(b"\xff", b"\x80", b"\xc0\x80", b"\xc3", b"\xe2\x80", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b'"', b"\\", b"\\u", b"\\u0000", b"\\u001b", b"\\u202e", b"\\ud800", b"\\udc00"),
    *(b"\\ud83d\\ude00", b"\\ud83d\\u0041", b"\\n", b"\\t", b"\\x", b"\\U0001F600", b"{", b"}", b"[", b"]", b",", b":"),
    *(b"{}", b"[]", b"null", b"true", b"false", b'""', b'"a":1,', b"[" * 60, b"]" * 60, b'{"a":' * 40, b"}" * 40),
    *(b" " * 40, b"\n\n\n", b"\n ", b" \n", b"//", b"/*", b"'''", b'"""', b"{}\n{}", b"} {"),
)
NASTY = (*NUMBERS, *_NASTY_BYTES, *(text.encode() for text in _NASTY_TEXTS))
_LONG = (b"9" * 4300, b"9" * 4301, b"[" * 3000, b'{"a":' * 3000, b"x" * 16_384)
_NASTY_VALUES: tuple[Any, ...] = (
    *(*_NASTY_TEXTS, None, True, False, 0, -1, 1, 2, 1.0, 1.5, 1e300, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1),
    *(2**64, 10**40, [], {}, [1], {"type": "ping"}, [[[[]]]], "x" * 64, "x" * 65, "x" * 600, "é" * 40, "e\u0301" * 300),
)

Item = TypeVar("Item")
Change = Callable[[bytes, Random], bytes]


class Mutator:
    """Makes inputs from `seeds`, which are real ones, and from the words, lines and values in them."""

    def __init__(self, seeds: Sequence[bytes]) -> None:
        self._seeds = seeds
        self._tokens = (*_parts(_WORD, seeds), *NASTY)
        self._atoms = (*_parts(_ATOM, seeds), *NUMBERS)
        self._lines = tuple(line for seed in seeds for line in seed.splitlines())
        self._objects = [list(found.items()) for seed in seeds if (found := _json_object(seed)) is not None]
        fields = [field for each in self._objects for field in each]
        self._keys = tuple(sorted({key for key, _ in fields}))
        self._values: dict[type, list[Any]] = {}
        for value in (*(value for _, value in fields), *_NASTY_VALUES):
            self._values.setdefault(type(value), []).append(value)
        self._changes: tuple[Change, ...] = (
            *(_flip_bit, _set_byte, _insert_byte, _delete, _repeat, _swap, _change_number, _truncate),
            *(self._insert_token, self._insert_token, self._overwrite, self._splice),
            *(self._change_atom, self._change_atom, self._change_atom, self._change_lines, self._change_lines),
        )

    def frame(self, rng: Random) -> bytes:
        """Return one input: rarely an unchanged seed, mostly one with a few changes."""
        chance = rng.random()
        if chance < 0.05:
            return _pick(rng, self._seeds)
        if chance < 0.55 and self._objects:
            data = self._object(rng)
            if chance < 0.45:
                return data
        else:
            data = _pick(rng, self._seeds)
        while True:
            data = _pick(rng, self._changes)(data, rng)
            chance = rng.random()
            if chance < 0.5:
                return data
            if chance > 0.997:
                data = _blow_up(data, rng)

    def _object(self, rng: Random) -> bytes:
        """Return a JSON object from the seeds with changed fields."""
        fields = list(_pick(rng, self._objects))
        while True:
            index = int(rng.random() * len(fields)) if fields else 0
            chance = rng.random()
            if not fields or chance < 0.05:
                fields.insert(index, (_pick(rng, self._keys), self._value(rng, _pick(rng, (str, int, bool, dict)))))
            elif chance < 0.1:
                del fields[index]
            elif chance < 0.15:
                fields.append(fields[index])
            elif chance < 0.2:
                fields[index] = (_pick(rng, self._keys), fields[index][1])
            elif chance < 0.3:
                key, value = fields[index]
                fields[index] = (key, self._value(rng, _pick(rng, tuple(self._values))))
            elif fields[index][0] != "type":  # it would be rejected without one
                key, value = fields[index]
                fields[index] = (key, self._value(rng, type(value)))
            if rng.random() < 0.5:
                return _encoded(fields, rng.random() < 0.2)

    def _value(self, rng: Random, kind: type) -> Any:
        """Return another value of a JSON type: from a real input, a nasty one, or a mixture."""
        if kind is not str or rng.random() < 0.5:
            return _pick(rng, self._values[kind])
        real = _pick(rng, ("a", "hi there", "x ", "/", "Mary", "Zoe"))
        text: str = _pick(rng, _NASTY_TEXTS) + real + _pick(rng, _NASTY_TEXTS)
        return text if rng.random() < 0.8 else text * int(1 + rng.random() * 60)

    def _change_atom(self, data: bytes, rng: Random) -> bytes:
        """Replace a word or number with another."""
        found = list(_ATOM.finditer(data))
        if not found:
            return data
        match = _pick(rng, found)
        other = _pick(rng, self._atoms if rng.random() < 0.7 else self._tokens)
        return data[: match.start()] + other + data[match.end() :]

    def _change_lines(self, data: bytes, rng: Random) -> bytes:
        """Remove a line, or insert one from here or elsewhere."""
        lines = data.split(b"\n")
        at, chance = int(rng.random() * len(lines)), rng.random()
        if chance < 0.3:
            del lines[at]
        else:
            lines.insert(at, _pick(rng, lines if chance < 0.6 else self._lines))
        return b"\n".join(lines)

    def _insert_token(self, data: bytes, rng: Random) -> bytes:
        at = int(rng.random() * (len(data) + 1))
        return data[:at] + _pick(rng, self._tokens) + data[at:]

    def _overwrite(self, data: bytes, rng: Random) -> bytes:
        start, stop = _span(data, rng)
        return data[:start] + _pick(rng, self._tokens) + data[stop:]

    def _splice(self, data: bytes, rng: Random) -> bytes:
        other = _pick(rng, self._seeds)
        return data[: int(rng.random() * (len(data) + 1))] + other[int(rng.random() * (len(other) + 1)) :]


def _parts(pattern: re.Pattern[bytes], seeds: Sequence[bytes]) -> list[bytes]:
    return sorted({part for seed in seeds for part in pattern.findall(seed)})


def _json_object(seed: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(seed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) and found else None


def _encoded(fields: Sequence[tuple[str, Any]], escaped: bool) -> bytes:
    """Return the fields as a JSON object; unlike a dict, it may have a key twice."""
    encode: Callable[[Any], bytes] = _escaped if escaped else msgspec.json.encode
    return b"{%b}" % b",".join([b"%b:%b" % (encode(key), encode(value)) for key, value in fields])


def _escaped(value: Any) -> bytes:
    return json.dumps(value).encode()


def _pick(rng: Random, items: Sequence[Item]) -> Item:
    return items[int(rng.random() * len(items))]  # several times as fast as rng.choice


def _span(data: bytes, rng: Random) -> tuple[int, int]:
    """Return the start and the end of a piece, mostly a short one."""
    start = int(rng.random() * (len(data) + 1))
    return start, start + int(rng.random() ** 3 * (len(data) + 1 - start)) + 1


def _flip_bit(data: bytes, rng: Random) -> bytes:
    return _replaced(data, int(rng.random() * len(data)), 1 << int(rng.random() * 8)) if data else data


def _replaced(data: bytes, at: int, mask: int) -> bytes:
    return data[:at] + bytes((data[at] ^ mask,)) + data[at + 1 :]


def _set_byte(data: bytes, rng: Random) -> bytes:
    at = int(rng.random() * (len(data) + 1))
    return data[:at] + bytes((int(rng.random() * 256),)) + data[at + 1 :]


def _insert_byte(data: bytes, rng: Random) -> bytes:
    at = int(rng.random() * (len(data) + 1))
    return data[:at] + bytes((int(rng.random() * 256),)) + data[at:]


def _delete(data: bytes, rng: Random) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + data[stop:]


def _repeat(data: bytes, rng: Random) -> bytes:
    start, stop = _span(data, rng)
    times = 2 if rng.random() < 0.8 else int(2 + rng.random() * 30)
    return data[:start] + data[start:stop] * times + data[stop:]


def _swap(data: bytes, rng: Random) -> bytes:
    a, b, c = sorted(int(rng.random() * (len(data) + 1)) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _change_number(data: bytes, rng: Random) -> bytes:
    found = list(_DIGITS.finditer(data))
    if not found:
        return data
    match = _pick(rng, found)
    return data[: match.start()] + _pick(rng, NUMBERS) + data[match.end() :]


def _truncate(data: bytes, rng: Random) -> bytes:
    return data[: int(rng.random() * len(data))]


def _blow_up(data: bytes, rng: Random) -> bytes:
    """Insert something too long or too deep, or repeat a piece until the whole is about as long as a line may be."""
    start, stop = _span(data, rng)
    if rng.random() < 0.5:
        return data[:start] + _pick(rng, _LONG) + data[stop:]
    piece = data[start:stop] or b"x"
    return data[:start] + piece * int(rng.random() * _LONG_BYTES / len(piece) + 1) + data[stop:]
