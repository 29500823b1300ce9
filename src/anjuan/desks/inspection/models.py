"""Inspection's own papers: self-checks, samples, counts of paper, campaigns; and exercises, which are no records."""

from django.db import models


class SelfCheck(models.Model):
    """A signed self-check of one volume (自查表)."""

    volume_urn = models.CharField(max_length=60, db_index=True)
    answers = models.JSONField()
    signed_by = models.CharField(max_length=40)
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.signed_by}"


class SampleDraw(models.Model):
    """A drawn sample (抽样): the spot check before a pick-up (抽查预验收), or the re-check (复核).

    The lot, the seed and the draw are kept, so it cannot be drawn again. A volume that is returned leaves the lot; what
    was drawn first stands in the journal.
    """

    class Kind(models.TextChoices):
        SPOT = "SPOT", "spot"
        RECHECK = "RECHECK", "recheck"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.RECHECK)
    draw_no = models.CharField(max_length=30, unique=True)
    agency_code = models.CharField(max_length=12)
    acceptor_code = models.CharField(max_length=40, blank=True)
    lot = models.JSONField()
    drawn = models.JSONField()
    percent = models.IntegerField()
    seed = models.CharField(max_length=64)
    checkpoint_size = models.BigIntegerField()
    drawn_by = models.CharField(max_length=40)
    drawn_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)  # every volume of it was returned

    def __str__(self) -> str:
        return self.draw_no


