"""A person at a desk in headless Chromium: log in, press the one primary button, look.

Pages are judged as they are visited: no console error, no request to anyone else, nothing that scrolls sideways, no
serious finding of axe. With ANJUAN_SHOTS=DIR each visited page is kept as a picture, at 1280 and at 390 pixels.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

AXE = Path(__file__).parent.parent / "fixtures" / "axe.min.js"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where Chromium is, if it is."""
    return os.environ.get("ANJUAN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def must_be_here() -> None:
    """Without Chromium a walk is skipped and says so; on our own machines that is a failure."""
    if chromium() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: .ci/run installs it")
        pytest.skip("no Chromium on this machine: the browser walk was not run")


def shots() -> Path | None:
    """Where pictures are kept, if they are."""
    kept = os.environ.get("ANJUAN_SHOTS")
    if not kept:
        return None
    Path(kept).mkdir(parents=True, exist_ok=True)
    return Path(kept)


@contextmanager
def opened(more: Sequence[str] = ()) -> Iterator[Browser]:
    """A headless Chromium, with more switches where a test needs them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, *more])
        try:
            yield browser
        finally:
            browser.close()


class Desk:
    """One person, logged in, in a browser window of his own."""

    def __init__(self, browser: Browser, base: str, staff_code: str, password: str, *, language: str = "zh-CN") -> None:
        self.base = base
        self.staff_code = staff_code
        self.troubles: list[str] = []
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 860}, locale=language)
        # axe must be injected although scripts are allowed from 'self' alone; the product's own pages never need this.
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)  # a busy machine is no fault; how fast it is, bench/ says
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.context.on("request", self._asked)
        self.visit("/account/log-in/")
        self.page.fill("[name=staff_code]", staff_code)
        self.page.fill("[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(f"{base}/")

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "401" not in message.text:
            self.troubles.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.troubles.append(f"asked a stranger: {request.url}")

    def visit(self, path: str) -> None:
        """Open a page of ours."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"

    def press(self, selector: str) -> None:
        """Press a button and, if it asks whether we are sure, say yes."""
        before = self.page.url
        self.page.click(selector)
        sure = self.page.locator("#ask[open] button[value=yes]")
        if sure.count():
            sure.click()
        self.page.wait_for_load_state("load")
        if self.page.url == before:
            self.page.wait_for_timeout(150)

    def primary(self) -> None:
        """Press the one primary action."""
        self.press(".head .do .btn-primary:not([disabled])")

    def turn_all_pages(self) -> int:
        """Turn every page of the judge view with J, as a judging person does; returns how many there are."""
        pages = self.page.locator(".strip li").count()
        for _ in range(pages):
            self.page.wait_for_timeout(250)
            self.page.keyboard.press("j")
        self.page.wait_for_timeout(300)
        return pages

    def look(self, name: str) -> None:
        """Judge the page that is open, and keep its picture if asked."""
        kept = shots()
        self.page.wait_for_timeout(250)
        for width, height in ((1280, 860), (390, 800)):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(200)
            sideways = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if sideways > 1:
                self.troubles.append(f"{name} scrolls sideways by {sideways} px at {width}")
            self.troubles += [f"{name} at {width}: {finding}" for finding in self._axe()]
            if kept:
                self.page.screenshot(path=str(kept / f"{name}-{width}.png"))
        self.page.set_viewport_size({"width": 1280, "height": 860})

    def _axe(self) -> list[str]:
        if not self.page.evaluate("typeof window.axe !== 'undefined'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => "
            "[v.impact, v.id, v.nodes.slice(0, 3).map(n => n.target.join(' ')).join('; ')]))"
        )
        return [f"{impact} {rule}: {where}" for impact, rule, where in found if impact in ("serious", "critical")]

    def close(self) -> None:
        """Leave; nothing may have gone wrong on the way."""
        self.context.close()
        assert not self.troubles, f"{self.staff_code}: " + "\n".join(self.troubles)
