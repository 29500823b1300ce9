"""Catalogues in spreadsheets: columns, dry run, rows taken in, descriptions changed and undone. Asks 8, 14, 21."""

import dataclasses
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from anjuan.core import sheets
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.desks.intake import actions as counter
from anjuan.desks.intake.actions import catalogue
from anjuan.desks.intake.queries import catalogue as queries
from anjuan.desks.intake.rules.catalogue import Purpose, SheetStatus
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.schedule import actions as revising
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.actions import describing
from anjuan.records.models import Item, Subject
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off

HEADS = ["受理号", "业务环节", "题名", "形成日期", "页数", "姓名", "身份证号"]


def line(number: str, serial: int = 1, **more: str) -> list[str]:
    cells = {
        "受理号": number,
        "业务环节": "参保人员登记",
        "题名": "",
        "形成日期": "2024/3/15",
        "页数": "2",
        "姓名": builders.name_of(serial),
        "身份证号": builders.number(serial),
    } | more
    return [cells[head] for head in HEADS]


def workbook(lines: Sequence[Sequence[object]]) -> bytes:
    stream = io.BytesIO()
    sheets.write_xlsx(lines, stream)
    return stream.getvalue()


def laid(cast: Cast, tmp_path: Path, octets: bytes, purpose: Purpose = Purpose.NEW, name: str = "目录.xlsx") -> str:
    path = tmp_path / "sheet"
    path.write_bytes(octets)
    return catalogue.lay_sheet(
        occasion=cast.occasion(Post.HANDLER), agency_code="BH", purpose=purpose, path=path, name=name
    )


def checked(cast: Cast, tmp_path: Path, lines: Sequence[Sequence[object]], purpose: Purpose = Purpose.NEW) -> str:
    uid = laid(cast, tmp_path, workbook(lines), purpose)
    mapping = queries.sheet_of(uid).mapping
    catalogue.check_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid, mapping=mapping)
    work_off()
    return uid


def body(answer: Any) -> bytes:
    """What a stream says, to its end, where it closes."""
    return b"".join(answer.streaming_content)


def standing(uid: str) -> queries.Standing:
    return queries.standing(queries.sheet_of(uid))


@pytest.mark.acceptance("S0-F1", "S0-W11")
def test_a_sheet_is_checked_and_its_sound_rows_are_registered(cast: Cast, tmp_path: Path) -> None:
    lines = [HEADS, *(line(f"ML-{serial}", serial) for serial in range(1, 121))]
    uid = checked(cast, tmp_path, lines)
    found = standing(uid)
    assert (found.faulty_rows, found.sheet.status, Item.objects.count()) == (0, SheetStatus.CHECKED, 0)

    with one_line("intake.take_sheet"):
        catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()

    assert (queries.sheet_of(uid).status, queries.sheet_of(uid).taken) == (SheetStatus.TAKEN, 120)
    assert (Item.objects.count(), Subject.objects.count()) == (120, 120)
    item = records.items_at(cast.actor(Post.HANDLER), State.COLLECTING, Post.HANDLER)[0]
    assert (item.title, item.formed_date.isoformat(), item.paper_pages) == ("参保人员登记", "2024-03-15", 2)
    exported = list(queries.export(cast.actor(Post.HANDLER), Purpose.NEW))
    assert len(exported) == 121 and exported[1][1] == "ML-1"


