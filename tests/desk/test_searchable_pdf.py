"""An item taken as a PDF that can be searched: its words stand where they are seen, and taking it counts as opening."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from anjuan.core.reading.pages import VERSION, Line, as_kept
from anjuan.core.terms import Post
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.reading import queries
from anjuan.facilities.reading.backends.searchable import Sheet, compose
from anjuan.facilities.reading.models import PageReading
from anjuan.facilities.repository import queries as store
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from tests import builders
from tests.builders import refused
from tests.cast import Cast
from tests.desk.test_reading_pages import AT

LINES = (
    Line("养老保险待遇申请表", (0.3, 0.05, 0.4, 0.03), 0.99, tuple((place + 0.5) / 9 for place in range(9))),
    Line("姓名张三丰", (0.1, 0.2, 0.6, 0.02), 0.9, (0.02, 0.06, 0.9, 0.94, 0.98)),  # a gap behind the label
    Line("𠮷野家 No.12345X", (0.1, 0.3, 0.4, 0.02), 0.9),  # a sign beyond the first plane
    Line("经办机构", (0.9, 0.4, 0.03, 0.2), 0.9),  # runs down the page
    Line("①〇㈱—…「」\\()<>%", (0.1, 0.8, 0.3, 0.02), 0.9),
)
COVER = 1


@pytest.fixture
def opened() -> Iterator[Any]:
    """Opens a PDF with a program that had no part in making it."""
    documents = []

    def open_it(octets: bytes) -> pypdfium2.PdfDocument:
        documents.append(pypdfium2.PdfDocument(octets))
        return documents[-1]

    yield open_it
    for document in documents:
        document.close()


def bare(text: str) -> str:
    return "".join(text.split())


def told_in(document: Any, page: int) -> list[tuple[str, tuple[float, ...]]]:
    """Each line that a viewer finds on a page and the box it marks, as parts of the page as it is shown."""
    leaf = document[page]
    text = leaf.get_textpage()
    width, height = leaf.get_size()
    found: list[tuple[str, tuple[float, ...]]] = []
    whole, at = text.get_text_range(), 0
    for line in whole.split("\r\n"):
        units = [sign for sign in line for _ in range(len(sign.encode("utf-16-le")) // 2)]  # as PDFium counts
        boxes = [text.get_charbox(at + place) for place, sign in enumerate(units) if sign.strip()]
        at += len(units) + 2
        left, low = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
        box = (left / width, 1 - top / height, (right - left) / width, (top - low) / height)
        found.append((bare(line), box if leaf.get_rotation() == 0 else ()))
    text.close()
    leaf.close()
    return found


def composed(tmp_path: Path, image: Image.Image, name: str, mime: str, turn: int, **saved: Any) -> tuple[bytes, bytes]:
    """One image as a searchable PDF with `LINES`; the PDF, and the file it was made of."""
    path = tmp_path / name
    image.save(path, **saved)
    cover = io.BytesIO()
    with pikepdf.new() as blank:
        blank.add_blank_page()
        blank.save(cover)
    out = io.BytesIO()
    sheet = Sheet(lambda: path.open("rb"), mime, 1, turn, LINES, name)
    compose(out, cover=cover.getvalue(), sheets=[sheet], title="t", said="s")
    return out.getvalue(), path.read_bytes()


def paper(width: int = 827, height: int = 1169) -> Image.Image:
    """A page whose upper left corner is black."""
    page = Image.new("RGB", (width, height), "white")
    page.paste((0, 0, 0), (0, 0, width // 4, height // 4))
    return page


TURNED = {0: None, 90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


@pytest.mark.parametrize(
    ("name", "mime", "turn"),
    [
        ("a.jpg", "image/jpeg", 0),
        ("a.jpg", "image/jpeg", 90),
        ("a.jpg", "image/jpeg", 180),
        ("a.jpg", "image/jpeg", 270),
        ("a.png", "image/png", 90),
        ("a.tif", "image/tiff", 0),
        ("a.pdf", "application/pdf", 0),
        ("a.pdf", "application/pdf", 90),
    ],
)
def test_every_line_comes_out_equal_and_in_its_place(
    tmp_path: Path, opened: Any, name: str, mime: str, turn: int
) -> None:
    way = TURNED[turn]
    stored = paper().transpose(way) if way is not None else paper()

    said = {"resolution": 100} if name == "a.pdf" else {"dpi": (100, 100)}
    whole, _ = composed(tmp_path, stored, name, mime, turn, **said)

    document = opened(whole)
    found = told_in(document, COVER)
    assert [text for text, _ in found] == [bare(line.text) for line in LINES]
    for (_, box), line in zip(found, LINES, strict=True):
        assert not box or box == pytest.approx(line.box, abs=0.004)
    drawn = np.asarray(document[COVER].render(scale=0.5).to_pil().convert("L"))
    assert drawn.shape[0] > drawn.shape[1]
    assert drawn[10, 10] < 60 and drawn[-10, -10] > 200  # the image stands upright beneath its words
    assert (drawn[int(0.3 * drawn.shape[0]) :, :] > 200).all()  # and the words are not seen


def test_a_jpeg_goes_in_byte_for_byte(tmp_path: Path) -> None:
    whole, octets = composed(tmp_path, paper(), "a.jpg", "image/jpeg", 0, dpi=(100, 100), quality=70)

    with pikepdf.open(io.BytesIO(whole)) as document:
        (image,) = document.pages[COVER].get_images().values()
        assert image.read_raw_bytes() == octets
        assert document.check_pdf_syntax() == []
        assert [float(part) for part in document.pages[COVER].mediabox] == pytest.approx([0, 0, 595.4, 841.7], abs=0.1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize(("name", "mime"), [("a.png", "image/png"), ("a.tif", "image/tiff")])
def test_other_images_lose_nothing(tmp_path: Path, mode: str, name: str, mime: str) -> None:
    dice = np.random.default_rng(5)
    noise = Image.fromarray(dice.integers(0, 256, (60, 50, 3)).astype(np.uint8))
    image = (
        Image.fromarray(dice.integers(0, 65_536, (60, 50)).astype(np.uint16)) if mode == "I;16" else noise.convert(mode)
    )

    whole, _ = composed(tmp_path, image, name, mime, 0)

    shown, _ = formats.pixels_of_page(path=tmp_path / name, page=1, side=100)
    with pikepdf.open(io.BytesIO(whole)) as document:
        (held,) = document.pages[COVER].get_images().values()
        assert (np.asarray(pikepdf.PdfImage(held).as_pil_image().convert("RGB")) == shown).all()


def test_a_camera_that_was_held_upright_is_believed(tmp_path: Path, opened: Any) -> None:
    exif = Image.Exif()
    exif[274] = 6
    stored = paper().transpose(Image.Transpose.ROTATE_90)

    whole, _ = composed(tmp_path, stored, "a.jpg", "image/jpeg", 0, exif=exif.tobytes())

    document = opened(whole)
    drawn = np.asarray(document[COVER].render(scale=0.5).to_pil().convert("L"))
    assert drawn.shape[0] > drawn.shape[1] and drawn[10, 10] < 60 and drawn[-10, -10] > 200
    assert [text for text, _ in told_in(document, COVER)] == [bare(line.text) for line in LINES]


@pytest.mark.django_db
def test_a_page_that_carries_text_of_its_own_gets_no_second_one(tmp_path: Path, opened: Any) -> None:
    whole, _ = composed(tmp_path, paper(), "a.jpg", "image/jpeg", 0)
    path = tmp_path / "made.pdf"
    path.write_bytes(whole)
    out = io.BytesIO()
    sheets = [Sheet(lambda: path.open("rb"), "application/pdf", 2, 0, LINES)]

    compose(out, cover=whole, sheets=sheets, title="t", said="s")

    text, (width, height) = formats.text_of_pdf_page(path=path, page=2)
    assert LINES[0].text in text and (width, height) == pytest.approx((595, 842), abs=3)
    with refused("M-009"):
        formats.text_of_pdf_page(path=path, page=3)
    assert [text for text, _ in told_in(opened(out.getvalue()), 2)] == [bare(line.text) for line in LINES]


def read(urn: str, lines: tuple[Line, ...] = LINES) -> None:
    """As if the first page of each file but the last had been read."""
    for row in records.components_of([urn])[urn][:-1]:
        PageReading.objects.create(
            sha512=row.sha512,
            page_no=1,
            version=VERSION,
            model="PP-OCR-test",
            lines=as_kept(lines),
            said={"version": VERSION},
            read_at=AT,
        )


def address(urn: str) -> str:
    return reverse("reading:searchable", kwargs={"urn": urn})


@pytest.mark.parametrize("is_program", [False, True])
def test_an_item_is_taken_as_a_pdf_that_says_what_it_is_and_every_file_counts_as_opened(
    cast: Cast, opened: Any, is_program: bool
) -> None:
    urn = builders.captured(cast)
    read(urn)
    rows = records.components_of([urn])[urn]

    asked = cast.program("bh01") if is_program else cast.client(Post.HANDLER)
    answer = asked.get(f"/api/v1/items/{urn}/searchable.pdf" if is_program else address(urn))
    whole = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith("attachment")
    document = opened(whole)
    assert len(document) == COVER + len(rows)
    cover = "".join(text for text, _ in told_in(document, 0))
    for words in ("派生利用件", "不是原件", f"PP-OCR-testv{VERSION}", "bh01", "1页未识读", rows[0].sha256[:20]):
        assert words in cover
    assert "Derivative" in document.get_metadata_dict()["Subject"]
    assert [text for text, _ in told_in(document, COVER)] == [bare(line.text) for line in LINES]
    assert not document[len(rows)].get_textpage().count_chars()  # not read yet
    openings = [opening for _, opening in journal.openings().after(0, 500)]
    assert [(one.component, one.page) for one in openings] == [(row.pk, 0) for row in rows]
    assert all(store.read_verified(urn, row.sha512) in whole for row in rows)


def test_who_may_not_see_the_item_gets_nothing_and_nothing_is_opened(cast: Cast) -> None:
    urn = builders.captured(cast)
    read(urn)
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())

    assert cast.client_of(elsewhere).get(address(urn)).status_code == 404
    assert cast.client(Post.SYSTEM_ADMIN).get(address(urn)).status_code == 404
    assert Client().get(address(urn)).status_code == 302
    assert not journal.openings().after(0, 500)


def test_a_head_request_shows_nothing_and_opens_nothing(cast: Cast) -> None:
    urn = builders.captured(cast)

    answer = cast.client(Post.HANDLER).head(address(urn))

    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"")  # type: ignore[attr-defined]
    assert not journal.openings().after(0, 500)


def test_an_item_whose_bytes_changed_is_not_handed_out(cast: Cast, settings: Any) -> None:
    urn = builders.captured(cast)
    row = records.components_of([urn])[urn][1]
    (path,) = [one for one in Path(settings.ANJUAN_HOME).rglob("*.jpg") if row.logical_name.endswith(one.name)]
    path.chmod(0o600)
    path.write_bytes(b"other bytes")

    assert cast.client(Post.HANDLER).get(address(urn)).status_code == 500
    assert not journal.openings().after(0, 500)


def test_a_large_item_is_taken_in_parts(cast: Cast, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGES_A_PART", 2)
    urn = builders.captured(cast, materials=("MAIN_FORM", "ID_CARD", "OTHER"))
    client = cast.client(Post.HANDLER)

    answer = client.get(reverse("reading:searchable_part", kwargs={"urn": urn, "part": 2}))

    assert len(opened(b"".join(answer.streaming_content))) == COVER + 1  # type: ignore[attr-defined]
    assert client.get(reverse("reading:searchable_part", kwargs={"urn": urn, "part": 3})).status_code == 404
    page = client.get(reverse("reading:record", kwargs={"urn": urn})).content.decode()
    assert page.count("searchable-") == 2
