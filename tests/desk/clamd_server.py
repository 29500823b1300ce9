"""A scanner in the test itself that speaks ClamAV's INSTREAM: clean, malicious, dying in the middle, or gone."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

# The string that every scanner knows, in two pieces so that no scanner takes this file for a virus.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


class Scanner:
    """How it behaves can be changed while it listens."""

    def __init__(self) -> None:
        self.manner = "work"
        self.seen = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                made, _ = self._socket.accept()
            except TimeoutError:
                continue
            with made, contextlib.suppress(OSError, EOFError):
                made.settimeout(5)
                self._answer(made)

    def _answer(self, made: socket.socket) -> None:
        command = b""
        while not command.endswith(b"\x00"):
            command += self._read(made, 1)
        if self.manner == "gone":
            return
        if command == b"zPING\x00":
            made.sendall(b"PONG\x00")
            return
        octets = b""
        while length := struct.unpack("!I", self._read(made, 4))[0]:
            octets += self._read(made, length)
            if self.manner == "die":
                return
        self.seen += 1
        if self.manner == "mumble":
            made.sendall(b"stream: INSTREAM size limit exceeded. ERROR\x00")
        elif self.manner == "break off":
            made.sendall(b"stream: O")
        elif EICAR in octets:
            made.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\x00")
        else:
            made.sendall(b"stream: OK\x00")

    @staticmethod
    def _read(made: socket.socket, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            piece = made.recv(count - len(octets))
            if not piece:
                raise EOFError
            octets += piece
        return octets


@contextlib.contextmanager
def listening() -> Iterator[Scanner]:
    """A scanner while the block runs."""
    scanner = Scanner()
    try:
        yield scanner
    finally:
        scanner.stop()
