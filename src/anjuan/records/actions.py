"""Writing the spine. ``advance`` is the only code that writes ``state``; desks call these inside their open line."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from anjuan.core import arrangement, lifecycle, refcode, retention
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import (
    Actor,
    Arrangement,
    Classification,
    Custody,
    Duty,
    Occasion,
    Post,
    RestraintKind,
    Route,
    State,
    SubjectKind,
    UnitKind,
    Verb,
)
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.schedule.queries import RuleRow, StepRow
from anjuan.records import queries, rules
from anjuan.records.models import (
    Category,
    Component,
    Fonds,
    Involvement,
    Item,
    Look,
    Participation,
    Restraint,
    Subject,
    Volume,
)
from anjuan.records.rows import CapturedFile, ItemRow

# Where custody goes with the state; every other move leaves it as it is.
_CUSTODY: Mapping[Verb, Custody] = {Verb.DISPATCH: Custody.IN_TRANSIT, Verb.RECEIVE: Custody.ARCHIVE}


@dataclass(frozen=True)
class Moved:
    """What a move did."""

    urn: str
    reference: str
    verb: Verb
    source: State
    target: State


def open_fonds(
    *,
    occasion: Occasion,
    code: str,
    name: str,
    agency_code: str,
    categories: Mapping[str, str],
    template: str = refcode.DEFAULT_TEMPLATE,
    classification: Classification = Classification.YEAR_LINE_STEP,
    arranged: Mapping[str, Arrangement] | None = None,
) -> str:
    """Set up a fonds with its classification and numbering template (建立全宗). Returns its code.

    Args:
        occasion: an archivist, or the installation.
        code: fonds code.
        name: its name.
        agency_code: whose records it holds, with those of every agency below.
        categories: names of categories by code.
        template: the numbering template.
        classification: the order of classification (STD-3).
        arranged: arrangement kind by category code; by volume where none is named.

    Raises:
        A-001: only an archivist or the installation does this.
        F-001, F-002: the template is malformed or ambiguous.
    """
    if occasion.actor.staff_code != "SYSTEM" and not occasion.actor.holds(Post.ARCHIVIST):
        raise Refusal("A-001", posts=Post.ARCHIVIST)
    kinds = arranged or {}
    for kind in arrangement.kinds().values():
        arrangement.templates(kind, template)

    with journal.writing(occasion=occasion, act="records.open_fonds", unit=f"fonds:{code}") as line:
        fonds = Fonds.objects.create(
            code=code,
            name=name,
            agency=Agency.objects.get(code=agency_code),
            numbering_template=template,
            classification=classification,
        )
        Category.objects.bulk_create(
            Category(
                fonds=fonds,
                code=category_code,
                name=category_name,
                arrangement=kinds.get(category_code, Arrangement.BY_VOLUME),
            )
            for category_code, category_name in sorted(categories.items())
        )
        line.say(
            code=code,
            name=name,
            agency=agency_code,
            template=template,
            classification=classification,
            arranged=",".join(f"{place}:{kind}" for place, kind in sorted(kinds.items())),
        )
    return code


def create_item(
    *,
    line: Line,
    urn: str,
    agency_code: str,
    step: StepRow,
    rule: RuleRow,
    acceptance_no: str,
    title: str,
    formed_date: dt.date,
    paper_pages: int,
    persons: Sequence[rules.Person],
    employer: rules.Employer | None,
    route: Route = Route.TARGET,
) -> None:
    """Put a new item on the spine (登记一件), with the persons and the employer it concerns."""
    occasion = line.occasion
    agency = Agency.objects.get(code=agency_code)
    fonds = queries.fonds_for(agency.path)
    item = Item.objects.create(
        urn=urn,
        fonds=fonds,
        agency=agency,
        category=queries.category_of(fonds, step.category_code),
        acceptance_no=acceptance_no,
        step_code=step.code,
        insurance_line=step.insurance_line,
        year=formed_date.year,
        title=title,
        formed_date=formed_date,
        rule_code=rule.code,
        term=str(rule.term),
        paper_pages=paper_pages,
        route=route,
        state=State.COLLECTING,
        custody=Custody.AGENCY,
        registered_at=occasion.at,
        state_since=occasion.at,
    )
    subjects = [_person(occasion, person) for person in persons]
    if employer is not None:
        subjects.append(_employer(occasion, employer))
    Involvement.objects.bulk_create(
        Involvement(item=item, subject=subject, ordinal=ordinal) for ordinal, subject in enumerate(subjects, 1)
    )
    take_part(line=line, urn=urn, duty=Duty.HANDLED)


def add_components(
    *, item_urn: str, files: Sequence[CapturedFile], at: dt.datetime, at_ordinal: int | None = None
) -> None:
    """Attach captured files to an item (挂接), after those it has, or one of them at a given place."""
    item = Item.objects.get(urn=item_urn)
    present = Component.objects.filter(item=item, superseded_at=None).order_by("-ordinal").first()
    first = at_ordinal if at_ordinal is not None else (present.ordinal + 1 if present else 1)
    Component.objects.bulk_create(
        Component(
            item=item,
            ordinal=first + offset,
            material_code=file.material_code,
            original_name=file.original_name,
            logical_name=file.logical_name,
            format_id=file.format_id,
            mime=file.mime,
            page_count=len(file.pages),
            pages=[list(page) for page in file.pages],
            size_bytes=file.size_bytes,
            sha512=file.sha512,
            sha256=file.sha256,
            sm3=file.sm3,
            captured_at=at,
        )
        for offset, file in enumerate(files)
    )


def set_paper_pages(*, urn: str, paper_pages: int) -> None:
    """Correct the paper page count of an item; a filed volume's totals follow."""
    Item.objects.filter(urn=urn).update(paper_pages=paper_pages)
    item = Item.objects.select_related("volume").get(urn=urn)
    if item.volume is not None:
        count_volume(volume_urn=item.volume.urn)


