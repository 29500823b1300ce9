"""The re-check's ratio follows the problem rate of agency and category, on every route (S3-N5)."""

import datetime as dt
import html
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from anjuan.core.sampling import risk
from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries
from anjuan.desks.inspection.models import InspectedLot
from anjuan.desks.inspection.queries import history
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import at_state, fault, on_paper, refused
from tests.cast import Cast


@pytest.fixture(autouse=True)
def weighed_lightly(settings: Settings) -> None:
    """One volume's weight for the house, so that few volumes show what a thousand would."""
    settings.ANJUAN_SAMPLING_PRIOR = 1
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0


def received(cast: Cast, count: int, first: int = 1) -> list[str]:
    """Volumes that were accepted by their images without a fault, and received."""
    return [
        at_state(cast, State.RECEIVED, f"SL-{n:03}", persons=(builders.person(n),)).volume_urn
        for n in range(first, first + count)
    ]


def problems(cast: Cast, count: int, first: int) -> list[str]:
    """Volumes that acceptance by images sent back with a fault."""
    urns = []
    for n in range(first, first + count):
        urn = at_state(cast, State.APPLIED, f"SL-{n:03}", persons=(builders.person(n),)).volume_urn
        inspection.return_volume(
            occasion=cast.occasion(Post.ACCEPTOR), volume_urn=urn, faults=[fault(records.items_of(urn)[0].urn)]
        )
        urns.append(urn)
    return urns


def key_of(urn: str) -> tuple[str, str]:
    volume = records.volumes_by_urn([urn])[urn]
    return volume.agency_code, volume.category_code


def draw(cast: Cast, percent: int | None = None, **more: Any) -> queries.DrawRow:
    return inspection.draw_recheck(
        occasion=cast.occasion(Post.RECHECKER), agency_code="BH", acceptor_code="sj01", percent=percent, **more
    )


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


@pytest.mark.acceptance("S3-N5", "S3-N2")
def test_on_the_image_route_what_acceptance_sent_back_raises_the_ratio(cast: Cast) -> None:
    urns = received(cast, 4)
    before = history.rates(on_paper=False).ratio(*key_of(urns[0]))
    problems(cast, 1, first=10)

    after = history.rates(on_paper=False).ratio(*key_of(urns[0]))
    drawn = draw(cast)

    assert (before.own, before.asked) == ((4, 0), 10)  # the floor
    rate = risk.shrunken(risk.Past(5, 1), risk.Past(5, 1), prior=1, first=history.terms().first)
    assert after.own == (5, 1) and after.asked == risk.risk_percent(rate, Fraction(2), least=10, most=30) == 30
    assert drawn.percent == after.asked and len(drawn.drawn) == 2  # of four volumes


@pytest.mark.acceptance("S3-N5")
def test_less_than_the_rate_asks_is_refused_and_more_is_not(cast: Cast, settings: Settings) -> None:
    received(cast, 2)
    problems(cast, 1, first=10)
    settings.ANJUAN_RECHECK_FACTOR = "0.7"

    asked = history.rates(on_paper=False).ratio("BH", queries.lots(cast.actor(Post.RECHECKER))[0].category_code).asked
    assert 10 < asked < 30
    with refused("Q-060"):
        draw(cast, asked - 1)
    with refused("Q-003"):
        draw(cast, 31)

    assert draw(cast, asked + 1).percent == asked + 1


@pytest.mark.acceptance("S3-N5")
def test_each_category_is_a_lot_of_its_own_with_its_own_ratio(cast: Cast) -> None:
    urns = received(cast, 2)
    bad = problems(cast, 2, first=10)
    other = models.Category.objects.exclude(code=key_of(urns[0])[1]).order_by("code").first()
    assert other is not None
    models.Volume.objects.filter(urn__in=[urns[1], bad[0], bad[1]]).update(category=other)

    lots = {lot.category_code: lot for lot in queries.lots(cast.actor(Post.RECHECKER))}
    rates = history.rates(on_paper=False)
    drawn = draw(cast, category_code=other.code)

    assert {code: [volume.urn for volume in lot.volumes] for code, lot in lots.items()} == {
        key_of(urns[0])[1]: [urns[0]],
        other.code: [urns[1]],
    }
    assert rates.pasts["BH", other.code] == risk.Past(3, 2)
    assert rates.ratio("BH", other.code).rate > rates.ratio("BH", key_of(urns[0])[1]).rate
    assert drawn.lot == (urns[1],)
    with refused("Q-004"):
        draw(cast, category_code=other.code)


