"""Lots of the spot check: frozen with a plan, drawn by a seed nobody steers, decided, and looked back on."""

import datetime as dt
import hashlib
import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.core.sampling import risk
from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries
from anjuan.desks.inspection.models import InspectedLot, SampleDraw, SamplingOrder
from anjuan.desks.inspection.queries import history
from anjuan.desks.transfer import actions as transfer
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.ledger import queries as ledger
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import count_paper, fault, on_paper, one_line, refused
from tests.cast import Cast
from tests.desk.test_deeds_at_once import between


@pytest.fixture(autouse=True)
def kept_long_enough(settings: Settings) -> None:
    """Pages stand on the real clock: what they show may not lie in the future."""
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0


def applied(cast: Cast, count: int, first: int = 1) -> list[str]:
    """Volumes that wait for the spot check, in one batch."""
    urns = [
        on_paper(cast, State.SELF_CHECKED, f"SL-{n:03}", persons=(builders.person(n),)).volume_urn
        for n in range(first, first + count)
    ]
    transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=urns)
    return urns


def key_of(urn: str) -> tuple[str, str]:
    volume = records.volumes_by_urn([urn])[urn]
    return volume.agency_code, volume.category_code


def past(cast: Cast, key: tuple[str, str], verdicts: str, *, severity: str = "NORMAL", found: int = 0) -> None:
    """Lots that were decided before: a for accepted, r for not."""
    for letter in verdicts:
        number = InspectedLot.objects.filter(agency_code=key[0], category_code=key[1]).count() + 1
        at = cast.clock.at - dt.timedelta(days=100 - number)
        InspectedLot.objects.create(
            kind="SPOT",
            draw_no=f"CC-{key[0]}-{number:04}",
            agency_code=key[0],
            agency_path=cast.actor(Post.ARCHIVIST).agency_path,
            category_code=key[1],
            lot_no=number,
            units={},
            plan=history.known({}, key, "").plan(60).spell() | {"severity": severity},
            inspected=20,
            found=found,
            verdict="ACCEPTED" if letter == "a" else "NOT_ACCEPTED",
            frozen_by="sj01",
            frozen_at=at,
            decided_at=at,
            finished_at=at,
        )


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def return_one(cast: Cast, urn: str) -> None:
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=urn, faults=[fault(records.items_of(urn)[0].urn)]
    )


# --- the draw


@pytest.mark.acceptance("S3-W4", "STD-12")
def test_a_stranger_recomputes_the_draw_with_a_hash_and_a_sort(cast: Cast) -> None:
    urns = applied(cast, 6)
    draw = builders.spot(cast, urns[0])
    told = cast.program("sj01").get(f"/api/v1/inspection/draws/{draw.draw_no}/lot").json()

    root = ledger.first_checkpoint_past(draw.checkpoint_size - 1).root
    digest = hashlib.sha256()
    for part in (root, told["draw_no"], *(nonce["value"] for nonce in told["nonces"]), *sorted(told["units"])):
        digest.update(len(part.encode()).to_bytes(4, "big") + part.encode())
    seed = digest.hexdigest()
    ranked = sorted(told["units"], key=lambda urn: hashlib.sha256(f"{seed}\n{urn}".encode()).hexdigest())

    assert len(told["nonces"]) == 2  # the agency's of its application, the acceptor's of the freezing
    assert draw.seed == seed
    assert list(draw.drawn) == ranked[: told["plan"]["size"]] == told["standard"]
    assert told["plan"]["size"] == 5 and told["plan"]["letter"] == "A"  # six volumes, AQL 2.5: 5/0


@pytest.mark.acceptance("S3-W4")
def test_both_sides_commit_before_the_root_exists_and_the_draw_reveals(cast: Cast) -> None:
    urns = applied(cast, 3)
    lot = builders.freeze(cast, urns[0])
    frozen = journal.latest_entry(f"spot:{lot.draw_no}", "inspection.freeze_lot")

    draw = inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)

    kept = history.lot_of(draw.draw_no)
    entry = journal.latest_entry(urns[0], "transfer.apply")
    assert kept is not None and entry is not None
    if frozen is None:  # it had no number yet
        frozen = journal.latest_entry(f"spot:{lot.draw_no}", "inspection.freeze_lot")
    assert frozen is not None
    assert [position for position, _ in kept.nonces] == [entry.position, frozen.position]
    assert "nonce" in entry.commitments and "nonce" in frozen.commitments
    assert max(entry.position, frozen.position) < draw.checkpoint_size
    assert len({value for _, value in kept.nonces}) == 2


