"""How a run ends that has found something, and how a process ends that is killed."""


class RuleBroken(AssertionError):
    """A rule of the house does not hold."""


class Killed(BaseException):
    """The server's process ends here, in the middle of what it does. Nothing of its own may catch this."""


class Fuse:
    """Kills the process in the middle of something: the world sets how far it comes."""

    def __init__(self) -> None:
        self.writes_left = 0
        """How many writes to connections are left to it; 0 is no bound."""
        self.before_append = False
        self.after_append = False

    def burn(self) -> None:
        """Count a write."""
        self.writes_left -= 1
        if not self.writes_left:
            raise Killed

    def clear(self) -> None:
        self.writes_left = 0
        self.before_append = self.after_append = False
