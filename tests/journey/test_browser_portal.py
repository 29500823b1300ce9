"""A unit's clerk at home in a browser without an account, and the handler who looks at what he sent."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests import builders
from tests.journey import browser, commands


class Visitor(browser.Desk):
    """Somebody who has not logged in."""

    def __init__(self, chromium: Browser, base: str) -> None:
        self.base, self.staff_code, self.troubles = base, "nobody", []
        self.context: BrowserContext = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="zh-CN")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)  # a busy machine is no fault; how fast it is, bench/ says
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.context.on("request", self._asked)


@pytest.fixture(scope="module")
def home_and_office(
    tmp_path_factory: pytest.TempPathFactory, walked_home: tuple[Path, dict[str, Any]]
) -> Iterator[tuple[Browser, str, Path]]:
    browser.must_be_here()
    folder = tmp_path_factory.mktemp("portal")
    home = Path(shutil.copytree(walked_home[0], folder / "home", symlinks=True))
    with commands.served(home, folder / "said") as base, browser.opened() as chromium:
        yield chromium, base, home


@pytest.mark.acceptance("S0-R6", "S0-W1")
def test_a_clerk_sends_in_from_home_mends_what_came_back_and_is_accepted(
    home_and_office: tuple[Browser, str, Path],
) -> None:
    chromium, base, home = home_and_office
    pictures = []
    for seed in (701, 702, 703):
        pictures.append(home / f"页{seed}.jpg")
        pictures[-1].write_bytes(builders.jpeg(seed))
    clerk = Visitor(chromium, base)
    page = clerk.page
    clerk.visit("/submit/?agency=BH")
    clerk.look("submit-choose")
    page.click("text=参保人员登记")
    page.fill("[name=formed_date]", "2026-01-05")
    page.fill("[name=person_name]", "王秀英")
    page.fill("[name=person_id]", builders.number(7))
    page.wait_for_selector("[data-check-says].right")
    page.set_input_files("#file-MAIN_FORM", str(pictures[0]))
    clerk.look("submit-form")
    page.click("text=提交申报")
    page.wait_for_selector("[data-said] .refusal[data-code='I-105']")  # the ID card is missing; the form stays
    clerk.look("submit-refused")
    page.set_input_files("#file-ID_CARD", str(pictures[1]))
    page.click("text=提交申报")
    page.wait_for_selector("#key-head")
    clerk.look("submit-received")
    number, code = page.locator(".key .code").all_inner_texts()
    with page.expect_download() as receipt:
        page.click("text=回执")
    assert Path(receipt.value.path()).read_bytes().startswith(b"%PDF-")

    desk = browser.Desk(chromium, base, "bh01", (home / "keys" / "practice-password").read_text().strip())
    desk.look("desk-with-pre-review")
    desk.visit("/intake/declarations/")
    desk.look("pre-review")
    desk.page.click(f"text={number.split('-')[0]}")
    desk.page.wait_for_selector(".sent-pages img")
    desk.look("declaration")
    desk.page.fill("[name=reason-ID_CARD]", "反面没有拍")
    desk.press("#return button")

    def ask() -> None:
        clerk.visit("/submit/progress/")
        page.fill("[name=number]", number)
        page.fill("[name=code]", code)
        page.click("main button[type=submit]")
        page.wait_for_selector("#way-head")

    clerk.visit("/submit/progress/")
    clerk.look("submit-inquire")
    ask()
    page.wait_for_selector("text=反面没有拍")
    clerk.look("submit-returned")
    page.set_input_files("#file-ID_CARD", str(pictures[2]))
    page.click("text=提交补正")
    page.wait_for_selector("text=等待再次预审")

    desk.visit("/intake/declarations/")
    desk.page.click(f"text={number.split('-')[0]}")
    desk.page.fill("[name=acceptance_no]", "SL-HOME-1")
    desk.primary()
    desk.page.wait_for_url(re.compile("done=capture"))
    ask()
    page.wait_for_selector("text=SL-HOME-1")
    clerk.look("submit-accepted")
    desk.close()
    clerk.troubles = [one for one in clerk.troubles if "422" not in one]  # the refusal that was wanted
    clerk.close()
