"""Builders: what a test needs, made by the same deeds that the desks do, with every argument said."""

import contextlib
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from PIL import Image, ImageDraw

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, Route, State
from anjuan.desks.certificates import actions as certificates
from anjuan.desks.certificates.rules import Relation
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.rules import Registration
from anjuan.desks.review import actions as review
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.desks.transfer.rules import LOOKED_AT, Counted
from anjuan.desks.workshop import actions as workshop
from anjuan.desks.workshop import queries as workshop_queries
from anjuan.facilities.business import actions as business
from anjuan.facilities.business.rules import StatedCompletion
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.facilities.printing.backends.typeset import typeset
from anjuan.facilities.screening.rules import is_kept_aside
from anjuan.facilities.signing import actions as signing
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal.models import Entry
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records.models import Subject
from anjuan.records.rows import ComponentRow
from anjuan.records.rules import Employer, Person
from tests.cast import Cast
from tests.findings_stage import dismiss_findings as dismiss_findings
from tests.people import credit_code as credit_code
from tests.people import name_of as name_of
from tests.people import number as number
from tests.people import person as person
from tests.sampling_stage import freeze as freeze
from tests.sampling_stage import nonces_of as nonces_of
from tests.sampling_stage import page_counts as page_counts
from tests.sampling_stage import spot as spot

FORMED = dt.date(2024, 3, 15)
MATERIALS = ("MAIN_FORM", "ID_CARD")
ANSWERS = {check.code: "PASS" for check in inspection_queries.checklist()}
# Looking is no deed, and the log's own bookkeeping may go on: everything else must stand still after a refusal.
ASIDE = frozenset({"screening.Quarantined", "journal.Entry", "journal.PrivateValue", "journal.RowDigest"})
MOVING = {"Sequencer", "Cursor", "Checkpoint", "Look"}


