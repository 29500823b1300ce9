"""The counter in a browser: eyes on the paper, hands on the keys, pages by document camera and by phone."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import builders
from tests.journey import browser, commands

FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def counter(
    tmp_path_factory: pytest.TempPathFactory, walked_home: tuple[Path, dict[str, Any]]
) -> Iterator[tuple[Browser, str, Path]]:
    browser.must_be_here()
    folder = tmp_path_factory.mktemp("counter")
    home = Path(shutil.copytree(walked_home[0], folder / "home", symlinks=True))
    with commands.served(home, folder / "said") as base, browser.opened(FAKE_CAMERA) as chromium:
        yield chromium, base, home


@pytest.mark.acceptance("S3-W11", "S3-R1", "S4-W1", "S0-W11")
def test_a_case_is_taken_in_by_keys_alone_with_the_document_camera(counter: tuple[Browser, str, Path]) -> None:
    chromium, base, home = counter
    desk = browser.Desk(chromium, base, "bh01", (home / "keys" / "practice-password").read_text().strip())
    page = desk.page
    desk.visit("/intake/register/PERSON_REGISTRATION/")
    page.fill("[name=acceptance_no]", "SL-CAM-1")
    page.fill("[name=formed_date]", "2026-01-05")
    page.fill("[name=paper_pages]", "2")
    page.wait_for_selector("[data-draft-state]:has-text('草稿')")
    desk.visit("/intake/")  # the browser is closed half-way …
    desk.look("counter-drafts")
    desk.visit("/intake/register/PERSON_REGISTRATION/")
    assert page.input_value("[name=acceptance_no]") == "SL-CAM-1"  # … and nothing is lost
    page.fill("[name=person_name]", "王秀英")
    page.fill("[name=person_id]", builders.number(7))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("done=register"))

    page.keyboard.press("c")
    page.wait_for_selector("#camera[data-ready]")
    desk.look("counter-camera")
    page.keyboard.press("Space")
    page.wait_for_selector(".strip li:nth-child(1) img")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.wait_for_selector(".strip li:nth-child(2) img")
    materials = page.locator("#materials .has").all_inner_texts()
    assert not [text for text in materials[:2] if "缺" in text], materials

    first, second = _keys(page)
    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_url(re.compile("done=order"))
    assert _keys(page) == [second, first]
    page.keyboard.press("t")
    page.wait_for_url(re.compile("done=turn"))
    desk.look("counter-strip")
    page.locator("#submit button:not([disabled])").click()
    page.wait_for_url(re.compile("done=submit"))
    desk.close()


@pytest.mark.acceptance("S0-W11")
def test_a_phone_sends_pages_that_appear_by_themselves(counter: tuple[Browser, str, Path]) -> None:
    chromium, base, home = counter
    desk = browser.Desk(chromium, base, "bh01", (home / "keys" / "practice-password").read_text().strip())
    page = desk.page
    desk.visit("/intake/register/PERSON_REGISTRATION/")
    for name, text in {
        "acceptance_no": "SL-PHONE-1",
        "formed_date": "2026-01-05",
        "paper_pages": "2",
        "person_name": "王秀英",
        "person_id": builders.number(7),
    }.items():
        page.fill(f"[name={name}]", text)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("done=register"))
    desk.look("counter-offers")
    page.click("text=用手机拍")
    page.wait_for_selector("#phone svg")
    desk.look("counter-phone-code")
    path = "/" + page.locator("#phone .code").inner_text().split("/", 3)[3]

    phone = chromium.new_context(viewport={"width": 390, "height": 800}, locale="zh-CN").new_page()
    phone.goto(base + path)
    picture = home / "IMG_1.jpg"
    picture.write_bytes(builders.jpeg(12345))
    phone.set_input_files("#phone-files", str(picture))
    phone.wait_for_selector("#phone-list li.good")
    kept = browser.shots()
    if kept:
        phone.screenshot(path=str(kept / "phone-390.png"))
    page.wait_for_selector(".strip li img", timeout=8000)
    page.click("text=结束配对")
    page.wait_for_url(re.compile("done=unpair"))
    phone.reload()
    assert "I-091" in phone.content()
    desk.close()


def _keys(page: Page) -> list[str]:
    found: list[str] = page.locator(".strip a[data-component]").evaluate_all(
        "links => links.map(link => link.dataset.component)"
    )
    return found
