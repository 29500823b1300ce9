"""What each printed form needs (表单要素): names of forms and the facts without which a form must not be printed."""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


class FormName(enum.StrEnum):
    """The forms that we can print; the value is the name of the template."""

    COVER = "cover"  # 案卷封面
    CONTENTS = "contents"  # 卷内目录
    NOTE = "note"  # 卷内备考表
    HANDOVER = "handover"  # 移交清册
    WITNESS = "witness"  # 监交记录
    TRIP = "trip"  # 车辆安排单
    CERTIFICATE = "certificate"  # 查档证明
    RECOVERY = "recovery"  # 恢复卡
    DAY_ROOT = "day_root"  # 每日根单
    BLANK = "blank"  # 空白业务表
    SEPARATOR = "separator"  # 分隔页
    SPINE = "spine"  # 卷脊
    BOX_LABEL = "box_label"  # 盒签
    STAMP = "stamp"  # 归档章
    MATERIALS = "materials"  # 业务材料交接单
    VOLUME_LIST = "volume_list"  # 案卷目录
    FILE_LIST = "file_list"  # 归档文件目录
    FORWARDING = "forwarding"  # 档案转递通知单及回执
    SELF_CHECK = "self_check"  # 案卷自查表
    LABELS = "labels"  # 条码标签
    FEEDBACK = "feedback"  # 审核岗反馈单
    JUDGED = "judged"  # 验收记录、复核记录
    PROBLEMS = "problems"  # 问题案卷明细
    OPINION = "opinion"  # 案卷质量整改意见书
    MENDED = "mended"  # 整改完成确认
    QUALITY = "quality"  # 档案质量分析报告
    TRAINING = "training"  # 培训记录
    FOUR_NATURE = "four_nature"  # 四性检测报告
    DECLARATION = "declaration"  # 申报回执
    SEARCHABLE = "searchable"  # 双层PDF说明页
    EXPORT_LIST = "export_list"  # 检索结果导出清单


# The papers of one sealed volume, in the order in which they are laid out; those of a box of single items after them.
VOLUME_FORMS = (
    FormName.COVER,
    FormName.SPINE,
    FormName.CONTENTS,
    FormName.NOTE,
    FormName.BOX_LABEL,
    FormName.FILE_LIST,
    FormName.STAMP,
    FormName.MATERIALS,
)
# Widths of a spine in millimetres, as boxes are sold (GB/T 31599 annex, not confirmed).
SPINE_WIDTHS = (20, 30, 40, 50)


@dataclass(frozen=True)
class FormNeeds:
    """Facts that a form cannot do without, and those of each of its rows; every other fact may be left out."""

    facts: frozenset[str]
    row_facts: frozenset[str] = frozenset()


