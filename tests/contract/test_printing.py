"""The printing room: six forms, one font, facts that stay facts."""

import concurrent.futures
import datetime as dt
import hashlib
import io
import json
import tomllib

import pikepdf
import pypdfium2
import pytest

from anjuan.core.refusals import Refusal
from anjuan.facilities.printing.backends import typeset
from anjuan.facilities.printing.queries import Part, join_pdfs, preview_form, print_bundle, print_form, qr_code
from anjuan.facilities.printing.rules import NEEDS, SPINE_WIDTHS, FormName, spine_width
from tests import builders

AT = dt.datetime(2026, 8, 1, 2, 0, tzinfo=dt.UTC)
EVIDENCE = json.dumps({"format": "anjuan-evidence-v1", "facts": {"name": "张三"}}, ensure_ascii=False).encode()


def facts_of(form: FormName, **more: object) -> dict[str, object]:
    needs = NEEDS[form]
    facts: dict[str, object] = {key: f"{key}甲" for key in sorted(needs.facts)}
    if needs.row_facts:
        facts["rows"] = [{key: f"{key}{number}" for key in sorted(needs.row_facts)} for number in range(3)]
    if form is FormName.EXPORT_LIST:  # its columns are chosen
        facts |= {"heads": ["题名", "年度"], "weights": ["TITLE", "YEAR"], "rows": [["题名甲", "2024"]] * 3}
    return facts | more


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    words = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(words.replace("\u200b", "").split())


@pytest.mark.parametrize("form", list(FormName))
def test_every_form_prints_from_the_facts_it_needs(form: FormName) -> None:
    pdf = print_form(form=form, facts=facts_of(form), at=AT, practice=False)

    assert pdf.startswith(b"%PDF-")
    words = words_of(pdf)
    for key, told in facts_of(form).items():
        assert told != f"{key}甲" or f"{key}甲" in words, key
    assert "演示" not in words


@pytest.mark.parametrize("form", list(FormName))
def test_every_page_of_practice_says_so(form: FormName) -> None:
    facts = facts_of(form)
    if "rows" in facts:
        row = facts["rows"][0]  # type: ignore[index]
        facts["rows"] = [row] * 80

    document = pypdfium2.PdfDocument(print_form(form=form, facts=facts, at=AT, practice=True))

    assert "rows" not in facts or len(document) > 1
    for page in document:
        assert "演示" in page.get_textpage().get_text_range()


def test_the_same_facts_and_time_give_the_same_bytes() -> None:
    facts = facts_of(FormName.CERTIFICATE)

    first, second = (print_form(form=FormName.CERTIFICATE, facts=facts, at=AT, practice=True) for _ in range(2))
    later = print_form(form=FormName.CERTIFICATE, facts=facts, at=AT + dt.timedelta(seconds=1), practice=True)

    assert first == second
    assert first != later


