"""What was said of records by tests and of findings by people: kept, never changed behind anybody's back."""

from django.db import models


class Report(models.Model):
    """One run of a scheme of four-nature tests on one record (四性检测报告)."""

    unit = models.CharField(max_length=60, db_index=True)
    stage = models.CharField(max_length=12)
    results = models.JSONField()  # [code, outcome, detail] a test
    is_passed = models.BooleanField()
    tested_by = models.CharField(max_length=40)
    tested_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["stage", "is_passed"])]

    def __str__(self) -> str:
        return f"{self.stage} {self.unit} {self.is_passed}"


class FindingAnswer(models.Model):
    """What a person said of a finding by machine (人工判定): that it is a fault, or that it is none.

    It holds as long as the detector says the same of the same place; when it says something else, it is asked anew.
    """

    class Verdict(models.TextChoices):
        CONFIRMED = "CONFIRMED", "confirmed"
        DISMISSED = "DISMISSED", "dismissed"

    volume_urn = models.CharField(max_length=60)
    code = models.CharField(max_length=6)
    item_urn = models.CharField(max_length=60, blank=True)
    component_pk = models.BigIntegerField(default=0)  # 0: the whole item
    page_no = models.IntegerField(default=0)  # 0: no page
    said = models.CharField(max_length=200)
    outcome = models.CharField(max_length=16)
    version = models.IntegerField()
    agency_code = models.CharField(max_length=12)
    verdict = models.CharField(max_length=10, choices=Verdict)
    answered_by = models.CharField(max_length=40)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["volume_urn", "code", "item_urn", "component_pk", "page_no"], name="one_answer_a_finding"
            )
        ]
        indexes = [models.Index(fields=["code", "answered_at"])]

    def __str__(self) -> str:
        return f"{self.code} {self.volume_urn} {self.verdict}"


class Threshold(models.Model):
    """A threshold of a detector that the house set otherwise than it is shipped (检测阈值)."""

    code = models.CharField(max_length=6)
    name = models.CharField(max_length=20)
    value = models.FloatField()
    reason = models.CharField(max_length=200)
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "name"], name="one_value_a_threshold")]

    def __str__(self) -> str:
        return f"{self.code}.{self.name} = {self.value}"


class AddedTest(models.Model):
    """A four-nature test that the house added to the scheme (自定检测项): it says the worst that its detectors say.

    It is withdrawn, never removed: reports name it.
    """

    code = models.CharField(max_length=6, unique=True)
    zh = models.CharField(max_length=100)
    en = models.CharField(max_length=100)
    nature = models.CharField(max_length=12)
    stages = models.JSONField()
    detectors = models.JSONField()
    has_veto = models.BooleanField()
    reason = models.CharField(max_length=200)
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.code} {self.zh}"


class SignatureCheck(models.Model):
    """What the signatures of a file are worth (验签结果), by its digest: found again whenever it is missing."""

    sha512 = models.CharField(max_length=128, unique=True)
    version = models.IntegerField()  # of the way of verifying: a row of another version counts as missing
    trust = models.CharField(max_length=16)  # whom the house trusted then
    results = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.sha512[:12]} v{self.version}"


class SignatureFault(models.Model):
    """One invalid signature in a file of a record (签名验证失败登记): found once, explained and closed by people."""

    class State(models.TextChoices):
        OPEN = "OPEN", "open"
        EXPLAINED = "EXPLAINED", "explained"
        REPLACED = "REPLACED", "replaced"
        ACCEPTED = "ACCEPTED", "accepted"

    item_urn = models.CharField(max_length=60)
    reference = models.CharField(max_length=200)
    agency_path = models.CharField(max_length=120)
    sha512 = models.CharField(max_length=128)
    file_name = models.CharField(max_length=255)
    number = models.IntegerField()  # of the signature in the file
    signer = models.CharField(max_length=120, blank=True)
    said_zh = models.CharField(max_length=600)
    said_en = models.CharField(max_length=600)
    step = models.CharField(max_length=12)
    found_by = models.CharField(max_length=40)
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    explanation = models.CharField(max_length=300, blank=True)
    explained_by = models.CharField(max_length=40, blank=True)
    explained_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=300, blank=True)
    closed_by = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item_urn", "sha512", "number"], name="one_fault_a_signature"),
        ]
        indexes = [models.Index(fields=["state", "found_at"])]

    def __str__(self) -> str:
        return f"{self.state} {self.reference} {self.file_name} {self.number}"