def test_every_faulty_row_says_its_row_column_and_reason_and_keeps_none_away(cast: Cast, tmp_path: Path) -> None:
    builders.register(cast, "OLD", persons=(builders.person(50),))
    uid = checked(
        cast,
        tmp_path,
        [
            HEADS,
            line("A-1", 1),
            line("A-2", 2, 形成日期="去年"),
            line("A-3", 3, 业务环节="没有这个"),
            line("A-4", 4, 页数="两页"),
            line("A-5", 5, 身份证号="110101199001011234"),
            line("A-6", 6, 姓名="", 身份证号=""),
            line("A-1", 7),
            line("OLD", 8, 页数="9"),
            line("", 9),
            line("A-10", 10, 形成日期="2999-01-01"),
        ],
    )

    found = [(one.row_no, one.field, one.refusal.code) for one in standing(uid).faults]

    assert found == [
        (3, "formed_date", "I-063"),
        (4, "step", "I-063"),
        (5, "paper_pages", "I-063"),
        (6, "person_id", "R-003"),
        (7, "person_name", "I-006"),
        (8, "acceptance_no", "I-001"),
        (9, "acceptance_no", "I-013"),
        (10, "acceptance_no", "I-063"),
        (11, "formed_date", "I-002"),
    ]
    catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()
    assert set(Item.objects.values_list("acceptance_no", flat=True)) == {"OLD", "A-1"}
    faulty = list(queries.faulty_lines(queries.sheet_of(uid)))
    assert len(faulty) == 10 and faulty[1][0] == "A-2" and "形成日期" in faulty[1][-2] + faulty[1][-3]


def test_answers_to_the_conditions_of_the_list_come_in_a_column(cast: Cast, tmp_path: Path) -> None:
    heads = [*HEADS, "情形"]

    def row(number: str, serial: int, said: str, step: str = "参保单位信息变更") -> list[str]:
        return [*line(number, serial, 业务环节=step), said]

    uid = checked(
        cast,
        tmp_path,
        [
            heads,
            row("C-1", 1, "有代办人=是"),
            row("C-2", 2, " 有代办人：否； "),
            row("C-3", 3, ""),
            row("C-4", 4, "有代办人"),
            row("C-5", 5, "有代办人=也许"),
            row("C-6", 6, "下雨=是"),
            row("C-7", 7, "有代办人=是", step="参保人员登记"),
            row("C-8", 8, "有代办人=是；有代办人=否"),
        ],
    )

    found = [(one.row_no, one.field, one.refusal.code) for one in standing(uid).faults]
    assert found == [
        (5, "answers", "I-063"),
        (6, "answers", "I-063"),
        (7, "answers", "I-075"),
        (8, "answers", "I-075"),
        (9, "answers", "I-063"),
    ]

    catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()

    urns = dict(Item.objects.values_list("acceptance_no", "urn"))
    said = schedule.circumstances_of(list(urns.values()))
    assert [said.get(urns[number], {}) for number in ("C-1", "C-2", "C-3")] == [
        {"有代办人": True},
        {"有代办人": False},
        {},
    ]


def test_a_sheet_that_is_sent_again_registers_nothing_twice(cast: Cast, tmp_path: Path) -> None:
    lines = [HEADS, line("A-1", 1), line("A-2", 2)]
    first = checked(cast, tmp_path, lines)
    catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=first)
    work_off()

    second = checked(cast, tmp_path, lines)
    assert catalogue.take_rows(occasion=cast.occasion(Post.HANDLER), uid=second, first=0) == 0

    assert (standing(second).faulty_rows, Item.objects.count()) == (0, 2)


def test_swapped_columns_are_noticed_before_any_row_is(cast: Cast, tmp_path: Path) -> None:
    heads = [*HEADS[:5], "身份证号", "姓名"]
    uid = laid(cast, tmp_path, workbook([heads, *(line(f"A-{at}", at) for at in range(1, 9))]))

    with refused("I-062"):
        catalogue.check_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid, mapping=queries.sheet_of(uid).mapping)
    right = dict(queries.sheet_of(uid).mapping) | {"person_name": 5, "person_id": 6}
    catalogue.check_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid, mapping=right)
    work_off()
    assert standing(uid).faulty_rows == 0
    again = laid(cast, tmp_path, workbook([heads, line("B-1", 20)]))
    assert queries.sheet_of(again).mapping == right  # the agency's mapping is remembered


