"""Drawing form templates, putting their editions into use, and laying them over pages (表单模板).

Templates are rules of the house: who keeps these draws them. How a template lies on a page is no record, as readings
are none: it is found again.
"""

import base64
import datetime as dt
import json
import zoneinfo
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from anjuan.core import canonical
from anjuan.core.reading.laying import lay
from anjuan.core.reading.templates import (
    FORMAT,
    FORMAT_VERSION,
    LONGEST_NAME,
    MOST_FILE_BYTES,
    FormShape,
    Laid,
    as_kept,
    lacking,
    shape_from,
)
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.reading import actions as reading
from anjuan.facilities.reading import queries
from anjuan.facilities.reading.actions.laying import lay_page
from anjuan.facilities.reading.backends.inking import inks_by
from anjuan.facilities.reading.backends.residents import NoAnswer
from anjuan.facilities.reading.models import FormBlank, FormEdition, FormTemplate
from anjuan.facilities.reading.queries import PageToRead, templates
from anjuan.foundation.accounts.queries import archive_path
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.actions import permit
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow

LAY_JOB = "LAY_TEMPLATE"
Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def open_template(*, occasion: Occasion, step_code: str, material_code: str, name: str) -> int:
    """Begin a template for a form of a material list (新建表单模板): its first edition is a draft. Returns its key.

    Raises:
        A-001: only who keeps the rules of the house draws templates.
        H-004: there is no such step; H-005 no such material of it.
        Y-083: the name is empty or too long, or another template of this form bears it.
    """
    permit(occasion)
    schedule.step(step_code).material(material_code)
    return _opened(occasion, step_code, material_code, _named(name), FormShape(), "")


def take_template(*, occasion: Occasion, step_code: str, material_code: str, name: str, content: bytes) -> int:
    """Take in a template that another house drew (导入表单模板) as a draft to be looked at. Returns its key.

    Args:
        occasion: who does.
        step_code: for which step.
        material_code: for which of its materials.
        name: what it is called here; empty for as in the file.
        content: the file, JSON.

    Raises:
        A-001, H-004, H-005, Y-083: as `open_template`.
        Y-080: it is no such file, or what it says cannot be.
    """
    permit(occasion)
    schedule.step(step_code).material(material_code)
    told, shape = _file(content)
    file_name = told.get("name", "")
    named = _named(name.strip() or (file_name if isinstance(file_name, str) else ""))
    return _opened(occasion, step_code, material_code, named, shape, "")


def draft_edition(*, occasion: Occasion, template: int, edition: int) -> int:
    """Begin the next edition of a template from one of its editions (起草新版). Returns its number.

    Raises:
        A-001: only who keeps the rules of the house draws templates.
        R-009: there is no such template or edition.
        Y-085: one is being drawn already.

    Concurrency: of two who begin at once the second is refused.
    """
    permit(occasion)
    known = templates.template(template, _today(occasion))
    before = known.edition(edition)

    with journal.writing(occasion=occasion, act="reading.draft_edition", unit=f"template:{template}") as line:
        FormTemplate.objects.select_for_update().get(pk=template)
        if FormEdition.objects.filter(template_id=template, adopted_at=None, withdrawn_at=None).exists():
            raise Refusal("Y-085", name=known.name)
        number = 1 + max(FormEdition.objects.filter(template_id=template).values_list("edition", flat=True))
        FormEdition.objects.create(
            template_id=template,
            edition=number,
            shape=as_kept(before.shape),
            sample=dict(before.sample),
            changed_at=occasion.at,
        )
        line.say(name=known.name, edition=number, of=edition)
    return number


def revise_edition(
    *,
    occasion: Occasion,
    template: int,
    edition: int,
    seen_at: dt.datetime,
    shape: object,
    note: str,
    sample: Mapping[str, int],
) -> dt.datetime:
    """Save what was drawn (保存模板草稿). Returns when, by which the next save says what it saw.

    Args:
        occasion: who draws.
        template: which template.
        edition: its draft.
        seen_at: when the draft that was drawn on had been changed last.
        shape: as `core.reading.templates.shape_from` takes it.
        note: what is to be known of the edition.
        sample: the page it is drawn on: component and page, or the blank that was sent; empty for none.

    Raises:
        A-001: only who keeps the rules of the house draws templates.
        L-001: somebody changed it meanwhile.
        R-009: there is no such template, edition or sample page, or he may not see that.
        Y-080: the shape cannot be one.
        Y-082: the edition is no draft any more.
    """
    permit(occasion)
    known = templates.template(template, _today(occasion))
    row = known.edition(edition)
    if row.state != "DRAFT":
        raise Refusal("Y-082", name=known.name, edition=edition)
    drawn = shape_from(shape)
    kept = _sample(occasion, template, sample)
    note = _plain_note(note)

    with journal.writing(occasion=occasion, act="reading.revise_edition", unit=f"template:{template}") as line:
        rows = FormEdition.objects.filter(pk=row.pk, adopted_at=None, withdrawn_at=None, changed_at=seen_at)
        if rows.update(shape=as_kept(drawn), note=note, sample=kept, changed_at=occasion.at) != 1:
            raise Refusal("L-001", reference=known.name)
        line.say(
            name=known.name, edition=edition, anchors=len(drawn.anchors), boxes=len(drawn.boxes), digest=_digest(drawn)
        )
    return occasion.at


