"""The day's roots (每日根): what the log had come to when a day ended, and who says when."""

from django.db import models


class DayRoot(models.Model):
    """The root of the log at the end of a day (``no`` 0), or when it was asked for during the day (1, 2 …).

    The checkpoint is the ledger's, named by its size; the time stamp is a file beside the log, named by its digest.
    """

    day = models.DateField()
    no = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    stamp_digest = models.CharField(max_length=64)
    stamp_authority = models.CharField(max_length=200)
    stamped_at = models.DateTimeField()
    is_own_stamp = models.BooleanField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "no"], name="one_root_a_day_and_number")]

    def __str__(self) -> str:
        return f"{self.day}/{self.no} {self.size} {self.root[:12]}"
