"""Single sampling plans of GB/T 2828.1-2012: a lot, a level and an AQL in, a sample size and its limits out.

The tables are data (``schemes/gb_t_2828_1.toml``), written with the arrows followed. They were not checked against a
licensed copy yet (待核实); the reduced plans stay off until they are.
"""

import enum
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.refusals import Refusal


class Severity(enum.StrEnum):
    """How severely a lot is inspected (检验严格度)."""

    NORMAL = "NORMAL"  # 正常检验
    TIGHTENED = "TIGHTENED"  # 加严检验
    REDUCED = "REDUCED"  # 放宽检验
    STOPPED = "STOPPED"  # 停止检验


@dataclass(frozen=True)
class Plan:
    """A single sampling plan (一次抽样方案).

    Attributes:
        letter: code letter of the lot and level, before any arrow.
        size: sample size of the table, arrows followed; it may be larger than the lot.
        accept: Ac: the lot is accepted with at most so many problem units in the sample.
    """

    lot: int
    level: str
    aql: str
    severity: Severity
    letter: str
    size: int
    accept: int

    @property
    def sample(self) -> int:
        """How many units are inspected: the whole lot where the table asks for as many or more."""
        return min(self.lot, self.size)


@dataclass(frozen=True)
class Tables:
    """The standard's tables as they are shipped."""

    levels: tuple[str, ...]
    aqls: tuple[str, ...]
    lots: tuple[tuple[int | None, tuple[str, ...]], ...]
    cells: Mapping[Severity, Mapping[str, tuple[tuple[int, int], ...]]]


@functools.cache
def tables() -> Tables:
    """The tables. Constant data of the package."""
    page = importlib.resources.files("anjuan.core").joinpath("schemes/gb_t_2828_1.toml")
    read = tomllib.loads(page.read_text(encoding="utf-8"))
    return Tables(
        tuple(read["levels"]),
        tuple(read["aqls"]),
        tuple((row.get("up_to"), tuple(row["letters"].split())) for row in read["lots"]),
        {
            severity: {letter: tuple(_cell(cell) for cell in cells.split()) for letter, cells in read[name].items()}
            for severity, name in (
                (Severity.NORMAL, "normal"),
                (Severity.TIGHTENED, "tightened"),
                (Severity.REDUCED, "reduced"),
            )
        },
    )


def _cell(cell: str) -> tuple[int, int]:
    size, accept = cell.split("/")
    return int(size), int(accept)


def code_letter(lot: int, level: str) -> str:
    """The code letter of a lot (样本量字码); a lot of one is read as the smallest row.

    Raises:
        Q-020: the table has no such level.
        ValueError: the lot is empty.
    """
    if lot < 1:
        raise ValueError("an empty lot has no plan")
    if level not in tables().levels:
        raise Refusal("Q-020", what=f"检验水平 level {level}", choices="、".join(tables().levels))
    place = tables().levels.index(level)
    return next(letters[place] for up_to, letters in tables().lots if up_to is None or lot <= up_to)


def plan_for(lot: int, level: str, aql: str, severity: Severity) -> Plan:
    """The single plan of a lot (一次抽样方案).

    Args:
        lot: units in the lot.
        level: S-1 to S-4, I, II or III.
        aql: as the table writes it, percent nonconforming.
        severity: normal, tightened or reduced.

    Raises:
        Q-020: the tables have no such level or AQL.
        Q-021: inspection is stopped; there is no plan then.

    Standard: GB/T 2828.1-2012 tables 1, 2-A, 2-B, 2-C.
    """
    letter = code_letter(lot, level)
    if aql not in tables().aqls:
        raise Refusal("Q-020", what=f"AQL {aql}", choices="、".join(tables().aqls))
    if severity is Severity.STOPPED:
        raise Refusal("Q-021")
    size, accept = tables().cells[severity][letter][tables().aqls.index(aql)]
    return Plan(lot, level, aql, severity, letter, size, accept)


def scores(plan: Plan, found: int) -> int | None:
    """What an accepted lot adds to the switching score (转移得分); none where it resets it.

    Where Ac is 0 or 1 an accepted lot adds 2; where it is more, 3 if the lot would have passed one AQL step tighter.

    Standard: GB/T 2828.1-2012 9.3.3.
    """
    if found > plan.accept:
        return None
    if plan.accept <= 1:
        return 2
    place = tables().aqls.index(plan.aql)
    if place == 0:
        return None
    tighter = plan_for(plan.lot, plan.level, tables().aqls[place - 1], plan.severity)
    return 3 if found <= tighter.accept else None
