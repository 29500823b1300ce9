"""A folder of scans with its table: whatever stands in the table is read or refused by row, never a traceback."""

import io
from pathlib import Path

import pytest
from PIL import Image

from anjuan.core.refusals import Refusal
from anjuan.demo import folder
from anjuan.foundation.schedule import queries as schedule

HEADER = "file,acceptance_no,step,paper_pages,formed_date,title\n"
STEP = "PERSON_REGISTRATION"


@pytest.fixture
def scans(tmp_path: Path, office: None) -> Path:
    """A folder with one scan."""
    octets = io.BytesIO()
    Image.new("L", (40, 60), 255).save(octets, "JPEG")
    (tmp_path / "a.jpg").write_bytes(octets.getvalue())
    return tmp_path


def test_a_good_row_is_a_case(scans: Path) -> None:
    (scans / "t.csv").write_text(f"{HEADER}a.jpg,A-1,{STEP},2,2024-03-05,表\n", encoding="utf-8")

    (case,) = folder.read(scans, schedule.steps())

    assert (case.acceptance_no, case.files[0].paper_pages) == ("A-1", 2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"a.jpg,A-1,{STEP},²,2024-03-05,表", "E-002"),
        (f"a.jpg,A-1,{STEP},{'9' * 5000},2024-03-05,表", "E-002"),
        (f"a.jpg,A-1,{STEP},2,２０²四-03-05,表", "E-002"),
        (f"{'n' * 300}.jpg,A-1,{STEP},2,2024-03-05,表", "E-003"),
        (f"a.jpg,A-1,{STEP},2,2024-03-05,{'长' * 140_000}", "E-002"),
        (f"a.jpg,A\x00-1,{STEP},2,2024-03-05,表", "E-002"),
        (f"a\x00.jpg,A-1,{STEP},2,2024-03-05,表", "E-002"),
    ],
    ids=["superscript", "no end of digits", "odd date", "long name", "long field", "nul in a number", "nul in a name"],
)
def test_what_no_case_can_be_made_of_is_refused_by_its_row(scans: Path, row: str, code: str) -> None:
    (scans / "t.csv").write_text(f"{HEADER}{row}\n", encoding="utf-8")

    with pytest.raises(Refusal) as caught:
        folder.read(scans, schedule.steps())

    assert caught.value.code == code
    assert caught.value.params["row"] == 2
    assert len(caught.value.message("zh")) < 200


def test_a_folder_that_is_called_like_a_table_is_none(scans: Path) -> None:
    (scans / "t.csv").mkdir()

    with pytest.raises(Refusal) as caught:
        folder.read(scans, schedule.steps())

    assert caught.value.code == "E-001"
