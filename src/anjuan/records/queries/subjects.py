"""Persons and units over all records (当事人): who of them an actor may see, beside whom, and who shares a name.

What an actor may not see is neither shown nor counted: a subject without a record that he may see does not exist for
him. All questions are a fixed number of statements.
"""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from anjuan.core.terms import Actor, Post, SubjectKind
from anjuan.foundation.accounts.queries import scopes_on
from anjuan.foundation.prepared import Given, GivenList, prepared
from anjuan.records.models import Involvement, Item, Subject
from anjuan.records.queries import items_visible_to, subjects_numbered
from anjuan.records.rows import ItemRow, SubjectRow, item_row, subject_row

MOST_SUBJECTS = 100  # of one name on one page
MOST_NAMESAKES = 200
MOST_ITEMS = 2000  # of one life


def find_subjects(
    actor: Actor, *, id_number: str = "", credit_code: str = "", name: str = ""
) -> tuple[list[SubjectRow], bool]:
    """Subjects by exact number, code or name with a record the actor may see; and whether the list was cut.

    Rights come first: a hundred namesakes of other agencies do not push the actor's own out of the list. They are
    judged record by record: a list of all that he may see would be as long as the archive.
    """
    column = "id_number" if id_number else "credit_code" if credit_code else "name"
    rows = _subjects_by(actor, column, MOST_SUBJECTS + 1, value=id_number or credit_code or name)
    found = [subject_row(row) for row in rows]
    return found[:MOST_SUBJECTS], len(found) > MOST_SUBJECTS


@prepared(value=Given.text)
def _subjects_by(actor: Actor, column: str, limit: int, *, value: Given) -> QuerySet[Subject]:
    rows = Subject.objects.filter(name=value) if column == "name" else subjects_numbered(column, [value])
    seen = Exists(items_visible_to(actor).filter(pk=OuterRef("item_id")))
    involved = Involvement.objects.filter(seen, subject=OuterRef("pk"))
    return rows.filter(Exists(involved)).order_by("name", "id")[:limit]


def items_concerning(actor: Actor, subject_pks: Sequence[int], *, limit: int | None = None) -> list[ItemRow]:
    """Items that concern any of these subjects, newest first, as far as the actor may see them.

    Args:
        actor: who looks.
        subject_pks: whom they concern.
        limit: at most so many; None for every one, as whoever attests must have.
    """
    return [item_row(row) for row in _concerning(actor, limit, subject_pks=subject_pks)]


@prepared(subject_pks=GivenList.keys)
def _concerning(actor: Actor, limit: int | None, *, subject_pks: Given) -> QuerySet[Item]:
    concerned = Involvement.objects.filter(subject_id__in=subject_pks).values("item_id")
    rows = items_visible_to(actor).filter(pk__in=concerned).select_related("category", "agency", "volume")
    return rows.order_by("-formed_date", "-id")[:limit]


def seen_subjects(
    actor: Actor,
    *,
    urns: Collection[str] = (),
    names: Collection[str] = (),
    kind: str = "",
    limit: int = MOST_NAMESAKES,
) -> list[SubjectRow]:
    """Subjects by URN or by exact name with a record the actor may see, oldest first; one query.

    Args:
        actor: who looks.
        urns: of these.
        names: or of one of these names.
        kind: only persons, or only units.
        limit: at most so many.
    """
    if not urns and not names:
        return []
    rows = _seen(actor).filter(Q(urn__in=urns) | Q(name__in=names))
    if kind:
        rows = rows.filter(kind=kind)
    return [subject_row(row) for row in rows.order_by("id")[:limit]]


def _seen(actor: Actor) -> QuerySet[Subject]:
    seen = Exists(items_visible_to(actor).filter(pk=OuterRef("item_id")))
    involved = Involvement.objects.filter(seen, subject=OuterRef("pk"))
    return Subject.objects.filter(Exists(involved))


