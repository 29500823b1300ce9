"""Writing the spine. ``advance`` is the only code that writes ``state``; desks call these inside their open line."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
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
from anjuan.records.actions import volumes
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
from anjuan.records.rows import CapturedFile

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
        A-001: only an archivist over that agency or the installation does this.
        F-001, F-002: the template is malformed or ambiguous.
        F-048: the code is malformed or taken, or no name is given.
        R-009: there is no such agency.
    """
    if occasion.actor.staff_code != "SYSTEM" and not occasion.actor.holds(Post.ARCHIVIST):
        raise Refusal("A-001", posts=Post.ARCHIVIST)
    if not re.fullmatch(r"[A-Z]\d{3}", code) or not name or len(name) > 120 or Fonds.objects.filter(code=code).exists():
        raise Refusal("F-048", code=code[:20])
    agency = Agency.objects.filter(code=agency_code).first()
    if agency is None:
        raise Refusal("R-009", what=agency_code[:40])
    if occasion.actor.staff_code != "SYSTEM" and not occasion.actor.covers(agency.path, Post.ARCHIVIST):
        raise Refusal("A-001", posts=Post.ARCHIVIST)
    kinds = arranged or {}
    for kind in arrangement.kinds().values():
        arrangement.templates(kind, template)

    with journal.writing(occasion=occasion, act="records.open_fonds", unit=f"fonds:{code}") as line:
        fonds = Fonds.objects.create(
            code=code,
            name=name,
            agency=agency,
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


def _never_called(subject_urn: str, name: str) -> bool:
    """Nobody has another name than the one on record."""
    return False


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
    is_called: Callable[[str, str], bool] = _never_called,
) -> None:
    """Put a new item on the spine (登记一件), with the persons and the employer it concerns.

    Args:
        is_called: whether a subject, by its URN, is known under a name that is not the one on record (曾用名); asked
            only where the names differ.
    """
    occasion = line.occasion
    agency = Agency.objects.get(code=agency_code)
    fonds = queries.fonds_for(agency.path, step.category_code)
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
    subjects = [_person(occasion, person, is_called) for person in persons]
    if employer is not None:
        subjects.append(_employer(occasion, employer))
    Involvement.objects.bulk_create(
        Involvement(item=item, subject=subject, ordinal=ordinal) for ordinal, subject in enumerate(subjects, 1)
    )
    take_part(line=line, urn=urn, duty=Duty.HANDLED)


def add_components(
    *, item_urn: str, files: Sequence[CapturedFile], at: dt.datetime, at_ordinal: int | None = None
) -> list[int]:
    """Attach captured files to an item (挂接), after those it has, or one at a given place. Returns their keys."""
    item = Item.objects.get(urn=item_urn)
    present = Component.objects.filter(item=item, superseded_at=None).order_by("-ordinal").first()
    first = at_ordinal if at_ordinal is not None else (present.ordinal + 1 if present else 1)
    made = Component.objects.bulk_create(
        _component(item.pk, first + offset, file, at=at) for offset, file in enumerate(files)
    )
    return [row.pk for row in made]


