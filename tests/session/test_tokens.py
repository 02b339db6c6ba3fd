"""Resume tokens: signed, and worth nothing anywhere else. The operator token: the config's, or the log's own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.session.tokens import Claim, Tokens, operator_token

TOKENS = Tokens(b"s" * 32)
CLAIM = Claim("general", "Mary", 12)


@given(st.text("abcÄ한'+", min_size=1), st.text("abcÄ한'+", min_size=1), st.integers(0))
def test_a_token_says_whose_it_is(channel: str, name: str, entered: int) -> None:
    assert TOKENS.read(TOKENS.make(Claim(channel, name, entered))) == (channel, name, entered)


def test_a_token_is_the_same_whenever_it_is_made() -> None:
    assert TOKENS.make(CLAIM) == Tokens(b"s" * 32).make(CLAIM)


def test_a_token_goes_through_any_text() -> None:
    token = TOKENS.make(Claim("한" * 32, "'+~" * 10, 1 << 60))
    assert token.replace("-", "a").replace("_", "a").replace(".", "a").isalnum()
    assert token.isascii()


def test_an_address_is_cloaked_the_same_each_time_and_each_log_in_its_own_way() -> None:
    cloak = TOKENS.cloak("192.0.2.1")
    assert re.fullmatch(r"[a-z2-7]{13}\.cloak", cloak)
    assert cloak == Tokens(b"s" * 32).cloak("192.0.2.1")
    assert cloak != Tokens(b"t" * 32).cloak("192.0.2.1")
    assert cloak != TOKENS.cloak("192.0.2.2")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("", "192.0.2.1", False),
    ],
)
def test_what_counts_as_one_address_has_one_cloak(one: str, other: str, alike: bool) -> None:
    assert (TOKENS.cloak(one) == TOKENS.cloak(other)) is alike


def test_the_token_of_another_log_is_none_of_ours() -> None:
    assert TOKENS.read(Tokens(b"t" * 32).make(CLAIM)) is None


@given(st.integers(0), st.characters(exclude_characters="\n"))
def test_a_changed_token_is_none(at: int, character: str) -> None:
    token = TOKENS.make(CLAIM)
    at %= len(token)
    changed = token[:at] + character + token[at + 1 :]
    # The last character of either half has bits that stand for nothing, so another one may say the same.
    assert TOKENS.read(changed) in (None, CLAIM)
    if (
        character.isascii()
        and character.isalnum()
        and token[at] not in (character, ".")
        and token[at + 1 :][1:2] not in ("", ".")
    ):
        assert TOKENS.read(changed) is None


@given(st.text() | st.just("." * 9) | st.just("MQ.MQ"))
def test_what_is_no_token_at_all_is_none(token: str) -> None:
    assert TOKENS.read(token) is None


# The operator's


def test_without_a_word_the_operator_token_is_the_logs_own() -> None:
    # As `openssl dgst -sha256 -hmac` has it of the word "operator", in base64 for addresses, without padding.
    token = "6kgGPaMldB_qq-h70WgAzhWTi9UfE91lFX6ndIF5ikU"
    assert operator_token(b"s" * 32) == token
    assert Tokens(b"s" * 32).operates(token)
    assert not Tokens(b"t" * 32).operates(token)


def test_an_operator_token_of_the_config_takes_its_place() -> None:
    tokens = Tokens(b"s" * 32)
    tokens.set_operator("a-token-of-the-config")
    assert tokens.operates("a-token-of-the-config")
    assert not tokens.operates(operator_token(b"s" * 32))
    tokens.set_operator("")
    assert not tokens.operates("a-token-of-the-config")
    assert tokens.operates(operator_token(b"s" * 32))


@pytest.mark.parametrize("token", ["", "a", "a-token-of-the-confi", "a-token-of-the-config ", "ä", "\ud800", "\0"])
def test_any_other_is_none(token: str) -> None:
    tokens = Tokens(b"s" * 32)
    tokens.set_operator("a-token-of-the-config")
    assert not tokens.operates(token)


def test_no_resume_token_is_the_operators_nor_the_other_way_round() -> None:
    assert not TOKENS.operates(TOKENS.make(CLAIM))
    assert TOKENS.read(operator_token(b"s" * 32)) is None
    assert TOKENS.read("b3BlcmF0b3I." + operator_token(b"s" * 32)) is None
