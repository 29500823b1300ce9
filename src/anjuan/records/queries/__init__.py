"""Seeing records. ``visible_to`` is the first link of every chain: what an actor may not see does not exist for him."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from anjuan.core.refusals import Refusal
from anjuan.core.terms import (
    RECORD_POSTS,
    Actor,
    Arrangement,
    Classification,
    Custody,
    Duty,
    Post,
    Route,
    Secrecy,
    State,
)
from anjuan.foundation.accounts.queries import scopes
from anjuan.foundation.prepared import Given, GivenList, prepared
from anjuan.foundation.schedule import queries as schedule
from anjuan.records.models import (
    Category,
    Component,
    Fonds,
    Involvement,
    Item,
    Look,
    Participation,
    Restraint,
    Subject,
    Volume,
)
from anjuan.records.queries import restricted
from anjuan.records.rows import (
    ComponentRow,
    ItemRow,
    SubjectRow,
    VolumeRow,
    component_row,
    item_row,
    subject_row,
    volume_row,
)

_IN_WORKSHOP = Q(state__in=[State.RECHECKED, State.IN_WORKSHOP])


def items_visible_to(actor: Actor) -> QuerySet[Item]:
    """Items an actor may see: those of agencies he covers by a post that works with records.

    A workshop operator sees what lies in the workshop or waits for it, and nothing else (S3-R9). Secret ones (涉密) are
    seen by those who may read them.
    """
    covered = scopes(actor, *RECORD_POSTS) | scopes(actor, Post.PROCESSOR) & _IN_WORKSHOP
    return Item.objects.filter(covered, restricted.known_to(actor))


def volumes_visible_to(actor: Actor) -> QuerySet[Volume]:
    """Volumes an actor may see."""
    return Volume.objects.filter(scopes(actor, *RECORD_POSTS) | scopes(actor, Post.PROCESSOR) & _IN_WORKSHOP)


def items_at(
    actor: Actor, state: State, *posts: Post, limit: int = 200, step_codes: Collection[str] | None = None
) -> list[ItemRow]:
    """Items at a stage that one of these posts of the actor covers, longest waiting first; of some steps if named."""
    rows = Item.objects.filter(scopes(actor, *posts), state=state)
    if step_codes is not None:
        rows = rows.filter(step_code__in=step_codes)
    return [
        item_row(row)
        for row in rows.select_related("category", "agency", "volume").order_by("state_since", "id")[:limit]
    ]


def volumes_at(
    actor: Actor, state: State, *posts: Post, routes: Sequence[Route] = tuple(Route), limit: int = 200
) -> list[VolumeRow]:
    """Volumes at a stage that one of these posts of the actor covers, longest waiting first; none that was sent on."""
    rows = _here(actor, *posts).filter(state=state, route__in=routes)
    return [volume_row(row) for row in _with_names(rows).order_by("state_since", "id")[:limit]]


def count_items_at(actor: Actor, state: State, *posts: Post) -> int:
    """How many items wait at a stage."""
    return Item.objects.filter(scopes(actor, *posts), state=state).count()


def count_items_by_step(actor: Actor, state: State, *posts: Post) -> Mapping[str, int]:
    """How many items of each business step wait at a stage; one query."""
    rows = Item.objects.filter(scopes(actor, *posts), state=state).values_list("step_code")
    return dict(rows.annotate(count=Count("id")).order_by("step_code"))


def count_volumes_at(actor: Actor, state: State, *posts: Post, routes: Sequence[Route] = tuple(Route)) -> int:
    """How many volumes wait at a stage."""
    return _here(actor, *posts).filter(state=state, route__in=routes).count()


def _here(actor: Actor, *posts: Post) -> QuerySet[Volume]:
    """Volumes that these posts cover and this house answers for: one sent on (转出) waits at no desk."""
    return Volume.objects.filter(scopes(actor, *posts)).exclude(custody=Custody.FORWARDED)


def flow(actor: Actor) -> list[tuple[State, int]]:
    """How many records stand at each stage: items until they are filed, volumes after."""
    counted: dict[str, int] = {}
    here = volumes_visible_to(actor).exclude(custody=Custody.FORWARDED)
    for rows in (items_visible_to(actor).filter(volume=None), here):
        for state, count in rows.values_list("state").annotate(count=Count("id")).order_by("state"):
            counted[state] = counted.get(state, 0) + count
    return [(state, counted.get(state.value, 0)) for state in State if counted.get(state.value)]


def get_item_for(actor: Actor, urn: str) -> ItemRow:
    """An item the actor may see.

    Raises:
        R-009: there is none, or he may not see it.
    """
    row = items_visible_to(actor).filter(urn=urn).select_related("category", "agency", "volume").first()
    if row is None:
        raise Refusal("R-009", what=urn)
    return item_row(row)


def get_items_for(actor: Actor, urns: Sequence[str]) -> list[ItemRow]:
    """Items the actor may see, in the order given; a few queries however many they are.

    Raises:
        R-009: one does not exist, or he may not see it.
    """
    found: dict[str, ItemRow] = {}
    for first in range(0, len(urns), 500):
        rows = items_visible_to(actor).filter(urn__in=list(urns[first : first + 500]))
        found |= {row.urn: item_row(row) for row in rows.select_related("category", "agency", "volume")}
    if missing := [urn for urn in urns if urn not in found]:
        raise Refusal("R-009", what=missing[0])
    return [found[urn] for urn in urns]


def get_volume_for(actor: Actor, urn: str) -> VolumeRow:
    """A volume the actor may see.

    Raises:
        R-009: there is none, or he may not see it.
    """
    row = _with_names(volumes_visible_to(actor).filter(urn=urn)).first()
    if row is None:
        raise Refusal("R-009", what=urn)
    return volume_row(row)


def get_component_for(actor: Actor, pk: int) -> ComponentRow:
    """A component of an item the actor may see and read: the one door to its bytes and images.

    Raises:
        R-009: there is none, or he may not see it.
        R-081: its pages are closed to him.
    """  # no more is joined than must be: this is asked for every tile of a page
    rows = Component.objects.filter(pk=pk, item__in=items_visible_to(actor)).annotate(item_urn=F("item__urn"))
    row = rows.annotate(item_secrecy=F("item__secrecy")).order_by().first()
    if row is None:
        raise Refusal("R-009", what=f"#{pk}")
    if row.item_secrecy != Secrecy.OPEN:
        restricted.check_readable(actor, [row.item_urn])
    return component_row(row, row.item_urn)


def items_of(volume_urn: str) -> list[ItemRow]:
    """The items of a volume in order."""
    rows = Item.objects.filter(volume__urn=volume_urn).select_related("category", "agency", "volume")
    return [item_row(row) for row in rows.order_by("item_no", "id")]


def components_of(item_urns: Sequence[str]) -> Mapping[str, list[ComponentRow]]:
    """The present components of items, in order, by item URN; one query."""
    found: dict[str, list[ComponentRow]] = {urn: [] for urn in item_urns}
    # The item's URN alone is joined: whole items, one a page, were a third of the time of sealing a volume.
    for row in _components(item_urns=item_urns):
        found[row.item_urn].append(component_row(row, row.item_urn))
    return found


@prepared(item_urns=GivenList.texts)
def _components(*, item_urns: Given) -> QuerySet[Any]:
    rows: QuerySet[Any] = Component.objects.filter(item__urn__in=item_urns, superseded_at=None)
    rows = rows.annotate(item_urn=F("item__urn"))
    return rows.order_by("item_id", "ordinal", "id")


def subjects_of(item_urns: Sequence[str]) -> Mapping[str, list[SubjectRow]]:
    """Whom items concern, by item URN; one query."""
    found: dict[str, list[SubjectRow]] = {urn: [] for urn in item_urns}
    for item_urn, *subject in _involved(item_urns=item_urns):
        found[item_urn].append(SubjectRow(*subject))
    return found


@prepared(item_urns=GivenList.texts)
def _involved(*, item_urns: Given) -> QuerySet[Involvement, tuple[Any, ...]]:
    rows = Involvement.objects.filter(item__urn__in=item_urns).order_by("item_id", "ordinal", "id")
    own = ("id", "urn", "kind", "name", "id_number", "credit_code")
    return rows.values_list("item__urn", *(f"subject__{name}" for name in own))


def items_keyed(actor: Actor, pks: Collection[int]) -> list[ItemRow]:
    """Those of these items that the actor may see, in no order; one query, none for no item."""
    return [item_row(row) for row in _keyed(actor, pks=pks)]


@prepared(pks=GivenList.keys)
def _keyed(actor: Actor, *, pks: Given) -> QuerySet[Item]:
    return items_visible_to(actor).filter(pk__in=pks).select_related("category", "agency", "volume").order_by()


def items_called(actor: Actor, column: str, values: Sequence[str]) -> list[ItemRow]:
    """Items the actor may see by ``urn``, ``reference_code`` or ``acceptance_no``, oldest first; one query."""
    return [item_row(row) for row in _items_by(actor, column, values=values)]


@prepared(values=GivenList.texts)
def _items_by(actor: Actor, column: str, *, values: Given) -> QuerySet[Item]:
    rows = items_visible_to(actor).filter(**{f"{column}__in": values})
    return rows.select_related("category", "agency", "volume").order_by("id")


def image_pages(item_urns: Sequence[str]) -> Mapping[str, int]:
    """Number of imaged pages by item URN."""
    rows = (
        Component.objects.filter(item__urn__in=item_urns, superseded_at=None)
        .values_list("item__urn")
        .annotate(pages=Sum("page_count"))
        .order_by("item__urn")
    )
    counted = dict.fromkeys(item_urns, 0)
    counted.update({urn: pages or 0 for urn, pages in rows})
    return counted


def posts_over(actor: Actor, agency_path: str) -> frozenset[Post]:
    """The posts an actor holds over an agency."""
    return frozenset(held.post for held in actor.appointments if agency_path.startswith(held.agency_path))


def duties_of(urn: str) -> Mapping[Duty, frozenset[str]]:
    """Who took which part in a record."""
    return duties_of_each([urn]).get(urn, {})


def duties_of_each(urns: Sequence[str]) -> Mapping[str, Mapping[Duty, frozenset[str]]]:
    """Who took which part in each of these records; one query."""
    found: dict[str, dict[Duty, frozenset[str]]] = {}
    rows = Participation.objects.filter(unit__in=urns).order_by("id").values_list("unit", "duty", "staff_code")
    for unit, duty, staff_code in rows:
        parts = found.setdefault(unit, {})
        parts[Duty(duty)] = parts.get(Duty(duty), frozenset()) | {staff_code}
    return found


def fonds_for(agency_path: str, category_code: str = "") -> Fonds:
    """The fonds an agency's records belong to: that of the nearest agency above that has one.

    An agency may have several (insurance, personnel …); where a category is named it is the nearest that has it.

    Raises:
        R-009: none is set up.
    """
    above = _fonds_above(agency_path)
    if category_code:
        having = set(Category.objects.filter(fonds__in=above, code=category_code).values_list("fonds_id", flat=True))
        above = [fonds for fonds in above if fonds.pk in having]
    if not above:
        raise Refusal("R-009", what=f"全宗 fonds {category_code}".strip())
    return above[0]


def _fonds_above(agency_path: str) -> list[Fonds]:
    rows = Fonds.objects.select_related("agency").order_by("-agency__path", "code")
    return [row for row in rows if agency_path.startswith(row.agency.path)]


@dataclass(frozen=True)
class FondsScheme:
    """How a fonds is classified and each of its categories arranged."""

    agency_path: str
    classification: Classification
    arranged: Mapping[str, Arrangement]


def scheme_for(agency_path: str) -> FondsScheme:
    """How the fonds of an agency is classified and arranged.

    Raises:
        R-009: none is set up.
    """
    above = _fonds_above(agency_path)
    if not above:
        raise Refusal("R-009", what="全宗 fonds")
    rows = Category.objects.filter(fonds__in=above).order_by("fonds__agency__path", "-fonds__code")
    arranged = {code: Arrangement(kind) for code, kind in rows.values_list("code", "arrangement")}  # the nearest wins
    return FondsScheme(above[0].agency.path, Classification(above[0].classification), arranged)


def category_of(fonds: Fonds, code: str) -> Category:
    """A category of a fonds.

    Raises:
        R-009: it has no such category.
    """
    row: Category | None = Category.objects.filter(fonds=fonds, code=code).first()
    if row is None:
        raise Refusal("R-009", what=f"类目 category {code}")
    return row


def subjects_numbered(column: str, numbers: Iterable[str | Given]) -> QuerySet[Subject]:
    """Persons by ``id_number``, or units by ``credit_code``, through the index of those that have one.

    That nobody without a number is meant must be said: the index holds the others only, and SQLite takes it on no hint.
    """
    return Subject.objects.filter(**{f"{column}__in": list(numbers)}).exclude(**{column: ""})


def states_of(urns: Sequence[str]) -> Mapping[str, State]:
    """Where items stand, by URN; rights not judged."""
    rows = Item.objects.filter(urn__in=urns).values_list("urn", "state")
    return {urn: State(state) for urn, state in rows}


def restraints_of(urns: Iterable[str]) -> frozenset[str]:
    """Kinds of restraint that lie on any of these records now."""
    rows = Restraint.objects.filter(unit__in=set(urns), lifted_at=None)
    return frozenset(rows.values_list("kind", flat=True))


def visible_urns(actor: Actor, urns: Iterable[str]) -> frozenset[str]:
    """Which of these records the actor may see; a few queries however many they are."""
    wanted = sorted(urns)
    found: set[str] = set()
    for first in range(0, len(wanted), 500):
        some = wanted[first : first + 500]
        for rows in (items_visible_to(actor), volumes_visible_to(actor)):
            found.update(rows.filter(urn__in=some).values_list("urn", flat=True))
    return frozenset(found)


def step_names() -> Mapping[str, str]:
    """Names of business steps by code."""
    return schedule.step_names()


def volumes_by_urn(urns: Iterable[str]) -> Mapping[str, VolumeRow]:
    """Volumes by URN, rights not judged: for desks that hold their own list of volumes."""
    rows = _with_names(Volume.objects.filter(urn__in=list(urns)))
    return {row.urn: volume_row(row) for row in rows.order_by("id")}


def _with_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("fonds", "category", "agency")


def volume_urn_of(item: ItemRow) -> str:
    """The URN of the volume an item lies in.

    Raises:
        R-009: it lies in none.
    """
    urn: str | None = Volume.objects.filter(pk=item.volume_pk or 0).values_list("urn", flat=True).first()
    if urn is None:
        raise Refusal("R-009", what=f"{item.reference} 的案卷 volume")
    return urn


Page = tuple[int, int]  # component, page number from 1


def pages_of(components: Iterable[ComponentRow]) -> tuple[Page, ...]:
    """Every page of these components, in order."""
    return tuple((row.pk, number) for row in components for number in range(1, row.page_count + 1))


def looked_at(actor: Actor, pages: Iterable[Page]) -> frozenset[Page]:
    """Which of these pages the actor has opened."""
    wanted = set(pages)
    rows = Look.objects.filter(staff_code=actor.staff_code, component_id__in={pk for pk, _ in wanted})
    return frozenset(rows.values_list("component_id", "page_no")) & wanted


def open_dossiers(actor: Actor, kinds: Iterable[Arrangement], *posts: Post) -> list[VolumeRow]:
    """Dossiers that still grow and that one of these posts of the actor covers."""
    rows = Volume.objects.filter(scopes(actor, *posts), state=State.FILING, arrangement__in=list(kinds))
    return [volume_row(row) for row in _with_names(rows).exclude(subject=None).order_by("id")]


def references_of(urns: Sequence[str]) -> list[str]:
    """档号 of items, in the order given; rights not judged."""
    codes = dict(Item.objects.filter(urn__in=urns).values_list("urn", "reference_code"))
    return [codes[urn] or "" for urn in urns if urn in codes]


def has_fonds() -> bool:
    """Whether any fonds has been set up."""
    return Fonds.objects.exists()


def item_by_acceptance_no(actor: Actor, acceptance_no: str) -> ItemRow | None:
    """An item by the number it was accepted under, if the actor may see it."""
    row = (
        items_visible_to(actor)
        .filter(acceptance_no=acceptance_no)
        .select_related("category", "agency", "volume")
        .first()
    )
    return item_row(row) if row else None


@dataclass(frozen=True)
class Holdings:
    """How much there is in all."""

    items: int
    volumes: int
    pages: int


def count_everything() -> Holdings:
    """All items, volumes and imaged pages; for the health report, rights not judged."""
    pages: int | None = Component.objects.filter(superseded_at=None).aggregate(pages=Sum("page_count"))["pages"]
    return Holdings(Item.objects.count(), Volume.objects.count(), pages or 0)


def volume_urns_of(items: Iterable[ItemRow]) -> Mapping[str, str]:
    """The volume each item lies in, by item URN; items without a volume are left out. One query."""
    by_pk: dict[int, list[str]] = {}
    for item in items:
        if item.volume_pk:
            by_pk.setdefault(item.volume_pk, []).append(item.urn)
    urns = dict(Volume.objects.filter(pk__in=by_pk).values_list("pk", "urn"))
    return {item_urn: urns[pk] for pk, item_urns in by_pk.items() for item_urn in item_urns}


def subject_by_pk(pk: int) -> SubjectRow | None:
    """A subject by its key; rights not judged."""
    row = Subject.objects.filter(pk=pk).first()
    return subject_row(row) if row else None


def subject_by_urn(urn: str) -> SubjectRow | None:
    """A subject by its URN; rights not judged."""
    row = Subject.objects.filter(urn=urn).first()
    return subject_row(row) if row else None


def items_by_pk(pks: Iterable[int]) -> list[ItemRow]:
    """Items by their keys, in that order; rights not judged: for whoever keeps an index of them."""
    rows = Item.objects.filter(pk__in=list(pks)).select_related("category", "agency", "volume")
    return [item_row(row) for row in rows.order_by("id")]


def items_after(pk: int, limit: int) -> list[int]:
    """The next items after one, in the order they were registered: how a rebuild walks them."""
    return list(Item.objects.filter(pk__gt=pk).order_by("pk").values_list("pk", flat=True)[:limit])


def items_touched_by(urns: Collection[str]) -> list[int]:
    """Items that these units are, lie in or are concerned by: items, volumes, subjects."""
    concerned = Involvement.objects.filter(subject__urn__in=urns).values("item_id")
    touched = (Q(urn__in=urns), Q(volume__urn__in=urns), Q(pk__in=concerned))  # apart: each has its index
    return sorted({pk for which in touched for pk in Item.objects.filter(which).values_list("pk", flat=True)})


def component_by_pk(pk: int) -> ComponentRow | None:
    """A present component; rights not judged."""
    row = Component.objects.filter(pk=pk, superseded_at=None).select_related("item").first()
    return component_row(row) if row else None


def images_after(pk: int, mimes: Collection[str], limit: int) -> list[tuple[int, str, str, int]]:
    """The next present files of these media types after one: key, item, SHA-512 and pages; rights not judged."""
    rows = Component.objects.filter(pk__gt=pk, mime__in=mimes, superseded_at=None).order_by("pk")
    return list(rows.values_list("pk", "item__urn", "sha512", "page_count")[:limit])


def agency_path_of(urn: str) -> str | None:
    """The agency an item or a volume belongs to, by its path; rights not judged."""
    for rows in (Item.objects.filter(urn=urn), Volume.objects.filter(urn=urn)):
        path: str | None = rows.values_list("agency__path", flat=True).first()
        if path is not None:
            return path
    return None
