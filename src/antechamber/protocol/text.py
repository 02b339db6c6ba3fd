"""Safe texts and names: without characters that control a terminal.

Chat lines are written to many people's terminals, so no control character and no bidirectional override ever leaves the
server (Unicode Standard Annex #9 lists the latter; "Trojan Source", CVE-2021-42574, shows why). Names also appear
within the server's own texts, so they contain nothing invisible, and none looks like the server's.
"""

import hmac
import re
import unicodedata
from operator import contains
from sys import intern

from antechamber.protocol.limits import NAME_MARKS_MAX

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LINE_BREAK = " \N{RETURN SYMBOL} "
"""The sign for a newline in a message shown on one line."""
_NORMALISED_MAX = 512
_NAME_CATEGORIES = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc", "Pc", "Pd"))
_NAME_EXTRAS = frozenset(".'+~")
_INVISIBLE = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U00013441\U00013442\U00016fe4\U000e0100-\U000e01ef]"
)
"""Invisible characters in the categories of letters and marks: fillers, blanks and variation selectors."""
_SHOWS_NOTHING = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013441\U00013442\U00016fe4\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
"""White space, characters without width, format characters (Default_Ignorable_Code_Point), and blanks."""
_SERVER_MESSAGE = "servermessage"
"""The name in the prefix of the server's own lines, `[Server message (`, folded."""
_RESERVED = (
    *("Server", "The-Server", "Antechamber", "irc.antechamber", "System", "root"),
    *("Operator", "The-Operator", "Admin", "Administrator"),
    *("NickServ", "ChanServ", "MemoServ", "OperServ", "HostServ", "BotServ", "SaslServ"),
)
"""Reserved names: people would take them for the server, its operators, or a service of IRC."""
_LATIN = "LATIN (?:CAPITAL LETTER|SMALL LETTER|LETTER SMALL CAPITAL) (?:SCRIPT |OPEN |INSULAR )?([A-Z])(?: WITH .+)?"
"""The Unicode name of a letter that is a variant of the Latin one."""
_LOOK_ALIKES = {
    "a": "4\u0251\u03b1\u0430\u13aa\u15c5\u15e9\u1972\u2c81\ua4ee\U000102a0\U00016f40",
    "b": "\u0185\u03b2\u0432\u044c\u13cf\u13f4\u1472\u15af\u15f7\ua4d0\ua7b5\U00010282\U000102a1\U00010301",
    "c": "\u03f2\u0441\u13df\u2ca5\ua4da\U000102a2\U00010302\U0001043d\U0001051c\U000118e9\U000118f2",
    "d": "\u0501\u13a0\u13e7\u146f\u15de\u15ea\ua4d2\ua4d3",
    "e": "3\u03b5\u0435\u0454\u04bd\u04bf\u13ac\u163f\u1971\u2c89\u2d39\ua4f0\uab32\U00010286\U000118c6\U000118ce",
    "g": "69\u018d\u050d\u0581\u13c0\u13f3\u161c\ua4d6",
    "h": "\u03b7\u043d\u04bb\u0570\u13bb\u13c2\u157c\u2c8f\ua4e7\U000102cf",
    "i": "1l\u0131\u01c0\u0269\u03b9\u0456\u04cf\u06f1\u13a5\u16c1\u2c93\u2d4f\ua4f2\ua647\U0001028a\U00010309"
    "\U00010320\U000118c3\U00016f28",
    "k": "\u03ba\u043a\u13e6\u16d5\u2c95\ua4d7\U00010518",
    "l": "1i\u0131\u01c0\u0269\u03b9\u0456\u04cf\u06f1\u13a5\u16c1\u2c93\u2d4f\ua4f2\ua647\U0001028a\U00010309"
    "\U00010320\U000118c3\U00016f28",
    "m": "\u028d\u03bc\u03fb\u043c\u13b7\u15f0\u16d6\u2c99\ua4df\U000102b0\U00010311",
    "n": "\u03b7\u03bd\u043f\u0578\u057c\u2c9b\ua4e0\U00010513",
    "o": "0\u03bf\u043e\u0585\u06f5\u0966\u09e6\u0a66\u0ae6\u0b20\u0b66\u0be6\u0c66\u0ce6\u0d20\u0d66\u0e50"
    "\u0ed0\u101d\u1040\u10ff\u12d0\u1d11\u2c9f\u2d54\u3007\ua4f3\uab3d\U00010292\U000102ab\U0001042c"
    "\U000104ea\U00010516\U000114d0\U000118c8\U000118d5\U000118d7\U000118e0",
    "p": "\u03c1\u0440\u13e2\u146d\u2ca3\ua4d1\U00010295",
    "r": "\u0433\u13a1\u13b1\u13d2\u1587\u1d26\u2c85\ua4e3\uab47\uab48\U000104dc\U00016f35",
    "s": "5\u01bd\u0455\u057f\u13d5\u13da\u1515\u2d1d\ua4e2\U00010296\U00010448\U000118c1\U00016f3a",
    "t": "7\u03c4\u0442\u13a2\u2ca7\ua4d4\U00010297\U000102b1\U00010315\U000118dc\U00016f0a",
    "v": "\u03bd\u03c5\u0475\u05d8\u06f7\u13d9\u13e4\u142f\u2d38\ua4e6\ua6df\U0001051d\U00011706\U000118c0\U00016f08",
    "y": "\u0263\u03b3\u03c5\u0443\u04af\u10e7\u13a9\u13bd\u2ca9\ua4ec\U000102b2\U000118c4\U000118dc\U00016f43",
}
"""Digits, and letters of other scripts, that look like a Latin letter of those names, after case folding; some look
like
several. They are from Unicode Technical Standard #39, with other common substitutes."""


