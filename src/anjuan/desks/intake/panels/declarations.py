"""How declarations are put together for pages and paper, for those who send them and for the desk (网上申报)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from anjuan.core.terms import SubjectKind
from anjuan.desks.intake.panels import DECLARED, ConditionLine, in_chinese, name_of
from anjuan.desks.intake.queries import declarations as queries
from anjuan.desks.intake.rules.declarations import DeclarationStatus, SentFile, Stage
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.schedule.queries import StepRow
from anjuan.foundation.schedule.rules import MaterialRow
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import address
from anjuan.foundation.web.rules import masked_id
from anjuan.foundation.web.shapes import Fact, Words
from anjuan.records.rows import ItemRow

STAGES: Mapping[Stage, Words] = {
    Stage.RECEIVED: gettext_lazy("Received: a handler looks at it"),
    Stage.RETURNED: gettext_lazy("Returned: something is to be mended"),
    Stage.ADMITTED: gettext_lazy("Accepted: it is being handled"),
    Stage.ON_FILE: gettext_lazy("Put on file"),
    Stage.ARCHIVED: gettext_lazy("Kept in the archive"),
}
WAY = (Stage.RECEIVED, Stage.ADMITTED, Stage.ON_FILE, Stage.ARCHIVED)


@dataclass(frozen=True)
class MaterialAsked:
    """A line of the material list, as it is asked for from outside."""

    row: MaterialRow
    name: str
    condition: str
    reason: str = ""  # why it came back


@dataclass(frozen=True)
class StageLine:
    """One station on the way of a declaration."""

    words: Words
    is_done: bool
    is_here: bool


@dataclass(frozen=True)
class PageOfFile:
    """A page of a declared file."""

    number: int
    thumb_url: str
    view_url: str


@dataclass(frozen=True)
class FileLine:
    """A declared file with its pages, and where the same bytes lie already."""

    file: SentFile
    pages: tuple[PageOfFile, ...]
    same_as: str
    same_url: str


@dataclass(frozen=True)
class MaterialSent:
    """A material with what was sent for it."""

    row: MaterialRow
    name: str
    files: tuple[FileLine, ...]
    reason: str


def asked(step: StepRow, returned: Mapping[str, str] | None = None) -> list[MaterialAsked]:
    """The material list of a step; of a returned declaration only what came back."""
    return [
        MaterialAsked(
            row,
            name_of(row),
            row.condition if in_chinese() else row.condition_en or row.condition,
            (returned or {}).get(row.code, ""),
        )
        for row in step.materials
        if returned is None or row.code in returned
    ]


def questions(step: StepRow, answers: Mapping[str, bool]) -> list[ConditionLine]:
    """What the material list asks of the case itself."""
    return [
        ConditionLine(place, words if in_chinese() or not english else english, words, answers.get(words))
        for place, (words, english) in enumerate(step.conditions, 1)
    ]


def way(stage: Stage) -> list[StageLine]:
    """The stations, those behind it done; one that came back stands at the first."""
    at = WAY.index(stage) if stage in WAY else 0
    found = [StageLine(STAGES[one], place < at, place == at) for place, one in enumerate(WAY)]
    if stage is Stage.RETURNED:
        found[0] = StageLine(STAGES[Stage.RETURNED], is_done=False, is_here=True)
    return found


def progress_address(number: str) -> str:
    """Where a declaration is asked about: the number, never the code."""
    return f"{settings.PUBLIC_URL}{reverse('submit:progress')}?number={number}"


def clears_on(row: queries.DeclarationRow) -> dt.date:
    """When it is cleared unless something is done about it."""
    return timezone.localtime(row.moved_at + dt.timedelta(days=settings.ANJUAN_SPOOL_DAYS)).date()


def receipt_pdf(found: queries.Progress, *, at: dt.datetime) -> bytes:
    """The receipt of a declaration as PDF (申报回执): each file with size, digest and time; always Chinese."""
    row = found.row
    names = {material.code: material.name for material in found.step.materials}
    facts = row.facts
    senders = [facts.employer.name] if facts and facts.employer else []
    if facts and facts.persons:
        first = "、".join(person.name for person in facts.persons[:3])
        senders.append(first if len(facts.persons) <= 3 else f"{first} 等 {len(facts.persons)} 人")
    return printing.print_form(
        form=FormName.DECLARATION,
        facts={
            "declaration_no": row.declaration_no,
            "agency_name": found.agency_name,
            "step_name": found.step.name,
            "sender": printable("　".join(senders)),
            "lodged_at": f"{timezone.localtime(row.lodged_at):%Y-%m-%d %H:%M:%S}",
            "file_count": str(len(row.files)),
            "page_count": str(row.pages),
            "progress_url": progress_address(row.declaration_no),
            "clears_date": clears_on(row).isoformat(),
            "rows": [
                {
                    "no": str(number),
                    "material": names.get(file.material, file.material),
                    "name": printable(file.name),
                    "size": f"{file.size_bytes:,}",
                    "sha256": file.sha256,
                    "at": f"{timezone.localtime(dt.datetime.fromisoformat(file.at)):%Y-%m-%d %H:%M:%S}",
                }
                for number, file in enumerate(row.files, 1)
            ],
        },
        at=at,
        practice=settings.PRACTICE,
    )


def printable(name: str) -> str:
    """A name with a square for each sign that our font cannot draw: a rare sign must not cost anybody his receipt."""
    while (sign := printing.undrawable(name)) is not None:
        name = name.replace(sign, "□")
    return name


# At the desk -------------------------------------------------------------------------------------------------------


def declaration_page(row: queries.DeclarationRow, step: StepRow, elsewhere: Mapping[str, ItemRow]) -> dict[str, Any]:
    """Everything the desk's page of one declaration shows."""
    words, tone = DECLARED[row.status]
    return {
        "row": row,
        "step_name": name_of(step),
        "words": words,
        "tone": tone,
        "facts": _facts(row, step),
        "materials": [
            MaterialSent(
                material,
                name_of(material),
                tuple(
                    _file(row, place, file, elsewhere)
                    for place, file in enumerate(row.files)
                    if file.material == material.code
                ),
                row.returned.get(material.code, ""),
            )
            for material in (step.materials if row.facts else ())
        ],
        "may_judge": row.status is DeclarationStatus.RECEIVED and row.facts is not None,
        "item_url": reverse("intake:item", kwargs={"urn": row.item_urn}) if row.item_urn else "",
    }