NEEDS: Mapping[FormName, FormNeeds] = {
    FormName.COVER: FormNeeds(
        frozenset({"agency_name", "category_name", "title", "year", "retention", "item_count", "page_count"})
        | {"fonds_code", "reference_code"}
    ),
    FormName.CONTENTS: FormNeeds(frozenset({"title", "reference_code"}), frozenset({"no", "title", "date", "pages"})),
    FormName.NOTE: FormNeeds(frozenset({"reference_code", "item_count", "page_count", "filed_by", "filed_date"})),
    FormName.HANDOVER: FormNeeds(
        frozenset({"batch_no", "from_agency", "to_agency", "date", "volume_total", "item_total", "page_total"}),
        frozenset({"no", "reference_code", "title", "item_count", "page_count"}),
    ),
    FormName.WITNESS: FormNeeds(
        frozenset({"batch_no", "from_agency", "to_agency", "date", "volume_total", "sample_total", "ratio", "seed"})
        | {"opinion", "conclusion"},
        frozenset({"no", "reference_code", "title", "result"}),
    ),
    FormName.TRAINING: FormNeeds(
        frozenset({"session_no", "agency_name", "topic", "date", "place", "trainer", "count", "recorded_by"}),
        frozenset({"no", "staff_code", "name"}),
    ),
    FormName.TRIP: FormNeeds(
        frozenset({"trip_no", "date", "plate", "driver", "planned_by", "volume_total"}),
        frozenset({"no", "agency", "batch_no", "volumes", "thickness", "hands_over"}),
    ),
    FormName.CERTIFICATE: FormNeeds(
        frozenset({"title", "certificate_no", "reader_name", "purpose", "person_name", "person_id", "statement"})
        | {"source", "as_of_date", "check_code", "verify_url", "agency_name", "issue_date"},
        frozenset({"no", "reference_code", "title", "pages", "sha256"}),
    ),
    FormName.RECOVERY: FormNeeds(
        frozenset({"agency_name", "date", "store", "log", "layout", "objects", "keys", "trust_sha256", "root_sha256"})
        | {"log_key", "steps_zh", "steps_en"}
    ),
    FormName.BLANK: FormNeeds(
        frozenset({"title", "step_name", "legal_basis", "foot"}), frozenset({"no", "name", "asked"})
    ),
    FormName.DAY_ROOT: FormNeeds(
        frozenset({"agency_name", "day", "size", "root_lines", "note", "published_at"})
        | {"stamp_authority", "stamped_at", "stamp_digest"},
    ),
    FormName.SEPARATOR: FormNeeds(frozenset({"agency_name"}), frozenset({"heading"})),
    FormName.SEARCHABLE: FormNeeds(
        frozenset({"reference_code", "title", "agency_name", "pages", "part", "read", "models", "made_by", "made_at"}),
        frozenset({"no", "name", "pages", "said", "sha256"}),
    ),
}


_AGENCY = frozenset({"agency_name", "period", "printed_by", "printed_date", "count"})
_PROBLEM = frozenset({"no", "reference_code", "fault", "grade", "place", "note", "responsible", "due_date", "status"})
_VOLUME = frozenset({"fonds_code", "year", "category_code", "retention", "reference_code"})
NEEDS = {
    **NEEDS,
    FormName.SPINE: FormNeeds(_VOLUME | {"title", "volume_no", "width_mm"}),
    FormName.BOX_LABEL: FormNeeds(
        frozenset({"agency_name", "category_name", "fonds_code", "year", "retention", "reference_code", "item_span"})
        | {"item_count", "page_count"}
    ),
    FormName.STAMP: FormNeeds(
        frozenset({"reference_code"}),
        frozenset({"fonds_code", "year", "item_no", "agency", "retention", "page_count"}),
    ),
    FormName.MATERIALS: FormNeeds(
        frozenset({"sheet_no", "category_name", "item_count", "page_count", "agency_name", "mark"}),
        frozenset({"no", "business_no", "step", "page_count"}),
    ),
    FormName.VOLUME_LIST: FormNeeds(
        frozenset({"agency_name", "year", "category_name"}),
        frozenset({"volume_no", "reference_code", "title", "year", "item_count", "page_count", "retention"}),
    ),
    FormName.FILE_LIST: FormNeeds(
        frozenset({"agency_name", "year", "category_name", "retention"}),
        frozenset({"no", "reference_code", "title", "date8", "page_count"}),
    ),
    FormName.FORWARDING: FormNeeds(
        frozenset({"notice_no", "to_name", "title", "reference_code", "item_count", "page_count", "reason"})
        | {"agency_name", "prepared_by", "prepared_date"}
    ),
    FormName.SELF_CHECK: FormNeeds(
        frozenset({"reference_code", "title", "signed_by", "signed_date"}), frozenset({"no", "name", "answer"})
    ),
    FormName.LABELS: FormNeeds(frozenset(), frozenset({"kind", "code"})),
    FormName.FEEDBACK: FormNeeds(
        frozenset({"reference", "step", "title", "handled_by", "raised_by", "raised_date"}),
        frozenset({"no", "fault_code", "name", "place", "note", "due_date"}),
    ),
    FormName.JUDGED: FormNeeds(
        frozenset({"heading", "role", "reference_code", "title", "judged_by", "conclusion", "printed_date"}),
        frozenset({"no", "reference_code", "title", "paper", "images", "faults"}),
    ),
    FormName.FOUR_NATURE: FormNeeds(
        frozenset({"reference_code", "title", "stage", "count", "passed", "conclusion", "tested_by", "tested_at"}),
        frozenset({"code", "standard", "nature", "name", "outcome"}),
    ),
    FormName.EXPORT_LIST: FormNeeds(frozenset({"serial_no", "mark", "foot", "heads", "weights"})),
    FormName.DECLARATION: FormNeeds(
        frozenset({"declaration_no", "agency_name", "step_name", "lodged_at", "file_count", "page_count"})
        | {"progress_url", "clears_date"},
        frozenset({"no", "material", "name", "size", "sha256", "at"}),
    ),
    FormName.PROBLEMS: FormNeeds(_AGENCY, _PROBLEM),
    FormName.OPINION: FormNeeds(_AGENCY, _PROBLEM),
    FormName.MENDED: FormNeeds(
        _AGENCY, frozenset({"no", "reference_code", "fault", "answer", "cause", "answered", "closed"})
    ),
    FormName.QUALITY: FormNeeds(
        frozenset({"agency_name", "period", "printed_by", "printed_date", "total", "open", "overdue"}),
        frozenset({"no", "fault", "grade", "count"}),
    ),
}
# Forms whose QR symbol says the 档号.
CODED = frozenset(
    {
        FormName.COVER,
        FormName.CONTENTS,
        FormName.NOTE,
        FormName.SPINE,
        FormName.BOX_LABEL,
        FormName.STAMP,
        FormName.MATERIALS,
        FormName.FILE_LIST,
        FormName.SELF_CHECK,
        FormName.JUDGED,
        FormName.FOUR_NATURE,
    }
)


