"""The counter in figures: what a case costs in keys and seconds, and how long a page takes from shutter to thumbnail.

A scripted clerk registers and captures cases in a real browser with a document camera, as fast as the program lets her;
what a person needs for looking, turning paper and typing is not in the seconds, but each key she must press is counted.
Prints a table; asserts nothing.

    python bench/counter.py [--cases 5] [--pages 4]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page  # noqa: E402
from tests.journey import browser, commands  # noqa: E402

from anjuan.core import identifiers  # noqa: E402

FIRST_17 = f"{identifiers.PRACTICE_REGION}19640229007"
PERSON = FIRST_17 + identifiers.id_check_digit(FIRST_17)
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


class Fingers:
    """Hands on a keyboard: every press is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.presses += len(text)
        self.page.keyboard.insert_text(text)

    def to(self, name: str) -> None:
        """Tab on until a field has the focus."""
        for _ in range(40):
            if self.page.evaluate("document.activeElement.name") == name:
                return
            self.press("Tab")
        raise LookupError(name)


def case(fingers: Fingers, base: str, number: int, pages: int) -> tuple[float, list[float]]:
    """One case from the empty form to the reviewer: seconds in all, and of each page."""
    page = fingers.page
    page.goto(f"{base}/intake/register/PERSON_REGISTRATION/")
    began = time.perf_counter()
    page.focus("[name=acceptance_no]")
    fields = {
        "acceptance_no": f"B{number:04}",
        "formed_date": "2026-01-05",
        "paper_pages": str(pages),
        "person_name": "王秀英",
        "person_id": PERSON,
    }
    for name, text in fields.items():
        fingers.to(name)
        if name == "formed_date":
            page.fill("[name=formed_date]", text)
            fingers.presses += 8
        else:
            fingers.type(text)
    fingers.press("Enter")
    page.wait_for_selector("#camera-switch")
    fingers.press("c")
    page.wait_for_selector("#camera[data-ready]")
    seconds = []
    for at in range(pages):
        if at == pages - 1:
            fingers.press("Enter")  # the last page is the identity card
        shutter = time.perf_counter()
        fingers.press("Space")
        page.wait_for_selector(f".strip li:nth-child({at + 1}) img")
        page.locator(f".strip li:nth-child({at + 1}) img").evaluate("image => image.decode()")
        seconds.append(time.perf_counter() - shutter)
    page.locator("#submit button:not([disabled])").focus()
    fingers.press("Enter")
    page.wait_for_url("**done=submit**")
    return time.perf_counter() - began, seconds


def film(path: Path) -> None:
    """A4 pages at 300 dpi in colour as Motion JPEG, each frame another page, for the browser's camera."""
    from PIL import Image, ImageDraw

    blank = Image.new("RGB", (2480, 3508), "#f4f2ec")
    with path.open("wb") as stream:
        for frame in range(60):
            image = blank.copy()
            pen = ImageDraw.Draw(image)
            for line in range(60):
                pen.rectangle(
                    [200, 250 + line * 50, 350 + (line * 397 + frame * 53) % 1900, 262 + line * 50], "#333333"
                )
            image.save(stream, "JPEG", quality=88)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=5)
    parser.add_argument("--pages", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        pages_shown = Path(folder) / "pages.mjpeg"
        film(pages_shown)
        commands.walked(home)
        switches = [*CAMERA, f"--use-file-for-fake-video-capture={pages_shown}"]
        with commands.served(home, Path(folder) / "said") as base, browser.opened(switches) as chromium:
            desk = browser.Desk(chromium, base, "bh01", (home / "keys" / "practice-password").read_text().strip())
            fingers = Fingers(desk.page)
            keys, whole, each = [], [], []
            for number in range(options.cases):
                before = fingers.presses
                seconds, pages = case(fingers, base, number, options.pages)
                keys.append(fingers.presses - before)
                whole.append(seconds)
                each += pages
    machine = subprocess.run(["uname", "-srm"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{machine}; {options.cases} cases of {options.pages} pages, A4 at 300 dpi from the browser's camera")
    print(f"keys a case        {statistics.median(keys):.0f} (typing the data included)")
    print(f"seconds a case     {statistics.median(whole):.2f} median, {max(whole):.2f} longest, without the person")
    print(
        f"seconds a page     {statistics.median(each):.2f} median, {max(each):.2f} longest: shutter, stored, thumbnail"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
