"""What people do with a search: take a list out, see who did, and how the index stands."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.utils import timezone

from anjuan.config import followers
from anjuan.core import sheets, workbooks
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs.models import Job
from anjuan.facilities.search import actions, queries, tasks
from anjuan.facilities.search.actions import exports
from anjuan.facilities.search.models import Export
from anjuan.facilities.search.queries import exported, kept
from anjuan.facilities.search.rules import ExportColumn, ExportForm, Order
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.models import Entry, PrivateValue
from tests import builders
from tests.builders import refused
from tests.cast import Cast

COLUMNS = (ExportColumn.ACCEPTANCE_NO, ExportColumn.TITLE, ExportColumn.NAMES, ExportColumn.NUMBERS, ExportColumn.STATE)


def caught_up() -> None:
    while followers.run_once():
        pass
    while actions.tend(seconds=5):
        pass


def worked_off(cast: Cast) -> None:
    """The worker does every chunk that waits."""
    for _ in range(60):
        row = Job.objects.filter(status__in=["WAITING", "RUNNING"]).first()
        if row is None:
            return
        occasion = Occasion(tasks.WORKER, timezone.now(), cast.clock.fresh)
        token = cast.clock.fresh(16).hex()
        jobs.run_chunk(occasion=occasion, uid=row.uid, chunk_no=row.chunk_no, token=token, clock=timezone.now)


@pytest.fixture
def five(cast: Cast) -> list[str]:
    """Five items of five persons; one is called as a formula begins."""
    urns = [builders.register(cast, f"SL-{n}", persons=(builders.person(n),)) for n in range(1, 5)]
    urns.append(builders.register(cast, "SL-5", persons=(builders.person(5, "=cmd|'/c calc'!A1"),)))
    caught_up()
    return urns


def take_out(cast: Cast, post: Post = Post.ARCHIVIST, **said: Any) -> Export:
    given: dict[str, Any] = {
        "asked": "SL*",
        "order": Order.OLDEST,
        "purpose": "年度统计",
        "form": ExportForm.CSV,
        "columns": COLUMNS,
        **said,
    }
    uid = actions.export_list(occasion=cast.occasion(post), **given)
    found = kept.export_by_uid(uid)
    assert found is not None
    return found


def file_of(row: Export) -> bytes:
    return kept.export_file(row).read_bytes()


def lines_of(octets: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(octets.decode("utf-8-sig"))))


# Exports -------------------------------------------------------------------------------------------------------------


def test_a_list_is_taken_out_with_its_number_purpose_and_masked_numbers(cast: Cast, five: list[str]) -> None:
    row = take_out(cast, columns=[*COLUMNS, ExportColumn.PLACE])
    worked_off(cast)
    row.refresh_from_db()

    head, *rows, _, [foot] = lines_of(file_of(row))

    assert head == ["受理号", "题名", "姓名（单位）", "证件号码", "状态", "架位"]
    assert [cells[0] for cells in rows] == ["SL-1", "SL-2", "SL-3", "SL-4", "SL-5"]
    assert {cells[3] for cells in rows} == {
        f"{builders.number(n)[:6]}********{builders.number(n)[-4:]}" for n in range(1, 6)
    }
    assert (row.made_rows, row.size_bytes) == (5, len(file_of(row)))
    for said in (row.serial_no, "年度统计", row.staff_code, "共 5 件"):
        assert said in foot
    assert file_of(row).startswith(b"\xef\xbb\xbf")


def test_no_cell_is_a_formula(cast: Cast, five: list[str]) -> None:
    row, book = take_out(cast), take_out(cast, form=ExportForm.XLSX)
    worked_off(cast)

    cells = [cell for line in lines_of(file_of(row)) for cell in line]
    [sheet, about] = workbooks.read(file_of(book))

    assert not [cell for cell in cells if cell.startswith(sheets.RISKY)]
    assert sheet.heading[0] == "受理号"
    assert book.serial_no in about.rows[0][0]
    assert b"<f>" not in file_of(book)


def test_a_pdf_bears_its_mark_on_every_page(cast: Cast, five: list[str]) -> None:
    row = take_out(cast, form=ExportForm.PDF, columns=[ExportColumn.TITLE, ExportColumn.NAMES])
    worked_off(cast)

    pypdfium2 = pytest.importorskip("pypdfium2")
    document = pypdfium2.PdfDocument(file_of(row))
    text = document[0].get_textpage().get_text_bounded().replace("\n", "").replace("\r", "")

    assert text.count(row.serial_no) > 5
    assert "年度统计" in text
    with pikepdf.open(io.BytesIO(file_of(row))) as paper:
        assert len(paper.pages) == len(document)


def test_it_is_one_line_of_the_journal_and_no_number_stands_there(cast: Cast, five: list[str]) -> None:
    number = builders.number(1)

    row = take_out(cast, asked=number)
    worked_off(cast)

    [asked] = Entry.objects.filter(act="search.export_list")
    [made] = Entry.objects.filter(act="search.finish_export")
    said = journal.values_of([asked.uid, made.uid])
    assert said[asked.uid]["purpose"][1] == "年度统计"
    assert said[asked.uid]["rows"][1] == "1"
    assert said[asked.uid]["serial_no"][1] == row.serial_no
    assert said[made.uid]["sha256"][1] == Export.objects.get().sha256
    assert not PrivateValue.objects.filter(value__contains=number, entry_uid__in=[asked.uid, made.uid]).exists()
    assert number not in Export.objects.get().asked


def test_who_may_who_may_not_and_who_may_not_even_see(
    cast: Cast, five: list[str], outsider: Callable[[Post], Client]
) -> None:
    row = take_out(cast)
    worked_off(cast)
    mine, colleague, handler, stranger = (
        cast.client(Post.ARCHIVIST),
        cast.client(Post.FILER),
        cast.client(Post.HANDLER),
        outsider(Post.ARCHIVIST),
    )

    given = mine.get(f"/find/exports/{row.uid}/file/")
    assert b"".join(given.streaming_content) == file_of(row)  # type: ignore[attr-defined]
    assert given["Cache-Control"] == "private, no-store"
    assert colleague.get(f"/find/exports/{row.uid}/file/").status_code == 404
    assert stranger.get(f"/find/exports/{row.uid}/file/").status_code == 404
    assert handler.get("/find/take-out/?q=SL*").status_code == 403
    assert handler.get("/find/exports/").status_code == 403
    assert "take-out" not in handler.get("/find/?q=SL*").content.decode()
    assert "take-out" in mine.get("/find/?q=SL*").content.decode()
    assert row.serial_no not in colleague.get("/find/exports/").content.decode()
    posted = stranger.post("/find/take-out/", {"q": "SL*", "purpose": "x", "form": "CSV", "column": "TITLE"})
    assert "X-013" in posted.content.decode()  # the other centre's records are not his: nothing is found
    with refused("A-001"):
        take_out(cast, Post.HANDLER)


def test_rows_are_limited_by_post(cast: Cast, five: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ANJUAN_EXPORT_ROWS = "ARCHIVIST:5 FILER:4"

    assert take_out(cast).wanted_rows == 5
    with refused("X-014"):
        take_out(cast, Post.FILER)
    monkeypatch.setattr(exports, "MOST_PDF_ROWS", 4)
    with refused("X-014"):
        take_out(cast, form=ExportForm.PDF)
    with refused("X-013"):
        take_out(cast, asked="查不到的词")
    with refused("X-018"):
        take_out(cast, columns=())
    with refused("R-010"):
        take_out(cast, purpose=" ")
    wrong = cast.client(Post.ARCHIVIST).post(
        "/find/take-out/", {"q": "SL*", "purpose": "x", "form": "DOC", "column": "TITLE"}
    )
    assert "X-015" in wrong.content.decode()


def test_numbers_stand_whole_only_for_the_post_that_may_see_them(cast: Cast, five: list[str]) -> None:
    with refused("A-001"):
        take_out(cast, shows_numbers=True)

    row = take_out(cast, Post.SUPERVISOR, shows_numbers=True)
    worked_off(cast)

    assert builders.number(1) in file_of(row).decode()
    [line] = Entry.objects.filter(act="search.export_list")
    assert journal.values_of([line.uid])[line.uid]["numbers"][1] == "WHOLE"


def test_rights_are_those_of_the_moment_it_is_made(cast: Cast, five: list[str], settings: Any) -> None:
    row = take_out(cast)
    settings.ANJUAN_EXPORT_ROWS = "SUPERVISOR:5"

    worked_off(cast)

    row.refresh_from_db()
    assert row.made_at is None
    assert not kept.export_file(row).exists()
    settings.ANJUAN_EXPORT_ROWS = "ARCHIVIST:5"
    [job] = Job.objects.filter(reference=row.serial_no)
    jobs.retry(occasion=cast.occasion(Post.SYSTEM_ADMIN), uid=job.uid)
    worked_off(cast)
    row.refresh_from_db()
    assert row.made_rows == 5


def test_a_long_list_is_made_in_parts_and_goes_on_after_a_kill(
    cast: Cast, five: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "PART_ROWS", 2)
    row = take_out(cast)
    parts = tasks._parts_after({"export": row.uid}, "", 9)
    put = exports._put
    calls: list[Path] = []

    def killed(path: Path, octets: bytes) -> None:
        calls.append(path)
        if len(calls) == 2:
            path.with_suffix(".77").write_bytes(octets[: len(octets) // 2])
            raise KeyboardInterrupt
        put(path, octets)

    monkeypatch.setattr(exports, "_put", killed)
    with pytest.raises(KeyboardInterrupt):
        for key in parts:
            tasks._export(key)
    halves = [path.name for path in kept.export_folder(row.uid).iterdir()]
    assert not kept.export_file(row).exists()

    for key in parts:
        tasks._export(key)
        tasks._export(key)
    row.refresh_from_db()

    assert len(parts) == 3 and len(halves) == 2
    assert [cells[0] for cells in lines_of(file_of(row))[1:6]] == ["SL-1", "SL-2", "SL-3", "SL-4", "SL-5"]
    assert Entry.objects.filter(act="search.finish_export").count() == 1


def test_a_full_disk_leaves_no_half_file_x_017(cast: Cast, five: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    row = take_out(cast)
    [key] = tasks._parts_after({"export": row.uid}, "", 9)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(Refusal, match="X-017"):
            tasks._export(key)
    left = list(kept.export_folder(row.uid).iterdir())
    tasks._export(key)

    assert left == []
    assert lines_of(file_of(row))[1][0] == "SL-1"


def test_two_who_take_out_at_once_get_two_numbers(cast: Cast, five: list[str]) -> None:
    first, second = take_out(cast), take_out(cast, Post.SUPERVISOR)
    worked_off(cast)

    assert first.serial_no != second.serial_no
    assert file_of(first) != file_of(second)


def test_one_that_is_being_made_can_be_stopped(cast: Cast, five: list[str]) -> None:
    row = take_out(cast)

    with refused("R-009"):
        actions.stop_export(occasion=cast.occasion(Post.SUPERVISOR), uid=row.uid)
    cast.client(Post.ARCHIVIST).post(f"/find/exports/{row.uid}/stop/")
    worked_off(cast)

    [shown] = kept.exports_of(cast.actor(Post.ARCHIVIST))
    assert shown.state == "STOPPED"
    answer = cast.client(Post.ARCHIVIST).get(f"/find/exports/{row.uid}/file/")
    assert "X-016" in answer.content.decode()


def test_files_are_cleared_after_their_days_and_what_was_typed_with_them(
    cast: Cast, five: list[str], settings: Any
) -> None:
    row = take_out(cast, asked=builders.number(1))
    worked_off(cast)
    assert tasks.clear_exports() == 0
    Export.objects.update(asked_at=timezone.now() - dt.timedelta(days=settings.ANJUAN_SPOOL_DAYS + 1))

    assert tasks.clear_exports() == 1

    row.refresh_from_db()
    assert (row.question, kept.export_file(row).exists()) == ("", False)
    [shown] = kept.exports_of(cast.actor(Post.ARCHIVIST))
    assert (shown.state, shown.made_rows) == ("CLEARED", 1)
    actions.forget_question(uid=row.uid)
    Export.objects.update(made_at=None)
    with refused("X-013"):
        actions.make_part(
            occasion=cast.occasion(Post.SYSTEM_ADMIN),
            actor=cast.actor(Post.ARCHIVIST),
            uid=row.uid,
            place=0,
            is_last=True,
        )


def test_the_auditor_sees_who_took_what_out(cast: Cast, five: list[str]) -> None:
    row = take_out(cast)
    worked_off(cast)

    page = cast.client(Post.AUDITOR).get("/find/exports/register/").content.decode()

    assert row.serial_no in page and "年度统计" in page
    assert cast.client(Post.HANDLER).get("/find/exports/register/").status_code == 403
    assert "/find/exports/register/" in cast.client(Post.AUDITOR).get("/evidence/").content.decode()
    [out] = cast.program(next(w for w in [cast.actor(Post.AUDITOR).staff_code])).get("/api/v1/exports/register").json()
    assert (out["serial_no"], out["made_rows"]) == (row.serial_no, 5)
    actions.finish_export(
        occasion=cast.occasion(Post.AUDITOR), uid=row.uid, rows=0, size_bytes=0, sha256=""
    )  # noted once only
    assert Entry.objects.filter(act="search.finish_export").count() == 1


def test_the_register_costs_as_many_statements_for_many_as_for_few(
    cast: Cast, five: list[str], django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    auditor = cast.actor(Post.AUDITOR)
    take_out(cast)
    with CaptureQueriesContext(connection) as few:
        kept.register(auditor)
    for _ in range(6):
        take_out(cast)

    with django_assert_num_queries(len(few)):
        assert len(kept.register(auditor)) == 7


# The index's own page ------------------------------------------------------------------------------------------------


def test_how_the_index_stands_is_shown_to_who_looks_after_it(cast: Cast, five: list[str]) -> None:
    builders.register(cast, "SL-9", persons=(builders.person(9),))
    admin = cast.client(Post.SYSTEM_ADMIN)

    behind = kept.standing(cast.actor(Post.SYSTEM_ADMIN), at=timezone.now())
    page = admin.get("/find/index/")

    assert (behind.state, behind.behind) == ("WHOLE", 1)
    assert page.status_code == 200
    assert cast.client(Post.HANDLER).get("/find/index/").status_code == 403
    assert cast.client(Post.HANDLER).post("/find/index/reconcile/").status_code == 403
    admin.post("/find/index/reconcile/")
    worked_off(cast)
    assert kept.checks()[0].finished_at is not None


def test_a_rebuild_shows_how_far_it_is_and_how_long_it_takes(
    cast: Cast, five: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from anjuan.facilities.search.actions import keeping

    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    at = timezone.now()
    actions.tend(seconds=0, begin_anew=True, at=at - dt.timedelta(seconds=40))

    found = kept.standing(cast.actor(Post.SYSTEM_ADMIN), at=at)
    result = queries.find(cast.actor(Post.HANDLER), "SL*")

    assert found.state == "MAKING" and 0 < found.made < 100
    assert found.left is not None and found.left > dt.timedelta(0)
    assert not result.is_index_whole
    caught_up()
    assert kept.standing(cast.actor(Post.SYSTEM_ADMIN), at=at).state == "WHOLE"
