"""A form template is drawn in a browser: by mouse, by keys and by numbers; tried on a page, and put into use."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from anjuan.demo.office import RULE_KEEPER
from tests import builders
from tests.journey import browser, commands
from tests.journey.test_browser_reading import without_seals

ANCHORS = ("身份证号", "个人编号", "用工形式", "单位意见", "经办机构意见")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_template_is_drawn_tried_and_put_into_use(own_home: Path, tmp_path: Path, language: str) -> None:
    browser.must_be_here()
    form = without_seals(tmp_path)
    with commands.served(own_home, tmp_path / "said", ANJUAN_READ="key") as base, browser.opened() as chromium:
        password = (own_home / "keys" / "practice-password").read_text().strip()
        _capture(browser.Desk(chromium, base, "bh01", password), form)
        desk = browser.Desk(chromium, base, RULE_KEEPER, password, language=language)
        page = desk.page
        name = f"templates-{language[:2]}"
        desk.visit("/rulebook/templates/")
        desk.look(f"{name}-none")
        page.select_option("#n-form", "PERSON_REGISTRATION.MAIN_FORM")
        page.fill("#n-name", "参保登记表")
        desk.press("form[action$='/open/'] button")
        page.wait_for_url(re.compile("/draw/"))
        desk.look(f"{name}-choose")
        page.locator(".sample-pages a").last.click()
        page.wait_for_selector("#sheet .draw-word", state="attached")

        # By mouse: drag on the picture, then drag a corner.
        page.select_option("#new-kind", "SEAL.AGENCY")
        sheet = page.locator("#sheet .paper")
        _drag(page, sheet, (0.62, 0.74), (0.9, 0.86))
        assert page.locator(".draw-box.seal").count() == 1
        before = _box(page, 0)
        page.locator(".draw-box.chosen i.se").scroll_into_view_if_needed()
        corner = page.locator(".draw-box.chosen i.se").bounding_box()
        assert corner is not None
        page.mouse.move(corner["x"] + 5, corner["y"] + 5)
        page.mouse.down()
        page.mouse.move(corner["x"] + 40, corner["y"] + 5, steps=4)
        page.mouse.up()
        assert _box(page, 0)[2] > before[2] + 5
        page.keyboard.press("Control+z")
        assert _box(page, 0) == before

        # By keys on the picture: a new box, moved, resized, undone, removed.
        page.focus("#sheet")
        page.keyboard.press("n")
        at = _box(page, 1)
        for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight"):
            page.keyboard.press(key)
        moved = _box(page, 1)
        assert [round(now - was) for now, was in zip(moved, at, strict=True)] == [1, 1, 1, 0]
        page.keyboard.press("Control+z")
        assert round(_box(page, 1)[2] - at[2]) == 0
        page.keyboard.press("Delete")
        assert page.locator(".draw-box").count() == 1
        page.keyboard.press("Control+z")
        assert page.locator(".draw-box").count() == 2

        # By numbers in the list.
        page.select_option("#box-1-kind", "FIELD")
        page.select_option("#box-1-name", "PERSON")
        page.fill("#box-1-label", "姓名")
        for part, value in {"x": "40", "y": "46", "width": "36", "height": "14"}.items():
            page.fill(f"#box-1-{part}", value)
            page.press(f"#box-1-{part}", "Tab")
        assert [round(part) for part in _box(page, 1)] == [40, 46, 36, 14]
        for words in ANCHORS:
            page.locator("#anchors label", has_text=words).first.locator("input").check()
        assert page.locator(".draw-word.taken").count() == len(ANCHORS)
        desk.look(f"{name}-draw")
        desk.primary()
        page.wait_for_url(re.compile("done=drawn"))
        assert page.locator(".draw-box").count() == 2 and page.locator(".draw-word.taken").count() == len(ANCHORS)

        page.click("button[name=try]")
        page.wait_for_selector(".trial svg rect.d-seal", state="attached")
        assert page.locator(".trial rect.d-seal.d-bad").count() >= 1  # every seal of that page was wiped off
        desk.look(f"{name}-try")
        page.click(".adopt-form button")
        page.wait_for_url(re.compile("done=in_use"))
        desk.look(f"{name}-used")
        page.locator("a[href$='/editions/1/']").click()
        page.wait_for_selector("svg.draw-plan rect.d-seal")
        desk.look(f"{name}-edition")
        desk.visit("/rulebook/templates/")
        desk.look(f"{name}-list")
        desk.close()


def _capture(desk: browser.Desk, form: Path) -> None:
    """A registration is taken in at the counter, and its page read while the clerk waits."""
    page = desk.page
    desk.visit("/intake/register/PERSON_REGISTRATION/")
    typed = {"acceptance_no": "SL-DRAW-1", "formed_date": "2026-01-05", "paper_pages": "2", "person_name": "王秀英"}
    for field, text in {**typed, "person_id": builders.number(7)}.items():
        page.fill(f"[name={field}]", text)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("done=register"))
    page.set_input_files("#upload-files", str(form))
    page.wait_for_selector("#read:has-text('缺分中心经办专用章')", timeout=180_000)
    desk.close()


def _drag(page: Page, sheet: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    sheet.evaluate("(paper, part) => paper.parentElement.scrollTo(0, part * paper.offsetHeight - 150)", start[1])
    room = sheet.bounding_box()
    assert room is not None
    points = [(room["x"] + x * room["width"], room["y"] + y * room["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=6)
    page.mouse.up()


def _box(page: Page, number: int) -> list[float]:
    """Left, top, width and height of a box in millimetres, as the list beside the picture says."""
    return [float(page.input_value(f"#box-{number}-{part}")) for part in ("x", "y", "width", "height")]