def spine_width(pages: int, sheet_tenths: int) -> int:
    """The narrowest spine that holds so many pages, a page a sheet (卷脊宽度), in millimetres."""
    needed = pages * sheet_tenths / 10
    return next((width for width in SPINE_WIDTHS if width >= needed), SPINE_WIDTHS[-1])


def missing_facts(form: FormName, facts: Mapping[str, object]) -> list[str]:
    """Which needed facts are absent (缺少的要素); rows are named ``rows[3].title``."""
    needs = NEEDS[form]
    missing = sorted(key for key in needs.facts if facts.get(key) in (None, ""))
    if needs.row_facts:
        rows = facts.get("rows")
        if not isinstance(rows, list):
            return [*missing, "rows"]
        for number, row in enumerate(rows):
            missing += [f"rows[{number}].{key}" for key in sorted(needs.row_facts) if row.get(key) in (None, "")]
    return missing


def code_of(form: FormName, facts: Mapping[str, object]) -> str:
    """What the QR symbol of a form says; empty where it has none."""
    if form is FormName.CERTIFICATE:
        return str(facts["verify_url"])
    if form is FormName.DECLARATION:
        return str(facts["progress_url"])
    if form is FormName.DAY_ROOT:
        return str(facts["note"])
    if form is FormName.FORWARDING:
        return str(facts["notice_no"])
    if form in CODED:
        return str(facts.get("reference_code", ""))
    if form is FormName.RECOVERY:
        return "\n".join(f"{key}={facts[key]}" for key in ("store", "trust_sha256", "root_sha256", "log_key"))
    return ""


def row_codes(form: FormName, facts: Mapping[str, object]) -> list[str]:
    """What the QR symbols of a sheet of labels say, row by row; none for other forms (STD-19)."""
    rows = facts.get("rows")
    return [str(row["code"]) for row in rows] if form is FormName.LABELS and isinstance(rows, list) else []


def texts(facts: object) -> Iterator[str]:
    """Every string among the facts, at any depth."""
    if isinstance(facts, str):
        yield facts
    elif isinstance(facts, Mapping):
        for value in facts.values():
            yield from texts(value)
    elif isinstance(facts, list | tuple):
        for value in facts:
            yield from texts(value)
