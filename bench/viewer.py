"""Regions of a page over HTTP against bare pyvips on the same regions in one run, and the first page on the screen.

    python -m bench.viewer --pyvips PYTHON [--write]

PYTHON is an interpreter that has pyvips (``pip install pyvips pyvips-binary``); the product itself does not need it. An
archive of its own is walked and served, pages of A4 at 300 dpi in colour are captured, and each region is asked for
twice, one after the other: over HTTP by a logged-in clerk, and of pyvips in a process of its own, which holds the page
as a tiled pyramid and picks its level. Both give a JPEG of quality 80. Timings are printed, never asserted.
"""

import argparse
import http.client
import http.cookiejar
import io
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journey import browser, commands, pages_stage  # noqa: E402

OUT = ROOT / "docs" / "benchmarks" / "viewer.md"
FONT = ROOT / "src/anjuan/facilities/printing/fonts/NotoSansCJKsc-Regular.otf"
WIDTH, HEIGHT = 2480, 3508
KINDS = (
    ("a tile of the deepest level, 1024 px", 1024, 1024),
    ("1024 px at half the size", 1024, 512),
    ("2048 px at a quarter of the size", 2048, 512),
    ("1000 px at 700: resampled", 1000, 700),
)
BARE = """
import sys, time, pyvips
pyramid = sys.argv[1] + ".tif"
pyvips.Image.new_from_file(sys.argv[1]).tiffsave(
    pyramid, tile=True, pyramid=True, compression="jpeg", Q=90, tile_width=256, tile_height=256)
levels = [pyvips.Image.new_from_file(pyramid, page=page) for page in range(4)]
print(pyvips.version(0), pyvips.version(1), pyvips.version(2), sep=".", flush=True)
for line in sys.stdin:
    left, top, side, out = (int(part) for part in line.split())
    began = time.perf_counter()
    level = max(step for step in (0, 1, 2, 3) if side >> step >= out)
    image = levels[level].crop(left >> level, top >> level, side >> level, side >> level)
    if side >> level != out:
        image = image.resize(out / (side >> level))
    octets = image.jpegsave_buffer(Q=80)
    print((time.perf_counter() - began) * 1000, len(octets), flush=True)
"""
PASSWORD = "from anjuan.demo import office\nprint(office.password())"


def page(number: int) -> bytes:
    """A form as a colour scanner gives it: words, a seal, and the noise of paper."""
    paper = Image.new("RGB", (WIDTH, HEIGHT), (250, 247, 240))
    pen = ImageDraw.Draw(paper)
    font = ImageFont.truetype(str(FONT), 44)
    for line, top in enumerate(range(200, 3300, 70)):
        pen.text(
            (200, top),
            f"第{number}页 {line:02} 职工养老保险待遇核定表 姓名 王伟 金额 {line * 37 + number}.60 元",
            (40, 40, 60),
            font,
        )
    pen.ellipse((1500, 2600, 2000, 3100), outline=(200, 30, 30), width=18)
    noise = np.random.default_rng(number).normal(0, 4, (HEIGHT, WIDTH, 1))
    scanned = Image.fromarray((np.asarray(paper).astype(int) + noise).clip(0, 255).astype("uint8"))
    octets = io.BytesIO()
    scanned.save(octets, "JPEG", quality=85, dpi=(300, 300))
    return octets.getvalue()


class Clerk:
    """A logged-in browser, as far as timing needs one; its connection stays open, as a browser's does."""

    def __init__(self, base: str, staff_code: str, password: str) -> None:
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        head = opener.open(f"{base}/account/log-in/").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', head)
        assert token
        fields = {"csrfmiddlewaretoken": token[1], "staff_code": staff_code, "password": password}
        sent = urllib.parse.urlencode(fields).encode()
        opener.open(urllib.request.Request(f"{base}/account/log-in/", sent, {"Referer": base})).read()
        self.cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
        self.line = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc)

    def get(self, path: str) -> tuple[float, bytes]:
        began = time.perf_counter()
        self.line.request("GET", path, headers={"Cookie": self.cookie})
        answer = self.line.getresponse()
        octets = answer.read()
        assert answer.status == 200, (path, answer.status, octets[:200])
        return (time.perf_counter() - began) * 1000, octets


