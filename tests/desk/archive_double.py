"""Another archive, as far as it is seen over the network: a server that behaves as a test would have it."""

import contextlib
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from anjuan.bridges.exchange import actions
from anjuan.bridges.exchange.rules import Found
from anjuan.config.lan import LanDoor
from anjuan.core.terms import Post
from tests.cast import Cast

TOKEN = "of-the-other-archive"
PASSWORD = "given-by-them"
ROW = {
    "reference": "J002-ZY·SB·03·2019·LX-0001-001",
    "title": "张三退休核定",
    "names": "张三",
    "numbers": "1101**********1234",
    "step": "退休审批",
    "category": "养老待遇",
    "year": "2019",
    "formed": "2019-03-01",
    "agency": "临县分中心",
    "state": "入库",
    "pages": "7",
}


def answer(rows: int = 1, **said: Any) -> dict[str, Any]:
    """What an archive of our kind answers."""
    told = [{**ROW, "title": f"{ROW['title']} {number}"} for number in range(rows)]
    return {"house": "临县社会保险档案馆", "rows": told, "is_cut": False, "is_index_whole": True, **said}


Behaving = Callable[["Handler"], None]


def answering(told: object) -> Behaving:
    """It lets us in and answers this."""
    return lambda handler: handler.say(200, told)


def refusing(status: int, told: object) -> Behaving:
    """It lets us in and says no."""
    return lambda handler: handler.say(status, told)


def silent(handler: "Handler") -> None:
    """It says nothing until it is let go; then it answers well."""
    handler.away.is_let_go.wait(60)
    handler.say(200, answer())


def dripping(handler: "Handler") -> None:
    """It says something every moment, and comes to a good end only when it is let go."""
    body = json.dumps(answer()).encode()
    _drip(handler, f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) + 2_000}\r\n\r\n".encode(), b" ", body)


def dripping_heads(handler: "Handler") -> None:
    """The same, while it has not come to its answer."""
    body = json.dumps(answer()).encode()
    end = f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    _drip(handler, b"HTTP/1.1 200 OK\r\nX-Long: ", b"a", end)


def _drip(handler: "Handler", begin: bytes, drop: bytes, end: bytes) -> None:
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.wfile.write(begin)
        for _ in range(2_000):
            handler.wfile.write(drop)
            handler.wfile.flush()
            handler.away.is_let_go.wait(0.03)
        handler.wfile.write(end)


def hanging_up(handler: "Handler") -> None:
    """It hangs up."""
    handler.close_connection = True


def saying(octets: bytes, status: int = 200, **heads: str) -> Behaving:
    """It says these bytes."""
    return lambda handler: handler.send(status, octets, {name.replace("_", "-"): told for name, told in heads.items()})


@dataclass
class Away:
    """The other archive: what came to it, and how it behaves."""

    behaves: Behaving
    came: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    address: str = ""
    is_let_go: Event = field(default_factory=Event)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """What it was asked."""
        return [body for path, body, _ in self.came if path == "/api/v1/exchange/answers"]

    @property
    def log_ins(self) -> int:
        """How often it was knocked at."""
        return sum(path == "/api/v1/session" for path, _, _ in self.came)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    away: Away

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.away.came.append((self.path, body, self.headers.get("Authorization", "")))
        if self.path == "/api/v1/session":
            if body["password"] == PASSWORD:
                self.say(201, {"token": TOKEN, "token_type": "Bearer", "expires_at": "2030-01-01T00:00:00Z"})
            else:
                self.say(401, {"code": "A-008", "detail": "工号或密码不对。"})
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.say(401, {"code": "A-007", "detail": "没有登录。"})
        else:
            self.away.behaves(self)

    def do_GET(self) -> None:
        self.away.came.append((self.path, {}, ""))
        self.say(200, {})

    def say(self, status: int, told: object) -> None:
        """An answer as JSON."""
        self.send(status, json.dumps(told).encode(), {})

    def send(self, status: int, octets: bytes, heads: Mapping[str, str]) -> None:
        """An answer as it is."""
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, told in {"Content-Type": "application/json", **heads}.items():
                self.send_header(name, told)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the screen."""


@contextlib.contextmanager
def archive(behaves: Behaving, *, door: LanDoor | None = None, host: str = "127.0.0.1") -> Iterator[Away]:
    """An archive that answers on this machine; over TLS with the certificate of a door."""
    away = Away(behaves)
    server = ThreadingHTTPServer((host, 0), type("Bound", (Handler,), {"away": away}))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hangs up on it is no news
    if door:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(door.certificate, door.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    away.address = f"{'https' if door else 'http'}://{host}:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield away
    finally:
        away.is_let_go.set()
        server.shutdown()
        server.server_close()


def named(
    home: Path, *archives: tuple[str, Away | str], seconds: float = 5, password: str = PASSWORD, more: str = ""
) -> None:
    """Write ``archives.toml``: key and archive, or its address."""
    tables = []
    for key, where in archives:
        address = where if isinstance(where, str) else where.address
        tables.append(
            f'[[archive]]\nkey = "{key}"\nname = "{key}档案馆"\naddress = "{address}"\n'
            f'staff_code = "gx01"\npassword = "{password}"\nseconds = {seconds}\n{more}'
        )
    path = home / "archives.toml"
    path.write_text("\n".join(tables), encoding="utf-8")
    path.chmod(0o600)


def answered(cast: Cast, asked: str, post: Post = Post.READING_DESK) -> Found:
    """What this archive tells another one."""
    return actions.answer(
        occasion=cast.occasion(post),
        asked=asked,
        purpose="异地核实工龄",
        house="临县社会保险档案馆",
        asker="李四（lx07）",
        question="ab12",
    )
