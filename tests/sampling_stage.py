"""Freezing, drawing and counting a sample by the real deeds; a part of the builders."""

from collections.abc import Sequence

from anjuan.core.terms import Post
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.inspection.queries import history
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as record_queries
from anjuan.records.models import Volume
from tests.cast import Cast


def nonces_of(batch_no: str, *volume_urns: str) -> list[str]:
    """What both sides committed to of a batch: the agency as it applied, the acceptor as he accepted."""
    said = [
        *journal.newest_said([f"batch:{batch_no}"], ["transfer.apply"], "nonce"),
        *journal.newest_said(volume_urns, ["inspection.pre_accept"], "nonce"),
    ]
    assert len(said) == 1 + len(volume_urns)
    return [value for _, value in said]


def freeze(cast: Cast, volume_urn: str) -> history.LotRow:
    """Freeze the lot of the spot check that a volume waits in."""
    volume = record_queries.volumes_by_urn([volume_urn])[volume_urn]
    return inspection.freeze_lot(
        occasion=cast.occasion(Post.ACCEPTOR), agency_code=volume.agency_code, category_code=volume.category_code
    )


def spot(cast: Cast, volume_urn: str) -> inspection_queries.DrawRow:
    """Freeze and draw the spot check that a volume waits in."""
    return inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=freeze(cast, volume_urn).draw_no)


def page_counts(references: Sequence[str]) -> dict[str, int]:
    """A witness who counted the paper of each right."""
    rows = Volume.objects.filter(reference_code__in=references)
    return {
        row.reference_code: volume.page_count
        for row in rows
        for volume in record_queries.volumes_by_urn([row.urn]).values()
    }
