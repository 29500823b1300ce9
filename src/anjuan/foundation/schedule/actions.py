"""Adopting a version of the schedule, and entering business steps."""

import csv
import datetime as dt
import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule.models import BusinessStep, Material, RetentionRule, ScheduleVersion

# A row is a confirmed one only if it was read in a public text and gives a term; what memory supplies is 待核实.
CONFIRMED_MARK = "seen"


def adopt_version(
    *,
    occasion: Occasion,
    code: str,
    title: str,
    effective_date: dt.date,
    approval_document: str,
    consent_of: str,
    rows: Sequence[Mapping[str, str]],
) -> int:
    """Put a version of the retention schedule into force (施行保管期限表). Returns the number of rows.

    Args:
        occasion: who adopts it; the installation, or an archivist.
        code: version code, never reused.
        title: full title of the document.
        effective_date: records formed from this day on fall under it.
        approval_document: document that approved it.
        consent_of: archive authority that consented (STD-21); empty means unconfirmed.
        rows: category_code, category_name, item_no, material_name, retention, confidence, source_url, note.

    Raises:
        H-001: a row's term cannot be read.
        H-006: the version exists already.
    """
    _permit(occasion)
    if ScheduleVersion.objects.filter(code=code).exists():
        raise Refusal("H-006", version=code)
    parsed = [(row, retention.parse(row["retention"])) for row in rows]

    with journal.writing(occasion=occasion, act="schedule.adopt_version", unit=f"schedule:{code}") as line:
        version = ScheduleVersion.objects.create(
            code=code,
            title=title,
            effective_date=effective_date,
            approval_document=approval_document,
            consent_of=consent_of,
        )
        RetentionRule.objects.bulk_create(
            RetentionRule(
                version=version,
                category_code=row["category_code"],
                category_name=row["category_name"],
                item_no=row["item_no"],
                material_name=row["material_name"],
                term=row["retention"],
                is_confirmed=row["confidence"] == CONFIRMED_MARK and term.kind is not retention.TermKind.UNCONFIRMED,
                source=row["source_url"],
                note=row["note"],
            )
            for row, term in parsed
        )
        line.say(code=code, title=title, effective_date=effective_date, consent_of=consent_of, rows=len(parsed))
    return len(parsed)


def enter_steps(*, occasion: Occasion, steps: Sequence[Mapping[str, Any]]) -> int:
    """Enter business steps with their material lists (业务环节与材料清单). Returns how many."""
    _permit(occasion)

    with journal.writing(occasion=occasion, act="schedule.enter_steps", unit="schedule:steps") as line:
        for facts in steps:
            step = BusinessStep.objects.create(
                code=facts["code"],
                name=facts["name"],
                name_en=facts["name_en"],
                category_code=facts["category"],
                rule_item_no=facts["rule"],
                insurance_line=facts["line"],
                filing_days=facts.get("filing_days", 30),
                concerns_many=facts.get("concerns_many", False),
                legal_basis=facts["basis"],
            )
            Material.objects.bulk_create(
                Material(
                    step=step,
                    ordinal=ordinal,
                    code=material["code"],
                    name=material["name"],
                    name_en=material["name_en"],
                    is_required=material.get("required", True),
                    is_main=material.get("main", False),
                    must_scan=material.get("scan", True),
                    original_required=material.get("original", False),
                    required_seals=material.get("seals", []),
                    legal_basis=material.get("basis", facts["basis"]),
                )
                for ordinal, material in enumerate(facts["materials"], 1)
            )
        line.say(codes=",".join(str(facts["code"]) for facts in steps))
    return len(steps)


def shipped_rows(version_code: str) -> list[dict[str, str]]:
    """The rows of a version that ships with the program."""
    text = importlib.resources.files(__package__).joinpath("seed/retention.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["schedule_version"] == version_code]


def shipped_steps() -> list[dict[str, Any]]:
    """The business steps that ship with the program."""
    text = importlib.resources.files(__package__).joinpath("seed/steps.toml").read_text(encoding="utf-8")
    steps: list[dict[str, Any]] = tomllib.loads(text)["step"]
    return steps


def _permit(occasion: Occasion) -> None:
    if occasion.actor.staff_code != "SYSTEM" and not occasion.actor.holds(Post.ARCHIVIST):
        raise Refusal("A-001", posts=Post.ARCHIVIST)
