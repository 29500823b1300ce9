"""The desk of rules, on screen and by the API: versions, drafts, sheets, steps, numbering."""

import datetime as dt
import html
import json
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from anjuan.core import workbooks
from anjuan.core.lifecycle import TABLE, Evidence
from anjuan.core.terms import Post, Route
from anjuan.core.words import word
from anjuan.demo.office import SCHEDULE_IN_FORCE
from anjuan.desks.rulebook import rules
from anjuan.foundation.accounts.models import Appointment
from anjuan.foundation.journal.models import Entry
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import numbering
from tests import builders
from tests.cast import Cast

HEADING = {"code": "2026-A", "title": "新表", "effective_date": "2024-01-01", "based_on": SCHEDULE_IN_FORCE}


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def page(name: str, **kwargs: object) -> str:
    return reverse(f"rulebook:{name}", kwargs=kwargs)


def seen_at(code: str = "2026-A") -> str:
    changed_at = schedule.draft_of(code)[0].changed_at
    assert changed_at is not None
    return changed_at.isoformat()


@pytest.fixture
def archivist(cast: Cast) -> Client:
    return cast.client_of("sj12")


@pytest.mark.parametrize("post", [Post.HANDLER, Post.PROCESSOR, Post.SYSTEM_ADMIN, Post.READING_DESK])
def test_the_desk_is_the_archivists_and_the_leader_reads_it(cast: Cast, post: Post) -> None:
    assert cast.client(post).get(page("home")).status_code == 403
    read = cast.client(Post.SUPERVISOR).get(page("home"))
    assert read.status_code == 200 and 'name="effective_date"' not in text_of(read)
    assert cast.client(Post.SUPERVISOR).post(page("open_draft"), HEADING).status_code == 403