def _component(item_pk: int, ordinal: int, file: CapturedFile, *, at: dt.datetime) -> Component:
    """The row of a captured file; not written yet."""
    return Component(
        item_id=item_pk,
        ordinal=ordinal,
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


def set_paper_pages(*, urn: str, paper_pages: int) -> None:
    """Correct the paper page count of an item; a filed volume's totals follow."""
    Item.objects.filter(urn=urn).update(paper_pages=paper_pages)
    item = Item.objects.select_related("volume").get(urn=urn)
    if item.volume is not None:
        volumes.count_volume(volume_urn=item.volume.urn)


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
        R-080: another office answers for it.

    Concurrency: compare-and-swap on the state that was judged; a lost race is L-001 and changes nothing.
    """
    occasion = line.occasion
    volume = Volume.objects.select_related("agency").filter(urn=urn).first()
    unit: Item | Volume | None = volume or Item.objects.select_related("agency").filter(urn=urn).first()
    if unit is None:
        raise Refusal("R-009", what=urn)
    rules.check_not_forwarded(Custody(unit.custody), reference=str(unit))
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


def advance_items(*, line: Line, urns: Sequence[str], verb: Verb, evidence: frozenset[Evidence]) -> int:
    """Move items that lie in no volume along the table together (批量流转), each judged as `advance` does. How many.

    The number of statements does not depend on the number of items.

    Raises:
        L-001 to L-006: as `advance`, of the first item that the table does not let go; then none has moved.
        R-009: no such item, or it lies in a volume.
    """
    occasion = line.occasion
    items = list(Item.objects.filter(urn__in=urns, volume=None).select_related("agency").order_by("id"))
    if missing := set(urns) - {item.urn for item in items}:
        raise Refusal("R-009", what=sorted(missing)[0])
    duties = queries.duties_of_each(urns)
    restraints: dict[str, set[RestraintKind]] = {}
    for unit, kind in Restraint.objects.filter(unit__in=urns, lifted_at=None).values_list("unit", "kind"):
        restraints.setdefault(unit, set()).add(RestraintKind(kind))
    moves = [
        lifecycle.judge(
            lifecycle.Standing(
                reference=str(item),
                route=Route(item.route),
                unit=UnitKind.ITEM,
                state=State(item.state),
                staff_code=occasion.actor.staff_code,
                posts_held=queries.posts_over(occasion.actor, item.agency.path),
                evidence=evidence,
                duties=duties.get(item.urn, {}),
                restraints=frozenset(restraints.get(item.urn, ())),
            ),
            verb,
        )
        for item in items
    ]

    for move in set(moves):
        pks = [item.pk for item, judged in zip(items, moves, strict=True) if judged == move]
        change: dict[str, object] = {"state": move.target, "state_since": occasion.at}
        if verb in _CUSTODY:
            change["custody"] = _CUSTODY[verb]
        if Item.objects.filter(pk__in=pks, state=move.source).update(**change) != len(pks):
            raise Refusal("L-001", reference=str(items[0]))
    Participation.objects.bulk_create(
        (
            Participation(unit=item.urn, duty=move.duty, staff_code=occasion.actor.staff_code, at=occasion.at)
            for item, move in zip(items, moves, strict=True)
            if move.duty is not None
        ),
        ignore_conflicts=True,  # taking a part twice is one part
    )
    return len(items)


def hold_at(*, urn: str, states: Collection[State]) -> None:
    """Hold a record, a volume with all its items, at the stage it was seen at until the deed ends (锁定环节).

    Called first inside `journal.writing` by deeds that judged, or wrote bytes, before the transaction.

    Raises:
        L-001: it has moved on meanwhile.
        R-009: no such record.
        R-080: another office answers for it.

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
    rules.check_not_forwarded(Custody(unit.custody), reference=str(unit))


def take_part(*, line: Line, urn: str, duty: Duty) -> None:
    """Note that the acting person took a part in a record; taking it twice is one part."""
    Participation.objects.get_or_create(
        unit=urn, duty=duty, staff_code=line.occasion.actor.staff_code, defaults={"at": line.occasion.at}
    )


def post_restraint(*, line: Line, urn: str, kind: RestraintKind, reference: str) -> None:
    """Post a restraint on a record (设限)."""
    Restraint.objects.create(
        unit=urn, kind=kind, reference=reference, posted_by=line.occasion.actor.staff_code, posted_at=line.occasion.at
    )


def lift_restraint(*, line: Line, urn: str, kind: RestraintKind, reference: str | None = None) -> None:
    """Lift a restraint (解除限制); where a reference is given, only what was posted under it."""
    found = Restraint.objects.filter(unit=urn, kind=kind, lifted_at=None)
    if reference is not None:
        found = found.filter(reference=reference)
    found.update(lifted_at=line.occasion.at)


def set_term(*, line: Line, urn: str, proposed: retention.Term) -> None:
    """Lengthen an item's retention term (延长保管期限); the 档号 does not change.

    Raises:
        H-002, H-003: it would be shorter, or one of the two is not settled.
    """
    item = Item.objects.get(urn=urn)
    term = retention.change_by_hand(retention.parse(item.term), proposed)
    Item.objects.filter(pk=item.pk).update(term=str(term))
    line.say(term_before=item.term, term_after=term)


def _person(occasion: Occasion, person: rules.Person, is_called: Callable[[str, str], bool] = _never_called) -> Subject:
    known: Subject | None = queries.subjects_numbered("id_number", [person.id_number]).first()
    if known is None:
        urn = occasion.urn()
        try:
            with transaction.atomic():
                return Subject.objects.create(
                    urn=urn, kind=SubjectKind.INSURED_PERSON, name=person.name, id_number=person.id_number
                )
        except IntegrityError:  # registered at another counter a moment ago
            known = Subject.objects.get(id_number=person.id_number)
    if not rules.same_name(known.name, person.name) and not is_called(known.urn, person.name):
        raise Refusal("R-008", tail=person.id_number[-4:], known=known.name, name=person.name)
    return known


def _employer(occasion: Occasion, employer: rules.Employer) -> Subject:
    known: Subject | None = (
        queries.subjects_numbered("credit_code", [employer.credit_code]).first()
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
