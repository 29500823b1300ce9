"""A phone as document camera: its token opens one item for half an hour, and nothing else."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.actions import pairing
from anjuan.desks.intake.models import Pairing
from anjuan.desks.intake.queries import counter
from anjuan.desks.intake.rules import token_digest
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.desk import counter_stage as stage

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


def picture(seed: int = 77, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, builders.jpeg(seed), "image/jpeg")


def paired(cast: Cast) -> tuple[str, str]:
    """An item on the counter, and the address that its phone was shown."""
    urn = stage.registered(cast)
    page = cast.client(Post.HANDLER).post(f"/intake/{urn}/phone/").content.decode()
    (token,) = re.findall(r"/intake/phone/([0-9a-f]{36})/", page)
    assert "<svg" in page
    return urn, f"/intake/phone/{token}/"


@pytest.mark.acceptance("S0-W11", "S4-W1")
def test_a_phone_adds_pages_in_the_name_of_the_clerk(cast: Cast) -> None:
    urn, address = paired(cast)
    phone = Client()

    page = phone.get(address)
    answer = phone.post(f"{address}capture/", {"material": "MAIN_FORM", "files": picture()})

    assert page.status_code == 200 and "参保人员登记" in page.content.decode()
    assert answer.json()["results"][0]["ok"] is True
    (component,) = builders.components_of(urn)
    assert (component.material_code, component.original_name) == ("MAIN_FORM", "IMG_0001.jpg")
    line = Entry.objects.get(act="intake.capture", unit=urn)
    assert line.staff_code == cast.actor(Post.HANDLER).staff_code
    watched = cast.client(Post.HANDLER).get(f"/intake/{urn}/phone/watch/").json()
    assert watched == {"open": True, "pages": 1}


def test_the_phone_shows_nothing_of_the_person(cast: Cast) -> None:
    _, address = paired(cast)
    answer = Client().get(address)
    page = answer.content.decode()
    assert stage.WANG.name not in page and stage.WANG.id_number not in page and "SL-1" not in page
    assert answer["Referrer-Policy"] == "no-referrer" and answer["Cache-Control"] == "no-store"


def test_the_token_is_kept_nowhere(cast: Cast, home: Path) -> None:
    urn, address = paired(cast)
    token = address.split("/")[3]
    row = Pairing.objects.get(item_urn=urn)
    assert row.token_digest == token_digest(token)
    assert not Entry.objects.filter(act="intake.pair_phone", unit__contains=token).exists()
    assert token not in cast.client(Post.HANDLER).get(f"/intake/{urn}/").content.decode()


def test_after_half_an_hour_after_unpairing_and_after_a_new_code_it_is_shut(cast: Cast) -> None:
    urn, address = paired(cast)
    opened = Pairing.objects.get(item_urn=urn).opened_at
    with refused("I-091"):
        counter.door(token_digest(address.split("/")[3]), at=opened + counter.DOOR + dt.timedelta(seconds=1))
    Pairing.objects.update(opened_at=timezone.now() - counter.DOOR - dt.timedelta(seconds=1))
    assert Client().get(address).status_code == 403

    _, second = urn, cast.client(Post.HANDLER).post(f"/intake/{urn}/phone/").content.decode()
    (token,) = re.findall(r"/intake/phone/([0-9a-f]{36})/", second)
    assert Client().get(f"/intake/phone/{token}/").status_code == 200
    assert Client().get(address).status_code == 403

    with one_line("intake.unpair_phone"):
        assert pairing.unpair_phone(occasion=cast.occasion(Post.HANDLER), urn=urn) == 1
    shut = Client().post(
        f"/intake/phone/{token}/capture/",
        {"material": "MAIN_FORM", "files": picture()},
        headers={"accept": "application/json"},
    )
    assert (shut.status_code, shut.json()["code"]) == (403, "I-091")
    assert not builders.components_of(urn)


def test_a_token_of_somebody_elses_making_opens_nothing(cast: Cast) -> None:
    paired(cast)
    for token in ("0" * 36, "x", "..%2f"):
        assert Client().get(f"/intake/phone/{token}/").status_code in (403, 404)


def test_when_the_case_goes_on_or_the_clerk_leaves_the_phone_is_shut(cast: Cast) -> None:
    urn = stage.captured(cast)
    token = pairing.pair_phone(occasion=cast.occasion(Post.HANDLER), urn=urn).token
    assert Client().get(f"/intake/phone/{token}/").status_code == 200
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    assert Client().get(f"/intake/phone/{token}/").status_code == 403


@pytest.mark.acceptance("S4-C4")
def test_who_may_not_add_pages_pairs_no_phone(cast: Cast) -> None:
    urn = stage.registered(cast)
    with refused("A-001"):
        pairing.pair_phone(occasion=cast.occasion(Post.REVIEWER), urn=urn)
    assert cast.client(Post.REVIEWER).post(f"/intake/{urn}/phone/").status_code == 403
    assert cast.client(Post.REVIEWER).get(f"/intake/{urn}/phone/watch/").status_code == 403


def test_a_broken_picture_is_refused_with_its_reason_and_the_door_stays_open(cast: Cast) -> None:
    urn, address = paired(cast)
    bad = SimpleUploadedFile("a.jpg", builders.jpeg(5)[:800], "image/jpeg")
    answer = Client().post(f"{address}capture/", {"material": "MAIN_FORM", "files": bad})
    (result,) = answer.json()["results"]
    assert (result["ok"], result["code"]) == (False, "M-003")
    assert Client().get(address).status_code == 200
    assert not builders.components_of(urn)
