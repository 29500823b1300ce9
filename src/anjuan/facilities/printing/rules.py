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
    CERTIFICATE = "certificate"  # 查档证明
    RECOVERY = "recovery"  # 恢复卡
    DAY_ROOT = "day_root"  # 每日根单
    BLANK = "blank"  # 空白业务表


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
}


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
    if form is FormName.DAY_ROOT:
        return str(facts["note"])
    if form is FormName.RECOVERY:
        return "\n".join(f"{key}={facts[key]}" for key in ("store", "trust_sha256", "root_sha256", "log_key"))
    return ""


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
