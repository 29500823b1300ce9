from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.desks.rulebook import queries
from anjuan.desks.rulebook.queries import categories
from anjuan.foundation.accounts import occasions

router = Router(tags=["rulebook"])


class CollectedStepOut(Schema):
    """A step of a category: what it must collect, within how many days it is filed, and under which row."""

    code: str
    name: str
    filing_days: int
    required: list[str]
    rule: str
    term: str


class ArrangedFondsOut(Schema):
    """How a fonds arranges a category, and the number that its next volume would get."""

    fonds_code: str
    arrangement: str
    shares: list[str]
    next_code: str


class CategoryTermOut(Schema):
    """A row of the table in force: how long records under it are kept."""

    item_no: str
    material_name: str
    term: str
    is_confirmed: bool


class CategoryRulesOut(Schema):
    """The rules of a category by stage: collect, arrange, keep, hand over, store."""

    code: str
    name: str
    collect: list[CollectedStepOut]
    arrange: list[ArrangedFondsOut]
    agency_days: int
    legacy_days: int
    transfer_due: str
    store: list[CategoryTermOut]


@router.get("/rulebook/categories", response=list[CategoryRulesOut], operation_id="rulebook_categories")
def listing(request: HttpRequest) -> list[dict[str, object]]:
    """What holds for each category at every stage, by the table and the settings in force."""
    queries.permit_rulebook(occasions.actor_of(request))
    found = categories.categories(on=occasions.today(), at=occasions.moment())
    return [
        {
            **vars(one),
            "collect": [
                {
                    "code": row.step.code,
                    "name": row.step.name,
                    "filing_days": row.step.filing_days,
                    "required": list(row.required),
                    "rule": row.rule.code if row.rule else "",
                    "term": str(row.rule.term) if row.rule else "",
                }
                for row in one.collecting
            ],
            "arrange": [
                {
                    "fonds_code": row.fonds_code,
                    "arrangement": row.kind.code,
                    "shares": list(row.facets),
                    "next_code": row.next_code,
                }
                for row in one.arranging
            ],
            "store": [
                {
                    "item_no": row.item_no,
                    "material_name": row.material_name,
                    "term": str(row.term),
                    "is_confirmed": row.is_confirmed,
                }
                for row in one.rows
            ],
        }
        for one in found
    ]
