"""Judgement in inspection: the checklist, and what must have been looked at."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal

Page = tuple[int, int]
ANSWERS = ("PASS", "FAIL", "NA")


@dataclass(frozen=True)
class Check:
    """One line of the self-check list; ``auto`` ones are filled in from counts."""

    code: str
    zh: str
    en: str
    clause: str
    auto: bool


@dataclass(frozen=True)
class Counts:
    """What the machine knows for the checklist."""

    paper: int
    images: int | None
    catalogue: int
    items_with_other_counts: int
    items_without_main_form: int
    terms_settled_or_marked: bool


def prefill(counts: Counts) -> Mapping[str, str]:
    """The answers the machine gives itself; a person cannot turn a failed one into a pass."""
    return {
        "PAGES": "PASS"
        if counts.paper == counts.catalogue
        and counts.images in (None, counts.paper)
        and not counts.items_with_other_counts
        else "FAIL",
        "MAIN_FORM": "PASS" if not counts.items_without_main_form else "FAIL",
        "RETENTION": "PASS" if counts.terms_settled_or_marked else "FAIL",
    }


def judge_checklist(
    checks: Sequence[Check], answers: Mapping[str, str], machine: Mapping[str, str]
) -> Mapping[str, str]:
    """The signed answers (自查表): every line answered, the machine's own answers standing.

    Raises:
        Q-001: a line has no answer.
        Q-002: a line failed; the volume is returned instead of signed.
    """
    final: dict[str, str] = {}
    for check in checks:
        answer = machine[check.code] if check.auto else answers.get(check.code, "")
        if answer not in ANSWERS:
            raise Refusal("Q-001", line=f"{check.zh} / {check.en}")
        if answer == "FAIL":
            raise Refusal("Q-002", line=f"{check.zh} / {check.en}")
        final[check.code] = answer
    return final


def seen_evidence(pages: Sequence[Page], seen: AbstractSet[Page]) -> frozenset[Evidence]:
    """Whether every page was opened (逐页验收: S3-N4, S3-W16)."""
    return frozenset({Evidence.PAGES_SEEN}) if pages and set(pages) <= seen else frozenset()


def answered_evidence(open_faults: int) -> frozenset[Evidence]:
    """Whether no fault waits for its answer."""
    return frozenset() if open_faults else frozenset({Evidence.FAULTS_ANSWERED})


def check_paper(
    expected: Mapping[str, tuple[str, int]], counted: Mapping[str, int], *, has_main_forms: bool, has_seals: bool
) -> None:
    """Whether a volume counted on paper is what its catalogue says (实物逐件逐页核对).

    Args:
        expected: by item, how people call it and its pages in the catalogue.
        counted: pages counted, by item.
        has_main_forms: the person found every main form.
        has_seals: the person found every seal.

    Raises:
        Q-005: items are missing on paper, or there are some that the catalogue lacks (实物件数与目录件数不符).
        Q-006: the pages of an item differ; the catalogue's number is not told, so that it is counted and not copied.
        Q-007: a main form or a seal is missing (缺主表、缺章).

    Standard: S3-W5.
    """
    if set(counted) != set(expected):
        raise Refusal("Q-005", counted=len(counted), expected=len(expected))
    for urn, (reference, pages) in expected.items():
        if counted[urn] != pages:
            raise Refusal("Q-006", reference=reference)
    if not has_main_forms or not has_seals:
        raise Refusal("Q-007", what="主表 main form" if not has_main_forms else "章 seal")


def check_recheck_percent(percent: int) -> int:
    """The re-check ratio stays between 10 and 30 percent (S3-N2).

    Raises:
        Q-003: it does not.
    """
    if not 10 <= percent <= 30:
        raise Refusal("Q-003", percent=percent)
    return percent
