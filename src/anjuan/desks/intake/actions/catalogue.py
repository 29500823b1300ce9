"""Taking a catalogue in from a spreadsheet, and changing descriptions by one (目录导入、批量改著录)."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.db.models import F

from anjuan.core import sheets
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.desks.intake import rules as desk_rules
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import CatalogueSheet, ColumnMap, FieldChange, RowFault
from anjuan.desks.intake.queries import catalogue as queries
from anjuan.desks.intake.rules import catalogue as rules
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.lives import queries as lives
from anjuan.facilities.screening import actions as screening
from anjuan.facilities.screening import queries as scanner
from anjuan.facilities.screening.rules import AWAY, Door
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import rules as record_rules
from anjuan.records.actions import arrivals, describing
from anjuan.records.actions.arrivals import Arrival

CHECK_JOB = "CATALOGUE_CHECK"
TAKE_JOB = "CATALOGUE_TAKE"
UNDO_JOB = "CATALOGUE_UNDO"
_Status = rules.SheetStatus


def lay_sheet(*, occasion: Occasion, agency_code: str, purpose: rules.Purpose, path: Path, name: str) -> str:
    """Take a spreadsheet to be looked at; nothing of it is in the archive yet (放入目录表). Returns its uid.

    Raises:
        A-001: the actor is not a handler of that agency.
        I-060: it is no spreadsheet, or a damaged one.
        I-065: it has no row, or too many.
        M-020, M-021: the virus scanner knows it, or is away.
        R-009: no such agency.

    Standard: S0-F1 (catalogue database); users' asks 8, 14.
    """
    agency = accounts.agency(agency_code)
    accounts.permit(occasion.actor, agency.path, Post.HANDLER)
    try:
        scanner.scan(path, name)
    except Refusal as refusal:
        if refusal.code != AWAY:
            screening.keep_aside(
                occasion=occasion, path=path, name=name, refusal=refusal, door=Door.BATCH, agency_code=agency_code
            )
        raise
    uid = occasion.fresh(8).hex()
    try:
        with path.open("rb") as stream:
            heads, count = spool.lay_rows(uid, sheets.rows(stream, name), most=rules.MOST_ROWS, slice_rows=rules.SLICE)
        mapping = rules.guess(heads, purpose, queries.saved_map(agency_code, purpose))

        with journal.writing(occasion=occasion, act="intake.lay_sheet", unit=f"sheet:{uid}") as line:
            CatalogueSheet.objects.create(
                uid=uid,
                agency_code=agency_code,
                agency_path=agency.path,
                owner_code=occasion.actor.staff_code,
                name=name[:255],
                purpose=purpose,
                heads=heads,
                mapping=mapping,
                row_count=count,
                status=_Status.LAID,
                laid_at=occasion.at,
            )
            line.say(name=name[:120], purpose=purpose, rows=count)
    except BaseException:
        spool.clear("catalogues", uid)  # no row stands for these bytes
        raise
    return uid


def check_sheet(*, occasion: Occasion, uid: str, mapping: Mapping[str, int]) -> str:
    """Say which column is which, and have every row looked at without taking one in (试运行). Returns the job.

    The columns are kept for the next sheet of the agency with these headings.

    Raises:
        I-061: a needed field has no column, or two share one.
        I-062: columns stand in each other's place.
        I-066: the sheet is at work, or it has been taken in.
        R-009: no such sheet.
    """
    sheet = queries.get_sheet_for(occasion.actor, uid)
    rules.check_mapping(mapping, sheet.purpose, columns=len(sheet.heads))
    first = tuple(cells for _, _, cells in queries.slice_of(uid, 0, rules.SLICE))
    if (found := rules.swapped(mapping, first)) is not None:
        raise found.as_refusal()

    with journal.writing(occasion=occasion, act="intake.check_sheet", unit=f"sheet:{uid}") as line:
        _swap(uid, (_Status.LAID, _Status.CHECKED), status=_Status.CHECKING, mapping=dict(mapping))
        RowFault.objects.filter(sheet__uid=uid).delete()
        FieldChange.objects.filter(sheet__uid=uid).delete()
        ColumnMap.objects.update_or_create(
            agency_code=sheet.agency_code,
            purpose=sheet.purpose,
            defaults={"fields": {sheet.heads[at]: field for field, at in mapping.items()}},
        )
        job = _start(line, sheet, CHECK_JOB)
        line.say(columns=", ".join(f"{field}={sheet.heads[at]}" for field, at in mapping.items())[:400])
    return job


def check_rows(*, occasion: Occasion, uid: str, first: int) -> None:
    """Look at some rows of a sheet and keep what is wrong with each (逐行核对). The worker does this."""
    sheet = queries.sheet_of(uid)
    rows = queries.slice_of(uid, first, rules.CHECK_SLICE)
    last = first + len(rows) >= sheet.row_count
    faults: list[tuple[int, rules.RowFault]] = []
    planned: list[FieldChange] = []
    row = CatalogueSheet.objects.get(uid=uid)
    if sheet.purpose is rules.Purpose.NEW:
        for place, number, found in _judged(occasion, sheet, rows):
            if isinstance(found, Refusal):
                faults.append((place, rules.RowFault(number, rules.field_of(found), found)))
    else:
        for place, number, changed in _planned(sheet, rows):
            if isinstance(changed, Refusal):
                faults.append((place, rules.RowFault(number, rules.field_of(changed), changed)))
                continue
            urn, reference, fields = changed
            planned += [
                FieldChange(
                    sheet=row, place=place, row_no=number, urn=urn, reference=reference, field=field, before=was,
                    after=becomes,
                )
                for field, was, becomes in fields
            ]  # fmt: skip

    with journal.writing(occasion=occasion, act="intake.check_rows", unit=f"sheet:{uid}") as line:
        held = CatalogueSheet.objects.select_for_update().get(uid=uid)
        stretch = {"sheet": held, "place__gte": first, "place__lt": first + rules.CHECK_SLICE}
        RowFault.objects.filter(**stretch).delete()
        FieldChange.objects.filter(**stretch).delete()
        room = max(0, rules.MOST_FAULTS - RowFault.objects.filter(sheet=held).count())
        RowFault.objects.bulk_create(
            RowFault(
                sheet=held,
                row_no=fault.row_no,
                place=place,
                field=fault.field,
                code=fault.refusal.code,
                params={key: str(value)[:80] for key, value in fault.refusal.params.items()},
            )
            for place, fault in faults[:room]
        )
        FieldChange.objects.bulk_create(planned)
        if last:
            CatalogueSheet.objects.filter(uid=uid, status=_Status.CHECKING).update(status=_Status.CHECKED)
        line.say(rows=len(rows), faults=len(faults), changes=len(planned))


def take_sheet(*, occasion: Occasion, uid: str) -> str:
    """Take a checked sheet in: the rows that nothing speaks against; the others stay listed (导入). Returns the job.

    Raises:
        I-066: it has not been checked, or it has been taken in.
        I-067: nothing in it can be taken in, or nothing would change.
        R-009: no such sheet.
    """
    sheet = queries.get_sheet_for(occasion.actor, uid)
    seen = queries.standing(sheet)
    left = sheet.row_count - seen.faulty_rows if sheet.purpose is rules.Purpose.NEW else seen.change_count
    if sheet.status is _Status.CHECKED and left <= 0:
        raise Refusal("I-067", faults=seen.faulty_rows)

    with journal.writing(occasion=occasion, act="intake.take_sheet", unit=f"sheet:{uid}") as line:
        _swap(uid, (_Status.CHECKED,), status=_Status.TAKING)
        job = _start(line, sheet, TAKE_JOB)
        line.say(rows=sheet.row_count, faults=seen.faulty_rows, changes=seen.change_count)
    return job


def take_rows(*, occasion: Occasion, uid: str, first: int) -> int:
    """Register the cases of some rows, as one act with one line (逐段登记). Returns how many are new.

    A row that is registered already with the same facts is passed over, so that a stretch may be done twice.

    Raises:
        A-001: who started it is no handler there any more.
        L-001: a person was registered meanwhile under another name; to be done again.

    Concurrency: of two that bring one number the first has it; the other's row goes to the list.
    """
    sheet = queries.sheet_of(uid)
    accounts.permit(occasion.actor, sheet.agency_path, Post.HANDLER)
    rows = queries.slice_of(uid, first, rules.SLICE)
    bad = queries.faulty_places(uid, first, rules.SLICE)
    judged = list(_judged(occasion, sheet, [row for row in rows if row[0] not in bad]))
    fresh = {found.urn: (place, number, found) for place, number, found in judged if isinstance(found, Arrival)}

    with journal.writing(occasion=occasion, act="intake.take_rows", unit=f"sheet:{uid}") as line:
        landing = arrivals.create_items(
            line=line, arrivals=[found for _, _, found in fresh.values()], is_called=lives.is_called
        )
        held = CatalogueSheet.objects.select_for_update().get(uid=uid)
        late = [(place, number, found) for place, number, found in judged if isinstance(found, Refusal)]
        late += [(*fresh[urn][:2], refusal) for urn, refusal in landing.refused.items()]
        RowFault.objects.bulk_create(
            RowFault(
                sheet=held, row_no=number, place=place, field=rules.field_of(refusal), code=refusal.code,
                params={key: str(value)[:80] for key, value in refusal.params.items()},
            )
            for place, number, refusal in late
        )  # fmt: skip
        schedule_actions.answer_fresh(line=line, answers={urn: fresh[urn][2].answers for urn in landing.pks})
        for urn in landing.pks:
            arrival = fresh[urn][2]
            line.say_of(
                urn,
                acceptance_no=arrival.acceptance_no,
                step=arrival.step.code,
                title=arrival.title,
                formed_date=arrival.formed_date,
                paper_pages=arrival.paper_pages,
                route=arrival.route,
                rule=arrival.rule.code,
                term=arrival.rule.term,
                **desk_rules.named_subjects(arrival.persons, arrival.employer),
                **desk_rules.answered(arrival.answers),
            )
        CatalogueSheet.objects.filter(pk=held.pk).update(taken=F("taken") + len(landing.pks))
        if first + len(rows) >= sheet.row_count:
            CatalogueSheet.objects.filter(pk=held.pk).update(status=_Status.TAKEN)
        line.say(rows=len(rows), cases=len(landing.pks))
    return len(landing.pks)


def change_rows(*, occasion: Occasion, uid: str, places: Sequence[int], undo: bool) -> int:
    """Make the changes of some rows, or take them back, as one act (改著录、撤销改动). Returns how many items.

    A field that is not as the dry run, or the change, left it is let alone, and its row goes to the list.

    Raises:
        A-001: who started it is no handler there any more.
        I-066: the sheet changes no descriptions.
    """
    sheet = queries.sheet_of(uid)
    accounts.permit(occasion.actor, sheet.agency_path, Post.HANDLER)
    if sheet.purpose is not rules.Purpose.EDIT:
        raise Refusal("I-066", name=sheet.name)

    with journal.writing(occasion=occasion, act="intake.change_rows", unit=f"sheet:{uid}") as line:
        held = CatalogueSheet.objects.select_for_update().get(uid=uid)
        wanted = FieldChange.objects.filter(sheet=held, place__in=places, is_made=undo, is_undone=False)
        by_item: dict[str, list[FieldChange]] = {}
        for change in wanted.order_by("place", "id"):
            by_item.setdefault(change.urn, []).append(change)
        known = queries.describable(sheet.agency_path, by_item)
        changed = 0
        for urn, fields in by_item.items():
            if urn not in known or not _still(known[urn][1], fields, undo=undo):
                late = Refusal("I-068", reference=fields[0].reference)
                RowFault.objects.create(
                    sheet=held,
                    row_no=fields[0].row_no,
                    place=fields[0].place,
                    field=fields[0].field,
                    code=late.code,
                    params=dict(late.params),
                )
                continue
            after = _with(known[urn][1], {one.field: one.before if undo else one.after for one in fields})
            describing.redescribe(
                line=line, urn=urn, title=after.title, formed_date=after.formed_date, paper_pages=after.paper_pages
            )
            line.say_of(
                urn,
                **{
                    f"{one.field}_{when}": value
                    for one in fields
                    for when, value in (
                        ("before", one.after if undo else one.before),
                        ("after", one.before if undo else one.after),
                    )
                },
            )
            FieldChange.objects.filter(pk__in=[one.pk for one in fields]).update(
                **({"is_undone": True} if undo else {"is_made": True})
            )
            changed += 1
        CatalogueSheet.objects.filter(pk=held.pk).update(taken=F("taken") + (0 if undo else changed))
        if undo and (not (left := queries.change_places(uid, made=True)) or (places and max(places) >= left[-1])):
            CatalogueSheet.objects.filter(pk=held.pk).update(status=_Status.UNDONE)
        if not undo and places and max(places) >= _last_change(held):
            CatalogueSheet.objects.filter(pk=held.pk).update(status=_Status.TAKEN)
        line.say(items=changed, undone=undo)
    return changed


def undo_sheet(*, occasion: Occasion, uid: str) -> str:
    """Take all changes of a sheet back, as one unit (整批撤销). Returns the job.

    Raises:
        I-066: it has changed nothing, or it was undone already.
        R-009: no such sheet.
    """
    sheet = queries.get_sheet_for(occasion.actor, uid)
    if sheet.purpose is not rules.Purpose.EDIT or not queries.change_places(uid, made=True):
        raise Refusal("I-066", name=sheet.name)

    with journal.writing(occasion=occasion, act="intake.undo_sheet", unit=f"sheet:{uid}") as line:
        _swap(uid, (_Status.TAKEN,), status=_Status.UNDOING)
        job = _start(line, sheet, UNDO_JOB)
        line.say(items=sheet.taken)
    return job


def _start(line: journal.Line, sheet: queries.SheetRow, kind: str) -> str:
    return jobs.open_job(
        line=line,
        kind=kind,
        reference=f"{sheet.name[:150]} {sheet.uid[:4]}",
        agency_path=sheet.agency_path,
        params={"sheet": sheet.uid, "staff": line.occasion.actor.staff_code},
    )


def _swap(uid: str, expected: Sequence[rules.SheetStatus], **change: object) -> None:
    if CatalogueSheet.objects.filter(uid=uid, status__in=expected).update(**change) != 1:
        raise Refusal("I-066", name=CatalogueSheet.objects.get(uid=uid).name)


def _last_change(sheet: CatalogueSheet) -> int:
    found = FieldChange.objects.filter(sheet=sheet).order_by("-place").values_list("place", flat=True).first()
    return found if found is not None else 0


def _judged(
    occasion: Occasion, sheet: queries.SheetRow, rows: Sequence[tuple[int, int, sheets.Row]]
) -> Iterator[tuple[int, int, Arrival | Refusal | None]]:
    """What the counter would say of each row: an arrival, a refusal, or nothing where it is registered just so."""
    names = queries.step_names(occasion.at)
    steps = {step.code: step for step in schedule.steps(occasion.at)}
    rulebook = schedule.rulebook()
    today = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
    numbers = [rules.cell(cells, sheet.mapping, "acceptance_no") for _, _, cells in rows]
    present = queries.present(sheet.agency_code, numbers)
    seen: set[str] = set()
    for place, row_no, cells in rows:
        try:
            typed = rules.registration(cells, sheet.mapping, names)
            step = steps[typed.step_code]
            if step.is_retired and typed.acceptance_no not in present:  # what came in before it was withdrawn stays
                raise Refusal("H-019", step=step.name)
            desk_rules.check_registration(typed, today=today, concerns_many=step.concerns_many)
            desk_rules.check_answers(typed.answers, step.conditions, step.name)
            arrival = Arrival(
                urn=occasion.urn(),
                agency_code=sheet.agency_code,
                step=step,
                rule=rulebook.rule_for(step, typed.formed_date),
                acceptance_no=record_rules.text("受理号 acceptance no", typed.acceptance_no, limit=40),
                title=record_rules.text("题名 title", typed.title or step.name, limit=200),
                formed_date=typed.formed_date,
                paper_pages=typed.paper_pages,
                persons=record_rules.persons(typed.persons),
                employer=record_rules.employer(typed.employer) if typed.employer else None,
                files=(),
                route=typed.route,
                answers=typed.answers,
            )
            number = arrival.acceptance_no
            if number in seen:
                raise Refusal("I-001", acceptance_no=number)
            seen.add(number)
        except Refusal as refusal:
            yield place, row_no, refusal
            continue
        facts = (arrival.title, arrival.formed_date, arrival.paper_pages, step.code)
        if number not in present:
            yield place, row_no, arrival
        else:
            yield place, row_no, None if present[number] == facts else Refusal("I-013", acceptance_no=number)


def _planned(
    sheet: queries.SheetRow, rows: Sequence[tuple[int, int, sheets.Row]]
) -> Iterator[tuple[int, int, tuple[str, str, tuple[tuple[str, str, str], ...]] | Refusal]]:
    """What each row would change."""
    urns = [rules.cell(cells, sheet.mapping, "urn") for _, _, cells in rows]
    known = queries.describable(sheet.agency_path, urns)
    for (place, row_no, cells), urn in zip(rows, urns, strict=True):
        try:
            if urn not in known:
                raise Refusal("I-069", what=urn[:60] or "—")
            reference, now = known[urn]
            after = rules.described(cells, sheet.mapping, now)
            title = record_rules.text("题名 title", after.title, limit=200)
            if not 1 <= after.paper_pages <= desk_rules.MOST_PAGES:
                raise Refusal("I-005", pages=after.paper_pages, most=desk_rules.MOST_PAGES)
            fields = rules.changes(now, rules.Described(title, after.formed_date, after.paper_pages))
        except Refusal as refusal:
            yield place, row_no, refusal
            continue
        if fields:
            yield place, row_no, (urn, reference, fields)


def _still(now: rules.Described, fields: Sequence[FieldChange], *, undo: bool) -> bool:
    return all(now.text(one.field) == (one.after if undo else one.before) for one in fields)


def _with(now: rules.Described, values: Mapping[str, str]) -> rules.Described:
    return rules.Described(
        values.get("title", now.title),
        dt.date.fromisoformat(values["formed_date"]) if "formed_date" in values else now.formed_date,
        int(values.get("paper_pages", now.paper_pages)),
    )
