"""What may go to a terminal: texts and names without characters that control it.

A chat line is written to many people's terminals, so no control character and no bidirectional override ever leaves
the server (Unicode Standard Annex #9 lists the latter; "Trojan Source", CVE-2021-42574, shows why). A name stands
between the server's own words besides, so it has nothing that one cannot see, and none looks like the server's.
"""

import hmac
import re
import unicodedata
from sys import intern

from antechamber.limits import NAME_MARKS_MAX

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LINE_BREAK = " \N{RETURN SYMBOL} "
"""What stands for a newline where a message is to stay on one line."""
_NORMALISED_MAX = 512
_NAME_CATEGORIES = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc", "Pc", "Pd"))
_NAME_EXTRAS = frozenset(".'+~")
_INVISIBLE = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U00013441\U00013442\U00016fe4\U000e0100-\U000e01ef]"
)
"""Letters and marks by their category that show nothing: fillers, blanks and variation selectors."""
_SHOWS_NOTHING = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013441\U00013442\U00016fe4\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
"""White space, what has no width, and what only formats (the property Default_Ignorable_Code_Point), and blanks."""
_SERVERS_NAME = "servermessage"
"""Whose lines begin `[Server message (`, as a member's begin `[NAME (`: its letters and digits, in lower case."""
_LATIN = "LATIN (?:CAPITAL LETTER|SMALL LETTER|LETTER SMALL CAPITAL) (?:SCRIPT |OPEN |INSULAR )?([A-Z])(?: WITH .+)?"
"""The Unicode name of a letter that is a variant of the Latin one."""
_LOOK_ALIKES = {
    each: letter
    for letter, alike in {
        "a": "4\u0251\u03b1\u0430\u13aa\u15c5\u15e9\u1972\u2c81\ua4ee",
        "e": "3\u03b5\u0435\u0454\u04bd\u04bf\u13ac\u163f\u1971\u2c89\u2d39\ua4f0",
        "g": "69\u018d\u050d\u0581\u13c0\u13f3\u161c\ua4d6",
        "m": "\u028d\u03bc\u03fb\u043c\u13b7\u15f0\u2c99\ua4df",
        "r": "\u0433\u13a1\u13d2\u1587\u1d26\u2c85\ua4e3\uab47",
        "s": "5\u01bd\u0455\u057f\u13da\u1515\u2d1d\ua4e2",
        "v": "\u03bd\u03c5\u0475\u05d8\u13d9\u13e4\u142f\u2d38\ua4e6",
    }.items()
    for each in alike
}
"""Digits, and letters of Greek, Cyrillic, Armenian, Hebrew, Cherokee, Canadian, Tai Le, Georgian, Coptic, Tifinagh and
Lisu that look like a Latin letter of the server's name, in the form that case folding gives them."""


_FOLDED = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def fold(name: str) -> str:
    """Return `name` as IRC compares it: the letters A to Z as small ones, all others as they are."""
    folded = name.lower() if name.isascii() else name.translate(_FOLDED)
    return name if folded == name else intern(folded)  # more than one table has it as a key


def nick_of(name: str) -> str:
    """Return a member's name as a nick, which it is but for a `+` in front: that one looks like a mark of a role."""
    return "_" + name[1:] if name[:1] == "+" else name


def clean(text: str) -> str:
    """Return `text` with every tab as a space and every other unsafe character as U+FFFD, so that its loss shows."""
    if text.isprintable():
        return text
    return _UNSAFE.sub(_REPLACEMENT, text.replace("\t", " "))


def clean_lines(text: str) -> str:
    """Return `text`, which may have several lines, with each as `clean` has it and newlines between them."""
    if text.isprintable():
        return text
    return "\n".join(map(clean, text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


def shows(text: str) -> bool:
    """Say whether there is anything to see in `text`, whose ends were stripped of white space."""
    return bool(text) if text.isascii() else _SHOWS_NOTHING.fullmatch(text) is None


def one_line(text: str) -> str:
    """Return a text of several lines as one, so that no line on a terminal can be forged by a newline in another."""
    return text.replace("\n", _LINE_BREAK)


def is_same_secret(mine: str, other: str) -> bool:
    """Say whether two secrets are the same, in a time that does not tell how much of `other` is right."""
    return hmac.compare_digest(mine.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


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
    if not (name.isascii() and name.isalnum()) and (problem := _spelling_problem(name)):
        return problem
    if name.isascii() and len(name) < len(_SERVERS_NAME):
        return None
    return 'A name cannot look like "Server message".' if _looks_like_the_server(name) else None


def _spelling_problem(name: str) -> str | None:
    marks_in_a_row = 0
    for character in name:
        category = unicodedata.category(character)
        if category not in _NAME_CATEGORIES and character not in _NAME_EXTRAS:
            return "A name has only letters, digits, marks and . _ - + ~ '"
        marks_in_a_row = marks_in_a_row + 1 if category[0] == "M" else 0
        if marks_in_a_row > NAME_MARKS_MAX:
            return f"A name has at most {NAME_MARKS_MAX} combining marks in a row."
    if not name.isascii() and re.search(_INVISIBLE, name):
        return "A name has no invisible characters."
    if unicodedata.category(name[0])[0] == "M":
        return "A name starts with no combining mark."
    return None


def _looks_like_the_server(name: str) -> bool:
    """Say whether the letters and digits of `name`, each as the Latin letter that it looks like, have the server's."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    latin = "".join([_latin(character) for character in plain if character.isalnum()])
    return _SERVERS_NAME in latin.replace("rn", "m")


def _latin(character: str) -> str:
    if character in _LOOK_ALIKES or character.isascii():
        return _LOOK_ALIKES.get(character, character)
    found = re.fullmatch(_LATIN, unicodedata.name(character, ""))
    return found[1].lower() if found else character
