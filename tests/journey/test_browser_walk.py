"""The whole route in a real browser: eleven people, one record, from the counter to a verified certificate."""

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from anjuan.demo.journey import SAMPLE
from tests.journey import browser, commands
from tests.journey.browser import Desk

PORT = 8391
BASE = f"http://127.0.0.1:{PORT}"
PERSON, NUMBER = "王秀英", "999001197003120020"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    browser.must_be_here()


@contextmanager
def served(home: Path) -> Iterator[str]:
    """`anjuan serve` on an empty home, as a newcomer starts it; gives the practice password."""
    log = (home.parent / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "anjuan", "serve", "--port", str(PORT)],
        env=commands.clean_environment(home, ANJUAN_PUBLIC_URL=BASE),
        stdout=log,
        stderr=log,
    )
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{BASE}/account/log-in/", timeout=2).read()
                break
            except OSError:
                time.sleep(0.1)
        yield (home / "keys" / "practice-password").read_text().strip()
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def test_one_record_walks_the_whole_route_in_a_browser(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with served(home) as password, browser.opened() as chromium:

        def desk(staff_code: str) -> Desk:
            return Desk(chromium, BASE, staff_code, password)

        take_in(desk("bh01"))
        return_once(desk("bh02"))
        mend(desk("bh01"))
        pass_review(desk("bh02"))
        file_and_seal(desk("bh03"))
        self_check(desk("bh04"))
        apply(desk("bh05"))
        pre_accept(desk("sj01"))
        witness(desk("bh06"))
        hand_over(desk("bh05"))
        receive(desk("sj02"))
        recheck(desk("sj03"))
        shelve(desk("sj04"))
        certificate = certify(desk("sj05"), tmp_path)
        stranger(desk)

        trust = tmp_path / "trust.json"
        trust.write_bytes(urllib.request.urlopen(f"{BASE}/verify/trust.json", timeout=10).read())

    assert commands.verify(str(certificate), "--trust", str(trust)).returncode == 0
    assert commands.run(home, "ocfl", "validate", str(home / "store")).returncode == 0


def take_in(desk: Desk) -> None:
    desk.look("desk-empty")
    desk.visit("/intake/")
    desk.look("counter-empty")
    desk.visit("/intake/register/")
    desk.look("choose-step")
    desk.visit("/intake/register/PERSON_REGISTRATION/")
    fill_case(desk, NUMBER[:-1] + "1")
    desk.primary()
    assert "R-003" in desk.page.content()
    assert desk.page.input_value("[name=person_name]") == PERSON
    desk.look("register-refused")
    fill_case(desk, NUMBER)
    desk.primary()
    capture(desk, "MAIN_FORM", SAMPLE / "001.jpg")
    desk.look("capture-half")
    capture(desk, "ID_CARD", SAMPLE / "003.jpg")
    desk.page.wait_for_selector("#submit .btn-primary:not([disabled])")
    desk.look("capture-ready")
    desk.primary()
    desk.troubles = [trouble for trouble in desk.troubles if "422" not in trouble]
    desk.close()


def fill_case(desk: Desk, number: str) -> None:
    for name, value in (
        ("acceptance_no", "SL-BROWSER-1"),
        ("formed_date", "2025-04-15"),
        ("paper_pages", "2"),
        ("title", "王秀英参保人员登记"),
        ("person_name", PERSON),
        ("person_id", number),
    ):
        desk.page.locator(f"[name={name}]").first.fill(value)


def capture(desk: Desk, material: str, scan: Path) -> None:
    before = desk.page.locator("#pages .strip li").count()
    desk.page.select_option("#upload-material", material)
    desk.page.set_input_files("#upload-files", str(scan))
    desk.page.wait_for_function(
        "n => document.querySelectorAll('#pages .strip li').length > n", arg=before, timeout=60_000
    )


def return_once(desk: Desk) -> None:
    desk.visit("/review/")
    desk.look("review-queue")
    desk.page.locator("main a[href^='/review/urn']").first.click()
    desk.page.wait_for_selector(".strip li")
    desk.look("review-judge")
    desk.page.keyboard.press("x")
    desk.page.wait_for_selector("#return[open]")
    desk.page.select_option("#return-fault", "I06")
    desk.page.fill("#return-note", "第一页模糊")
    desk.look("review-return")
    desk.press("#return .btn-return")
    desk.close()


def mend(desk: Desk) -> None:
    desk.look("desk-with-corrections")
    desk.visit("/corrections/")
    desk.look("corrections")
    desk.visit("/intake/")
    desk.page.locator("main a[href^='/intake/urn']").first.click()
    desk.page.wait_for_selector("#mend")
    desk.look("capture-mend")
    desk.page.set_input_files("form.replace input[type=file]", str(SAMPLE / "002.jpg"))
    if desk.page.locator("form.replace button[type=submit]:visible").count():
        desk.press("form.replace button[type=submit]")
    desk.page.wait_for_load_state("load")
    desk.page.wait_for_timeout(800)
    desk.page.fill("#mend textarea[name=answer]", "已重扫第 1 页")
    desk.press("#mend form.answer button[type=submit]")
    desk.page.wait_for_selector("#submit .btn-primary:not([disabled])")
    desk.primary()
    desk.close()


def pass_review(desk: Desk) -> None:
    desk.visit("/review/")
    desk.page.locator("main a[href^='/review/urn']").first.click()
    desk.page.wait_for_selector(".strip li")
    assert desk.turn_all_pages() == 2
    desk.primary()
    desk.page.wait_for_url(re.compile(r".*/review/(\?.*)?$"))
    desk.close()


def file_and_seal(desk: Desk) -> None:
    desk.visit("/filing/")
    desk.look("filing-pool")
    desk.press(".proposal button[type=submit]:not([formaction])")
    desk.page.wait_for_url("**/filing/urn**")
    desk.look("filing-volume")
    desk.primary()
    desk.page.wait_for_selector(".papers")
    desk.look("filing-sealed")
    assert "J001-ZY·SB·01·2025·BH-0001" in (desk.page.text_content(".number") or "").replace("\u200b", "")
    desk.close()


def self_check(desk: Desk) -> None:
    desk.visit("/inspection/self-check/")
    desk.look("self-check-queue")
    desk.primary()
    desk.page.wait_for_selector("#checklist")
    for radio in desk.page.locator("#checklist input[value=PASS]").all():
        radio.check()
    desk.look("self-check")
    desk.primary()
    desk.close()


def apply(desk: Desk) -> None:
    desk.visit("/transfer/apply/")
    desk.look("transfer-apply")
    for tick in desk.page.locator("#apply [name=volume]").all():
        tick.check()
    desk.primary()
    desk.page.wait_for_url("**/transfer/BH-**")
    desk.look("batch-applied")
    desk.visit("/transfer/")
    desk.look("transfer-board")
    desk.close()


def pre_accept(desk: Desk) -> None:
    desk.look("desk-acceptor")
    desk.visit("/inspection/pre-acceptance/")
    desk.primary()
    desk.page.wait_for_selector(".strip li")
    desk.look("pre-acceptance")
    desk.turn_all_pages()
    desk.primary()
    desk.close()


def open_batch(desk: Desk) -> None:
    desk.visit("/transfer/")
    desk.page.locator("main a[href^='/transfer/BH-']").first.click()
    desk.page.wait_for_selector(".way")


def witness(desk: Desk) -> None:
    open_batch(desk)
    desk.primary()
    desk.page.wait_for_selector("#witness")
    for tick in desk.page.locator("#witness input[type=checkbox]").all():
        tick.check()
    for count in desk.page.locator("#witness input.count-in").all():
        count.fill("2")
    desk.look("batch-witness")
    desk.primary()
    desk.close()


def hand_over(desk: Desk) -> None:
    open_batch(desk)
    desk.look("batch-dispatch")
    desk.primary()
    desk.close()


def receive(desk: Desk) -> None:
    open_batch(desk)
    desk.page.locator(".count-in").first.fill("9")
    desk.primary()
    assert "T-005" in desk.page.content()
    desk.look("batch-receive-refused")
    desk.page.locator(".count-in").first.fill("2")
    desk.primary()
    desk.page.wait_for_selector("text=JS-BH-")
    desk.look("batch-received")
    desk.troubles = [trouble for trouble in desk.troubles if "409" not in trouble]
    desk.close()


def recheck(desk: Desk) -> None:
    desk.visit("/inspection/recheck/")
    desk.look("recheck-lots")
    desk.press("form.lot button[type=submit]")
    desk.page.wait_for_selector(".strip li")
    desk.look("recheck")
    desk.turn_all_pages()
    desk.primary()
    desk.close()


def shelve(desk: Desk) -> None:
    desk.visit("/stacks/")
    desk.look("stacks")
    desk.press(".shelving .btn-primary")
    desk.page.wait_for_selector("g.lit")
    desk.look("stacks-lit")
    desk.close()


def certify(desk: Desk, folder: Path) -> Path:
    desk.page.keyboard.press("/")
    desk.page.keyboard.type(NUMBER)
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("text=王秀英参保人员登记")
    desk.look("find")
    desk.page.click("a[href^='/item/']")
    desk.page.wait_for_selector(".strip li")
    desk.look("record")
    desk.page.go_back()
    desk.page.click("a[href*='/certificates/ask/']")
    desk.page.fill("[name=reader_name]", PERSON)
    desk.page.fill("[name=reader_id_number]", NUMBER)
    desk.page.fill("[name=purpose]", "办理退休手续")
    desk.look("certificate-ask")
    desk.primary()
    desk.look("certificate-requested")
    desk.primary()
    desk.page.wait_for_selector("a[href$='.pdf']")
    desk.look("certificate-issued")
    with desk.page.expect_download() as waiting:
        desk.page.click(".head .do .btn-primary")
    certificate = folder / "certificate.pdf"
    waiting.value.save_as(certificate)
    desk.page.click("a[href*='/verify/']")
    desk.page.wait_for_selector("#found")
    desk.look("verify")
    desk.page.set_input_files("[name=certificate]", str(certificate))
    desk.press("form[enctype] button[type=submit]")
    desk.page.wait_for_selector("#verdict .tone-good, .tone-good")
    desk.close()
    return certificate


def stranger(desk: Callable[[str], Desk]) -> None:
    """An administrator sees no record, and no desk that is not his."""
    auditor = desk("sj92")
    answer = auditor.page.goto(f"{BASE}/find/?q={NUMBER}")
    assert answer is not None
    assert PERSON not in auditor.page.content()
    refused = auditor.page.goto(f"{BASE}/stacks/")
    assert refused is not None
    assert refused.status == 403
    auditor.look("refused-403")
    missing = auditor.page.goto(f"{BASE}/item/urn:uuid:00000000-0000-7000-8000-000000000000/")
    assert missing is not None
    assert missing.status == 404
    auditor.look("refused-404")
    auditor.troubles = [trouble for trouble in auditor.troubles if "40" not in trouble]
    auditor.close()
