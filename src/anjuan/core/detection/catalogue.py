"""The fault catalogue (问题目录): every fault that a person can raise or a machine can find, by its id."""

import enum
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass


class Grade(enum.StrEnum):
    """How much a fault weighs (问题类别)."""

    A = "A"  # 严重: evidence lost or law broken; none is let pass
    B = "B"  # 一般: mended before receipt
    C = "C"  # 轻微: mended when convenient, counted


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    Attributes:
        code: its id (V01 … L12).
        grade: how much it weighs.
        zh: what it is called.
        en: the same in English.
        cause_zh: how it comes about, as a rule.
        cause_en: the same in English.
        remedy_zh: how it is mended.
        remedy_en: the same in English.
        clause: what it rests on.
        by_person: whether a person can raise it; faults of packages and stores are found by machine alone.
    """

    code: str
    grade: Grade
    zh: str
    en: str
    cause_zh: str
    cause_en: str
    remedy_zh: str
    remedy_en: str
    clause: str
    by_person: bool


@functools.cache
def faults() -> Mapping[str, Fault]:
    """All faults by id, in the order of the catalogue. Constant data of the package."""
    text = importlib.resources.files("anjuan.core.detection").joinpath("faults.toml").read_text(encoding="utf-8")
    return {
        code: Fault(
            code,
            Grade(row["grade"]),
            row["zh"],
            row["en"],
            row["cause_zh"],
            row["cause_en"],
            row["remedy_zh"],
            row["remedy_en"],
            row["clause"],
            row.get("by_person", True),
        )
        for code, row in tomllib.loads(text).items()
    }
