"""Form templates as they stand, which are in use, what they say of pages (表单模板). Rights are judged by who asks."""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.reading.pages import VERSION, Line, lines_from
from anjuan.core.reading.said import said_from
from anjuan.core.reading.templates import (
    FORMAT,
    FORMAT_VERSION,
    FormShape,
    InUse,
    Laid,
    as_kept,
    best,
    held_on,
    laid_from,
    shape_from,
)
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.reading.models import FormBlank, FormEdition, FormTemplate, PageLay, PageReading
from anjuan.facilities.reading.queries import IMAGED_MIMES, PageToRead, Place
from anjuan.records.queries import materials
from anjuan.records.rows import ComponentRow

_AT_ONCE = 5_000  # digests of one query
_PRACTICE = 300  # files looked through for pages to try a template on
Form = tuple[str, str]  # step and material


@dataclass(frozen=True)
class EditionRow:
    """One edition as pages see it.

    Attributes:
        state: DRAFT, IN_USE, TO_COME, REPLACED or WITHDRAWN.
        sample: where its sample page is: component and page, or a blank that was sent; empty for none.
    """

    pk: int
    edition: int
    state: str
    shape: FormShape
    note: str
    sample: Mapping[str, int]
    changed_at: dt.datetime
    since_date: dt.date | None
    adopted_at: dt.datetime | None
    withdrawn_at: dt.datetime | None


@dataclass(frozen=True)
class TemplateRow:
    """A template with its editions, the newest first."""

    pk: int
    step_code: str
    material_code: str
    name: str
    editions: tuple[EditionRow, ...]

    @property
    def draft(self) -> EditionRow | None:
        """What is being drawn, if anything is."""
        return next((one for one in self.editions if one.state == "DRAFT"), None)

    @property
    def in_use(self) -> EditionRow | None:
        """The edition for what is formed today."""
        return next((one for one in self.editions if one.state == "IN_USE"), None)

    def edition(self, number: int) -> EditionRow:
        """One edition.

        Raises:
            R-009: there is none of this number.
        """
        found = next((one for one in self.editions if one.edition == number), None)
        if found is None:
            raise Refusal("R-009", what=f"{self.name} {number}")
        return found


@dataclass(frozen=True)
class BlankRow:
    """An empty form that was sent to draw on."""

    pk: int
    template: int
    width: int
    height: int
    width_mm: float
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Formbook:
    """Editions that are in use, by step and material."""

    editions: Mapping[Form, tuple[InUse, ...]]

    def of(self, step_code: str, material_code: str) -> tuple[InUse, ...]:
        """Those of one material."""
        return self.editions.get((step_code, material_code), ())

    def laid_of(self, digests: Collection[str]) -> Mapping[Place, Mapping[int, Laid]]:
        """What templates that fit say of pages, by digest and page, then by edition; a query for 5,000 files."""
        found: dict[Place, dict[int, Laid]] = {}
        wanted = sorted(set(digests))
        for first in range(0, len(wanted), _AT_ONCE):
            rows = PageLay.objects.filter(sha512__in=wanted[first : first + _AT_ONCE]).exclude(laid={})
            for sha512, page, edition, laid in rows.values_list("sha512", "page_no", "edition_id", "laid"):
                found.setdefault((sha512, page), {})[edition] = laid_from(laid)
        return found

    def best_of(self, form: Form, day: dt.date, laid: Mapping[int, Laid]) -> Laid | None:
        """Which template is a page's own, if any: of those of its material that held on its day and fit it."""
        if not laid:
            return None
        return best([(one, laid[one.pk]) for one in held_on(self.of(*form), day) if one.pk in laid])


def formbook() -> Formbook:
    """All editions in use; one query, without what is drawn on them."""
    found: dict[Form, list[InUse]] = {}
    rows = FormEdition.objects.exclude(adopted_at=None).filter(withdrawn_at=None).order_by("id")
    for pk, template, step, material, edition, since in rows.values_list(
        "pk", "template_id", "template__step_code", "template__material_code", "edition", "since_date"
    ):
        if since is not None:
            found.setdefault((step, material), []).append(InUse(pk, template, edition, since))
    return Formbook({form: tuple(editions) for form, editions in found.items()})


def shapes_of(editions: Collection[int]) -> Mapping[int, tuple[str, int, FormShape]]:
    """What is drawn in editions: the template's name, the edition's number, the shape."""
    rows = FormEdition.objects.filter(pk__in=sorted(editions))
    return {
        pk: (name, number, shape_from(shape))
        for pk, name, number, shape in rows.values_list("pk", "template__name", "edition", "shape")
    }


def templates(today: dt.date) -> list[TemplateRow]:
    """All templates with their editions; two queries."""
    editions: dict[int, list[FormEdition]] = {}
    for row in FormEdition.objects.order_by("template_id", "-edition"):
        editions.setdefault(row.template_id, []).append(row)
    return [
        _row(row, editions.get(row.pk, ()), today)
        for row in FormTemplate.objects.order_by("step_code", "material_code", "name")
    ]


