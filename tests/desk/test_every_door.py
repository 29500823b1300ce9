"""Who may bring pages in, by every door there is; and material that comes late is reviewed before it is filed."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anjuan.core.terms import Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.intake.models import CatalogueSheet, ImageSet, Pile, Sending
from anjuan.desks.review import actions as review
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.journal.models import Entry
from anjuan.records.models import Component, Item
from tests import builders
from tests.builders import refused
from tests.cast import Cast
from tests.desk import counter_stage as stage
from tests.desk.batch_stage import PATH as BATCH
from tests.desk.batch_stage import case, pages
from tests.desk.test_catalogue_sheets import HEADS, line, workbook
from tests.desk.test_deeds_filing_mending import returned

Door = Callable[[Client, str, bool], Any]


def page(name: str = "a.jpg", seed: int = 60) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, builders.jpeg(seed), "image/jpeg")


def by_page(client: Client, urn: str, api: bool) -> Any:
    if api:
        return client.post(f"/api/v1/intake/items/{urn}/files", {"file": page(), "material": "OTHER"})
    return client.post(f"/intake/{urn}/capture/", {"files": page(), "material": "OTHER"})


def by_phone(client: Client, urn: str, api: bool) -> Any:
    return client.post(f"/intake/{urn}/phone/")


def by_pile(client: Client, urn: str, api: bool) -> Any:
    if api:
        return client.post("/api/v1/intake/piles", {"agency_code": "BH", "paper_pages": 1, "files": [page()]})
    return client.post("/intake/piles/", {"agency": "BH", "paper_pages": 1, "files": page()})


def by_sheet(client: Client, urn: str, api: bool) -> Any:
    book = SimpleUploadedFile("目录.xlsx", workbook([HEADS, line("D-1")]))
    if api:
        return client.post("/api/v1/intake/sheets", {"agency_code": "BH", "purpose": "NEW", "file": book})
    return client.post("/intake/catalogue/", {"agency": "BH", "purpose": "NEW", "file": book})


def by_batch(client: Client, urn: str, api: bool) -> Any:
    one = case("D-2", 7)
    parts = {name: SimpleUploadedFile(f"{name}.jpg", octets) for name, octets in pages(one).items()}
    return client.post(BATCH, {"manifest": json.dumps({"cases": [one]}), **parts})


def by_images(client: Client, urn: str, api: bool) -> Any:
    if api:
        return client.post("/api/v1/intake/image-sets", {"files": [page("J1-1.jpg")]})
    return client.post("/intake/images/", {"title": "一批", "files": page("J1-1.jpg")})


def by_pieces(client: Client, urn: str, api: bool) -> Any:
    return client.post("/intake/sendings/", {"name": "a.zip", "size": 10})


DOORS = {
    "page": (by_page, (False, True)),
    "phone": (by_phone, (False,)),
    "pile": (by_pile, (False, True)),
    "sheet": (by_sheet, (False, True)),
    "batch": (by_batch, (True,)),
    "images": (by_images, (False, True)),
    "pieces": (by_pieces, (False,)),
}
EVERY = [(name, api) for name, (_, both) in DOORS.items() for api in both]
OF_AN_AGENCY = [one for one in EVERY if one[0] not in ("images", "pieces")]  # which belong to their sender alone


def stock() -> tuple[int, ...]:
    """What stands in the rooms that a door leads to."""
    counted = [table._default_manager.count() for table in (Item, Component, Pile, CatalogueSheet, ImageSet, Sending)]
    incoming = Path(settings.ANJUAN_HOME) / "incoming"
    return (*counted, sum(1 for path in incoming.rglob("*") if path.is_file()))


@pytest.mark.acceptance("S4-C4")
@pytest.mark.parametrize(("name", "api"), EVERY)
def test_the_reviewer_of_the_agency_and_a_stranger_bring_nothing_in_by_any_door(
    cast: Cast, outsider: Callable[[Post], Client], name: str, api: bool
) -> None:
    urn = stage.registered(cast)
    door: Door = DOORS[name][0]
    reviewer = cast.actor(Post.REVIEWER).staff_code
    outsider(Post.REVIEWER)  # somebody of another centre, of no use here either
    before, lines = stock(), Entry.objects.filter(act__startswith="intake.").count()

    for who in (cast.program(reviewer) if api else cast.client_of(reviewer), Client()):
        answer = door(who, urn, api)
        if answer.status_code == 200:  # a batch is heard, and each case refused
            (said,) = answer.json()["answers"]
            assert said["accepted"] is None and said["refused"]["code"] == "A-001"
        else:
            assert answer.status_code in (302, 401, 403), answer.content[:300]
            assert answer.status_code != 302 or "/account/log-in/" in answer["Location"]

    assert stock() == before
    assert Entry.objects.filter(act__startswith="intake.").count() == lines


@pytest.mark.acceptance("S4-C4")
@pytest.mark.parametrize(("name", "api"), OF_AN_AGENCY)
def test_a_handler_of_another_agency_does_not_even_see_it(
    cast: Cast, outsider: Callable[[Post], Client], name: str, api: bool
) -> None:
    urn = stage.registered(cast)
    stranger = outsider(Post.HANDLER)
    before = stock()

    answer = DOORS[name][0](cast.program("hx-handler") if api else stranger, urn, api)

    if answer.status_code == 200:
        (said,) = answer.json()["answers"]
        assert said["refused"]["code"] in ("A-001", "R-009")
    else:
        assert answer.status_code == (404 if name in ("page", "phone") else 403), answer.content[:300]
    assert stock() == before


@pytest.mark.acceptance("S4-C4")
@pytest.mark.parametrize(("name", "api"), EVERY)
def test_the_handler_may(cast: Cast, name: str, api: bool) -> None:
    urn = stage.registered(cast)
    handler = cast.actor(Post.HANDLER).staff_code
    before = stock(), Entry.objects.count()

    answer = DOORS[name][0](cast.program(handler) if api else cast.client_of(handler), urn, api)

    assert answer.status_code in (200, 201, 302), answer.content[:300]
    assert "/account/" not in answer.get("Location", "") and (stock(), Entry.objects.count()) != before


# After the fact ------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S4-W6")
def test_late_material_is_reviewed_before_it_is_filed_by_any_way(cast: Cast) -> None:
    walk, pk = returned(cast)
    open_volume = builders.filed(cast, builders.reviewed(cast, "SL-8", persons=(builders.person(8),)))
    late = builders.submitted(cast, "SL-9", persons=(builders.person(9),))
    filer = cast.occasion(Post.FILER)

    def everywhere(code: str) -> None:
        with refused(code):
            filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=late, correction_pk=pk)
        with refused(code):
            filing.open_volume(occasion=filer, item_urns=[late])
        with refused(code):
            filing.add_item(occasion=filer, volume_urn=open_volume, item_urn=late)

    everywhere("L-002")
    page = cast.client(Post.FILER).post("/filing/open/", {"item": [late]})
    assert page.status_code >= 400
    program = cast.program(cast.actor(Post.FILER).staff_code)
    asked = json.dumps({"item_urns": [late]})
    assert program.post("/api/v1/filing/volumes", asked, content_type="application/json").status_code == 409
    assert builders.states(late) == {State.IN_REVIEW}

    builders.look_through(cast, Post.REVIEWER, late)
    review.pass_item(occasion=cast.occasion(Post.REVIEWER), urn=late)

    filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=late, correction_pk=pk)
    assert corrections.of_units([walk.volume_urn])


@pytest.mark.acceptance("S4-W6")
def test_a_supplement_to_a_received_volume_takes_nothing_that_was_not_reviewed(cast: Cast) -> None:
    walk = builders.at_state(cast, State.HELD, "SL-1")
    late = builders.submitted(cast, "SL-2", persons=(builders.person(2),))
    with refused("L-002"):
        filing.open_supplement(occasion=cast.occasion(Post.FILER), of_urn=walk.volume_urn, item_urns=[late])
    assert builders.states(late) == {State.IN_REVIEW}


# A modest PC ---------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S2-P3")
def test_a_case_goes_from_the_form_to_the_reviewer_without_a_script(cast: Cast) -> None:
    """What a browser without scripts sends: plain forms, each answered by a page or the way to one."""
    client = cast.client(Post.HANDLER)
    typed = {
        "agency": "BH", "acceptance_no": "NOJS-1", "formed_date": "2024-03-15", "paper_pages": "2", "title": "",
        "route": "TARGET", "person_name": stage.WANG.name, "person_id": stage.WANG.id_number,
        "employer_name": "", "credit_code": "",
    }  # fmt: skip
    registered = client.post("/intake/register/PERSON_REGISTRATION/", typed)
    urn = registered["Location"].split("/")[2]
    for seed, material in enumerate(builders.MATERIALS, 70):
        sent = {"files": page(f"{seed}.jpg", seed), "material": material}
        assert client.post(f"/intake/{urn}/capture/", sent).status_code == 302

    shown = client.get(f"/intake/{urn}/").content.decode()
    assert 'enctype="multipart/form-data"' in shown and f'action="/intake/{urn}/submit/"' in shown
    assert client.post(f"/intake/{urn}/submit/").status_code == 302
    assert builders.states(urn) == {State.IN_REVIEW}


@pytest.mark.acceptance("S2-P3")
@pytest.mark.parametrize("path", ["/", "/intake/", "/intake/register/PERSON_REGISTRATION/", "/intake/{urn}/"])
def test_a_page_is_light(cast: Cast, path: str) -> None:
    urn = stage.captured(cast)
    answer = cast.client(Post.HANDLER).get(path.format(urn=urn), follow=True)
    assert answer.status_code == 200 and len(gzip.compress(answer.content)) < 30_000
    assert len(answer.content) < 150_000


# Few specialists -----------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S2-P4")
def test_the_form_says_beside_its_fields_what_is_asked(cast: Cast) -> None:
    text = cast.client(Post.HANDLER).get("/intake/register/PERSON_REGISTRATION/").content.decode()
    for field in ("formed_date", "paper_pages", "title", "credit_code"):
        assert f'aria-describedby="id_{field}_hint"' in text and f'id="id_{field}_hint"' in text, field
    assert "需收材料" in text or "应收材料" in text or 'id="list"' in text  # the list of the step stands beside it
