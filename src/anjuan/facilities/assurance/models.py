"""What four-nature tests said of a record (四性检测报告): kept, never changed."""

from django.db import models


class Report(models.Model):
    """One run of a scheme on one record."""

    unit = models.CharField(max_length=60, db_index=True)
    stage = models.CharField(max_length=12)
    results = models.JSONField()  # [code, outcome, detail] a test
    is_passed = models.BooleanField()
    tested_by = models.CharField(max_length=40)
    tested_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.stage} {self.unit} {self.is_passed}"
