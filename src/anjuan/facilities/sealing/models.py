"""What was read of sealed items, as it lies in the store beside their pages (识读层). The layer itself is a file."""

from django.db import models


class ReadingLayer(models.Model):
    """The newest layer of one item in one way of reading (识读层): derived, never a master."""

    item_urn = models.CharField(max_length=64)
    version = models.PositiveIntegerField()  # of the way of reading; the layer's name in the object says it too
    model = models.CharField(max_length=100, blank=True)  # that read the words; empty where there were none
    sha512 = models.CharField(max_length=128)
    sha256 = models.CharField(max_length=64)
    pages_read = models.PositiveIntegerField()
    pages_waiting = models.PositiveIntegerField()  # when it was made
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item_urn", "version"], name="one_layer_a_way_of_reading")]

    def __str__(self) -> str:
        return f"{self.item_urn} v{self.version}"


class AwaitedLayer(models.Model):
    """A sealed item some of whose pages were not read yet (待补识读层): its layer is added when they are."""

    item_urn = models.CharField(max_length=64, unique=True)
    looked_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.item_urn


class LayerMark(models.Model):
    """Up to which object it is known whether its layer is awaited (识读层进度)."""

    version = models.PositiveIntegerField(unique=True)
    object_pk = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"v{self.version} up to {self.object_pk}"
