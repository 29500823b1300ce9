"""A service that composes answers, as a test wants it: a real server on this machine, good or bad."""

import contextlib
import http.server
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Answer = Callable[["Asked"], tuple[int, bytes]]


@dataclass
class Asked:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """What the model was told: the question and the passages."""
        return json.loads(json.loads(self.body)["messages"][1]["content"])


@dataclass
class Service:
    """Where it listens, and what it was asked."""

    address: str
    asked: list[Asked] = field(default_factory=list)


def said(statements: Any) -> bytes:
    """A reply of chat completions whose content is these statements."""
    return talked(json.dumps({"statements": statements}, ensure_ascii=False))


def talked(content: str) -> bytes:
    """A reply of chat completions with this content."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


@contextlib.contextmanager
def serving(
    answer: Answer, *, drips: float = 0, location: str = "", certificate: Path | None = None
) -> Iterator[Service]:
    """Serve for as long as the block runs.

    Args:
        answer: status and body for a request.
        drips: seconds between two bytes of the body.
        location: where a redirect leads.
        certificate: PEM with its key, if it is to speak TLS.
    """
    service = Service("")
    stopped = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = Asked(self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
            service.asked.append(asked)
            status, body = answer(asked)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                if not drips:
                    self.wfile.write(body)
                for place in range(len(body) if drips else 0):
                    if stopped.is_set():
                        return
                    self.wfile.write(body[place : place + 1])
                    time.sleep(drips)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    service.address = f"{scheme}://127.0.0.1:{server.server_address[1]}/v1/chat/completions"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
