"""What a file was flagged for when it came in (格式标记). The bytes lie in the store, under the same digest."""

from django.db import models


class FormatFinding(models.Model):
    """One flag on a file, by its digest: the same bytes have the same flags wherever they are captured."""

    sha512 = models.CharField(max_length=128)
    code = models.CharField(max_length=6)
    severity = models.CharField(max_length=8)
    params = models.JSONField(default=dict)  # what the words of the flag name

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha512", "code"], name="one_flag_of_a_kind_a_file")]

    def __str__(self) -> str:
        return f"{self.code} {self.sha512[:12]}"


class FormCheck(models.Model):
    """How a PDF or OFD is built (版式文件查验), by its digest: looked at again whenever it is missing."""

    sha512 = models.CharField(max_length=128, unique=True)
    version = models.IntegerField()  # of the way of looking: a row of another version counts as missing
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.sha512[:12]} v{self.version}"


class PageSignature(models.Model):
    """A small grey picture of a page by which it is known again when it is scanned twice (页面指纹)."""

    sha512 = models.CharField(max_length=128)
    page_no = models.IntegerField()
    signature = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha512", "page_no"], name="one_signature_a_page")]

    def __str__(self) -> str:
        return f"{self.sha512[:12]} p{self.page_no}"


class PageMeasure(models.Model):
    """What was measured on a page image, by the digest of the file (影像测量): made again whenever it is missing."""

    sha512 = models.CharField(max_length=128)
    page_no = models.IntegerField()
    version = models.IntegerField()  # of the way of measuring: a row of another version counts as missing
    figures = models.JSONField(default=dict)
    twins = models.JSONField(default=list)  # [sha512, page, unlikeness] of pages of the same item that look the same
    signature = models.BinaryField(default=bytes)  # by which the page is compared; empty for a blank one

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha512", "page_no"], name="one_measure_a_page")]

    def __str__(self) -> str:
        return f"{self.sha512[:12]} p{self.page_no} v{self.version}"
