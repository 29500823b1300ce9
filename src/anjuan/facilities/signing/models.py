"""Generations of keys whose certificates stand under the archive's root (密钥世代). Keys themselves lie in files."""

from django.db import models

from anjuan.facilities.signing.rules import KeyKind


class KeyGeneration(models.Model):
    """One generation of a key, begun and revoked on record. The first has no row until something is said of it."""

    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in KeyKind])
    generation = models.PositiveIntegerField()
    certificate_digest = models.CharField(max_length=64)
    begun_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "generation"], name="one_row_a_generation")]

    def __str__(self) -> str:
        return f"{self.kind} {self.generation}"
