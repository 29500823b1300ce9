"""The pages for units and citizens: no account, nothing of anybody else, slow to whoever tries too often."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from anjuan.core.terms import Post
from anjuan.desks.intake import tasks
from anjuan.desks.intake.actions import declarations as deeds
from anjuan.desks.intake.models import Declaration
from anjuan.desks.intake.queries import declarations as queries
from anjuan.desks.intake.rules.declarations import MOST_BYTES
from anjuan.desks.intake.views import submitting
from anjuan.facilities.screening import queries as screening
from anjuan.foundation.accounts import occasions
from tests import builders
from tests.cast import Cast
from tests.desk import declaration_stage as stage

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


@pytest.fixture(autouse=True)
def fresh_pace() -> Iterator[None]:
    """What is counted in the process is counted anew."""
    yield
    submitting.LODGINGS.clear()
    submitting.INQUIRIES.clear()


def asked(sent: stage.Sent, **more: str) -> str:
    return Client().post(stage.PROGRESS, sent.key | more).content.decode()


@pytest.mark.acceptance("S0-R6")
def test_a_stranger_chooses_office_and_step_and_finds_list_and_blank_form(cast: Cast) -> None:
    cast.found_elsewhere()
    assert 'value="HX"' not in Client().get("/submit/").content.decode()  # nobody there takes a case in
    cast.hire("hx-h", Post.HANDLER, "HX")
    first = Client().get("/submit/").content.decode()
    assert 'value="BH"' in first and 'value="HX"' in first and stage.PATH not in first

    second = Client().get("/submit/?agency=BH").content.decode()
    assert stage.PATH in second and f"/rulebook/blanks/{stage.STEP}.pdf" in second

    page = Client().get(stage.PATH)
    text = page.content.decode()
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    for words in ("参保登记表", "身份证复印件", "主表", 'name="file-MAIN_FORM"', 'enctype="multipart/form-data"'):
        assert words in text, words


def test_where_it_is_not_switched_on_there_is_nothing_to_send(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_SUBMIT_AGENCIES = ()

    assert stage.PATH not in Client().get("/submit/?agency=BH").content.decode()
    assert "请到柜台办理" in Client().get("/submit/").content.decode()
    for answer in (Client().get(stage.PATH), stage.posted()):
        assert answer.status_code == 409 and "I-100" in answer.content.decode()
    assert not Declaration.objects.exists()


def test_only_steps_that_are_marked_are_open(cast: Cast, settings: Settings) -> None:
    every = {step.code for step in queries.open_steps()}
    assert stage.STEP in every and "EMPLOYER_REGISTRATION" in every

    settings.ANJUAN_SUBMIT_STEPS = ("EMPLOYER_REGISTRATION",)

    assert [step.code for step in queries.open_steps()] == ["EMPLOYER_REGISTRATION"]
    assert Client().get(stage.PATH).status_code == 409


@pytest.mark.acceptance("S0-R6", "S0-W1")
def test_what_is_sent_gets_a_number_a_code_and_a_receipt_whose_digests_are_those_of_the_bytes(cast: Cast) -> None:
    answer = stage.posted()
    page = answer.content.decode()
    sent = stage.told(page)
    octets = [builders.jpeg(900), builders.jpeg(901)]
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store" and "<svg" in page
    assert all(hashlib.sha256(one).hexdigest() in page for one in octets)

    pdf = Client().post("/submit/progress/receipt.pdf", sent.key)

    assert pdf["Content-Type"] == "application/pdf" and sent.number in pdf["Content-Disposition"]
    words = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf.content))
    words = "".join(words.replace("\u200b", "").split())
    assert sent.number in words and sent.code not in words and sent.code.replace("-", "") not in words
    for one, name in zip(octets, ("登记表.jpg", "身份证.jpg"), strict=True):
        assert hashlib.sha256(one).hexdigest() in words and name in words and f"{len(one):,}" in words


def test_a_sign_that_cannot_be_printed_costs_nobody_his_receipt(cast: Cast) -> None:
    sent = stage.told(stage.posted({"file-ID_CARD": stage.picture(950, "证件😀.jpg")}).content.decode())

    pdf = Client().post("/submit/progress/receipt.pdf", sent.key)

    (page,) = pypdfium2.PdfDocument(pdf.content)
    assert "证件□.jpg" in page.get_textpage().get_text_range()


def test_the_code_stands_on_one_answer_only(cast: Cast) -> None:
    sent = stage.told(stage.posted().content.decode())

    page = cast.client(Post.HANDLER).get(f"/intake/declarations/{sent.uid}/").content.decode()
    assert sent.code not in page and sent.code.replace("-", "") not in page
    opened = Client().get(f"{stage.PROGRESS}?number={sent.number}").content.decode()
    assert sent.number in opened and "登记表.jpg" not in opened and sent.code not in opened


@pytest.mark.acceptance("S0-R6", "S0-W1")
def test_the_sender_sees_how_it_stands_and_sends_anew_what_came_back(cast: Cast) -> None:
    sent = stage.told(stage.posted().content.decode())
    assert "已收到，等待预审" in asked(sent)
    deeds.send_back(
        occasion=cast.occasion(Post.HANDLER), uid=sent.uid, reasons={"ID_CARD": "反面没有拍"}, note="可拍照"
    )

    page = asked(sent)
    assert "反面没有拍" in page and "可拍照" in page
    assert 'name="file-ID_CARD"' in page and 'name="file-MAIN_FORM"' not in page

    again = Client().post(stage.AGAIN, {**sent.key, "file-ID_CARD": stage.picture(950, "反面.jpg")})
    assert again.status_code == 200 and "反面.jpg" in again.content.decode()
    assert "反面没有拍" not in asked(sent)
    row = queries.by_code(sent.number, sent.code)
    urn = deeds.admit(
        occasion=cast.occasion(Post.HANDLER), uid=sent.uid, registration=queries.registration_of(row, "SL-77")
    ).urn
    page = asked(sent)
    assert "已受理，正在办理" in page and "SL-77" in page and urn not in page


def test_nothing_of_anybody_else_is_shown(cast: Cast) -> None:
    mine = stage.lodged(cast, 900, serial=1)
    stage.lodged(cast, 920, serial=2)
    handler = cast.actor(Post.HANDLER)

    page = asked(mine)

    assert handler.name not in page and handler.staff_code not in page.replace(mine.number, "")
    assert builders.person(1).id_number not in page and builders.person(2).name not in page
    assert len(set(re.findall(r"SB\d{8}-[2-9A-Z]{8}", page))) == 1


def test_a_wrong_code_says_the_same_as_a_wrong_number(cast: Cast) -> None:
    sent = stage.lodged(cast)
    answers = [
        Client().post(stage.PROGRESS, {"number": number, "code": code})
        for number, code in ((sent.number, "2222-3333-4444"), ("SB20260101-00000000", sent.code))
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    changing = r'(value|content|data-copy|aria-label|title)="[^"]*"|R\d{8}-(<wbr>)?[0-9A-F]{8}'
    plain = [re.sub(changing, "", answer.content.decode()) for answer in answers]
    assert plain[0] == plain[1] and "I-101" in plain[0]
    for address in (stage.AGAIN, "/submit/progress/receipt.pdf"):
        assert Client().post(address, {"number": sent.number, "code": "x"}).status_code == 404


def test_too_many_wrong_codes_shut_the_door_for_a_while(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = stage.lodged(cast)
    wrong = {"number": sent.number, "code": "2222-3333-4444"}
    for _ in range(submitting.MOST_WRONG):
        assert Client().post(stage.PROGRESS, wrong).status_code == 404

    shut = Client().post(stage.PROGRESS, sent.key)
    assert shut.status_code == 429 and "I-102" in shut.content.decode()
    assert Client(REMOTE_ADDR="192.0.2.7").post(stage.PROGRESS, sent.key).status_code == 200  # elsewhere it is open

    later = timezone.now() + submitting.INQUIRIES.within + dt.timedelta(seconds=1)
    monkeypatch.setattr(occasions, "moment", lambda: later)
    assert Client().post(stage.PROGRESS, sent.key).status_code == 200


def test_who_tries_one_number_after_another_is_stopped_too(cast: Cast) -> None:
    for serial in range(submitting.MOST_WRONG_ALL):
        asked_for = {"number": f"SB20260101-{serial:08X}", "code": "2222-3333-4444"}
        assert Client().post(stage.PROGRESS, asked_for).status_code == 404

    assert Client().post(stage.PROGRESS, {"number": "SB20260101-FFFFFFFF", "code": "x"}).status_code == 429


def test_one_address_sends_in_so_often_an_hour_and_no_more(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_SUBMIT_PER_HOUR = 2
    assert stage.posted(seed=900, ticket="a").status_code == 200
    assert stage.posted({"file-ID_CARD": None}, seed=910, ticket="b").status_code == 422  # it was looked at

    assert stage.posted(seed=920, ticket="c").status_code == 429
    assert Declaration.objects.count() == 1


def test_a_sending_that_is_too_large_is_refused_before_it_is_read(cast: Cast) -> None:
    for address in (stage.PATH, stage.AGAIN):
        answer = Client().post(
            address,
            b"x",
            content_type="multipart/form-data; boundary=b",
            headers={"Content-Length": str(MOST_BYTES + submitting.FORM_BYTES + 1)},
        )
        assert answer.status_code == 413 and "I-103" in answer.content.decode(), address


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"file-ID_CARD": None}, "I-105", 422),
        ({"file-ID_CARD": None, "file-MAIN_FORM": None}, "I-104", 422),
        ({"file-NONE": stage.picture(950)}, "H-005", 422),
        ({"person_id": "999001196402290019"}, "R-003", 422),
        ({"person_name": "", "person_id": ""}, "I-006", 422),
        ({"file-ID_CARD": stage.picture(0, "a.jpg", builders.jpeg(5)[:800])}, "M-003", 422),
        ({"file-ID_CARD": SimpleUploadedFile("a.html", b"<script>alert(1)</script>")}, "M-", 422),
        ({"file-ID_CARD": SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 200)}, "M-", 422),
        ({"formed_date": ""}, "", 422),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    cast: Cast, home: Path, change: dict[str, object], code: str, status: int
) -> None:
    answer = stage.posted(change)

    page = answer.content.decode()
    assert answer.status_code == status and f'data-code="{code}' in (page if code else 'data-code="')
    assert f'value="{"0123456789abcdef" * 2}"' in page and ("person_name" in change or builders.person(1).name in page)
    assert not Declaration.objects.exists() and stage.incoming(home) == []


def test_a_hostile_name_names_nothing_of_ours(cast: Cast, home: Path) -> None:
    answer = stage.posted({"file-ID_CARD": stage.picture(950, '../../x"><b>.jpg')})

    assert answer.status_code == 200 and "<b>" not in answer.content.decode()
    assert all(re.fullmatch(r"[0-9a-f]{16}", path.name) for path in stage.incoming(home))


def test_a_program_goes_into_quarantine_where_the_office_sees_it(cast: Cast) -> None:
    stage.posted({"file-ID_CARD": SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 200)})

    (row,) = screening.aside(cast.actor(Post.HANDLER))
    assert (row.door, row.name, row.agency_code) == ("OUTSIDE", "a.exe", "BH")


def test_several_rows_of_persons_are_added_without_sending(cast: Cast) -> None:
    many = next(step.code for step in queries.open_steps() if step.concerns_many)
    page = Client().post(f"/submit/BH/{many}/", {**stage.typed(), "add_row": "1"}).content.decode()

    assert page.count('name="person_name"') > 3 and not Declaration.objects.exists()


def test_a_ticket_of_ones_own_making_tells_no_number(cast: Cast) -> None:
    first = stage.told(stage.posted({"ticket": ""}, seed=900).content.decode())

    second = stage.posted({"ticket": ""}, seed=920)

    assert second.status_code == 200 and stage.told(second.content.decode()).number != first.number
    again = [stage.posted(seed=940), stage.posted(seed=960)]  # one ticket of ours, pressed twice
    assert [answer.status_code for answer in again] == [200, 409] and "I-114" in again[1].content.decode()


def test_a_form_of_another_site_is_refused(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(stage.PATH, stage.typed()).status_code == 403
    assert strict.post(stage.PROGRESS, {"number": "x", "code": "y"}).status_code == 403


def test_what_was_cleared_says_so(cast: Cast) -> None:
    sent = stage.lodged(cast)
    Declaration.objects.update(moved_at=timezone.now() - dt.timedelta(days=31))
    assert tasks.clear_spent() == 1

    page = asked(sent)

    assert "超过 30 天未受理" in page and builders.person(1).name not in page
    assert Client().post("/submit/progress/receipt.pdf", sent.key).status_code == 409
    desk = cast.client(Post.HANDLER).get(f"/intake/declarations/{sent.uid}/")
    assert desk.status_code == 200 and "预审" in desk.content.decode()


def test_the_pages_are_in_english_too(cast: Cast) -> None:
    client = Client(headers={"Accept-Language": "en"})

    assert "Submit documents from home" in client.get("/submit/").content.decode()
    assert "Copy of the ID card" in client.get(stage.PATH).content.decode()
