"""Answering what the machine finds, as a checker would whose volumes are in order."""

from anjuan.core.terms import Post
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance.queries import findings
from tests.cast import Cast


def dismiss_findings(cast: Cast, post: Post, volume_urn: str) -> int:
    """Say of everything the machine finds in a volume that it is no fault, as its checker would. Returns how many."""
    occasion = cast.occasion(post)
    waiting = [row for row in findings.found_in([volume_urn])[volume_urn] if row.must_be_answered]
    for row in waiting:
        assurance.answer_finding(
            occasion=occasion, volume_urn=volume_urn, place=row.finding.place, verdict=findings.Verdict.DISMISSED
        )
    return len(waiting)
