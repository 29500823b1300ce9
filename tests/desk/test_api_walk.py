"""Everything a screen does can be done through the API: one record, from counter to certificate, by bearer token."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anjuan.core.terms import Post
from anjuan.demo import office as practice
from anjuan.demo.journey import SAMPLE
from tests.cast import Cast

NUMBER = "999001197003120020"


class Caller:
    """A program that acts for one person."""

    def __init__(self, staff_code: str, password: str) -> None:
        self.client = Client()
        answer = self.client.post(
            "/api/v1/session",
            json.dumps({"staff_code": staff_code, "password": password}),
            content_type="application/json",
        )
        assert answer.status_code in (200, 201), answer.content
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == 200, f"{path}: {answer.content[:400]!r}"
        return answer.json() if answer.headers["Content-Type"].startswith("application/json") else answer

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.raw(path, body)
        assert answer.status_code in (200, 201, 204), f"{path}: {answer.content[:400]!r}"
        return answer.json() if answer.content else None

    def raw(self, path: str, body: Any = None) -> Any:
        return self.client.post(
            f"/api/v1{path}", json.dumps(body or {}), content_type="application/json", headers=self.headers
        )

    def look_at(self, pages: list[tuple[int, int]]) -> None:
        for component, page in pages:
            answer = self.client.get(f"/api/v1/components/{component}/pages/{page}", headers=self.headers)
            assert answer.status_code == 200
            assert answer.headers["Content-Type"] == "image/jpeg"


@pytest.fixture
def callers(cast: Cast, home: Path) -> dict[Post, Caller]:
    from django.contrib.auth import get_user_model

    for who in practice.STAFF:
        staff = get_user_model()._default_manager.get(staff_code=who.staff_code)
        staff.set_password("through-the-api")
        staff.save()
    return {who.post: Caller(who.staff_code, "through-the-api") for who in practice.STAFF}


def test_a_record_walks_from_the_counter_to_a_certificate_through_the_api(callers: dict[Post, Caller]) -> None:
    counter, reviewer, filer = callers[Post.HANDLER], callers[Post.REVIEWER], callers[Post.FILER]
    urn = register(counter)["urn"]
    for material, scan in (("MAIN_FORM", "001.jpg"), ("ID_CARD", "003.jpg")):
        answer = counter.client.post(
            f"/api/v1/intake/items/{urn}/files",
            {
                "material": material,
                "file": SimpleUploadedFile(scan, (SAMPLE / scan).read_bytes(), content_type="image/jpeg"),
            },
            headers=counter.headers,
        )
        assert answer.status_code in (200, 201), answer.content
    counter.post(f"/intake/items/{urn}/submit")

    refused = reviewer.raw(f"/review/items/{urn}/pass")
    assert refused.status_code == 422
    assert refused.json()["code"] == "L-004"
    reviewer.look_at(pages_of(reviewer.get(f"/review/items/{urn}")))
    reviewer.post(f"/review/items/{urn}/pass")

    opened = filer.post("/filing/volumes", {"item_urns": [urn], "title": "参保人员登记"})
    volume = opened["urn"]
    sealed = filer.post(f"/filing/volumes/{volume}/seal")
    assert sealed["reference_code"] == "J001-ZY·SB·01·2025·BH-0001"

    checker = callers[Post.CHECKER]
    codes = ["SEALS", "DATES", "PAGE_NUMBERS", "IMAGES_COMPLETE", "IMAGES_CLEAR", "IMAGES_ACCURATE"]
    checker.post(f"/inspection/volumes/{volume}/self-check", {"answers": dict.fromkeys(codes, "PASS")})
    batch = callers[Post.ARCHIVIST].post("/transfer/batches", {"volume_urns": [volume]})["batch_no"]

    acceptor = callers[Post.ACCEPTOR]
    acceptor.look_at(pages_of(acceptor.get(f"/inspection/volumes/{volume}")))
    acceptor.post(f"/inspection/volumes/{volume}/pre-accept")

    supervisor = callers[Post.SUPERVISOR]
    supervisor.post(f"/transfer/batches/{batch}/draw")
    looks = {sealed["reference_code"]: {"paper": True, "images": True, "contents": True}}
    supervisor.post(f"/transfer/batches/{batch}/witness", {"looks": looks, "counted": {sealed["reference_code"]: 2}})
    callers[Post.ARCHIVIST].post(f"/transfer/batches/{batch}/dispatch", {"vehicle": ""})
    counted = {"counted": [{"reference": sealed["reference_code"], "pages": 2}]}
    callers[Post.RECEIVER].post(f"/transfer/batches/{batch}/receive", counted)

    rechecker = callers[Post.RECHECKER]
    draw = rechecker.post("/inspection/draws", {"agency_code": "BH", "acceptor_code": "sj01", "percent": 10})["draw_no"]
    rechecker.look_at(pages_of(rechecker.get(f"/inspection/volumes/{volume}")))
    rechecker.post(f"/inspection/draws/{draw}/pass")

    keeper = callers[Post.KEEPER]
    cell = keeper.get("/rooms")[0]["cells"][0]["code"]
    assert keeper.post(f"/volumes/{volume}/shelve", {"cell": cell})["cell_code"] == cell

    desk = callers[Post.READING_DESK]
    hit = desk.get(f"/find?q={NUMBER}")["persons"][0]
    assert hit["items"][0]["urn"] == urn
    assert NUMBER not in json.dumps(hit)
    asked = desk.post(
        "/certificates",
        {
            "subject_urn": hit["subject"]["urn"],
            "item_urns": [urn],
            "reader_name": "王秀英",
            "reader_id_number": NUMBER,
            "relation": "SELF",
            "purpose": "办理退休手续",
        },
    )
    issued = desk.post(f"/certificates/{asked['certificate_no']}/issue")
    public = Client().get(f"/api/v1/verify/{issued['check_code']}")
    assert public.status_code == 200
    assert public.json()["pdf_sha256"] == issued["pdf_sha256"]
    acts = [line["act"] for line in desk.get(f"/items/{urn}/story")]
    assert acts[0] == "intake.register"
    assert "inspection.pass_recheck" in acts


def register(counter: Caller) -> dict[str, Any]:
    found: dict[str, Any] = counter.post(
        "/intake/items",
        {
            "agency_code": "BH",
            "acceptance_no": "API-1",
            "step_code": "PERSON_REGISTRATION",
            "title": "参保人员登记",
            "formed_date": "2025-04-15",
            "paper_pages": 2,
            "persons": [{"name": "王秀英", "id_number": NUMBER}],
        },
    )
    return found


def pages_of(sheet: Any) -> list[tuple[int, int]]:
    """The pages that a sheet of the API asks to be looked at: component and page number of each."""
    return [(page["component_pk"], page["page_no"]) for page in sheet["pages"]]


def test_the_api_without_a_token_says_who_may_log_in_and_how(cast: Cast) -> None:
    for path in ("/intake/items", "/review/items", "/find?q=x", "/transfer/batches", "/certificates"):
        answer = Client().get(f"/api/v1{path}")

        assert answer.status_code == 401, path
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer.json()["code"] == "A-007"


def test_a_session_cookie_is_no_key_to_the_api(cast: Cast) -> None:
    client = cast.client(Post.HANDLER)

    answer = client.get("/api/v1/intake/items")

    assert answer.status_code == 401


def test_a_refusal_is_problem_details_with_reason_clause_and_next_step(callers: dict[Post, Caller]) -> None:
    register(callers[Post.HANDLER])

    doubled = callers[Post.HANDLER].raw(
        "/intake/items",
        {
            "agency_code": "BH",
            "acceptance_no": "API-1",
            "step_code": "PERSON_REGISTRATION",
            "title": "",
            "formed_date": "2025-04-15",
            "paper_pages": 2,
            "persons": [{"name": "王秀英", "id_number": NUMBER}],
        },
    )

    assert doubled.status_code == 409
    problem = doubled.json()
    assert problem["code"] == "I-001"
    assert problem["detail"]
    assert problem["clause"]
    assert problem["remedy"]


def test_a_body_of_the_wrong_form_is_refused_in_the_same_words_as_anything_else(callers: dict[Post, Caller]) -> None:
    answer = callers[Post.HANDLER].raw("/intake/items", {"acceptance_no": 7, "formed_date": "yesterday"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "A-010"
    assert "formed_date" in answer.json()["detail"]
