"""What the screen shows of a page: thumbnails, views and tiles, drawn once and whole."""

import io
import threading
import time
from pathlib import Path
from typing import BinaryIO

import pypdfium2
import pytest
from PIL import Image
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions, queries
from anjuan.facilities.formats.backends import pdf as pdf_backend
from anjuan.facilities.formats.backends import render
from tests.unit.format_builders import encoded, jpeg, pdf, picture, written, zipped


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    return tmp_path


SHA = "0123456789abcdef" * 8


def test_a_page_gets_a_thumbnail_a_view_and_tiles(home: Path) -> None:
    path = written(home, encoded(picture(2480, 1200, "L"), "JPEG"))

    made = actions.ensure_derivatives(SHA, path, 1)

    assert made.folder == home / "derivatives" / "01" / SHA / "p1"
    with Image.open(made.thumbnail) as thumbnail, Image.open(made.view) as view:
        assert (thumbnail.format, thumbnail.height) == ("JPEG", 220)
        assert (view.format, view.size) == ("JPEG", (1400, 677))
    words = made.dzi.read_text()
    assert 'TileSize="512"' in words
    assert '<Size Width="2480" Height="1200"/>' in words
    levels = sorted((made.folder / "page_files").iterdir(), key=lambda level: int(level.name))
    assert [level.name for level in levels] == [str(number) for number in range(13)]
    assert len(list(levels[-1].iterdir())) == 5 * 3
    with Image.open(levels[-1] / "0_0.jpg") as corner, Image.open(levels[-1] / "1_1.jpg") as middle:
        assert corner.size == (513, 513)  # a row and a column of overlap on the inner sides
        assert middle.size == (514, 514)
    with Image.open(levels[0] / "0_0.jpg") as smallest:
        assert smallest.size == (1, 1)


def test_tiles_put_together_are_the_page(home: Path) -> None:
    original = picture(900, 700, "L").resize((900, 700)).convert("RGB")
    path = written(home, encoded(original, "PNG"))

    made = actions.ensure_derivatives(SHA, path, 1)

    whole = Image.new("RGB", (900, 700))
    for tile in (made.folder / "page_files" / "10").iterdir():
        column, row = (int(number) for number in tile.stem.split("_"))
        with Image.open(tile) as part:
            whole.paste(part, (max(0, column * 512 - 1), max(0, row * 512 - 1)))
    again = Image.open(io.BytesIO(encoded(original, "JPEG", quality=80))).convert("RGB")
    difference = [abs(a - b) for a, b in zip(whole.tobytes(), again.tobytes(), strict=True)]
    assert sum(difference) / len(difference) < 8


def test_derivatives_are_made_once(home: Path) -> None:
    path = written(home, jpeg())
    first = actions.ensure_derivatives(SHA, path, 1)
    stamp = first.thumbnail.stat().st_mtime_ns
    path.unlink()

    assert actions.ensure_derivatives(SHA, path, 1) == first
    assert queries.derivatives_of(SHA, 1) == first
    assert first.thumbnail.stat().st_mtime_ns == stamp
    assert queries.derivatives_of(SHA, 2) is None


def test_derivatives_that_a_power_loss_has_emptied_are_made_again(home: Path) -> None:
    path = written(home, jpeg())
    made = actions.ensure_derivatives(SHA, path, 1)
    (made.folder / "page_files" / "9" / "0_0.jpg").write_bytes(b"")

    assert queries.derivatives_of(SHA, 1) is None
    again = actions.ensure_derivatives(SHA, path, 1)

    assert (again.folder / "page_files" / "9" / "0_0.jpg").stat().st_size > 0
    assert list((home / "derivatives" / ".work").iterdir()) == []