@pytest.mark.acceptance("S3-N5")
def test_paper_follows_what_the_spot_check_found(cast: Cast) -> None:
    urn = on_paper(cast, State.ACCEPTED).volume_urn
    agency, category = key_of(urn)
    at = cast.clock.at - dt.timedelta(days=9)
    InspectedLot.objects.create(
        kind="SPOT",
        draw_no="CC-BH-EARLIER",
        agency_code=agency,
        agency_path=cast.actor(Post.ARCHIVIST).agency_path,
        category_code=category,
        lot_no=9,
        units={},
        plan=history.known({}, (agency, category), "").plan(60).spell(),
        inspected=19,
        found=3,
        verdict="ACCEPTED",
        frozen_by="sj01",
        frozen_at=at,
        decided_at=at,
        finished_at=at,
    )

    ratio = history.rates(on_paper=True).ratio(agency, category)

    assert ratio.own == (20, 3)  # the volume itself was the other one
    assert draw(cast, on_paper=True).percent == ratio.asked == 30
    assert history.rates(on_paper=False).house == risk.Past()


def test_what_acceptance_found_long_ago_counts_no_longer(cast: Cast, settings: Settings) -> None:
    key = key_of(problems(cast, 1, first=10)[0])
    assert history.rates(on_paper=False).pasts[key] == risk.Past(1, 1)

    models.Participation.objects.update(at=dt.datetime(2001, 1, 1, tzinfo=dt.UTC))

    assert key not in history.rates(on_paper=False).pasts


@pytest.mark.acceptance("S3-N5", "S3-P5")
def test_the_reason_of_the_ratio_stands_on_the_screen_and_stays_with_the_lot(cast: Cast, settings: Settings) -> None:
    urns = received(cast, 2)
    problems(cast, 1, first=10)
    settings.ANJUAN_RECHECK_FACTOR = "0.5"
    rechecker = cast.client(Post.RECHECKER)
    ratio = history.rates(on_paper=False).ratio(*key_of(urns[0]))
    reason = f"问题案卷率 {100 * float(ratio.rate):.1f} %（3 卷中 1 卷，并计全馆） × k 0.5 → {ratio.asked} %"

    waiting = text_of(rechecker.get("/inspection/recheck/"))
    form = {"agency": "BH", "acceptor": "sj01", "category": key_of(urns[0])[1]}
    low = rechecker.post("/inspection/recheck/draw/", {**form, "percent": str(ratio.asked - 1)})
    drawn = rechecker.post("/inspection/recheck/draw/", {**form, "percent": str(ratio.asked)})
    settings.ANJUAN_RECHECK_FACTOR = "2"  # what is published later changes no draw
    shown = text_of(rechecker.get(drawn["Location"]))

    assert reason in waiting and f'min="{ratio.asked}"' in waiting and f'value="{ratio.asked}"' in waiting
    assert low.status_code == 422 and "Q-060" in text_of(low)
    assert drawn.status_code == 302 and reason in shown
    (row,) = queries.draws(cast.actor(Post.RECHECKER))
    kept = history.lot_of(row.draw_no)
    assert kept is not None and kept.ratio == ratio and kept.category_code == key_of(urns[0])[1]


def test_a_factor_that_is_no_number_is_said_and_my_desk_stays_open(cast: Cast, settings: Settings) -> None:
    received(cast, 1)
    settings.ANJUAN_RECHECK_FACTOR = "zwei"
    rechecker = cast.client(Post.RECHECKER)

    with refused("Q-020"):
        draw(cast)
    assert "Q-020" in text_of(rechecker.get(reverse("inspection:rechecks")))
    assert rechecker.get("/").status_code == 200


def test_the_api_draws_by_the_rate_and_by_category(cast: Cast) -> None:
    urns = received(cast, 1)
    program = cast.program(cast.actor(Post.RECHECKER).staff_code)
    body = {"agency_code": "BH", "acceptor_code": "sj01", "category_code": "none"}

    missing = program.post("/api/v1/inspection/draws", body, content_type="application/json")
    body["category_code"] = key_of(urns[0])[1]
    drawn = program.post("/api/v1/inspection/draws", body, content_type="application/json")

    assert missing.json()["code"] == "Q-004"
    assert drawn.status_code == 201 and drawn.json()["percent"] == 10
