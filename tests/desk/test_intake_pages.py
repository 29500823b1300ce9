"""The counter: queue, registration, capture, mending, submission; in the browser's forms and in the API."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from anjuan.core.terms import Post, State
from anjuan.desks.intake import actions, forms, queries
from anjuan.records import queries as records
from tests.cast import Cast
from tests.desk import counter_stage as stage


def scan(shade: int = 200, name: str = "scan.png") -> SimpleUploadedFile:
    """A page that no other page equals."""
    octets = io.BytesIO()
    Image.new("L", (300, 400), shade).save(octets, "PNG", dpi=(200, 200))
    return SimpleUploadedFile(name, octets.getvalue(), "image/png")


def typed(**more: Any) -> dict[str, Any]:
    return {
        "agency": "BH",
        "acceptance_no": "SL-77",
        "formed_date": "2025-02-12",
        "paper_pages": "2",
        "title": "王秀英参保登记",
        "person_name": [stage.WANG.name],
        "person_id": [stage.WANG.id_number],
        "employer_name": stage.EMPLOYER.name,
        "credit_code": stage.EMPLOYER.credit_code,
        **more,
    }


# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")

REGISTER = "/intake/register/PERSON_REGISTRATION/"


# Who may ----------------------------------------------------------------------------------------------------------


def test_every_page_of_the_counter_asks_for_a_log_in(client: Client, cast: Cast) -> None:
    urn = stage.registered(cast)
    for path in ("/intake/", "/intake/register/", REGISTER, f"/intake/{urn}/"):
        answer = client.get(path)
        assert answer.status_code == 302 and "/account/log-in/" in answer["Location"], path
    for path in (f"/intake/{urn}/capture/", f"/intake/{urn}/submit/", f"/intake/{urn}/paper-pages/"):
        assert client.post(path).status_code == 302, path
    assert records.get_item_for(cast.actor(Post.HANDLER), urn).state is State.COLLECTING


@pytest.mark.acceptance("S4-C4")
def test_only_the_handler_of_the_agency_opens_the_counter(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    urn = stage.captured(cast)
    component = records.components_of([urn])[urn][0].pk
    gets = ["/intake/", "/intake/register/", REGISTER, f"/intake/{urn}/"]
    deeds = [f"/intake/{urn}/{verb}/" for verb in ("capture", "submit", "paper-pages")]
    deeds += [f"/intake/page/{component}/{verb}/" for verb in ("replace", "withdraw")]

    for path in gets:
        assert cast.client(Post.HANDLER).get(path).status_code == 200, path
        assert cast.client(Post.REVIEWER).get(path).status_code == 403, path
    for path in deeds:
        answer = cast.client(Post.FILER).post(path, {"paper_pages": 3, "files": scan(), "material": "OTHER"})
        assert answer.status_code == 403, path
    other, administrator = outsider(Post.HANDLER), cast.client(Post.SYSTEM_ADMIN)
    assert other.get(f"/intake/{urn}/").status_code == administrator.get(f"/intake/{urn}/").status_code == 404
    for path in deeds:
        sent = {"paper_pages": 3, "files": scan(), "material": "OTHER"}
        assert other.post(path, sent).status_code == 404, path
        assert administrator.post(path, sent | {"files": scan()}).status_code == 404, path
    item = records.get_item_for(cast.actor(Post.HANDLER), urn)
    assert (item.state, item.paper_pages, len(records.components_of([urn])[urn])) == (State.COLLECTING, 2, 2)


# The queue --------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-W1")
def test_the_queue_says_what_is_missing(cast: Cast) -> None:
    stage.registered(cast, "SL-1")
    stage.captured(cast, "SL-2")
    stage.returned(cast, "SL-3")
    page = cast.client(Post.HANDLER).get("/intake/").content.decode()

    assert "3 件" in page
    assert "缺主表：参保登记表" in page and "可以提交" in page and "还有 2 个问题没有答复" in page


def test_a_long_queue_stays_light(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(70):
        stage.registered(cast, f"SL-{number:03d}")
    client = cast.client(Post.HANDLER)
    with django_assert_max_num_queries(21):
        answer = client.get("/intake/")
    assert len(answer.content) < 100_000
    assert answer.content.count(b"<tr") == 51 and "70 件" in answer.content.decode()
    assert client.get("/intake/?page=2").content.count(b"<tr") == 21


# Registering ------------------------------------------------------------------------------------------------------


def test_the_business_step_is_chosen_first(cast: Cast) -> None:
    page = cast.client(Post.HANDLER).get("/intake/register/").content.decode()
    assert f'href="{REGISTER}"' in page and "参保人员登记" in page and "一表多人" in page


@pytest.mark.acceptance("S3-W11")
def test_registering_leads_to_the_pages(cast: Cast) -> None:
    answer = cast.client(Post.HANDLER).post(REGISTER, typed())
    item = records.item_by_acceptance_no(cast.actor(Post.HANDLER), "SL-77")
    assert item is not None and answer.status_code == 302
    assert answer["Location"] == f"/intake/{item.urn}/?done=register"
    subjects = records.subjects_of([item.urn])[item.urn]
    assert [row.name for row in subjects] == [stage.WANG.name, stage.EMPLOYER.name]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"person_id": ["999001197003120021"]}, "R-003"),
        ({"credit_code": "919990017392104600"}, "R-005"),
        ({"formed_date": "1948-01-01"}, "I-002"),
        ({"paper_pages": "0"}, "I-005"),
        ({"person_name": [""], "person_id": [""], "employer_name": "", "credit_code": ""}, "I-006"),
        ({"person_name": ["甲", "乙"], "person_id": [stage.WANG.id_number, "999001196502200119"]}, "I-007"),
    ],
)
def test_a_refused_registration_keeps_every_word(cast: Cast, change: dict[str, Any], code: str) -> None:
    sent = typed(**change)
    answer = cast.client(Post.HANDLER).post(REGISTER, sent)
    page = answer.content.decode()
    assert answer.status_code in (409, 422) and f'data-code="{code}"' in page
    values = set(re.findall(r'value="([^"]*)"', page))
    for value in sent.values():
        assert set(value if isinstance(value, list) else [value]) <= values | {""}
    assert records.item_by_acceptance_no(cast.actor(Post.HANDLER), "SL-77") is None


def test_an_unreadable_date_is_said_at_its_field(cast: Cast) -> None:
    answer = cast.client(Post.HANDLER).post(REGISTER, typed(formed_date="昨天"))
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="昨天"' in page and 'value="SL-77"' in page and "form-error" in page


def test_rows_are_added_without_script_and_without_registering(cast: Cast) -> None:
    path = "/intake/register/CONTRIBUTION_DECLARATION/"
    client = cast.client(Post.HANDLER)
    assert client.get(path).content.count(b'name="person_id"') == 3
    sent = typed(person_name=["甲", "乙", "丙"], person_id=["1", "2", "3"], formed_date="", add_row="1")
    page = client.post(path, sent).content.decode()
    assert page.count('name="person_id"') == 6 and 'value="丙"' in page and 'value="SL-77"' in page
    assert "这个字段是必填项" not in page and records.item_by_acceptance_no(cast.actor(Post.HANDLER), "SL-77") is None


def test_the_retention_shows_what_is_not_confirmed(cast: Cast) -> None:
    page = cast.client(Post.HANDLER).get("/intake/register/PENSION_RETIREMENT/").content.decode()
    assert re.search(r'mark-tag wait">.*?待核实', page, re.S) and "核实之前按永久保管" in page
    confirmed = cast.client(Post.HANDLER).get(REGISTER).content.decode()
    assert "100年" in confirmed and "核实之前按永久保管" not in confirmed


# Capturing --------------------------------------------------------------------------------------------------------


def test_a_refused_file_keeps_none_of_the_others_out(cast: Cast, home: Path) -> None:
    urn = stage.registered(cast)
    sent = [scan(10, "a.png"), SimpleUploadedFile("b.jpg", b"MZ\x90\x00"), scan(30, "c.png")]
    answer = cast.client(Post.HANDLER).post(f"/intake/{urn}/capture/", {"material": "MAIN_FORM", "files": sent})
    page = answer.content.decode()
    kept = records.components_of([urn])[urn]

    assert answer.status_code == 200 and [row.original_name for row in kept] == ["a.png", "c.png"]
    assert "M-002" in page and "b.jpg" in page
    assert not list((home / "staging" / "uploads").iterdir())


def test_each_file_answers_a_program_for_itself(cast: Cast) -> None:
    urn = stage.registered(cast)
    client = cast.client(Post.HANDLER)
    path, json = f"/intake/{urn}/capture/", {"accept": "application/json"}
    good = client.post(path, {"material": "MAIN_FORM", "files": scan()}, headers=json).json()["results"]
    again = client.post(path, {"material": "MAIN_FORM", "files": scan()}, headers=json).json()["results"]
    empty = client.post(path, {"material": "MAIN_FORM"}, headers=json)

    assert [(one["ok"], one["pages"]) for one in good] == [(True, 1)]
    assert [(one["ok"], one["code"]) for one in again] == [(False, "I-012")]
    assert (empty.status_code, empty.json()["code"]) == (422, "I-011")


@pytest.mark.parametrize(
    "name", ["𠮷田㐂（二）.png", "名" * 84 + ".p", "\U00031350卷.png", "a/b\\王.png", "../../x\x07.png"]
)
def test_a_name_is_kept_as_a_name_and_never_used_as_a_path(cast: Cast, home: Path, name: str) -> None:
    urn = stage.registered(cast)
    sent = {"material": "MAIN_FORM", "files": scan(), "name": name}
    assert cast.client(Post.HANDLER).post(f"/intake/{urn}/capture/", sent).status_code == 302
    kept = records.components_of([urn])[urn][0]
    assert kept.original_name == re.split(r"[/\\]", name)[-1].replace("\x07", "")
    assert not [path for path in home.rglob("*") if any(sign in path.name for sign in "𠮷名卷王")]


def test_a_long_name_is_cut_between_characters_and_keeps_its_ending() -> None:
    cut = forms.file_name("𠮷" * 100 + ".jpeg")
    assert cut.endswith(".jpeg") and len(cut.encode()) <= 255 and set(cut[:-5]) == {"𠮷"}


def test_a_page_is_replaced_and_taken_out(cast: Cast) -> None:
    urn = stage.captured(cast)
    first, second = records.components_of([urn])[urn]
    client = cast.client(Post.HANDLER)
    bad = client.post(
        f"/intake/page/{first.pk}/replace/", {"files": SimpleUploadedFile("x.png", b"MZ\x90\x00"), "page": "1"}
    )
    answer = client.post(f"/intake/page/{first.pk}/replace/", {"files": scan(name="better.png"), "page": "1"})
    assert bad.status_code == 422 and "M-002" in bad.content.decode()
    assert answer.status_code == 302 and "done=replace" in answer["Location"]
    kept = records.components_of([urn])[urn]
    assert [row.original_name for row in kept] == ["better.png", second.original_name]
    assert kept[0].material_code == first.material_code

    assert client.post(f"/intake/page/{kept[0].pk}/withdraw/").status_code == 302
    assert [row.pk for row in records.components_of([urn])[urn]] == [second.pk]


def test_the_page_count_is_corrected_or_refused_with_what_was_typed(cast: Cast) -> None:
    urn = stage.captured(cast)
    client = cast.client(Post.HANDLER)
    refused = client.post(f"/intake/{urn}/paper-pages/", {"paper_pages": "9999"})
    assert refused.status_code == 422 and 'data-code="I-005"' in refused.content.decode()
    assert 'value="9999"' in refused.content.decode()
    assert client.post(f"/intake/{urn}/paper-pages/", {"paper_pages": "3"}).status_code == 302
    assert records.get_item_for(cast.actor(Post.HANDLER), urn).paper_pages == 3


# The capture page and submission ----------------------------------------------------------------------------------


def test_the_submit_button_says_why_it_sleeps(cast: Cast) -> None:
    urn = stage.registered(cast)
    page = cast.client(Post.HANDLER).get(f"/intake/{urn}/").content.decode()
    assert re.search(r"<button[^>]*disabled[^>]*>.*?提交审核", page, re.S)
    assert f"/intake/{urn}/?material=MAIN_FORM#upload" in page and "缺主表" in page
    assert f"/intake/{urn}/#ledger" in page

    refused = cast.client(Post.HANDLER).post(f"/intake/{urn}/submit/")
    assert refused.status_code == 422 and 'data-code="L-004"' in refused.content.decode()


@pytest.mark.acceptance("S3-W11")
def test_a_complete_item_goes_to_the_reviewer(cast: Cast) -> None:
    urn = stage.captured(cast)
    client = cast.client(Post.HANDLER)
    page = client.get(f"/intake/{urn}/").content.decode()
    assert not re.search(r"<button[^>]*disabled", page) and stage.WANG.id_number not in page
    assert client.post(f"/intake/{urn}/submit/")["Location"] == "/intake/?done=submit"
    assert records.get_item_for(cast.actor(Post.HANDLER), urn).state is State.IN_REVIEW
    after = client.get(f"/intake/{urn}/").content.decode()
    assert "提交审核" not in after and 'id="upload-form"' not in after


def test_a_returned_item_shows_the_place_and_takes_the_answer(cast: Cast) -> None:
    urn = stage.returned(cast)
    client = cast.client(Post.HANDLER)
    page = client.get(f"/intake/{urn}/").content.decode()
    assert "请补盖经办专用章" in page and "left:50.000%" in page and "2 个问题待整改" in page

    for row in queries.collected(cast.actor(Post.HANDLER), urn).corrections:
        sent = {"answer": "已补盖并重扫", "next": f"/intake/{urn}/?done=answer"}
        assert client.post(f"/corrections/{row.pk}/answer/", sent)["Location"] == f"/intake/{urn}/?done=answer"
    assert client.post(f"/intake/{urn}/submit/").status_code == 302


def test_the_capture_page_asks_few_questions(cast: Cast, django_assert_max_num_queries: Any) -> None:
    urn = stage.returned(cast)
    client = cast.client(Post.HANDLER)
    with django_assert_max_num_queries(26):
        client.get(f"/intake/{urn}/")


def test_the_desk_of_the_handler_names_the_counter(cast: Cast) -> None:
    stage.registered(cast)
    page = cast.client(Post.HANDLER).get("/").content.decode()
    assert 'href="/intake/"' in page and "待采集" in page
    assert 'href="/intake/"' not in cast.client(Post.REVIEWER).get("/").content.decode()


def test_english_is_spoken(cast: Cast) -> None:
    urn = stage.registered(cast)
    page = cast.client(Post.HANDLER).get(f"/intake/{urn}/", headers={"accept-language": "en"}).content.decode()
    assert "Submit for review" in page and "Registration form" in page and "The main form is missing" in page


# The API ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def bearer(cast: Cast, settings: Any) -> Callable[[Post], dict[str, str]]:
    from anjuan.foundation.accounts import actions as accounts

    settings.ROOT_URLCONF = "tests.desk.desk_addresses"

    def header(post: Post) -> dict[str, str]:
        token = accounts.issue_token(occasion=cast.occasion(post), terminal="test")
        return {"authorization": f"Bearer {token.text}"}

    return header


def test_a_program_does_what_the_screens_do(
    client: Client, cast: Cast, bearer: Callable[[Post], dict[str, str]]
) -> None:
    me = bearer(Post.HANDLER)
    body = {
        "agency_code": "BH",
        "acceptance_no": "API-1",
        "step_code": "PERSON_REGISTRATION",
        "formed_date": "2025-02-12",
        "paper_pages": 3,
        "persons": [{"name": stage.WANG.name, "id_number": stage.WANG.id_number}],
    }

    def post(path: str, data: Any = None, **more: Any) -> Any:
        return client.post(f"/api/rooms/intake/{path}", data, headers=me, **more)

    made = post("items", body, content_type="application/json")
    assert made.status_code == 201, made.content
    urn = made.json()["urn"]
    for material, shade in (("MAIN_FORM", 1), ("ID_CARD", 2), ("OTHER", 3)):
        answer = post(f"items/{urn}/files", {"material": material, "file": scan(shade), "name": "𠮷.png"})
        assert (answer.status_code, answer.json()["pages"]) == (201, 1)
    item = client.get(f"/api/rooms/intake/items/{urn}", headers=me).json()
    assert [one["original_name"] for one in item["components"]] == ["𠮷.png"] * 3 and item["missing"] == []
    first, _, last = (one["pk"] for one in item["components"])
    assert post(f"components/{first}/replace", {"file": scan(9)}).status_code == 200
    assert post(f"components/{last}/withdraw").status_code == 204
    waiting = client.get("/api/rooms/intake/items", headers=me).json()
    assert [[one["code"] for one in row["missing"]] for row in waiting] == [["I-008"]]
    recount = post(f"items/{urn}/paper-pages", {"paper_pages": 2}, content_type="application/json")
    assert recount.status_code == 204
    assert post(f"items/{urn}/submit").json()["target"] == "IN_REVIEW"
    steps = client.get("/api/rooms/intake/steps", headers=me).json()
    assert {"PERSON_REGISTRATION", "CONTRIBUTION_DECLARATION"} <= {step["code"] for step in steps}


def test_a_program_is_refused_like_a_person(
    client: Client, cast: Cast, bearer: Callable[[Post], dict[str, str]]
) -> None:
    urn = stage.registered(cast)
    path = f"/api/rooms/intake/items/{urn}"
    nobody = client.get(path)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "A-007")
    colleague = client.post(f"{path}/files", {"material": "OTHER", "file": scan()}, headers=bearer(Post.REVIEWER))
    assert (colleague.status_code, colleague.json()["code"]) == (403, "A-001")
    administrator = client.get(path, headers=bearer(Post.SYSTEM_ADMIN))
    assert (administrator.status_code, administrator.json()["code"]) == (404, "R-009")
    assert client.get("/api/rooms/intake/items", headers=bearer(Post.REVIEWER)).status_code == 403


def test_staging_is_emptied_when_the_deed_fails(cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    urn = stage.registered(cast)

    def burst(**_: Any) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr(actions, "capture", burst)
    with pytest.raises(RuntimeError):
        cast.client(Post.HANDLER).post(f"/intake/{urn}/capture/", {"material": "OTHER", "files": scan()})
    assert not list((home / "staging" / "uploads").iterdir())
