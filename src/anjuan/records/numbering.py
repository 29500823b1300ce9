"""How a fonds is numbered: its template, its categories, what stands, and what would come next (档号规则)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max

from anjuan.core import arrangement, refcode
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Classification, InsuranceLine
from anjuan.records.models import Category, Fonds, Volume
from anjuan.records.rules import Numbered, check_numbering


@dataclass(frozen=True)
class CategoryRow:
    """A category of a fonds, and how what belongs there is arranged."""

    code: str
    name: str
    arrangement: Arrangement
    volumes: int


@dataclass(frozen=True)
class FondsRow:
    """A fonds as pages see it."""

    code: str
    name: str
    agency_code: str
    agency_path: str
    template: str
    classification: Classification
    categories: tuple[CategoryRow, ...]

    @property
    def names_agency(self) -> bool:
        """Whether its numbers say which agency made the volume, and so survive the accession."""
        return "{agency}" in self.template


@dataclass(frozen=True)
class NextCode:
    """The code that the next volume of a category would get."""

    category: CategoryRow
    agency_code: str
    code: str
    item_code: str


def fonds_rows() -> list[FondsRow]:
    """Every fonds with its categories, by code; three queries."""
    counted = dict(Volume.objects.values_list("category_id").annotate(count=Count("id")).order_by("category_id"))
    categories: dict[int, list[CategoryRow]] = {}
    for row in Category.objects.order_by("fonds_id", "code"):
        kept = CategoryRow(row.code, row.name, Arrangement(row.arrangement), counted.get(row.pk, 0))
        categories.setdefault(row.fonds_id, []).append(kept)
    return [
        FondsRow(
            code=row.code,
            name=row.name,
            agency_code=row.agency.code,
            agency_path=row.agency.path,
            template=row.numbering_template,
            classification=Classification(row.classification),
            categories=tuple(categories.get(row.pk, ())),
        )
        for row in Fonds.objects.select_related("agency").order_by("code")
    ]


def fonds_row(code: str) -> FondsRow:
    """One fonds.

    Raises:
        R-009: there is none.
    """
    for row in fonds_rows():
        if row.code == code:
            return row
    raise Refusal("R-009", what=f"全宗 fonds {code}")


def numbered(fonds_code: str) -> Iterator[Numbered]:
    """Every volume of a fonds that has its number; one query, row by row."""
    rows = Volume.objects.filter(fonds__code=fonds_code, volume_no__isnull=False).order_by("id")
    for code, kind, category, year, agency, line, number in rows.values_list(
        "reference_code", "arrangement", "category__code", "year", "agency__code", "insurance_line", "volume_no"
    ).iterator(chunk_size=2000):
        values = _values(fonds_code, category, year, agency, line)
        yield Numbered(code or "", Arrangement(kind), {**values, "volume": number})


def widest_item(fonds_code: str) -> Mapping[Arrangement, int]:
    """The highest item number by arrangement kind, in volumes that have their number."""
    rows = (
        Volume.objects.filter(fonds__code=fonds_code, volume_no__isnull=False)
        .values_list("arrangement")
        .annotate(most=Max("item_count"))
        .order_by("arrangement")
    )
    return {Arrangement(kind): most or 0 for kind, most in rows}


def rules_of(template: str) -> Mapping[Arrangement, tuple[refcode.Template, refcode.Template]]:
    """The templates of volumes and items by arrangement kind.

    Raises:
        F-001, F-002: one is malformed or ambiguous.
    """
    return {code: arrangement.templates(kind, template) for code, kind in arrangement.kinds().items()}


def may_number(fonds_code: str, template: str) -> None:
    """Whether a fonds may go over to a template, given every number that stands.

    Raises:
        F-001, F-002: it is malformed or ambiguous.
        F-041 to F-043: two numbers would be equal, one would not fit, or one be read as another.
    """
    new = rules_of(template)
    check_numbering({kind: volume for kind, (volume, _) in new.items()}, numbered(fonds_code))
    for kind, most in widest_item(fonds_code).items():
        width = next((token.width for token in new[kind][1].tokens() if token.name == "item"), None)
        if width is not None and most >= 10**width:
            raise Refusal("F-042", code=f"{fonds_code} {most}", template=new[kind][1].text, reason=f"{most}")


def next_codes(row: FondsRow, *, template: str, agency_codes: Sequence[str], year: int) -> list[NextCode]:
    """What the next volume of each category would be called at each of these agencies; one query.

    Raises:
        F-001, F-002, F-004: the template is malformed, ambiguous, or too narrow.
    """
    rules = rules_of(template)
    highest: dict[tuple[str, str, str, str], int] = {}
    standing = Volume.objects.filter(fonds__code=row.code, year=year, volume_no__isnull=False)
    for category, kind, agency, line, most in (
        standing.values_list("category__code", "arrangement", "agency__code", "insurance_line")
        .annotate(most=Max("volume_no"))
        .order_by("category__code", "arrangement", "agency__code", "insurance_line")
    ):
        highest[category, kind, agency, line] = most
    found = []
    for category_row in row.categories:
        volume_rule, item_rule = rules[category_row.arrangement]
        names = {token.name for token in volume_rule.tokens()}
        for agency_code in agency_codes:
            line = InsuranceLine.ALL.value
            number = 1 + max(
                (
                    most
                    for (category, kind, agency, of_line), most in highest.items()
                    if (category, kind) == (category_row.code, category_row.arrangement)
                    and ("agency" not in names or agency == agency_code)
                    and ("line" not in names or of_line == line)
                ),
                default=0,
            )
            values = {**_values(row.code, category_row.code, year, agency_code, line), "volume": number}
            item = refcode.compose(item_rule, "item", {**values, "item": 1}) if _has_items(item_rule) else ""
            found.append(NextCode(category_row, agency_code, refcode.compose(volume_rule, "volume", values), item))
    return found


def _has_items(rule: refcode.Template) -> bool:
    return any(token.name == "item" for token in rule.tokens())


def _values(fonds: str, category: str, year: int, agency: str, line: str) -> dict[str, str | int]:
    return {
        "fonds": fonds,
        "category": category,
        "year": str(year),
        "agency": agency,
        "line": arrangement.LINE_CODES[InsuranceLine(line)],
    }
