"""The commands: their arguments, and nothing else. What they start is imported where it is started."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from antechamber import __version__
from antechamber.config import (
    DATA_IN_MEMORY,
    FRONT_DESK_PORT,
    HOST,
    IRC_PORT,
    LOG_LEVELS,
    Address,
    ChannelSettings,
    ConfigError,
    Overrides,
    Settings,
)
from antechamber.config.load import exposed_token, is_toml, read_settings
from antechamber.config.rules import address, host_name, is_host, whole_number
from antechamber.protocol import text
from antechamber.protocol.limits import NAME_CHARACTERS_MOST, PORT_MAX, Limits

_CONFIG_NAME = "configfile"
_HELP_COLUMNS = 78
_DAY_SECONDS = 86_400
_IDLE_SECONDS_MAX = 365 * _DAY_SECONDS
_COMMANDS = {
    "serve": "Serve the channels of a config file until /shutdown is typed or the process is stopped.",
    "join": "Join a channel: read what is said there, and say what you type.",
    "check-config": "Check a config file without starting anything.",
    "operator-link": "Print the link to the operator's page. It makes anyone who has it an operator.",
    "history": "Show what was said in a channel, whether the server runs or not.",
    "backup": "Copy the log of a server, whether it runs or not.",
    "init": "Write a config with comments, to begin with.",
    "completion": "Print a script by which a shell completes these commands.",
}


class _Help(argparse.HelpFormatter):
    """A formatter of fixed width. Asking the terminal would cost every start, as argparse asks for each argument."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_HELP_COLUMNS)


