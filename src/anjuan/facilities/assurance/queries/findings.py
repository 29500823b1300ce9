"""What the machine finds in volumes, and what people said of it. Rights are judged by who asks, where not said."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from anjuan.core import detection
from anjuan.core.assurance import Outcome
from anjuan.core.detection import Detector, Fault, FaultFinding, Grade, Scope
from anjuan.core.detection.facts import Reading
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post
from anjuan.facilities.assurance.models import FindingAnswer, Threshold
from anjuan.facilities.assurance.queries.facts import facts_of, facts_of_loose
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.reading import queries as reading
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow

Verdict = FindingAnswer.Verdict
READERS = (Post.CHECKER, Post.ACCEPTOR, Post.RECHECKER, Post.SUPERVISOR, Post.ARCHIVIST)
THRESHOLD_POSTS = (Post.RECHECKER,)  # of the archive itself: one yardstick for the whole house
Place = tuple[str, str, int, int]
AT_COUNTER = frozenset(
    code
    for code, one in detection.detectors().items()
    if one.scope is not Scope.VOLUME and (code[0] in "SI" or code in ("V04", "V05", "V21", "D01", "D10", "D11"))
)


@dataclass(frozen=True)
class FoundRow:
    """A finding with its fault, and what a person said of it; ``verdict`` is empty while nobody did."""

    finding: FaultFinding
    fault: Fault
    verdict: str
    answered_by: str
    answered_at: dt.datetime | None = None

    @property
    def must_be_answered(self) -> bool:
        """Whether it stands against passing the volume: a fault of class A or B that nobody judged."""
        return not self.verdict and self.fault.grade is not Grade.C

    @property
    def stands(self) -> bool:
        """Whether a person called it a fault, and it is one that must be mended first."""
        return self.is_confirmed and self.fault.grade is not Grade.C

    @property
    def is_confirmed(self) -> bool:
        """Whether a person said that it is a fault."""
        return self.verdict == Verdict.CONFIRMED


@dataclass(frozen=True)
class DetectorRow:
    """A detector as its page shows it.

    Attributes:
        values: its thresholds as they hold now, by name.
        confirmed: findings that people said are faults.
        dismissed: findings that people said are none.
        unsure: of those answered, how many it had left to a person.
    """

    detector: Detector
    fault: Fault
    values: Mapping[str, float]
    changed: frozenset[str]
    confirmed: int
    dismissed: int
    unsure: int

    @property
    def precision(self) -> float | None:
        """Of its findings that people judged, the share that were faults; none before one was judged."""
        judged = self.confirmed + self.dismissed
        return self.confirmed / judged if judged else None


def thresholds() -> Mapping[str, Mapping[str, float]]:
    """What the house set otherwise than shipped, by detector and name; one query."""
    found: dict[str, dict[str, float]] = {}
    for code, name, value in Threshold.objects.values_list("code", "name", "value"):
        found.setdefault(code, {})[name] = value
    return found


def found_in(
    volume_urns: Sequence[str],
    *,
    counted: Mapping[str, Mapping[str, int]] | None = None,
    readings: Mapping[int, Reading] | None = None,
) -> Mapping[str, list[FoundRow]]:
    """What the detectors find in volumes now, with what people said of it (自动检测), by volume.

    Nothing is kept: findings follow from the records, so that they are never stale.

    Args:
        volume_urns: which volumes.
        counted: pages counted on paper, by volume and item, where somebody counted.
        readings: what reading the bytes showed, by component, where they were read.
    """
    settings = thresholds()
    said = _answers(volume_urns)
    return {
        facts.urn: [_row(finding, said.get(facts.urn, {})) for finding in detection.judge(facts, settings=settings)]
        for facts in facts_of(volume_urns, counted=counted, readings=readings)
    }


def found_at_counter(item: ItemRow) -> list[FaultFinding]:
    """What the machine sees on an item's pages while the paper is in hand (前台即检); rights are judged by who asks.

    Only what can be told of a page or an item alone: seals, hands, days, whose it is, and how the image is.
    """
    (facts,) = facts_of_loose([item], readings={})
    return list(detection.judge(facts, codes=AT_COUNTER, settings=thresholds()))


def scores_of(volume_urns: Sequence[str], code: str) -> Mapping[str, Mapping[str, float]]:
    """How surely one detector finds its fault in volumes, by volume and item; "" is the whole volume.

    Volumes in which it finds nothing are not in it; nor is any where no detector looks for the fault.
    """
    if code not in detection.detectors():
        return {}
    settings = thresholds()
    scores: dict[str, dict[str, float]] = {}
    for facts in facts_of(volume_urns):
        for finding in detection.judge(facts, codes=(code,), settings=settings):
            here = scores.setdefault(facts.urn, {})
            here[finding.item_urn] = max(here.get(finding.item_urn, 0.0), finding.score)
    return scores


def enter(actor: Actor) -> None:
    """Whether the actor may see the detectors.

    Raises:
        A-001: he works with records, but neither checks volumes nor answers for them.
        R-009: he does not work with records; the page does not exist for him.
    """
    if actor.holds(*READERS):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=READERS)
    raise Refusal("R-009", what="检测规则 detectors")


def may_set_thresholds(actor: Actor) -> bool:
    """Whether the actor decides where detectors draw the line."""
    return actor.covers(archive_path(), *THRESHOLD_POSTS)


def found_for(actor: Actor, volume_urn: str) -> list[FoundRow]:
    """What the machine finds in one volume, for somebody who checks or files it.

    Raises:
        A-001: the actor's post neither checks nor files over that agency.
        R-009: there is no such volume, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, volume_urn)
    permit(actor, volume.agency_path, *READERS, Post.FILER)
    return found_in([volume_urn])[volume_urn]


