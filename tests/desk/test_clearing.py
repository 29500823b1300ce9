"""What was brought and lies in the store is cleared after its days, and nothing that a row still needs."""

import datetime as dt
import os
from pathlib import Path

import pytest
from django.utils import timezone

from anjuan.core.terms import Post
from anjuan.desks.intake import tasks
from anjuan.desks.intake.actions import attaching, clearing, piles
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import CatalogueSheet, ImageSet, Pile, RowFault
from anjuan.desks.intake.queries import clearing as queries
from anjuan.desks.intake.queries.clearing import Kind
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off
from tests.desk.pile_stage import files, sheet, two_cases
from tests.desk.test_attaching import laid, on_the_bench
from tests.desk.test_catalogue_sheets import HEADS, line, workbook
from tests.desk.test_catalogue_sheets import laid as catalogue_sheet

MONTH = dt.timedelta(days=31)


def aged(*uids: str) -> None:
    """Put these deliveries a month back, and all others to this moment."""
    now = timezone.now()
    for rows in (Pile.objects, ImageSet.objects, CatalogueSheet.objects):
        rows.filter(uid__in=uids).update(laid_at=now - MONTH)
        rows.exclude(uid__in=uids).update(laid_at=now)


def a_pile(cast: Cast, seed: int = 3) -> str:
    return piles.lay_pile(
        occasion=cast.occasion(Post.HANDLER), agency_code="BH", files=files(sheet(seed=seed)), paper_pages=1
    )


def test_a_pile_that_is_through_is_cleared_and_an_open_one_is_not(cast: Cast) -> None:
    two_cases(cast)
    taken, still_open, young = a_pile(cast, 3), a_pile(cast, 4), a_pile(cast, 5)
    Pile.objects.filter(uid__in=(taken, young)).update(status="TAKEN")
    aged(taken, still_open)

    with one_line("intake.clear_delivery"):
        assert tasks.clear_spent() == 1

    assert not spool.folder(Kind.PILE, taken).exists()
    assert spool.folder(Kind.PILE, still_open).exists() and spool.folder(Kind.PILE, young).exists()
    client = cast.client(Post.HANDLER)
    assert client.get(f"/intake/piles/{taken}/").status_code == 200
    assert client.get(f"/intake/piles/{taken}/1/view.jpg").status_code == 404
    assert tasks.clear_spent() == 0


def test_images_go_once_all_of_them_lie_in_their_records(cast: Cast) -> None:
    urn, code = on_the_bench(cast)
    whole = laid(cast, {f"{code}-001.jpg": builders.jpeg(1)})
    with_a_miss = laid(cast, {f"{code}-002.jpg": builders.jpeg(2), "随手.jpg": builders.jpeg(3)})
    for uid in (whole, with_a_miss):
        attaching.attach_images(occasion=cast.occasion(Post.PROCESSOR), uid=uid)
    aged(whole, with_a_miss)
    assert queries.spent(timezone.now()) == []  # the job has not run: they lie here alone
    work_off()
    assert len(builders.components_of(urn)) == 2

    assert tasks.clear_spent() == 1

    assert not spool.folder(Kind.IMAGES, whole).exists()
    assert spool.folder(Kind.IMAGES, with_a_miss).exists()
    assert cast.client(Post.PROCESSOR).get(f"/intake/images/{whole}/").status_code == 200


def test_a_sheet_goes_once_its_rows_are_in(cast: Cast, tmp_path: Path) -> None:
    uid, at_work, faulty = (catalogue_sheet(cast, tmp_path, workbook([HEADS, line("SL-1")])) for _ in range(3))
    row = CatalogueSheet.objects.get(uid=faulty)
    RowFault.objects.create(sheet=row, row_no=2, place=0, field="title", code="I-060")
    CatalogueSheet.objects.filter(uid__in=(uid, faulty)).update(status="TAKEN", taken=1)
    CatalogueSheet.objects.filter(uid=at_work).update(status="TAKEN", taken=0)  # a slice may be done again
    aged(uid, at_work, faulty)

    assert tasks.clear_spent() == 1

    assert not spool.folder(Kind.SHEET, uid).exists() and spool.folder(Kind.SHEET, at_work).exists()
    assert spool.folder(Kind.SHEET, faulty).exists()  # the list of its faults shows its rows
    assert cast.client(Post.HANDLER).get(f"/intake/catalogue/{uid}/").status_code == 200


def test_killed_between_row_and_bytes_the_next_round_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    two_cases(cast)
    uid = a_pile(cast)
    Pile.objects.filter(uid=uid).update(status="TAKEN")
    aged(uid)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):

        def killed(kind: str, uid: str) -> None:
            raise KeyboardInterrupt

        patched.setattr(spool, "clear", killed)
        tasks.clear_spent()
    assert spool.folder(Kind.PILE, uid).exists() and Pile.objects.get(uid=uid).cleared_at is not None

    assert tasks.clear_spent() == 1

    assert not spool.folder(Kind.PILE, uid).exists()


def test_a_folder_without_a_row_goes_when_it_is_old(cast: Cast) -> None:
    for kind, uid, days in ((Kind.PILE, "old1", 40), (Kind.IMAGES, "new1", 0)):
        place = spool.folder(kind, uid)
        place.mkdir(parents=True)
        (place / "00001").write_bytes(b"x")
        then = (timezone.now() - dt.timedelta(days=days)).timestamp()
        os.utime(place, (then, then))

    assert tasks.clear_spent() == 1

    assert not spool.folder(Kind.PILE, "old1").exists() and spool.folder(Kind.IMAGES, "new1").exists()


def test_two_workers_clear_a_delivery_once(cast: Cast) -> None:
    two_cases(cast)
    uid = a_pile(cast)
    Pile.objects.filter(uid=uid).update(status="TAKEN")
    aged(uid)
    (one,) = queries.spent(timezone.now() - dt.timedelta(days=30))

    clearing.clear_delivery(occasion=cast.occasion(Post.HANDLER), spent=one)

    with refused("L-001"):
        clearing.clear_delivery(occasion=cast.occasion(Post.HANDLER), spent=one)