class _Parser(argparse.ArgumentParser):
    """A parser that reports a malformed argument in one line, and exits with status 1."""

    def __init__(self, prog: str, description: str, **more: Any) -> None:
        super().__init__(prog=prog, description=description, formatter_class=_Help, allow_abbrev=False, **more)

    def format_help(self) -> str:
        """Return the help, with what the environment and the exit statuses mean."""
        from antechamber.cli.reference import help_epilog

        return super().format_help() + help_epilog(_HELP_COLUMNS)

    def error(self, message: str) -> NoReturn:
        """Exit with one line that says what is malformed."""
        self.exit(1, f"{self.prog}: {text.clean(message)} ({self.prog} --help tells more)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `antechamber` with `argv`, or with the process's arguments; return its exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    parser = antechamber_parser("".join(arguments[:1]))
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.error(f"a command is missing: one of {', '.join(_COMMANDS)}")
    return _run(chosen)


def antechamber_parser(command: str = "") -> argparse.ArgumentParser:
    """Return the parser of `antechamber`, whose first argument is `command`; "" is for all of them.

    What some commands import for their arguments is of no use to the others.
    """
    parser = _Parser(prog="antechamber", description="Chat with a limited number of seats and a fair waiting line.")
    parser.add_argument("--version", action="version", version=f"antechamber {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    described = {name: commands.add_parser(name, help=line, description=line) for name, line in _COMMANDS.items()}
    _add_server_arguments(described["serve"], "antechamber serve", "antechamber join")
    _add_client_arguments(described["join"], "")
    _add_config_arguments(described["check-config"])
    described["check-config"].set_defaults(run=_check_config)
    _add_config_arguments(described["operator-link"])
    _add_place_arguments(described["operator-link"])
    described["operator-link"].set_defaults(run=_operator_link)
    if command in ("", "history"):
        from antechamber.cli import history

        history.add_arguments(described["history"])
        described["history"].set_defaults(run=history.run)
    if command in ("", "backup"):
        from antechamber.cli import backup

        backup.add_arguments(described["backup"])
        described["backup"].set_defaults(run=backup.run)
    if command in ("", "init"):
        from antechamber.cli import init

        init.add_arguments(described["init"])
        described["init"].set_defaults(run=_init)
    if command in ("", "completion"):
        from antechamber.cli import completion

        completion.add_arguments(described["completion"])
        described["completion"].set_defaults(run=completion.run)
    return parser


def chatserver_parser(prog: str) -> argparse.ArgumentParser:
    """Return the parser of `chatserver`, which calls itself `prog`."""
    parser = _Parser(prog=prog, description=_COMMANDS["serve"])
    _add_server_arguments(parser, "chatserver", "chatclient")
    return parser


def chatclient_parser(prog: str, home: str = "") -> argparse.ArgumentParser:
    """Return the parser of `chatclient`, which calls itself `prog`; `home` is the launcher's folder, or ""."""
    parser = _Parser(prog=prog, description=_COMMANDS["join"])
    _add_client_arguments(parser, home)
    return parser


def chatserver() -> int:
    """Run the server with the process's arguments, as `antechamber serve`."""
    return _run(chatserver_parser(os.path.basename(sys.argv[0])).parse_args())


def chatclient(home: str = "") -> int:
    """Run a client with the process's arguments, as `antechamber join`; `home` is the launcher's folder."""
    return _run(chatclient_parser(os.path.basename(sys.argv[0]), home).parse_args())


def _run(chosen: argparse.Namespace) -> int:
    if sys.stderr is None:  # it was closed, and print would write to standard output instead
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    run: Callable[[argparse.Namespace], int] = chosen.run
    return run(chosen)


def _add_config_arguments(parser: argparse.ArgumentParser, *, serves: bool = False) -> None:
    add = parser.add_argument
    config = add(
        "config",
        nargs=None if serves else "?",
        default=None if serves else _CONFIG_NAME,
        metavar="CONFIGFILE",
        help="the config: one channel a line, channel NAME PORT CAPACITY, or TOML if the name ends in .toml; options "
        "override it" + ("" if serves else " (default: %(default)s)"),
    )
    config.required = False  # if it is missing, our own message says how to start
    add(
        "--port",
        type=_port,
        help=f"the port of the page, the list of channels and the files, 1 to {PORT_MAX} (default: {FRONT_DESK_PORT})",
    )


def _add_server_arguments(parser: argparse.ArgumentParser, serve: str, join: str) -> None:
    """Add the arguments of the server's command `serve`; `join` is the command by which people join."""
    add = parser.add_argument
    _add_config_arguments(parser, serves=True)
    add(
        "--afk",
        type=_seconds,
        metavar="SECONDS",
        help="the seconds after which a silent member loses the seat; decimals are allowed "
        f"(default: {Limits().idle_seconds_max:g})",
    )
    _add_place_arguments(parser)
    add(
        "--irc",
        type=_address,
        nargs="?",
        const=Address("", IRC_PORT),
        metavar="PORT",
        help="the port for IRC clients, or HOST:PORT to listen on another host "
        f"(default: no IRC; {IRC_PORT} if PORT is left out)",
    )
    add(
        "--allow-host",
        type=_host_name,
        action="append",
        default=[],
        metavar="NAME",
        help="another host name that browsers may use for this server, such as a proxy's; may be given several times",
    )
    add(
        "--log-level",
        choices=LOG_LEVELS,
        help="how much to log on standard error (default: off on a terminal, otherwise warning)",
    )
    parser.set_defaults(run=_serve, parser=parser, serve=serve, join=join)


def _add_place_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", type=_host, help=f"the address to listen on (default: {HOST})")
    parser.add_argument(
        "--data",
        type=_path,
        metavar="PATH",
        help=f"the file in which messages are kept; {DATA_IN_MEMORY} keeps nothing on disk "
        "(default: in the user's state folder, $XDG_STATE_HOME/antechamber)",
    )


def _add_client_arguments(parser: argparse.ArgumentParser, home: str) -> None:
    add = parser.add_argument
    add(
        "door", type=_door, metavar="PORT", help="the channel's port, or its name, which is looked up at the front desk"
    )
    add("name", type=_name, metavar="USERNAME", help="your name there; after -- it may start with a -")
    add("--host", type=_host, default=HOST, help="where the server is (default: %(default)s)")
    add(
        "--front-desk",
        type=_port,
        default=FRONT_DESK_PORT,
        metavar="PORT",
        help="the front desk's port there (default: %(default)s)",
    )
    where = "the folder of chatclient.py" if home else "the current folder"
    add(
        "--files",
        type=_folder,
        metavar="FOLDER",
        help="where received files are saved; existing ones are kept (default: $XDG_DATA_HOME/antechamber/received, "
        f"for the plain transcript {where})",
    )
    add(
        "--accept-files",
        choices=("ask", "always", "never"),
        help="whether received files are taken (default: ask; the plain transcript asks nothing, and takes them)",
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--plain",
        action="store_true",
        help="show the plain transcript on a terminal as well, as in a pipe ($ANTECHAMBER_PLAIN=1 does the same)",
    )
    shown.add_argument(
        "--lines",
        action="store_true",
        help="show lines in place of the full screen, for a screen reader ($ANTECHAMBER_LINES=1 does the same)",
    )
    add(
        "--reconnect",
        action="store_true",
        help="reconnect after a lost connection, to the seat or place held for you (at a terminal this is the default)",
    )
    parser.set_defaults(run=_join, parser=parser, home=home or os.curdir)


def _port(word: str) -> int:
    port = whole_number(word)
    if port is None or not 1 <= port <= PORT_MAX:
        raise argparse.ArgumentTypeError(f"'{word}' is no port: write a whole number from 1 to {PORT_MAX}")
    return port


def _seconds(word: str) -> float:
    try:
        seconds = float(word) if set(word) <= set("0123456789.") else 0.0
    except ValueError:  # such as 1.2.3
        seconds = 0.0
    if not 0 < seconds <= _IDLE_SECONDS_MAX:
        rule = f"a number above 0 and up to {_IDLE_SECONDS_MAX}, such as 100 or 2.5"
        raise argparse.ArgumentTypeError(f"'{word}' is no time: write seconds, {rule}")
    return seconds


def _host(word: str) -> str:
    if not is_host(word):
        raise argparse.ArgumentTypeError(f"'{word}' is no host: write a name or an address, such as localhost")
    return word


def _host_name(word: str) -> str:
    name = host_name(word)
    if name is None:
        raise argparse.ArgumentTypeError(f"'{word}' is no name of a host: write it alone, such as chat.example.org")
    return name


def _address(word: str) -> Address:
    found = address(word)
    if found is None:
        rule = f"write a port from 1 to {PORT_MAX}, or a host with a port, such as 0.0.0.0:{IRC_PORT}"
        raise argparse.ArgumentTypeError(f"'{word}' is no port: {rule}")
    return found


def _path(word: str) -> str:
    if not word:
        raise argparse.ArgumentTypeError(f"a path has at least one character: name a file, or {DATA_IN_MEMORY}")
    return word


def _folder(word: str) -> str:
    if not os.path.isdir(word):
        raise argparse.ArgumentTypeError(f"'{word}' is no folder: make it, or name another")
    return word


def _door(word: str) -> int | str:
    return _port(word) if word[:1].isdigit() else _named(word, text.name_problem)


def _name(word: str) -> str:
    return _named(word, text.member_name_problem)


def _named(word: str, problem_of: Callable[[str, int], str | None]) -> str:
    name = text.normalise_name(word)
    problem = problem_of(name, NAME_CHARACTERS_MOST)
    if problem:
        raise argparse.ArgumentTypeError(f"'{name}' is no name: {problem}")
    return name


def _typed(command: str, config: str = "") -> str:
    """Return `command` as it is typed here, with the path of its config: its program is beside the one that runs."""
    folder, running = os.path.split(sys.argv[0])
    program, _, rest = command.partition(" ")
    words = [program, *rest.split(), *([config] if config else [])]
    if config and os.path.isfile(os.path.join(folder, config)):
        words[-1] = os.path.join(folder, config)
    if running == "__main__.py":
        words[:1] = ["python3", "-m", program]
    elif running.endswith(".py"):
        words[:1] = ["python3", os.path.join(folder, f"{program}.py")]
    elif folder not in os.environ.get("PATH", "").split(os.pathsep):
        words[0] = os.path.join(folder, program)
    if not folder:
        return " ".join(words)
    import shlex

    return shlex.join(words)


def _serve(chosen: argparse.Namespace) -> int:
    if not chosen.config:
        chosen.parser.error(f"the config file is missing: start with {_typed(chosen.serve, _CONFIG_NAME)}")
    overrides = Overrides(
        host=chosen.host,
        front_desk_port=chosen.port,
        data_path=chosen.data,
        log_level=chosen.log_level,
        idle_seconds_max=chosen.afk,
        irc=chosen.irc,
        allow_hosts=tuple(chosen.allow_host),
    )

    def read() -> Settings:
        return read_settings(chosen.config, overrides)

    try:
        settings = read()
    except ConfigError as error:
        return _decline(error)
    from antechamber.server.server import serve

    return serve(settings, read, _typed(chosen.join))


def _join(chosen: argparse.Namespace) -> int:
    from antechamber.client.chat import Chat, both_are_terminals, mode_of, run

    mode = mode_of(chosen.plain, chosen.lines, both_are_terminals())
    if mode == "plain" and chosen.accept_files == "ask":
        chosen.parser.error("argument --accept-files: the plain transcript asks nothing: write always or never")
    chat = Chat(
        host=chosen.host,
        door=chosen.door,
        name=chosen.name,
        front_desk_port=chosen.front_desk,
        files_folder=chosen.files or "",
        home=chosen.home,
        accept=chosen.accept_files,
        reconnect=chosen.reconnect,
    )
    return run(chat, mode)


def _check_config(chosen: argparse.Namespace) -> int:
    try:
        settings = read_settings(chosen.config, Overrides(front_desk_port=chosen.port))
    except ConfigError as error:
        return _decline(error)
    for channel in settings.channels:
        more = _of_its_own(channel) if is_toml(chosen.config) else ""
        print(f"channel {channel.name} on port {channel.port}, {channel.seats} seat{'s'[channel.seats == 1 :]}{more}")
    if is_toml(chosen.config):
        print(f"front desk on port {settings.front_desk_port} of {settings.host}")
        if settings.irc is not None:
            more = ", and make channels of their own" if settings.open_channels else ""
            print(f"IRC clients come in by port {settings.irc.port} of {settings.irc_host}{more}")
        print(f"what is said is kept in {text.clean(settings.data_path or 'memory')}")
        whose = "set here" if settings.operator_token else "the log's own (antechamber operator-link prints it)"
        print(f"the operator token is {whose}")
    if exposed := exposed_token(settings):
        print(f"antechamber: {exposed}", file=sys.stderr)
    print("ok")
    return 0


def _init(chosen: argparse.Namespace) -> int:
    from antechamber.cli.init import write

    config = os.path.join(os.curdir, chosen.file) if chosen.file.startswith("-") else chosen.file  # no option of serve
    return write(chosen.file, _typed("antechamber serve", config))


def _operator_link(chosen: argparse.Namespace) -> int:
    try:
        settings = read_settings(
            chosen.config, Overrides(host=chosen.host, front_desk_port=chosen.port, data_path=chosen.data)
        )
    except ConfigError as error:
        return _decline(error)
    from antechamber.cli.operator_link import run

    return run(settings)


def _of_its_own(channel: ChannelSettings) -> str:
    """Return, for the line of a channel, all that TOML can say of it."""
    limits, (age_seconds_max, entries_max) = channel.limits, channel.retention
    parts = [
        f"at most {limits.waiting_max} waiting",
        f"AFK after {limits.idle_seconds_max:.15g} s" if limits.idle_seconds_max < float("inf") else "nobody goes AFK",
        f"seat held {limits.seat_hold_seconds:.15g} s",
        f"place held {limits.place_hold_seconds:.15g} s",
    ]
    if age_seconds_max:
        parts.append(f"kept for {age_seconds_max / _DAY_SECONDS:.15g} days")
    if entries_max:
        parts.append(f"at most {entries_max} entries kept")
    return f", {', '.join(parts)}{f': {channel.topic}' if channel.topic else ''}"


def _decline(error: Exception) -> int:
    print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
