"""Words for what happens in a channel, and for times, as a person at a terminal reads them; those of the page."""

import time
from math import ceil

from antechamber.protocol.events import (
    AnyEvent,
    Emptied,
    Invited,
    Left,
    ModesSet,
    Muted,
    Renamed,
    Seated,
    TopicSet,
)
from antechamber.protocol.notices import WaitRange

_LEFT = {
    "quit": "left",
    "switched": "went to another channel",
    "idle": "lost the seat after a long silence",
    "lost": "lost the connection",
    "closed": "left because the channel closed",
}
_MODES = {
    "+o": "made … an operator",
    "-o": "took the operator’s role from …",
    "+v": "gave a voice to …",
    "-v": "took the voice from …",
    "+b": "banned …",
    "-b": "lifted the ban on …",
    "+m": "let only members with a role talk",
    "-m": "let everyone talk",
    "+t": "let only operators set the topic",
    "-t": "let everyone set the topic",
    "+i": "let in only invited people",
    "-i": "let everyone in",
    "+k": "locked the channel with a key",
    "-k": "took the key away",
    "+l": "limited the channel to …",
    "-l": "took the limit away",
}
"""Changes of modes and roles, where … stands for the parameter."""
_UNITS = ((60.0, 1, "second"), (3_600.0, 60, "minute"), (86_400.0, 3_600, "hour"), (float("inf"), 86_400, "day"))


def happening(event: AnyEvent, me: str) -> str | None:
    """Return a sentence about an event, for the member `me`; None if the talk does not show it."""

    def who(name: str, middle: bool = False) -> str:
        return ("you" if middle else "You") if name == me else name

    def by_whom(by: str) -> str:
        return who(by) if by else "The operator"

    match event:
        case Seated(name=name):
            return "You have a seat now." if name == me else f"{name} took a seat."
        case Left(seated=False):
            return None
        case Left(name=name, reason="kicked", by=by, text=why):
            words = f"{who(name)} {'were' if name == me else 'was'} kicked by {who(by, True) if by else 'the operator'}"
            return f"{words}: {why}" if why else f"{words}."
        case Left(name=name, reason=reason, text=why):
            words = f"{who(name)} {'left' if name == me else _LEFT[reason]}"
            why = why.removeprefix("Quit: ") if reason == "quit" else ""
            return f"{words}: {why}" if why else f"{words}."
        case Muted(name=name, seconds=seconds):
            return f"{who(name)} {'have' if name == me else 'has'} been muted for {countdown(seconds)}."
        case Emptied():
            return "The operator emptied the channel."
        case Renamed(name=name, to=to):
            return f"You are now called {to}." if me in (name, to) else f"{name} is now called {to}."
        case Invited(by=by, to=to):
            return f"{by_whom(by)} invited {who(to, True)}."
        case TopicSet(by=by, topic=topic):
            return f"{by_whom(by)} set the topic: {topic}" if topic else f"{by_whom(by)} restored the usual topic."
        case ModesSet(by=by, changes=changes):
            told = (
                _MODES.get(mode, f"set the mode {mode} …").replace("…", who(argument, True)).rstrip()
                for mode, argument in changes
            )
            return f"{by_whom(by)} {', '.join(told)}."
        case _:
            return None


def countdown(seconds: float) -> str:
    """Return a time that is left, such as 0:08, 1:40 or 2:05:00."""
    whole = max(0, ceil(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def span(seconds: float) -> str:
    """Return a duration rounded to its largest unit, such as 45 seconds or 2 minutes."""
    _, size, word = _unit(min(seconds, 59) if seconds < 120 and seconds != 60 else seconds)
    return _some(max(1, round(seconds / size)), word)


def brief(seconds: float) -> str:
    """Return a duration for a narrow column, such as 42 s, 9 min or 3 h."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} s"


def wait_words(wait: WaitRange | None) -> str:
    """Return the wait to expect in words, such as about 4 to 9 minutes; "" if it cannot be told."""
    if wait is None:
        return ""
    least, most = wait
    if most < 60:
        return "less than a minute"
    _, size, word = _unit(most)
    high = max(1, round(most / size))
    low = 0 if least < 60 < size else int(least // size)
    if low >= high:
        return f"about {_some(high, word)}"
    return f"up to about {_some(high, word)}" if low < 1 else f"about {low} to {_some(high, word)}"


def ordinal(number: int) -> str:
    """Return a place in a line, such as 1st or 12th."""
    end = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else end}"


def counted(number: int, word: str) -> str:
    """Return a number of things, such as 1 file or 3 files."""
    return _some(number, word)


def day_name(when: float, now: float) -> str:
    """Return the day of a time, both in the local time's seconds since the epoch: Today, Yesterday or its date."""
    days = int(now // 86_400) - int(when // 86_400)
    if days in (0, 1):
        return ("Today", "Yesterday")[days]
    date, today = time.gmtime(when), time.gmtime(now)
    weekday, month = time.strftime("%A", date), time.strftime("%B", date)
    if date.tm_year != today.tm_year:
        return f"{date.tm_mday} {month} {date.tm_year}"
    return f"{weekday}, {date.tm_mday} {month}"


def _unit(seconds: float) -> tuple[float, int, str]:
    return next(unit for unit in _UNITS if seconds < unit[0])


def _some(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