def test_a_sheet_without_a_needed_column_is_refused(cast: Cast, tmp_path: Path) -> None:
    uid = laid(cast, tmp_path, workbook([["受理号", "备注"], ["A-1", "x"]]))
    for mapping in ({"acceptance_no": 0}, {"acceptance_no": 0, "step": 0, "formed_date": 1, "paper_pages": 5}):
        with refused("I-061"):
            catalogue.check_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid, mapping=mapping)
    with refused("I-066"):
        catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)


@pytest.mark.parametrize("octets", [b"PK\x03\x04 nothing", b"\x00\x01\x02,\x00\n", b"\xff\xfe\xff\xff,\xff\n\xff"])
def test_what_is_no_spreadsheet_is_refused(cast: Cast, tmp_path: Path, octets: bytes) -> None:
    with refused("I-060"):
        laid(cast, tmp_path, octets)


def test_a_workbook_whose_data_are_broken_is_refused_and_leaves_no_bytes(cast: Cast, tmp_path: Path) -> None:
    octets = bytearray(workbook([HEADS, line("A-1")]))
    with zipfile.ZipFile(io.BytesIO(octets)) as book:
        entry = book.getinfo("xl/worksheets/sheet1.xml")
    begin = entry.header_offset + 30 + len(entry.filename) + 20  # a long entry says its size in 20 bytes more
    octets[begin : begin + 10] = b"\xff" * 10

    with refused("I-060"):
        laid(cast, tmp_path, bytes(octets))

    kept = Path(settings.ANJUAN_HOME) / "incoming" / "catalogues"
    assert not kept.exists() or not list(kept.iterdir())


def test_a_sheet_that_the_program_stumbles_at_leaves_no_bytes(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "saved_map", lambda agency_code, purpose: {}[agency_code])

    with pytest.raises(KeyError):
        laid(cast, tmp_path, workbook([HEADS, line("A-1")]))

    assert not list((Path(settings.ANJUAN_HOME) / "incoming" / "catalogues").iterdir())


def test_a_sheet_with_no_row_is_refused(cast: Cast, tmp_path: Path) -> None:
    with refused("I-065"):
        laid(cast, tmp_path, workbook([HEADS]))


def test_csv_in_the_old_encoding_and_quotes_is_read(cast: Cast, tmp_path: Path) -> None:
    text = ",".join(HEADS) + "\r\n" + ",".join(line("A-1", 1, 题名='"登记，补"')) + "\r\n"
    uid = laid(cast, tmp_path, text.encode("gb18030"), name="旧.csv")
    assert standing(uid).first_rows[0][2] == "登记，补"


# Changing descriptions ---------------------------------------------------------------------------------------------


def editing(cast: Cast, *changed: tuple[str, str, str, str]) -> list[list[str]]:
    return [["档案标识", "受理号", "题名", "形成日期", "页数"], *([urn, "", *rest] for urn, *rest in changed)]


def test_a_change_by_sheet_shows_its_diff_leaves_blanks_alone_and_is_undone_as_one(cast: Cast, tmp_path: Path) -> None:
    one = builders.register(cast, "A-1", persons=(builders.person(1),))
    two = builders.register(cast, "A-2", persons=(builders.person(2),))
    before = list(Item.objects.order_by("pk").values("title", "formed_date", "paper_pages"))
    lines = editing(cast, (one, "改过的题名𠮷", "", ""), (two, "", "2024-03-16", "7"))
    uid = checked(cast, tmp_path, lines, Purpose.EDIT)
    assert [(row.reference, row.field, row.after) for row in standing(uid).changes] == [
        ("A-1", "title", "改过的题名𠮷"),
        ("A-2", "formed_date", "2024-03-16"),
        ("A-2", "paper_pages", "7"),
    ]
    assert list(Item.objects.order_by("pk").values("title", "formed_date", "paper_pages")) == before

    catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()
    rows = {row.acceptance_no: row for row in Item.objects.all()}
    assert (rows["A-1"].title, rows["A-1"].paper_pages) == ("改过的题名𠮷", 2)
    assert (rows["A-2"].title, rows["A-2"].formed_date.day, rows["A-2"].paper_pages) == ("参保人员登记", 16, 7)

    catalogue.undo_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()
    assert list(Item.objects.order_by("pk").values("title", "formed_date", "paper_pages")) == before
    assert queries.sheet_of(uid).status is SheetStatus.UNDONE
    with refused("I-066"):
        catalogue.undo_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)