def test_a_lot_is_frozen_once_drawn_once_and_by_the_acceptor_only(cast: Cast) -> None:
    urns = applied(cast, 2)
    agency, category = key_of(urns[0])

    for post in (Post.ARCHIVIST, Post.RECHECKER, Post.SUPERVISOR):
        with refused("A-001"):
            inspection.freeze_lot(occasion=cast.occasion(post), agency_code=agency, category_code=category)
    with refused("Q-004"):
        inspection.freeze_lot(occasion=cast.occasion(Post.ACCEPTOR), agency_code=agency, category_code="none")
    with refused("R-009"):
        inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no="CC-0")
    with one_line("inspection.freeze_lot"):
        lot = inspection.freeze_lot(occasion=cast.occasion(Post.ACCEPTOR), agency_code=agency, category_code=category)
    with refused("Q-004"):
        inspection.freeze_lot(occasion=cast.occasion(Post.ACCEPTOR), agency_code=agency, category_code=category)
    with one_line("inspection.draw_spot"):
        inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)
    with refused("L-001"):
        inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)


def test_of_two_acceptors_who_freeze_at_once_the_second_finds_the_lot_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    urns = applied(cast, 2)
    agency, category = key_of(urns[0])
    cast.hire("sj-other", Post.ACCEPTOR, "SJ")
    mine: list[str] = []

    def colleague() -> None:
        occasion = cast.occasion_of("sj-other")
        mine.append(inspection.freeze_lot(occasion=occasion, agency_code=agency, category_code=category).draw_no)

    # He comes between what the first one read and what he writes.
    between(monkeypatch, history, "was_inspected", colleague)
    with pytest.raises(Refusal) as caught:
        inspection.freeze_lot(occasion=cast.occasion(Post.ACCEPTOR), agency_code=agency, category_code=category)

    assert caught.value.code == "L-001"
    assert list(InspectedLot.objects.values_list("draw_no", flat=True)) == mine


def test_a_frozen_lot_stays_as_it_is_and_one_that_was_altered_is_refused(cast: Cast) -> None:
    urns = applied(cast, 3)
    lot = builders.freeze(cast, urns[0])

    with refused("Q-023"):
        return_one(cast, urns[0])
    models.Volume.objects.filter(urn=urns[0]).update(title="另一个题名")
    with refused("Q-022"):
        inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)
    return_one(cast, urns[0])
    draw = inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)
    count_paper(cast, Post.ACCEPTOR, *draw.drawn)
    models.Volume.objects.filter(urn=urns[1]).update(title="另一个题名")
    with refused("Q-022"):
        inspection.pass_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=draw.draw_no)

    assert set(draw.lot) == set(urns[1:])


@pytest.mark.parametrize(("level", "aql"), [("II", "3"), ("IV", "2.5")])
def test_a_setting_that_the_tables_do_not_have_is_said(cast: Cast, settings: Settings, level: str, aql: str) -> None:
    (urn,) = applied(cast, 1)
    settings.ANJUAN_SAMPLING_LEVEL, settings.ANJUAN_SAMPLING_AQL = level, aql

    with refused("Q-020"):
        builders.freeze(cast, urn)
    assert "Q-020" in text_of(cast.client(Post.ACCEPTOR).get("/inspection/spot/"))


@pytest.mark.parametrize("factor", ["zwei", "-1"])
def test_a_factor_that_is_no_number_is_refused(cast: Cast, settings: Settings, factor: str) -> None:
    (urn,) = applied(cast, 1)
    settings.ANJUAN_SAMPLING_FACTOR = factor

    with refused("Q-020"):
        builders.freeze(cast, urn)


# --- the number


