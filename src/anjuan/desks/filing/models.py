"""Filing's own papers: how an order came about, what was issued at each sealing, notes, dossiers sent on."""

from django.db import models


class ProposalMove(models.Model):
    """That a clerk wants an item to lie beside another one in the proposals, or to begin a volume of its own (改派)."""

    staff_code = models.CharField(max_length=40)
    item_urn = models.CharField(max_length=60)
    beside_urn = models.CharField(max_length=60)  # the item itself: a volume begins with it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff_code", "item_urn"], name="one_move_an_item_and_person")]

    def __str__(self) -> str:
        return f"{self.staff_code}: {self.item_urn} → {self.beside_urn}"


class Rearrangement(models.Model):
    """One change of the order of a volume (调整件序): what it was before, so that it can be undone until the seal."""

    volume_urn = models.CharField(max_length=60, db_index=True)
    before = models.JSONField()
    after = models.JSONField()
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    undone_by = models.CharField(max_length=40, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.made_at:%F %T}"


class ContentsIssue(models.Model):
    """One issue of a volume's contents list (卷内目录版次): written at each sealing, kept for ever.

    A row names the item, its 档号 and its first and last page; whom it concerns is not repeated here.
    """

    volume_urn = models.CharField(max_length=60)
    issue_no = models.IntegerField()
    reference_code = models.CharField(max_length=80)
    rows = models.JSONField()  # [item URN, 档号, first page, last page] in order
    item_count = models.IntegerField()
    page_count = models.IntegerField()
    reason = models.CharField(max_length=200, blank=True)
    issued_by = models.CharField(max_length=40)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["volume_urn", "issue_no"], name="one_issue_a_number")]

    def __str__(self) -> str:
        return f"{self.reference_code} #{self.issue_no}"


class VolumeNote(models.Model):
    """One line of a volume's reference note (备考记载): what is missing, altered, added, moved out, destroyed, said."""

    class Kind(models.TextChoices):
        MISSING = "MISSING", "missing"
        ALTERED = "ALTERED", "altered"
        ADDED = "ADDED", "added"
        MOVED_OUT = "MOVED_OUT", "moved out"
        REMARK = "REMARK", "remark"

    volume_urn = models.CharField(max_length=60, db_index=True)
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=300)
    noted_by = models.CharField(max_length=40)
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.kind}"


class Supplement(models.Model):
    """That a volume supplements one that takes nothing more (补充卷)."""

    volume_urn = models.CharField(max_length=60, unique=True)
    of_urn = models.CharField(max_length=60, db_index=True)

    def __str__(self) -> str:
        return f"{self.volume_urn} → {self.of_urn}"


class Forwarding(models.Model):
    """A dossier sent on to another office (转递): its notice, the sending, the receipt, or the calling back."""

    class Stage(models.TextChoices):
        PREPARED = "PREPARED", "prepared"
        SENT = "SENT", "sent"
        RECEIPTED = "RECEIPTED", "receipted"
        CANCELLED = "CANCELLED", "cancelled"

    notice_no = models.CharField(max_length=40, unique=True)
    volume_urn = models.CharField(max_length=60, db_index=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    to_name = models.CharField(max_length=120)
    to_address = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.PREPARED)
    prepared_by = models.CharField(max_length=40)
    prepared_at = models.DateTimeField()
    means = models.CharField(max_length=60, blank=True)
    sent_by = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    receiver_name = models.CharField(max_length=60, blank=True)
    receipt_date = models.DateField(null=True, blank=True)
    recorded_by = models.CharField(max_length=40, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    cancelled_by = models.CharField(max_length=40, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["volume_urn"],
                condition=~models.Q(stage__in=["RECEIPTED", "CANCELLED"]),
                name="one_forwarding_a_dossier",
            )
        ]

    def __str__(self) -> str:
        return self.notice_no


class PrintRun(models.Model):
    """Papers of many volumes printed in one go (批量打印): which ones, for whom; the file lies in the home."""

    uid = models.CharField(max_length=32, unique=True)
    forms = models.JSONField()
    volumes = models.JSONField()
    title = models.CharField(max_length=120)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.title} {self.made_at:%F %T}"
