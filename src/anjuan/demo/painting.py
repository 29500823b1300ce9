"""Painting the files of the practice city (演示城市的材料), beside the deeds: nothing here knows the archive."""

from collections.abc import Sequence
from pathlib import Path

from anjuan.demo import press
from anjuan.demo.plan import Case


def sheet(case: Case, material: str, page_no: int, agency_name: str, pages: int = 1) -> press.Paper:
    """One page of a case, as the press wants it."""
    return press.Paper(
        step_code=case.group.step,
        material_code=material,
        persons=case.persons,
        employer=case.firm,
        formed=case.formed,
        acceptance_no=case.acceptance_no,
        agency_name=agency_name,
        title=case.group.step,
        page_no=page_no,
        pages=pages,
        faults=case.faults if material == "MAIN_FORM" else frozenset(),
    )


def paint_case(case: Case, agency_name: str, folder: str) -> list[tuple[str, str]]:
    """Paint the files of one case (in a process of its own). Returns material and path of each."""
    found: list[tuple[str, str]] = []
    reached, total = 0, case.pages
    for material, pages in case.group.sheets:
        papers = [sheet(case, material, reached + page, agency_name, total) for page in range(1, pages + 1)]
        reached += pages
        seed = case.serial * 100 + len(found)
        if case.group.turn == "formats" and material == "OTHER":
            ending, octets = _oddity(papers, seed)
            found.append((material, _kept(folder, case, len(found), ending, octets)))
        elif case.group.turn == "tiff" and pages > 1:
            found.append((material, _kept(folder, case, len(found), "tif", press.tiff(papers, seed=seed))))
        else:
            for offset, paper in enumerate(papers):
                found.append(
                    (material, _kept(folder, case, len(found), "jpg", press.scan(paper, seed=seed + offset * 7)))
                )
    return found


def _oddity(papers: Sequence[press.Paper], seed: int) -> tuple[str, bytes]:
    """What offices send besides scans: an OFD, a text, a fax, and something nobody knows."""
    match seed // 100 % 4:
        case 0:
            return "ofd", press.ofd(papers[0])
        case 1:
            return "txt", press.text(papers[0])
        case 2:
            return "tif", press.tiff(papers, seed=seed)
        case _:
            return "dat", b"\x93ANJUAN\x00" + bytes(range(200))


def _kept(folder: str, case: Case, place: int, ending: str, octets: bytes) -> str:
    path = Path(folder) / f"{case.serial}-{place}.{ending}"
    path.write_bytes(octets)
    return str(path)
