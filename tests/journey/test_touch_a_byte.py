"""Touch a byte: a sealed page is altered, found by the sweep, named on the screens, repaired by one press."""

import time
from pathlib import Path

import pytest

from tests.journey import browser, commands
from tests.journey.browser import Desk

pytestmark = pytest.mark.browser
SAID = "已改动 altered: "


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    browser.must_be_here()


def wait_for(desk: Desk, words: str, *, seconds: float = 60) -> None:
    """Open the page of copies again until it says so."""
    deadline = time.monotonic() + seconds
    while True:
        desk.visit("/copies/")
        if desk.page.get_by_text(words).count() and not desk.page.locator("#running progress").count():
            return
        assert time.monotonic() < deadline, desk.page.inner_text("main")[:2000]
        time.sleep(1)


@pytest.mark.acceptance("S2-C1", "S2-C6", "S2-W3", "S4-C7", "S0-C6")
def test_one_byte_is_touched_found_named_and_repaired_on_the_screens(own_home: Path, tmp_path: Path) -> None:
    with commands.served(own_home, tmp_path / "serve.log") as base, browser.opened() as chromium:
        password = (own_home / "keys" / "practice-password").read_text().strip()
        keeper = Desk(chromium, base, "sj04", password)
        wait_for(keeper, "5 / 5")  # the worker has made and verified the copies by itself
        keeper.look("copies-well")

        told = commands.run(own_home, "demo", "tamper")
        assert told.returncode == 0, told.stderr
        first, path = told.stdout.split("\n")[:2]
        reference, urn = first.removeprefix(SAID).split("  ")
        assert commands.run(own_home, "ocfl", "validate", str(own_home / "store")).returncode == 1
        keeper.primary()
        wait_for(keeper, "损坏的副本")
        said = keeper.page.inner_text("main")
        assert reference in said and path in said and "字节被改" in said and "主存储库" in said
        keeper.look("copies-damaged")
        keeper.visit("/")
        assert f"副本损坏：{reference}" in keeper.page.inner_text("main")
        keeper.visit("/notices/")
        assert path in keeper.page.inner_text("main")

        auditor = Desk(chromium, base, "sj92", password)
        auditor.visit("/copies/")
        assert path in auditor.page.inner_text("main")
        assert auditor.page.locator("main form").count() == 0
        auditor.close()

        keeper.visit("/copies/")
        keeper.press("text=用完好副本修复")
        keeper.page.wait_for_url("**/copies/#closed")
        said = keeper.page.inner_text("main")
        assert "损坏的副本" not in said and path in said and "陈立" in said
        keeper.look("copies-repaired")
        keeper.visit(f"/item/{urn}/")
        keeper.page.wait_for_selector(".copies-of")
        assert "已归档" in keeper.page.inner_text(".copies-of")
        keeper.look("copies-record")
        keeper.close()
    assert commands.run(own_home, "ocfl", "validate", str(own_home / "store")).returncode == 0
    for place in ("local-b", "far"):
        assert commands.run(own_home, "ocfl", "validate", str(own_home / "copies" / place / "store")).returncode == 0
