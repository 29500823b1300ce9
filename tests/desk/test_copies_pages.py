"""The page of copies, its buttons and its API: who may, who may only look, who sees nothing; what each state shows."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anjuan.core.terms import Post, State
from anjuan.facilities.copies import actions, queries
from anjuan.facilities.copies.models import Incident, ObjectCopy, Place
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests import copies_stage as stage
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")

API = "/api/v1/copies"
DEEDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("sweep", {}),
    ("replicate", {}),
    ("repair", {"urn": "urn:x", "place": "local"}),
    ("policy", {"fonds": "J001", "copies": 2, "kinds": 1, "far": 0, "basis": "x"}),
    ("places/local-b/detach", {"label": "B-07", "lies_at": "x"}),
    ("places/local-b/attach", {"address": ""}),
)


def damaged(cast: Cast) -> tuple[str, str]:
    """A sealed record with copies, one page of which was altered in the store and found. Its URN and the file."""
    urn = stage.replicated(cast).item_urn
    folder = stage.object_folder(urn, "local")
    name = next(path for path in stage.files_of(folder) if "/content/" in path)
    stage.turn_byte(folder / name)
    stage.sweep(cast)
    return urn, name


def body(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def post(client: Client, path: str, said: dict[str, Any] | None = None, verb: str = "post") -> Any:
    return getattr(client, verb)(path, json.dumps(said or {}), content_type="application/json")


def test_who_may_look_who_may_act_and_who_sees_nothing(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn, name = damaged(cast)
    incident = Incident.objects.get().pk
    pages = ("/copies/", f"/copies/incidents/{incident}/", "/copies/lacking/J001/", "/copies/running/")
    for path in pages:
        assert client.get(path).status_code == 302
    assert client.get(f"{API}/places").status_code == 401

    for who in (Post.KEEPER, Post.SYSTEM_ADMIN, Post.AUDITOR):
        for path in pages:
            assert cast.client(who).get(path).status_code == 200
        text = body(cast.client(who), "/copies/")
        assert name in text and ("用完好副本修复" in text) == (who is not Post.AUDITOR)
    for who in (Post.HANDLER, Post.SECURITY_OFFICER, Post.READING_DESK):
        assert cast.client(who).get("/copies/").status_code == 403
        assert cast.client(who).get("/copies/lacking/J001/").status_code == 403
        assert cast.client(who).get(f"/copies/incidents/{incident}/").status_code == 404
    stranger = outsider(Post.KEEPER)
    assert name not in body(stranger, "/copies/") and "主存储库" not in body(stranger, "/copies/")
    assert stranger.get(f"/copies/incidents/{incident}/").status_code == 404

    before = Entry.objects.count()
    for deed, said in DEEDS:
        assert cast.client(Post.AUDITOR).post(f"/copies/{deed}/", said).status_code == 403, deed
        assert cast.client(Post.HANDLER).post(f"/copies/{deed}/", said).status_code in (403, 404), deed
    repair = {"urn": urn, "place": "local"}
    assert stranger.post("/copies/repair/", repair).status_code == 404
    assert post(cast.program("hx-keeper"), f"{API}/repair", repair).status_code == 404
    assert post(cast.program("sj92"), f"{API}/repair", repair).status_code == 403
    since = list(Entry.objects.order_by("pk").values_list("act", flat=True))[before:]
    assert not [act for act in since if act.startswith(("copies.", "jobs."))]


@pytest.mark.acceptance("S2-C1", "S4-C7")
def test_the_keeper_sees_the_damage_on_his_desk_and_repairs_it_with_one_press(cast: Cast) -> None:
    urn, name = damaged(cast)
    keeper = cast.client(Post.KEEPER)
    reference = queries.reference_by_urn([urn])[urn]

    desk = body(keeper, "/")
    assert f"副本损坏：{reference}" in desk and name in desk
    assert f"副本损坏：{reference}" in body(cast.client(Post.SYSTEM_ADMIN), "/")
    assert "副本损坏" not in body(cast.client(Post.HANDLER), "/")
    assert "尚未归档" in body(keeper, f"/copies/of/{urn}/")
    lacking = body(keeper, "/copies/lacking/J001/")
    assert urn in lacking and "还缺：1 份校验过的副本" in lacking
    row = Incident.objects.get()
    evidence = body(keeper, f"/copies/incidents/{row.pk}/")
    assert row.expected_sha512 in evidence and row.found_sha512 in evidence

    answer = keeper.post("/copies/repair/", {"urn": urn, "place": "local"})

    assert answer["Location"] == "/copies/#closed"
    page = body(keeper, "/copies/")
    assert "损坏的副本" not in page and name in page and "陈立" in page
    assert "已归档" in body(keeper, f"/copies/of/{urn}/")
    assert "副本损坏" not in body(keeper, "/")
    again = keeper.post("/copies/repair/", {"urn": urn, "place": "local"})
    assert again.status_code == 409 and 'data-code="N-009"' in again.content.decode()


def test_the_page_says_what_is_missing_before_anything_was_copied(cast: Cast) -> None:
    builders.at_state(cast, State.FILED)
    Place.objects.filter(code="far").delete()
    page = body(cast.client(Post.KEEPER), "/copies/")

    assert "0 / 1" in page and "有的从未校验" in page and "正在复制" in page
    assert "circle-x" in page and "从未发现损坏" in page
    answer = cast.client(Post.KEEPER).post("/copies/replicate/")
    assert answer.status_code == 302
    assert "复制副本" in body(cast.client(Post.KEEPER), "/copies/running/")
    again = cast.client(Post.KEEPER).post("/copies/replicate/")
    assert again.status_code == 409 and 'data-code="Y-002"' in again.content.decode()
    work_off()
    done = cast.client(Post.KEEPER).get("/copies/running/")
    assert done["HX-Refresh"] == "true"


def test_a_record_that_went_without_copies_too_long_is_red(cast: Cast) -> None:
    from anjuan.facilities.repository.models import StoredObject

    builders.at_state(cast, State.FILED)
    StoredObject.objects.update(changed_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=25))

    page = body(cast.client(Post.KEEPER), "/copies/")

    assert "未达到" in page and 'class="sheet bad"' in page


def test_the_panel_stands_on_the_records_page_of_an_item(cast: Cast) -> None:
    walk = builders.at_state(cast, State.FILED)

    assert f'hx-get="/copies/of/{walk.item_urn}/"' in body(cast.client(Post.ARCHIVIST), f"/item/{walk.item_urn}/")
    assert "/copies/of/" not in body(cast.client(Post.ARCHIVIST), f"/volume/{walk.volume_urn}/")
    fragment = cast.client(Post.ARCHIVIST).get(f"/copies/of/{walk.item_urn}/", headers={"HX-Request": "true"})
    assert fragment.content.decode().startswith("<div") and "尚未归档" in fragment.content.decode()
    assert cast.client(Post.SYSTEM_ADMIN).get(f"/copies/of/{walk.item_urn}/").status_code == 404


def test_places_and_policies_are_set_on_the_page(cast: Cast) -> None:
    admin, keeper = cast.client(Post.SYSTEM_ADMIN), cast.client(Post.KEEPER)
    said = {
        "code": "t1",
        "name": "磁带一",
        "medium": "TAPE",
        "site": "地库",
        "address": "copies/t1",
        "is_offline": "on",
    }
    assert keeper.post("/copies/places/", said).status_code == 403
    assert admin.post("/copies/places/", said).status_code == 302
    assert "磁带一" in body(keeper, "/copies/")
    wrong = admin.post("/copies/places/", said)
    assert wrong.status_code == 422 and 'data-code="N-005"' in wrong.content.decode()

    policy = {"fonds": "J001", "copies": "2", "kinds": "2", "far": "0", "basis": "馆发〔2026〕3号"}
    assert keeper.post("/copies/policy/", policy)["Location"] == "/copies/#policies"
    assert "2 份 · 2 种介质 · 0 份异地" in body(keeper, "/copies/")
    assert keeper.post("/copies/policy/", policy | {"copies": "0"}).status_code == 422

    assert keeper.post("/copies/places/t1/detach/", {"label": "T-01", "lies_at": "银行保管箱"}).status_code == 302
    assert "银行保管箱" in body(keeper, "/copies/")
    assert keeper.post("/copies/places/t1/attach/", {"address": ""}).status_code == 409


def test_the_program_walks_the_same_way(cast: Cast) -> None:
    urn = builders.at_state(cast, State.FILED).item_urn
    keeper = cast.program("sj04")

    assert not keeper.get(f"{API}/of/{urn}").json()["verdict"]["is_met"]
    assert keeper.get(f"{API}/policies/J001/lacking").json()[0]["verdict"]["lacks"] == {
        "COPIES": 3,
        "MEDIA": 2,
        "FAR": 1,
    }
    assert len(post(keeper, f"{API}/replicate").json()["job"]) == 32
    work_off()
    assert keeper.get(f"{API}/of/{urn}").json()["verdict"] == {
        "is_met": True,
        "counted": ["far", "local", "local-b"],
        "lacks": {},
    }
    folder = stage.object_folder(urn, "far")
    name = next(path for path in stage.files_of(folder) if "/content/" in path)
    stage.turn_byte(folder / name)
    post(keeper, f"{API}/sweep", {"place": "far"})
    work_off()
    (found,) = keeper.get(f"{API}/incidents").json()
    assert (found["place_code"], found["path"], found["kind"]) == ("far", name, "WRONG_BYTES")
    receipt = post(keeper, f"{API}/repair", {"urn": urn, "place": "far"}).json()
    assert receipt["files"] == [name] and receipt["sources"] == ["local"]
    assert keeper.get(f"{API}/incidents").json() == []
    assert keeper.get(f"{API}/incidents?closed=true").json()[0]["repaired_from"] == "local"
    places = {place["code"]: place for place in keeper.get(f"{API}/places").json()}
    assert places["far"]["kinds"] == ["FAR", "ONLINE"] and places["far"]["verified_within"] == 1
    assert places["local"]["free_bytes"] > 0 and sum(age["count"] for age in places["far"]["ages"]) == 1
    said = {"copies": 2, "media": 1, "far": 0, "basis": "x"}
    assert post(keeper, f"{API}/policies/J001", said, "put").json()[0]["met"] == 1
    assert keeper.get(f"{API}/policies").json()[0]["copies"] == 2
    assert keeper.get(f"{API}/formats").json()[0]["objects"] == 1
    assert set(keeper.get(f"{API}/growth").json()) == {"local", "local-b", "far"}
    away = post(keeper, f"{API}/places/local-b/detach", {"label": "B", "lies_at": "x"}).json()
    assert [place["is_attached"] for place in away if place["code"] == "local-b"] == [False]
    assert post(keeper, f"{API}/places/local-b/attach").json()
    place = {"code": "t", "name": "t", "agency_code": "SJ", "medium": "TAPE", "site": "x", "address": "copies/t"}
    assert post(keeper, f"{API}/places", place).json()["code"] == "A-001"
    assert len(post(cast.program("sj90"), f"{API}/places", place).json()) == 4


def test_the_page_asks_few_questions_however_much_it_holds(cast: Cast, django_assert_max_num_queries: Any) -> None:
    urn = stage.replicated(cast, "A-1", "A-2").item_urn
    at = dt.datetime.now(dt.UTC)
    places = list(Place.objects.all())
    ObjectCopy.objects.bulk_create(
        ObjectCopy(urn=f"urn:x:{n}", place=places[n % 3], version=1, outcome="GOOD", verified_at=at, checked_at=at)
        for n in range(300)
    )
    Incident.objects.bulk_create(
        Incident(urn=urn, place=places[0], path=f"v1/content/{n}", kind="MISSING", found_at=at, found_by="WORKER")
        for n in range(40)
    )
    client = cast.client(Post.AUDITOR)

    with django_assert_max_num_queries(70):
        assert client.get("/copies/").status_code == 200
    first = Incident.objects.order_by("pk").values_list("pk", flat=True)[0]
    with django_assert_max_num_queries(25):
        assert client.get(f"/copies/incidents/{first}/").status_code == 200
    actions.gauge(occasion=cast.occasion(Post.KEEPER), today=cast.today())
