"""What people decided of persons and units (一人一档): joined or kept apart, named, parted, succeeded; and withdrawals.

Rows are written once and never changed or taken away: what is undone has a row of its own. Records stay as they are;
a life line is drawn from them and from these rows each time. ``turn`` counts how often the same was decided and
withdrawn before: so of two who decide the same at once the database refuses the second.
"""

from django.db import models


class Decided(models.Model):
    """What every decision keeps: who, when, why, and the record that shows it."""

    uid = models.CharField(max_length=60, unique=True)
    turn = models.IntegerField(default=0)
    reason = models.CharField(max_length=200)
    evidence_urn = models.CharField(max_length=60, blank=True)
    agency_code = models.CharField(max_length=12)
    decided_by = models.CharField(max_length=40)
    decided_at = models.DateTimeField()

    class Meta:
        abstract = True


class Bond(Decided):
    """That two subjects are one (并为一人、一户), or are not (各为一人); the smaller URN stands first."""

    kind = models.CharField(max_length=8)
    one_urn = models.CharField(max_length=60)
    other_urn = models.CharField(max_length=60, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one_urn", "other_urn", "turn"], name="one_bond_a_pair_and_turn")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class Naming(Decided):
    """Another name of a person or unit (曾用名、现用名), from or until a day. ``name_key`` is the name folded."""

    kind = models.CharField(max_length=8)
    subject_urn = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True)
    changed_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_urn", "name_key", "turn"], name="one_naming_a_name_and_turn")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class Parting(Decided):
    """That some records under a subject are another one's (拆分): they have a life line of their own."""

    subject_urn = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"{self.uid}"


class PartedItem(models.Model):
    """One record that a parting moved off a subject's life line."""

    parting_uid = models.CharField(max_length=60, db_index=True)
    subject_urn = models.CharField(max_length=60)
    item_urn = models.CharField(max_length=60, db_index=True)
    turn = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_urn", "item_urn", "turn"], name="one_parting_an_item_and_turn")
        ]

    def __str__(self) -> str:
        return f"{self.parting_uid} {self.item_urn}"


class Succession(Decided):
    """That a unit came from another (单位沿革): renamed, merged, divided; or ended, and then nobody succeeds."""

    kind = models.CharField(max_length=12)
    predecessor_urn = models.CharField(max_length=60)
    successor_urn = models.CharField(max_length=60, blank=True, db_index=True)
    happened_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor_urn", "successor_urn", "turn"], name="one_succession_a_pair_and_turn"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class Withdrawal(models.Model):
    """That a decision no longer holds (撤销判定): who, when and why; the decision stays readable."""

    uid = models.CharField(max_length=60, unique=True)
    reason = models.CharField(max_length=200)
    agency_code = models.CharField(max_length=12)
    withdrawn_by = models.CharField(max_length=40)
    withdrawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.uid}"