def look(*, actor: Actor, component_pk: int, page_no: int, at: dt.datetime) -> None:
    """Note that a person opened a page (看过一页). No deed: nothing of the record changes, so no journal line."""
    Look.objects.get_or_create(
        component_id=component_pk, page_no=page_no, staff_code=actor.staff_code, defaults={"at": at}
    )


def supersede_component(*, pk: int, at: dt.datetime) -> None:
    """Mark a component as replaced (更换影像); its bytes stay in the store's earlier version.

    Raises:
        L-001: somebody replaced it already.
    """
    if Component.objects.filter(pk=pk, superseded_at=None).update(superseded_at=at) != 1:
        raise Refusal("L-001", reference=f"#{pk}")


def advance(*, line: Line, urn: str, verb: Verb, evidence: frozenset[Evidence]) -> Moved:
    """Move a record along the lifecycle table (流转). The only writer of state.

    A volume's items move with it in one statement.

    Args:
        line: the open journal line of the deed.
        urn: item or volume.
        verb: what is done.
        evidence: what lies on the table.

    Raises:
        L-001: moved by someone else meanwhile.
        L-002 to L-006: see `anjuan.core.lifecycle.judge`.
        R-009: no such record.

    Concurrency: compare-and-swap on the state that was judged; a lost race is L-001 and changes nothing.
    """
    occasion = line.occasion
    volume = Volume.objects.select_related("agency").filter(urn=urn).first()
    unit: Item | Volume | None = volume or Item.objects.select_related("agency").filter(urn=urn).first()
    if unit is None:
        raise Refusal("R-009", what=urn)
    standing = lifecycle.Standing(
        reference=str(unit),
        route=Route(unit.route),
        unit=UnitKind.VOLUME if volume else UnitKind.ITEM,
        state=State(unit.state),
        staff_code=occasion.actor.staff_code,
        posts_held=queries.posts_over(occasion.actor, unit.agency.path),
        evidence=evidence,
        duties=queries.duties_of(urn),
        restraints=frozenset(
            RestraintKind(kind)
            for kind in Restraint.objects.filter(unit=urn, lifted_at=None).values_list("kind", flat=True)
        ),
    )
    move = lifecycle.judge(standing, verb)

    change: dict[str, object] = {"state": move.target, "state_since": occasion.at}
    if verb in _CUSTODY:
        change["custody"] = _CUSTODY[verb]
    model = Volume if volume else Item
    if model.objects.filter(pk=unit.pk, state=move.source).update(**change) != 1:
        raise Refusal("L-001", reference=standing.reference)
    if volume:
        Item.objects.filter(volume=volume).update(**change)
    if move.duty is not None:
        take_part(line=line, urn=urn, duty=move.duty)
    return Moved(urn, standing.reference, verb, move.source, move.target)


