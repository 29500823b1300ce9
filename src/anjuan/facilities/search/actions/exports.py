"""Taking a list of records out (导出检索结果): asked for with a purpose, made as a job, told in the register.

The file is made in parts. A part is written whole or not at all, and written again it is the same; the file itself
comes into being by one renaming, so that whoever is killed, or finds the disk full, leaves no half file.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.search import queries, rules
from anjuan.facilities.search.backends import writing
from anjuan.facilities.search.models import Export
from anjuan.facilities.search.queries import exported, kept
from anjuan.facilities.search.queries.finding import find
from anjuan.facilities.search.rules import ExportColumn, ExportForm, Order
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules

EXPORTING = "EXPORT_LIST"
MOST_PDF_ROWS = 2_000  # set in type in one go, some seconds


def export_list(
    *,
    occasion: Occasion,
    asked: str,
    order: Order,
    purpose: str,
    form: ExportForm,
    columns: Sequence[ExportColumn],
    shows_numbers: bool = False,
) -> str:
    """Take out what a question finds, as a job (导出). Returns the export's uid.

    Args:
        occasion: who, and when.
        asked: the question.
        order: of the rows.
        purpose: what for; it stands in the journal and on the list.
        form: of the file.
        columns: what is said of each record.
        shows_numbers: whether numbers of persons are said whole.

    Raises:
        A-001: no post of the actor may take lists out, or numbers whole.
        R-010: no purpose is given.
        X-001 to X-008: the question cannot be read.
        X-013: it finds nothing.
        X-014: it finds more rows than the post may take out, or than a PDF holds.
        X-018: no column is chosen.

    Standard: 个人信息保护法 (minimum); 社会保险个人权益记录管理办法 (use is recorded).

    Concurrency: the first agency's row is locked while the number is drawn: two who ask at once get two numbers.
    """
    actor = occasion.actor
    kept.may_export(actor)
    if shows_numbers and not kept.may_see_numbers(actor):
        raise Refusal("A-001", posts=kept.number_posts())
    said = record_rules.text("用途 purpose", purpose, limit=120)
    chosen = [column for column in ExportColumn if column in columns]
    if not chosen:
        raise Refusal("X-018")
    typed = " ".join(asked.split())
    wanted = queries.count_rows(actor, typed)
    if not wanted:
        raise Refusal("X-013")
    most = min(kept.row_limit(actor), MOST_PDF_ROWS if form is ExportForm.PDF else wanted)
    if wanted > most:
        raise Refusal("X-014", total=wanted, most=most)
    uid = occasion.fresh(16).hex()

    with journal.writing(occasion=occasion, act="search.export_list", unit="search:export") as line:
        serial_no = _next_no(occasion.at.year)
        Export.objects.create(
            uid=uid,
            serial_no=serial_no,
            staff_code=actor.staff_code,
            agency_path=actor.agency_path,
            asked=rules.masked(typed)[:200],
            question=typed,
            order=order.value,
            purpose=said,
            columns=[column.value for column in chosen],
            form=form.value,
            shows_numbers=shows_numbers and ExportColumn.NUMBERS in chosen,
            wanted_rows=wanted,
            asked_at=occasion.at,
        )
        jobs.open_job(
            line=line, kind=EXPORTING, reference=serial_no, agency_path=actor.agency_path, params={"export": uid}
        )
        line.unit = f"export:{serial_no}"
        line.say(
            serial_no=serial_no,
            asked=rules.masked(typed),
            purpose=said,
            form=form,
            columns=",".join(chosen),
            rows=wanted,
            numbers="WHOLE" if shows_numbers and ExportColumn.NUMBERS in chosen else "",
        )
    return uid


def make_part(*, occasion: Occasion, actor: Actor, uid: str, place: int, is_last: bool) -> None:
    """Make one part of an export, with the rights that its owner has now; the last one makes the file (导出一段).

    Args:
        occasion: the worker's own.
        actor: whose export it is, as his posts stand today.
        uid: the export.
        place: which part, from 0.
        is_last: whether the file is made.

    Raises:
        A-001: his post was taken from him meanwhile.
        R-009: there is no such export.
        X-013: it was cleared, or the part before is not there: it is asked for anew.
        X-017: the disk has no room.
    """
    row = kept.export_by_uid(uid)
    if row is None:
        raise Refusal("R-009", what=f"导出 export {uid[:8]}")
    if row.made_at is not None:
        return  # a killed worker's chunk is done again
    if not row.question:
        raise Refusal("X-013")
    kept.export_for(actor, uid)
    folder = kept.export_folder(uid)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / f"{place:06}.part"
        if not part.exists():
            _put(part, json.dumps(_part(actor, row, folder, place, is_last=is_last), ensure_ascii=False).encode())
        if is_last:
            _finish(occasion, actor, row, folder)
    except OSError as fault:
        raise Refusal("X-017", reason=os.strerror(fault.errno) if fault.errno else type(fault).__name__) from fault


def _part(actor: Actor, row: Export, folder: Path, place: int, *, is_last: bool) -> Mapping[str, Any]:
    after = ""
    if place:
        before = folder / f"{place - 1:06}.part"
        if not before.exists():
            raise Refusal("X-013")
        after = json.loads(before.read_bytes())["following"]
        if not after:
            return {"rows": [], "following": ""}
    columns = [ExportColumn(column) for column in row.columns]
    most = kept.row_limit(actor)
    rows: list[Sequence[str]] = []
    while True:
        result = find(
            actor, row.question, order=Order(row.order), after=after, page_items=exported.PART_ROWS, explains=False
        )
        if not result.is_index_whole:
            raise Refusal("X-010")
        items = [] if after else [item for hit in result.persons for item in hit.items]
        unique = list({item.urn: item for item in (*items, *result.items)}.values())
        rows += exported.cells(unique, columns, shows_numbers=row.shows_numbers)
        after = result.following
        # What was registered since it was counted comes with the last part, as far as the post may.
        if not is_last or not after or len(rows) + place * exported.PART_ROWS >= most:
            return {"rows": rows[:most], "following": after}


def _finish(occasion: Occasion, actor: Actor, row: Export, folder: Path) -> None:
    rows = [cells for part in sorted(folder.glob("*.part")) for cells in json.loads(part.read_bytes())["rows"]]
    rows = rows[: kept.row_limit(actor)]
    columns = [ExportColumn(column) for column in row.columns]
    label = exported.label(row, who=f"{actor.name}（{actor.staff_code}）", rows=len(rows))
    octets = writing.written(ExportForm(row.form), columns, rows, label, at=row.asked_at, practice=settings.PRACTICE)
    _put(kept.export_file(row), octets)
    digest = hashlib.sha256(octets).hexdigest()

    finish_export(occasion=occasion, uid=row.uid, rows=len(rows), size_bytes=len(octets), sha256=digest)


def finish_export(*, occasion: Occasion, uid: str, rows: int, size_bytes: int, sha256: str) -> None:
    """Note that the file of an export lies there: how many rows, and its digest (导出完成).

    Concurrency: of two workers that made it, one notes it.
    """
    row = Export.objects.filter(uid=uid, made_at=None).first()
    if row is None:
        return
    with journal.writing(occasion=occasion, act="search.finish_export", unit=f"export:{row.serial_no}") as line:
        Export.objects.filter(uid=uid, made_at=None).update(
            made_rows=rows, size_bytes=size_bytes, sha256=sha256, made_at=occasion.at
        )
        line.say(serial_no=row.serial_no, rows=rows, sha256=sha256)
    for part in kept.export_folder(uid).glob("*.part"):
        part.unlink(missing_ok=True)


def stop_export(*, occasion: Occasion, uid: str) -> None:
    """Stop an export that is being made (停止导出); what there is of it is cleared with the rest.

    Raises:
        R-009: there is none, or it is another's.
        Y-003: it is made, or stopped already.
    """
    row = kept.export_for(occasion.actor, uid)
    jobs.cancel(occasion=occasion, uid=kept.job_of(row))


def forget_question(*, uid: str) -> None:
    """Forget what was typed for an export whose files are cleared: the register has it masked (清除检索词)."""
    Export.objects.filter(uid=uid).exclude(question="").update(question="")


def _put(path: Path, octets: bytes) -> None:
    partial = path.with_suffix(f".{os.getpid()}")
    try:
        with partial.open("wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def _next_no(year: int) -> str:
    Agency.objects.select_for_update().order_by("pk").first()
    prefix = f"DC{year}-"
    latest = Export.objects.filter(serial_no__startswith=prefix).order_by("-serial_no").first()
    return f"{prefix}{int(latest.serial_no.rsplit('-', 1)[1]) + 1 if latest else 1:06}"
