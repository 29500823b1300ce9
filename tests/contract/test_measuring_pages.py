"""Pages that came in are measured by a job, once, and judged from then on. S3-C7, S3-W14."""

import io
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image, ImageFilter

from anjuan.core.detection.measures import VERSION
from anjuan.core.terms import Post
from anjuan.demo import paint, story
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance import tasks as measuring
from anjuan.facilities.assurance.queries import facts, findings
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats import queries
from anjuan.facilities.formats.backends import measuring as backend
from anjuan.facilities.formats.models import PageMeasure
from anjuan.facilities.jobs import actions, tasks
from anjuan.facilities.jobs import queries as jobs
from anjuan.facilities.jobs.rules import LEASE, JobStatus
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.builders import one_line, refused, sealed
from tests.cast import Cast


def work_off() -> None:
    """Do what lies in the queue until it is empty, as a worker does."""
    while waiting := DBTaskResult.objects.filter(status="READY").order_by("enqueued_at").first():
        waiting.delete()
        tasks.run_chunk.call(*waiting.args_kwargs["args"])


def scan(seed: int) -> Image.Image:
    page = next(one for one in story.PAPERS if one.form == "registration")
    known = {"acceptance_no": f"SL{seed}", "page_no": 1, "formed": page.formed, "person": page.persons[0]}
    return Image.open(io.BytesIO(paint.paint_page("registration", known, seed)))


def saved(image: Image.Image) -> bytes:
    octets = io.BytesIO()
    image.save(octets, "JPEG", quality=80, dpi=(200, 200))
    return octets.getvalue()


def with_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch, *pages: bytes) -> builders.Walked:
    """A sealed volume whose files are these pages."""
    waiting = iter(pages)
    monkeypatch.setattr(builders, "jpeg", lambda seed: next(waiting))
    return sealed(cast)


def found(walk: builders.Walked) -> list[tuple[str, str]]:
    rows = findings.found_in([walk.volume_urn])[walk.volume_urn]
    return sorted((row.fault.code, row.finding.outcome.value) for row in rows if row.fault.code.startswith("I"))


def start(cast: Cast) -> str:
    return actions.start(occasion=cast.occasion(Post.ARCHIVIST), kind="MEASURE_PAGES")


@pytest.mark.acceptance("S3-C7")
def test_a_blurred_page_is_found_once_it_was_measured_and_a_good_one_raises_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    blurred = saved(scan(1).filter(ImageFilter.GaussianBlur(5)))
    walk = with_pages(
        cast, monkeypatch, blurred, *(saved(scan(seed)) for seed in range(2, len(builders.MATERIALS) + 1))
    )
    assert found(walk) == []
    page = reverse("inspection:self_check", kwargs={"urn": walk.volume_urn})
    assert f"尚有 {len(builders.MATERIALS)} 页没有测量" in cast.client(Post.CHECKER).get(page).content.decode()

    start(cast)
    work_off()

    assert "页没有测量" not in cast.client(Post.CHECKER).get(page).content.decode()

    assert [row for row in found(walk) if row[0] != "I22"] == [("I06", "FAIL")]
    (row,) = [row for row in findings.found_in([walk.volume_urn])[walk.volume_urn] if row.fault.code == "I06"]
    assert row.must_be_answered and row.finding.boxes and "清晰度" in row.finding.zh


@pytest.mark.acceptance("S3-C6")
def test_a_page_scanned_from_its_empty_back_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = saved(Image.new("L", scan(1).size, 246))
    walk = with_pages(cast, monkeypatch, empty, *(saved(scan(seed)) for seed in range(2, len(builders.MATERIALS) + 1)))

    start(cast)
    work_off()

    assert "I17" in [code for code, _ in found(walk)]


def test_pages_are_measured_once_and_a_job_without_work_is_refused(cast: Cast) -> None:
    builders.captured(cast)
    uid = start(cast)
    work_off()

    ended = jobs.get_for(cast.actor(Post.ARCHIVIST), uid)
    assert (ended.status, ended.done, ended.total) == (JobStatus.DONE, len(builders.MATERIALS), len(builders.MATERIALS))
    assert PageMeasure.objects.filter(version=VERSION).count() == len(builders.MATERIALS)
    with refused("Y-007"):
        start(cast)
    PageMeasure.objects.update(version=VERSION - 1)
    start(cast)
    work_off()
    assert PageMeasure.objects.filter(version=VERSION).count() == len(builders.MATERIALS)


def test_a_worker_killed_in_the_middle_measures_the_rest(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    builders.captured(cast)
    real, seen = backend.measure, []

    def dies(path: Path, family: str, page: int) -> object:
        seen.append(page)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(path, family, page)

    monkeypatch.setattr(backend, "measure", dies)
    uid = start(cast)
    with pytest.raises(KeyboardInterrupt):
        work_off()
    assert PageMeasure.objects.count() == 1

    actions.rescue(at=timezone.now() + LEASE * 2)
    work_off()

    assert jobs.get_for(cast.actor(Post.ARCHIVIST), uid).status is JobStatus.DONE
    assert PageMeasure.objects.count() == len(builders.MATERIALS)


def test_a_page_scanned_twice_is_known_again_within_its_item(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    again = saved(scan(1).rotate(0.4, fillcolor=(248, 247, 240)))
    others = [saved(scan(1)), again, *(saved(scan(1).rotate(180)) for _ in builders.MATERIALS[2:])]
    walk = with_pages(cast, monkeypatch, *others)
    start(cast)
    work_off()

    assert ("I22", "FAIL") in found(walk)


def test_the_calendar_starts_the_job_once_and_not_while_it_is_under_way(cast: Cast) -> None:
    builders.captured(cast)

    with one_line("jobs.start"):
        measuring.keep_up()
    before = Entry.objects.count()
    measuring.keep_up()
    assert assurance.keep_measured(occasion=cast.clock.occasion(measuring.WORKER)) == ""
    assert Entry.objects.count() == before
    work_off()
    measuring.keep_up()
    assert jobs.latest_of("MEASURE_PAGES", unfinished=True) is None


def test_pages_beyond_the_end_and_damaged_pages_end_somehow(cast: Cast) -> None:
    urn = builders.captured(cast)
    (part, *_) = builders.components_of(urn)

    formats.measure_pages(urn=urn, sha512=part.sha512, first=1, last=3, beside={})

    kept = queries.measures_of([part.sha512])
    assert [kept[part.sha512, page].unmeasured for page in (1, 2, 3)] == ["", "NO_PAGE", "NO_PAGE"]


def test_facts_carry_measures_and_the_turn_a_person_gave_the_page(cast: Cast) -> None:
    walk = sealed(cast)
    start(cast)
    work_off()

    (volume,) = facts.facts_of([walk.volume_urn])

    pages = [page for item in volume.items for file in item.files for page in file.pages]
    assert all(page.measures is not None and page.measures.version == VERSION for page in pages)
    assert {page.turn for page in pages} == {0}
