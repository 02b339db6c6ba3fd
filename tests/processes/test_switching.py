"""Switching from one channel to another: leaving as with /quit, and coming as anybody does."""

from tests.processes.chat import Chat
from tests.processes.transcript import says

PLACE = "You are in the waiting queue and there are {} user(s) ahead of you."


def test_both_channels_read_of_it(chat: Chat) -> None:
    mary, tom = chat.seats("general", "Mary", "Tom")
    [ann] = chat.seats("games", "Ann")
    mary.types("/switch   games")
    chat.all_read([tom, chat.server], says("Mary has left the channel."))
    mary.reads(says("Welcome to the games channel, Mary."))
    chat.all_read([mary, ann], says("Mary has joined the channel."))
    chat.server.reads(says("Mary has joined the games channel."))
    chat.nobody_else_read_anything([tom], speaker=tom)
    mary.types("I am here now")
    chat.all_read([mary, ann, chat.server], "[Mary (<t>)] I am here now")


def test_an_unknown_channel_is_told_to_the_asker_alone(chat: Chat) -> None:
    mary, tom = chat.seats("general", "Mary", "Tom")
    mary.types("/switch nowhere")
    mary.reads(says("nowhere does not exist."))
    chat.nobody_else_read_anything([mary, tom], speaker=mary)


def test_a_name_that_is_seated_there_keeps_one_here(chat: Chat) -> None:
    mary, tom = chat.seats("general", "Mary", "Tom")
    [other] = chat.seats("games", "Mary")
    mary.types("/switch games")
    mary.reads(says("Cannot switch to the games channel."))
    chat.nobody_else_read_anything([mary, tom], speaker=mary)
    chat.nobody_else_read_anything([other], speaker=other)


def test_a_name_that_waits_there_keeps_one_here(chat: Chat) -> None:
    seated = chat.fills("games")
    other = chat.waits("games", "Mary", 0)
    [mary] = chat.seats("general", "Mary")
    mary.types("/switch games")
    mary.reads(says("Cannot switch to the games channel."))
    chat.nobody_else_read_anything([mary], speaker=mary)
    seated[0].types("/quit")
    other.reads(says("Mary has joined the channel."))


def test_to_the_same_channel_one_cannot_switch(chat: Chat) -> None:
    mary, tom = chat.seats("general", "Mary", "Tom")
    mary.types("/switch general")
    mary.reads(says("Cannot switch to the general channel."))
    chat.nobody_else_read_anything([mary, tom], speaker=mary)


def test_into_a_full_channel_one_waits(chat: Chat) -> None:
    seated = chat.fills("games")
    waiting = chat.waits("games", "Bob", 0, kind="socket")
    mary, tom = chat.seats("general", "Mary", "Tom")
    mary.types("/switch games")
    chat.all_read([tom, chat.server], says("Mary has left the channel."))
    mary.reads(says("Welcome to the games channel, Mary."), says(PLACE.format(1)))
    chat.nobody_else_read_anything(seated, speaker=seated[0])
    chat.nobody_else_read_anything([tom], speaker=tom)
    waiting.types("/quit")
    chat.server.reads(says("Bob has left the channel."))
    mary.reads(says(PLACE.format(0)))


def test_those_left_behind_move_up(chat: Chat) -> None:
    seated = chat.fills("general", 4)
    [mary] = chat.seats("general", "Mary", among=seated)
    ann, bob = (chat.waits("general", name, ahead) for ahead, name in enumerate(("Ann", "Bob")))
    mary.types("/switch games")
    chat.all_read([*seated, chat.server], says("Mary has left the channel."))
    chat.all_read([*seated, ann], says("Ann has joined the channel."))
    bob.reads(says(PLACE.format(0)))
    mary.reads(says("Welcome to the games channel, Mary."), says("Mary has joined the channel."))
    chat.server.reads(says("Ann has joined the general channel."), says("Mary has joined the games channel."))


def test_from_the_queue_the_server_alone_reads_who_left(chat: Chat) -> None:
    seated = chat.fills("general")
    ann, bob = (chat.waits("general", name, ahead) for ahead, name in enumerate(("Ann", "Bob")))
    [cleo] = chat.seats("games", "Cleo")
    ann.types("/switch games")
    chat.server.reads(says("Ann has left the channel."), says("Ann has joined the games channel."))
    ann.reads(says("Welcome to the games channel, Ann."))
    chat.all_read([ann, cleo], says("Ann has joined the channel."))
    bob.reads(says(PLACE.format(0)))
    chat.nobody_else_read_anything(seated, speaker=seated[0])


def test_from_the_queue_a_refusal_keeps_the_place(chat: Chat) -> None:
    seated = chat.fills("general")
    ann = chat.waits("general", "Ann", 0)
    ann.types("/switch nowhere", "/switch general")
    ann.reads(says("nowhere does not exist."), says("Cannot switch to the general channel."))
    chat.nobody_else_read_anything(seated, speaker=seated[0])
    seated[0].types("/quit")
    ann.reads(says("Ann has joined the channel."))


def test_back_again_one_is_the_last_in_the_queue(chat: Chat) -> None:
    leaver, *_ = chat.fills("general")
    bob = chat.waits("general", "Bob", 0)
    leaver.types("/switch games", "/switch general")
    leaver.reads(says("Welcome to the games channel, one1."), says("one1 has joined the channel."))
    leaver.reads(says("Welcome to the general channel, one1."), says(PLACE.format(0)))
    bob.reads(says("Bob has joined the channel."))
