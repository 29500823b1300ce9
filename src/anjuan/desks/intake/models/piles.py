"""Piles of pages that are split into cases (分叠). What came of a pile stands in the deeds; the rows are its draft."""

from django.db import models


class Pile(models.Model):
    """A pile of scanned pages (一叠), laid down by one person, until its split is confirmed."""

    uid = models.CharField(max_length=32, unique=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    owner_code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    paper_pages = models.IntegerField()
    cases_said = models.IntegerField(default=0)
    status = models.CharField(max_length=12)
    laid_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)  # its pages lie in the spool no more
    takes_twins = models.BooleanField(default=False)  # said: files with equal bytes are sheets of their own
    steps_back = models.JSONField(default=list)  # what each mark was before it was changed, newest last

    class Meta:
        indexes = [models.Index(fields=["agency_path", "status", "laid_at"])]

    def __str__(self) -> str:
        return f"{self.uid} {self.status}"


class Leaf(models.Model):
    """A file of a pile: its bytes lie in the spool until they are captured."""

    pile = models.ForeignKey(Pile, on_delete=models.CASCADE, related_name="+")
    ordinal = models.IntegerField()
    original_name = models.CharField(max_length=255)
    spool_name = models.CharField(max_length=80)
    sha512 = models.CharField(max_length=128)
    size_bytes = models.BigIntegerField()
    is_read = models.BooleanField(default=False)
    page_count = models.IntegerField(default=1)
    kind = models.CharField(max_length=12)
    number = models.CharField(max_length=40, blank=True)
    material = models.CharField(max_length=40, blank=True)
    codes = models.JSONField(default=list)
    refused_code = models.CharField(max_length=10, blank=True)
    refused_params = models.JSONField(default=dict)
    taken_urn = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pile", "ordinal"], name="one_leaf_a_place")]

    def __str__(self) -> str:
        return f"{self.ordinal} {self.kind} {self.number}"
