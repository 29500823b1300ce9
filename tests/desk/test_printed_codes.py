"""Codes on our own papers, printed, scanned and read back: each says the 档号, and is found by it. STD-19."""

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

from anjuan.core.terms import Post
from anjuan.desks.intake.actions import piles
from anjuan.desks.intake.queries import piles as pile_queries
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.search import actions as search
from anjuan.records import queries as records
from tests import builders
from tests.builders import sealed
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off
from tests.desk.pile_stage import sheet, two_cases

DPI = 200
CODED = ["cover", "contents", "note", "spine", "materials", "labels"]


def scanned(pdf: bytes, page: int = 0, *, turn: float = 0.7) -> bytes:
    """A printed page as a scanner gives it back: askew, greyish, as a JPEG of a middling quality."""
    drawn = pypdfium2.PdfDocument(io.BytesIO(pdf))[page].render(scale=DPI / 72).to_pil().convert("L")
    askew = drawn.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=245)
    stream = io.BytesIO()
    askew.point([min(245, value) for value in range(256)]).save(stream, "JPEG", quality=60, dpi=(DPI, DPI))
    return stream.getvalue()


def read_back(octets: bytes) -> tuple[str, ...]:
    path = Path(settings.ANJUAN_HOME) / "scan.jpg"
    path.write_bytes(octets)
    return formats.read_symbols(path)[0]


@pytest.mark.parametrize("form", CODED)
def test_what_a_paper_of_a_volume_says_is_read_from_its_scan_and_finds_it(cast: Cast, form: str) -> None:
    walk = sealed(cast, "SL-1", "SL-2")
    volume = records.get_volume_for(cast.actor(Post.FILER), walk.volume_urn)
    items = [item.reference_code for item in records.items_of(walk.volume_urn)]
    filer = cast.client(Post.FILER)
    name = "filing:labels" if form == "labels" else "filing:print"
    address = reverse(name, kwargs={"urn": volume.urn} | ({} if form == "labels" else {"form": form}))

    answer = filer.get(address)
    assert answer.status_code == 200
    said = read_back(scanned(answer.content))

    wanted = {volume.reference_code, *items} if form == "labels" else {volume.reference_code}
    assert set(said) and set(said) <= wanted and (form == "labels" or len(said) == 1)
    search.tend(seconds=5)
    found = filer.get(reverse("search:find"), {"q": said[0]}, follow=True)
    assert found.status_code == 200 and said[0] in found.content.decode().replace("<wbr>", "")


def test_a_separator_sheet_goes_through_the_scanner_and_brings_its_pages_to_their_case(cast: Cast) -> None:
    urn, _ = two_cases(cast)
    printed = cast.client(Post.HANDLER).post(
        "/intake/piles/separators/", {"agency": "BH", "number": ["SL-1"], "materials": "1"}
    )
    with pikepdf.open(io.BytesIO(printed.content)) as pdf:
        assert len(pdf.pages) == 3
    pages = [scanned(printed.content), sheet(seed=3), scanned(printed.content, 1, turn=-0.9), sheet(seed=4)]
    folder = Path(settings.ANJUAN_HOME) / "scans"
    folder.mkdir()
    files = []
    for at, octets in enumerate(pages):
        path = folder / f"{at}.jpg"
        path.write_bytes(octets)
        files.append((path, path.name))

    uid = piles.lay_pile(occasion=cast.occasion(Post.HANDLER), agency_code="BH", files=files, paper_pages=2)
    work_off()
    found = pile_queries.proposal(pile_queries.get_pile_for(cast.actor(Post.HANDLER), uid))
    assert [(one.number, one.pages) for one in found.segments] == [("SL-1", 2)]
    piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()

    assert [row.material_code for row in builders.components_of(urn)] == list(builders.MATERIALS)