@pytest.mark.acceptance("S3-N5", "S3-P5")
def test_the_sample_follows_the_problem_rate_and_never_falls_below_the_plan(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_SAMPLING_PRIOR = 1
    urn = on_paper(cast, State.APPLIED).volume_urn
    key = key_of(urn)
    good = history.known(history.histories(), key, "").plan(100)
    past(cast, key, "aaaa", found=4)

    bad = history.histories()[key].plan(100)

    assert (good.plan_size, good.size) == (20, 20)
    rate = risk.shrunken(risk.Past(80, 16), risk.Past(80, 16), prior=1, first=history.terms().first)
    assert bad.risk_size == risk.risk_size(100, rate, history.terms().factor) == bad.size == 40
    settings.ANJUAN_SAMPLING_FACTOR = "1"
    assert history.histories()[key].plan(100).size == 20  # half the factor: half the sample, and still the plan's
    settings.ANJUAN_SAMPLING_FACTOR = "4"
    assert history.histories()[key].plan(100).size == 80


@pytest.mark.acceptance("S3-N5")
def test_another_agency_or_category_has_a_rate_of_its_own(cast: Cast) -> None:
    key = key_of(on_paper(cast, State.APPLIED).volume_urn)
    past(cast, key, "aaaa", found=10)

    known = history.histories()

    assert float(known[key].plan(100).rate) > float(history.known(known, ("HX", key[1]), "").plan(100).rate) > 0.05


@pytest.mark.acceptance("S3-N4")
def test_every_volume_is_looked_at_by_people_where_that_was_ordered(cast: Cast) -> None:
    urns = applied(cast, 6)
    agency, category = key_of(urns[0])

    def order(what: str, reason: str = "问题多", who: Post = Post.RECHECKER) -> None:
        inspection.order_sampling(
            occasion=cast.occasion(who), agency_code=agency, category_code=category, order=what, reason=reason
        )

    with refused("R-009"):  # nothing is known of it yet
        inspection.order_sampling(
            occasion=cast.occasion(Post.RECHECKER),
            agency_code=agency,
            category_code="none",
            order="BY_PEOPLE",
            reason="x",
        )
    with refused("A-001"):
        order("BY_PEOPLE", who=Post.ACCEPTOR)
    with refused("R-010"):
        order("BY_PEOPLE", "")
    for wrong in ("BY_PLAN", "RESUME", "MORE"):
        with refused("Q-024"):
            order(wrong)
    with one_line("inspection.order_sampling"):
        order("BY_PEOPLE")
    with refused("Q-024"):
        order("BY_PEOPLE")
    draw = builders.spot(cast, urns[0])
    lot = history.lot_of(draw.draw_no)

    assert lot is not None and not lot.is_counted and lot.spot_plan.by_people
    assert set(draw.drawn) == set(urns)
    assert "全检" in text_of(
        cast.client(Post.ACCEPTOR).get(reverse("inspection:spot", kwargs={"draw_no": draw.draw_no}))
    )
    order("BY_PLAN")
    assert not history.histories()[agency, category].by_people


# --- the verdict and the severity


@pytest.mark.acceptance("STD-12", "S3-W4")
def test_more_problem_volumes_than_ac_and_the_whole_lot_is_looked_at(cast: Cast) -> None:
    urns = applied(cast, 8)
    draw = builders.spot(cast, urns[0])
    outside = next(urn for urn in urns if urn not in draw.drawn)

    return_one(cast, outside)
    before = history.lot_of(draw.draw_no)
    return_one(cast, draw.drawn[0])
    lot = history.lot_of(draw.draw_no)
    now = queries.draw(cast.actor(Post.ACCEPTOR), draw.draw_no)
    with refused("L-004"):
        inspection.pass_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=draw.draw_no)
    count_paper(cast, Post.ACCEPTOR, *now.drawn)
    inspection.pass_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=draw.draw_no)

    assert before is not None and (before.found, before.verdict) == (0, "")  # what was not drawn does not count
    assert lot is not None and (lot.found, lot.verdict) == (1, "NOT_ACCEPTED")
    assert set(now.drawn) == set(now.lot) == set(urns) - {outside, draw.drawn[0]}
    done = history.lot_of(draw.draw_no)
    assert done is not None and (done.inspected, done.found, done.is_finished) == (7, 1, True)


def test_a_lot_within_ac_is_accepted_and_its_rate_is_kept(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_SAMPLING_AQL = "10"  # eight volumes: 5/1
    urns = applied(cast, 8)
    draw = builders.spot(cast, urns[0])

    return_one(cast, draw.drawn[0])
    now = queries.draw(cast.actor(Post.ACCEPTOR), draw.draw_no)
    count_paper(cast, Post.ACCEPTOR, *now.drawn)
    inspection.pass_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=draw.draw_no)

    lot = history.lot_of(draw.draw_no)
    assert now.drawn == draw.drawn[1:]
    assert lot is not None and (lot.verdict, lot.inspected, lot.found) == ("ACCEPTED", 5, 1)


