"""Descriptions taken from the business record: filled in by number, changed or typed counted by field. ui-3 8."""

import datetime as dt
import json
from typing import Any

import pytest

from anjuan.core.terms import Post
from anjuan.desks.intake.models import FieldOrigin
from anjuan.desks.intake.queries import business_cases as queries
from anjuan.desks.intake.rules.describing import Origin
from anjuan.facilities.business import actions as business
from anjuan.facilities.business import queries as stated
from anjuan.facilities.business.rules import StatedCase
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast

STEP = "PERSON_REGISTRATION"
PATH = f"/intake/register/{STEP}/"
NAMES = {"title": "CASE_NAME", "formed_date": "SQRQ", "person_name": "XM", "person_id": "ZJHM"}


def stating(cast: Cast, serial: str = "SL-1", *, step: str = STEP, agency: str = "BH", **values: str) -> None:
    given = {
        "CASE_NAME": "王秀英参保登记",
        "SQRQ": "20240315",
        "XM": "王秀英",
        "ZJHM": builders.number(1),
        "OTHER": "x",
    }
    occasion = cast.occasion(Post.INTERFACE)
    case = StatedCase(agency, serial, step, given | values, occasion.at)
    business.take_cases(occasion=occasion, source="HALL", stated=[case])


def mapped(cast: Cast, step: str = "", **names: str) -> None:
    business.map_fields(occasion=cast.occasion(Post.ARCHIVIST), source="HALL", step_code=step, names=names or NAMES)


def typed(**more: str) -> dict[str, str]:
    return {
        "agency": "BH",
        "acceptance_no": "SL-1",
        "formed_date": "",
        "paper_pages": "",
        "title": "",
        "employer_name": "",
        "credit_code": "",
        "person_name": "",
        "person_id": "",
        "route": "TARGET",
    } | more


@pytest.mark.acceptance("S2-P4")
def test_the_number_brings_what_the_business_system_holds_and_leaves_what_was_typed(cast: Cast) -> None:
    stating(cast)
    with one_line("business.map_fields"):
        mapped(cast)
    client = cast.client(Post.HANDLER)

    answer = client.get(f"{PATH}described/", {"acceptance_no": " SL-1 ", "agency": "BH"})

    assert answer.json()["fields"] == {
        "title": "王秀英参保登记",
        "formed_date": "2024-03-15",
        "person_name": "王秀英",
        "person_id": builders.number(1),
    }
    page = client.post(PATH, typed(fetch="1", title="我的题名"))  # the same without a script
    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="我的题名"' in text and 'value="2024-03-15"' in text and 'value="王秀英"' in text
    assert "王秀英参保登记" not in text
    nothing = client.post(PATH, typed(fetch="1", acceptance_no="NONE", title="留着"))
    assert nothing.status_code == 409 and "I-076" in nothing.content.decode() and "留着" in nothing.content.decode()


def test_what_was_taken_changed_and_typed_is_counted_by_field(cast: Cast) -> None:
    stating(cast)
    mapped(cast)
    client = cast.client(Post.HANDLER)
    case = typed(
        title="王秀英参保登记",
        formed_date="2024-03-16",
        paper_pages="2",
        person_name="王 秀英",
        person_id=builders.number(1),
    )

    assert client.post(PATH, case).status_code == 302

    assert dict(FieldOrigin.objects.values_list("field", "origin")) == {
        "title": "TAKEN",
        "formed_date": "CHANGED",
        "paper_pages": "TYPED",
        "person_name": "TAKEN",
        "person_id": "TAKEN",
    }
    since = cast.clock.at - dt.timedelta(days=2)
    assert queries.origins_by_field(["BH"], since=since)["formed_date"][Origin.CHANGED] == 1
    assert queries.origins_by_field(["HX"], since=since) == {}
    page = client.get("/intake/business/").content.decode()
    assert "按字段的重复录入" in page and "100 %" in page
    program = cast.program(cast.actor(Post.HANDLER).staff_code)
    assert program.get("/api/v1/intake/retyping").json()["title"] == {"TAKEN": 1, "CHANGED": 0, "TYPED": 0}


def test_without_a_business_record_all_is_typed(cast: Cast) -> None:
    urn = builders.register(cast, "SL-9")
    assert set(FieldOrigin.objects.filter(urn=urn).values_list("origin", flat=True)) == {"TYPED"}


