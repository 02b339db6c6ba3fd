"""The parts of the screen beside the talk, as rows: header, people, line, help, and the lines around the field."""

import time
from collections.abc import Iterable

from antechamber.client.app.cells import anchored, clipped, padded, plain, width, wrapped
from antechamber.client.app.model import Model
from antechamber.client.app.rows import Look, Row, boxed, colour_of, rows_of, rule, spread
from antechamber.client.commands import COMMANDS
from antechamber.client.files.progress import size_words
from antechamber.client.files.saving import safe_name
from antechamber.client.words import brief, countdown, counted, ordinal, wait_words

SIDE_CELLS = 28
SIDE_FROM_COLUMNS = 96
"""The width of a screen from which on people stand beside the talk."""
IDLE_SHOWN = 0.5
"""The part of the idle time after which a countdown is shown."""
KEYS = (
    ("Enter", "sends"),
    ("Alt-Enter, Ctrl-J", "begins a new line"),
    ("Tab", "completes commands, names, channels and paths"),
    ("↑ ↓", "what you wrote before"),
    ("PgUp PgDn, wheel", "scrolls; End goes back to the newest"),
    ("F2", "people and line"),
    ("F3", "search"),
    ("F7 F8", "takes a file, does not take it"),
    ("Ctrl-C", "clears the field, then leaves"),
    ("Ctrl-D", "leaves"),
    ("Ctrl-L, Ctrl-Z", "draws anew, stops the program (fg goes on)"),
)


def header(model: Model, columns: int) -> Row:
    """Return the line with the channel and its topic."""
    left: Row = [("class:head bold", f" {plain(model.channel or 'Antechamber')}  ")]
    if model.topic and model.phase != "waiting":
        left.append(("class:head class:head.topic", anchored(plain(model.topic))))
    return spread(left, [("class:head", "  F1 help ")], columns, "class:head")


def status(model: Model, columns: int, clock: str) -> Row:
    """Return the status line: what this member has, and how the connection is."""
    style = "class:status"
    if model.away:
        style = "class:status class:status.away"
        return spread([(style, f" ◌ {model.away}")], [(style, f"  {clock} ")], columns, style)
    if model.idle_until:
        style = "class:status class:status.warn"
    where = "● connected  " if columns >= SIDE_FROM_COLUMNS else "● "
    left = " │ ".join(_status_parts(model, columns))
    return spread([(style, f" {left} ")], [(style, f"{where}{clock} ")], columns, style)


def _status_parts(model: Model, columns: int) -> Iterable[str]:
    here = model.here
    if model.phase == "entering":
        yield "Entering …"
        return
    if model.phase == "waiting":
        place = "○ In line" if model.ahead is None else f"○ {ordinal(model.ahead + 1)}"
        yield place + (f" of {here.waiting}" if here and here.waiting and model.ahead is not None else "")
        if wait := wait_words(model.wait):
            yield wait
        yield model.channel
    else:
        yield "■ Seated"
        left = model.idle_left()
        if left is not None and (model.idle_until or left < model.idle_seconds_max * IDLE_SHOWN):
            yield f"AFK in {countdown(left)}"
        mine = model.roster.seated.get(model.name)
        if mine is not None and mine.muted_until > model.server_now():
            yield f"muted {countdown(mine.muted_until - model.server_now())}"
        if here is not None and columns < SIDE_FROM_COLUMNS:
            yield f"{here.seated} of {here.seats} seats, {here.waiting} in line"
        elif here is not None:
            yield model.channel
    if model.new:
        yield counted(model.new, "new message")
    if files := model.files_words():
        yield f"{files}: F7 F8"
    if model.progress:
        yield model.progress


def above_the_field(model: Model, columns: int, draft: str, lines_asked: int) -> Row:
    """Return the line above the field, which says who reads what is written there."""
    words = draft.split(None, 2)
    if lines_asked:
        said = f"{lines_asked} lines: Enter again sends them as one message, Esc goes back"
    elif words[:1] == ["/whisper"] and len(words) > 1:
        said = f"Only to {plain(words[1])}"
    elif draft.startswith("/") and not draft.startswith("//"):
        said = "A command"
    elif model.phase == "waiting":
        said = "The bell rings when you have a seat"
    elif model.phase == "entering" or model.away:
        said = "Sent once you are back" if model.away else "One moment"
    else:
        said = "To everyone"
    style = "class:alarm" if lines_asked else "class:rule"
    right = " F2 people and line ───" if columns < SIDE_FROM_COLUMNS and model.phase == "seated" else ""
    said = clipped(said, columns - len(right) - 6)
    return [(style, f"─ {said} "), ("class:rule", "─" * max(columns - width(said) - len(right) - 3, 0) + right)]


