"""IRC in the real server: beside the terminal's clients, in seats and lines, over reloads, restarts and the end."""

import json
import re
import signal
from pathlib import Path

from tests.processes.failed_starts import nobody_listens, the_one_line
from tests.processes.irc import IrcUser
from tests.processes.programs import CHECKOUT, Programs, Server
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")


def irc_server(programs: Programs, *options: str, seats: int = 5, data: str | None = ":memory:") -> tuple[Server, int]:
    """Start a server with IRC; return it with IRC's port."""
    port = programs.ports.take()
    return programs.server("--irc", str(port), *options, seats=seats, data=data), port


def test_irc_and_the_terminal_talk_in_one_channel(programs: Programs) -> None:
    server, port = irc_server(programs)
    bob = programs.client(server.ports["general"], "Bob")
    bob.reads(says("Welcome to the general channel, Bob."), says("Bob has joined the channel."))
    mary = IrcUser(programs, port, "Mary")
    assert any(" 353 Mary = #general :" in line and "Bob" in line for line in mary.joins("#general"))
    bob.reads(says("Mary has joined the channel."))
    bob.types("hello")
    mary.reads(":Bob!~u@<*> PRIVMSG #general :hello")
    mary.sends("PRIVMSG #general :hello yourself", "PRIVMSG #general :\x02and\x02 again", "PRIVMSG Bob :a secret")
    bob.reads("[Bob (<t>)] hello", "[Mary (<t>)] hello yourself", "[Mary (<t>)] and again")
    assert "a secret" in (bob.next_line("the whisper") or "")
    bob.types("/whisper Mary another")
    mary.reads_up_to(":Bob!~u@<*> PRIVMSG Mary :another")
    mary.sends("QUIT :bye")
    mary.reads("ERROR :Closing Link: Mary (Quit: bye)")
    mary.ends()
    bob.reads_up_to(says("Mary has left the channel."))


def test_who_finds_a_channel_full_waits_and_is_let_in(programs: Programs) -> None:
    server, port = irc_server(programs)
    seated = [IrcUser(programs, port, f"User{number}") for number in range(5)]
    for user in seated:
        user.joins("#general")
    bob, zoe = IrcUser(programs, port, "Bob"), IrcUser(programs, port, "Zoe")
    for ahead, user in enumerate((bob, zoe)):
        user.sends("JOIN #general")
        user.reads(
            f":irc.antechamber 471 {user.nick} #general :Cannot join channel (+l) - you are in its waiting queue",
            f":irc.antechamber NOTE JOIN QUEUED #general {ahead} :You are in the waiting queue and there are {ahead} "
            "user(s) ahead of you.",
        )
    bob.sends("PRIVMSG #general :let me in")
    bob.reads(":irc.antechamber 404 Bob #general :<*>")
    bob.sends("PART #general")
    zoe.reads_up_to(":irc.antechamber NOTICE Zoe :#general: You are in the waiting queue and there are 0 user(s)<*>")
    server.types("/kick general:User0")
    seated[0].reads_up_to(":irc.antechamber KICK #general User0 :<*>")
    zoe.reads_up_to(":Zoe!~u@<*> JOIN #general")
    zoe.reads_up_to(":irc.antechamber 366 Zoe #general :<*>")
    seated[1].reads_up_to(":Zoe!~u@<*> JOIN #general")


def test_who_goes_idle_is_kicked_and_stays_connected(programs: Programs) -> None:
    _, port = irc_server(programs, "--afk", "1")
    mary = IrcUser(programs, port, "Mary")
    mary.joins("#general")
    mary.reads_up_to(":irc.antechamber KICK #general Mary :<*>")
    mary.sends("PING still-here")
    mary.reads(":irc.antechamber PONG irc.antechamber :still-here")


def test_the_end_of_the_server_is_told(programs: Programs) -> None:
    server, port = irc_server(programs)
    mary, bob = IrcUser(programs, port, "Mary"), IrcUser(programs, port, "Bob")
    mary.joins("#general")
    server.types("/shutdown")
    for user in (mary, bob):
        user.reads_up_to(f"ERROR :Closing Link: {user.nick} (The server shuts down.)")
        user.ends()
    server.reads_up_to(says("<*>"))
    server.drops()


def test_a_taken_port_is_told_and_no_other_is_left_open(programs: Programs) -> None:
    _, port = irc_server(programs)
    config, ports = programs.config()
    desk = programs.ports.take()
    arguments = [SERVER, "--irc", str(port), "--data", ":memory:", "--port", str(desk), str(config)]
    told = the_one_line(programs.run(*arguments))
    assert told == f"antechamber: irc's port {port} is taken: another program listens there"
    assert nobody_listens(desk, *ports.values())


def test_what_was_said_before_a_crash_is_there_after_it(programs: Programs) -> None:
    data, port = str(programs.folder / "chat.db"), programs.ports.take()
    config, ports = programs.config()
    options = ("--irc", str(port), "--data", data)
    server = programs.start_server(SERVER, *options, config=config, ports=ports)
    mary = IrcUser(programs, port, "Mary")
    mary.joins("#general")
    mary.sends("PRIVMSG #general :before the crash", "PING done")
    mary.reads_up_to(":irc.antechamber PONG irc.antechamber :done")
    server.drops()
    programs.start_server(SERVER, *options, config=config, ports=ports)
    mary = IrcUser(programs, port, "Mary", capabilities="draft/chathistory batch server-time message-tags")
    mary.joins("#general")
    mary.sends("CHATHISTORY LATEST #general * 10")
    lines = mary.reads_up_to(":irc.antechamber BATCH -<*>")
    said = [line for line in lines if "PRIVMSG" in line]
    assert len(said) == 1
    assert re.fullmatch(r"@\S*msgid=general-\d+\S* :Mary!~u@\S+ PRIVMSG #general :before the crash", said[0])


