"""Speaking with other archives over the network (联合检索通信): each by itself, none longer than its time.

Only addresses of ``archives.toml`` are spoken to: no proxy is used and no redirection followed, for the account's
password and numbers of persons go that way. Whoever asks waits until all have answered or their time is over; a line
that is still open then is cut.
"""

import contextlib
import hashlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from anjuan.bridges.exchange import rules
from anjuan.bridges.exchange.rules import Reply, ReplyOutcome, Site
from anjuan.core.refusals import Refusal
from anjuan.foundation.web.pace import Turns

MOST_AT_ONCE = 4  # questions to one archive from one process: one that hangs must not take all our threads
SHUT_SECONDS = 600  # a password that was not accepted is not tried again so long: it would lock the account
SESSION, ANSWERS = "/api/v1/session", "/api/v1/exchange/answers"

# Of one process: its other threads answer pages, and the archives that ask here meanwhile.
turns = Turns(4, refusal=lambda most: Refusal("X-043", most=most))
_lock = threading.Lock()
_tokens: dict[str, str] = {}
_shut: dict[str, float] = {}
_places: dict[str, threading.BoundedSemaphore] = {}


class _TooLateError(Exception):
    """The time of an archive is over."""


@dataclass
class _Call:
    """One archive being asked: its time runs from the beginning, whoever keeps it waiting and how."""

    site: Site
    folder: Path
    ends: float
    reply: Reply | None = None
    line: http.client.HTTPConnection | None = None
    is_cut: bool = field(default=False)

    def left(self) -> float:
        """Seconds that are left."""
        left = self.ends - time.monotonic()
        if self.is_cut or left <= 0:
            raise _TooLateError
        return left

    def cut(self) -> None:
        """Wake whoever still reads from the line."""
        self.is_cut = True
        line = self.line.sock if self.line is not None else None
        if line is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)


def ask_all(sites: Sequence[Site], question: Mapping[str, str], *, folder: Path) -> list[Reply]:
    """Ask these archives at the same time; in their order, one reply each, whatever became of it.

    Args:
        sites: whom; each has its own time.
        question: what is sent to all of them.
        folder: where the files of their authorities lie.

    Concurrency: a thread for each; they touch no database. Returns when the slowest has answered or its time is over.
    """
    body = json.dumps(question, ensure_ascii=False).encode()
    return _all(sites, folder, lambda call: _asked(call, body))


def knock_at_all(sites: Sequence[Site], *, folder: Path) -> list[Reply]:
    """Whether each of these archives lets our account in, tried anew; nothing is asked.

    Concurrency: as ``ask_all``.
    """
    return _all(sites, folder, _knocked)


