"""Pages are read by a job, main forms first, by processes of their own; a bad page costs itself alone. S3-W14."""

import datetime as dt
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from anjuan.core.reading.pages import VERSION
from anjuan.demo import paint, story
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.jobs import tasks
from anjuan.facilities.jobs.rules import JobStatus
from anjuan.facilities.reading import actions, queries
from anjuan.facilities.reading import tasks as reading
from anjuan.facilities.reading.backends import sheet
from anjuan.facilities.reading.backends.residents import NoAnswer, Pool, Resident
from anjuan.facilities.reading.models import DamagedPage, PageReading, ReadingMark
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records
from tests import builders
from tests.builders import refused, sealed
from tests.cast import Cast

MATERIALS = ("MAIN_FORM", "ID_CARD", "OTHER", "OTHER")  # the second and third are read after the others


def work_off() -> None:
    """Do what lies in the queue until it is empty, as a worker does."""
    while waiting := DBTaskResult.objects.filter(status="READY").order_by("enqueued_at").first():
        waiting.delete()
        tasks.run_chunk.call(*waiting.args_kwargs["args"])


def form(seed: int = 1) -> Image.Image:
    page = next(one for one in story.PAPERS if one.form == "registration")
    known = {"acceptance_no": f"SL{seed}", "page_no": 1, "formed": page.formed, "person": page.persons[0]}
    return Image.open(io.BytesIO(paint.paint_page("registration", known, seed)))


def saved(image: Image.Image) -> bytes:
    octets = io.BytesIO()
    image.save(octets, "JPEG", quality=80, dpi=(200, 200))
    return octets.getvalue()


def keep_read() -> str:
    return actions.keep_read(occasion=occasions.now(reading.WORKER))


class Told:
    """A reader that answers without reading; what it is asked stands in ``asked``."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.silent: set[int] = set()

    def ask(self, question: dict[str, Any], within: float) -> dict[str, Any]:
        self.asked.append((question["path"], question["page"]))
        if len(self.asked) in self.silent:
            raise NoAnswer
        return {"lines": [["申请表", [0.4, 0.1, 0.2, 0.03], 0.99, []]], "said": {"version": VERSION}, "model": "none"}

    def end(self) -> None: ...


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Pages are read by one reader that does not look at them."""
    reader, pool = Told(), Pool(1)
    pool._free.get()
    pool._free.put(reader)  # type: ignore[arg-type]
    monkeypatch.setattr(actions, "_pool", lambda: pool)
    return reader


