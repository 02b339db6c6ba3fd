"""What may go to a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.codec.irc.decoding import HOST_UNKNOWN, SERVER_NAME
from antechamber.irc.isupport import NETWORK_NAME
from antechamber.protocol.limits import NAME_CHARACTERS_MOST, NAME_MARKS_MAX
from antechamber.protocol.text import (
    clean,
    clean_lines,
    fold,
    member_name_problem,
    name_problem,
    normalise_name,
    one_line,
    shows,
)

UNSAFE = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb",
    "\ud800",
    "\udfff",
]


@pytest.mark.parametrize("character", [c for c in UNSAFE if c != "\t"])
def test_an_unsafe_character_is_shown_as_lost(character: str) -> None:
    assert clean(f"a{character}b") == "a\ufffdb"


def test_a_tab_is_a_space() -> None:
    assert clean("a\tb") == "a b"


@pytest.mark.parametrize(
    "text", ["", "plain", "¡Olé!", "汉字", "👩\u200d💻", "e\u0301", "a\u00a0b", "\u200fשלום", "\u2027", "\u202f"]
)
def test_a_safe_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@given(st.text())
def test_no_text_is_unsafe_once_it_is_clean(text: str) -> None:
    cleaned = clean(text)
    assert not set(cleaned) & set(UNSAFE)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_a_text_of_several_lines_keeps_them_and_every_line_is_clean() -> None:
    assert clean_lines("a\tb\r\nc\rd\n\n\x1b[2J\u2028") == "a b\nc\nd\n\n\ufffd[2J\ufffd"
    safe = "grüß dich 🙂"
    assert clean_lines(safe) is safe


@given(st.text())
def test_no_line_of_a_text_is_unsafe_once_it_is_clean(text: str) -> None:
    cleaned = clean_lines(text)
    assert not set(cleaned.replace("\n", "")) & set(UNSAFE)
    assert clean_lines(cleaned) == cleaned
    assert clean(one_line(cleaned)) == one_line(cleaned)


def test_a_text_of_several_lines_is_shown_as_one() -> None:
    assert one_line("a\nb\n\nc") == "a ⏎ b ⏎  ⏎ c"
    assert one_line("a b") == "a b"


def test_a_name_is_normalised_so_that_one_look_is_one_name() -> None:
    assert normalise_name("Ame\u0301lie") == normalise_name("Amélie") == "Amélie"
    assert normalise_name("Mary") == "Mary"


def test_what_is_far_too_long_for_a_name_is_not_normalised() -> None:
    assert normalise_name("e\u0301" * 256) == "é" * 256
    assert normalise_name("e\u0301" * 256 + "x") == "e\u0301" * 256 + "x"
    assert name_problem(normalise_name("e\u0301" * 256 + "x"), 32) == "A name has at most 32 characters."


@pytest.mark.parametrize(
    "name",
    [
        "Mary",
        "x",
        "m.a-r_y",
        "O'Neil",
        "a+b~c",
        "Amélie",
        "山田",
        "१२",
        "q\u0323",
        "7",
        "a‿b–c",
        "ⅷ²",
        "שָׁלוֹם",
        "مُحَمَّد",
        "สวัสดี",
        "हिन्दी",
        "한글",
        "\u1112\u1161\u11ab",
        "လျှို့ဝှက်",
        "བརྒྱུད",
        "Ꮳꮃꭹ",
    ],
)
def test_a_name_of_letters_digits_and_marks_is_a_name(name: str) -> None:
    assert name_problem(normalise_name(name), 32) is None


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "a\tb",
        "[Mary]",
        "(x)",
        "a:b",
        "a/b",
        "a\u202eb",
        "a\x00b",
        "a\ufffdb",
        "<a>",
        '"',
        "a\u00a0b",
        "a\u3000b",
        "a\u2009b",
        "a\u2028b",
        "😀",
        "@a",
        "a\nb",
        "a\x7fb",
        "a\x85b",
        "a\u200bb",
        "a\u200cb",
        "a\u200db",
        "a\u2060b",
        "a\u00adb",
        "a\ufeffb",
        "a\u200fb",
        "a\u061cb",
        "a\u2067b",
        "a\u180eb",
        "a\u2800b",
        "a\u20ddb",
        "a\U000e0041b",
        "a\ue000b",
        "a\u0378b",
        f"a{chr(0xD800)}b",
        "a{b}",
        "⟨a⟩",
        "［a］",
        "【a】",
        "«a»",
        "“a”",
        "a：b",
        "a|b",
        "a\\b",
        "a，b",
    ],
)
def test_a_name_with_anything_else_is_none(name: str) -> None:
    assert name_problem(name, 32) == "A name has only letters, digits, marks and . _ - + ~ '"


def test_a_name_is_not_empty() -> None:
    assert name_problem("", 32) == "A name has at least one character."


@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_name_may_be_as_long_as_the_bound_and_no_longer(letter: str) -> None:
    assert name_problem(letter * 32, 32) is None
    assert name_problem(letter * 33, 32) == "A name has at most 32 characters."


def test_a_name_starts_with_no_combining_mark() -> None:
    assert name_problem("\u0301a", 32) == "A name starts with no combining mark."


@pytest.mark.parametrize(
    "invisible",
    [
        *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\ufe00\ufe0f\uffa0\U00016fe4\U000e0100\U000e01ef",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("name", ["{}", "a{}", "a{}b"])
def test_a_name_has_no_letter_or_mark_that_shows_nothing(name: str, invisible: str) -> None:
    assert name_problem(normalise_name(name.format(invisible)), 32) == "A name has no invisible characters."


@pytest.mark.parametrize("blank", ["\u180f", "\U00013441", "\U00013442"], ids=ascii)
def test_a_name_has_no_blank_whether_or_not_this_unicode_knows_it(blank: str) -> None:
    assert name_problem(f"a{blank}b", 32) is not None


@pytest.mark.parametrize("mark", ["\u0334", "\u0e47", "\u0f90"], ids=ascii)
def test_a_name_may_have_as_many_marks_in_a_row_as_the_bound_and_no_more(mark: str) -> None:
    most = NAME_MARKS_MAX
    assert name_problem(f"\u0e01{mark * most}", 32) is None
    assert name_problem(f"\u0e01{mark * most}x{mark * most}", 32) is None
    assert name_problem(f"\u0e01{mark * (most + 1)}", 32) == f"A name has at most {most} combining marks in a row."


@pytest.mark.parametrize(
    "name",
    [
        "ServerMessage",
        "servermessage",
        "Server_message",
        "Server-Message",
        "Server.message",
        "S-e-r-v-e-r-message",
        "'Server~message'",
        "The-Server-message",
        "Server-message2",
        "S3rver-M3ssa9e",
        "5erver-rnessage",
        "Sérvèr-mëşsãģe",
        "Server‿message",
        "Ｓｅｒｖｅｒ＿ｍｅｓｓａｇｅ",
        "𝓢𝓮𝓻𝓿𝓮𝓻-𝓶𝓮𝓼𝓼𝓪𝓰𝓮",
        "ˢᵉʳᵛᵉʳ-ᵐᵉˢˢᵃᵍᵉ",
        "ꜱᴇʀᴠᴇʀ-ᴍᴇꜱꜱᴀɢᴇ",
        "Server-meßage",
        "ᔕEᖇᐯEᖇᗰEᔕᔕᗩGE",
        "ՏҽɾѵҽɾʍҽՏՏɑցҽ",
        "sᥱrvᥱrmᥱssagᥱ",
        "Server-meſſage",
        "Sеrvеr-mеssаgе",  # e and a are Cyrillic
        "Ѕегѵег-меѕѕаԍе",  # all of it is Cyrillic
        "Sεrνεr-μεssαgε",
        "ᏚᎬᎡᏙᎬᎡ-ᎷᎬᏚᏚᎪᏀᎬ",
        "ꮪꭼꭱꮩꭼꭱ-ꮇꭼꮪꮪꭺꮐꭼ",
        "ꓢꓰꓣꓦꓰꓣ-ꓟꓰꓢꓢꓮꓖꓰ",
        "Տerver-messaցe",
        "sⲉⲅvⲉⲅ-ⲙⲉssⲁgⲉ",
        "Seɾver-ɱeʂsɑɡe",
        "Sɇɍvɇɍ-mɇssⱥǥɇ",
        "S\u0336e\u0336r\u0336v\u0336e\u0336r\u0336-message",
    ],
)
def test_a_name_does_not_look_like_the_servers(name: str) -> None:
    assert name_problem(normalise_name(name), 32) == 'A name cannot look like "Server message".'


@pytest.mark.parametrize(
    "name", ["server", "message", "Server-massage", "message-server", "serve-message", "Сервер-сообщение", "Observer"]
)
def test_a_name_may_have_a_word_of_the_servers(name: str) -> None:
    assert name_problem(name, 32) is None


@pytest.mark.parametrize(
    "name",
    [
        *("Server", "server", "SERVER", "The-server", "operator", "OPERATOR", "theoperator", "Admin", "administrator"),
        *("Antechamber", "irc.antechamber", "IRC.Antechamber", "System", "Root", "NickServ", "chanserv", "MemoServ"),
        *("operserv", "HostServ", "BotServ", "SaslServ"),
    ],
)
def test_the_servers_own_names_are_nobodys(name: str) -> None:
    assert name_problem(name, 32) is None  # a channel's it may be
    problem = member_name_problem(name, 32) or ""
    assert problem == "That is the server's own name." or problem.endswith(", which is the server's own.")


@pytest.mark.parametrize(
    "name",
    [
        *("S3rver", "5erver", "-Server-", "Server_", "_admin", "S.e.r.v.e.r", "adm1n", "admln", "4dmin", "adrnin"),
        *("0perator", "operat0r", "oper4tor", "r00t", "5y5tem", "N1ckServ", "ant3chamber", "irc-antechamber"),
        "Sérvèr",
        "Se\u0301rver",
        "ｓｅｒｖｅｒ",
        "𝓢𝓮𝓻𝓿𝓮𝓻",
        "ˢᵉʳᵛᵉʳ",
        "ꜱᴇʀᴠᴇʀ",
        "Sеrvеr",  # e is Cyrillic
        "Ѕегѵег",  # all of it is
        "Sεrνεr",
        "аdmin",  # a is Cyrillic
        "ΑDΜΙΝ",  # all but D is Greek
        "admıŋ".replace("ŋ", "n"),
        "оpеrаtоr",  # the vowels are Cyrillic
        "ОРЕRАТОR",
        "ᎪᎠᎷᎥN",
        "ꓮꓓꓟꓲꓠ",
        "αntεchαmbεr",
        "NіckSеrv",
        "ѕуѕtеm",
    ],
)
def test_what_looks_like_a_name_of_the_servers_is_nobodys_either(name: str) -> None:
    assert "which is the server's own." in (member_name_problem(normalise_name(name), 32) or "")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Serverin",
            "Observer",
            "Servers",
            "Server2",
            "Cooperator",
            "Adminton",
            "Badmin",
            "Systemic",
            "Roots",
            "Serv",
        ),
        *("Mary", "Adam", "Amin", "Nick", "Zoë", "Иван", "Σωκράτης", "山田", "7", "__"),
    ],
)
def test_other_names_are_for_members(name: str) -> None:
    assert member_name_problem(name, 32) is None


def test_no_name_is_a_members_that_is_none() -> None:
    assert member_name_problem("", 32) == name_problem("", 32)
    assert member_name_problem("Server-message", 32) == 'A name cannot look like "Server message".'


def test_the_servers_names_on_every_door_are_among_its_own() -> None:
    for name in (SERVER_NAME, HOST_UNKNOWN, NETWORK_NAME):
        assert member_name_problem(name, 32) == "That is the server's own name."


def test_a_name_whose_letters_are_many_in_another_form_is_judged_as_well() -> None:
    assert name_problem("\ufdfa" * NAME_CHARACTERS_MOST, NAME_CHARACTERS_MOST) is None


@given(st.text(max_size=40))
def test_a_good_name_is_one_safe_word(text: str) -> None:
    name = normalise_name(text)
    if name_problem(name, 32) is None:
        assert name.split() == [name]
        assert clean(name) == name
        assert ":" not in name
        assert unicodedata.is_normalized("NFC", name)
    assert member_name_problem(name, 32) is not None or name_problem(name, 32) is None


@pytest.mark.parametrize(
    "text", ["", "\u200b", "\u2060\u00ad\u2003\u200d", "\ufe0f", "\u3164\u2800", "\u202e\u2066\ufeff"]
)
def test_what_has_no_character_to_see_shows_nothing(text: str) -> None:
    assert not shows(text)


@pytest.mark.parametrize("text", ["a", "\u200ba", "a\u200b", "é", "\x00", "\ufffd", "\u0600", "👩\u200d🚀", "\u0301"])
def test_one_character_that_is_seen_is_enough(text: str) -> None:
    assert shows(text)


@pytest.mark.parametrize(("name", "folded"), [("Mary", "mary"), ("ÄÖ", "ÄÖ"), ("É-Z", "É-z"), ("[a]", "[a]"), ("", "")])
def test_folding_makes_the_letters_of_ascii_small_and_no_other(name: str, folded: str) -> None:
    assert fold(name) == folded
