"""The operator, who types at the server's own terminal and reads every channel there."""

import itertools

import pytest

from tests.processes.chat import Chat
from tests.processes.programs import Programs
from tests.processes.transcript import says

PLACE = "You are in the waiting queue and there are {} user(s) ahead of you."


_numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    """Return a name that nobody had yet: a mute goes on for a member who rejoins."""
    return f"Mary{next(_numbers)}"


class TestKick:
    def test_a_seated_member_is_disconnected(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        chat.server.types("/kick general:Mary")
        chat.server.reads(says("Kicked Mary."))
        mary.ends()
        tom.reads(says("Mary has left the channel."))
        chat.nobody_else_read_anything([tom], speaker=tom)

    def test_the_queue_moves_up(self, chat: Chat) -> None:
        kicked, *staying = chat.fills("general")
        ann = chat.waits("general", "Ann", 0)
        chat.server.types("/kick   general:one1")
        chat.server.reads(says("Kicked one1."), says("Ann has joined the general channel."))
        kicked.ends()
        chat.all_read(staying, says("one1 has left the channel."))
        chat.all_read([*staying, ann], says("Ann has joined the channel."))

    def test_one_who_waits_is_disconnected(self, chat: Chat) -> None:
        seated = chat.fills("general")
        ann, bob = (chat.waits("general", name, ahead) for ahead, name in enumerate(("Ann", "Bob")))
        chat.server.types("/kick general:Ann")
        chat.server.reads(says("Kicked Ann."))
        ann.ends()
        bob.reads(says(PLACE.format(0)))
        chat.nobody_else_read_anything(seated, speaker=seated[0])

    def test_of_two_with_one_name_the_other_stays(self, chat: Chat) -> None:
        [one] = chat.seats("general", "Mary")
        [other] = chat.seats("games", "Mary")
        chat.server.types("/kick games:Mary")
        chat.server.reads(says("Kicked Mary."))
        other.ends()
        chat.nobody_else_read_anything([one], speaker=one)

    def test_an_unknown_name_or_channel_is_told(self, chat: Chat) -> None:
        [mary] = chat.seats("general", "Mary")
        chat.server.types("/kick general:Nobody", "/kick games:Mary", "/kick nowhere:Mary")
        chat.server.reads(
            says("Nobody is not in general."), says("Mary is not in games."), says("nowhere does not exist.")
        )
        chat.nobody_else_read_anything([mary], speaker=mary)


class TestMute:
    def test_everyone_seated_reads_of_it(self, chat: Chat, name: str) -> None:
        mary, tom = chat.seats("general", name, "Tom")
        chat.server.types(f"/mute general:{name}  30")
        chat.server.reads(says(f"Muted {name} for 30 seconds."))
        mary.reads(says("You have been muted for 30 seconds."))
        tom.reads(says(f"{name} has been muted for 30 seconds."))
        chat.nobody_else_read_anything([mary, tom], speaker=tom)

    def test_chat_and_whispers_are_refused_with_the_seconds_left(self, chat: Chat, name: str) -> None:
        mary, tom = chat.seats("general", name, "Tom")
        chat.server.types(f"/mute general:{name} 1000")
        chat.server.reads(says(f"Muted {name} for 1000 seconds."))
        mary.reads(says("You have been muted for 1000 seconds."))
        tom.reads(says(f"{name} has been muted for 1000 seconds."))
        mary.types("hello", "/whisper Tom hello", "/whisper Nobody hello", "/dance")
        mary.reads(*[says("You are still muted for 9<n> seconds.")] * 4)
        chat.nobody_else_read_anything([mary, tom], speaker=tom)

    def test_the_seconds_left_are_rounded_down(self, chat: Chat, name: str) -> None:
        [mary] = chat.seats("general", name)
        chat.server.types(f"/mute general:{name} 1")
        mary.reads(says("You have been muted for 1 seconds."))
        mary.types("hello")
        mary.reads(says("You are still muted for 0 seconds."))

    def test_other_commands_work(self, chat: Chat, name: str) -> None:
        (chat.programs.folder / "note").touch()
        mary, tom = chat.seats("general", name, "Tom")
        chat.server.types(f"/mute general:{name} 1000")
        chat.server.reads(says(f"Muted {name} for 1000 seconds."))
        mary.reads(says("You have been muted for 1000 seconds."))
        tom.reads(says(f"{name} has been muted for 1000 seconds."))
        mary.types("/list", "/send Nobody note", "/switch games")
        mary.reads("[Channel] general 2/5/0.", "[Channel] games 0/5/0.", "[Channel] help 0/5/0.")
        mary.reads(says("Nobody is not here."))
        mary.reads(says(f"Welcome to the games channel, {name}."), says(f"{name} has joined the channel."))
        chat.all_read([tom, chat.server], says(f"{name} has left the channel."))
        chat.server.reads(says(f"{name} has joined the games channel."))
        mary.types("/quit")
        chat.server.reads(says(f"{name} has left the channel."))
        mary.ends()

    def test_it_ends_with_its_time(self, chat: Chat, name: str) -> None:
        mary, tom = chat.seats("general", name, "Tom")
        chat.server.types(f"/mute general:{name} 1")
        mary.reads(says("You have been muted for 1 seconds."))
        tom.reads(says(f"{name} has been muted for 1 seconds."))
        while True:
            mary.types("am I heard?")
            line = mary.next_line("an answer")
            if line is None or not line.endswith("You are still muted for 0 seconds."):
                break
        tom.reads(f"[{name} (<t>)] am I heard?")
        chat.server.reads(says(f"Muted {name} for 1 seconds."), f"[{name} (<t>)] am I heard?")

    def test_it_goes_on_for_who_leaves_and_comes_again(self, chat: Chat, name: str) -> None:
        [mary] = chat.seats("general", name)
        chat.server.types(f"/mute general:{name} 1000")
        chat.server.reads(says(f"Muted {name} for 1000 seconds."))
        mary.reads(says("You have been muted for 1000 seconds."))
        mary.types("/quit")
        mary.ends()
        chat.server.reads(says(f"{name} has left the channel."))
        [mary] = chat.seats("general", name)
        mary.types("hello", "/switch games")
        mary.reads(says("You are still muted for 9<n> seconds."))
        mary.reads(says(f"Welcome to the games channel, {name}."), says(f"{name} has joined the channel."))
        mary.types("hello", "/switch general")
        mary.reads(f"[{name} (<t>)] hello")
        mary.reads(says(f"Welcome to the general channel, {name}."), says(f"{name} has joined the channel."))
        mary.types("hello")
        mary.reads(says("You are still muted for 9<n> seconds."))

    def test_another_mute_takes_its_place(self, chat: Chat, name: str) -> None:
        [mary] = chat.seats("general", name)
        chat.server.types(f"/mute general:{name} 1000", f"/mute general:{name} 20")
        mary.reads(says("You have been muted for 1000 seconds."), says("You have been muted for 20 seconds."))
        mary.types("hello")
        mary.reads(says("You are still muted for 1<n> seconds."))

    @pytest.mark.parametrize("seconds", ["0", "-1", "1.5", "abc", "1e3", "+5", "٣", "0x10", "9" * 30])
    def test_what_is_no_positive_whole_number_is_told(self, chat: Chat, seconds: str) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom", kind="socket")
        chat.server.types(f"/mute general:Mary {seconds}")
        chat.server.reads(says("Invalid mute time."))
        chat.nobody_else_read_anything([mary, tom], speaker=mary)

    def test_who_is_not_seated_there_is_not_here(self, chat: Chat) -> None:
        seated = chat.fills("general")
        ann = chat.waits("general", "Ann", 0)
        chat.server.types("/mute general:Nobody 10", "/mute games:one1 10", "/mute nowhere:one1 10")
        chat.server.types("/mute general:Ann 10")
        chat.server.reads(*(says(f"{name} is not here.") for name in ("Nobody", "one1", "one1", "Ann")))
        chat.nobody_else_read_anything(seated, speaker=seated[0])
        ann.types("/quit")
        ann.ends()


class TestEmpty:
    def test_everyone_seated_is_disconnected_without_a_line(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        [ann] = chat.seats("games", "Ann")
        chat.server.types("/empty   general")
        chat.server.reads(says("general has been emptied."))
        mary.ends()
        tom.ends()
        chat.nobody_else_read_anything([ann], speaker=ann)

    def test_then_the_queue_moves_up(self, chat: Chat) -> None:
        seated = chat.fills("general")
        first = [chat.waits("general", f"two{number}", number - 1, kind="socket") for number in range(1, 5)]
        ann = chat.waits("general", "Ann", 4)
        bob, cleo = (chat.waits("general", name, ahead) for ahead, name in enumerate(("Bob", "Cleo"), 5))
        chat.server.types("/empty general")
        chat.server.reads(says("general has been emptied."))
        moved_up = [*first, ann]
        for number, member in enumerate(moved_up):
            chat.server.reads(says(f"{member.name} has joined the general channel."))
            chat.all_read(moved_up[: number + 1], says(f"{member.name} has joined the channel."))
        bob.reads(says(PLACE.format(0)))
        cleo.reads(says(PLACE.format(1)))
        for member in seated:
            member.ends()
        chat.nobody_else_read_anything(moved_up, speaker=ann)

    def test_an_empty_channel_is_emptied_as_well(self, chat: Chat) -> None:
        chat.server.types("/empty help")
        chat.server.reads(says("help has been emptied."))

    def test_an_unknown_channel_is_told(self, chat: Chat) -> None:
        [mary] = chat.seats("general", "Mary")
        chat.server.types("/empty nowhere")
        chat.server.reads(says("nowhere does not exist."))
        chat.nobody_else_read_anything([mary], speaker=mary)


class TestShutdown:
    def test_every_connection_is_closed_and_the_server_exits_with_0(self, programs: Programs, kind: str) -> None:
        chat = Chat(programs, programs.server(), kind)
        [mary] = chat.seats("games", "Mary")
        seated = chat.fills("general")
        ann = chat.waits("general", "Ann", 0)
        unnamed = programs.caller(chat.server.ports["help"], "nobody")
        chat.server.types(" /shutdown ")
        for member in (mary, *seated, ann, unnamed):
            member.ends()
        chat.server.exits(0)

    def test_what_was_said_before_is_read(self, programs: Programs, kind: str) -> None:
        chat = Chat(programs, programs.server(), kind)
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("goodbye")
        chat.server.reads("[Mary (<t>)] goodbye")
        chat.server.types("/kick general:Nobody", "/shutdown", "/kick general:Mary")
        chat.server.reads(says("Nobody is not in general."))
        chat.all_read([mary, tom], "[Mary (<t>)] goodbye")
        mary.ends()
        tom.ends()
        chat.server.exits(0)


def test_anything_else_is_ignored(chat: Chat) -> None:
    [mary] = chat.seats("general", "Mary")
    chat.server.types(
        "", "  ", "hello everybody", "/", "/dance", "/list all", "/quit", "/say hello", "kick general:Mary"
    )
    chat.server.types("kick general:Mary")
    chat.server.types(
        "/kick", "/kick Mary", "/kick general:", "/kick :Mary", "/kick general:Mary now", "/kick general Mary"
    )
    chat.server.types("/mute", "/mute general:Mary", "/mute Mary 10", "/mute general:Mary 10 20", "/mute :Mary 10")
    chat.server.types("/empty", "/empty general games", "/shutdown now", "/SHUTDOWN", "/shutdownnow")
    chat.server.sends(b"/kick general:\xff\xfe\n\x00\n")
    chat.server.reads(says("\N{REPLACEMENT CHARACTER}" * 2 + " is not in general."))
    chat.nobody_else_read_anything([mary], speaker=mary)
