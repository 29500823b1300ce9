"""The viewer in a real browser: keys, compare, print, a phone; and many pages in a row without growth."""

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.journey import pages_stage
from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import python, served

pytestmark = pytest.mark.browser

PASSWORD = "from anjuan.demo import office\nprint(office.password())"
# Of each of two files. A thousand in all take many minutes: `make torture` asks for them.
PAGES = int(os.environ.get("ANJUAN_VIEWER_PAGES", "180")) // 2
STEP = PAGES // 5
AT = "() => document.querySelector('[data-pane=left]').dataset.drawn"
# What the page holds: nodes, images of the strip, tiles that are decoded, pages that are held.
HOLDS = """() => ({
  nodes: document.getElementsByTagName('*').length,
  images: document.images.length,
  canvases: document.getElementsByTagName('canvas').length,
  held: window.anjuanPanes.held(),
})"""


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


def booklet(first: int, count: int) -> bytes:
    """A PDF of small pages, each with its number, so that no two are the same."""
    pages = []
    for number in range(first, first + count):
        page = Image.new("L", (248, 351), 255)
        ImageDraw.Draw(page).text((40, 40), f"page {number}", fill=0)
        pages.append(page)
    octets = io.BytesIO()
    pages[0].save(octets, "PDF", save_all=True, append_images=pages[1:], resolution=30)
    return octets.getvalue()


def drawn(desk: Desk, name: str) -> None:
    desk.page.wait_for_function(f"{AT} === '{name}'", timeout=60_000)


def heap(desk: Desk) -> int:
    """Bytes of the script's heap, after it was swept."""
    session = desk.context.new_cdp_session(desk.page)
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    used = int(session.send("Runtime.getHeapUsage")["usedSize"])
    session.detach()
    return used


def test_pages_in_a_row_leave_nothing_behind(own_home: Path, tmp_path: Path) -> None:
    password = python(own_home, PASSWORD)
    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        token = pages_stage.session(base, "bh01", password)
        files = [("1.pdf", booklet(0, PAGES)), ("2.pdf", booklet(PAGES, PAGES))]
        urn = pages_stage.captured(base, token, "YL-1", files)
        desk = Desk(browser, base, "bh01", password)
        asked: list[str] = []
        desk.page.on("request", lambda request: asked.append(request.url) if "/iiif/" in request.url else None)
        desk.visit(f"/view/{urn}/")
        desk.page.wait_for_selector("#viewer[data-ready]")
        rows = desk.page.evaluate("fetch(document.getElementById('viewer').dataset.pages).then((a) => a.json())")[
            "pages"
        ]
        assert len(rows) == 2 * PAGES

        seen, sizes = [], []
        for place, row in enumerate(rows):
            drawn(desk, f"{row[0]}-{row[1]}-{row[2]}")
            if place % STEP == STEP - 1:
                seen.append(desk.page.evaluate(HOLDS))
                sizes.append(heap(desk))
            desk.page.keyboard.press("j")

        assert {f"{row[0]}-{row[1]}-{row[2]}" for row in rows} <= {
            re.findall(r"/iiif/3/([^/]+)/", url)[0] for url in asked
        }
        for holds in seen:
            assert holds["held"] <= 3, holds
            assert holds["images"] <= 30 and holds["canvases"] <= 4, holds
        assert max(one["nodes"] for one in seen) <= seen[0]["nodes"] + 60
        assert sizes[-1] <= sizes[1] * 1.25 + 1_000_000, sizes  # the first pages fill the caches
        desk.page.keyboard.press("Home")
        drawn(desk, f"{rows[0][0]}-{rows[0][1]}-{rows[0][2]}")
        assert "page=1" in desk.page.url
        desk.close()


@pytest.mark.acceptance("S4-W5")
def test_pages_are_turned_compared_and_printed_by_keys(own_home: Path, tmp_path: Path) -> None:
    password = python(own_home, PASSWORD)
    urn = python(own_home, "from anjuan.records.models import Item\nprint(Item.objects.order_by('pk').first().urn)")
    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        desk = Desk(browser, base, "sj05", password)
        keys = desk.page.keyboard
        desk.visit(f"/item/{urn}/")
        desk.page.click("a[href*='/view/']")
        desk.page.wait_for_selector("#viewer[data-ready]")
        first = desk.page.evaluate(f"{AT} || ''")
        desk.look("viewer-single")
        assert "sj05" in desk.page.inner_text("[data-pane=left] .overlay")

        keys.press("j")
        desk.page.wait_for_function(f"{AT} !== '{first}' && document.getElementById('goto').value === '2'")
        keys.press("k")
        keys.press("End")
        count = desk.page.inner_text("[data-count]")
        assert desk.page.input_value("#goto") == count
        keys.press("g")
        keys.type("1")
        keys.press("Enter")
        desk.page.wait_for_function("() => document.getElementById('goto').value === '1'")
        keys.press("c")
        assert desk.page.locator(".viewer.catalogue .facts").is_visible()
        desk.look("viewer-catalogue")
        keys.press("d")
        desk.page.wait_for_function("() => document.querySelector('[data-pane=right]').dataset.drawn")
        desk.look("viewer-two")
        keys.press("l")
        assert desk.page.get_attribute("[data-do=link]", "aria-pressed") == "true"
        keys.press("d")
        assert not desk.page.locator("[data-pane=right]").is_visible()
        keys.press("r")
        keys.press("+")
        keys.press("w")
        keys.press("0")
        keys.press("?")
        assert "适合整页" in desk.page.inner_text("#keys")
        keys.press("Escape")
        keys.press("Control+p")  # the browser's own print would bear no mark
        assert desk.page.locator("#printing[open]").is_visible()
        desk.look("viewer-printing")
        keys.press("Escape")
        desk.page.emulate_media(media="print")
        assert not desk.page.locator("#viewer").is_visible() and desk.page.locator(".printnote").is_visible()
        desk.close()


def test_without_a_script_a_page_is_an_image_and_links(own_home: Path, tmp_path: Path) -> None:
    password = python(own_home, PASSWORD)
    urn = python(own_home, "from anjuan.records.models import Item\nprint(Item.objects.order_by('pk').first().urn)")
    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        desk = Desk(browser, base, "sj05", password)
        bare = browser.new_context(java_script_enabled=False)
        bare.add_cookies(desk.context.cookies())  # type: ignore[arg-type]
        page = bare.new_page()
        page.goto(f"{base}/view/{urn}/")
        assert page.locator("[data-plain]").is_visible() and page.locator(".facts").is_visible()
        page.click("a[data-do=next]")
        page.wait_for_url("**?page=2")
        assert page.locator("[data-plain]").is_visible()
        bare.close()
        desk.close()
