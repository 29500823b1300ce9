"""Links by which a business system shows a record's pages to one of its users (影像调阅链接)."""

from django.db import models


class ViewLink(models.Model):
    """A link to one record for one person, opened once, by one browser.

    The token stands here by its digest only. ``reader_digest`` is that of the mark which the browser that opened the
    link was given: whoever else has the address gets nothing.
    """

    token_digest = models.CharField(max_length=64, unique=True)
    item_urn = models.CharField(max_length=60, db_index=True)
    agency_code = models.CharField(max_length=12)
    serial = models.CharField(max_length=40)
    staff_code = models.CharField(max_length=40)
    system_code = models.CharField(max_length=40)
    purpose = models.CharField(max_length=120)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    reader_digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.agency_code} {self.serial} {self.staff_code} {self.issued_at}"