def test_a_lot_of_one_that_goes_back_is_decided_and_over(cast: Cast) -> None:
    (urn,) = applied(cast, 1)
    draw = builders.spot(cast, urn)

    return_one(cast, urn)

    lot = history.lot_of(draw.draw_no)
    assert lot is not None and (lot.verdict, lot.inspected, lot.found) == ("NOT_ACCEPTED", 1, 1)
    assert SampleDraw.objects.get().emptied_at is not None


@pytest.mark.acceptance("STD-12", "S3-N5")
def test_the_reason_stands_on_the_screen_before_the_draw_and_after_it(cast: Cast) -> None:
    urns = applied(cast, 2)
    past(cast, key_of(urns[0]), "aaaaaaaaraaar")
    acceptor = cast.client(Post.ACCEPTOR)
    reason = "加严检验，自第14批起：最近5批中2批不接收"

    waiting = text_of(acceptor.get("/inspection/spot/"))
    lot = builders.freeze(cast, urns[0])
    frozen = text_of(acceptor.get("/inspection/spot/"))
    draw = inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)
    drawn = text_of(acceptor.get(reverse("inspection:spot", kwargs={"draw_no": draw.draw_no})))
    english = text_of(acceptor.get("/inspection/plans/", HTTP_ACCEPT_LANGUAGE="en"))

    assert lot.lot_no == 14 and lot.spot_plan.severity == "TIGHTENED"
    for shown in (waiting, frozen, drawn):
        assert reason in shown and "AQL 2.5" in shown and "字码 A" in shown
    kept = history.lot_of(draw.draw_no)
    assert kept is not None and all(value in drawn for _, value in kept.nonces)
    assert draw.seed in drawn and ledger.first_checkpoint_past(draw.checkpoint_size - 1).root in drawn
    assert "since lot 14: 2 of the last 5 lots not accepted" in english


@pytest.mark.acceptance("STD-12")
def test_after_five_lots_not_accepted_under_tightened_nothing_is_drawn_until_it_is_resumed(cast: Cast) -> None:
    urns = applied(cast, 2)
    key = key_of(urns[0])
    past(cast, key, "rr")
    past(cast, key, "rrrrr", severity="TIGHTENED")
    rechecker = cast.client(Post.RECHECKER)

    with refused("Q-021"):
        builders.freeze(cast, urns[0])
    shown = text_of(cast.client(Post.ACCEPTOR).get("/inspection/spot/"))
    form = {"agency": key[0], "category": key[1], "order": "RESUME"}
    bad = rechecker.post("/inspection/plans/order/", form)
    good = rechecker.post("/inspection/plans/order/", form | {"reason": "已培训并整改"})
    lot = builders.freeze(cast, urns[0])

    assert "Q-021" in shown and bad.status_code == 422 and "R-010" in text_of(bad)
    assert good.status_code == 302 and SamplingOrder.objects.get().reason == "已培训并整改"
    assert (lot.spot_plan.severity, lot.spot_plan.why, lot.spot_plan.since) == ("TIGHTENED", "RESUMED", 8)


def test_reduced_inspection_stays_off_and_says_that_it_is_unconfirmed(cast: Cast, settings: Settings) -> None:
    key = key_of(on_paper(cast, State.APPLIED).volume_urn)
    past(cast, key, "a" * 16)
    closed = history.histories()[key].standing.severity
    page = text_of(cast.client(Post.SUPERVISOR).get("/inspection/plans/"))
    settings.ANJUAN_SAMPLING_REDUCED = True

    assert closed == "NORMAL" and history.histories()[key].standing.severity == "REDUCED"
    assert "放宽检验表待核实" in page and "待核实" in page


def test_a_lot_that_comes_back_after_mending_does_not_count_again(cast: Cast) -> None:
    (urn,) = applied(cast, 1)
    builders.spot(cast, urn)
    return_one(cast, urn)
    InspectedLot.objects.update(units={urn: "x"})

    assert history.was_inspected([urn, "urn:uuid:other"], "BH") == {urn}
    assert not history.was_inspected([urn], "HX")


# --- the acceptors


