"""The check of requests by Host, Origin and the body's length."""

import pytest

from antechamber.gateway.http import hostnames
from antechamber.gateway.http.origin_guard import Judge


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    monkeypatch.setattr(hostnames, "gethostname", lambda: "Tower.example.org")
    return Judge(["Chat.example", "localhost"])


def status(judge: Judge, *headers: tuple[str, str], version: str = "1.1", target: bytes = b"/") -> int:
    told = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    verdict = judge.verdict(told, version, target)
    return 200 if verdict is None else verdict.status


OWN = [
    *("localhost", "LOCALHOST", "localhost.", "localhost:9876", "chat.localhost", "localhost:"),
    *("127.0.0.1", "192.0.2.7:80", "[::1]", "[::1]:9876", "[fe80::1%eth0]:80", "[FE80::1%25eth0]", "[::ffff:10.0.0.1]"),
    *("tower", "tower.example.org", "TOWER.local", "chat.example", "chat.example.:443"),
]
FOREIGN = [
    *("evil.example", "evil.example:9876", "localhost.evil.example", "127.0.0.1.evil.example", "example.org"),
    *("localhost@evil.example", "evil.example@localhost", "evil.example:80@localhost", "localhost:80:evil", "a b"),
    *("[::1", "::1", "[::1]x", "[localhost]", "127.0.0.1/evil", "localhost#evil", "localhost\\evil", "local", "0x7f.1"),
    *("xn--loclhost-8b5c", "notlocalhost", ".", "..", ":80", "%6cocalhost", "localhost..", "evil.local"),
]


@pytest.mark.parametrize("host", OWN)
def test_addresses_and_own_names_pass_in_whatever_form(judge: Judge, host: str) -> None:
    assert status(judge, ("Host", host)) == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_every_other_name_is_turned_away(judge: Judge, host: str) -> None:
    assert status(judge, ("Host", host)) == 421
    assert status(judge, ("Host", host), ("Origin", f"http://{host}")) == 421


def test_a_refusal_names_what_was_refused_and_tells_how_it_is_allowed(judge: Judge) -> None:
    verdict = judge.verdict([(b"host", b"evil.example:80")])
    assert verdict is not None
    assert verdict.text == (
        'This server does not answer to the host name "evil.example:80". '
        "Its operator can allow it with --allow-host evil.example."
    )


def test_a_refusal_is_safe_to_show(judge: Judge) -> None:
    for host in (b"evil\x1b[2J", b"x" * 10_000, b"\xff\xfe"):
        verdict = judge.verdict([(b"host", host)])
        assert verdict is not None
        assert verdict.status == 421
        assert verdict.text.isprintable()
        assert len(verdict.text) < 400


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"http://localhost:9876/channels", 200),
        (b"http://evil.example/channels", 421),
        (b"HTTP://evil.example", 421),
        (b"http://localhost@evil.example/", 421),
        (b"*", 200),
        (b"//evil.example/", 200),
    ],
)
def test_the_host_in_a_target_is_judged_as_well(judge: Judge, target: bytes, expected: int) -> None:
    assert status(judge, ("Host", "localhost"), target=target) == expected


def test_what_proxies_add_is_no_name(judge: Judge) -> None:
    assert status(judge, ("Host", "evil.example"), ("X-Forwarded-Host", "localhost")) == 421
    assert status(judge, ("Host", "localhost"), ("X-Forwarded-Host", "evil.example")) == 200


def test_every_host_that_is_given_is_judged(judge: Judge) -> None:
    assert status(judge, ("Host", "localhost"), ("Host", "evil.example")) == 421
    assert status(judge, ("Host", "evil.example"), ("Host", "localhost")) == 421


def test_a_request_without_a_host_is_a_programs_of_long_ago(judge: Judge) -> None:
    assert status(judge, version="1.0") == 200
    assert status(judge, ("Origin", "http://"), version="1.0") == 400
    assert status(judge) == status(judge, ("Host", "")) == 400


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://localhost:1", "http://localhost.evil", ""])
def test_pages_of_other_places_are_turned_away(judge: Judge, origin: str) -> None:
    assert status(judge, ("Host", "localhost"), ("Origin", origin)) == 403
    both = ("Host", "localhost"), ("Origin", "http://localhost"), ("Origin", origin)
    assert status(judge, *both) == 403


def test_its_own_pages_pass(judge: Judge) -> None:
    for host in ("localhost:9876", "Chat.example"):
        assert status(judge, ("Host", host), ("Origin", f"http://{host}")) == 200
        assert status(judge, ("Host", host), ("Origin", f"https://{host}")) == 200


def test_a_body_has_a_length_and_nothing_else_that_tells_its_end(judge: Judge) -> None:
    host = ("Host", "localhost")
    for coding in ("chunked", "identity", "gzip, chunked"):
        assert status(judge, host, ("Transfer-Encoding", coding)) == 411
        assert status(judge, host, ("Transfer-Encoding", coding), ("Content-Length", "5")) == 400
    assert status(judge, host, ("Content-Length", "5")) == 200
