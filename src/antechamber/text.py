"""What may go to a terminal: texts and names without characters that control it.

A chat line is written to many people's terminals, so no control character and no bidirectional override ever leaves
the server (Unicode Standard Annex #9 lists the latter; "Trojan Source", CVE-2021-42574, shows why).
"""

import re
import unicodedata

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_NORMALISED_MAX = 512
_NAME_CATEGORIES = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc", "Pc", "Pd"))
_NAME_EXTRAS = frozenset(".'+~")


def clean(text: str) -> str:
    """Return `text` with every tab as a space and every other unsafe character as U+FFFD, so that its loss shows."""
    if text.isprintable():
        return text
    return _UNSAFE.sub(_REPLACEMENT, text.replace("\t", " "))


def normalise_name(name: str) -> str:
    """Return `name` in Unicode form NFC, so that one look is one name; what is far too long for a name stays as it is.

    Normalising takes time that grows with the square of the length, and eight characters never become one.
    """
    return name if name.isascii() or len(name) > _NORMALISED_MAX else unicodedata.normalize("NFC", name)


def name_problem(name: str, characters_max: int) -> str | None:
    """Say in words what keeps `name` (already normalised) from being a name, or return None where nothing does."""
    if not name:
        return "A name has at least one character."
    if len(name) > characters_max:
        return f"A name has at most {characters_max} characters."
    if name.isascii() and name.isalnum():
        return None
    for character in name:
        if character not in _NAME_EXTRAS and unicodedata.category(character) not in _NAME_CATEGORIES:
            return "A name has only letters, digits, marks and . _ - + ~ '"
    if unicodedata.category(name[0])[0] == "M":
        return "A name starts with no combining mark."
    return None
