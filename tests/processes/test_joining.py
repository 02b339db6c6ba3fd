"""Joining: the welcome, the seats, and the fair waiting queue."""

from tests.processes.chat import Chat
from tests.processes.transcript import says

PLACE = "You are in the waiting queue and there are {} user(s) ahead of you."


def test_everyone_seated_and_the_server_read_who_has_joined(chat: Chat) -> None:
    mary = chat.connects("general", "Mary")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    chat.server.reads(says("Mary has joined the general channel."))
    tom = chat.connects("general", "Tom")
    tom.reads(says("Welcome to the general channel, Tom."), says("Tom has joined the channel."))
    mary.reads(says("Tom has joined the channel."))
    chat.server.reads(says("Tom has joined the general channel."))
    chat.nobody_else_read_anything([mary, tom], speaker=tom)


def test_who_joins_one_channel_is_not_told_of_in_another(chat: Chat) -> None:
    [mary] = chat.seats("general", "Mary")
    chat.seats("games", "Tom", kind="socket")
    chat.nobody_else_read_anything([mary], speaker=mary)


def test_a_full_channel_lets_newcomers_wait(chat: Chat) -> None:
    seated = chat.fills("general")
    ann = chat.connects("general", "Ann")
    ann.reads(says("Welcome to the general channel, Ann."), says(PLACE.format(0)))
    bob = chat.connects("general", "Bob")
    bob.reads(says("Welcome to the general channel, Bob."), says(PLACE.format(1)))
    chat.nobody_else_read_anything(seated, speaker=seated[0])


def test_who_waits_longest_gets_the_seat_that_falls_free(chat: Chat) -> None:
    leaver, *staying = chat.fills("general")
    ann, bob, cleo = (chat.waits("general", name, ahead) for ahead, name in enumerate(("Ann", "Bob", "Cleo")))
    leaver.types("/quit")
    chat.all_read([*staying, chat.server], says("one1 has left the channel."))
    chat.all_read([*staying, ann], says("Ann has joined the channel."))
    chat.server.reads(says("Ann has joined the general channel."))
    bob.reads(says(PLACE.format(0)))
    cleo.reads(says(PLACE.format(1)))
    chat.nobody_else_read_anything([*staying, ann], speaker=ann)
    staying.pop(0).types("/quit")
    chat.all_read([*staying, ann, chat.server], says("one2 has left the channel."))
    chat.all_read([*staying, ann, bob], says("Bob has joined the channel."))
    cleo.reads(says(PLACE.format(0)))


def test_who_leaves_the_queue_moves_up_those_behind_alone(chat: Chat) -> None:
    seated = chat.fills("general")
    ann, bob, cleo = (chat.waits("general", name, ahead) for ahead, name in enumerate(("Ann", "Bob", "Cleo")))
    bob.types("/quit")
    bob.ends()
    chat.server.reads(says("Bob has left the channel."))
    cleo.reads(says(PLACE.format(1)))
    seated.pop().types("/quit")
    chat.all_read([*seated, chat.server], says("one5 has left the channel."))
    ann.reads(says("Ann has joined the channel."))
    cleo.reads(says(PLACE.format(0)))


def test_who_waits_sees_no_chat_and_reaches_nobody(chat: Chat) -> None:
    seated = chat.fills("general")
    ann = chat.waits("general", "Ann", 0)
    ann.types("is anybody there?", "/whisper one1 hello?", "/foo bar")
    ann.types("/list")
    ann.reads("[Channel] general 5/5/1.", "[Channel] games 0/5/0.", "[Channel] help 0/5/0.")
    chat.nobody_else_read_anything(seated, speaker=seated[0])
    ann.types("/quit")
    ann.ends()


def test_a_name_that_is_seated_is_turned_away(chat: Chat) -> None:
    [mary] = chat.seats("general", "Mary")
    other = chat.connects("general", "Mary")
    other.reads(says("Cannot connect to the general channel."))
    other.ends()
    chat.nobody_else_read_anything([mary], speaker=mary)


def test_a_name_that_waits_is_turned_away(chat: Chat) -> None:
    seated = chat.fills("general")
    ann = chat.waits("general", "Ann", 0)
    other = chat.connects("general", "Ann")
    other.reads(says("Cannot connect to the general channel."))
    other.ends()
    chat.nobody_else_read_anything(seated, speaker=seated[0])
    seated[0].types("/quit")
    ann.reads(says("Ann has joined the channel."))


def test_one_name_may_be_in_several_channels(chat: Chat) -> None:
    [one] = chat.seats("general", "Mary")
    [other] = chat.seats("games", "Mary")
    one.types("here")
    one.reads("[Mary (<t>)] here")
    other.types("there")
    other.reads("[Mary (<t>)] there")


def test_a_name_is_free_again_once_it_has_left(chat: Chat) -> None:
    [mary] = chat.seats("general", "Mary")
    mary.types("/quit")
    mary.ends()
    chat.server.reads(says("Mary has left the channel."))
    chat.seats("general", "Mary")


def test_a_connection_that_dies_frees_its_seat_without_a_line(chat: Chat) -> None:
    mary, tom = chat.seats("general", "Mary", "Tom")
    others = [tom, *chat.seats("general", "one1", "one2", "one3", among=[mary, tom], kind="socket")]
    ann = chat.waits("general", "Ann", 0)
    mary.drops()
    chat.all_read([*others, ann], says("Ann has joined the channel."))
    chat.server.reads(says("Ann has joined the general channel."))
    chat.nobody_else_read_anything([*others, ann], speaker=ann)


def test_a_connection_that_dies_frees_its_place_without_a_line(chat: Chat) -> None:
    seated = chat.fills("general")
    ann, bob = (chat.waits("general", name, ahead) for ahead, name in enumerate(("Ann", "Bob")))
    ann.drops()
    bob.reads(says(PLACE.format(0)))
    chat.nobody_else_read_anything(seated, speaker=seated[0])
