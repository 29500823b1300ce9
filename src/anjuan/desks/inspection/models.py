"""Inspection's own papers: signed self-checks and drawn samples."""

from django.db import models


class SelfCheck(models.Model):
    """A signed self-check of one volume (自查表)."""

    volume_urn = models.CharField(max_length=60, db_index=True)
    answers = models.JSONField()
    signed_by = models.CharField(max_length=40)
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.signed_by}"


class RecheckDraw(models.Model):
    """A drawn re-check (复核抽样): the lot, the seed and the draw are kept, so it cannot be drawn again."""

    draw_no = models.CharField(max_length=30, unique=True)
    agency_code = models.CharField(max_length=12)
    acceptor_code = models.CharField(max_length=40)
    lot = models.JSONField()
    drawn = models.JSONField()
    percent = models.IntegerField()
    seed = models.CharField(max_length=64)
    checkpoint_size = models.BigIntegerField()
    drawn_by = models.CharField(max_length=40)
    drawn_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.draw_no
