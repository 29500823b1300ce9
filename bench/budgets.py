"""Budgets of the first issue, measured: start, memory, list pages, first sight of a page.

    python bench/budgets.py            walks the sample in a throw-away home, serves it, measures, prints a table

Timings are printed, never asserted: machines are noisy. Every request is made as an ordinary clerk.
"""

import http.cookiejar
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

PORT = 8199
BASE = f"http://127.0.0.1:{PORT}"


class Browser:
    """A clerk's browser, as far as timing needs one."""

    def __init__(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> tuple[float, bytes]:
        started = time.perf_counter()
        with self.opener.open(BASE + path, timeout=30) as answer:
            octets = answer.read()
        return (time.perf_counter() - started) * 1000, octets

    def log_in(self, staff_code: str, password: str) -> None:
        _, page = self.get("/account/log-in/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        fields = {"csrfmiddlewaretoken": token[1].decode(), "staff_code": staff_code, "password": password}
        request = urllib.request.Request(
            BASE + "/account/log-in/", urllib.parse.urlencode(fields).encode(), {"Referer": BASE}
        )
        self.opener.open(request, timeout=30).read()


def resident_mib(pid: int) -> float:
    """Resident memory of a process and its children, in MiB, by largest process."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        parent = int(re.search(r"PPid:\s+(\d+)", text)[1])  # type: ignore[index]
        resident = re.search(r"VmRSS:\s+(\d+) kB", text)
        if resident and (int(status.parent.name) == pid or parent == pid):
            sizes.append(int(resident[1]) / 1024)
    return max(sizes, default=0.0)


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="anjuan-bench-"))
    environment = {**os.environ, "ANJUAN_HOME": str(home)}
    started = time.perf_counter()
    walk = json.loads(
        subprocess.run(
            [sys.executable, "-m", "anjuan", "journey", "--json"], env=environment, capture_output=True, check=True
        ).stdout
    )
    rows = [
        ("journey on an empty home", f"{time.perf_counter() - started:.1f} s whole process, {walk['seconds']} s steps")
    ]

    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "anjuan", "serve", "--port", str(PORT)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                Browser().get("/account/log-in/")
                break
            except OSError:
                time.sleep(0.02)
        rows.append(("serve: first answer after start", f"{time.perf_counter() - started:.2f} s"))

        clerk = Browser()
        clerk.log_in("sj05", (home / "keys" / "practice-password").read_text().strip())
        for name, path in (
            ("my desk", "/"),
            ("records by stage", "/records/?state=HELD"),
            ("certificates", "/certificates/"),
            ("find by ID card", "/find/?q=999001197003120020"),
        ):
            times = [clerk.get(path) for _ in range(21)][1:]
            rows.append(
                (
                    f"page: {name}",
                    f"{statistics.median(t for t, _ in times):.0f} ms median, {max(t for t, _ in times):.0f} ms max, "
                    f"{len(times[-1][1]) / 1024:.1f} KB",
                )
            )
        _, found = clerk.get("/find/?q=999001197003120020")
        item = re.search(rb'href="(/item/[^"]+)"', found)
        assert item
        _, page = clerk.get(urllib.parse.unquote(item[1].decode()))
        images = re.findall(rb'data-image="([^"]+)"', page)
        times = [clerk.get(image.decode())[0] for image in images]
        rows.append(("page image, drawn before", f"{statistics.median(times):.0f} ms median of {len(times)}"))
        subprocess.run(["rm", "-rf", str(home / "derivatives")], check=True)
        times = [clerk.get(image.decode())[0] for image in images]
        rows.append(
            (
                "page image, first sight ever (draws it)",
                f"{statistics.median(times):.0f} ms median, {max(times):.0f} max",
            )
        )
        rows.append(("web: largest process", f"{resident_mib(server.pid):.0f} MiB resident"))
    finally:
        server.terminate()
        server.wait(timeout=20)
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    for name, value in rows:
        print(f"  {name:<42}{value}")


if __name__ == "__main__":
    main()
