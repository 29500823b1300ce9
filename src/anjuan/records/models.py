"""The spine (档案实体): the nouns of the archive and their lifecycle state.

At most ten models. What one desk alone wants goes in that desk's own table.
"""

from typing import Any, NoReturn

from django.db import models

from anjuan.core.refusals import Refusal
from anjuan.core.terms import (
    Arrangement,
    Classification,
    Custody,
    Duty,
    InsuranceLine,
    RestraintKind,
    Route,
    Secrecy,
    State,
    SubjectKind,
)
from anjuan.foundation.accounts.models import Agency


def _choices(terms: Any) -> list[tuple[str, str]]:
    return [(term.value, term.value) for term in terms]


class KeptQuerySet(models.QuerySet[Any]):
    """Records are not deleted, one or many."""

    def delete(self) -> NoReturn:
        """Refused (R-006): destruction is a procedure, not a method."""
        raise Refusal("R-006")


class Kept(models.Model):
    """A row that cannot be deleted from here; the database refuses as well (see the guards of the first migration)."""

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused (R-006)."""
        raise Refusal("R-006")


class Fonds(Kept):
    """All records of one agency (全宗), with its numbering template and its order of classification."""

    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=120)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    numbering_template = models.CharField(max_length=160)
    classification = models.CharField(
        max_length=16, choices=_choices(Classification), default=Classification.YEAR_LINE_STEP
    )
    volume_page_limit = models.IntegerField(default=200)  # [M?] about 200 sheets: a setting, unconfirmed

    class Meta:
        verbose_name_plural = "fonds"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Category(Kept):
    """A place in a fonds's classification scheme (类目), and how what belongs there is arranged."""

    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=4)
    name = models.CharField(max_length=40)
    arrangement = models.CharField(max_length=20, choices=_choices(Arrangement), default=Arrangement.BY_VOLUME)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(fields=["fonds", "code"], name="one_category_a_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Subject(Kept):
    """Whom a record concerns (参保人、参保单位). Its URN is random: nothing of the person stands in it."""

    urn = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=16, choices=_choices(SubjectKind))
    name = models.CharField(max_length=120, db_index=True)
    id_number = models.CharField(max_length=18, blank=True)
    credit_code = models.CharField(max_length=18, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["id_number"], condition=~models.Q(id_number=""), name="one_person_a_number"
            ),
            models.UniqueConstraint(
                fields=["credit_code"], condition=~models.Q(credit_code=""), name="one_unit_a_code"
            ),
        ]
        # The constraints above are partial: SQLite does not use them to look up a number that is only filled in.
        indexes = [
            models.Index(fields=["id_number"], name="subject_by_number"),
            models.Index(fields=["credit_code"], name="subject_by_code"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.urn}"


class Volume(Kept):
    """Items filed together (案卷): what they share, and what the volume is on the shelf, is its arrangement kind's.

    ``subject`` is whose dossier it is; ``closed_date`` the day a dossier stopped growing, from which its term runs.
    """

    urn = models.CharField(max_length=60, unique=True)
    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    year = models.IntegerField()
    insurance_line = models.CharField(max_length=16, choices=_choices(InsuranceLine))
    term = models.CharField(max_length=12)
    arrangement = models.CharField(max_length=20, choices=_choices(Arrangement), default=Arrangement.BY_VOLUME)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_date = models.DateField(null=True, blank=True)
    title = models.CharField(max_length=200)
    volume_no = models.IntegerField(null=True, blank=True)
    reference_code = models.CharField(max_length=80, null=True, blank=True, unique=True)
    route = models.CharField(max_length=12, choices=_choices(Route))
    state = models.CharField(max_length=16, choices=_choices(State))
    custody = models.CharField(max_length=12, choices=_choices(Custody))
    item_count = models.IntegerField(default=0)
    page_count = models.IntegerField(default=0)
    opened_at = models.DateTimeField()
    state_since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in State]), name="volume_in_a_known_state"
            ),
            models.UniqueConstraint(
                fields=["fonds", "year", "category", "agency", "insurance_line", "arrangement", "volume_no"],
                name="volume_numbers_are_given_once",
            ),
            models.UniqueConstraint(
                fields=["subject", "agency", "route"],
                condition=models.Q(state=State.FILING, arrangement=Arrangement.PERSON_DOSSIER),
                name="one_open_dossier_a_person",
            ),
            models.UniqueConstraint(
                fields=["subject", "agency", "category", "route"],
                condition=models.Q(state=State.FILING, arrangement=Arrangement.EMPLOYER_DOSSIER),
                name="one_open_dossier_an_employer",
            ),
        ]
        indexes = [models.Index(fields=["state", "agency", "id"])]

    def __str__(self) -> str:
        return self.reference_code or self.title


