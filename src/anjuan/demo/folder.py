"""Reading a folder of scans with the small table that describes them (采集文件夹).

The table is a CSV file in UTF-8 or GB18030, one row a file; headers in Chinese or English. Only the file, the
acceptance number and the business step are needed for every row; what is left out is taken from the first row of the
same acceptance number.
"""

import csv
import datetime as dt
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.foundation.schedule.queries import StepRow
from anjuan.records.rules import Employer, Person

HEADERS = {
    "文件名": "file",
    "受理号": "acceptance_no",
    "业务环节": "step",
    "材料": "material",
    "单位": "employer_name",
    "统一社会信用代码": "credit_code",
    "姓名": "name",
    "身份证号": "id_number",
    "形成日期": "formed_date",
    "题名": "title",
    "纸质页数": "paper_pages",
}
NEEDED = ("file", "acceptance_no", "step")
MOST_DIGITS = 6  # of a page count
_SEPARATORS = ("；", ";", "、", "|")
_UNREADABLE = {"Cc", "Cs"}  # control characters, halves of a character: no table that was written whole has them


@dataclass(frozen=True)
class ScannedFile:
    """One scan of a case."""

    path: Path
    material: str
    paper_pages: int | None


@dataclass(frozen=True)
class Case:
    """One case as the table describes it: it becomes one item."""

    acceptance_no: str
    step_code: str
    title: str
    formed_date: dt.date
    persons: tuple[Person, ...]
    employer: Employer | None
    files: tuple[ScannedFile, ...]


def read(folder: Path, steps: list[StepRow]) -> list[Case]:
    """The cases in a folder, in the order of the table.

    Raises:
        E-001: there is no folder, or no CSV table in it.
        E-002: a row cannot be used; its number and reason are named.
        E-003: the table names a file that is not there.
    """
    tables = sorted(path for path in folder.glob("*.csv") if path.is_file()) if folder.is_dir() else []
    if not tables:
        raise Refusal("E-001", folder=str(folder))
    rows = _rows(tables[0])
    by_step = {key: step for step in steps for key in (step.code, step.name, step.name_en)}
    grouped: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        for header in NEEDED:
            if not row.get(header):
                raise Refusal("E-002", row=number, reason=f"{header} —")
        grouped.setdefault(row["acceptance_no"], []).append((number, row))
    return [_case(folder, acceptance_no, group, by_step) for acceptance_no, group in grouped.items()]


def _rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    octets = table.read_bytes()
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = octets.decode("gb18030", errors="replace")
    reader = csv.DictReader(text.splitlines())
    rows = []
    for number, row in _numbered(reader):
        spelled = {
            HEADERS.get((header or "").strip(), (header or "").strip().lower()): (value or "").strip()
            for header, value in row.items()
            if header is not None
        }
        for value in spelled.values():
            for sign in value:
                if unicodedata.category(sign) in _UNREADABLE:
                    raise Refusal("E-002", row=number, reason=f"U+{ord(sign):04X}")
        if any(spelled.values()):
            rows.append((number, spelled))
    if not rows:
        raise Refusal("E-002", row=1, reason="—")
    return rows


def _numbered(reader: Iterator[dict[str, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their numbers; one that is no CSV row, such as a field without end, is refused by its number."""
    number = 1
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            raise Refusal("E-002", row=number, reason=str(wrong)) from None
        yield number, row


def _scan(folder: Path, number: int, name: str) -> Path:
    """Where a file of the table lies. A name that no file system takes names no file."""
    try:
        path = (folder / name).resolve()
        if path.is_relative_to(folder.resolve()) and path.is_file():
            return path
    except (OSError, ValueError):
        pass
    raise Refusal("E-003", row=number, file=name if len(name) <= 60 else f"{name[:60]}…")


def _case(
    folder: Path, acceptance_no: str, group: list[tuple[int, dict[str, str]]], by_step: dict[str, StepRow]
) -> Case:
    number, first = group[0]
    step = by_step.get(first["step"])
    if step is None:
        raise Refusal("E-002", row=number, reason=f"业务环节 step {first['step']}")
    materials = {
        key: material.code for material in step.materials for key in (material.code, material.name, material.name_en)
    }
    files = []
    for place, (row_number, row) in enumerate(group):
        path = _scan(folder, row_number, row["file"])
        named = row.get("material", "")
        default = next((m.code for m in step.materials if m.is_main), "OTHER") if place == 0 else "OTHER"
        if named and named not in materials:
            raise Refusal("E-002", row=row_number, reason=f"材料 material {named}")
        pages = row.get("paper_pages", "")
        if pages and not (pages.isascii() and pages.isdigit() and len(pages) <= MOST_DIGITS):
            raise Refusal("E-002", row=row_number, reason=f"纸质页数 paper_pages {pages[:20]}")
        files.append(ScannedFile(path, materials[named] if named else default, int(pages) if pages else None))
    names, numbers = _many(first.get("name", "")), _many(first.get("id_number", ""))
    if len(names) != len(numbers):
        raise Refusal("E-002", row=number, reason=f"姓名 {len(names)} ≠ 身份证号 {len(numbers)}")
    employer_name = first.get("employer_name", "")
    return Case(
        acceptance_no=acceptance_no,
        step_code=step.code,
        title=first.get("title", ""),
        formed_date=_date(number, first.get("formed_date", "")),
        persons=tuple(Person(name, id_number) for name, id_number in zip(names, numbers, strict=True)),
        employer=Employer(employer_name, first.get("credit_code", "")) if employer_name else None,
        files=tuple(files),
    )


def _many(text: str) -> list[str]:
    for separator in _SEPARATORS[1:]:
        text = text.replace(separator, _SEPARATORS[0])
    return [part.strip() for part in text.split(_SEPARATORS[0]) if part.strip()]


def _date(row: int, text: str) -> dt.date:
    digits = "".join(sign if sign.isdigit() else "-" for sign in text).strip("-")
    try:
        if len(digits) == 8 and digits.isdigit():
            return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        year, month, day = (int(part) for part in digits.split("-") if part)
        return dt.date(year, month, day)
    except ValueError:
        raise Refusal("E-002", row=row, reason=f"形成日期 formed_date {text[:20] or '—'}") from None
