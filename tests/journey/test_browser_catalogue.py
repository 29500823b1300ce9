"""The catalogue on a disk in a real browser, opened from the disk: no server runs, and nothing is asked of anyone."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from anjuan.desks.holdings import rules
from anjuan.desks.holdings.backends import edition
from tests.journey.browser import AXE, QUIET, chromium, must_be_here

HEADING = {
    "agency_code": "BH",
    "agency_name": "滨海分中心",
    "made_at": "2026-03-01T08:00:00+00:00",
    "made_by": "bh05",
    "count": 3,
}
PLACE = ("K1-02B-03-4", "一号库", "2", "B", "3", "4")
NUMBER = "J001-01-0001"
ENTRIES = [
    rules.Entry(NUMBER, "<b>登记</b>案卷", "volume", 2024, "管理类", "100年", 9, (), PLACE, True),
    rules.Entry(
        f"{NUMBER}-001", "参保登记", "item", 2024, "管理类", "100年", 2, ("王小明 1101**1234",), PLACE, True, NUMBER
    ),
    rules.Entry("J001-01-0002", "网上办理", "volume", 2025, "管理类", "30年", 3, ("李华 1101**5678",), (), False),
]


@pytest.mark.acceptance("S0-W13")
def test_it_finds_by_name_number_and_box_from_a_disk_in_two_languages(tmp_path: Path) -> None:
    must_be_here()
    catalogue = rules.spelled(HEADING, ENTRIES)
    folder = tmp_path / "目录"
    edition.write({**edition.pages(), rules.CATALOGUE: catalogue, rules.DATA: rules.as_script(catalogue)}, folder)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_page(viewport={"width": 390, "height": 800})
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto((folder / "index.html").as_uri())

        def found(words: str) -> str:
            page.fill("#q", words)
            return page.inner_text("#rows")

        assert page.locator("#rows tr").count() == 3
        assert "一号库 2 列 B 面 3 节 4 层" in found("王小明")
        assert page.locator("#rows tr").count() == 1
        assert "K1-02B-03-4" in found("0001 k1-02b") and "<b>登记</b>案卷" in found("j001-01-0001")
        assert "单套制" in found("李华")
        assert found("无此人").strip() == ""
        page.fill("#q", "")
        assert "2026-03-01 08:00" in page.inner_text("#made")
        page.click("#language")
        assert "rack 2, side B, bay 3, shelf 4" in page.inner_text("#rows")
        assert "electronic only" in page.inner_text("#rows") and page.title() == "Catalogue of records"
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide
        assert not faults  # what axe tries later is its own affair
        page.evaluate(AXE.read_text())
        serious = page.evaluate(
            "axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id))"
        )
        browser.close()

    assert all(url.startswith("file://") for url in asked)
    assert serious == []
