"""What people keep of their asking, what left the house, and how the index was found (存的检索、导出、索引核对)."""

from django.db import models


class SavedQuestion(models.Model):
    """A question that somebody wants to ask again (存的检索): his own, and nobody else's.

    ``seen_item`` is the newest record that was there when he last looked: what is found beyond it is new to him.
    """

    uid = models.CharField(max_length=32, unique=True)
    staff_code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    asked = models.CharField(max_length=200)
    order = models.CharField(max_length=16)
    seen_item = models.BigIntegerField()
    seen_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_code", "name"], condition=models.Q(dropped_at=None), name="one_question_a_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.name}"


class Export(models.Model):
    """A list of records that was taken out (导出): who, what for, how much; the file lies in the home for some days.

    ``question`` is what was typed, for the work that makes the file: it may hold numbers of persons, stands in no
    journal, and is emptied when the file is cleared. ``asked`` is the same with those numbers masked.
    """

    uid = models.CharField(max_length=32, unique=True)
    serial_no = models.CharField(max_length=20, unique=True)
    staff_code = models.CharField(max_length=40, db_index=True)
    agency_path = models.CharField(max_length=120)
    asked = models.CharField(max_length=200)
    question = models.CharField(max_length=200, blank=True)
    order = models.CharField(max_length=16)
    purpose = models.CharField(max_length=120)
    columns = models.JSONField()
    form = models.CharField(max_length=8)
    shows_numbers = models.BooleanField(default=False)
    wanted_rows = models.IntegerField()
    asked_at = models.DateTimeField()
    made_rows = models.IntegerField(null=True, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.serial_no} {self.staff_code}"


class IndexCheck(models.Model):
    """The index, once held against the records (索引核对): window by window, and how far it came."""

    uid = models.CharField(max_length=32, unique=True)
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=40)
    is_anew = models.BooleanField(default=False)
    windows = models.IntegerField()
    word_windows = models.IntegerField()
    next_place = models.IntegerField(default=0)
    strays = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.begun_at:%F %T} {self.next_place}/{self.places}"

    @property
    def places(self) -> int:
        """How many windows there are; even an empty index has one."""
        return max(self.windows + self.word_windows, 1)


class IndexFault(models.Model):
    """Where the index differed from the records, and was put right (索引差异). Keys only: no word of a record."""

    check_run = models.ForeignKey(IndexCheck, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    item = models.BigIntegerField()
    component = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_run", "kind", "item", "component"], name="one_line_an_index_fault")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item}"
