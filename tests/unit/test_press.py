"""Painted papers: quick, repeatable, of every kind, and faulty where they are told to be."""

import dataclasses
import datetime as dt
import io
import tomllib
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat
from pytest_django import Settings

from anjuan.demo import papers, people, press
from anjuan.demo.paint import yuan
from anjuan.demo.papers import Paper
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.printing.backends.typeset import undrawable
from anjuan.foundation.schedule import actions as schedule
from tests.unit.format_builders import codes, written

PAINTED = {key.split(".")[0] for key in papers.blanks()}  # steps the practice city has forms of its own for
SHIPPED = [
    (step["code"], material["code"])
    for step in schedule.shipped_steps()
    if step["code"] in PAINTED
    for material in step["materials"]
]


def paper(step: str = "PENSION_RETIREMENT", material: str = "MAIN_FORM", **changes: object) -> Paper:
    plain = Paper(
        step, material, people.citizens()[:1], None, dt.date(2025, 4, 15), "SL2025000121",
        "演示市社会保险经办中心海港分中心", "王秀英企业职工基本养老保险退休待遇核定表",
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def red_pixels(page: Image.Image) -> int:
    red, green, _ = page.split()
    return sum(ImageChops.subtract(red, green).point(lambda value: 255 * (value > 70)).histogram()[255:])


def sharpness(page: Image.Image) -> float:
    edges = page.convert("L").filter(ImageFilter.FIND_EDGES)
    return ImageStat.Stat(edges.crop((200, 200, 1333, 2000))).stddev[0]


# --- scans ---


@pytest.mark.parametrize(("step", "material"), SHIPPED)
@pytest.mark.parametrize("page_no", [1, 2])
def test_every_material_of_every_shipped_step_can_be_painted(step: str, material: str, page_no: int) -> None:
    content = press.scan(paper(step, material, page_no=page_no, pages=2), seed=3)

    with Image.open(io.BytesIO(content)) as page:
        assert (page.format, page.mode, page.size) == ("JPEG", "RGB", (1654, 2339))
        assert page.info["dpi"] == (200, 200)
    assert 50_000 <= len(content) <= 240_000
    assert sharpness(opened(content)) > 15


def test_the_same_paper_and_seed_are_the_same_bytes_and_another_seed_others() -> None:
    first = press.scan(paper(), seed=1)

    assert press.scan(paper(), seed=1) == first
    assert press.scan(paper(), seed=2) != first


def test_no_two_of_two_hundred_pages_are_alike() -> None:
    kinds = [kind for kind in SHIPPED if kind[1] in ("MAIN_FORM", "ID_CARD")]
    made = {
        press.scan(paper(*kinds[n % len(kinds)], persons=people.citizens()[n : n + 1], acceptance_no=f"SL{n}"), seed=1)
        for n in range(200)
    }

    assert len(made) == 200


def test_a_step_that_an_office_adds_is_painted_as_other_material() -> None:
    found = papers.blank_of(paper("OWN_STEP", "OWN_PAPER"))

    assert found.key.startswith("ANY.OTHER")
    assert press.scan(paper("OWN_STEP", "OWN_PAPER"), seed=1)


def test_a_page_about_nobody_and_no_employer_is_painted_still() -> None:
    assert press.scan(paper("AUDIT_CASE", "EVIDENCE", persons=()), seed=1)


def test_a_list_of_many_persons_goes_on_over_several_pages() -> None:
    many = people.citizens()[:50]
    blank = papers.blanks()["CONTRIBUTION_DECLARATION.PERSON_LIST"]
    pages = [
        papers.lines(paper("CONTRIBUTION_DECLARATION", "PERSON_LIST", persons=many, page_no=number, pages=4), blank)
        for number in (2, 3, 4)
    ]

    assert sorted(int(line["no"]) for page in pages for line in page) == list(range(1, 51))


# --- faults ---


def test_a_page_without_seals_shows_no_red() -> None:
    sealed = opened(press.scan(paper(pages=3), seed=4))
    bare = opened(press.scan(paper(pages=3, faults=frozenset({"NO_SEAL"})), seed=4))

    assert red_pixels(sealed) > 2000
    assert red_pixels(bare) == 0


def test_a_blurred_page_has_no_sharp_edges() -> None:
    assert sharpness(opened(press.scan(paper(faults=frozenset({"BLURRED"})), seed=4))) < 0.5 * sharpness(
        opened(press.scan(paper(), seed=4))
    )


def test_a_skewed_page_shows_the_lid_in_its_corners() -> None:
    def corner(page: Image.Image) -> int:
        return min(page.convert("L").getpixel(at) for at in ((2, 2), (1237, 2), (2, 1751), (1237, 1751)))  # type: ignore[type-var, return-value]

    assert corner(opened(press.scan(paper(faults=frozenset({"SKEWED"})), seed=4))) < 120


def test_a_blank_page_says_nothing() -> None:
    page = opened(press.scan(paper(faults=frozenset({"BLANK"})), seed=4))

    assert sharpness(page) < 6
    assert ImageStat.Stat(page.convert("L")).mean[0] > 220


def test_a_wrong_persons_page_names_somebody_else() -> None:
    right, wrong = paper(), paper(faults=frozenset({"WRONG_PERSON"}))

    other = papers.holder(wrong)

    assert other is not None and other.name != "王秀英"
    assert papers.entries(wrong)["id_number"] == other.id_number
    assert press.scan(right, seed=4) != press.scan(wrong, seed=4)


def test_a_page_without_its_stamp_is_empty_in_the_corner() -> None:
    def dark(faults: frozenset[str]) -> int:
        corner = opened(press.scan(paper(faults=faults), seed=4)).convert("L").crop((1307, 67, 1520, 133))
        return sum(corner.histogram()[:140])

    assert dark(frozenset()) > 100
    assert dark(frozenset({"NO_PAGE_STAMP"})) < 10


# --- what the archive makes of them ---


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    return tmp_path


def test_a_tiff_has_its_pages_in_two_values(home: Path) -> None:
    content = press.tiff([paper(), paper(page_no=2)], seed=1)

    found = formats.characterise(written(home, content, "a.tif"), name="a.tif")

    assert (found.format_id, len(found.pages), found.pages[0].dpi) == ("fmt/353", 2, 200)
    assert found.findings == ()
    with Image.open(io.BytesIO(content)) as page:
        assert (page.mode, page.info["compression"]) == ("1", "group4")
    assert press.tiff([paper(), paper(page_no=2)], seed=1) == content


def test_a_born_digital_form_is_a_clean_pdf_a_with_its_words(home: Path) -> None:
    content = press.pdf([paper(), paper(page_no=2)], seed=1)

    found = formats.characterise(written(home, content, "a.pdf"), name="a.pdf")

    assert (found.format_id, len(found.pages), found.findings) == ("fmt/477", 2, ())
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]
    assert all("演示" in words and "王秀英" in words for words in pages)
    assert "2,950.20" in pages[1]
    assert press.pdf([paper(), paper(page_no=2)], seed=1) == content


