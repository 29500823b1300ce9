"""What units and citizens send in before their case is accepted (网上申报); the bytes wait in the spool."""

from django.db import models


class Declaration(models.Model):
    """A case as its unit or citizen sent it in (申报), until a handler accepts it: no record yet.

    Who holds number and inquiry code may see how it stands; the code is kept by its digest.
    """

    uid = models.CharField(max_length=32, unique=True)
    declaration_no = models.CharField(max_length=24, unique=True)
    code_digest = models.CharField(max_length=64)
    ticket_digest = models.CharField(max_length=64, unique=True)  # of the form: pressed twice it is one declaration
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    step_code = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    returned = models.JSONField(default=dict)  # why, by code of the material
    note = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12)
    round = models.IntegerField(default=1)
    lodged_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    judged_by = models.CharField(max_length=40, blank=True)
    acceptance_no = models.CharField(max_length=40, blank=True)
    item_urn = models.CharField(max_length=60, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)  # neither files nor particulars are here any more

    class Meta:
        indexes = [
            models.Index(fields=["agency_path", "status", "moved_at"]),
            models.Index(fields=["cleared_at", "moved_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.declaration_no} {self.status}"