def adopt_edition(*, occasion: Occasion, template: int, edition: int, seen_at: dt.datetime, since_date: dt.date) -> str:
    """Put a drawn edition into use for what is formed from a day on (启用模板). Returns the job that lays it.

    Pages that were read already are laid by a job; pages that come later when they are read. The edition before it
    stays for pages formed before that day.

    Args:
        occasion: who keeps the rules.
        template: which template.
        edition: its draft.
        seen_at: when the draft that was seen had been changed last.
        since_date: first day of forming.

    Returns:
        The job's uid; empty where no page of this material was read yet.

    Raises:
        A-001: only who keeps the rules of the house puts them into use.
        L-001: somebody changed it meanwhile.
        R-009: there is no such template or edition.
        Y-002: an older edition is still being laid.
        Y-081: something is lacking: anchors, their spread, boxes.
        Y-082: the edition is no draft any more.
        Y-084: the day is before that of an edition already in use.
    """
    permit(occasion)
    known = templates.template(template, _today(occasion))
    row = known.edition(edition)
    if row.state != "DRAFT":
        raise Refusal("Y-082", name=known.name, edition=edition)
    if found := lacking(row.shape):
        raise Refusal("Y-081", name=known.name, what="、".join(LACKING[one] for one in found))
    latest = max((one.since_date for one in known.editions if one.since_date and not one.withdrawn_at), default=None)
    if latest is not None and since_date < latest:
        raise Refusal("Y-084", since=since_date.isoformat(), latest=latest.isoformat())

    with journal.writing(occasion=occasion, act="reading.adopt_edition", unit=f"template:{template}") as line:
        rows = FormEdition.objects.filter(pk=row.pk, adopted_at=None, withdrawn_at=None, changed_at=seen_at)
        if rows.update(adopted_at=occasion.at, since_date=since_date, changed_at=occasion.at) != 1:
            raise Refusal("L-001", reference=known.name)
        uid = jobs.open_job(
            line=line,
            kind=LAY_JOB,
            reference=f"{known.name} {edition}",
            agency_path=archive_path(),
            params={"edition": row.pk, "step": known.step_code, "material": known.material_code},
        )
        line.say(name=known.name, edition=edition, since_date=since_date, digest=_digest(row.shape), job=uid)
    return uid


LACKING: Mapping[str, str] = {
    "ANCHORS": "定位词不足 4 个 fewer than 4 anchors",
    "SPREAD": "定位词挤在一处 anchors too close together",
    "BOXES": "没有画框 no box",
}


def withdraw_edition(*, occasion: Occasion, template: int, edition: int) -> None:
    """Use an edition no more, or drop a draft (停用模板、放弃草稿); what it said stays on record.

    Pages that it fitted are judged by the edition before it, or by their labels, from now on.

    Raises:
        A-001: only who keeps the rules of the house does this.
        R-009: there is no such template or edition.
        Y-082: it is withdrawn already.
    """
    permit(occasion)
    known = templates.template(template, _today(occasion))
    row = known.edition(edition)

    with journal.writing(occasion=occasion, act="reading.withdraw_edition", unit=f"template:{template}") as line:
        rows = FormEdition.objects.filter(pk=row.pk, withdrawn_at=None)
        if rows.update(withdrawn_at=occasion.at, changed_at=occasion.at) != 1:
            raise Refusal("Y-082", name=known.name, edition=edition)
        line.say(name=known.name, edition=edition, was=row.state)