def template(pk: int, today: dt.date) -> TemplateRow:
    """One template.

    Raises:
        R-009: there is none.
    """
    row = FormTemplate.objects.filter(pk=pk).first()
    if row is None:
        raise Refusal("R-009", what=f"#{pk}")
    return _row(row, list(FormEdition.objects.filter(template=row).order_by("-edition")), today)


def blank(template_pk: int, pk: int) -> BlankRow:
    """An empty form that was sent for a template.

    Raises:
        R-009: there is none.
    """
    row = FormBlank.objects.filter(pk=pk, template_id=template_pk).defer("image").first()
    if row is None:
        raise Refusal("R-009", what=f"#{pk}")
    return BlankRow(row.pk, row.template_id, row.width, row.height, row.width_mm, lines_from(row.lines))


def blank_image(template_pk: int, pk: int) -> bytes:
    """Its picture, PNG.

    Raises:
        R-009: there is none.
    """
    image = FormBlank.objects.filter(pk=pk, template_id=template_pk).values_list("image", flat=True).first()
    if image is None:
        raise Refusal("R-009", what=f"#{pk}")
    return bytes(image)


def reading_of(sha512: str, page: int) -> tuple[tuple[Line, ...], int] | None:
    """The words of a page and how far its image is turned to stand upright; none where it was not read."""
    row = PageReading.objects.filter(sha512=sha512, page_no=page).first()
    if row is None:
        return None
    said = said_from(row.said)
    return (lines_from(row.lines), said.turn) if said.is_read else None


def read_of_material(step_code: str, material_code: str, key: str, limit: int) -> list[PageToRead]:
    """The next pages of a material that were read, after a key of `page_key`: what a new template is laid over."""
    component, _, number = key.partition("/")
    after, page_after = (int(component), int(number)) if key else (0, 0)
    found: list[PageToRead] = []
    start = after - 1
    while len(found) < limit:
        files = materials.files_of_material(step_code, material_code, IMAGED_MIMES, start, limit)
        if not files:
            break
        start = files[-1][0]
        done: dict[str, list[int]] = {}
        rows = PageReading.objects.filter(sha512__in={sha512 for _, _, sha512 in files}, version=VERSION)
        for sha512, page in rows.values_list("sha512", "page_no").order_by("page_no"):
            done.setdefault(sha512, []).append(page)
        for pk, urn, sha512 in files:
            found += [
                PageToRead(pk, urn, sha512, page) for page in done.get(sha512, ()) if (pk, page) > (after, page_after)
            ]
    return found[:limit]


def page_key(page: PageToRead) -> str:
    """A page's key in the order of its file."""
    return f"{page.component_pk:012}/{page.page_no:06}"


def count_pages(step_code: str, material_code: str) -> int:
    """How many pages of files of a material there are, read or not."""
    return materials.count_pages_of_material(step_code, material_code, IMAGED_MIMES)


def pages_to_try(actor: Actor, step_code: str, material_code: str, most: int) -> list[tuple[ComponentRow, int]]:
    """The newest pages of a material that the actor may see and that were read."""
    rows = materials.newest_files_of(actor, step_code, material_code, IMAGED_MIMES, _PRACTICE)
    done: dict[str, list[int]] = {}
    kept = PageReading.objects.filter(sha512__in={row.sha512 for row in rows})
    for sha512, page in kept.values_list("sha512", "page_no").order_by("page_no"):
        done.setdefault(sha512, []).append(page)
    return [(row, page) for row in rows for page in done.get(row.sha512, ())][:most]


def aspect_of(row: ComponentRow, page: int, turn: int) -> float:
    """Height by width of a page as it stands upright."""
    width, height, _ = row.pages[page - 1]
    upright = (height, width) if turn % 180 else (width, height)
    return upright[1] / max(1, upright[0])


def template_file(row: TemplateRow, edition: int) -> bytes:
    """An edition as a file for other houses (导出表单模板): JSON, without any image and without anybody's data."""
    chosen = row.edition(edition)
    told = {"format": FORMAT, "version": FORMAT_VERSION, "name": row.name, "note": chosen.note}
    return (json.dumps(told | as_kept(chosen.shape), ensure_ascii=False, indent=1) + "\n").encode()


def _row(row: FormTemplate, editions: Sequence[FormEdition], today: dt.date) -> TemplateRow:
    in_use = [
        InUse(one.pk, row.pk, one.edition, one.since_date)
        for one in editions
        if one.adopted_at and one.withdrawn_at is None and one.since_date
    ]
    held = held_on(in_use, today)
    present = held[0].pk if held else 0

    def state(one: FormEdition) -> str:
        if one.withdrawn_at is not None:
            return "WITHDRAWN"
        if one.adopted_at is None:
            return "DRAFT"
        if one.pk == present:
            return "IN_USE"
        return "TO_COME" if one.since_date and one.since_date > today else "REPLACED"

    return TemplateRow(
        row.pk,
        row.step_code,
        row.material_code,
        row.name,
        tuple(
            EditionRow(
                one.pk,
                one.edition,
                state(one),
                shape_from(one.shape),
                one.note,
                one.sample,
                one.changed_at,
                one.since_date,
                one.adopted_at,
                one.withdrawn_at,
            )
            for one in editions
        ),
    )
