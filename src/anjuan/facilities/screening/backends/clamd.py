"""Asking a scanner that speaks ClamAV's INSTREAM (查毒): the file is sent in pieces, the answer is one line."""

import socket
import struct
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.facilities.screening import rules

_PIECE = 1 << 17
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
_LONGEST_ANSWER = 4096


def _connect(address: str) -> socket.socket:
    """A connection to ``host:port``, ``[host]:port`` or ``unix:path``."""
    if address.startswith("unix:"):
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(_CONNECT_SECONDS)
        try:
            made.connect(address.removeprefix("unix:"))
        except OSError:
            made.close()
            raise
        return made
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS)


def scan(address: str, path: Path, name: str) -> None:
    """Have a file scanned.

    Raises:
        M-020: the scanner knows it as malicious.
        M-021: the scanner did not answer, stopped in the middle, or said what nobody understands.
    """
    try:
        with _connect(address) as made, path.open("rb") as stream:
            made.settimeout(_ANSWER_SECONDS)
            made.sendall(b"zINSTREAM\x00")
            while piece := stream.read(_PIECE):
                made.sendall(struct.pack("!I", len(piece)) + piece)
            made.sendall(struct.pack("!I", 0))
            said = _line(made)
    except (OSError, ValueError) as error:
        raise Refusal("M-021", name=name[:60]) from error
    verdict = rules.answered(said)
    if "found" in verdict:
        raise Refusal("M-020", name=name[:60], found=verdict["found"])
    if "clean" not in verdict:
        raise Refusal("M-021", name=name[:60])


def answers(address: str) -> bool:
    """Whether a scanner is there."""
    try:
        with _connect(address) as made:
            made.settimeout(_CONNECT_SECONDS)
            made.sendall(b"zPING\x00")
            return _line(made).strip() == "PONG"
    except (OSError, ValueError):
        return False


def _line(made: socket.socket) -> str:
    """The answer up to its NUL; an answer that breaks off is none."""
    octets = b""
    while not octets.endswith(b"\x00"):
        piece = made.recv(_LONGEST_ANSWER)
        if not piece or len(octets) > _LONGEST_ANSWER:
            raise OSError("the answer broke off")
        octets += piece
    return octets.rstrip(b"\x00").decode("utf-8", "replace")
