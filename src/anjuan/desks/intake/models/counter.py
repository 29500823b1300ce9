"""Phones that serve as cameras, and what was taken over instead of being scanned again."""

from django.db import models

from anjuan.records.models import Component, Item


class Pairing(models.Model):
    """A phone that photographs pages for one item for a while (手机配对): its token opens that and nothing else."""

    token_digest = models.CharField(max_length=64, unique=True)  # SHA-256; the token is shown once, as a QR
    item_urn = models.CharField(max_length=60, db_index=True)
    staff_code = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.staff_code} {self.item_urn}"


class Reuse(models.Model):
    """That a file was not scanned again but taken over from an earlier record (材料复用), and from which version."""

    component = models.OneToOneField(Component, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="+")
    source_urn = models.CharField(max_length=60)
    source_version = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.component_id} < {self.source_id}"


class Likeness(models.Model):
    """That a page looked like another when it was captured (疑似同一页), and who said that it is not the same.

    Pages are named by the digest of their file: a file that is turned or moved is still the same.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    sha512 = models.CharField(max_length=128)
    page_no = models.IntegerField()
    other_item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    other_sha512 = models.CharField(max_length=128)
    other_page_no = models.IntegerField()
    found_at = models.DateTimeField()
    parted_at = models.DateTimeField(null=True, blank=True)
    parted_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "sha512", "page_no", "other_item", "other_sha512", "other_page_no"],
                name="one_likeness_a_pair",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} p{self.page_no} ~ {self.other_item_id} p{self.other_page_no}"
