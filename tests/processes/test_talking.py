"""Talking: what is chat, what is a command, and who reads it."""

import pytest

from tests.processes.chat import Chat
from tests.processes.programs import Programs
from tests.processes.transcript import says


def test_everyone_seated_and_the_server_read_a_message(chat: Chat) -> None:
    mary, tom = chat.seats("general", "Mary", "Tom")
    mary.types("hello there")
    chat.all_read([mary, tom, chat.server], "[Mary (<t>)] hello there")
    tom.types("hello Mary")
    chat.all_read([mary, tom, chat.server], "[Tom (<t>)] hello Mary")


def test_no_other_channel_reads_a_message(chat: Chat) -> None:
    [mary] = chat.seats("general", "Mary")
    [tom] = chat.seats("games", "Tom")
    mary.types("hello there")
    chat.all_read([mary, chat.server], "[Mary (<t>)] hello there")
    chat.nobody_else_read_anything([tom], speaker=tom)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        pytest.param("  \t both sides are stripped \t ", "both sides are stripped", id="stripped"),
        pytest.param("what  is   within stays", "what  is   within stays", id="spaces within"),
        pytest.param("/dance", "/dance", id="unknown command"),
        pytest.param("/", "/", id="a slash"),
        pytest.param("/QUIT", "/QUIT", id="another case"),
        pytest.param("/listing", "/listing", id="a longer word"),
        pytest.param("/kick general:Mary", "/kick general:Mary", id="the operator's command"),
        pytest.param("/shutdown", "/shutdown", id="the operator's shutdown"),
        pytest.param("// /quit", "// /quit", id="a command further on"),
        pytest.param("grüße, 世界 🎉", "grüße, 世界 🎉", id="any language"),
        pytest.param("(a|b)[c]{d}\\e %s {0}", "(a|b)[c]{d}\\e %s {0}", id="punctuation"),
    ],
)
def test_anything_else_is_a_message(chat: Chat, typed: str, text: str) -> None:
    [mary] = chat.seats("general", "Mary")
    mary.types(typed)
    chat.all_read([mary, chat.server], f"[Mary (<t>)] {text}")


def test_what_is_no_whole_command_is_ignored(chat: Chat) -> None:
    mary, tom = chat.seats("general", "Mary", "Tom")
    mary.types("", "   ", "\t")
    mary.types("/whisper", "/whisper Tom", "/quit now", "/list all", "/switch", "/switch games now")
    mary.types("/send", "/send Tom", "/send Tom a b")
    chat.nobody_else_read_anything([mary, tom], speaker=mary)


def test_what_ends_without_a_newline_is_typed_once_it_does(chat: Chat) -> None:
    [mary] = chat.seats("general", "Mary")
    mary.sends(b"hel")
    mary.sends(b"lo\nand ")
    mary.reads("[Mary (<t>)] hello")
    mary.sends(b"more\n")
    mary.reads("[Mary (<t>)] and more")


def test_list_shows_every_channel_in_the_files_order(chat: Chat) -> None:
    seated = chat.fills("games")
    chat.waits("games", "Bob", 0, kind="socket")
    ann = chat.waits("games", "Ann", 1)
    [mary] = chat.seats("general", "Mary")
    for reader in (mary, ann):
        reader.types("  /list ")
        reader.reads("[Channel] general 1/5/0.", "[Channel] games 5/5/2.", "[Channel] help 0/5/0.")
    chat.nobody_else_read_anything(seated, speaker=seated[0])
    chat.nobody_else_read_anything([mary], speaker=mary)


class TestWhisper:
    def test_that_member_alone_and_the_server_read_it(self, chat: Chat) -> None:
        mary, tom, ann = chat.seats("general", "Mary", "Tom", "Ann")
        mary.types("/whisper Tom between  us ")
        tom.reads("[Mary whispers to you: (<t>)] between  us")
        chat.server.reads("[Mary whispers to Tom: (<t>)] between  us")
        chat.nobody_else_read_anything([mary, tom, ann], speaker=ann)

    def test_several_spaces_between_the_arguments_are_one(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("/whisper    Tom    hello you")
        tom.reads("[Mary whispers to you: (<t>)] hello you")
        chat.server.reads("[Mary whispers to Tom: (<t>)] hello you")

    def test_to_oneself_it_is_read_once(self, chat: Chat) -> None:
        [mary] = chat.seats("general", "Mary")
        mary.types("/whisper Mary remember the milk")
        mary.reads("[Mary whispers to you: (<t>)] remember the milk")
        chat.server.reads("[Mary whispers to Mary: (<t>)] remember the milk")
        chat.nobody_else_read_anything([mary], speaker=mary)

    def test_to_nobody_the_sender_and_the_server_read_so(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("/whisper Nobody are you there")
        mary.reads(says("Nobody is not here."))
        chat.server.reads("[Mary whispers to Nobody: (<t>)] are you there")
        chat.nobody_else_read_anything([mary, tom], speaker=tom)

    def test_to_another_channel_it_does_not_go(self, chat: Chat) -> None:
        [mary] = chat.seats("general", "Mary")
        [tom] = chat.seats("games", "Tom")
        mary.types("/whisper Tom are you there")
        mary.reads(says("Tom is not here."))
        chat.server.reads("[Mary whispers to Tom: (<t>)] are you there")
        chat.nobody_else_read_anything([tom], speaker=tom)

    def test_to_the_queue_it_does_not_go(self, chat: Chat) -> None:
        seated = chat.fills("general", 4)
        [mary] = chat.seats("general", "Mary", among=seated)
        ann = chat.waits("general", "Ann", 0)
        mary.types("/whisper Ann are you there")
        mary.reads(says("Ann is not here."))
        chat.server.reads("[Mary whispers to Ann: (<t>)] are you there")
        seated[0].types("/quit")
        ann.reads(says("Ann has joined the channel."))


class TestQuit:
    def test_those_who_stay_and_the_server_read_it(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("/quit")
        chat.all_read([tom, chat.server], says("Mary has left the channel."))
        mary.ends()
        chat.nobody_else_read_anything([tom], speaker=tom)

    def test_from_the_queue_the_server_alone_reads_it(self, chat: Chat) -> None:
        seated = chat.fills("general")
        ann = chat.waits("general", "Ann", 0)
        ann.types("/quit")
        chat.server.reads(says("Ann has left the channel."))
        ann.ends()
        chat.nobody_else_read_anything(seated, speaker=seated[0])

    def test_what_is_typed_after_it_reaches_nobody(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("one", "/quit", "two")
        chat.all_read([tom, chat.server], "[Mary (<t>)] one", says("Mary has left the channel."))
        mary.reads("[Mary (<t>)] one")
        mary.ends()
        chat.nobody_else_read_anything([tom], speaker=tom)


def test_everybody_reads_the_servers_local_time(programs: Programs) -> None:
    tokyo = 9 * 3_600
    server = programs.server(zone=("XST-9", tokyo))
    mary = programs.client(server.ports["general"], "Mary", zone=("YST+5:30", tokyo))
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    server.reads(says("Mary has joined the general channel."))
    mary.types("hello")
    mary.reads("[Mary (<t>)] hello")
    server.reads("[Mary (<t>)] hello")