def _all(sites: Sequence[Site], folder: Path, speak: Callable[[_Call], Reply]) -> list[Reply]:
    began = time.monotonic()
    calls = [_Call(site, folder, began + site.seconds) for site in sites]
    threads = [threading.Thread(target=_speak, args=(call, speak), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for call, thread in sorted(zip(calls, threads, strict=True), key=lambda pair: pair[0].ends):
        thread.join(max(call.ends - time.monotonic(), 0))
        if thread.is_alive():
            call.cut()
    return [call.reply or Reply(call.site, ReplyOutcome.TIMED_OUT) for call in calls]


def _speak(call: _Call, speak: Callable[[_Call], Reply]) -> None:
    place = _place(call.site)
    if not place.acquire(timeout=max(call.site.seconds - 0.1, 0)):
        call.reply = Reply(call.site, ReplyOutcome.BUSY)
        return
    try:
        call.reply = speak(call)
    except (_TooLateError, TimeoutError):
        call.reply = Reply(call.site, ReplyOutcome.TIMED_OUT)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as fault:
        is_late = call.is_cut or time.monotonic() >= call.ends
        broken = ReplyOutcome.UNREADABLE if isinstance(fault, http.client.HTTPException) else ReplyOutcome.UNREACHABLE
        call.reply = Reply(call.site, ReplyOutcome.TIMED_OUT if is_late else broken)
    finally:
        if call.line is not None:
            call.line.close()
        place.release()


def _asked(call: _Call, body: bytes) -> Reply:
    known = _known(call.site)
    with _lock:
        token, shut = _tokens.get(known, ""), _shut.get(known, 0.0)
    if shut > time.monotonic():
        return Reply(call.site, ReplyOutcome.NOT_LET_IN)
    for _ in range(2):  # a token runs out after its hours: then once anew
        if not token:
            token = _log_in(call)
            if not token:
                return Reply(call.site, ReplyOutcome.NOT_LET_IN)
            with _lock:
                _tokens[known] = token
        status, octets = _post(call, ANSWERS, body, token)
        if status != http.HTTPStatus.UNAUTHORIZED:
            return _reply(call.site, status, octets)
        with _lock:
            _tokens.pop(known, None)
        token = ""
    return Reply(call.site, ReplyOutcome.NOT_LET_IN)


def _knocked(call: _Call) -> Reply:
    token = _log_in(call)
    if token:
        with _lock:
            _tokens[_known(call.site)] = token
            _shut.pop(_known(call.site), None)
    return Reply(call.site, ReplyOutcome.ANSWERED if token else ReplyOutcome.NOT_LET_IN)


def _reply(site: Site, status: int, octets: bytes) -> Reply:
    if status != http.HTTPStatus.OK:
        code, said = rules.read_refusal(octets)
        return Reply(site, ReplyOutcome.REFUSED if code else ReplyOutcome.UNREADABLE, code=code, said=said)
    try:
        return Reply(site, ReplyOutcome.ANSWERED, rules.read_found(octets))
    except (ValueError, RecursionError):
        return Reply(site, ReplyOutcome.UNREADABLE)


def _log_in(call: _Call) -> str:
    """A token of the account that the archive gave us; empty if it is not accepted."""
    site = call.site
    credentials = json.dumps({"staff_code": site.staff_code, "password": site.password}).encode()
    status, octets = _post(call, SESSION, credentials, "")
    if status == http.HTTPStatus.CREATED:
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            token = json.loads(octets)["token"]
            if isinstance(token, str) and token.isascii() and token.isprintable():
                return token
        raise http.client.HTTPException("no token")
    code, _ = rules.read_refusal(octets)
    if not code or status not in (401, 403, 429):
        raise http.client.HTTPException("no refusal of ours")
    with _lock:
        _shut[_known(site)] = time.monotonic() + SHUT_SECONDS
    return ""


def _post(call: _Call, path: str, body: bytes, token: str) -> tuple[int, bytes]:
    line = call.line
    if line is None or line.sock is None:
        line = call.line = _line(call)
    line.timeout = call.left()
    if line.sock is None:
        line.connect()
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Language": "zh-Hans"}
    line.request("POST", path, body, headers | ({"Authorization": f"Bearer {token}"} if token else {}))
    _wait(call, line)
    response = line.getresponse()
    octets = bytearray()
    while True:
        _wait(call, line)
        part = response.read1(1 << 16)
        if not part:
            call.left()  # a line that we have cut ends like an answer
            response.close()
            return response.status, bytes(octets)
        octets += part
        if len(octets) > rules.MOST_BYTES:
            raise http.client.HTTPException("too long an answer")


def _wait(call: _Call, line: http.client.HTTPConnection) -> None:
    if line.sock is not None:
        line.sock.settimeout(call.left())


def _line(call: _Call) -> http.client.HTTPConnection:
    parts = urlsplit(call.site.address)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=call.left())
    vouching = str(call.folder / call.site.certificate) if call.site.certificate else None
    return http.client.HTTPSConnection(
        host, port, timeout=call.left(), context=ssl.create_default_context(cafile=vouching)
    )


def _place(site: Site) -> threading.BoundedSemaphore:
    with _lock:
        return _places.setdefault(site.key, threading.BoundedSemaphore(MOST_AT_ONCE))


def _known(site: Site) -> str:
    """Under which a session is kept: with another password or address it is another one."""
    told = "\0".join((site.key, site.address, site.staff_code, site.password))
    return hashlib.sha256(told.encode()).hexdigest()


def forget_sessions() -> None:
    """Let go of all sessions and of what was not accepted: for tests, and for whoever has put something right."""
    with _lock:
        _tokens.clear()
        _shut.clear()