class InspectedLot(models.Model):
    """A lot as it was frozen, its plan, and what its inspection found (检验批): the history that rules look back on.

    SPOT: the volumes of one agency and category at the spot check, numbered within both. RECHECK: the volumes of one
    acceptor; what is found in them is his error.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "ACCEPTED", "accepted"
        NOT_ACCEPTED = "NOT_ACCEPTED", "not accepted"

    kind = models.CharField(max_length=8, choices=SampleDraw.Kind)
    draw_no = models.CharField(max_length=30, unique=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120, db_index=True)
    category_code = models.CharField(max_length=40, blank=True)
    acceptor_code = models.CharField(max_length=40, blank=True)
    lot_no = models.IntegerField(default=0)
    units = models.JSONField()  # by volume URN, the digest of its catalogue when it was frozen
    plan = models.JSONField()
    nonces = models.JSONField(default=list)  # journal position and value, once they are revealed
    standard = models.JSONField(default=list)  # the first of the draw, as many as the plan asks for: they decide
    is_counted = models.BooleanField(default=True)  # for the switching rules: a first inspection, by sample
    inspected = models.IntegerField(default=0)
    found = models.IntegerField(default=0)
    found_in_standard = models.IntegerField(default=0)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    frozen_by = models.CharField(max_length=40)
    frozen_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency_code", "category_code", "lot_no"],
                condition=models.Q(kind="SPOT"),
                name="one_lot_number",
            )
        ]

    def __str__(self) -> str:
        return f"{self.draw_no} {self.verdict}"


class SamplingOrder(models.Model):
    """What a person ordered for the lots of one agency and category (抽样指令): all by people, by plan, go on."""

    class Kind(models.TextChoices):
        BY_PEOPLE = "BY_PEOPLE", "every volume by people"
        BY_PLAN = "BY_PLAN", "by plan"
        RESUME = "RESUME", "resume inspection"

    kind = models.CharField(max_length=10, choices=Kind)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    category_code = models.CharField(max_length=40)
    after_lot = models.IntegerField()  # number of the last lot before it
    reason = models.CharField(max_length=200)
    ordered_by = models.CharField(max_length=40)
    ordered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.agency_code}/{self.category_code} {self.kind}"


class PaperCheck(models.Model):
    """That a person counted one volume on paper, item by item, and found it as the catalogue says (实物核对)."""

    volume_urn = models.CharField(max_length=60, db_index=True)
    state = models.CharField(max_length=16)
    state_since = models.DateTimeField()  # of the volume then: a count does not outlive the stay it was made in
    counted = models.JSONField()  # pages by item URN
    checked_by = models.CharField(max_length=40)
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.checked_by}"


class Campaign(models.Model):
    """A re-check of volumes that were judged before (回头看), or of those where one fault may stand again (同类排查).

    What it goes over was counted, chosen and frozen when it was opened: see `CampaignUnit`.
    """

    class Kind(models.TextChoices):
        CAMPAIGN = "CAMPAIGN", "campaign"
        SWEEP = "SWEEP", "same-fault sweep"

    kind = models.CharField(max_length=8, choices=Kind)
    campaign_no = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    selection = models.JSONField()
    fault_code = models.CharField(max_length=6, blank=True)  # what is looked for; empty: whatever is wrong
    origin_fault = models.BigIntegerField(null=True, blank=True)  # the correction that a sweep began with
    agency_path = models.CharField(max_length=120)  # the nearest agency above all its volumes
    unit_count = models.IntegerField()
    opened_by = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    closed_by = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin_fault"], condition=models.Q(kind="SWEEP"), name="one_sweep_a_fault")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_no} {self.name}"


class CampaignUnit(models.Model):
    """One volume of a campaign (复查卷): who has it in hand, what he said of it, and when.

    Put off is no end: the volume is offered again, to others first.
    """

    class Verdict(models.TextChoices):
        NOTHING = "NOTHING", "nothing found"
        FAULT = "FAULT", "fault raised"
        PUT_OFF = "PUT_OFF", "put off"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    place = models.IntegerField()
    volume_urn = models.CharField(max_length=60, db_index=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    category_code = models.CharField(max_length=40)
    items = models.JSONField(default=list)  # the items it is about; none: the whole volume
    score = models.FloatField(null=True, blank=True)  # of the detector when it was chosen, where there is one
    taken_by = models.CharField(max_length=40, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    is_returned = models.BooleanField(default=False)  # the fault went back as a correction; else it is a note
    faults = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    judged_by = models.CharField(max_length=40, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "volume_urn"], name="one_unit_a_volume")]
        indexes = [models.Index(fields=["campaign", "verdict", "place"])]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.place} {self.verdict}"


class ProbeSet(models.Model):
    """Copies of pages with known faults, by which people and detectors are measured (测评样本).

    It is no record: nothing of it is deposited or moves anywhere, and it is deleted with its files.
    """

    set_no = models.CharField(max_length=30, unique=True)
    seed = models.CharField(max_length=64)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.set_no


class Probe(models.Model):
    """One sample of a set: pages as if they were a record's, what was done to them, what detectors say (测评件)."""

    probe_set = models.ForeignKey(ProbeSet, on_delete=models.CASCADE, related_name="+")
    place = models.IntegerField()
    agency_path = models.CharField(max_length=120)  # of the record it was copied from: who may see it judges it
    source = models.JSONField()  # [item URN, component, digest, page, turn, material, is main form] a page
    catalogue = models.JSONField()  # [name, English name, pages] a material, as the catalogue of the record has it
    copies = models.JSONField()  # [place of the source page, fault, strength] a page
    truth = models.JSONField()  # [page, fault]
    said = models.JSONField(default=list)  # [detector, page, outcome] a finding
    prepared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["probe_set", "place"], name="one_probe_a_place")]

    def __str__(self) -> str:
        return f"{self.probe_set_id}/{self.place}"


class ProbeLook(models.Model):
    """That a person opened a page of a sample, and when first (测评看页)."""

    probe = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="+")
    staff_code = models.CharField(max_length=40)
    page_no = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["probe", "staff_code", "page_no"], name="one_look_a_probe_page_and_person")
        ]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.probe_id}/{self.page_no}"


class ProbeAnswer(models.Model):
    """What a person said of a sample: passed, or returned with these faults; said once (测评结论)."""

    class Verdict(models.TextChoices):
        PASS = "PASS", "passed"
        RETURN = "RETURN", "returned"

    probe = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="+")
    staff_code = models.CharField(max_length=40)
    verdict = models.CharField(max_length=8, choices=Verdict)
    marks = models.JSONField()  # [page, fault]
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["probe", "staff_code"], name="one_answer_a_probe_and_person")]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.probe_id} {self.verdict}"
