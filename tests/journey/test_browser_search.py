"""Asking in a real browser: how to ask, hits with their reasons, nothing found; at both widths."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import python, run, served

pytestmark = pytest.mark.browser

PASSWORD = """
from anjuan.demo import office
print(office.password())
"""
NAMED = """
from anjuan.records.models import Item, Subject
print(Item.objects.order_by("pk").first().title, Subject.objects.order_by("pk").first().name, sep="|")
"""


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


def test_a_question_is_asked_ordered_and_helped_along(own_home: Path, tmp_path: Path) -> None:
    run(own_home, "search", "rebuild")
    password = python(own_home, PASSWORD).strip()
    title, name = python(own_home, NAMED).strip().split("|")

    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        desk = Desk(browser, base, "sj05", password)
        desk.visit("/find/")
        desk.page.click("details.how > summary")
        assert "先算 NOT" in desk.page.inner_text("details.how")
        desk.look("search-how")
        desk.visit(f"/find/?q={quote(f'题名:{title[:2]} OR 没有的词')}")
        assert title[:2] in desk.page.inner_text("mark >> nth=0")
        desk.look("search-hits")
        desk.page.click("a:has-text('形成日期最早在前')")
        desk.page.wait_for_load_state("load")
        assert "FORMED_FIRST" in desk.page.url
        desk.visit(f"/find/?q={quote(name)}")
        desk.look("search-person")
        desk.visit(f"/find/?q={quote(f'{name} 没有的词')}")
        assert "没有的词 (0)" in desk.page.inner_text("main")
        desk.look("search-nothing")
        desk.close()
