"""What every desk's API says of records in the same words.

The description of the API knows a shape by its name alone: of two with one name it shows one and lies about the other.
"""

import datetime as dt

from ninja import Schema

from anjuan.core.refusals import Obstacle
from anjuan.records.rows import ItemRow


class ItemOut(Schema):
    """An item as lists have it."""

    urn: str
    reference: str
    acceptance_no: str
    title: str
    step_code: str
    agency_code: str
    formed_date: dt.date
    paper_pages: int
    state: str
    state_since: dt.datetime
    rule_code: str
    term: str

    @staticmethod
    def resolve_term(row: ItemRow) -> str:
        return str(row.term)


class MovedOut(Schema):
    """What a move did."""

    urn: str
    reference: str
    verb: str
    source: str
    target: str


class ObstacleOut(Schema):
    """One thing that stands in the way, in both languages."""

    code: str
    zh: str
    en: str


def obstacle_out(obstacle: Obstacle) -> ObstacleOut:
    """An obstacle as it is said."""
    said = obstacle.as_refusal()
    return ObstacleOut(code=obstacle.code, zh=said.message("zh"), en=said.message("en"))
