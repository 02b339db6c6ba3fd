"""Turning a typed search into a query for SQLite's FTS5, whatever was typed."""

import re

from antechamber.protocol.text import clean

WORDS_MAX = 64

_TERM = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')


class SearchError(ValueError):
    """The error that a search has no words, or too many. Its text is for people."""


def match_expression(search: str) -> str:
    """Return the FTS5 expression for a search: all its words, in any order.

    "Several words" in quotes are a phrase, a word that ends in * is a prefix, and nothing else has the special meaning
    that it has in FTS5. Raises SearchError if there is no letter or digit, or more than WORDS_MAX words.
    """
    terms: list[str] = []
    for phrase, star, word in _TERM.findall(clean(search)):
        if any(character.isalnum() for character in phrase + word):
            is_beginning = star or word.endswith("*")
            terms.append(f'"{phrase}{word}"{"*" if is_beginning else ""}')
    if not terms:
        raise SearchError("A search needs at least one letter or digit.")
    if len(terms) > WORDS_MAX:
        raise SearchError(f"A search has at most {WORDS_MAX} words.")
    return " ".join(terms)