@pytest.mark.acceptance("S3-C9", "S3-W14")
def test_a_form_that_names_another_person_than_the_catalogue_is_found_by_reading(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = iter([saved(form(seed)) for seed, _ in enumerate(builders.MATERIALS)])
    monkeypatch.setattr(builders, "jpeg", lambda seed: next(pages))
    walk = sealed(cast)
    assert not any(row.fault.code == "D10" for row in findings.found_in([walk.volume_urn])[walk.volume_urn])

    keep_read()
    work_off()

    found = [row for row in findings.found_in([walk.volume_urn])[walk.volume_urn] if row.fault.code == "D10"]
    assert "FAIL" in [row.finding.outcome for row in found]
    assert all(row.must_be_answered and row.finding.boxes and row.finding.zh for row in found)
    component = records.components_of([walk.item_urn])[walk.item_urn][0]
    assert any("姓名" in line.text for line in queries.lines_of(component.sha512, 1))


def test_main_forms_first_and_last_pages_are_read_before_the_rest(cast: Cast, told: Told) -> None:
    urn = builders.captured(cast, materials=MATERIALS)
    rows = records.components_of([urn])[urn]

    assert job_queries.get_for(cast.rule_keeper().actor, keep_read()).kind == actions.READ_JOB
    work_off()

    key = queries.key_pages(rows, {rows[0].material_code})
    assert sorted(queries.read_pages([row.sha512 for row in rows])) == sorted(
        row.sha512 for row, pages in zip(rows, key, strict=True) if pages
    )
    assert queries.unread(rows) == sum(row.page_count for row in rows) - sum(len(pages) for pages in key) > 0
    keep_read()
    work_off()
    assert queries.unread(rows) == 0
    assert keep_read() == ""


def test_how_far_all_is_read_is_written_down_and_not_looked_through_again(
    cast: Cast, told: Told, django_assert_max_num_queries: Any
) -> None:
    urn = builders.captured(cast, materials=MATERIALS)
    for _ in range(2):
        keep_read()
        work_off()
    keep_read()

    last = max(row.pk for row in records.components_of([urn])[urn])
    assert dict(ReadingMark.objects.values_list("part", "component_pk")) == {"KEY": last, "REST": last}
    with django_assert_max_num_queries(8):
        assert keep_read() == ""
    PageReading.objects.update(version=VERSION - 1)
    ReadingMark.objects.update(version=VERSION - 1)
    keep_read()
    work_off()
    assert PageReading.objects.filter(version=VERSION).exists()


def test_a_page_that_no_reader_can_tell_is_kept_as_unread_and_the_others_are_read(cast: Cast, told: Told) -> None:
    told.silent = {2}
    urn = builders.captured(cast, materials=MATERIALS)
    for _ in range(2):
        uid = keep_read()
        work_off()
        assert job_queries.get_for(cast.rule_keeper().actor, uid).status is JobStatus.DONE

    rows = records.components_of([urn])[urn]
    unread = [said.unread for said in queries.said_of([row.sha512 for row in rows]).values()]
    assert sorted(unread) == ["", "", "", "FAILED"]
    assert queries.unread(rows) == 0


def test_reading_may_be_switched_off_or_kept_to_what_is_needed(cast: Cast, told: Told, settings: Any) -> None:
    builders.captured(cast, materials=MATERIALS)
    settings.ANJUAN_READ = "off"
    assert keep_read() == ""
    settings.ANJUAN_READ = "key"
    keep_read()
    work_off()
    assert keep_read() == ""
    assert len(told.asked) == 2


def test_a_file_whose_bytes_changed_is_named_and_the_others_are_read(cast: Cast, told: Told, settings: Any) -> None:
    urn = builders.captured(cast, materials=MATERIALS)
    row = records.components_of([urn])[urn][0]
    (path,) = [one for one in Path(settings.ANJUAN_HOME).rglob("*.jpg") if row.logical_name.endswith(one.name)]
    path.chmod(0o600)
    path.write_bytes(b"other bytes")

    uid = keep_read()
    work_off()

    job = job_queries.get_for(cast.rule_keeper().actor, uid)
    assert (job.status, job.failed) == (JobStatus.DONE_WITH_LIST, 1)
    assert len(told.asked) == job.total - 1


def test_one_damaged_page_costs_itself_alone_and_is_tried_again_after_a_day(
    cast: Cast, told: Told, settings: Any
) -> None:
    urn = builders.captured(cast, materials=MATERIALS)
    rows = records.components_of([urn])[urn]
    (path,) = [one for one in Path(settings.ANJUAN_HOME).rglob("*.jpg") if rows[0].logical_name.endswith(one.name)]
    good = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(b"other bytes")
    keep_read()
    work_off()
    noted = DamagedPage.objects.get()
    assert (noted.component_pk, noted.page_no, noted.code) == (rows[0].pk, 1, "B-008")

    keep_read()  # at once, though the last one ended with a list: the rest
    work_off()
    asked = len(told.asked)
    assert queries.unread(rows) == 1 and asked == sum(row.page_count for row in rows) - 1
    assert keep_read() == ""  # the damaged one waits for its day

    path.write_bytes(good)
    DamagedPage.objects.update(tried_at=timezone.now() - dt.timedelta(days=1))
    keep_read()
    work_off()
    assert queries.unread(rows) == 0 and len(told.asked) == asked + 1
    assert not DamagedPage.objects.exists()
    assert keep_read() == ""


def test_a_damaged_page_that_was_replaced_is_forgotten(cast: Cast, told: Told) -> None:
    DamagedPage.objects.create(
        component_pk=999_999, page_no=1, code="B-008", tried_at=timezone.now() - dt.timedelta(days=2)
    )

    assert keep_read() == ""
    assert not DamagedPage.objects.exists()


def test_readers_that_die_or_hang_cost_their_question_alone() -> None:
    reader = Resident("tests.slow_reader")
    try:
        assert reader.ask({"do": "A"}, 20) == {"said": "A"}
        for what in ("die", "babble"):
            with pytest.raises(NoAnswer):
                reader.ask({"do": what}, 20)
            assert reader.ask({"do": "B"}, 20) == {"said": "B"}
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            reader.ask({"do": "sleep"}, 0.5)
        assert time.monotonic() - began < 20
        assert reader.ask({"do": "C"}, 20) == {"said": "C"}
    finally:
        reader.end()


def test_a_reader_that_grew_too_large_goes_and_the_next_question_meets_another() -> None:
    reader = Resident("tests.slow_reader")
    try:
        assert reader.ask({"do": "leave"}, 20) == {"said": "bye"}
        assert reader.ask({"do": "D"}, 20) == {"said": "D"}
    finally:
        reader.end()


def test_a_reader_is_asked_by_one_at_a_time() -> None:
    pool = Pool(2)
    with pool.one() as one, pool.one() as other:
        assert one is not other
        assert pool._free.empty()
    assert pool._free.qsize() == 2


@pytest.mark.parametrize("what", ["noise", "red", "tiny", "photograph", "blank"])
def test_pages_that_are_no_forms_get_an_answer(what: str) -> None:
    dice = np.random.default_rng(3)
    pixels = {
        "noise": dice.integers(0, 256, (1600, 1100, 3)).astype(np.uint8),
        "red": np.full((1600, 1100, 3), (200, 30, 40), np.uint8),
        "tiny": np.zeros((1, 1, 3), np.uint8),
        "photograph": np.asarray(
            Image.fromarray(dice.integers(0, 256, (12, 9, 3)).astype(np.uint8)).resize((1100, 1600))
        ),
        "blank": np.full((1600, 1100, 3), 250, np.uint8),
    }[what]

    told = sheet.read_pixels(pixels, 150)

    assert told["said"]["version"] == VERSION
    assert not told["said"].get("fields")
    if what in ("blank", "tiny"):
        assert told["said"]["unread"] in ("BLANK", "TOO_SMALL")


def test_a_file_that_cannot_be_decoded_is_told_as_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(saved(form())[:4000])

    assert sheet.read(path, 1)["said"]["unread"] == "UNREADABLE"


@pytest.mark.django_db
def test_a_page_is_opened_to_be_read_no_larger_than_asked_and_its_resolution_told(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(saved(form()))

    pixels, dpi = formats.pixels_of_page(path=path, page=1, side=1000)

    assert pixels.shape[0] == 1000 and pixels.shape[2] == 3
    assert dpi == pytest.approx(1000 / 297 * 25.4, rel=0.01)
    with refused("M-009"):
        formats.pixels_of_page(path=path, page=2, side=1000)


def test_a_page_that_lies_on_its_side_or_head_is_read_and_its_turn_told() -> None:
    page = np.asarray(form().convert("RGB"))
    for turns, needed in ((0, 0), (1, 90), (2, 180), (3, 270)):
        told = sheet.read_pixels(np.ascontiguousarray(np.rot90(page, turns)), 200)
        assert told["said"].get("turn", 0) == needed
        assert "姓名" in told["said"]["text"]