def test_an_archivist_of_a_centre_reads_the_rules_of_the_house_and_changes_his_own_fonds_only(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    centre = cast.client(Post.ARCHIVIST)
    read = centre.get(page("home"))
    assert read.status_code == 200 and 'name="effective_date"' not in text_of(read)
    assert centre.post(page("open_draft"), HEADING).status_code == 403
    assert centre.post(page("add_shipped")).status_code == 403
    assert centre.post(page("restore_step", code="PERSON_REGISTRATION", edition=1)).status_code == 403
    template = {"template": "{fonds}-{category}-{volume:4}", "reason": "改", "apply": "1"}
    for refused in (
        centre.post(page("set_numbering", code="J001"), template),
        centre.post(page("add_category", code="J001"), {"category_code": "11", "name": "x"}),
        centre.post(page("arrange_category", code="J001", category="01"), {"kind": "BY_ITEM"}),
        centre.post(page("open_fonds"), {"code": "R001", "name": "人事档案", "agency": "SJ"}),
    ):
        assert refused.status_code == 403 and "A-001" in text_of(refused)
    assert numbering.fonds_row("J001").template != template["template"]

    own = {"code": "R001", "name": "人事档案", "agency": "BH"}
    assert centre.post(page("open_fonds"), own).status_code == 302
    assert centre.post(page("add_category", code="R001"), {"category_code": "11", "name": "干部"}).status_code == 302
    stranger = outsider(Post.ARCHIVIST)
    assert stranger.post(page("add_category", code="R001"), {"category_code": "12", "name": "x"}).status_code == 403
    offered = text_of(centre.get(page("fonds")))
    assert '<option value="BH"' in offered and '<option value="SJ"' not in offered
    assert 'name="template"' not in text_of(centre.get(page("one_fonds", code="J001")))
    assert 'name="template"' in text_of(centre.get(page("one_fonds", code="R001")))


@pytest.mark.acceptance("S3-F13", "STD-21")
def test_a_version_is_drafted_rehearsed_compared_and_put_into_force_on_screen(cast: Cast, archivist: Client) -> None:
    urn = builders.register(cast)
    assert archivist.post(page("open_draft"), HEADING).status_code == 302
    row = {
        "part": "row", "was": "01.2", "seen_at": seen_at(), "category_code": "01", "category_name": "社会保险管理类",
        "item_no": "2", "material_name": "参保人员登记材料", "term": "30年", "is_confirmed": "on",
    }  # fmt: skip
    assert archivist.post(page("revise_draft", code="2026-A"), row).status_code == 302

    shown = text_of(archivist.get(page("draft", code="2026-A")))
    listed = text_of(archivist.get(page("rehearsal", code="2026-A")))
    compared = text_of(archivist.get(page("compared"), {"from": SCHEDULE_IN_FORCE, "to": "2026-A"}))

    assert "未经同意" in shown and "1</b> 件未封卷档案的保管期限会变" in shown
    assert "SL-001" in listed and "<s>100年</s> → 30年" in listed
    assert "新增 0，删除 0，变更 1" in compared
    adopted = archivist.post(page("adopt", code="2026-A"), {"seen_at": seen_at()}, follow=True)
    assert "新版期限表已施行" in text_of(adopted) and "未经同意" in text_of(adopted)
    assert Entry.objects.filter(act="rulebook.adopt", members_count=1).count() == 1
    assert text_of(archivist.get(reverse("search:item", kwargs={"urn": urn}))).count("30年")
    consent = {"consent_of": "演示市档案局", "consent_date": "2024-02-01"}
    told = archivist.post(page("record_consent", code="2026-A"), consent, follow=True)
    assert "已经同意" in text_of(told)


def test_a_draft_is_changed_by_a_sheet_that_is_looked_at_first(archivist: Client) -> None:
    archivist.post(page("open_draft"), HEADING)
    sheet = workbooks.Sheet("", (("类别代码", "条目号", "保管期限", "已核实"), ("02", "1", "100年", "是")))
    url = page("revise_draft", code="2026-A")

    looked = archivist.post(
        url, {"part": "sheet", "seen_at": seen_at(), "sheet": SimpleUploadedFile("a.csv", workbooks.write_csv(sheet))}
    )
    carried = text_of(looked).split('name="carried" value="')[1].split('"')[0]
    untouched = {row.key: row.term for row in schedule.draft_of("2026-A")[1]}
    applied = archivist.post(url, {"part": "sheet", "seen_at": seen_at(), "carried": carried, "apply": "1"})

    assert looked.status_code == 200 and "100年" in text_of(looked)
    assert untouched["02", "1"] == "待核实" and applied.status_code == 302
    assert {row.key: row.term for row in schedule.draft_of("2026-A")[1]}["02", "1"] == "100年"
    swapped = workbooks.Sheet("", (("类别代码", "条目号", "保管期限", "材料名称"), ("02", "1", "申报表", "100年")))
    refused = archivist.post(
        url, {"part": "sheet", "seen_at": seen_at(), "sheet": SimpleUploadedFile("a.csv", workbooks.write_csv(swapped))}
    )
    assert refused.status_code == 422 and "H-023" in text_of(refused)
    wrong = workbooks.Sheet("", (("类别代码", "条目号", "保管期限"), ("02", "1", "很久")))
    named = archivist.post(
        url, {"part": "sheet", "seen_at": seen_at(), "sheet": SimpleUploadedFile("a.csv", workbooks.write_csv(wrong))}
    )
    assert named.status_code == 422 and "C2" in text_of(named) and "不是保管期限" in text_of(named)


def test_the_steps_go_out_as_a_workbook_and_come_back_as_the_next_editions(archivist: Client) -> None:
    content = archivist.get(page("step_sheet")).content
    steps, materials = workbooks.read(content)
    place = rules.STEP_COLUMNS.index(next(one for one in rules.STEP_COLUMNS if one.field == "filing_days"))
    rows = [list(row) for row in steps.rows]
    changed = next(row for row in rows if row[0] == "REFUND")
    changed[place] = "7"
    book = workbooks.write_xlsx([workbooks.Sheet(steps.name, tuple(map(tuple, rows))), materials])

    looked = archivist.post(page("upload_steps"), {"sheet": SimpleUploadedFile("b.xlsx", book)})
    carried = text_of(looked).split('name="carried" value="')[1].split('"')[0]

    assert "表格将变更 1 个环节" in text_of(looked) and schedule.editions_of("REFUND")[0].edition == 1
    with builders.one_line("schedule.revise_steps"):
        assert archivist.post(page("upload_steps"), {"carried": carried, "apply": "1"}).status_code == 302
    assert (schedule.editions_of("REFUND")[0].edition, schedule.editions_of("REFUND")[0].filing_days) == (2, 7)
    shown = text_of(archivist.get(page("step", code="REFUND")))
    assert "第 2 版" in shown and page("restore_step", code="REFUND", edition=1) in shown
    assert archivist.post(page("restore_step", code="REFUND", edition=1)).status_code == 302
    assert schedule.editions_of("REFUND")[0].filing_days == 30


def typed(known: str, **changed: object) -> dict[str, object]:
    """The step's form as the page shows it, with some fields typed anew."""
    step = schedule.editions_of(known)[0]
    data: dict[str, object] = {
        column.field: getattr(step, column.field) or ""
        for column in rules.STEP_COLUMNS
        if column.kind is not rules.Kind.FLAG
    }
    data["m_code"] = [row.code for row in step.materials]
    for place, row in enumerate(step.materials):
        for name in ("name", "name_en", "legal_basis", "one_of", "condition"):
            data[f"m{place}_{name}"] = getattr(row, name)
        for name in ("is_main", "is_required", "must_scan", "original_required"):
            if getattr(row, name):
                data[f"m{place}_{name}"] = "on"
        data[f"m{place}_required_seals"] = list(row.required_seals)
        data[f"m{place}_default_pages"] = row.default_pages or ""
    return data | changed


@pytest.mark.acceptance("STD-26")
def test_a_step_is_edited_with_a_preview_and_refused_without_a_legal_basis(archivist: Client) -> None:
    url = page("edit_step", code="AUDIT_CASE")

    same = archivist.post(url, typed("AUDIT_CASE", preview="1"))
    preview = archivist.post(url, typed("AUDIT_CASE", filing_days="9", preview="1"))
    bare = archivist.post(url, typed("AUDIT_CASE", m1_legal_basis="", preview="1"))

    assert "没有差异" in text_of(same)
    assert "<s>30</s> → 9" in text_of(preview) and schedule.editions_of("AUDIT_CASE")[0].edition == 1
    assert bare.status_code == 422 and "H-009" in text_of(bare)
    assert archivist.post(url, typed("AUDIT_CASE", filing_days="9", apply="1")).status_code == 302
    assert schedule.editions_of("AUDIT_CASE")[0].filing_days == 9
    new = typed("AUDIT_CASE", code="OWN_STEP", name="自设环节", apply="1")
    assert archivist.post(page("edit_step", code="NEW"), new).status_code == 302
    assert schedule.step("OWN_STEP").name == "自设环节"


def test_the_numbering_is_previewed_before_it_is_changed(cast: Cast, archivist: Client) -> None:
    builders.sealed(cast, "SL-1")
    url = page("set_numbering", code="J001")
    template = "{fonds}-SB·{category}·{year}·{agency}-{volume:5}-{item:3}"

    preview = archivist.post(url, {"template": template, "preview": "1"})
    year = cast.today().year
    bad = archivist.post(url, {"template": "{fonds}{year}", "preview": "1"})

    assert f"J001-SB·01·{year}·BH-00001" in text_of(preview) and preview.status_code == 200
    assert bad.status_code == 422 and "F-001" in text_of(bad)
    with builders.one_line("records.set_numbering"):
        assert archivist.post(url, {"template": template, "reason": "统一", "apply": "1"}).status_code == 302
    assert template in text_of(archivist.get(page("one_fonds", code="J001")))
    opened = archivist.post(
        page("open_fonds"), {"code": "R001", "name": "人事档案", "agency": "BH", "classification": "YEAR_STEP"}
    )
    assert opened.status_code == 302
    added = archivist.post(
        page("add_category", code="R001"), {"category_code": "11", "name": "干部人事档案", "kind": "BY_ITEM"}
    )
    arranged = archivist.post(page("arrange_category", code="R001", category="11"), {"kind": "PERSON_DOSSIER"})
    assert (added.status_code, arranged.status_code) == (302, 302)
    assert "R001" in text_of(archivist.get(page("fonds")))


def test_missing_steps_of_the_starter_set_can_be_added(archivist: Client) -> None:
    assert archivist.post(page("add_shipped")).status_code == 302
    assert len(schedule.steps()) == len(schedule_actions.shipped_steps())


def test_the_counter_answers_a_condition_on_the_item_page(cast: Cast) -> None:
    urn = builders.captured(cast, "SL-1", materials=("MAIN_FORM",), step="INTERNAL_CONTROL")
    handler = cast.client(Post.HANDLER)
    url = reverse("intake:item", kwargs={"urn": urn})

    asked = text_of(handler.get(url))
    answered = handler.post(
        reverse("intake:answer_conditions", kwargs={"urn": urn}),
        {"condition": "需要整改", "answer-1": "no"},
        follow=True,
    )

    assert "待回答" in asked and "H-014" in asked and f"{url}#conditions" in asked
    assert "H-014" not in text_of(answered) and "仅当「需要整改」时收取" in text_of(answered)


def test_everything_a_screen_does_can_be_done_by_the_api(cast: Cast) -> None:
    program = cast.program("sj12")
    base = "/api/v1/rulebook"

    def send(method: str, path: str, body: object = None) -> Any:
        call = getattr(program, method)
        answer = (
            call(base + path, json.dumps(body), content_type="application/json")
            if body is not None
            else call(base + path)
        )
        assert answer.status_code < 300, answer.content
        return answer.json() if answer.content else None

    made = send("post", "/drafts", {**HEADING})
    rows = made["rows"]
    rows[0]["term"] = "30年"
    changed = send("put", "/drafts/2026-A", {**HEADING, "rows": rows, "seen_at": made["version"]["changed_at"]})
    assert [one["change"] for one in changed] == ["CHANGED"]
    assert send("get", f"/schedules/2026-A/against/{SCHEDULE_IN_FORCE}")[0]["after"]["term"] == "30年"
    assert send("get", "/drafts/2026-A/rehearsal")["homeless"] == []
    sheet = SimpleUploadedFile("a.csv", workbooks.write_csv(rules.rule_sheet(schedule.draft_of("2026-A")[1])))
    looked = program.post(f"{base}/drafts/2026-A/sheet", {"sheet": sheet})
    assert looked.json() == {"applied": False, "errors": [], "changed": []}
    newest = send("get", "/schedules/2026-A")["version"]["changed_at"]
    assert send("post", "/drafts/2026-A/adopt", {"seen_at": newest})["rows"] == len(rows)
    send("post", "/schedules/2026-A/consent", {"consent_of": "档案局", "consent_date": "2024-01-02"})
    assert [one["has_consent"] for one in send("get", "/schedules")] == [True, False]
    send("post", "/drafts", {**HEADING, "code": "2026-B"})
    send("delete", "/drafts/2026-B")
    book = SimpleUploadedFile("b.xlsx", program.get(f"{base}/steps.xlsx").content)
    assert program.post(f"{base}/step-sheet", {"sheet": book}).json()["changed"] == []
    step = schedule.editions_of("AUDIT_CASE")[0]
    csv = workbooks.Sheet("", (("环节代码", "归档期限（天）"), ("AUDIT_CASE", str(step.filing_days + 1))))
    upload = SimpleUploadedFile("c.csv", workbooks.write_csv(csv))
    assert program.post(f"{base}/step-sheet", {"sheet": upload, "apply": "true"}).json()["changed"] == ["AUDIT_CASE"]
    assert send("post", "/steps/AUDIT_CASE/restore/1", {})["edition"] == 3
    assert len(send("get", "/steps/AUDIT_CASE")["editions"]) == 3
    assert send("post", "/fonds", {"code": "R001", "name": "人事", "agency_code": "BH"})["code"] == "R001"
    assert send("post", "/fonds/R001/categories", {"code": "11", "name": "干部人事"})["categories"][0]["code"] == "11"
    assert send("post", "/fonds/R001/categories/11", {"kind": "BY_ITEM"})["categories"][0]["arrangement"] == "BY_ITEM"
    template = "{fonds}-{category}·{year}·{agency}-{volume:4}"
    assert send("post", "/fonds/R001/numbering", {"template": template})["template"] != template
    done = send("post", "/fonds/R001/numbering", {"template": template, "reason": "x", "apply": True})
    assert done["template"] == template and len(send("get", "/fonds")) == 2
    outsider = cast.program(cast.actor(Post.HANDLER).staff_code)
    assert outsider.get(f"{base}/schedules").status_code == 403


@pytest.mark.acceptance("S0-F12")
def test_anybody_downloads_the_blank_form_of_a_step_with_what_to_bring(cast: Cast, archivist: Client) -> None:
    stranger = Client()

    listed = text_of(stranger.get(page("blanks")))
    first = stranger.get(page("blank", code="FUNERAL_GRANT"))
    again = stranger.get(page("blank", code="FUNERAL_GRANT"))

    assert (
        page("blank", code="FUNERAL_GRANT") in listed and "MEDICAL_VOUCHER" not in listed and "AUDIT_CASE" not in listed
    )
    assert first.headers["Content-Type"] == "application/pdf" and first.content == again.content
    words = "".join(pypdfium2.PdfDocument(first.content)[0].get_textpage().get_text_bounded().split())
    assert "丧葬补助和抚恤金申领表" in words and "火化证明" in words and "多选一（死亡证明）" in words
    assert "有代办人的" in words and "社会保险经办条例第十八条" in words
    archivist.post(page("edit_step", code="AUDIT_CASE"), typed("AUDIT_CASE", m0_name="稽核报告书", apply="1"))
    renamed = pypdfium2.PdfDocument(stranger.get(page("blank", code="AUDIT_CASE")).content)
    assert "稽核报告书" in "".join(renamed[0].get_textpage().get_text_bounded().split())
    assert stranger.get(page("blank", code="NOTHING")).status_code in (404, 422)


def test_every_step_of_the_starter_set_has_a_blank_form_that_can_be_printed(cast: Cast) -> None:
    for step in schedule.steps()[::9]:
        assert Client().get(page("blank", code=step.code)).content.startswith(b"%PDF")


# Duties -----------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-F8", "S0-P2")
def test_the_duty_matrix_is_the_table_that_the_program_obeys(cast: Cast) -> None:
    shown = text_of(cast.client(Post.ARCHIVIST).get(page("duties")))
    paper_first = text_of(cast.client(Post.SUPERVISOR).get(page("duties"), {"route": "LEGACY"}))
    rows = [move for move in TABLE if move.route is Route.TARGET]
    assert shown.count("<tr>") == len(rows) + 1
    for words in ("审核岗", "陈静", "监交人（分管领导）", "孙建", word(Evidence.PAGES_SEEN)):
        assert words in shown, words
    assert "加工员" in paper_first and "加工员" not in shown
    assert cast.client(Post.HANDLER).get(page("duties")).status_code == 403


def test_a_post_that_nobody_holds_is_said(cast: Cast) -> None:
    Appointment.objects.filter(post=Post.CHECKER).update(until_date=cast.today() - dt.timedelta(days=1))
    shown = text_of(cast.client(Post.ARCHIVIST).get(page("duties")))
    assert "无人" in shown
