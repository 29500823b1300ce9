"""What the rows know of the store: which objects and byte streams there are. The bytes themselves are the truth."""

from django.db import models


class StoredObject(models.Model):
    """One preservation object (存储对象): one item, from its first captured byte."""

    urn = models.CharField(max_length=64, unique=True)
    head_version = models.PositiveIntegerField()
    is_sealed = models.BooleanField(default=False)
    deposited_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(head_version__gte=1), name="stored_object_head")]

    def __str__(self) -> str:
        return self.urn


class StoredFile(models.Model):
    """One byte stream that an object keeps (存储文件)."""

    stored_object = models.ForeignKey(StoredObject, on_delete=models.PROTECT, related_name="+")
    sha512 = models.CharField(max_length=128, db_index=True)
    sha256 = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    content_path = models.TextField()
    first_version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stored_object", "sha512"], name="stored_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sha512[:16]} {self.content_path}"
