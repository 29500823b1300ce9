"""Catalogues that came in spreadsheets (目录导入). What they changed stands in the deeds; these rows are the work."""

from django.db import models


class CatalogueSheet(models.Model):
    """A spreadsheet with a catalogue (目录表): its rows wait in the spool until they are taken in."""

    uid = models.CharField(max_length=32, unique=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    owner_code = models.CharField(max_length=40)
    name = models.CharField(max_length=255)
    purpose = models.CharField(max_length=8)
    heads = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # field to column
    row_count = models.IntegerField()
    status = models.CharField(max_length=12)
    taken = models.IntegerField(default=0)
    laid_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)  # its rows lie in the spool no more

    class Meta:
        indexes = [models.Index(fields=["agency_path", "laid_at"])]

    def __str__(self) -> str:
        return f"{self.uid} {self.purpose} {self.status}"


class RowFault(models.Model):
    """Why a row of a sheet cannot be taken in (行错误): row, column, reason."""

    sheet = models.ForeignKey(CatalogueSheet, on_delete=models.CASCADE, related_name="+")
    row_no = models.IntegerField()
    place = models.IntegerField()  # from 0, among the rows of the sheet
    field = models.CharField(max_length=40)
    code = models.CharField(max_length=10)
    params = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["sheet", "place"])]

    def __str__(self) -> str:
        return f"{self.row_no} {self.field} {self.code}"


class FieldChange(models.Model):
    """One field of one item that a sheet changes (著录改动): what it was, what it becomes, and how far that is."""

    sheet = models.ForeignKey(CatalogueSheet, on_delete=models.CASCADE, related_name="+")
    place = models.IntegerField()
    row_no = models.IntegerField()
    urn = models.CharField(max_length=60)
    reference = models.CharField(max_length=80)
    field = models.CharField(max_length=40)
    before = models.CharField(max_length=400)
    after = models.CharField(max_length=400)
    is_made = models.BooleanField(default=False)
    is_undone = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "place", "field"], name="one_change_a_cell")]

    def __str__(self) -> str:
        return f"{self.reference} {self.field}"


class ColumnMap(models.Model):
    """How an agency's headings were mapped last (列对应): field by heading."""

    agency_code = models.CharField(max_length=12)
    purpose = models.CharField(max_length=8)
    fields = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency_code", "purpose"], name="one_map_an_agency")]

    def __str__(self) -> str:
        return f"{self.agency_code} {self.purpose}"
