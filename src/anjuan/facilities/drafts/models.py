"""Unfinished forms (草稿)."""

from django.db import models


class Draft(models.Model):
    """What somebody has begun to type into a form, gone when it is sent or thrown away; nobody else reads it."""

    staff_code = models.CharField(max_length=40)
    form_code = models.CharField(max_length=80)  # the room's own name of the form
    fields = models.JSONField()  # name of a field -> what was typed, in order
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff_code", "form_code"], name="one_draft_a_form")]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.form_code}"