def send_blank(*, occasion: Occasion, template: int, path: Path) -> int:
    """Send an empty form to draw a template on (上传空白样张); it is drawn anew, and read. Returns its key.

    It is an aid and no record: nothing is journaled.

    Args:
        occasion: who does.
        template: which template.
        path: the file as it came.

    Raises:
        A-001: only who keeps the rules of the house draws templates.
        M-001 to M-009: the file is none that can be opened.
        R-009: there is no such template.
        Y-086: it cannot be read, or the reader is busy.
    """
    permit(occasion)
    templates.template(template, _today(occasion))
    known = formats.characterise(path)
    if known.mime not in queries.IMAGED_MIMES:
        raise Refusal("Y-086", what=known.mime)
    with reading._pool().one_if_free() as reader:
        if reader is None:
            raise Refusal("Y-086", what="识读进程正忙 the reader is busy")
        try:
            told = reader.ask({"task": "blank", "path": str(path), "page": 1}, reading.WITHIN_SECONDS)
        except NoAnswer as error:
            raise Refusal("Y-086", what=path.suffix) from error
    if told.get("unread"):
        raise Refusal("Y-086", what=str(told["unread"]))
    return FormBlank.objects.create(
        template_id=template,
        image=base64.b64decode(told["picture"]),
        width=told["width"],
        height=told["height"],
        width_mm=told["width_mm"],
        lines=told["lines"],
        sent_at=occasion.at,
    ).pk


def lay_read_page(*, page: PageToRead) -> None:
    """Lay the templates of its material over a page that was read before (按新模板套版).

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed.
    """
    with formats.open_content(page.urn, page.sha512) as stream:
        lay_page(page=page, formbook=templates.formbook(), reader=reading._pool().one, path=stream.name)


def try_on(*, shape: FormShape, name: str, edition: int, row: ComponentRow, page: int) -> Laid | None:
    """Lay a shape over one page without keeping anything (试套).

    Where the reader is busy, ink is not looked for, and boxes without words stay unsure.

    Args:
        shape: what is drawn.
        name: of the template.
        edition: its number.
        row: the file, which the asking person may see.
        page: from 1; one that was read.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed.
    """
    known = templates.reading_of(row.sha512, page)
    if known is None:
        return None
    lines, turn = known
    with formats.open_content(row.item_urn, row.sha512) as stream:
        inks = inks_by(reading._pool().one_if_free, stream.name, page, turn)
        return lay(
            shape, name=name, edition=edition, lines=lines, aspect=templates.aspect_of(row, page, turn), inks=inks
        )


def _opened(occasion: Occasion, step_code: str, material_code: str, name: str, shape: FormShape, note: str) -> int:
    with journal.writing(occasion=occasion, act="reading.open_template", unit="template:new") as line:
        if FormTemplate.objects.filter(step_code=step_code, material_code=material_code, name=name).exists():
            raise Refusal("Y-083", name=name)
        try:
            row = FormTemplate.objects.create(
                step_code=step_code, material_code=material_code, name=name, opened_at=occasion.at
            )
        except IntegrityError as error:  # of two who begin at once
            raise Refusal("Y-083", name=name) from error
        FormEdition.objects.create(template=row, edition=1, shape=as_kept(shape), note=note, changed_at=occasion.at)
        line.unit = f"template:{row.pk}"
        line.say(step=step_code, material=material_code, name=name, digest=_digest(shape) if shape.boxes else "")
    return row.pk


def _file(content: bytes) -> tuple[Mapping[str, Any], FormShape]:
    if len(content) > MOST_FILE_BYTES:
        raise Refusal("Y-080", what=f"文件大于 {MOST_FILE_BYTES >> 10} KiB too large")
    try:
        told = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal("Y-080", what="JSON") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT or told.get("version") != FORMAT_VERSION:
        raise Refusal("Y-080", what=f"format {FORMAT} {FORMAT_VERSION}")
    return told, shape_from(told)


def _no_number(text: str) -> float:
    raise ValueError(text)


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise Refusal("Y-083", name=plain[:LONGEST_NAME] or "—")
    return plain


def _plain_note(note: str) -> str:
    plain = " ".join(note.split())
    if len(plain) > 120 or not (plain.isprintable() or not plain):
        raise Refusal("Y-080", what="说明 note (≤ 120)")
    return plain


def _sample(occasion: Occasion, template: int, sample: Mapping[str, int]) -> dict[str, int]:
    if not sample:
        return {}
    if "blank" in sample:
        return {"blank": templates.blank(template, int(sample["blank"])).pk}
    row = records.get_component_for(occasion.actor, int(sample["component"]))
    page = int(sample["page"])
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    return {"component": row.pk, "page": page}


def _digest(shape: FormShape) -> str:
    return canonical.digest(json.dumps(as_kept(shape), ensure_ascii=True, sort_keys=True))


def _today(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
