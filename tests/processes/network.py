"""The network between a client and a server, which the test can cut, or let fall silent."""

import contextlib
import socket
import threading
from collections.abc import Iterator

_BLOCK_BYTES = 65_536
_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class Network:
    """Carries the connections to its own `port` on to the server's."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._carries = threading.Event()
        self._carries.set()
        self._refuses = False
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def cut(self) -> None:
        """Reset every connection; new ones are let through."""
        with self._lock:
            for line in self._lines:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            self._lines.clear()

    def stop_carrying(self) -> None:
        """Carry nothing from now on, without a word: new connections are accepted and get no answer."""
        self._carries.clear()

    def refuse(self) -> None:
        """Close every new connection at once; those that are open go on."""
        self._refuses = True

    def carry_again(self) -> None:
        """Carry everything again, and what was sent meanwhile."""
        self._refuses = False
        self._carries.set()

    def close(self) -> None:
        """End it all."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._carries.set()
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._refuses:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._lines |= {near, far}
            self._start(self._carry, near, far)
            self._start(self._carry, far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_BLOCK_BYTES):
                self._carries.wait()
                target.sendall(data)
        for line in (source, target):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._lines.discard(source)
        source.close()

    def _start(self, run: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


@contextlib.contextmanager
def network_to(server_port: int) -> Iterator[Network]:
    """Give a network for as long as the context lasts."""
    with contextlib.closing(Network(server_port)) as network:
        yield network
