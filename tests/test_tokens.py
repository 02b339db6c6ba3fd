"""Resume tokens: signed, and worth nothing anywhere else."""

from hypothesis import given
from hypothesis import strategies as st

from antechamber.tokens import Claim, Tokens

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