def jpeg(seed: int, *, width: int = 413, height: int = 585) -> bytes:
    """A page as a scanner gives it, different for every seed."""
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    for bit in range(24):
        if seed >> bit & 1:
            pen.rectangle([(bit % 6) * 60 + 20, (bit // 6) * 120 + 40, (bit % 6) * 60 + 60, (bit // 6) * 120 + 90], 0)
    octets = io.BytesIO()
    image.save(octets, "JPEG", quality=60, dpi=(200, 200))
    return octets.getvalue()


_SEEDS = iter(range(1, 2**24))


def upload(
    material: str = "MAIN_FORM", *, octets: bytes | None = None, name: str = "", seed: int | None = None
) -> intake.Upload:
    """A file as it comes in; a fresh page unless bytes or a seed are given."""
    place = next(_SEEDS)
    folder = Path(settings.ANJUAN_HOME) / "incoming"
    folder.mkdir(exist_ok=True)
    path = folder / f"{place:05}.jpg"
    path.write_bytes(octets if octets is not None else jpeg(seed or place))
    return intake.Upload(path, name or f"扫描{place:05}.jpg", material)


def registration(
    acceptance_no: str,
    *,
    persons: tuple[Person, ...] = (),
    step: str = "PERSON_REGISTRATION",
    formed: dt.date = FORMED,
    paper_pages: int = 2,
    title: str = "",
    employer: Employer | None = None,
    route: Route = Route.TARGET,
) -> Registration:
    """What the counter types."""
    return Registration(acceptance_no, step, title, formed, paper_pages, persons, employer, route)


def register(
    cast: Cast,
    acceptance_no: str = "SL-001",
    *,
    persons: tuple[Person, ...] | None = None,
    step: str = "PERSON_REGISTRATION",
    formed: dt.date = FORMED,
    paper_pages: int = 2,
    employer: Employer | None = None,
    route: Route = Route.TARGET,
) -> str:
    """A registered item. Returns its URN."""
    return intake.register(
        occasion=cast.occasion(Post.HANDLER),
        agency_code="BH",
        registration=registration(
            acceptance_no,
            persons=persons if persons is not None else (person(1),),
            step=step,
            formed=formed,
            paper_pages=paper_pages,
            employer=employer,
            route=route,
        ),
    ).urn


def captured(
    cast: Cast, acceptance_no: str = "SL-001", *, materials: Sequence[str] = MATERIALS, **registered: Any
) -> str:
    """A registered item with one page a material."""
    urn = register(cast, acceptance_no, paper_pages=len(materials), **registered)
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[upload(name) for name in materials])
    return urn


def submitted(cast: Cast, acceptance_no: str = "SL-001", **registered: Any) -> str:
    """An item that waits for review."""
    urn = captured(cast, acceptance_no, **registered)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    return urn


def look_through(cast: Cast, who: Post | str, *item_urns: str) -> Occasion:
    """Let somebody open every page of these items. Returns an occasion of that person."""
    occasion = cast.occasion(who) if isinstance(who, Post) else cast.occasion_of(who)
    for component, page_no in pages_of(*item_urns):
        records.look(actor=occasion.actor, component_pk=component, page_no=page_no, at=occasion.at)
    return occasion


def pages_of(*item_urns: str) -> list[tuple[int, int]]:
    """Every page of these items."""
    found = record_queries.components_of(item_urns)
    return [page for urn in item_urns for page in record_queries.pages_of(found[urn])]


def components_of(item_urn: str) -> list[ComponentRow]:
    """The present components of an item."""
    return record_queries.components_of([item_urn])[item_urn]


def reviewed(cast: Cast, acceptance_no: str = "SL-001", **registered: Any) -> str:
    """A reviewed item."""
    urn = submitted(cast, acceptance_no, **registered)
    review.pass_item(occasion=look_through(cast, Post.REVIEWER, urn), urn=urn)
    return urn


def filed(cast: Cast, *item_urns: str) -> str:
    """An open volume of reviewed items. Returns its URN."""
    return filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=item_urns).urn


def sealed(cast: Cast, *acceptance_nos: str, **registered: Any) -> "Walked":
    """A sealed volume of items of these acceptance numbers."""
    return at_state(cast, State.FILED, *acceptance_nos, **registered)


@dataclass
class Walked:
    """How far a walk has come: items, their volume, and the papers that go with it."""

    item_urns: tuple[str, ...]
    volume_urn: str = ""
    reference: str = ""
    batch_no: str = ""
    draw_no: str = ""
    drawn: tuple[str, ...] = field(default=())

    @property
    def item_urn(self) -> str:
        """The first item."""
        return self.item_urns[0]


WAY = (
    State.FILED,
    State.SELF_CHECKED,
    State.APPLIED,
    State.PRE_ACCEPTED,
    State.WITNESSED,
    State.IN_TRANSIT,
    State.RECEIVED,
    State.HELD,
)


def at_state(cast: Cast, target: State, *acceptance_nos: str, **registered: Any) -> Walked:
    """Walk items to a state by the real deeds of each post, every page opened where pages must be seen.

    Before FILED the items stand alone; from FILING on they lie in one volume.
    """
    early = {State.COLLECTING: captured, State.IN_REVIEW: submitted}.get(target, reviewed)
    walk = Walked(tuple(early(cast, no, **registered) for no in (acceptance_nos or ("SL-001",))))
    if target in (State.COLLECTING, State.IN_REVIEW, State.REVIEWED):
        return walk
    walk.volume_urn = filed(cast, *walk.item_urns)
    if target is not State.FILING:
        for state in WAY[: WAY.index(target) + 1]:
            step_to(cast, state, walk)
    return walk


def step_to(cast: Cast, state: State, walk: Walked) -> None:
    """Do the one deed that leads to a state, from the state before it."""
    volume = walk.volume_urn
    if state is State.FILED:
        walk.reference = filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume).reference_code
    elif state is State.SELF_CHECKED:
        dismiss_findings(cast, Post.CHECKER, volume)
        inspection.sign_self_check(occasion=cast.occasion(Post.CHECKER), volume_urn=volume, answers=ANSWERS)
    elif state is State.APPLIED:
        receipt = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[volume])
        walk.batch_no = receipt.batch_no
    elif state is State.PRE_ACCEPTED:
        dismiss_findings(cast, Post.ACCEPTOR, volume)
        inspection.pre_accept(occasion=look_through(cast, Post.ACCEPTOR, *walk.item_urns), volume_urn=volume)
    elif state is State.WITNESSED:
        drawn = transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=walk.batch_no)
        transfer.witness(
            occasion=cast.occasion(Post.SUPERVISOR),
            batch_no=walk.batch_no,
            looks=looks(drawn),
            counted=page_counts(drawn),
        )
    elif state is State.IN_TRANSIT:
        transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=walk.batch_no)
    elif state is State.RECEIVED:
        occasion = cast.occasion(Post.RECEIVER)
        transfer.receive(occasion=occasion, batch_no=walk.batch_no, counted=count(occasion, walk.batch_no))
    elif state is State.HELD:
        drawn_row = inspection.draw_recheck(
            occasion=cast.occasion(Post.RECHECKER), agency_code="BH", acceptor_code=cast.actor(Post.ACCEPTOR).staff_code
        )
        walk.draw_no, walk.drawn = drawn_row.draw_no, drawn_row.drawn
        urns = [item.urn for urn in drawn_row.drawn for item in record_queries.items_of(urn)]
        inspection.pass_recheck(occasion=look_through(cast, Post.RECHECKER, *urns), draw_no=drawn_row.draw_no)


# Paper first ---------------------------------------------------------------------------------------------------------