def hold_at(*, urn: str, states: Collection[State]) -> None:
    """Hold a record, a volume with all its items, at the stage it was seen at until the deed ends (锁定环节).

    Called first inside `journal.writing` by deeds that judged, or wrote bytes, before the transaction.

    Raises:
        L-001: it has moved on meanwhile.
        R-009: no such record.

    Concurrency: row locks on PostgreSQL; on SQLite the transaction is IMMEDIATE and alone anyway.
    """
    volume = Volume.objects.select_for_update().filter(urn=urn).first()
    if volume is not None:
        list(Item.objects.select_for_update().filter(volume=volume).order_by("id").values_list("id"))
    unit: Item | Volume | None = volume or Item.objects.select_for_update().filter(urn=urn).first()
    if unit is None:
        raise Refusal("R-009", what=urn)
    if State(unit.state) not in states:
        raise Refusal("L-001", reference=str(unit))


def take_part(*, line: Line, urn: str, duty: Duty) -> None:
    """Note that the acting person took a part in a record; taking it twice is one part."""
    Participation.objects.get_or_create(
        unit=urn, duty=duty, staff_code=line.occasion.actor.staff_code, defaults={"at": line.occasion.at}
    )


def open_volume(
    *,
    line: Line,
    urn: str,
    like: ItemRow,
    title: str,
    kind: Arrangement = Arrangement.BY_VOLUME,
    insurance_line: str = "",
    subject_pk: int | None = None,
) -> None:
    """Open an empty volume for items like this one (立卷): its fonds, agency, category, year and term.

    Args:
        line: the open journal line of the deed.
        urn: of the new volume.
        like: its first item.
        title: its title.
        kind: its arrangement kind.
        insurance_line: its insurance line where it is not the first item's.
        subject_pk: whose dossier it is.
    """
    example = Item.objects.get(urn=like.urn)
    Volume.objects.create(
        urn=urn,
        fonds=example.fonds,
        agency=example.agency,
        category=example.category,
        year=example.year,
        insurance_line=insurance_line or example.insurance_line,
        term=example.term,
        arrangement=kind,
        subject_id=subject_pk,
        title=title,
        route=example.route,
        state=State.FILING,
        custody=example.custody,
        opened_at=line.occasion.at,
        state_since=line.occasion.at,
    )


def place_item(*, item_urn: str, volume_urn: str | None, item_no: int | None) -> None:
    """Put an item at a place in a volume, or take it out."""
    volume = Volume.objects.get(urn=volume_urn) if volume_urn else None
    Item.objects.filter(urn=item_urn).update(volume=volume, item_no=item_no)


def order_items(*, volume_urn: str, item_urns: Sequence[str]) -> None:
    """Set the order of a volume's items. Two passes, since two items may not share a place even for a moment."""
    for offset, numbers in ((100_000, item_urns), (0, item_urns)):
        for place, urn in enumerate(numbers, 1):
            Item.objects.filter(urn=urn, volume__urn=volume_urn).update(item_no=place + offset)


def count_volume(*, volume_urn: str) -> tuple[int, int]:
    """Write a volume's totals from its items (catalogue side). Returns items and pages.

    Where terms may mix the volume carries the longest; one that is not settled comes before all.
    """
    items = queries.items_of(volume_urn)
    pages = sum(item.paper_pages for item in items)
    change: dict[str, object] = {"item_count": len(items), "page_count": pages}
    if items:
        change["term"] = str(retention.longest([item.term for item in items]))
    Volume.objects.filter(urn=volume_urn).update(**change)
    return len(items), pages


def next_volume_no(*, volume_urn: str, rule: refcode.Template) -> int:
    """The next free volume number where this volume is numbered: continuous from 1, never reused.

    Where numbers run is what the template says: every slot before the number is a run of its own.

    Concurrency: the unique reference code refuses a number taken meanwhile; the sealing deed turns that into F-010.
    """
    volume = Volume.objects.get(urn=volume_urn)
    names = {token.name for token in rule.tokens()}
    run = Volume.objects.filter(
        fonds=volume.fonds,
        year=volume.year,
        category=volume.category,
        arrangement=volume.arrangement,
        volume_no__isnull=False,
    )
    if "agency" in names:
        run = run.filter(agency=volume.agency)
    if "line" in names:
        run = run.filter(insurance_line=volume.insurance_line)
    highest = run.order_by("-volume_no").values_list("volume_no", flat=True).first()
    return (highest or 0) + 1


