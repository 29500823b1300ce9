"""Inspection's own papers: signed self-checks, drawn samples, and what was counted on paper."""

from django.db import models


class SelfCheck(models.Model):
    """A signed self-check of one volume (自查表)."""

    volume_urn = models.CharField(max_length=60, db_index=True)
    answers = models.JSONField()
    signed_by = models.CharField(max_length=40)
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.signed_by}"


class SampleDraw(models.Model):
    """A drawn sample (抽样): the spot check before a pick-up (抽查预验收), or the re-check (复核).

    The lot, the seed and the draw are kept, so it cannot be drawn again. A volume that is returned leaves the lot; what
    was drawn first stands in the journal.
    """

    class Kind(models.TextChoices):
        SPOT = "SPOT", "spot"
        RECHECK = "RECHECK", "recheck"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.RECHECK)
    draw_no = models.CharField(max_length=30, unique=True)
    agency_code = models.CharField(max_length=12)
    acceptor_code = models.CharField(max_length=40, blank=True)
    lot = models.JSONField()
    drawn = models.JSONField()
    percent = models.IntegerField()
    seed = models.CharField(max_length=64)
    checkpoint_size = models.BigIntegerField()
    drawn_by = models.CharField(max_length=40)
    drawn_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)  # every volume of it was returned

    def __str__(self) -> str:
        return self.draw_no


class PaperCheck(models.Model):
    """That a person counted one volume on paper, item by item, and found it as the catalogue says (实物核对)."""

    volume_urn = models.CharField(max_length=60, db_index=True)
    state = models.CharField(max_length=16)
    state_since = models.DateTimeField()  # of the volume then: a count does not outlive the stay it was made in
    counted = models.JSONField()  # pages by item URN
    checked_by = models.CharField(max_length=40)
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.checked_by}"
