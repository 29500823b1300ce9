"""The sample folder: forged by nobody, repeatable by everybody."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from anjuan.core.identifiers import citizen_id, credit_code
from anjuan.demo import paint, story

SAMPLE = Path(paint.__file__).parent / "sample"
PAGES = [paper for paper in story.PAPERS if paper.file.endswith(".jpg")]


def facts_of(paper: story.Paper) -> dict[str, object]:
    return {
        "acceptance_no": paper.acceptance_no,
        "page_no": paper.page_no,
        "formed": paper.formed,
        "person": paper.persons[0],
    }


def iter_pixels(page: Image.Image) -> Iterator[tuple[int, int, int]]:
    content = page.tobytes()
    return zip(content[0::3], content[1::3], content[2::3], strict=True)


def test_the_same_seed_paints_the_same_page_and_another_seed_another() -> None:
    facts = facts_of(PAGES[2])

    first = paint.paint_page("id_card", facts, 7)

    assert paint.paint_page("id_card", facts, 7) == first
    assert paint.paint_page("id_card", facts, 8) != first


@pytest.mark.parametrize("form", sorted(paint.FORMS))
def test_every_form_is_painted_as_a_colour_scan_of_a4_at_200_dpi(form: str) -> None:
    paper = next(paper for paper in PAGES if paper.form == form)

    content = paint.paint_page(form, facts_of(paper), 1)

    assert len(content) <= 250_000
    with Image.open(io.BytesIO(content)) as page:
        assert (page.format, page.mode, page.size, page.info["dpi"]) == ("JPEG", "RGB", (1654, 2339), (200, 200))
        strongest_red = max(red - blue for red, _, blue in iter_pixels(page.resize((330, 467))))
        assert strongest_red > 60  # the practice line and the seals


@pytest.mark.parametrize("paper", PAGES, ids=lambda paper: paper.file)
def test_every_committed_page_is_a_small_colour_scan(paper: story.Paper) -> None:
    content = (SAMPLE / paper.file).read_bytes()

    assert len(content) <= 250_000
    with Image.open(io.BytesIO(content)) as page:
        assert (page.format, page.mode, page.size) == ("JPEG", "RGB", (1654, 2339))


def test_the_born_digital_form_has_two_pages_of_text_that_say_practice() -> None:
    document = pypdfium2.PdfDocument((SAMPLE / "005.pdf").read_bytes())

    assert len(document) == 2
    for page in document:
        assert "演示" in page.get_textpage().get_text_range()
    words = document[0].get_textpage().get_text_range()
    assert story.ZHAO.id_number in words
    assert story.ZHAO.name in words


def test_the_born_digital_form_prints_alike_each_time() -> None:
    paper = next(paper for paper in story.PAPERS if paper.file == "005.pdf")

    assert paint.print_pension_form(facts_of(paper)) == paint.print_pension_form(facts_of(paper))


def test_the_folder_holds_what_its_catalogue_says_and_stays_small() -> None:
    with (SAMPLE / "catalogue.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert tuple(rows[0]) == story.HEADERS
    assert {row["文件名"] for row in rows} | {"catalogue.csv"} == {path.name for path in SAMPLE.iterdir()}
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) <= 3_000_000
    assert [tuple(row.values()) for row in rows] == story.catalogue_rows()


def test_every_number_has_its_right_check_character_and_belongs_to_nobody() -> None:
    for person in story.LISTED:
        assert citizen_id(person.id_number) == person.id_number
        assert person.id_number.startswith("999001")
        assert int(person.id_number[16]) % 2 == (1 if person.sex == "男" else 0)
    assert credit_code(story.EMPLOYER.credit_code) == story.EMPLOYER.credit_code
    assert story.EMPLOYER.credit_code[2:8] == "999001"


def test_one_item_concerns_several_persons_and_the_others_one() -> None:
    counts = {paper.acceptance_no: len(paper.persons) for paper in story.PAPERS}

    assert sorted(counts.values()) == [1, 1, 1, 1, 6]


def test_amounts_on_the_pension_form_add_up() -> None:
    for person in (story.WANG, story.ZHAO):
        assert person.pension_fen == person.basic_fen + person.account_pension_fen
        assert person.account_pension_fen * person.divisor <= person.account_fen
        assert dt.date(2025, 1, 1) <= person.retired <= dt.date(2025, 12, 31)
    assert paint.yuan(295_020) == "2,950.20"
    assert paint.yuan(5) == "0.05"


def test_the_command_writes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paint, "PAPERS", story.PAPERS[:1])
    monkeypatch.setattr("sys.argv", ["paint", str(tmp_path / "out")])

    assert paint.main() == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"001.jpg", "catalogue.csv"}

    monkeypatch.setattr("sys.argv", ["paint"])
    assert paint.main() == 64
