"""A service that composes answers (拟答服务): the interface of chat completions, over the standard library alone."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Iterator

from anjuan.core.refusals import Refusal
from anjuan.facilities.answers import rules
from anjuan.foundation.web.pace import Turns

_CHUNK = 16 * 1024
_PORTS = {"http": 80, "https": 443}
turns = Turns(2, refusal=lambda most: Refusal("X-108", most=most))  # of one process


def ask(address: str, body: bytes, *, key: str, seconds: float) -> bytes:
    """What a service answers. No redirect is followed, no proxy is asked, and no more is read than an answer has.

    Args:
        address: of the completions, as ``https://…/v1/chat/completions``.
        body: JSON.
        key: sent as a bearer token; none is sent if it is empty.
        seconds: for all of it together, however slowly it comes; only looking up a name has a time of its own.

    Raises:
        X-102: the address may not be used.
        X-103: it cannot be reached, is too slow, or answers something other than 200.
        X-104: the answer is longer than an answer is.
    """
    rules.check_address(address)
    parts = urllib.parse.urlsplit(address)
    until = time.monotonic() + seconds
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    try:
        with contextlib.closing(_connected(parts, until)) as line, _hung_up(line, until):
            line.request("POST", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", body, headers)
            with contextlib.closing(line.getresponse()) as reply:
                return _read(reply, until)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        why = "timeout" if time.monotonic() >= until else type(fault).__name__
        raise Refusal("X-103", why=why) from fault


def _read(reply: http.client.HTTPResponse, until: float) -> bytes:
    if reply.status != 200:
        raise Refusal("X-103", why=f"HTTP {reply.status}")
    octets = bytearray()
    while chunk := reply.read1(_CHUNK):
        octets += chunk
        if len(octets) > rules.MOST_REPLY_BYTES:
            raise Refusal("X-104")
    if time.monotonic() >= until:  # what was broken off looks like an end
        raise TimeoutError
    return bytes(octets)


def _connected(parts: urllib.parse.SplitResult, until: float) -> http.client.HTTPConnection:
    """A line to the first of its addresses that takes one."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    fault: OSError = TimeoutError()
    for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            plain = socket.create_connection((str(where[0]), port), timeout=left)
        except OSError as refused:
            fault = refused
            continue
        line = http.client.HTTPConnection(host, port)
        try:
            plain.settimeout(max(until - time.monotonic(), 0.001))
            is_closed = parts.scheme == "https"
            line.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_closed else plain
        except OSError:
            plain.close()
            raise
        return line
    raise fault


@contextlib.contextmanager
def _hung_up(line: http.client.HTTPConnection, until: float) -> Iterator[None]:
    """Break the line off when the time is over, for as long as the block runs.

    The timeout of a socket is one of each reading: whoever sends a byte a second would be waited for without end.
    """

    def hang_up() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    sock = line.sock
    watch = threading.Timer(max(until - time.monotonic(), 0), hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