LEGACY_WAY = (
    State.FILED,
    State.SELF_CHECKED,
    State.APPLIED,
    State.PRE_ACCEPTED,
    State.IN_TRANSIT,
    State.RECEIVED,
    State.ACCEPTED,
    State.RECHECKED,
    State.IN_WORKSHOP,
    State.HELD,
)


def on_paper(cast: Cast, target: State, *acceptance_nos: str, paper_pages: int = 2, **registered: Any) -> Walked:
    """Walk paper-first items to a state by the real deeds of each post, counted wherever they must be counted."""
    walk = Walked(
        tuple(
            register(cast, no, paper_pages=paper_pages, route=Route.LEGACY, **registered)
            for no in (acceptance_nos or ("SL-001",))
        )
    )
    if target is State.COLLECTING:
        return walk
    for urn in walk.item_urns:
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
        if target is not State.IN_REVIEW:
            review.pass_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, counted_pages=paper_pages)
    if target in (State.IN_REVIEW, State.REVIEWED):
        return walk
    walk.volume_urn = filed(cast, *walk.item_urns)
    if target is not State.FILING:
        for state in LEGACY_WAY[: LEGACY_WAY.index(target) + 1]:
            paper_step_to(cast, state, walk)
    return walk


def paper_step_to(cast: Cast, state: State, walk: Walked) -> None:
    """Do what leads a paper-first volume to a state, from the state before it."""
    volume = walk.volume_urn
    if state is State.APPLIED:
        until = transfer_queries.kept_until(record_queries.volumes_by_urn([volume])[volume])
        cast.clock.at += max(until - cast.today(), dt.timedelta())
        step_to(cast, state, walk)
    elif state is State.PRE_ACCEPTED:
        walk.draw_no = spot(cast, volume).draw_no
        count_paper(cast, Post.ACCEPTOR, volume)
        inspection.pass_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=walk.draw_no)
    elif state is State.ACCEPTED:
        count_paper(cast, Post.ACCEPTOR, volume)
        inspection.accept(occasion=cast.occasion(Post.ACCEPTOR), volume_urn=volume)
    elif state is State.RECHECKED:
        acceptor = cast.actor(Post.ACCEPTOR).staff_code
        drawn = inspection.draw_recheck(
            occasion=cast.occasion(Post.RECHECKER), agency_code="BH", acceptor_code=acceptor, on_paper=True
        )
        walk.draw_no = drawn.draw_no
        count_paper(cast, Post.RECHECKER, volume)
        inspection.pass_recheck(occasion=cast.occasion(Post.RECHECKER), draw_no=drawn.draw_no)
    elif state is State.IN_WORKSHOP:
        workshop.take_in(occasion=cast.occasion(Post.PROCESSOR), volume_urn=volume)
    elif state is State.HELD:
        scan(cast, *walk.item_urns)
        for station in workshop_queries.stations():
            sign_station(cast, walk, station.code)
        workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=volume)
    else:
        step_to(cast, state, walk)


def count_paper(cast: Cast, post: Post, *volume_urns: str) -> None:
    """Let somebody count volumes on paper and find them right."""
    for urn in volume_urns:
        counted = {item.urn: item.paper_pages for item in record_queries.items_of(urn)}
        inspection.check_paper(
            occasion=cast.occasion(post), volume_urn=urn, counted=counted, has_main_forms=True, has_seals=True
        )


def scan(cast: Cast, *item_urns: str) -> None:
    """Let the workshop scan both sheets of each item."""
    for urn in item_urns:
        intake.capture(occasion=cast.occasion(Post.PROCESSOR), urn=urn, uploads=[upload(name) for name in MATERIALS])


def sign_station(cast: Cast, walk: Walked, station: str) -> None:
    """Sign one station; the images are checked by a second operator, who looks at every page."""
    occasion = cast.occasion(Post.PROCESSOR)
    if station == "QC":
        occasion = look_through(cast, second_operator(cast), *walk.item_urns)
    workshop.complete(occasion=occasion, volume_urn=walk.volume_urn, station=station)


def second_operator(cast: Cast) -> str:
    """Another workshop operator of the archive house, who has not scanned."""
    if not accounts.staff_names({"sj16"}):
        cast.hire("sj16", Post.PROCESSOR, "SJ")
    return "sj16"


# A single set --------------------------------------------------------------------------------------------------------


def form_pdf(at: dt.datetime, *, signed: bool = True) -> bytes:
    """A form of one page as the hall prints it, and signs it electronically."""
    printed = typeset("note", {"reference_code": f"E-{next(_SEEDS)}"}, at=at, practice=True)
    if not signed:
        return printed
    return signing.sign_pdf(pdf=printed, at=at, reason="网上办理", location="演示市", name="网上办事大厅")