def test_a_step_may_have_a_map_of_its_own_and_a_correction_of_the_record_counts(cast: Cast) -> None:
    stating(cast, TM="专用题名")
    mapped(cast)
    mapped(cast, STEP, title="TM")
    found = stated.description_of("BH", "SL-1")
    assert found is not None and found.fields == {"title": "专用题名"}
    assert [(one.source, one.step_code) for one in stated.field_maps()] == [("HALL", ""), ("HALL", STEP)]

    stating(cast, TM="改后题名")

    assert stated.description_of("BH", "SL-1").fields["title"] == "改后题名"  # type: ignore[union-attr]


def test_another_step_another_agency_and_another_post_get_nothing(cast: Cast, outsider: Any) -> None:
    stating(cast)
    mapped(cast)
    with refused("I-076"):
        queries.described(cast.actor(Post.HANDLER), "BH", "SL-1", "EMPLOYER_CHANGE")
    ask = {"acceptance_no": "SL-1", "agency": "BH"}
    assert outsider(Post.HANDLER).get(f"{PATH}described/", ask).status_code in (403, 404)
    assert cast.client(Post.REVIEWER).get(f"{PATH}described/", ask).status_code == 403
    program = cast.program(cast.actor(Post.HANDLER).staff_code)
    asked = {"agency_code": "BH", "acceptance_no": "SL-1", "step_code": STEP}
    assert program.get("/api/v1/intake/descriptions", asked).json()["title"] == "王秀英参保登记"
    stranger = cast.program(cast.actor(Post.REVIEWER).staff_code)
    assert stranger.get("/api/v1/intake/descriptions", asked).status_code == 403


def test_records_come_from_the_business_systems_account_alone_and_are_never_changed(cast: Cast) -> None:
    at = cast.clock.at
    case = StatedCase("BH", "SL-1", STEP, {"title": "甲"}, at)
    with refused("A-001"):
        business.take_cases(occasion=cast.occasion(Post.HANDLER), source="HALL", stated=[case])
    with one_line("business.take_cases"):
        taken = business.take_cases(occasion=cast.occasion(Post.INTERFACE), source="HALL", stated=[case, case])
    assert (taken.new, taken.known) == (1, 1)
    again = business.take_cases(occasion=cast.occasion(Post.INTERFACE), source="HALL", stated=[case])
    assert (again.new, again.known) == (0, 1)
    other = StatedCase("BH", "SL-1", STEP, {"title": "乙"}, at)
    with refused("D-003"):
        business.take_cases(occasion=cast.occasion(Post.INTERFACE), source="HALL", stated=[other])
    program = cast.program(cast.actor(Post.INTERFACE).staff_code)
    row = {"agency_code": "BH", "serial": "SL-2", "step_code": STEP, "values": {"a": "b"}, "as_of": at.isoformat()}
    body = json.dumps({"source": "HALL", "cases": [row]})
    assert program.post("/api/v1/business/cases", body, content_type="application/json").status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [{"serial": " "}, {"step_code": ""}, {"values": {}}, {"values": {"a": "x" * 201}}, {"values": {"a": "\x00"}}],
)
def test_a_record_that_cannot_be_kept_refuses_its_delivery(cast: Cast, wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"agency_code": "BH", "serial": "S", "step_code": STEP, "values": {"a": "b"}}
    case = StatedCase(**(given | wrong), as_of=cast.clock.at)
    with refused("D-002"):
        business.take_cases(occasion=cast.occasion(Post.INTERFACE), source="HALL", stated=[case])


def test_a_map_is_kept_by_the_archivist_and_only_for_our_fields(cast: Cast) -> None:
    client = cast.client(Post.ARCHIVIST)
    lines = "title=CASE_NAME\n person_id = ZJHM \n"
    assert client.post("/intake/business/map/", {"source": "HALL", "step": "", "names": lines}).status_code == 302
    assert stated.field_maps()[0].names == {"title": "CASE_NAME", "person_id": "ZJHM"}
    wrong = client.post("/intake/business/map/", {"source": "HALL", "step": "", "names": "colour=RED"})
    assert wrong.status_code == 422 and "D-070" in wrong.content.decode()
    for names in ({"title": "A", "formed_date": "A"}, {"title": " "}):
        with refused("D-070"):
            mapped(cast, **names)
    assert cast.client(Post.HANDLER).post("/intake/business/map/", {"source": "H", "names": lines}).status_code == 403
    program = cast.program(cast.actor(Post.ARCHIVIST).staff_code)
    body = json.dumps({"source": "HALL", "names": {"title": "T"}})
    assert program.put("/api/v1/business/field-maps", body, content_type="application/json").status_code == 204
    with refused("R-009"):
        business.map_fields(occasion=cast.occasion(Post.ARCHIVIST), source=" ", step_code="", names={})
