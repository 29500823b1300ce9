"""Asking in a sentence in a real browser: passages, parts given up, an answer composed; at both widths."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.answer_service import Asked, said, serving
from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import python, run, served, walked
from tests.journey.test_browser_search import NAMED, PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


def quoted(asked: Asked) -> tuple[int, bytes]:
    """What a service says that quotes the first passage, and once invents."""
    passage = asked.told["passages"][0]
    good = {"text": "档案里这样写。", "sources": [{"passage": passage["passage"], "quote": passage["title"]}]}
    return 200, said([good, {"text": "没有这回事。", "sources": [{"passage": 1, "quote": "凭空写的引文"}]}])


def test_a_sentence_is_asked_and_an_answer_composed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    walked(home)
    run(home, "search", "rebuild")
    password = python(home, PASSWORD).strip()
    _, name = python(home, NAMED).strip().split("|")

    with (
        serving(quoted) as service,
        served(home, tmp_path / "serve.log", ANJUAN_ANSWERS=service.address) as base,
        opened() as browser,
    ):
        desk = Desk(browser, base, "sj05", password)
        desk.visit("/find/")
        desk.page.click("a:has-text('按句提问')")
        desk.page.wait_for_load_state("load")
        desk.look("ask-empty")
        desk.visit(f"/ask/?q={quote(f'请问{name}的奇怪经历是什么？')}")
        assert "按此检索" in desk.page.inner_text("main")
        assert "依次放弃了" in desk.page.inner_text("main")
        assert desk.page.inner_text("mark >> nth=0")
        desk.look("ask-passages")
        desk.page.fill("#purpose", "核对")
        desk.page.click("button:has-text('拟答')")
        desk.page.wait_for_load_state("load")
        assert "机器拟答" in desk.page.inner_text("main")
        assert "略去了没有依据的 1 句" in desk.page.inner_text("main")
        desk.look("ask-composed")
        desk.close()
