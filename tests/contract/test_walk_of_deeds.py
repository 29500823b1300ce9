"""The whole office at work at random: anybody tries any deed on any record, and the books stay right (user ask 18).

`tests/property/test_lifecycle_walk.py` tries the table alone; this one does the real deeds of the desks on the
database. Examples stand in one archive after one another, as an office's days do: nothing is put back between them.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import hypothesis.strategies as st
from django.db.models import Count, Sum
from hypothesis import HealthCheck, Phase
from hypothesis import settings as given
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, Route, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection.models import InspectedLot, SampleDraw
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.rules import Registration
from anjuan.desks.review import actions as review
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.desks.transfer.models import BatchVolume
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks.models import Placement
from anjuan.foundation.journal.models import Entry
from anjuan.records.models import Component, Item, Volume
from tests import builders
from tests.cast import Cast

Deed = Callable[["Office", Occasion, str], object]
CENTRE = (Post.HANDLER, Post.REVIEWER, Post.FILER, Post.CHECKER, Post.ARCHIVIST, Post.SUPERVISOR)
SEALED = {State.FILED, State.SELF_CHECKED, State.APPLIED, State.PRE_ACCEPTED, State.WITNESSED, State.IN_TRANSIT,
          State.RECEIVED, State.ACCEPTED, State.RECHECKED, State.IN_WORKSHOP, State.HELD}  # fmt: skip


def _route(urn: str) -> str:
    found = Item.objects.filter(urn=urn).first() or Volume.objects.filter(urn=urn).first()
    return found.route if found else ""


def _items(urn: str) -> list[str]:
    return list(Item.objects.filter(volume__urn=urn).order_by("item_no").values_list("urn", flat=True)) or [urn]


def _batch(urn: str) -> str:
    row = BatchVolume.objects.filter(volume_urn=urn, left_at=None).select_related("batch").order_by("-pk").first()
    return row.batch.batch_no if row else "BH-0000-0000"


def _draw(urn: str, kind: str) -> str:
    drawn = SampleDraw.objects.filter(kind=kind, passed_at=None).order_by("-pk")
    return next((draw.draw_no for draw in drawn if urn in draw.lot), "—")


def _frozen(urn: str) -> str:
    frozen = InspectedLot.objects.filter(kind="SPOT", finished_at=None).order_by("-pk")
    return next((lot.draw_no for lot in frozen if urn in lot.units), "—")


def _category(urn: str) -> str:
    volume = Volume.objects.filter(urn=urn).select_related("category").first()
    return volume.category.code if volume else "—"


def _faults(urn: str) -> list[RaisedFault]:
    return [builders.fault(_items(urn)[0])]


def _answer(office: "Office", by: Occasion, urn: str) -> None:
    waiting = [row.pk for row in correction_queries.of_units([urn, *_items(urn)]) if row.is_open]
    corrections.answer_fault(occasion=by, pk=waiting[0] if waiting else 0, answer="已整改")


def _pass_item(office: "Office", by: Occasion, urn: str) -> object:
    office.look(by, urn)
    return review.pass_item(occasion=by, urn=urn, counted_pages=2 if _route(urn) == Route.LEGACY else None)


def _pre_accept(office: "Office", by: Occasion, urn: str) -> object:
    office.look(by, urn)
    return inspection.pre_accept(occasion=by, volume_urn=urn)


def _witness(office: "Office", by: Occasion, urn: str) -> object:
    drawn = [row.volume.reference for row in transfer_queries.sheet(by.actor, _batch(urn)).drawn]
    return transfer.witness(
        occasion=by, batch_no=_batch(urn), looks=builders.looks(drawn), counted=builders.page_counts(drawn)
    )


def _check_paper(office: "Office", by: Occasion, urn: str) -> None:
    counted = dict.fromkeys(_items(urn), 2)
    inspection.check_paper(occasion=by, volume_urn=urn, counted=counted, has_main_forms=True, has_seals=True)


def _draw_recheck(office: "Office", by: Occasion, urn: str) -> object:
    acceptor = office.cast.actor(Post.ACCEPTOR).staff_code
    on_paper = _route(urn) == Route.LEGACY
    return inspection.draw_recheck(occasion=by, agency_code="BH", acceptor_code=acceptor, on_paper=on_paper)


def _pass_recheck(office: "Office", by: Occasion, urn: str) -> object:
    for volume in Volume.objects.filter(state__in=[State.RECEIVED, State.ACCEPTED]):
        office.look(by, volume.urn)
    return inspection.pass_recheck(occasion=by, draw_no=_draw(urn, "RECHECK"))


def _open_volume(office: "Office", by: Occasion, urn: str) -> object:
    route = _route(urn)
    kin = Item.objects.filter(state=State.REVIEWED, route=route).exclude(urn=urn).values_list("urn", flat=True)[:1]
    return filing.open_volume(occasion=by, item_urns=[urn, *kin])


def _add(office: "Office", by: Occasion, urn: str) -> None:
    volume = Volume.objects.filter(state=State.FILING, route=_route(urn)).order_by("-pk").first()
    filing.add_item(occasion=by, volume_urn=volume.urn if volume else "urn:uuid:none", item_urn=urn)


SEEDS = st.integers(0, 2**32)  # what is chosen within a rule is chosen evenly, which hypothesis does not promise
# Every deed by name: whose post it is, and how it is done to one record.
DEEDS: Mapping[str, tuple[Post, Deed]] = {
    "capture": (Post.HANDLER, lambda _, by, urn: intake.capture(
        occasion=by, urn=urn, uploads=[builders.upload(material) for material in builders.MATERIALS])),
    "submit": (Post.HANDLER, lambda _, by, urn: intake.submit(occasion=by, urn=urn)),
    "close": (Post.HANDLER, lambda _, by, urn: intake.close(occasion=by, urn=urn)),
    "pass_item": (Post.REVIEWER, _pass_item),
    "return_item": (Post.REVIEWER, lambda _, by, urn: review.return_item(occasion=by, urn=urn, faults=_faults(urn))),
    "answer": (Post.HANDLER, _answer),
    "open_volume": (Post.FILER, _open_volume),
    "add_item": (Post.FILER, _add),
    "release": (Post.FILER, lambda _, by, urn: filing.release(occasion=by, item_urn=_items(urn)[-1])),
    "seal": (Post.FILER, lambda _, by, urn: filing.seal(occasion=by, volume_urn=urn)),
    "resubmit": (Post.FILER, lambda _, by, urn: filing.resubmit(occasion=by, volume_urn=urn)),
    "self_check": (Post.CHECKER, lambda _, by, urn: inspection.sign_self_check(
        occasion=by, volume_urn=urn, answers=builders.ANSWERS)),
    "return_by_checker": (Post.CHECKER, lambda _, by, urn: inspection.return_volume(
        occasion=by, volume_urn=urn, faults=_faults(urn))),
    "return_by_acceptor": (Post.ACCEPTOR, lambda _, by, urn: inspection.return_volume(
        occasion=by, volume_urn=urn, faults=_faults(urn))),
    "return_by_rechecker": (Post.RECHECKER, lambda _, by, urn: inspection.return_volume(
        occasion=by, volume_urn=urn, faults=_faults(urn))),
    "apply": (Post.ARCHIVIST, lambda _, by, urn: transfer.apply(occasion=by, volume_urns=[urn])),
    "pre_accept": (Post.ACCEPTOR, _pre_accept),
    "freeze_lot": (Post.ACCEPTOR, lambda _, by, urn: inspection.freeze_lot(
        occasion=by, agency_code="BH", category_code=_category(urn))),
    "draw_spot": (Post.ACCEPTOR, lambda _, by, urn: inspection.draw_spot(occasion=by, draw_no=_frozen(urn))),
    "check_paper": (Post.ACCEPTOR, _check_paper),
    "check_paper_again": (Post.RECHECKER, _check_paper),
    "pass_spot": (Post.ACCEPTOR, lambda _, by, urn: inspection.pass_spot(occasion=by, draw_no=_draw(urn, "SPOT"))),
    "draw_sample": (Post.SUPERVISOR, lambda _, by, urn: transfer.draw_sample(occasion=by, batch_no=_batch(urn))),
    "witness": (Post.SUPERVISOR, _witness),
    "refuse_witness": (Post.SUPERVISOR, lambda _, by, urn: transfer.refuse_witness(
        occasion=by, batch_no=_batch(urn), volume_urn=urn, faults=_faults(urn))),
    "dispatch": (Post.ARCHIVIST, lambda _, by, urn: transfer.dispatch(occasion=by, batch_no=_batch(urn))),
    "receive": (Post.RECEIVER, lambda _, by, urn: transfer.receive(
        occasion=by, batch_no=_batch(urn), counted=builders.count(by, _batch(urn)))),
    "accept": (Post.ACCEPTOR, lambda _, by, urn: inspection.accept(occasion=by, volume_urn=urn)),
    "draw_recheck": (Post.RECHECKER, _draw_recheck),
    "pass_recheck": (Post.RECHECKER, _pass_recheck),
    "shelve": (Post.KEEPER, lambda _, by, urn: stacks.shelve(
        occasion=by, volume_urn=urn, cell_code="K1-01A-01-1")),
}  # fmt: skip
# What is commonly done next to a record that stands there; the last is the rare way back.
NEXT: Mapping[str, tuple[str, ...]] = {
    State.COLLECTING: ("capture", "answer", "submit", "submit", "close"),
    State.IN_REVIEW: ("pass_item", "pass_item", "pass_item", "return_item"),
    State.REVIEWED: ("open_volume", "open_volume", "add_item"),
    State.FILING: ("seal", "seal", "seal", "release"),
    State.FILED: ("self_check", "self_check", "self_check", "return_by_checker"),
    State.SELF_CHECKED: ("apply",),
    State.APPLIED: (
        "pre_accept",
        "pre_accept",
        "freeze_lot",
        "draw_spot",
        "check_paper",
        "pass_spot",
        "return_by_acceptor",
    ),
    State.PRE_ACCEPTED: ("draw_sample", "witness", "witness", "dispatch", "refuse_witness"),
    State.WITNESSED: ("dispatch",),
    State.IN_TRANSIT: ("receive",),
    State.RECEIVED: ("draw_recheck", "pass_recheck", "check_paper", "accept", "return_by_rechecker"),
    State.ACCEPTED: ("draw_recheck", "check_paper_again", "pass_recheck", "return_by_rechecker"),
    State.RETURNED: ("answer", "resubmit"),
    State.MENDING: ("answer", "resubmit"),
    State.HELD: ("shelve",),
}


class Office(RuleBasedStateMachine):
    """The people of the practice office, one who holds every post of the centre, and all that they have on record."""

    cast: ClassVar[Cast]
    done: ClassVar[Counter[str]] = Counter()
    number: ClassVar[Iterator[int]]

    def attempt(self, name: str, who: str, urn: str) -> None:
        """One deed by one person: one line if it is done, and nothing at all if it is refused."""
        before, stood = Entry.objects.count(), _standing()
        try:
            DEEDS[name][1](self, self.cast.occasion_of(who), urn)
        except Refusal as refusal:
            assert Entry.objects.count() == before, (name, refusal.code)
            assert _standing() == stood, (name, refusal.code)
            return
        assert Entry.objects.count() == before + 1, name
        self.done[name] += 1

    def look(self, by: Occasion, urn: str) -> None:
        """Open every page, where the person may see the record at all."""
        builders.look_through(self.cast, by.actor.staff_code, *_items(urn))

    @rule(
        route=st.sampled_from([Route.TARGET, Route.TARGET, Route.LEGACY, Route.LEGACY, Route.SINGLE_SET]),
        doubled=st.booleans(),
    )
    def register(self, route: Route, doubled: bool) -> None:
        serial = next(self.number)
        number = f"R-{serial}"
        typed = Registration(
            number, "PERSON_REGISTRATION", "", builders.FORMED, 2, (builders.person(serial % 900 + 1),), None, route
        )
        before = Entry.objects.count()
        intake.register(occasion=self.cast.occasion(Post.HANDLER), agency_code="BH", registration=typed)
        assert Entry.objects.count() == before + 1
        if doubled:
            with builders.refused("I-001"):
                intake.register(occasion=self.cast.occasion(Post.HANDLER), agency_code="BH", registration=typed)

    @rule(seed=SEEDS)
    def go_on(self, seed: int) -> None:
        """One record for a while: what commonly comes next, by whose post it is, or by the one with many posts."""
        units, chance = _units(), random.Random(seed)
        if not units:
            return
        under_way = sorted(Volume.objects.exclude(state=State.HELD).values_list("urn", flat=True))
        pool = under_way if under_way and chance.random() < 0.7 else sorted(units)
        urn = chance.choice(pool)
        for _ in range(10):
            item = Item.objects.filter(urn=urn).select_related("volume").first()
            if item is not None and item.volume is not None:
                urn = item.volume.urn
            if (state := _units().get(urn)) is None:  # a volume whose last item was taken out
                return
            name = chance.choice(NEXT.get(state, ("seal",)))
            if name == "capture" and Component.objects.filter(item__urn=urn).exists():
                name = "submit"  # the paper has two pages, and they are there
            post = DEEDS[name][0]
            doubles = post in CENTRE and chance.random() < 0.15
            self.attempt(name, "bh99" if doubles else self.cast.actor(post).staff_code, urn)

    @rule(seed=SEEDS)
    def try_anything(self, seed: int) -> None:
        """Anybody, any deed, any record."""
        units, chance = _units(), random.Random(seed)
        if units:
            post = chance.choice([*CENTRE, Post.ACCEPTOR, Post.RECEIVER, Post.RECHECKER, Post.KEEPER])
            who = chance.choice(["bh99", self.cast.actor(post).staff_code])
            name = chance.choice(sorted(DEEDS))
            self.attempt(name, who, chance.choice(sorted(units)))

    @invariant()
    def an_item_stands_where_its_volume_stands(self) -> None:
        for item in Item.objects.exclude(volume=None).select_related("volume"):
            assert item.volume is not None
            assert (item.state, item.custody, item.route) == (item.volume.state, item.volume.custody, item.volume.route)

    @invariant()
    def nothing_has_two_places_and_nothing_shares_a_number(self) -> None:
        for rows in (
            Item.objects.values_list("agency_id", "acceptance_no"),
            Item.objects.exclude(reference_code="").values_list("reference_code"),
            Volume.objects.exclude(reference_code="").values_list("reference_code"),
            Item.objects.exclude(volume=None).values_list("volume_id", "item_no"),
            Placement.objects.values_list("volume_id"),
        ):
            assert [row for row, count in Counter(rows).items() if count > 1 and None not in row] == []
        standing = BatchVolume.objects.filter(left_at=None).values("volume_urn").annotate(times=Count("pk"))
        assert [row for row in standing if row["times"] > 1] == []

    @invariant()
    def page_ledgers_agree_where_sealed(self) -> None:
        for volume in Volume.objects.filter(state__in=SEALED):
            items = Item.objects.filter(volume=volume)
            assert volume.item_count == items.count()
            assert volume.page_count == items.aggregate(pages=Sum("paper_pages"))["pages"]
            if volume.route == Route.TARGET:
                images = Component.objects.filter(item__volume=volume, superseded_at=None)
                assert volume.page_count == images.aggregate(pages=Sum("page_count"))["pages"]

    @invariant()
    def every_line_is_numbered_once(self) -> None:
        positions = list(Entry.objects.exclude(position=None).order_by("position").values_list("position", flat=True))
        assert positions == list(range(len(positions)))


def _units() -> dict[str, str]:
    """Everything that moves now, and where it stands: volumes, and the items that lie in none."""
    items = Item.objects.filter(volume=None).values_list("urn", "state")
    return {**dict(items), **dict(Volume.objects.values_list("urn", "state"))}


def _standing() -> list[tuple[object, ...]]:
    return [
        *Item.objects.order_by("pk").values_list("urn", "state", "custody", "volume_id", "reference_code"),
        *Volume.objects.order_by("pk").values_list("urn", "state", "custody", "page_count", "reference_code"),
    ]


def test_whatever_the_office_does_the_books_stay_right(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0  # else no paper-first volume leaves the centre within a test
    cast.hire("bh99", Post.HANDLER, "BH")
    for post in CENTRE[1:]:
        cast.promote("bh99", post, "BH")
    Office.cast, Office.number, Office.done = cast, iter(range(1, 10_000)), Counter()

    run_state_machine_as_test(
        Office,
        settings=given(
            max_examples=6, stateful_step_count=45, deadline=None, derandomize=True, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

    print(dict(Office.done))
    # Which deeds chance reaches beyond these changes with every change of the house; that it reaches many does not.
    assert set(Office.done) >= {"submit", "pass_item", "open_volume", "seal", "self_check", "apply", "resubmit"}
    assert len(Office.done) >= 15