@pytest.mark.acceptance("S3-W6", "S3-P4", "S3-R8")
def test_what_the_recheck_finds_is_the_acceptors_rate(cast: Cast) -> None:
    walks = [on_paper(cast, State.ACCEPTED, f"SL-{n}", persons=(builders.person(n),)) for n in (1, 2, 3)]
    rechecker = cast.occasion(Post.RECHECKER)
    draw = inspection.draw_recheck(occasion=rechecker, agency_code="BH", acceptor_code="sj01", on_paper=True)
    outside = next(walk.volume_urn for walk in walks if walk.volume_urn not in draw.drawn)
    for urn in (draw.drawn[0], outside):
        inspection.return_volume(occasion=rechecker, volume_urn=urn, faults=[fault(records.items_of(urn)[0].urn)])
    left = queries.draw(rechecker.actor, draw.draw_no)
    if left.lot:
        count_paper(cast, Post.RECHECKER, *left.drawn)
        inspection.pass_recheck(occasion=cast.occasion(Post.RECHECKER), draw_no=draw.draw_no)

    (rate,) = history.acceptor_rates(cast.actor(Post.RECHECKER))
    page = text_of(cast.client(Post.SUPERVISOR).get("/inspection/acceptors/"))
    told = cast.program(cast.actor(Post.RECHECKER).staff_code).get("/api/v1/inspection/acceptors").json()

    assert (rate.staff_code, rate.lots) == ("sj01", 1) and rate.found >= 1 and rate.inspected > rate.found - 1
    assert (rate.low, rate.high) == risk.wilson(rate.found, rate.inspected)
    assert f"{100 * rate.found / rate.inspected:.1f} %" in page
    assert told[0]["found"] == rate.found


def test_plans_and_rates_are_shown_to_their_posts_only(cast: Cast, outsider: Any) -> None:
    key = key_of(on_paper(cast, State.APPLIED).volume_urn)
    past(cast, key, "ar")
    plans, rates, order = "/inspection/plans/", "/inspection/acceptors/", "/inspection/plans/order/"

    may = {post: cast.client(post) for post in (Post.ACCEPTOR, Post.RECHECKER, Post.SUPERVISOR, Post.KEEPER)}

    assert [may[post].get(plans).status_code for post in may] == [200, 200, 200, 403]
    assert [may[post].get(rates).status_code for post in may] == [403, 200, 200, 403]
    form = {"agency": key[0], "category": key[1], "order": "BY_PEOPLE", "reason": "问题多"}
    assert [may[post].post(order, form).status_code for post in may] == [403, 302, 403, 403]
    assert [cast.client(Post.SYSTEM_ADMIN).get(url).status_code for url in (plans, rates)] == [404, 404]
    assert [Client().get(url).status_code for url in (plans, rates)] == [302, 302]
    assert Client().post(order, form).status_code == 302
    stranger = outsider(Post.RECHECKER)
    assert "CC-BH" not in text_of(stranger.get(plans)) and stranger.post(order, form).status_code == 404
    assert "sj01" not in text_of(stranger.get(rates))
    freeze = reverse("inspection:freeze")
    assert [may[post].post(freeze, {"agency": key[0]}).status_code for post in (Post.KEEPER, Post.RECHECKER)] == [
        403,
        403,
    ]
    assert cast.client(Post.SYSTEM_ADMIN).post(freeze).status_code == 404 and Client().post(freeze).status_code == 302


def test_the_api_orders_and_refuses(cast: Cast) -> None:
    key = key_of(on_paper(cast, State.APPLIED).volume_urn)
    past(cast, key, "a")
    body = {"agency_code": key[0], "category_code": key[1], "order": "BY_PEOPLE", "reason": "问题多"}

    def post(who: Post) -> Any:
        program = cast.program(cast.actor(who).staff_code)
        return program.post("/api/v1/inspection/sampling-orders", body, content_type="application/json")

    assert post(Post.ACCEPTOR).json()["code"] == "A-001"
    assert post(Post.RECHECKER).status_code == 204
    assert post(Post.RECHECKER).json()["code"] == "Q-024"


def test_the_list_of_lots_is_read_in_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    key = key_of(on_paper(cast, State.APPLIED).volume_urn)
    past(cast, key, "a" * 40)
    acceptor = cast.client(Post.ACCEPTOR)

    with django_assert_max_num_queries(30):
        answer = acceptor.get("/inspection/plans/")

    assert len(re.findall("CC-BH", text_of(answer))) >= 40
    assert timezone.is_aware(history.decided(cast.actor(Post.ACCEPTOR))[0].frozen_at)
