"""What this desk alone keeps: the receipts of cases that came in batches."""

from django.db import models

from anjuan.desks.intake.models.attaching import ImageSet
from anjuan.desks.intake.models.business import FieldOrigin, FilingTry, SentConflict
from anjuan.desks.intake.models.catalogue import CatalogueSheet, ColumnMap, FieldChange, RowFault
from anjuan.desks.intake.models.counter import Likeness, Pairing, Reuse
from anjuan.desks.intake.models.declarations import Declaration
from anjuan.desks.intake.models.piles import Leaf, Pile
from anjuan.desks.intake.models.sendings import Sending
from anjuan.records.models import Item

__all__ = [
    "CatalogueSheet",
    "ColumnMap",
    "Declaration",
    "FieldChange",
    "FieldOrigin",
    "FilingTry",
    "ImageSet",
    "Leaf",
    "Likeness",
    "Pairing",
    "Pile",
    "Receipt",
    "Reuse",
    "RowFault",
    "Sending",
    "SentConflict",
]


class Receipt(models.Model):
    """What was answered when a case came in by batch (收件回执), so that the same case sent again gets it again."""

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="+")
    sent_digest = models.CharField(max_length=64)
    version = models.IntegerField()
    pages = models.IntegerField()
    state = models.CharField(max_length=16)
    missing = models.JSONField(default=list)  # [code, particulars] each

    def __str__(self) -> str:
        return f"{self.item_id} v{self.version} {self.state}"