def shared_names(actor: Actor, *, after: str = "", limit: int = 100) -> list[str]:
    """The next names that several persons, or several units, bear whom the actor may see; one query."""
    rows = _seen(actor).filter(name__gt=after).values_list("name", "kind").annotate(count=Count("pk"))
    return list(dict.fromkeys(name for name, _, _ in rows.filter(count__gt=1).order_by("name", "kind")[:limit]))


def covered_subjects(actor: Actor, urns: Collection[str], *posts: Post) -> frozenset[str]:
    """Which of these subjects have a record in an agency that one of these posts of the actor covers; one query."""
    theirs = Involvement.objects.filter(subject__urn__in=urns).filter(scopes_on("item__agency__path", actor, *posts))
    return frozenset(theirs.values_list("subject__urn", flat=True).distinct())


def items_by_subject(actor: Actor, subject_pks: Collection[int]) -> list[tuple[ItemRow, tuple[str, ...]]]:
    """Items the actor may see that concern any of these subjects, oldest first, with whom of them; two queries."""
    concerned = Involvement.objects.filter(subject_id__in=subject_pks)
    rows = items_visible_to(actor).filter(pk__in=concerned.values("item_id"))
    rows = rows.select_related("category", "agency", "volume").order_by("formed_date", "id")[: MOST_ITEMS + 1]
    items = [item_row(row) for row in rows]
    whom: dict[int, list[str]] = {}
    theirs = concerned.filter(item_id__in=[item.pk for item in items]).order_by("item_id", "ordinal", "id")
    for pk, urn in theirs.values_list("item_id", "subject__urn"):
        whom.setdefault(pk, []).append(urn)
    return [(item, tuple(whom.get(item.pk, ()))) for item in items]


def items_of_each(actor: Actor, subject_pks: Sequence[int], *, limit: int) -> Mapping[int, list[ItemRow]]:
    """Items the actor may see that concern each of these subjects, newest first, at most so many of each.

    Two queries for a hundred namesakes with few records; one for each where they have more than ``limit`` together.
    """
    if len(subject_pks) < 2:
        return {pk: items_concerning(actor, [pk], limit=limit) for pk in subject_pks}
    involved = Involvement.objects.filter(subject_id__in=subject_pks).order_by()
    links = list(involved.values_list("subject_id", "item_id")[:limit])
    if len(links) == limit:
        return {pk: items_concerning(actor, [pk], limit=limit) for pk in subject_pks}
    whose: dict[int, list[int]] = {}
    for subject, item in links:
        whose.setdefault(item, []).append(subject)
    rows = items_visible_to(actor).filter(pk__in=whose).select_related("category", "agency", "volume")
    found: dict[int, list[ItemRow]] = {pk: [] for pk in subject_pks}
    for row in rows.order_by("-formed_date", "-id"):
        for subject in whose[row.pk]:
            found[subject].append(item_row(row))
    return found


def units_beside(actor: Actor, subject_pks: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """Names of the units that stand beside persons on records the actor may see, by person; two queries."""
    seen = Exists(items_visible_to(actor).filter(pk=OuterRef("item_id")))
    theirs = Involvement.objects.filter(seen, subject_id__in=subject_pks)
    rows = theirs.values_list("subject_id", "item_id")
    by_item: dict[int, set[int]] = {}
    for subject, item in rows:
        by_item.setdefault(item, set()).add(subject)
    employers = Involvement.objects.filter(item_id__in=theirs.values("item_id"), subject__kind=SubjectKind.EMPLOYER)
    found: dict[int, set[str]] = {}
    for item, name in employers.values_list("item_id", "subject__name"):
        for subject in by_item.get(item, ()):
            found.setdefault(subject, set()).add(name)
    return {subject: frozenset(names) for subject, names in found.items()}


def item_urn_of(actor: Actor, reference: str) -> str:
    """The URN of an item by its URN, 档号 or acceptance number, if the actor may see it; empty if there is none."""
    rows = (
        items_visible_to(actor)
        .filter(Q(urn=reference) | Q(reference_code=reference) | Q(acceptance_no=reference))
        .order_by("id")
    )
    return rows.values_list("urn", flat=True).first() or ""