def electronic(cast: Cast, acceptance_no: str = "WS-001", *, signed: bool = True) -> str:
    """A single-set case on the counter: a form of one page and an image. Returns its URN."""
    urn = register(cast, acceptance_no, paper_pages=2, route=Route.SINGLE_SET)
    occasion = cast.occasion(Post.HANDLER)
    form = upload("MAIN_FORM", octets=form_pdf(occasion.at, signed=signed), name="登记表.pdf")
    intake.capture(occasion=occasion, urn=urn, uploads=[form, upload("ID_CARD")])
    return urn


def completed(
    cast: Cast, acceptance_no: str = "WS-001", *, step: str = "PERSON_REGISTRATION", declared_pages: int = 2
) -> None:
    """The business system says that a case is completed."""
    occasion = cast.occasion(Post.INTERFACE)
    business.take_completions(
        occasion=occasion,
        source="HALL",
        stated=[
            StatedCompletion("BH", acceptance_no, step, "yw-甲", "yw-乙", declared_pages, occasion.at, occasion.at)
        ],
    )


SINGLE_WAY = tuple(state for state in WAY if state is not State.IN_TRANSIT)


def single_set(cast: Cast, target: State, *acceptance_nos: str) -> Walked:
    """Walk completed single-set cases to a state; custody passes on line, without a vehicle."""
    walk = Walked(tuple(electronic(cast, no) for no in (acceptance_nos or ("WS-001",))))
    for no, urn in zip(acceptance_nos or ("WS-001",), walk.item_urns, strict=True):
        completed(cast, no)
        intake.close(occasion=cast.occasion(Post.HANDLER), urn=urn)
    if target is State.REVIEWED:
        return walk
    walk.volume_urn = filed(cast, *walk.item_urns)
    for state in SINGLE_WAY[: SINGLE_WAY.index(target) + 1]:
        step_to(cast, state, walk)
    return walk


def looks(references: Sequence[str]) -> dict[str, dict[str, bool]]:
    """A witness who looked at everything."""
    return {reference: dict.fromkeys(LOOKED_AT, True) for reference in references}


def count(occasion: Occasion, batch_no: str) -> list[Counted]:
    """A right count of a batch."""
    sheet = transfer_queries.sheet(occasion.actor, batch_no)
    return [Counted(row.volume.reference, row.volume.page_count) for row in sheet.present]


def fault(item_urn: str, code: str = "S01", **where: Any) -> RaisedFault:
    """A fault in an item."""
    return RaisedFault(code, item_urn, **where)


def subject_urn(id_number: str) -> str:
    """The URN of a person on record."""
    return Subject.objects.get(id_number=id_number).urn


def reader(who: Person, relation: Relation = Relation.SELF, basis: str = "") -> certificates.Reader:
    """Somebody who asks at the reading desk."""
    return certificates.Reader(who.name, who.id_number, relation, "办理退休手续", basis)


def requested(cast: Cast, who: Person, *item_urns: str) -> str:
    """A certificate that was asked for. Returns its number."""
    return certificates.request(
        occasion=cast.occasion(Post.READING_DESK),
        subject_urn=subject_urn(who.id_number),
        item_urns=item_urns,
        reader=reader(who),
    ).certificate_no


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of the project's own tables, without the log's bookkeeping."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for model in apps.get_models():
        if model.__module__.startswith("anjuan.") and model.__name__ not in MOVING:
            rows = [dict(row) for row in model._default_manager.order_by("pk").values()]
            for row in rows:
                row.pop("position", None)
            kept[model._meta.label] = rows
    return kept


@contextlib.contextmanager
def refused(code: str) -> Iterator[None]:
    """What is done inside must be refused with this code, and nothing may have changed: no row, no journal line."""
    before = everything()
    with pytest.raises(Refusal) as caught:
        yield
    # A malicious or broken file lies in quarantine afterwards, on a line of its own; the record has not changed.
    aside = ASIDE if is_kept_aside(caught.value) else frozenset()
    assert caught.value.code == code, str(caught.value)
    for language in ("zh", "en"):
        assert "…" not in caught.value.message(language) + caught.value.remedy(language)
    now = everything()
    assert {table for table in before if now[table] != before[table]} <= aside


@contextlib.contextmanager
def one_line(act: str) -> Iterator[None]:
    """What is done inside must leave exactly one new journal line, of this act."""
    before = set(Entry.objects.values_list("uid", flat=True))
    yield
    fresh = list(Entry.objects.exclude(uid__in=before).values_list("act", flat=True))
    assert fresh == [act]


def states(*urns: str) -> set[str]:
    """The states these items or volumes stand at."""
    from anjuan.records.models import Item, Volume

    return {
        state
        for model in (Item, Volume)
        for state in model.objects.filter(urn__in=urns).values_list("state", flat=True)
    }
