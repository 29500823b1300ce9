"""Reviewing (审核): pass an item, or return it with its faults."""

from collections.abc import Sequence

from anjuan.core.lifecycle import Evidence
from anjuan.core.terms import Duty, Occasion, Post, Verb
from anjuan.desks.review import queries, rules
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections.rules import DUE_DAYS, RaisedFault
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries


def pass_item(*, occasion: Occasion, urn: str, counted_pages: int | None = None) -> records.Moved:
    """Pass an item: every page looked at, as many images as paper (审核通过).

    Args:
        occasion: the reviewer.
        urn: the item.
        counted_pages: paper first, the pages the reviewer counted himself.

    Raises:
        V-001: he counted another number than the counter.
        L-001 to L-006: the lifecycle table says no; L-005 when the reviewer handled the case himself.
        R-009: no such item.

    Standard: 社会保险经办条例 articles 36-38 (review of key business); S3-W12.
    """
    sheet = queries.sheet(occasion.actor, urn)
    seen = record_queries.looked_at(occasion.actor, sheet.pages)
    evidence = rules.evidence(
        pages=sheet.pages,
        seen=seen,
        paper_pages=sheet.item.paper_pages,
        route=sheet.item.route,
        counted_pages=counted_pages,
    )

    with journal.writing(occasion=occasion, act="review.pass_item", unit=urn) as line:
        moved = records.advance(line=line, urn=urn, verb=Verb.PASS_ITEM, evidence=evidence)
        closed = corrections.close_faults(line=line, urns=[urn])
        line.say(
            pages=counted_pages or len(sheet.pages), closed_faults=closed, source=moved.source, target=moved.target
        )
    return moved


def return_item(*, occasion: Occasion, urn: str, faults: Sequence[RaisedFault]) -> records.Moved:
    """Return an item to the counter with its faults and their places (退回补正).

    Raises:
        L-001 to L-006: the lifecycle table says no.
        R-009: no such item.
        R-010, W-001 to W-004, W-006, W-007: a fault cannot be kept, or none is named.
    """
    sheet = queries.sheet(occasion.actor, urn)

    with journal.writing(occasion=occasion, act="review.return_item", unit=urn) as line:
        raised = corrections.raise_faults(
            line=line,
            unit=urn,
            reference=sheet.item.reference,
            agency_path=sheet.item.agency_path,
            state=sheet.item.state,
            places={urn: {component.pk: component.page_count for component in sheet.components}},
            faults=faults,
        )
        moved = records.advance(line=line, urn=urn, verb=Verb.RETURN_ITEM, evidence=frozenset({Evidence.FAULT}))
        notices.notify(
            line=line,
            kind=NoticeKind.ITEM_RETURNED,
            unit=urn,
            reference=sheet.item.reference,
            agency_path=sheet.item.agency_path,
            post=Post.HANDLER,
            staff=record_queries.duties_of(urn).get(Duty.HANDLED, ()),
            within_days=DUE_DAYS,
            count=raised,
        )
        line.say(source=moved.source, target=moved.target)
    return moved