def test_threads_print_side_by_side_without_mixing_facts() -> None:
    def printed(number: int) -> bytes:
        facts = facts_of(FormName.NOTE, filed_by=f"立卷人第{number}号")
        return print_form(form=FormName.NOTE, facts=facts, at=AT, practice=False)

    one_by_one = [printed(number) for number in range(8)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        side_by_side = list(pool.map(printed, range(8)))

    assert side_by_side == one_by_one
    assert len(set(one_by_one)) == 8


@pytest.mark.parametrize(
    "name", ['#panic("x")', "*粗*", "$x$", '"];#read("/etc/passwd")', "\\u{41}", "<标签>", "@引用", "// 注"]
)
def test_a_fact_is_printed_as_written_and_never_obeyed(name: str) -> None:
    pdf = print_form(form=FormName.COVER, facts=facts_of(FormName.COVER, title=name), at=AT, practice=False)

    assert "".join(name.split()) in words_of(pdf)


def test_rare_names_that_the_font_knows_are_printed() -> None:
    pdf = print_form(form=FormName.COVER, facts=facts_of(FormName.COVER, title="䶮㛃𠮷堃喆"), at=AT, practice=False)

    assert "䶮㛃𠮷堃喆" in words_of(pdf)


@pytest.mark.parametrize("character", ["\U0003134f", "\U0001f600", "\ue000", "\x00", "\x1b"])
def test_a_character_that_the_font_lacks_is_refused_by_name(character: str) -> None:
    facts = facts_of(FormName.HANDOVER)
    facts["rows"][1]["title"] = f"王{character}"  # type: ignore[index]

    with pytest.raises(Refusal) as refused:
        print_form(form=FormName.HANDOVER, facts=facts, at=AT, practice=False)

    assert refused.value.code == "P-001"
    assert refused.value.params == {"character": character, "code_point": f"U+{ord(character):04X}"}


def test_a_form_with_a_missing_fact_is_refused() -> None:
    facts = facts_of(FormName.CERTIFICATE, check_code="")
    del facts["rows"][2]["sha256"]  # type: ignore[index]

    with pytest.raises(Refusal) as refused:
        print_form(form=FormName.CERTIFICATE, facts=facts, at=AT, practice=False)

    assert refused.value.code == "P-002"
    assert refused.value.params["facts"] == "check_code, rows[2].sha256"


def test_a_form_that_wants_rows_is_refused_without_them() -> None:
    facts = facts_of(FormName.CONTENTS)
    del facts["rows"]

    with pytest.raises(Refusal, match="P-002"):
        print_form(form=FormName.CONTENTS, facts=facts, at=AT, practice=False)


@pytest.mark.parametrize("content", [EVIDENCE, EVIDENCE * 400, bytes(range(256))])
def test_the_certificate_carries_its_evidence(content: bytes) -> None:
    pdf = print_form(
        form=FormName.CERTIFICATE,
        facts=facts_of(FormName.CERTIFICATE),
        at=AT,
        practice=True,
        attachments={"evidence.json": content},
    )

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.attachments["evidence.json"].get_file().read_bytes() == content
        assert opened.Root.AF[0].AFRelationship == "/Data"
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3B"


@pytest.mark.parametrize("form", list(FormName))
def test_forms_are_pdf_a_and_use_the_one_font(form: FormName) -> None:
    pdf = print_form(form=form, facts=facts_of(form), at=AT, practice=True)

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "2B"
        dictionaries = [thing for thing in opened.objects if isinstance(thing, pikepdf.Dictionary)]
        fonts = {str(each.BaseFont) for each in dictionaries if each.get("/Type") == "/Font"}
    assert fonts
    assert all("NotoSansCJKsc-Regular" in font for font in fonts)


def test_a_time_without_a_zone_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zone"):
        typeset.typeset("note", facts_of(FormName.NOTE), at=AT.replace(tzinfo=None))


def test_the_manifest_tells_the_truth_about_the_font() -> None:
    manifest = tomllib.loads((typeset.FONT_FOLDER / "MANIFEST.toml").read_text(encoding="utf-8"))

    for entry in (*manifest["font"], *manifest["table"]):
        assert hashlib.sha256((typeset.FONT_FOLDER / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert "SIL OPEN FONT LICENSE" in (typeset.FONT_FOLDER / manifest["font"][0]["licence_file"]).read_text(
        encoding="utf-8"
    )


def test_the_qr_code_is_a_drawing_with_its_quiet_zone() -> None:
    drawing = qr_code("https://example.invalid/verify/K7QF29MX04TD")

    assert drawing.startswith("<svg")
    assert "path" in drawing


def rows_of(form: FormName, count: int) -> list[dict[str, str]]:
    """Rows as long as offices write them."""
    return [
        {key: str(number) for key in NEEDS[form].row_facts}
        | {
            "no": str(number),
            "title": f"第{number}号城镇企业职工基本养老保险参保人员登记表及其附件材料（变更）",
            "reference_code": f"J001-ZY·SB·01·2024·BH-0001-{number:03}",
            "business_no": f"SL-2024-{number:05}",
            "employer_name": "演示市滨海新区第一机械制造有限责任公司",
            "person_name": "欧阳演示",
            "id_number": builders.number(number % 900 + 1),
            "page_count": "4",
        }
        for number in range(1, count + 1)
    ]


@pytest.mark.acceptance("STD-4", "S4-F1")
@pytest.mark.parametrize(
    "form", [FormName.CONTENTS, FormName.VOLUME_LIST, FormName.FILE_LIST, FormName.MATERIALS], ids=str
)
def test_five_hundred_rows_run_over_pages_with_the_head_on_each_and_nothing_lost(form: FormName) -> None:
    heads = {
        FormName.CONTENTS: "顺序号",
        FormName.VOLUME_LIST: "案卷题名",
        FormName.FILE_LIST: "文号",
        FormName.MATERIALS: "业务受理号",
    }
    rows = rows_of(form, 500)

    document = pypdfium2.PdfDocument(print_form(form=form, facts=facts_of(form, rows=rows), at=AT, practice=False))

    pages = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    table = [page for page in pages if "SL-2024" in page or "J001-ZY" in page]
    assert len(table) > 10 and all(heads[form] in page for page in table)
    whole = "".join(page.replace("\u200b", "") for page in pages)
    assert all(row["reference_code" if form is FormName.VOLUME_LIST else "business_no"] in whole for row in rows)


@pytest.mark.acceptance("STD-4")
@pytest.mark.parametrize("width", SPINE_WIDTHS)
def test_a_spine_is_as_wide_as_it_says_and_holds_a_long_title(width: int) -> None:
    facts = facts_of(FormName.SPINE, width_mm=str(width), title="城镇企业职工基本养老保险参保人员登记表" * 5)

    page = pypdfium2.PdfDocument(print_form(form=FormName.SPINE, facts=facts, at=AT, practice=False))[0]

    paths = [obj.get_bounds() for obj in page.get_objects() if obj.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH]
    left, right = min(box[0] for box in paths), max(box[2] for box in paths)
    assert right - left == pytest.approx(width / 25.4 * 72, abs=2)
    assert spine_width(width * 10, 1) == width and spine_width(10_000, 1) == SPINE_WIDTHS[-1]


@pytest.mark.acceptance("STD-4", "STD-19")
def test_a_bundle_holds_the_papers_of_many_volumes_each_counting_its_own_pages() -> None:
    contents = facts_of(FormName.CONTENTS, rows=rows_of(FormName.CONTENTS, 40))
    cover = facts_of(FormName.COVER)
    parts = [
        Part(FormName.COVER, cover),
        Part(FormName.CONTENTS, contents),
        Part(FormName.NOTE, facts_of(FormName.NOTE)),
    ]

    pdf = print_bundle(parts=parts * 2, title="两卷", at=AT, practice=True)

    document = pypdfium2.PdfDocument(pdf)
    feet = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    assert "第1页共1页" in feet[0] and "第1页共" in feet[1] and "第2页共" in feet[2]
    assert all("演示" in foot for foot in feet)
    with pytest.raises(Refusal, match="P-003"):
        print_bundle(parts=[Part(FormName.CERTIFICATE, facts_of(FormName.CERTIFICATE))], title="", at=AT, practice=True)
    with pytest.raises(Refusal, match="P-002"):
        print_bundle(parts=[Part(FormName.COVER, {})], title="", at=AT, practice=True)
    assert len(pypdfium2.PdfDocument(join_pdfs([pdf, pdf]))) == 2 * len(document)


@pytest.mark.acceptance("STD-19")
def test_labels_show_the_code_as_a_symbol_and_in_letters() -> None:
    rows = [{"kind": "卷", "code": f"J001-ZY·SB·01·2024·BH-{n:04}", "title": "题名" * 40} for n in range(1, 31)]

    pdf = print_form(form=FormName.LABELS, facts={"rows": rows}, at=AT, practice=False)

    assert len(pypdfium2.PdfDocument(pdf)) == 2
    assert all(row["code"] in words_of(pdf) for row in rows)
    with pytest.raises(Refusal, match="P-002"):
        print_form(form=FormName.LABELS, facts={}, at=AT, practice=False)


def test_a_page_is_previewed_as_an_image_before_anything_is_complete() -> None:
    png = preview_form(form=FormName.COVER, facts={"title": "未编号"}, page=1, practice=True)

    assert png.startswith(b"\x89PNG")
    with pytest.raises(Refusal, match="P-004"):
        preview_form(form=FormName.COVER, facts={}, page=2, practice=True)
