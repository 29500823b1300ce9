"""Where copies lie, what is asked of them, when each was last verified, and what was ever found wrong."""

from typing import Any

from django.db import models
from django.db.models import Q

from anjuan.facilities.copies.rules import DamageKind, Medium, Outcome
from anjuan.foundation.accounts.models import Agency
from anjuan.records.models import Fonds


def _choices(terms: Any) -> list[tuple[str, str]]:
    return [(term.value, term.value) for term in terms]


class Place(models.Model):
    """A place where copies lie (存放地).

    ``address`` is a folder (relative to the archive's home, or absolute) or ``s3://bucket/prefix``. An offline set is
    written while it is attached; once detached (``detached_at``), ``label`` and ``lies_at`` say where to look for it.
    """

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    medium = models.CharField(max_length=16, choices=_choices(Medium))
    is_primary = models.BooleanField(default=False)
    is_far = models.BooleanField(default=False)
    is_offline = models.BooleanField(default=False)
    site = models.CharField(max_length=80)
    address = models.CharField(max_length=400)
    capacity_bytes = models.BigIntegerField(null=True, blank=True)
    label = models.CharField(max_length=80, blank=True)
    lies_at = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField()
    detached_at = models.DateTimeField(null=True, blank=True)
    unreachable_since = models.DateTimeField(null=True, blank=True)
    months_left = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_primary"], condition=Q(is_primary=True), name="one_primary_place"),
            models.CheckConstraint(condition=Q(detached_at=None) | Q(is_offline=True), name="only_offline_detached"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CopyPolicy(models.Model):
    """What a fonds asks of its copies (副本策略); without a row the default holds."""

    fonds = models.OneToOneField(Fonds, on_delete=models.PROTECT, related_name="+")
    copies = models.PositiveSmallIntegerField()
    media = models.PositiveSmallIntegerField()
    far = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=200)
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "copy policies"

    def __str__(self) -> str:
        return f"{self.fonds_id}: {self.copies}/{self.media}/{self.far}"


class ObjectCopy(models.Model):
    """One object at one place (副本台账): which version was verified there, when, and what the last look found.

    No key to the store's own rows: what is purged or destroyed there must still be found where it lies.
    """

    urn = models.CharField(max_length=64)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=0)
    inventory_sha512 = models.CharField(max_length=128, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=_choices(Outcome), default=Outcome.UNCHECKED)
    verified_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "object copies"
        constraints = [
            models.UniqueConstraint(fields=["urn", "place"], name="one_copy_an_object_and_place"),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.GOOD) | Q(verified_at__isnull=False), name="good_was_verified"
            ),
        ]
        indexes = [
            models.Index(fields=["checked_at", "id"]),
            models.Index(fields=["place", "outcome", "verified_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.urn}@{self.place_id} v{self.version} {self.outcome}"


class Incident(models.Model):
    """Damage that was found, and what became of it (固定性事件): evidence, never taken away.

    ``evidence_path`` is where the damaged file was set aside, relative to its place's working folder;
    ``evidence_digest`` its SHA-512 there.
    """

    urn = models.CharField(max_length=64)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    path = models.TextField()
    kind = models.CharField(max_length=16, choices=_choices(DamageKind))
    expected_sha512 = models.CharField(max_length=128, blank=True)
    found_sha512 = models.CharField(max_length=128, blank=True)
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=40)
    evidence_path = models.TextField(blank=True)
    evidence_digest = models.CharField(max_length=128, blank=True)
    restored_sha512 = models.CharField(max_length=128, blank=True)
    repaired_at = models.DateTimeField(null=True, blank=True)
    repaired_from = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    repaired_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["urn", "place", "path"], condition=Q(repaired_at=None), name="one_open_incident_a_file"
            ),
        ]
        indexes = [models.Index(fields=["repaired_at", "found_at"]), models.Index(fields=["urn"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.urn}@{self.place_id} {self.path}"
