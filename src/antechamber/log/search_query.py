"""What a person types into a search, as a question that SQLite's FTS5 understands whatever was typed."""

import re

from antechamber.protocol.text import clean

WORDS_MAX = 64

_TERM = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')


class SearchError(ValueError):
    """There is nothing to search for, or too much. Its text is for people."""


def match_expression(search: str) -> str:
    """Return the FTS5 expression for `search`: all its words, in any order.

    "Several words" in quotes are a phrase, a word that ends in * is the beginning of one, and whatever else has a
    meaning in FTS5 has none here. Raises SearchError if there is no letter or digit, or more than WORDS_MAX words.
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
