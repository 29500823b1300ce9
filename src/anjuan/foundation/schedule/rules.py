"""What the material list asks of what has been collected (材料齐全)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Obstacle


@dataclass(frozen=True)
class MaterialRow:
    """One line of a material list as pages and rules see it."""

    code: str
    name: str
    name_en: str
    is_required: bool
    is_main: bool
    must_scan: bool
    original_required: bool
    required_seals: tuple[str, ...]
    legal_basis: str


def missing_materials(materials: Sequence[MaterialRow], pages: Mapping[str, int]) -> tuple[Obstacle, ...]:
    """Required materials without a page (V03 缺件, V04 缺主表).

    Args:
        materials: the step's list.
        pages: number of pages by material code.
    """
    return tuple(
        Obstacle("I-004" if material.is_main else "I-003", {"material": material.name})
        for material in materials
        if (material.is_required or material.is_main) and material.must_scan and not pages.get(material.code)
    )