def next_item_serial(*, volume_urn: str) -> int:
    """The next item number where items are numbered through the year (按件): after all in volumes of this kind.

    Concurrency: as for `next_volume_no`.
    """
    volume = Volume.objects.get(urn=volume_urn)
    return (
        1
        + Item.objects.filter(
            volume__fonds=volume.fonds,
            volume__agency=volume.agency,
            volume__category=volume.category,
            volume__year=volume.year,
            volume__arrangement=volume.arrangement,
            reference_code__isnull=False,
        ).count()
    )


def close_dossier(*, volume_urn: str, closed_date: dt.date) -> None:
    """Say that a dossier has stopped growing (停止归集): its retention clock starts from this day."""
    Volume.objects.filter(urn=volume_urn).update(closed_date=closed_date)


def number_volume(*, volume_urn: str, volume_no: int, reference_code: str, items: Mapping[str, str]) -> None:
    """Write the 档号 of a volume and of each item, once.

    Raises:
        L-001: the volume or an item already has a number.
    """
    if (
        Volume.objects.filter(urn=volume_urn, volume_no=None).update(volume_no=volume_no, reference_code=reference_code)
        != 1
    ):
        raise Refusal("L-001", reference=reference_code)
    for urn, item_code in items.items():
        if (
            Item.objects.filter(urn=urn, volume__urn=volume_urn, reference_code=None).update(reference_code=item_code)
            != 1
        ):
            raise Refusal("L-001", reference=item_code)


def post_restraint(*, line: Line, urn: str, kind: RestraintKind, reference: str) -> None:
    """Post a restraint on a record (设限)."""
    Restraint.objects.create(
        unit=urn, kind=kind, reference=reference, posted_by=line.occasion.actor.staff_code, posted_at=line.occasion.at
    )


def lift_restraint(*, line: Line, urn: str, kind: RestraintKind) -> None:
    """Lift a restraint (解除限制)."""
    Restraint.objects.filter(unit=urn, kind=kind, lifted_at=None).update(lifted_at=line.occasion.at)


def set_term(*, line: Line, urn: str, proposed: retention.Term) -> None:
    """Lengthen an item's retention term (延长保管期限); the 档号 does not change.

    Raises:
        H-002, H-003: it would be shorter, or one of the two is not settled.
    """
    item = Item.objects.get(urn=urn)
    term = retention.change_by_hand(retention.parse(item.term), proposed)
    Item.objects.filter(pk=item.pk).update(term=str(term))
    line.say(term_before=item.term, term_after=term)


def _person(occasion: Occasion, person: rules.Person) -> Subject:
    known: Subject | None = Subject.objects.filter(id_number=person.id_number).first()
    if known is None:
        urn = occasion.urn()
        try:
            with transaction.atomic():
                return Subject.objects.create(
                    urn=urn, kind=SubjectKind.INSURED_PERSON, name=person.name, id_number=person.id_number
                )
        except IntegrityError:  # registered at another counter a moment ago
            known = Subject.objects.get(id_number=person.id_number)
    if not rules.same_name(known.name, person.name):
        raise Refusal("R-008", tail=person.id_number[-4:], known=known.name, name=person.name)
    return known


def _employer(occasion: Occasion, employer: rules.Employer) -> Subject:
    known: Subject | None = (
        Subject.objects.filter(credit_code=employer.credit_code).first()
        if employer.credit_code
        else Subject.objects.filter(kind=SubjectKind.EMPLOYER, name=employer.name, credit_code="").first()
    )
    if known is not None:
        return known
    urn = occasion.urn()
    try:
        with transaction.atomic():
            return Subject.objects.create(
                urn=urn, kind=SubjectKind.EMPLOYER, name=employer.name, credit_code=employer.credit_code
            )
    except IntegrityError:  # registered at another counter a moment ago; only a code can be taken
        return Subject.objects.get(credit_code=employer.credit_code)