def idle_warning(model: Model, columns: int) -> Row:
    """Return the warning that the seat will be lost."""
    words = f" You lose your seat in {countdown(model.idle_left() or 0.0)}. Any key keeps it."
    return [("class:alarm", padded(words, columns))]


def people(model: Model, columns: int, height: int) -> list[Row]:
    """Return who sits and who waits, in at most so many rows."""
    here, roster, now = model.here, model.roster, model.server_now()
    seats = f"{len(roster.seated)} of {here.seats}" if here else str(len(roster.seated))
    rows = [_titled("SEATS", seats, columns)]
    seated = sorted(roster.seated.values(), key=lambda seat: seat.name != model.name)
    waiting = list(roster.waiting.values())
    room = max(height - 4, 2)
    seats_shown = min(len(seated), max(room - min(len(waiting), room // 2), 1))
    for seat in seated[:seats_shown]:
        mine = seat.name == model.name
        told, style = "", "class:aside"
        silent = now - seat.active_at
        if seat.away:
            told = "away"
        elif seat.muted_until > now:
            told = f"muted {countdown(seat.muted_until - now)}"
        elif model.idle_seconds_max and silent > model.idle_seconds_max * IDLE_SHOWN:
            told, style = f"AFK in {countdown(model.idle_seconds_max - silent)}", "class:wait"
        role = roster.roles.get(seat.name, "")
        sign = "◌" if seat.away else "■"
        mark = "@" if "o" in role else "+" if "v" in role else ""
        name = f"{mark}{plain(seat.name)}{' (you)' if mine else ''}"
        style_of_name = "class:me" if mine else colour_of(seat.name)
        rows.append(_listed([("class:seat", f" {sign} ")], name, style_of_name, told, style, columns))
    if len(seated) > seats_shown:
        rows.append([("class:aside", f"   {len(seated) - seats_shown} more")])
    rows.append([])
    wait = wait_words(here.wait_seconds) if here else ""
    rows.append(_titled("LINE", ", ".join(filter(None, (str(len(waiting)), wait))) if waiting else "nobody", columns))
    left = max(height - len(rows), 0)
    shown = waiting if len(waiting) <= left else waiting[: max(left - 1, 0)]
    for place, each in enumerate(shown, 1):
        away = " (away)" if each.away else ""
        style_of_name = "class:me" if each.name == model.name else "class:aside" if each.away else ""
        name = f"{plain(each.name)}{away}"
        told = brief(now - each.since)
        rows.append(_listed([("class:wait", f" {place:2}  ")], name, style_of_name, told, "class:aside", columns))
    if len(waiting) > len(shown):
        rows.append([("class:aside", f"     {len(waiting) - len(shown)} more")])
    return rows[:height]


def _titled(title: str, told: str, columns: int) -> Row:
    return spread([("class:title", f" {title}")], [("class:aside", f"{clipped(told, columns - 8)} ")], columns)


def _listed(sign: Row, name: str, name_style: str, told: str, told_style: str, columns: int) -> Row:
    room = columns - sum(width(text) for _, text in sign) - (width(told) + 2 if told else 1)
    name = anchored(clipped(name, room))
    return spread([*sign, (name_style, name)], [(told_style, f"{told} " if told else "")], columns)


def line(model: Model, columns: int, height: int) -> list[Row]:
    """Return the screen of a member who waits: the place, the seats, what is announced, and what can be done."""
    inner, here = columns - 6, model.here
    rows: list[Row] = [[]]
    ahead = model.ahead
    head = "You are in line" if ahead is None else "You are next" if ahead == 0 else _place(ahead)
    since = time.strftime("%H:%M", time.localtime(model.came_at))
    wait = wait_words(model.wait) or "The wait cannot be told yet"
    rows.append([("class:title", f"   {head}"), ("", "      "), ("class:seat", f"{wait}, since {since}")])
    if here is not None:
        rows += [[], _drawn_seats(here.seated, here.seats, columns)]
    if ahead is not None:
        rows.append(_drawn_line(ahead, here.waiting if here else ahead + 1, columns))
    if model.topic:
        rows += [[], *([("", f"   {anchored(text)}")] for text in wrapped(plain(model.topic), inner))]
    for told in model.announcements:
        clock = time.strftime("%H:%M", time.localtime(told.time))
        texts = wrapped(f"{clock}  {plain(told.text)}", inner)
        rows += [[], *([("class:announced", f"   {anchored(text)}")] for text in texts)]
    rows.append([])
    for name, meaning in (("/switch CHANNEL", "goes to another line"), ("/list", "shows them"), ("/quit", "leaves")):
        rows.append([("class:key", f"   {name:17}"), ("", meaning)])
    rows.append([])
    aside = [row for item in list(model.talk)[-height:] for row in rows_of(item, Look(columns, model.name))]
    return [*rows, *aside[-max(height - len(rows), 0) :]][:height] if height > len(rows) else rows[:height]


def _place(ahead: int) -> str:
    return f"You are {ordinal(ahead + 1)} in line"


def _drawn_seats(seated: int, seats: int, columns: int) -> Row:
    told = f"   {min(seated, seats)} of {counted(seats, 'seat')} taken"
    if seats * 2 + len(told) + 4 > columns:
        return [("", told)]
    free = max(seats - seated, 0)
    return [("class:seat", "   " + "■ " * min(seated, seats)), ("class:aside", "□ " * free), ("", told)]


def _drawn_line(ahead: int, waiting: int, columns: int) -> Row:
    room = max((columns - 12) // 2, 4)
    before, behind = min(ahead, room - 1), max(waiting - ahead - 1, 0)
    after = min(behind, room - 1 - before)
    more = "… " if before < ahead else ""
    return [
        ("class:wait", f"   {more}" + "○ " * before),
        ("class:seat bold", "● you "),
        ("class:aside", "○ " * after + ("…" if after < behind else "")),
    ]


def help_sheet(model: Model, columns: int) -> list[Row]:
    """Return what can be typed and pressed."""
    inner = columns - 2
    mine = {info.name for info in model.commands()}
    rows: list[Row] = [rule("What you can type; Esc goes back", columns)]
    for info in COMMANDS:
        only = "" if info.name in mine else " (for operators of the channel)"
        style = "class:key" if info.name in mine else "class:aside"
        rows.append([(style, f"  {info.form:23}"), ("", clipped(f"{info.meaning}{only}", inner - 23))])
    rows.append([("class:key", f"  {'//TEXT':23}"), ("", "says TEXT with one slash before it")])
    rows.append(rule("Keys", columns))
    rows += [[("class:key", f"  {key:23}"), ("", clipped(meaning, inner - 23))] for key, meaning in KEYS]
    return rows


def found_sheet(model: Model, columns: int) -> list[Row]:
    """Return what a search found, newest last."""
    found = model.found
    if found is None:
        return []
    many = counted(len(found.items), "message")
    words = f"{'The last ' * found.more}{many} with {plain(found.words)}; Esc goes back"
    rows = [rule(words if found.items else f"Nothing was found for {plain(found.words)}; Esc goes back", columns)]
    day = ""
    for item in found.items:
        date = time.strftime("%d %B %Y", time.localtime(item.time)).lstrip("0")
        if date != day:
            rows.append([("class:aside", f" {date}")])
            day = date
        rows += rows_of(item, Look(columns, model.name))
    return rows


def question(model: Model, columns: int, folder: str) -> list[Row]:
    """Return the box that asks about the oldest file that somebody sends; nothing if there is none."""
    first = next(iter(model.questions.values()), None)
    if first is None:
        return []
    offer, inner = first.offer, columns - 2
    lines = [
        "",
        f"{plain(offer.sender)} sends you a file:",
        f"{plain(safe_name(offer.file))} ({size_words(offer.size)})",
        "",
        f"It would be saved in {folder}",
        "",
    ]
    body: list[Row] = []
    for each in lines:
        body += [[("", f"  {anchored(text)}")] for text in wrapped(each, inner - 3)]
    body.append([("", "  "), ("class:chosen", " F7  Take it "), ("", "   "), ("class:chosen", " F8  Do not ")])
    body.append([])
    more = f"{len(model.questions) - 1} more" if len(model.questions) > 1 else ""
    return boxed("A file for you", body, columns, more, "class:alarm")
