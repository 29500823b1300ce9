"""The numbering room: runs and what becomes of their numbers; voided numbers and former codes that only grow."""

import pytest
from django.db import DatabaseError, transaction

from anjuan.core.terms import Arrangement, Custody, Post
from anjuan.facilities.numbering import actions, queries
from anjuan.facilities.numbering.models import FormerCode, Run, VoidedNumber
from anjuan.facilities.numbering.rules import run_key, standing
from anjuan.foundation.journal import actions as journal
from anjuan.records import models
from anjuan.records.actions import volumes
from tests import builders
from tests.builders import refused
from tests.cast import Cast


def test_a_run_is_named_by_what_the_template_asks_before_the_number() -> None:
    said = {
        "fonds_code": "J001",
        "year": 2024,
        "category_code": "01",
        "arrangement": Arrangement.BY_VOLUME,
        "agency_code": "BH",
        "insurance_line": "PENSION",
    }

    assert run_key(**said, tokens={"agency"}) == "J001/2024/01/BY_VOLUME/BH/*"  # type: ignore[arg-type]
    assert run_key(**said, tokens={"line"}) == "J001/2024/01/BY_VOLUME/*/PENSION"  # type: ignore[arg-type]


def test_every_number_of_a_run_is_accounted_for_or_missing() -> None:
    found = standing(given=[1, 2, 6], voided=[3], reserved=[5, 6])

    assert (found.highest, found.given, found.voided, found.reserved, found.missing) == (6, (1, 2, 6), (3,), (5,), (4,))
    assert not found.is_whole and standing(given=[], voided=[], reserved=[]).is_whole


def test_a_run_is_held_without_a_number_being_taken_and_what_is_not_held_cannot_be_settled(cast: Cast) -> None:
    with transaction.atomic():
        actions.hold_run(run_key="k")
    assert Run.objects.get(key="k").last_no == 0
    actions.claim(run_key="k", unit="u", count=2, floor=0, most=9, at=cast.clock.at)

    with refused("L-001"), transaction.atomic():
        actions.settle(run_key="k", unit="u", numbers=(1, 3))
    actions.settle(run_key="k", unit="u", numbers=(1, 2))


def test_voided_numbers_and_former_codes_only_grow(cast: Cast) -> None:
    walk = builders.sealed(cast)
    occasion = cast.occasion(Post.ARCHIVIST)
    with journal.writing(occasion=occasion, act="filing.void_number", unit="run:k") as line:
        actions.void(line=line, run_key="k", number=7, code="", reason="误取")
        actions.remember(line=line, codes={walk.item_urn: ("旧-1", "新-1")}, reason="改编")

    assert queries.highest_voided("k") == 7
    assert queries.units_formerly("旧-1") == [walk.item_urn]
    assert [row.code for row in queries.former_codes_of([walk.item_urn])[walk.item_urn]] == ["旧-1"]
    assert actions.claim(run_key="k", unit="u", count=1, floor=0, most=99, at=occasion.at) == (8,)
    for model in (VoidedNumber, FormerCode):
        for change in (lambda rows: rows.update(reason="x"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(model.objects.all())  # type: ignore[no-untyped-call]


def test_the_spine_writes_places_numbers_and_custody_only_where_they_fit(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1", "SL-2")
    one, two = walk.item_urns

    with refused("L-001"):
        volumes.place_items(item_urns=[one], volume_urn=walk.volume_urn)  # lies there already
    with refused("L-001"):
        volumes.number_item(volume_urn=walk.volume_urn, item_urn=one, reference_code="X")  # has one
    with refused("L-001"):
        volumes.renumber_volume(
            volume_urn=walk.volume_urn, former_code="another", volume_no=9, reference_code="X", items={}
        )
    volumes.set_custody(volume_urn=walk.volume_urn, custody=Custody.FORWARDED)
    assert set(models.Item.objects.filter(urn__in=[one, two]).values_list("custody", flat=True)) == {"FORWARDED"}
