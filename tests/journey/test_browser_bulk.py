"""Bulk intake in a real browser: a pile is split, a sheet is taken in, what was kept aside and what does not agree."""

import io
from pathlib import Path

import pytest

from anjuan.core import sheets
from tests.desk.pile_stage import separator, sheet
from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import python, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


STAGE = """
from anjuan.core.terms import Post
from anjuan.demo import office, story
from anjuan.desks.intake import actions
from anjuan.desks.intake.rules import Registration
from anjuan.foundation.accounts import occasions, queries
from anjuan.records.rules import Person
who = queries.actor_for("bh01", on=occasions.today())
wang = Person(story.WANG.name, story.WANG.id_number)
for number in ("SL-7001", "SL-7002"):
    actions.register(
        occasion=occasions.now(who),
        agency_code="BH",
        registration=Registration(
            number, "PERSON_REGISTRATION", "", occasions.today(), 2, (wang,), None
        ),
    )
import contextlib, os, pathlib
from anjuan.core.refusals import Refusal
from anjuan.desks.intake.actions import Upload
from anjuan.records import queries as records
from anjuan.core.terms import State
urn = records.items_at(who, State.COLLECTING, Post.HANDLER)[0].urn
path = pathlib.Path(os.environ["ANJUAN_HOME"]) / "program.jpg"
path.write_bytes(bytes((77, 90, 144, 0, 3)) * 20)
with contextlib.suppress(Refusal):
    actions.capture(occasion=occasions.now(who), urn=urn, uploads=[Upload(path, "程序.jpg", "MAIN_FORM")])
print(office.password())
"""


def test_a_clerk_splits_a_pile_and_takes_a_sheet_in(own_home: Path, tmp_path: Path) -> None:
    password = python(own_home, STAGE).strip()
    scans = [separator("SL-7001"), sheet(seed=3), sheet(seed=5), sheet(blank=True), separator("SL-7002"), sheet(seed=9)]
    scans += [sheet(seed=17), sheet("https://example.invalid/1", seed=33)]
    files = [
        {"name": f"扫描{at}.jpg", "mimeType": "image/jpeg", "buffer": octets} for at, octets in enumerate(scans, 1)
    ]
    book = io.BytesIO()
    heads = ["受理号", "业务环节", "题名", "形成日期", "页数", "姓名", "身份证号"]
    rows = [[f"ML-{at}", "参保人员登记", "", "2024-03-15", "2", "", ""] for at in range(3)]
    sheets.write_xlsx([heads, *rows], book)
    workbook = {"name": "目录.xlsx", "mimeType": "application/octet-stream", "buffer": book.getvalue()}

    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        desk = Desk(browser, base, "bh01", password)
        page = desk.page
        desk.visit("/intake/piles/separators/")
        desk.look("bulk-separators")
        desk.visit("/intake/piles/")
        desk.look("bulk-piles-empty")
        page.set_input_files("#pile-files", files)  # type: ignore[arg-type]
        page.fill("#pile-pages", "5")
        page.fill("#pile-cases", "2")
        page.fill("#pile-title", "上午的一叠")
        desk.primary()
        page.wait_for_selector(".leaf.sep")
        page.reload()
        desk.look("bulk-pile-proposal")
        last = page.locator(".leaf").last
        last.locator("summary").click()
        desk.look("bulk-pile-marking")
        last.locator("button[value=blank]").click()
        page.wait_for_load_state("load")
        page.keyboard.press("u")  # taken back by one key
        page.wait_for_selector(".leaf:last-child button[value=blank]", state="attached")
        assert page.locator(".leaf.blank").count() == 1
        page.locator(".leaf").last.locator("summary").click()
        page.locator(".leaf").last.locator("button[value=separator]").click()
        page.wait_for_load_state("load")
        page.fill("#re-pages", "4")
        page.click("form[aria-labelledby=recount-head] button")
        page.wait_for_load_state("load")
        desk.look("bulk-pile-ready")
        desk.primary()
        page.wait_for_url("**/jobs/**")
        page.wait_for_selector("text=已完成", timeout=60_000)
        desk.visit("/intake/piles/")
        desk.look("bulk-piles")

        desk.visit("/intake/catalogue/")
        page.set_input_files("#sheet-file", workbook)  # type: ignore[arg-type]
        desk.look("bulk-sheets")
        desk.primary()
        desk.look("bulk-sheet-columns")
        desk.primary()
        page.wait_for_selector("#faults-head", timeout=60_000)
        page.reload()
        desk.look("bulk-sheet-checked")

        desk.visit("/intake/catalogue/")
        desk.look("bulk-sheets-listed")
        desk.visit("/intake/images/")
        page.set_input_files(
            "#image-files",
            [{"name": name, "mimeType": "image/jpeg", "buffer": scans[1]} for name in ("J001-X-1.jpg", "随手.jpg")],  # type: ignore[arg-type]
        )
        desk.primary()
        page.wait_for_selector("#images-head")
        desk.look("bulk-images-report")
        desk.visit("/intake/images/")
        desk.look("bulk-images")
        desk.visit("/intake/business/")
        desk.look("bulk-business")
        desk.visit("/quarantine/")
        desk.look("bulk-quarantine")
        assert "程序.jpg" in page.inner_text("main")
        desk.close()