def _file(row: queries.DeclarationRow, place: int, file: SentFile, elsewhere: Mapping[str, ItemRow]) -> FileLine:
    other = elsewhere.get(file.sha512)
    return FileLine(
        file=file,
        pages=tuple(
            PageOfFile(
                number,
                *(
                    reverse(f"intake:{name}", kwargs={"uid": row.uid, "place": place, "page": number})
                    for name in ("declared_thumb", "declared_view")
                ),
            )
            for number in range(1, file.pages + 1)
        ),
        same_as=other.reference if other else "",
        same_url=address("search:item", urn=other.urn) if other else "",
    )


def _facts(row: queries.DeclarationRow, step: StepRow) -> list[Fact]:
    lines = [
        Fact(_("Declaration number"), row.declaration_no, code=True),
        Fact(_("Business step"), name_of(step)),
        Fact(_("Sent in"), f"{timezone.localtime(row.lodged_at):%Y-%m-%d %H:%M}"),
    ]
    if row.facts is None:
        return lines
    lines.append(Fact(_("Date of the record"), row.facts.formed_date.isoformat()))
    lines += [
        Fact(labels.label(SubjectKind.INSURED_PERSON), person.name, note=masked_id(person.id_number))
        for person in row.facts.persons
    ]
    if row.facts.employer:
        lines.append(
            Fact(labels.label(SubjectKind.EMPLOYER), row.facts.employer.name, note=row.facts.employer.credit_code)
        )
    lines += [
        Fact(line.words, pgettext("condition", "yes") if line.answer else pgettext("condition", "no"))
        for line in questions(step, row.facts.answers)
    ]
    return lines
