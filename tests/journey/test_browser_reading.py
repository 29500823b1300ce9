"""The machine reads a page while its paper is in hand, in a browser, and its page shows what was read."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from anjuan.demo import paint, story
from tests import builders
from tests.journey import browser, commands


def without_seals(folder: Path) -> Path:
    """A registration form of the sample folder of which every seal was wiped off."""
    page = next(one for one in story.PAPERS if one.form == "registration")
    known = {"acceptance_no": "SL-READ-1", "page_no": 1, "formed": page.formed, "person": page.persons[0]}
    image = Image.open(io.BytesIO(paint.paint_page("registration", known, 5))).convert("RGB")
    pen, paper = ImageDraw.Draw(image), image.getpixel((20, image.height // 2))
    for y in range(0, image.height, 2):
        for x in range(0, image.width, 2):
            red, green, blue = image.getpixel((x, y))  # type: ignore[misc]
            if red - min(green, blue) > 14:
                pen.rectangle([x - 1, y - 1, x + 2, y + 2], fill=paper)
    path = folder / "form.jpg"
    image.save(path, "JPEG", quality=85, dpi=(200, 200))
    return path


@pytest.mark.acceptance("S3-C3", "S3-P2")
def test_a_missing_seal_is_told_while_the_paper_is_in_hand_and_the_page_shows_what_was_read(
    own_home: Path, tmp_path: Path
) -> None:
    browser.must_be_here()
    form = without_seals(tmp_path)
    with commands.served(own_home, tmp_path / "said", ANJUAN_READ="key") as base, browser.opened() as chromium:
        desk = browser.Desk(chromium, base, "bh01", (own_home / "keys" / "practice-password").read_text().strip())
        page = desk.page
        desk.visit("/intake/register/PERSON_REGISTRATION/")
        for name, text in {
            "acceptance_no": "SL-READ-1",
            "formed_date": "2026-01-05",
            "paper_pages": "2",
            "person_name": "王秀英",
            "person_id": builders.number(7),
        }.items():
            page.fill(f"[name={name}]", text)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("done=register"))
        page.set_input_files("#upload-files", str(form))
        page.wait_for_selector("#read:has-text('缺分中心经办专用章')", timeout=180_000)
        desk.look("counter-read")

        urn = re.search(r"/intake/(urn:[^/?]+)", page.url)
        assert urn is not None
        desk.visit(f"/reading/records/{urn[1]}/")
        page.locator("main a[href^='/reading/']").first.click()
        page.wait_for_selector("svg rect.field")
        assert page.locator(".read-lines li").count() > 5
        desk.look("page-read")
        desk.close()