class Item(Kept):
    """The smallest described unit (件). Each is one object of the preservation store, from its first captured byte."""

    urn = models.CharField(max_length=60, unique=True)
    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    acceptance_no = models.CharField(max_length=40)
    step_code = models.CharField(max_length=40)
    insurance_line = models.CharField(max_length=16, choices=_choices(InsuranceLine))
    year = models.IntegerField()
    title = models.CharField(max_length=200)
    formed_date = models.DateField()
    rule_code = models.CharField(max_length=60)
    term = models.CharField(max_length=12)
    paper_pages = models.IntegerField()
    route = models.CharField(max_length=12, choices=_choices(Route))
    state = models.CharField(max_length=16, choices=_choices(State))
    custody = models.CharField(max_length=12, choices=_choices(Custody))
    secrecy = models.CharField(max_length=12, choices=_choices(Secrecy), default=Secrecy.OPEN)
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    item_no = models.IntegerField(null=True, blank=True)
    reference_code = models.CharField(max_length=80, null=True, blank=True, unique=True)
    registered_at = models.DateTimeField()
    state_since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in State]), name="item_in_a_known_state"
            ),
            models.CheckConstraint(condition=models.Q(paper_pages__gte=1), name="item_has_pages"),
            models.UniqueConstraint(fields=["agency", "acceptance_no"], name="one_item_an_acceptance_no"),
            models.UniqueConstraint(fields=["volume", "item_no"], name="one_item_a_place"),
        ]
        indexes = [
            models.Index(fields=["state", "agency", "id"]),
            models.Index(
                fields=["secrecy"], condition=~models.Q(secrecy=Secrecy.OPEN), name="items_that_are_restricted"
            ),
            models.Index(fields=["acceptance_no"], name="item_by_acceptance_no"),  # asked for without the agency
        ]

    def __str__(self) -> str:
        return self.reference_code or self.acceptance_no


class Component(Kept):
    """One byte stream of an item (组成部分), with digests and size. Superseded ones stay, marked."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    ordinal = models.IntegerField()
    material_code = models.CharField(max_length=40)
    original_name = models.CharField(max_length=255)
    logical_name = models.CharField(max_length=200)
    format_id = models.CharField(max_length=20)
    mime = models.CharField(max_length=60)
    page_count = models.IntegerField()
    pages = models.JSONField(default=list)  # [width_px, height_px, dpi] a page
    # Degrees clockwise by which a page is shown turned, by its number: {"2": 90}. The bytes are never turned (ADR 15).
    turns = models.JSONField(default=dict)
    size_bytes = models.BigIntegerField()
    sha512 = models.CharField(max_length=128, db_index=True)
    sha256 = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)
    captured_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "ordinal"], condition=models.Q(superseded_at=None), name="one_component_a_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.ordinal} {self.original_name}"


class Look(models.Model):
    """That a person opened a page (看过): what "every page seen" rests on; long work is taken up again."""

    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="+")
    page_no = models.IntegerField()
    staff_code = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["component", "page_no", "staff_code"], name="one_look_a_page_and_person")
        ]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.component_id}/{self.page_no}"


class Involvement(Kept):
    """That a subject is concerned by an item (涉及): one form, many persons, each finds it (STD-16)."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    ordinal = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "subject"], name="one_involvement_a_subject")]

    def __str__(self) -> str:
        return f"{self.item_id}~{self.subject_id}"


class Restraint(Kept):
    """Something that forbids a move for now (限制): posted by the desk that knows, lifted by it."""

    unit = models.CharField(max_length=60, db_index=True)
    kind = models.CharField(max_length=12, choices=_choices(RestraintKind))
    reference = models.CharField(max_length=120)
    posted_by = models.CharField(max_length=40)
    posted_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.unit}"


class Participation(Kept):
    """Who took which part in a record (职责): what separation of duty is judged on."""

    unit = models.CharField(max_length=60)
    duty = models.CharField(max_length=24, choices=_choices(Duty))
    staff_code = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "duty", "staff_code"], name="one_part_a_person_and_duty")
        ]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.duty} {self.unit}"