def test_undoing_ends_even_if_an_item_went_on_meanwhile(cast: Cast, tmp_path: Path) -> None:
    one = builders.register(cast, "A-1", persons=(builders.person(1),))
    two = builders.register(cast, "A-2", persons=(builders.person(2),))
    uid = checked(cast, tmp_path, editing(cast, (one, "新题名", "", ""), (two, "新题名", "", "")), Purpose.EDIT)
    catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()
    Item.objects.filter(urn=two).update(state=State.IN_TRANSIT)

    catalogue.undo_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()

    assert queries.sheet_of(uid).status is SheetStatus.UNDONE
    assert Item.objects.get(urn=one).title != Item.objects.get(urn=two).title == "新题名"
    assert [fault.refusal.code for fault in standing(uid).faults] == ["I-068"]


def test_what_may_not_be_changed_is_named_row_by_row(cast: Cast, tmp_path: Path) -> None:
    open_one = builders.register(cast, "A-1", persons=(builders.person(1),))
    walk = builders.sealed(cast, "A-2")
    lines = editing(
        cast,
        (open_one, "", "2023-03-15", ""),
        (walk.item_urn, "新题名", "", ""),
        ("urn:uuid:none", "新题名", "", ""),
        (open_one, "", "", "99999"),
    )
    uid = checked(cast, tmp_path, lines, Purpose.EDIT)

    assert [one.refusal.code for one in standing(uid).faults] == ["I-064", "I-069", "I-069", "I-005"]
    with refused("I-067"):
        catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=uid)


def test_what_was_changed_by_others_meanwhile_is_let_alone(cast: Cast, tmp_path: Path) -> None:
    urn = builders.register(cast, "A-1", persons=(builders.person(1),))
    uid = checked(cast, tmp_path, editing(cast, (urn, "", "", "5")), Purpose.EDIT)
    counter.correct_page_count(occasion=cast.occasion(Post.HANDLER), urn=urn, paper_pages=3)

    with one_line("intake.change_rows"):
        changed = catalogue.change_rows(occasion=cast.occasion(Post.HANDLER), uid=uid, places=[0], undo=False)

    assert changed == 0 and Item.objects.get().paper_pages == 3
    assert [one.refusal.code for one in standing(uid).faults] == ["I-068"]


def test_an_item_that_went_on_meanwhile_is_not_described_anew(cast: Cast) -> None:
    urn = builders.submitted(cast, "A-1")
    line = Line(occasion=cast.occasion(Post.HANDLER), act="intake.change_rows", unit=urn, uid="0" * 32)

    with transaction.atomic(), pytest.raises(Refusal) as caught:
        describing.redescribe(line=line, urn=urn, title="x", formed_date=builders.FORMED, paper_pages=2)

    assert caught.value.code == "L-001"


