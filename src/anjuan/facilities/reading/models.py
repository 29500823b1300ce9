"""What was read on pages (识读). The images lie untouched in the store, under the same digest."""

from django.db import models


class PageReading(models.Model):
    """What one page says, by the digest of its file (页面识读): read again when the way of reading changes."""

    sha512 = models.CharField(max_length=128)
    page_no = models.IntegerField()
    version = models.IntegerField()  # of the way of reading
    model = models.CharField(max_length=40)  # that read the words; empty where nothing was read
    lines = models.JSONField(default=list)  # [text, box, sureness, middles of letters]; boxes on the upright page
    said = models.JSONField(default=dict)  # what detectors need, as core.reading.said keeps it
    read_at = models.DateTimeField()
    cpu_ms = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha512", "page_no"], name="one_reading_a_page")]

    def __str__(self) -> str:
        return f"{self.sha512[:12]} p{self.page_no} v{self.version}"


class ReadingMark(models.Model):
    """Up to which file everything is read (识读进度): what came before it is not looked through again."""

    part = models.CharField(max_length=8, unique=True)
    version = models.IntegerField()
    component_pk = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.part} up to {self.component_pk}"


class DamagedPage(models.Model):
    """A page whose bytes could not be had (损坏待读页): reading goes on past it, and it is tried again after a day."""

    component_pk = models.BigIntegerField()
    page_no = models.IntegerField()
    code = models.CharField(max_length=8)  # of the refusal that said why
    tried_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["component_pk", "page_no"], name="one_damage_a_page_to_read")]

    def __str__(self) -> str:
        return f"{self.component_pk} p{self.page_no} {self.code}"


class FormTemplate(models.Model):
    """A form of a material list, or one side of it, that is drawn (表单模板). What it says stands in its editions."""

    step_code = models.CharField(max_length=40)
    material_code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step_code", "material_code", "name"], name="one_template_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.step_code}.{self.material_code} {self.name}"


class FormEdition(models.Model):
    """One edition of a form template (模板版次): a draft, in use since a day, or withdrawn; in use it never changes."""

    template = models.ForeignKey(FormTemplate, on_delete=models.PROTECT, related_name="+")
    edition = models.IntegerField()
    shape = models.JSONField(default=dict)  # as core.reading.templates keeps it
    note = models.CharField(max_length=120, blank=True)
    sample = models.JSONField(default=dict)  # {"component": …, "page": …} or {"blank": …}; empty for none
    changed_at = models.DateTimeField()
    since_date = models.DateField(null=True, blank=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "edition"], name="one_shape_an_edition"),
            models.UniqueConstraint(
                fields=["template"],
                condition=models.Q(adopted_at=None, withdrawn_at=None),
                name="one_template_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.edition}"


class FormBlank(models.Model):
    """An empty form that somebody sent to draw a template on (空白样张): an aid, no record."""

    template = models.ForeignKey(FormTemplate, on_delete=models.PROTECT, related_name="+")
    image = models.BinaryField()  # PNG, drawn anew from what was sent
    width = models.IntegerField()
    height = models.IntegerField()
    width_mm = models.FloatField()
    lines = models.JSONField(default=list)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.template_id} {self.width}×{self.height}"


class PageLay(models.Model):
    """How a template lies on a page, and what stands in its boxes (套版结果), by the digest of the file."""

    sha512 = models.CharField(max_length=128)
    page_no = models.IntegerField()
    edition = models.ForeignKey(FormEdition, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()  # of the way of reading
    laid = models.JSONField(default=dict)  # as core.reading.templates keeps it; empty where it does not fit

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha512", "page_no", "edition"], name="one_lay_a_page_and_edition")
        ]

    def __str__(self) -> str:
        return f"{self.sha512[:12]} p{self.page_no} by {self.edition_id}"