def test_after_a_crash_a_password_is_known_still_and_nothing_of_it_was_told(programs: Programs) -> None:
    data, port = str(programs.folder / "chat.db"), programs.ports.take()
    path, channel = programs.folder / "irc.toml", programs.ports.take()
    path.write_text(
        f'irc = {port}\n[[channel]]\nname = "general"\nport = {channel}\nseats = 2\n[[channel]]\n'
        f'name = "games"\nport = {programs.ports.take()}\nseats = 2\n',
        encoding="utf-8",
    )
    ports = {"general": channel}
    server = programs.start_server(SERVER, "--data", data, config=path, ports=ports)
    ann = programs.caller(channel, "Ann")
    ann.sends(b'{"type":"hello","name":"Ann"}\n')
    ann.reads_up_to('<*>"type":"seated","name":"Ann"<*>')
    mary = IrcUser(programs, port, "Mary", password="sesame")
    mary.joins("#general")
    mary.joins("#games")
    mary.sends("PRIVMSG #general :hello")
    told = ann.reads_up_to('<*>"type":"said","name":"Mary"<*>')
    server.drops()
    history = programs.antechamber("history", "general", "--all", "--json", "--data", data).stdout
    assert '"type":"queued","name":"Mary","holds":true' in history
    assert "proof" not in history + "".join(told)
    server = programs.start_server(SERVER, "--data", data, config=path, ports=ports)
    eve = IrcUser(programs, port, "Mary", password="guess")
    eve.sends("JOIN #general")
    eve.reads(":irc.antechamber 437 Mary #general :A place of Mary is held <*>")
    eve.sends("QUIT")
    eve.reads_up_to("ERROR <*>")
    warned = json.loads(server.tells("a wrong secret was tried"))
    assert (warned["level"], warned["kind"], warned["about"], warned["door"]) == ("warning", "password", "Mary", "IRC")
    assert "guess" not in str(warned)
    mary = IrcUser(programs, port, "Mary", password="sesame")
    assert any(" 353 Mary = #general :Ann Mary" in line for line in mary.joins("#general"))
    mary.joins("#games")


class Configured:
    """A server with a config in TOML that can be written anew."""

    def __init__(self, programs: Programs, more: str) -> None:
        self.path: Path = programs.folder / "irc.toml"
        self.channel = programs.ports.take()
        self.write(more)
        ports = {"general": self.channel}
        self.server = programs.start_server(SERVER, "--data", ":memory:", config=self.path, ports=ports)

    def write(self, more: str) -> None:
        channel = f'[[channel]]\nname = "general"\nport = {self.channel}\nseats = 1\ntopic = "Office hour"\n'
        self.path.write_text(f"{more}\n{channel}", encoding="utf-8")

    def reloads(self, more: str, told: str) -> None:
        self.write(more)
        self.server.signal(signal.SIGHUP)
        self.server.tells(told)


def test_who_comes_back_with_its_password_has_its_seat(programs: Programs) -> None:
    port = programs.ports.take()
    Configured(programs, f"irc = {port}\n[limits]\nseat_hold_seconds = 60\nheld_visit_seconds_min = 0")
    mary = IrcUser(programs, port, "Mary", password="secret")
    assert ":irc.antechamber 332 Mary #general :Office hour" in mary.joins("#general")
    bob = IrcUser(programs, port, "Bob")
    bob.sends("JOIN #general")
    bob.reads(":irc.antechamber 471 Bob #general :<*>", ":irc.antechamber NOTE JOIN QUEUED #general 0 :<*>")
    mary.drops()
    mary = IrcUser(programs, port, "Mary", password="secret")
    mary.joins("#general")
    mary.sends("PRIVMSG #general :I am back", "PING done")
    mary.reads_up_to(":irc.antechamber PONG irc.antechamber :done")
    bob.sends("PING done")
    bob.reads(":irc.antechamber PONG irc.antechamber :done")


def test_a_reload_opens_moves_and_closes_the_port(programs: Programs) -> None:
    first, second = programs.ports.take(), programs.ports.take()
    running = Configured(programs, "")
    assert nobody_listens(first, second)
    running.reloads(f'irc = {first}\nmotd = "Be kind."', f"IRC is on port {first}")
    mary = IrcUser(programs, first, "Mary")
    assert ":irc.antechamber 372 Mary :- Be kind." in mary.greeting
    running.reloads(f'irc = {second}\nmotd = "Be brief."', f"IRC is on port {second}, not {first}")
    assert nobody_listens(first)
    bob = IrcUser(programs, second, "Bob")
    assert ":irc.antechamber 372 Bob :- Be brief." in bob.greeting
    running.reloads("", "IRC closed")
    assert nobody_listens(first, second)
    for user, other in ((mary, bob), (bob, mary)):
        user.sends(f"PRIVMSG {other.nick} :are you there?")
        other.reads_up_to(f":{user.nick}!~u@<*> PRIVMSG {other.nick} :are you there?")
