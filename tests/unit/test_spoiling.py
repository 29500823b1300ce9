"""Faults put into copies of painted pages: each is what the detectors call it, whatever its strength."""

import datetime as dt
from pathlib import Path

import pytest
from PIL import Image

from anjuan.core import detection
from anjuan.core.assurance import Outcome
from anjuan.core.detection import injection
from anjuan.core.detection.copies import CopiedPage, facts_of_copies
from anjuan.demo.journey import SAMPLE
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats.backends.spoiling import specimen, spoil

PAGE, OTHER = SAMPLE / "001.jpg", SAMPLE / "002.jpg"
STRENGTHS = (0.0, 0.45, 0.99)


def judged(folder: Path, *images: Image.Image, paper_pages: int = 0) -> set[tuple[str, int, Outcome]]:
    pages = []
    for number, image in enumerate(images, 1):
        path = folder / f"{number}.jpg"
        image.save(path, "JPEG", quality=80, dpi=(200, 200))
        pages.append((path.stem, path))
    measured = formats.measure_copies(pages=pages)
    facts = facts_of_copies(
        [
            CopiedPage("MAIN", True, image.width, image.height, 200, name, measures)
            for image, (name, _), measures in zip(images, pages, measured, strict=True)
        ],
        paper_pages=paper_pages or len(images),
        today=dt.date(2026, 10, 1),
    )
    found = detection.judge(facts, codes=set(injection.INJECTED))
    return {(one.code, one.component_pk or 0, one.outcome) for one in found}


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def test_clean_copies_are_clean(tmp_path: Path) -> None:
    assert judged(tmp_path, opened(PAGE), opened(OTHER)) == set()


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("code", (*injection.ON_A_PAGE, injection.BLANK))
def test_a_spoiled_page_is_found_by_its_detector(tmp_path: Path, code: str, strength: float) -> None:
    found = judged(tmp_path, opened(OTHER), spoil(opened(PAGE), code, strength))

    assert (code, 2, Outcome.FAIL) in found
    assert all(page == 2 for _, page, _ in found)


@pytest.mark.parametrize("strength", STRENGTHS)
def test_a_page_scanned_again_is_found(tmp_path: Path, strength: float) -> None:
    again = spoil(opened(PAGE), injection.REPEATED, strength)

    assert judged(tmp_path, opened(PAGE), again) == {("I22", 2, Outcome.FAIL)}


def test_a_page_left_out_is_found_by_its_count(tmp_path: Path) -> None:
    assert judged(tmp_path, opened(PAGE), paper_pages=2) == {("I21", 0, Outcome.FAIL)}


def test_the_same_strength_gives_the_same_picture_and_grey_pages_stay_grey() -> None:
    grey = opened(PAGE).convert("L")
    for code in (*injection.ON_A_PAGE, injection.BLANK, injection.REPEATED):
        once, twice = (spoil(grey, code, 0.5) for _ in range(2))
        assert once.mode == "L" and once.tobytes() == twice.tobytes()
    assert spoil(grey.rotate(90, expand=True), "I02", 0.1).width > grey.width  # a landscape list is turned over


def test_what_is_made_by_order_and_not_on_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="I21"):
        spoil(opened(PAGE), "I21", 0.5)


@pytest.mark.parametrize("code", injection.INJECTED)
def test_every_kind_has_its_example(code: str) -> None:
    shown = formats.show_fault(code=code)

    assert shown.startswith(b"\xff\xd8") and len(shown) < 80_000
    assert specimen(code, 100).height > 100
