"""Pages that lie somewhere else as well: the same bytes, or what looks like the same sheet (重复页、疑似同一页)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.desks.intake.models import Likeness, Reuse
from anjuan.desks.intake.queries import Collected
from anjuan.facilities.formats import queries as formats
from anjuan.records import queries as records
from anjuan.records.models import Component, Involvement
from anjuan.records.rows import ComponentRow

YEAR = dt.timedelta(days=366)
MOST_COMPARED = 15  # files that lie there already, the newest first
MOST_SHOWN = 60

Page = tuple[str, int]  # digest of the file, page of it


@dataclass(frozen=True)
class Found:
    """A captured page that looks like another."""

    page: Page
    other_urn: str
    other: Page


@dataclass(frozen=True)
class Twin:
    """A page of an item and where it lies besides.

    Attributes:
        pk: key of what was noticed; None where the bytes are the same, of which there is nothing to ask.
        component_pk: the file of this item.
        page_no: its page.
        other_urn: the other item, or this one.
        reference: how the other item is called.
        number: the other page, counted through its item.
        other_component_pk: the other file.
        other_page_no: its page.
        is_handled: whether the actor may open the other item at the counter.
    """

    pk: int | None
    component_pk: int
    page_no: int
    other_urn: str
    reference: str
    number: int
    other_component_pk: int
    other_page_no: int
    is_handled: bool

    @property
    def is_exact(self) -> bool:
        """Whether the bytes are the same."""
        return self.pk is None


def look_alike(collected: Collected, signatures: Mapping[Page, bytes], *, at: dt.datetime) -> list[Found]:
    """Which pages that come in look like pages of the item, or of others of the same persons within a year.

    Two queries.

    Args:
        collected: the item they come into.
        signatures: of what comes in, in its order.
        at: when.
    """
    urn = collected.item.urn
    order = {digest: place for place, digest in enumerate(dict.fromkeys(digest for digest, _ in signatures))}
    concerned = Involvement.objects.filter(subject_id__in=[row.pk for row in collected.subjects]).values("item_id")
    rows = Component.objects.filter(item_id__in=concerned, superseded_at=None, captured_at__gte=at - YEAR).exclude(
        item__urn=urn
    )
    lying = [(row.sha512, urn) for row in collected.components[-MOST_COMPARED:]]
    lying += rows.order_by("-captured_at", "-pk").values_list("sha512", "item__urn")[:MOST_COMPARED]
    places = {digest: place for digest, place in reversed(lying)} | dict.fromkeys(order, urn)
    return [
        Found(page, places[other[0]], other)
        for page, other in formats.alike(signatures, places.keys())
        if order.get(other[0], -1) < order[page[0]]  # of two that come in together the later one is asked about
    ]


def twins(actor: Actor, urn: str, components: Sequence[ComponentRow]) -> list[Twin]:
    """Where the pages of an item lie besides, as far as the actor may see; five queries at most.

    What was taken over on purpose is not named, nor what was told apart.
    """
    by_digest = {row.sha512: row for row in components}
    visible = records.items_visible_to(actor)
    same = list(
        Component.objects.filter(sha512__in=by_digest, superseded_at=None, item__in=visible)
        .exclude(item__urn=urn)
        .order_by("-captured_at", "-pk")
        .values_list("item__urn", "sha512")[:MOST_SHOWN]
    )
    if same:
        reuses = Reuse.objects.filter(component__sha512__in={digest for _, digest in same})
        taken_over = set(reuses.values_list("component__item__urn", "component__sha512"))
        same = [(other, digest) for other, digest in same if not {(other, digest), (urn, digest)} & taken_over]
    near = list(
        Likeness.objects.filter(item__urn=urn, parted_at=None, sha512__in=by_digest, other_item__in=visible)
        .order_by("pk")
        .values_list("pk", "sha512", "page_no", "other_item__urn", "other_sha512", "other_page_no")[:MOST_SHOWN]
    )
    others = {other for other, _ in same} | {row[3] for row in near}
    if not others:
        return []
    where = {row.urn: row for row in records.get_items_for(actor, sorted(others))}
    lying = {other: _numbered(rows) for other, rows in records.components_of(sorted(others)).items()}

    def twin(pk: int | None, page: Page, other: str, at: Page) -> Iterable[Twin]:
        if other in where and at in lying[other]:
            component, number = lying[other][at]
            item = where[other]
            handled = actor.covers(item.agency_path, Post.HANDLER)
            mine = by_digest[page[0]].pk
            yield Twin(pk, mine, page[1], other, item.reference, number, component, at[1], handled)

    found = [
        one
        for other, digest in same
        for page in range(1, by_digest[digest].page_count + 1)
        for one in twin(None, (digest, page), other, (digest, page))
    ]
    for pk, digest, page, other, other_digest, other_page in near:
        found += twin(pk, (digest, page), other, (other_digest, other_page))
    return found


def noticed(pk: int) -> Likeness:
    """What was noticed of a page; rights not judged.

    Raises:
        R-009: there is no such thing.
    """
    row = Likeness.objects.filter(pk=pk).select_related("item", "other_item").first()
    if row is None:
        raise Refusal("R-009", what=f"#{pk}")
    return row


def _numbered(components: Sequence[ComponentRow]) -> dict[Page, tuple[int, int]]:
    pages = records.pages_of(components)
    digests = {row.pk: row.sha512 for row in components}
    return {(digests[pk], page): (pk, number) for number, (pk, page) in enumerate(pages, 1)}
