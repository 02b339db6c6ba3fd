"""Those who come by IRC: a client of bare lines, whose every line is checked."""

from tests.processes.programs import Caller, Programs

NAMES_END = ":irc.antechamber 366 {nick} {channel} :<*>"


class IrcUser:
    """A user with a connection of its own, registered and past the greeting."""

    def __init__(self, programs: Programs, port: int, nick: str, *, password: str = "", capabilities: str = "") -> None:
        self.nick = nick
        self._caller: Caller = programs.caller(port, f"{nick} (IRC)")
        if password:
            self.sends(f"PASS {password}")
        if capabilities:
            self.sends(f"CAP REQ :{capabilities}")
        self.sends(f"NICK {nick}", f"USER {nick.lower()} 0 * :{nick}")
        if capabilities:
            self.sends("CAP END")
        self.greeting = self.reads_up_to(f":irc.antechamber <*> {nick} :<*>", numerics=("376", "422"))
        """The lines of the greeting."""

    def sends(self, *lines: str) -> None:
        """Send lines, in one piece."""
        self._caller.sends("".join(f"{line}\r\n" for line in lines).encode())

    def joins(self, channel: str) -> list[str]:
        """Enter a channel with a free seat; return the lines of the entering."""
        self.sends(f"JOIN {channel}")
        return self.reads_up_to(NAMES_END.format(nick=self.nick, channel=channel))

    def reads(self, *templates: str) -> None:
        """See to it that the next lines are these."""
        self._caller.reads(*(f"{template}\r" for template in templates))

    def reads_up_to(self, template: str, numerics: tuple[str, ...] = ()) -> list[str]:
        """Take lines up to and with the first that is `template`, or has one of these numerics; return all of them."""
        if not numerics:
            before = self._caller.reads_up_to(f"{template}\r")
            return [line.removesuffix("\r") for line in before]
        lines: list[str] = []
        while not lines or lines[-1].split(" ")[1] not in numerics:
            lines.append(self.next_line())
        return lines

    def next_line(self) -> str:
        """Return the next line."""
        line = self._caller.next_line("a line")
        assert line is not None, f"{self.nick} read no more"
        assert line.endswith("\r")
        return line.removesuffix("\r")

    def ends(self) -> None:
        """See to it that the connection is closed with not one line more."""
        self._caller.ends()

    def drops(self) -> None:
        """Die without a word."""
        self._caller.drops()