def _letters_alike() -> dict[str, str]:
    """Return the table of characters with the letters that each may stand for."""
    alike: dict[str, str] = {}
    for letter, characters in _LOOK_ALIKES.items():
        for character in characters:
            alike[character] = alike.get(character, character if character.isalpha() else "") + letter
    return alike


_ALIKE = _letters_alike()
_RESERVED_WORDS = {"".join(filter(str.isalnum, name)).lower(): name for name in _RESERVED}
_FOLDED = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def fold(name: str) -> str:
    """Return a name as IRC compares it: A to Z in lower case, everything else unchanged."""
    folded = name.lower() if name.isascii() else name.translate(_FOLDED)
    return name if folded == name else intern(folded)  # it is a key in more than one table


def nick_of(name: str) -> str:
    """Return a member's name as a nick: the same, except that a leading `+`, which looks like a role, becomes `_`."""
    return "_" + name[1:] if name[:1] == "+" else name


def likeness(name: str) -> str:
    """Return a key that is the same for names which differ only in case, compatible letter forms, or signs."""
    if name.isascii() and name.isalnum():
        return name.lower()
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join([character for character in plain if unicodedata.category(character)[0] in "LMN"])
    return letters or plain


def clean(text: str) -> str:
    """Return a text with tabs as spaces, and other unsafe characters as U+FFFD."""
    if text.isprintable():
        return text
    return _UNSAFE.sub(_REPLACEMENT, text.replace("\t", " "))


def clean_lines(text: str) -> str:
    """Return a text of several lines, each cleaned, with newlines between them."""
    if text.isprintable():
        return text
    return "\n".join(map(clean, text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


def shows(text: str) -> bool:
    """Return whether a stripped text contains anything visible."""
    return bool(text) if text.isascii() else _SHOWS_NOTHING.fullmatch(text) is None


def one_line(text: str) -> str:
    """Return a text of several lines as one line, so that a newline cannot forge a line on a terminal."""
    return text.replace("\n", _LINE_BREAK)


def is_same_secret(mine: str, other: str) -> bool:
    """Return whether two secrets are equal, in constant time."""
    return hmac.compare_digest(mine.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def normalise_name(name: str) -> str:
    """Return a name in Unicode form NFC; one that is far too long stays as it is.

    Normalising takes time proportional to the square of the length, and eight characters never become one.
    """
    return name if name.isascii() or len(name) > _NORMALISED_MAX else unicodedata.normalize("NFC", name)


def name_problem(name: str, characters_max: int) -> str | None:
    """Return in words why a normalised name is invalid, or None if it is valid."""
    if not name:
        return "A name has at least one character."
    if len(name) > characters_max:
        return f"A name has at most {characters_max} characters."
    if not (name.isascii() and name.isalnum()) and (problem := _spelling_problem(name)):
        return problem
    if name.isascii() and len(name) < len(_SERVER_MESSAGE):
        return None
    letters = _letters(name)
    starts = range(len(letters) - len(_SERVER_MESSAGE) + 1)
    if any(_spells(letters[start : start + len(_SERVER_MESSAGE)], _SERVER_MESSAGE) for start in starts):
        return 'A name cannot look like "Server message".'
    return None


def member_name_problem(name: str, characters_max: int) -> str | None:
    """Return in words why a normalised name cannot be a member's: it is invalid, or reserved."""
    if problem := name_problem(name, characters_max):
        return problem
    letters = _letters(name)
    for word, reserved in _RESERVED_WORDS.items():
        if _spells(letters, word):
            if fold(name) == fold(reserved):
                return "That is the server's own name."
            return f'A name cannot look like "{reserved}", which is the server\'s own.'
    return None


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


def _letters(name: str) -> list[str]:
    """Return the Latin letters that each letter and digit of a name may look like."""
    if name.isascii():
        plain = name.lower()
    else:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    letters: list[str] = []
    for character in plain:
        if not character.isalnum():
            continue
        latin = _latin(character)
        if latin[0] == "n" and letters and letters[-1] == "r":
            letters[-1] = "m"  # as which the two are read
        else:
            letters.append(latin)
    return letters


def _spells(letters: list[str], word: str) -> bool:
    return len(letters) == len(word) and all(map(contains, letters, word))


def _latin(character: str) -> str:
    if character in _ALIKE or character.isascii():
        return _ALIKE.get(character, character)
    found = re.fullmatch(_LATIN, unicodedata.name(character, ""))
    return found[1].lower() if found else character