def detectors() -> list[DetectorRow]:
    """Every detector with its thresholds and how it fared with people; two queries."""
    changed = thresholds()
    counts = FindingAnswer.objects.values("code").annotate(
        confirmed=Count("id", filter=Q(verdict=Verdict.CONFIRMED)),
        dismissed=Count("id", filter=Q(verdict=Verdict.DISMISSED)),
        unsure=Count("id", filter=Q(outcome=Outcome.UNSURE)),
    )
    by_code = {row["code"]: row for row in counts}
    nothing = {"confirmed": 0, "dismissed": 0, "unsure": 0}
    return [
        DetectorRow(
            detector,
            detection.faults()[code],
            detection.settings_of(detector, changed.get(code)),
            frozenset(changed.get(code, {})),
            *(int(by_code.get(code, nothing)[key]) for key in ("confirmed", "dismissed", "unsure")),
        )
        for code, detector in detection.detectors().items()
    ]


def _answers(volume_urns: Sequence[str]) -> Mapping[str, Mapping[Place, FindingAnswer]]:
    found: dict[str, dict[Place, FindingAnswer]] = {}
    for row in FindingAnswer.objects.filter(volume_urn__in=list(volume_urns)):
        found.setdefault(row.volume_urn, {})[row.code, row.item_urn, row.component_pk, row.page_no] = row
    return found


def _row(finding: FaultFinding, said: Mapping[Place, FindingAnswer]) -> FoundRow:
    answer = said.get(finding.place)
    if answer is None or answer.said != finding.zh[:200]:  # another thing is said of the place now: asked anew
        return FoundRow(finding, detection.faults()[finding.code], "", "")
    fault = detection.faults()[finding.code]
    return FoundRow(finding, fault, answer.verdict, answer.answered_by, answer.answered_at)


def unread(components: Sequence[ComponentRow]) -> int:
    """How many pages of these files were not read yet, among those that ever are; one query."""
    return reading.unread(components)


def unmeasured(components: Sequence[ComponentRow]) -> int:
    """How many pages of these files were not measured yet, among those that ever are; a few queries."""
    images = [row for row in components if row.mime in formats.MEASURED_MIMES]
    done = formats.measured_pages([row.sha512 for row in images])
    return sum(row.page_count - len(done.get(row.sha512, ())) for row in images)
