"""Finding (检索): what was typed is recognised and said, then looked up exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from anjuan.core import identifiers, refcode
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.records import queries as records

MOST_TYPED = 200


@dataclass(frozen=True)
class PersonHit:
    """A person or unit with the records that concern it, as far as the actor may see them."""

    subject: records.SubjectRow
    items: tuple[records.ItemRow, ...]


@dataclass(frozen=True)
class SearchResult:
    """What was found.

    Attributes:
        typed: what was asked, trimmed.
        recognised: ID_CARD, CREDIT_CODE, REFERENCE_CODE, ACCEPTANCE_NO, NAME or NOTHING.
        advice: a refusal to be shown as advice, such as a wrong check digit; the search went on all the same.
        persons: hits grouped by person or unit.
        items: items found by their own number.
        volumes: volumes found by their own number.
    """

    typed: str
    recognised: str
    advice: Refusal | None
    persons: tuple[PersonHit, ...]
    items: tuple[records.ItemRow, ...]
    volumes: tuple[records.VolumeRow, ...]

    @property
    def total(self) -> int:
        """Number of records found."""
        return len({item.urn for hit in self.persons for item in hit.items} | {item.urn for item in self.items}) + len(
            self.volumes
        )


def find(actor: Actor, text: str) -> SearchResult:
    """Look up an ID card number, a credit code, a 档号, an acceptance number or a name, exactly.

    Everything is cut by what the actor may see: a person without a visible record is not shown at all.

    Raises:
        X-001: too long a question.
    """
    typed = " ".join(text.split())
    if len(typed) > MOST_TYPED:
        raise Refusal("X-001", length=len(typed), most=MOST_TYPED)
    if not typed:
        return SearchResult("", "NOTHING", None, (), (), ())
    number = identifiers.fold(typed)
    advice: Refusal | None = None
    if _looks_like_id(number):
        try:
            wanted = identifiers.citizen_id(number)
        except Refusal as wrong:  # a stored number with a wrong check digit must still be found
            wanted, advice = number, wrong
        hits = _people(actor, records.find_subjects(id_number=wanted))
        if hits or len(number) == 15 or not _looks_like_credit_code(number):
            return SearchResult(typed, "ID_CARD", advice, hits, (), ())
    if _looks_like_credit_code(number):
        try:
            identifiers.credit_code(number)
        except Refusal as wrong:
            advice = wrong
        return SearchResult(
            typed, "CREDIT_CODE", advice, _people(actor, records.find_subjects(credit_code=number)), (), ()
        )
    code = refcode.normalise(typed)
    items = [records.item_row(row) for row in _items(actor).filter(reference_code=code)]
    volumes = [
        records.volume_row(row)
        for row in records.volumes_visible_to(actor)
        .filter(reference_code=code)
        .select_related("fonds", "category", "agency")
    ]
    if items or volumes:
        inside = [item for volume in volumes for item in records.items_of(volume.urn)]
        return SearchResult(typed, "REFERENCE_CODE", None, (), tuple(items + inside), tuple(volumes))
    accepted = [records.item_row(row) for row in _items(actor).filter(acceptance_no=typed).order_by("id")]
    if accepted:
        return SearchResult(typed, "ACCEPTANCE_NO", None, (), tuple(accepted), ())
    return SearchResult(typed, "NAME", None, _people(actor, records.find_subjects(name=typed)), (), ())


def _items(actor: Actor) -> QuerySet[Any]:
    return records.items_visible_to(actor).select_related("category", "agency")


def _people(actor: Actor, subjects: Sequence[records.SubjectRow]) -> tuple[PersonHit, ...]:
    hits = (PersonHit(subject, tuple(records.items_concerning(actor, [subject.pk]))) for subject in subjects)
    return tuple(hit for hit in hits if hit.items)


def _looks_like_id(number: str) -> bool:
    if not number.isascii():
        return False
    return (len(number) == 15 and number.isdigit()) or (
        len(number) == 18 and number[:17].isdigit() and number[17] in "0123456789X"
    )


def _looks_like_credit_code(number: str) -> bool:
    return len(number) == 18 and number.isascii() and number.isalnum() and not number.isalpha()