@pytest.mark.parametrize(("step", "material"), SHIPPED)
def test_every_material_can_be_printed_as_pdf_ofd_and_text(home: Path, step: str, material: str) -> None:
    page = paper(step, material, persons=people.citizens()[:30])

    for content, name, findings in (
        (press.pdf([page], seed=1), "a.pdf", []),
        (press.ofd(page), "a.ofd", ["N-009"]),
        (press.text(page), "a.txt", ["N-007"]),
    ):
        found = formats.characterise(written(home, content, name), name=name)
        assert (len(found.pages), codes(found)) == (1, findings), name
    assert press.ofd(page) == press.ofd(page)
    assert "演示" in press.text(page).decode()


# --- the blanks ---


def test_every_word_of_the_blanks_can_be_printed_and_every_entry_is_known() -> None:
    folder = papers.FORM_FOLDER
    for name in ("blanks.toml", "cases.toml"):
        assert undrawable((folder / name).read_text(encoding="utf-8")) is None
        assert tomllib.loads((folder / name).read_text(encoding="utf-8"))
    words = papers.entries(paper())
    for blank in papers.blanks().values():
        assert {cell.entry for row in blank.rows for cell in row} - {""} <= words.keys(), blank.key
        for told in (*blank.text, *blank.after, blank.line, blank.title):
            assert "{" not in told.format_map(words), blank.key
        assert blank.signs in words


def test_amounts_are_said_in_capital_figures() -> None:
    assert papers.capital_words(123_456) == "壹仟贰佰叁拾肆元伍角陆分"
    assert papers.capital_words(100_500) == "壹仟零伍元整"
    assert papers.capital_words(10_000_305) == "壹拾万零叁元零伍分"
    assert papers.capital_words(5_000_000) == "伍万元整"


def test_the_pension_form_says_what_the_business_system_pays() -> None:
    words = papers.entries(paper())

    paid = dict(people.benefits(people.citizens()[0], dt.date(2026, 11, 21)))
    assert words["pension"] == yuan(paid["2025-05"])


def test_the_adjustment_form_says_what_the_business_system_pays_before_and_after() -> None:
    words = papers.entries(paper("PENSION_ADJUSTMENT", formed=dt.date(2026, 2, 3)))

    paid = dict(people.benefits(people.citizens()[0], dt.date(2026, 11, 21)))
    assert words["old_pension"] == yuan(paid["2025-12"])
    assert words["new_pension"] == yuan(paid["2026-01"])