# At the edges ------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_sheet(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    client = cast.client(Post.HANDLER)
    octets = workbook([HEADS, line("A-1", 1), line("A-2", 2, 页数="x")])

    answer = client.post(
        "/intake/catalogue/", {"agency": "BH", "purpose": "NEW", "file": SimpleUploadedFile("目录.xlsx", octets)}
    )

    path = answer["Location"]
    assert "目录.xlsx" in client.get(path).content.decode()
    mapping = queries.sheet_of(path.split("/")[-2]).mapping
    assert client.post(f"{path}check/", {f"column_{field}": at for field, at in mapping.items()}).status_code == 302
    work_off()
    assert "I-063" in client.get(path).content.decode()
    assert body(client.get(f"{path}faults/")).startswith(b"PK")
    assert client.post(f"{path}take/").status_code == 302
    work_off()
    assert Item.objects.get().acceptance_no == "A-1"
    assert client.post(f"{path}undo/").status_code == 409
    for query in ("", "?for=EDIT", "?as=csv"):
        assert b"A-1" in body(client.get(f"/intake/catalogue/export/{query}")) or "csv" not in query
    assert client.get("/intake/catalogue/").status_code == 200
    assert outsider(Post.HANDLER).get(path).status_code == 404
    assert cast.client(Post.REVIEWER).get("/intake/catalogue/").status_code == 403


def test_a_program_sends_a_sheet(cast: Cast) -> None:
    program = cast.program("bh01")
    file = SimpleUploadedFile("a.csv", (",".join(HEADS) + "\n" + ",".join(line("A-1", 1))).encode())

    def post(path: str, body: dict[str, Any]) -> Any:
        return program.post(f"/api/v1/intake/sheets/{path}", json.dumps(body), content_type="application/json")

    laid_down = program.post("/api/v1/intake/sheets", {"agency_code": "BH", "file": file}).json()
    assert post(f"{laid_down['uid']}/check", {"mapping": laid_down["mapping"]}).status_code == 202
    work_off()
    assert program.get(f"/api/v1/intake/sheets/{laid_down['uid']}").json()["faulty_rows"] == 0
    assert post(f"{laid_down['uid']}/take", {}).status_code == 202
    work_off()
    assert [one["taken"] for one in program.get("/api/v1/intake/sheets").json()] == [1]
    assert body(program.get("/api/v1/intake/catalogue")).startswith(b"PK")
    assert post(f"{laid_down['uid']}/undo", {}).status_code == 409


def test_rows_are_looked_at_by_stretches(cast: Cast, tmp_path: Path) -> None:
    uid = laid(cast, tmp_path, workbook([HEADS, line("A-1", 1)]))
    with one_line("intake.check_rows"):
        catalogue.check_rows(occasion=cast.occasion(Post.HANDLER), uid=uid, first=0)


@pytest.mark.acceptance("S2-P4")
def test_a_row_under_a_withdrawn_step_is_refused_and_one_that_lies_there_already_is_passed_over(
    cast: Cast, tmp_path: Path
) -> None:
    rows = [HEADS, line("A-1", 1)]
    taken = checked(cast, tmp_path, rows)
    catalogue.take_sheet(occasion=cast.occasion(Post.HANDLER), uid=taken)
    work_off()
    step = dataclasses.replace(schedule.step("PERSON_REGISTRATION"), is_retired=True)
    revising.revise_steps(occasion=cast.rule_keeper(), steps=[step])

    uid = checked(cast, tmp_path, [*rows, line("A-2", 2)])
    catalogue.check_rows(occasion=cast.occasion(Post.HANDLER), uid=uid, first=0)

    assert [(one.row_no, one.field, one.refusal.code) for one in standing(uid).faults] == [(3, "step", "H-019")]


def test_rows_are_judged_by_the_steps_of_their_day(cast: Cast, tmp_path: Path) -> None:
    tomorrow = cast.today() + dt.timedelta(days=1)
    step = dataclasses.replace(schedule.step("PERSON_REGISTRATION"), is_retired=True)
    revising.revise_steps(occasion=cast.rule_keeper(), steps=[step], since_date=tomorrow)
    uid = checked(cast, tmp_path, [HEADS, line("A-1", 1)])

    catalogue.check_rows(occasion=cast.occasion(Post.HANDLER), uid=uid, first=0)
    assert not standing(uid).faults

    cast.clock.at += dt.timedelta(days=2)
    catalogue.check_rows(occasion=cast.occasion(Post.HANDLER), uid=uid, first=0)
    assert [one.refusal.code for one in standing(uid).faults] == ["H-019"]