def regions(clerk: Clerk, image: str, bare: subprocess.Popen[str], count: int) -> list[dict[str, Any]]:
    """For each kind, milliseconds over HTTP and of bare pyvips, each region once and in turns."""
    assert bare.stdin and bare.stdout
    found = []
    for name, side, out in KINDS:
        rng = random.Random(side * out)
        ours, theirs, sizes = [], [], []
        for turn in range(count + 3):
            left, top = rng.randrange(WIDTH - side), rng.randrange(HEIGHT - side)
            took, octets = clerk.get(f"{image}/{left},{top},{side},{side}/{out},{out}/0/default.jpg")
            print(left, top, side, out, file=bare.stdin, flush=True)
            told = bare.stdout.readline().split()
            if turn >= 3:  # the first ones decode the page
                ours.append(took)
                theirs.append(float(told[0]))
                sizes.append((len(octets), int(told[1])))
        found.append({"name": name, "ours": ours, "theirs": theirs, "sizes": sizes})
    return found


def first_pages(base: str, password: str, urns: list[str]) -> list[float]:
    """Milliseconds from asking for the viewer to the page drawn on the screen, each item opened for the first time."""
    took = []
    with browser.opened() as chromium:
        desk = browser.Desk(chromium, base, "bh01", password)
        for urn in urns:
            desk.visit(f"/view/{urn}/")
            seen = "() => { const page = document.querySelector('[data-plain]');"
            seen += " return page?.complete && page.naturalWidth"
            seen += " || document.querySelector('[data-pane=left]').dataset.drawn ? performance.now() : false; }"
            took.append(float(desk.page.wait_for_function(seen, polling="raf").json_value()))
        desk.close()
    return took[1:]  # the first one loads the scripts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyvips", default=sys.executable, help="an interpreter that has pyvips")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--items", type=int, default=9)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        commands.walked(home)
        password = commands.python(home, PASSWORD)
        with commands.served(home, Path(folder) / "serve.log") as base:
            token = pages_stage.session(base, "bh01", password)
            urns = [
                pages_stage.captured(base, token, f"YL-{number}", [(f"{number}.jpg", page(number))])
                for number in range(asked.items)
            ]
            (Path(folder) / "page.jpg").write_bytes(page(0))
            bare = subprocess.Popen(
                [asked.pyvips, "-c", BARE, str(Path(folder) / "page.jpg")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert bare.stdin and bare.stdout
            version = bare.stdout.readline().strip()
            clerk = Clerk(base, "bh01", password)
            _, octets = clerk.get(f"/view/{urns[0]}/pages.json")
            row = json.loads(octets)["pages"][0]
            found = regions(clerk, f"/iiif/3/{row[0]}-{row[1]}-{row[2]}", bare, asked.count)
            bare.stdin.close()
            bare.wait()
            screen = first_pages(base, password, urns[1:])
    told = report(found, screen, version)
    print(told)
    if asked.write:
        OUT.write_text(told, encoding="utf-8")


def report(found: list[dict[str, Any]], screen: list[float], version: str) -> str:
    """What was measured, as a page of the documentation."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    rows = []
    for kind in found:
        ours, theirs = statistics.median(kind["ours"]), statistics.median(kind["theirs"])
        kb = [statistics.median(size[side] for size in kind["sizes"]) / 1024 for side in (0, 1)]
        rows.append(
            f"| {kind['name']} | {ours:.1f} ms | {theirs:.1f} ms | {theirs / ours:.2f} | {kb[0]:.0f} / {kb[1]:.0f} KB |"
        )
    ours = sum(sum(kind["ours"]) for kind in found)
    theirs = sum(sum(kind["theirs"]) for kind in found)
    count = sum(len(kind["ours"]) for kind in found)
    return "\n".join(
        (
            "# 阅览 Viewer",
            "",
            f"`python -m bench.viewer`. {platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python "
            f"{platform.python_version()}, SQLite, libvips {version}; load of the machine at the end {load}. The "
            "server, the asker and pyvips share the processors. The page: A4, 300 dpi, colour, "
            f"{WIDTH} × {HEIGHT}. Each region is asked for once, over HTTP and of pyvips in turns; medians.",
            "",
            "| region | over HTTP, rights and opening included | bare pyvips, tiled pyramid | ratio of speed | size |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"All {count} regions: {ours / 1000:.2f} s over HTTP, {theirs / 1000:.2f} s bare; ratio "
            f"**{theirs / ours:.2f}** (budget ≥ 0.6).",
            "",
            "First page of an item on the screen, from asking for the viewer to the page drawn, nothing of it "
            f"decoded before, headless Chromium: median **{statistics.median(screen):.0f} ms**, "
            f"longest {max(screen):.0f} ms of {len(screen)} items (budget ≤ 300 ms).",
            "",
        )
    )


if __name__ == "__main__":
    main()
