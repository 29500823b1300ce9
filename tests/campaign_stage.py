"""Faults, sweeps and campaigns by the real deeds; a part of the builders."""

from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection.models import CampaignUnit
from anjuan.desks.inspection.queries.campaigns import CampaignRow, UnitRow, Verdict
from anjuan.desks.inspection.rules import Selection
from anjuan.facilities.corrections import queries as corrections
from tests.builders import Walked, at_state, fault, look_through, person
from tests.cast import Cast


def volumes(cast: Cast, count: int, state: State = State.FILED, first: int = 1) -> list[Walked]:
    """Volumes of one item each, of different people, handled and filed by the same two colleagues."""
    return [at_state(cast, state, f"SL-{n:03}", persons=(person(n),)) for n in range(first, first + count)]


def raised(cast: Cast, walk: Walked, code: str = "S01", post: Post = Post.CHECKER) -> int:
    """A fault for which a volume went back."""
    inspection.return_volume(
        occasion=cast.occasion(post), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, code)]
    )
    return corrections.of_units([walk.volume_urn])[-1].pk


def opened(cast: Cast, count: int, selection: Selection | None = None, post: Post = Post.ACCEPTOR) -> CampaignRow:
    """A campaign over so many volumes."""
    return inspection.open_campaign(
        occasion=cast.occasion(post),
        name="2026年回头看",
        reason="达标验收后复查",
        selection=selection or Selection(),
        expected=count,
    )


def took(cast: Cast, row: CampaignRow, post: Post = Post.CHECKER) -> UnitRow:
    """The next volume, in somebody's hand."""
    return inspection.take_unit(occasion=cast.occasion(post), campaign_no=row.campaign_no)


def judged(
    cast: Cast, row: CampaignRow, unit: UnitRow, verdict: Verdict, post: Post = Post.CHECKER, **said: object
) -> UnitRow:
    """What somebody says of a volume in hand."""
    return inspection.judge_unit(
        occasion=cast.occasion(post),
        campaign_no=row.campaign_no,
        unit_pk=unit.pk,
        verdict=verdict,
        **said,  # type: ignore[arg-type]
    )


def found_nothing(cast: Cast, row: CampaignRow, walks: list[Walked], post: Post = Post.CHECKER) -> UnitRow:
    """The next volume looked through, and nothing found."""
    unit = took(cast, row, post)
    walk = next(walk for walk in walks if walk.volume_urn == unit.volume_urn)
    look_through(cast, post, *walk.item_urns)
    return judged(cast, row, unit, Verdict.NOTHING, post)


def urns(row: CampaignRow) -> list[str]:
    """The volumes of a campaign in their order."""
    return list(CampaignUnit.objects.filter(campaign=row.pk).order_by("place").values_list("volume_urn", flat=True))


def many(row: CampaignRow, count: int) -> None:
    """More volumes than anybody wants to build."""
    CampaignUnit.objects.bulk_create(
        CampaignUnit(
            campaign_id=row.pk,
            place=100 + n,
            volume_urn=f"urn:{n}",
            agency_code="BH",
            agency_path="/SJ/BH/",
            category_code="A",
        )
        for n in range(count)
    )