def test_two_who_draw_the_same_page_at_once_both_get_it(home: Path) -> None:
    path = written(home, pdf(1), "a.pdf")
    made: list[object] = []

    def draw() -> None:
        made.append(actions.ensure_derivatives(SHA, path, 1))

    threads = [threading.Thread(target=draw) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [queries.derivatives_of(SHA, 1)] * 6
    assert list((home / "derivatives" / ".work").iterdir()) == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixel_becomes_a_view(home: Path, mode: str) -> None:
    image = picture(40, 30, "L")
    image = Image.frombytes("I;16", (40, 30), b"\x00\xc0" * 1200) if mode == "I;16" else image.convert(mode)
    path = written(home, encoded(image, "JPEG" if mode == "CMYK" else "PNG"))

    made = actions.ensure_derivatives(SHA, path, 1)

    with Image.open(made.view) as view:
        assert view.size == (40, 30)
        if mode == "I;16":
            assert abs(view.convert("L").getpixel((5, 5)) - 0xC0) <= 2  # type: ignore[operator]


def test_what_is_transparent_is_shown_on_white_paper(home: Path) -> None:
    path = written(home, encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"))

    made = actions.ensure_derivatives(SHA, path, 1)

    with Image.open(made.view) as view:
        assert view.convert("L").getpixel((4, 4)) == 255


def test_a_pdf_page_is_drawn_at_200_dpi(home: Path) -> None:
    path = written(home, pdf(2), "a.pdf")

    made = actions.ensure_derivatives(SHA, path, 2)

    assert (made.width_px, made.height_px) == (1656, 2339)
    with Image.open(made.view) as view:
        assert view.convert("L").getpixel((5, 5)) == 255
        grey = view.convert("L").getpixel((round(200 / 596 * view.width), round((842 - 200) / 842 * view.height)))
        assert abs(grey - 128) < 8  # type: ignore[operator]


@pytest.mark.parametrize("page", [0, -1, 3])
def test_a_page_that_does_not_exist_is_refused(home: Path, page: int) -> None:
    with pytest.raises(Refusal, match="M-009"):
        actions.ensure_derivatives(SHA, written(home, pdf(2), "a.pdf"), page)
    assert not (home / "derivatives" / "01" / SHA).exists()


def test_an_image_has_one_page_and_what_is_no_page_has_none(home: Path) -> None:
    with pytest.raises(Refusal, match="M-009"):
        actions.ensure_derivatives(SHA, written(home, jpeg()), 2)
    with pytest.raises(Refusal, match="M-002"):
        actions.ensure_derivatives(SHA, written(home, zipped("a.exe")), 1)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 127, "A" * 128, "/" * 128])
def test_what_is_no_digest_never_becomes_a_path(home: Path, digest: str) -> None:
    with pytest.raises(Refusal, match="M-009"):
        queries.derivatives_of(digest, 1)


def test_pdfium_is_never_entered_twice_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = 0
    most = 0
    opened = pypdfium2.PdfDocument

    class Watched(opened):  # type: ignore[misc,valid-type]
        def __init__(self, *arguments: object) -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            time.sleep(0.01)
            super().__init__(*arguments)

        def close(self, *arguments: object, **options: object) -> None:
            nonlocal inside
            inside -= 1
            super().close(*arguments, **options)

    monkeypatch.setattr(pypdfium2, "PdfDocument", Watched)
    path = written(home, pdf(2), "a.pdf")
    threads = [
        threading.Thread(target=work)
        for work in (
            lambda: actions.characterise(path),
            lambda: pdf_backend.open_page(path, 1),
            lambda: actions.page_count(path),
            lambda: pdf_backend.open_page(path, 2),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most, inside) == (1, 0)


OPENED: list[tuple[str, str]] = []
CONTENT: dict[str, Path] = {}


def open_content(urn: str, sha512: str) -> BinaryIO:
    OPENED.append((urn, sha512))
    return CONTENT[sha512].open("rb")


def test_pages_are_drawn_ahead_and_never_twice(home: Path, settings: Settings) -> None:
    settings.ANJUAN_OPEN_CONTENT = f"{__name__}.open_content"
    path = CONTENT[SHA] = written(home, pdf(3), "a.pdf")
    OPENED.clear()
    count = actions.page_count(path)

    actions.draw_pages("urn:x", SHA, 1, 2)
    actions.draw_pages("urn:x", SHA, 3, 12)

    assert all(queries.derivatives_of(SHA, page) for page in range(1, count + 1))
    assert queries.derivatives_of(SHA, count + 1) is None
    assert OPENED == [("urn:x", SHA)] * 2
    stamps = {page: render.page_folder(home / "derivatives", SHA, page).stat().st_mtime_ns for page in (1, count)}
    actions.draw_pages("urn:x", SHA, 1, count)
    assert OPENED == [("urn:x", SHA)] * 2
    assert {
        page: render.page_folder(home / "derivatives", SHA, page).stat().st_mtime_ns for page in (1, count)
    } == stamps
