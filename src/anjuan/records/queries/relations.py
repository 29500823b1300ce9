"""What lies in several volumes, and which records concern the same people. Rights are not judged: for counting."""

from collections.abc import Mapping, Sequence

from django.db.models import F, QuerySet

from anjuan.foundation.prepared import Given, prepared
from anjuan.records.models import Category, Involvement, Item, Volume

_AT_ONCE = 500  # keys in one statement


def members_of(volume_urns: Sequence[str]) -> Mapping[str, list[tuple[str, str]]]:
    """The items of volumes, by volume URN: item URN and step code; one query."""
    found: dict[str, list[tuple[str, str]]] = {urn: [] for urn in volume_urns}
    rows = Item.objects.filter(volume__urn__in=volume_urns).annotate(volume_urn=F("volume__urn"))
    for volume_urn, urn, step in rows.order_by("item_no", "id").values_list("volume_urn", "urn", "step_code"):
        found[volume_urn].append((urn, step))
    return found


def akin(item_urns: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """By item, the URNs of all items that concern the same people, itself among them; a query for 500 people."""
    people: dict[str, set[int]] = {urn: set() for urn in item_urns}
    for first in range(0, len(item_urns), _AT_ONCE):
        rows = Involvement.objects.filter(item__urn__in=list(item_urns[first : first + _AT_ONCE]))
        for urn, subject in rows.values_list("item__urn", "subject_id"):
            people[urn].add(subject)
    theirs: dict[int, set[str]] = {}
    everybody = sorted({subject for found in people.values() for subject in found})
    for first in range(0, len(everybody), _AT_ONCE):
        rows = Involvement.objects.filter(subject_id__in=everybody[first : first + _AT_ONCE])
        for urn, subject in rows.values_list("item__urn", "subject_id"):
            theirs.setdefault(subject, set()).add(urn)
    return {
        urn: frozenset({urn}.union(*(theirs.get(subject, set()) for subject in found))) for urn, found in people.items()
    }


def category_names() -> list[tuple[str, str]]:
    """Codes of categories with their names, of every fonds; a code may have several names."""
    return list(Category.objects.order_by("code", "name").values_list("code", "name").distinct())


def is_code(code: str, acceptance_no: str) -> bool:
    """Whether any record has this 档号, or was accepted under this number; one statement."""
    return bool(_coded(code=code, acceptance_no=acceptance_no))


@prepared(code=Given.text, acceptance_no=Given.text)
def _coded(*, code: Given, acceptance_no: Given) -> QuerySet[Item, int]:
    items = Item.objects.order_by().values_list("pk", flat=True)
    volumes = Volume.objects.order_by().filter(reference_code=code).values_list("pk", flat=True)
    return items.filter(reference_code=code).union(items.filter(acceptance_no=acceptance_no), volumes, all=True)[:1]
