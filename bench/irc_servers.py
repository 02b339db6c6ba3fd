"""The IRC servers that bench/irc compares: ours as people run it, and Debian's without flood limits."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bench.programs import HOST, READY_SECONDS_MAX, ROOT, BenchError, connect, end, folder, free_ports

OURS = "antechamber"
CHANNELS = 20
"""The number of channels that the load may use: #c0 and so on."""
_SEATS = 5_000
_NGIRCD = """[Global]
    Name = irc.bench.test
    Info = bench
    Listen = {host}
    Ports = {port}
    MotdPhrase = "hi"
    AdminEMail = a@b.c
[Limits]
    ConnectRetry = 60
    MaxConnections = 0
    MaxConnectionsIP = 0
    MaxJoins = 100
    MaxNickLength = 16
    MaxPenaltyTime = 0
    PingTimeout = 600
    PongTimeout = 600
[Options]
    DNS = no
    Ident = no
    PAM = no
    SyslogFacility = local0
"""
_INSPIRCD = """<server name="irc.bench.test" description="bench" network="Bench" id="42A">
<admin name="a" nick="a" email="a@b.c">
<bind address="{host}" port="{port}" type="clients">
<connect name="main" allow="*" timeout="60" pingfreq="600" hardsendq="1G" softsendq="512M" recvq="64M"
  localmax="25000" globalmax="25000" limit="25000" maxconnwarn="no" usednsbl="no" useident="no" useconnectban="no"
  useconnflood="no" resolvehostnames="no" fakelag="no" commandrate="1000000000" threshold="2000000" maxchans="100">
<performance softlimit="25000" clonesonconnect="no" quietbursts="yes" somaxconn="4096" netbuffersize="65535">
<limits maxnick="30" maxchan="64">
<options prefixquit="Quit: " syntaxhints="no" cyclehostsfromuser="no" allowhalfop="yes" modesinlist="yes"
  xlinemessage="x" allowzerolimit="no" exemptchanops="">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{path}/log">
<files motd="{path}/motd">
<class name="none" commands="">
<pid file="{path}/pid">
<dns server="127.0.0.1" timeout="1">
<path configdir="{path}" datadir="{path}" logdir="{path}" runtimedir="{path}">
"""


class Peer(NamedTuple):
    """Another IRC server: its program, its configuration, and its arguments; `{path}` is the run's own folder."""

    program: str
    configuration: str
    arguments: Sequence[str]
    in_flight: int
    """How many clients may register or join at a time, because its accept queue is short."""


PEERS: Mapping[str, Peer] = {
    "inspircd": Peer(
        "/usr/sbin/inspircd", _INSPIRCD, ("--nofork", "--runasroot", "--config", "{path}/configuration"), 512
    ),
    "ngircd": Peer("/usr/sbin/ngircd", _NGIRCD, ("-n", "-f", "{path}/configuration"), 24),
}
NODELAY = "+nodelay"
"""The suffix of a peer's name when it runs with Nagle's algorithm disabled, which both leave enabled."""


class Running(NamedTuple):
    """A server that accepts at `port`."""

    port: int
    pid: int
    in_flight: int
    accepted_ms: float
    """Milliseconds from its start to its first connection."""
    welcomed_ms: float
    """Milliseconds from its start to the welcome of that connection."""


def missing(names: Sequence[str]) -> str:
    """Return the missing Debian packages that these servers need."""
    programs = {"gcc": "gcc"} | {name: PEERS[name].program for name in PEERS if any(name in each for each in names)}
    return " ".join(package for package, program in programs.items() if shutil.which(program) is None)


@contextlib.contextmanager
def running(name: str) -> Iterator[Running]:
    """Run a fresh server that has welcomed a client; always end it."""
    (port, *ports) = free_ports(CHANNELS + 2)
    with folder() as path:
        command, environment, in_flight = _ours(path, port, ports) if name == OURS else _peer(name, path, port)
        with open(os.path.join(path, "said"), "w+b") as said:
            began = time.monotonic()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=path, env={**os.environ, **environment}
            )
            try:
                accepted, welcomed = _first_visit(port, began)
                yield Running(port, process.pid, in_flight, accepted, welcomed)
            except BenchError:
                said.seek(0)
                print(said.read()[-2000:].decode(errors="replace"), file=sys.stderr)
                raise
            finally:
                end(process)


def _ours(path: str, port: int, ports: Sequence[int]) -> tuple[list[str], dict[str, str], int]:
    config = os.path.join(path, "antechamber.toml")
    front_desk_port, *channel_ports = ports
    lines = [f'host = "{HOST}"', f"port = {front_desk_port}", f"irc = {port}", 'log_level = "warning"']
    lines += ["[limits]", "commands_per_second_max = 0", "address_commands_per_second_max = 0"]
    for number, channel_port in zip(range(CHANNELS), channel_ports, strict=True):
        lines += ["[[channel]]", f'name = "c{number}"', f"port = {channel_port}", f"seats = {_SEATS}"]
    with open(config, "w", encoding="ascii") as file:
        file.write("\n".join([*lines, ""]))
    program = os.path.join(ROOT, "chatserver.py")
    data = os.path.join(path, "log.db")
    return [sys.executable, program, config, "--afk", "86400", "--data", data], {}, 512


def _peer(name: str, path: str, port: int) -> tuple[list[str], dict[str, str], int]:
    peer = PEERS[name.removesuffix(NODELAY)]
    with open(os.path.join(path, "configuration"), "w", encoding="ascii") as file:
        file.write(peer.configuration.format(host=HOST, port=port, path=path))
    with open(os.path.join(path, "motd"), "w", encoding="ascii") as file:
        file.write("hi\n")
    environment = {}
    if name.endswith(NODELAY):
        library = environment["LD_PRELOAD"] = os.path.join(path, "nodelay.so")
        source = os.path.join(ROOT, "bench", "irc_nodelay.c")
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return [peer.program, *(each.format(path=path) for each in peer.arguments)], environment, peer.in_flight


def _first_visit(port: int, began: float) -> tuple[float, float]:
    """Return the milliseconds from `began` to the first connection, and to its welcome."""
    with connect(port) as visitor:
        accepted = time.monotonic()
        visitor.settimeout(READY_SECONDS_MAX)
        visitor.sendall(b"NICK first\r\nUSER first 0 * :first\r\n")
        read = b""
        while b" 001 " not in read:
            data = visitor.recv(65536)
            if not data:
                raise BenchError(f"nobody is welcome at port {port}: {read[-200:]!r}")
            read += data
            for line in read.split(b"\r\n"):
                if line.startswith(b"PING"):
                    visitor.sendall(b"PONG" + line[4:] + b"\r\n")
        welcomed = time.monotonic()
        visitor.sendall(b"QUIT\r\n")
    return (accepted - began) * 1e3, (welcomed - began) * 1e3
