"""The journal's rows (业务日志). No foreign keys: an entry outlives the account, the row, even the schema."""

from django.db import models

from anjuan.foundation.journal.rules import row_ref


class Entry(models.Model):
    """What happened, once, for ever.

    ``position`` is empty until the sequencer gives it; everyone follows positions, never ids, because ids may commit
    out of order. ``commitments`` holds per field SHA-256(salt ‖ value) in hex; values and salts stand in PrivateValue.
    """

    uid = models.CharField(max_length=32, unique=True)
    position = models.BigIntegerField(null=True, unique=True)
    at = models.DateTimeField()
    act = models.CharField(max_length=60)
    unit = models.CharField(max_length=60)
    staff_code = models.CharField(max_length=40)
    agency_code = models.CharField(max_length=20)
    commitments = models.JSONField(default=dict)
    commitments_sm3 = models.JSONField(default=dict)
    members_root = models.CharField(max_length=64, blank=True)
    members_sm3 = models.CharField(max_length=64, blank=True, default="")
    members_count = models.IntegerField(default=0)
    rows_root = models.CharField(max_length=64, blank=True, default="")
    rows_sm3 = models.CharField(max_length=64, blank=True, default="")
    rows_count = models.IntegerField(default=0)
    leaf_version = models.SmallIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["unit", "id"]), models.Index(fields=["act", "id"])]
        constraints = [models.CheckConstraint(condition=models.Q(position__gte=0), name="position_from_zero")]

    def __str__(self) -> str:
        return f"{self.position}: {self.act} {self.unit}"


class PrivateValue(models.Model):
    """The value behind one commitment. Lawful erasure deletes the row; every proof still verifies.

    ``field`` is the field's name; of a member of a batch act, its ordinal, a dot and the name.
    """

    entry_uid = models.CharField(max_length=32, db_index=True)
    field = models.CharField(max_length=40)
    salt = models.CharField(max_length=32)
    value = models.TextField()

    class Meta:
        db_table = "journal_private"
        constraints = [models.UniqueConstraint(fields=["entry_uid", "field"], name="one_value_a_field")]

    def __str__(self) -> str:
        return f"{self.entry_uid}.{self.field}"


class Member(models.Model):
    """One unit of a batch act. The entry carries the Merkle root over its members.

    ``commitments`` is what the act said of this unit alone, as in an entry; then ``digest`` is theirs. It is empty
    where the digest is of something else, such as a sealed record.
    """

    entry_uid = models.CharField(max_length=32, db_index=True)
    ordinal = models.IntegerField()
    unit = models.CharField(max_length=60, db_index=True)
    digest = models.CharField(max_length=64)
    commitments = models.JSONField(null=True)

    class Meta:
        db_table = "journal_member"
        constraints = [models.UniqueConstraint(fields=["entry_uid", "ordinal"], name="one_member_an_ordinal")]

    def __str__(self) -> str:
        return f"{self.entry_uid}#{self.ordinal}"


class RowDigest(models.Model):
    """That a deed wrote a row so (行摘要): SHA-256 and SM3 over 16 bytes of salt and the row's image.

    The newest of a row is what the row must answer to. ``salt`` alone may be emptied, when an image that no longer
    stands is lawfully erased.
    """

    entry_uid = models.CharField(max_length=32)
    ordinal = models.IntegerField()
    table_name = models.CharField(max_length=60)
    row_pk = models.BigIntegerField()
    shape_no = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)
    salt = models.CharField(max_length=32, blank=True)

    class Meta:
        db_table = "journal_row"
        constraints = [models.UniqueConstraint(fields=["entry_uid", "ordinal"], name="one_row_an_ordinal")]
        indexes = [models.Index(fields=["table_name", "row_pk", "id"], name="journal_row_newest")]

    def __str__(self) -> str:
        return f"{self.entry_uid} {self.ref}"

    @property
    def ref(self) -> str:
        """The row's name: ``records_item:17``."""
        return row_ref(self.table_name, self.row_pk)


class RowShape(models.Model):
    """The columns that the images of a table have had (表形): rows written before a column came stay comparable."""

    table_name = models.CharField(max_length=60)
    columns = models.JSONField()

    class Meta:
        db_table = "journal_shape"

    def __str__(self) -> str:
        return f"{self.table_name} {len(self.columns)}"


class Touched(models.Model):
    """A row that was written in the transaction under way; the deed takes its marks away when it is entered.

    Put down by triggers, so nothing is missed. One that stays was written outside any deed.
    """

    table_name = models.CharField(max_length=60)
    row_pk = models.BigIntegerField()
    transaction_no = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        db_table = "journal_touched"

    def __str__(self) -> str:
        return f"{self.table_name}:{self.row_pk}"


class Sequencer(models.Model):
    """The single row whose lock makes numbering one at a time, on both engines."""

    next_position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.next_position)


class Cursor(models.Model):
    """How far a follower has read: the next position it wants."""

    follower = models.CharField(max_length=40, unique=True)
    position = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.follower}@{self.position}"
