"""Files are judged by their content; what cannot be kept is refused with a reason."""

import io
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions, queries, rules, tasks
from anjuan.facilities.formats.backends import pdf as pdf_backend
from anjuan.facilities.formats.backends import render


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    return tmp_path


def picture(width: int = 320, height: int = 200, mode: str = "RGB") -> Image.Image:
    pixels = bytes((x * 7 + y * 13) % 256 for y in range(height) for x in range(width))
    return Image.frombytes("L", (width, height), pixels).convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg(**options: Any) -> bytes:
    return encoded(picture(), "JPEG", **({"dpi": (300, 300)} | options))


def png(**options: Any) -> bytes:
    return encoded(picture(), "PNG", **({"dpi": (300, 300)} | options))


def pdf(pages: int = 2, change: Callable[[pikepdf.Pdf], object] | None = None, **options: Any) -> bytes:
    document = pikepdf.new()
    for number in range(pages):
        document.add_blank_page(page_size=(595 + number, 842))
        document.pages[number].Contents = document.make_stream(b"0.5 g 100 100 200 200 re f")
    if change is not None:
        change(document)
    stream = io.BytesIO()
    document.save(stream, **options)
    return stream.getvalue()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("inside.txt", "hidden")
    return stream.getvalue()


def written(home: Path, octets: bytes, name: str = "scan.jpg") -> Path:
    path = home / name
    path.write_bytes(octets)
    return path


def codes(found: rules.Characterisation) -> list[str]:
    return [finding.code for finding in found.findings]


# --- what is accepted ---


@pytest.mark.parametrize(
    ("octets", "format_id", "mime", "extension"),
    [
        (jpeg(), "fmt/43", "image/jpeg", "jpg"),
        (jpeg(progressive=True), "fmt/43", "image/jpeg", "jpg"),
        (png(), "fmt/11", "image/png", "png"),
        (png(icc_profile=b"x" * 200), "fmt/12", "image/png", "png"),
    ],
)
def test_a_page_image_is_known_by_its_content(
    home: Path, octets: bytes, format_id: str, mime: str, extension: str
) -> None:
    found = actions.characterise(written(home, octets, "名字不作数.doc"), name="名字不作数.doc")

    assert (found.format_id, found.mime, found.extension) == (format_id, mime, extension)
    assert found.pages == (rules.PageShape(320, 200, 300),)
    assert found.size_bytes == len(octets)
    assert found.findings == ()


def test_exif_tells_its_version_and_turns_the_page(home: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    exif.get_ifd(0x8769)[0x9000] = b"0230"
    path = written(home, jpeg(exif=exif.tobytes()))

    found = actions.characterise(path)
    made = actions.ensure_derivatives("a" * 128, path, 1)

    assert found.format_id == "fmt/1507"
    assert found.pages == (rules.PageShape(200, 320, 300),)
    assert (made.width_px, made.height_px) == (200, 320)


def test_an_image_without_resolution_is_flagged(home: Path) -> None:
    found = actions.characterise(written(home, encoded(picture(), "PNG")))

    assert found.pages[0].dpi == 0
    assert codes(found) == ["N-004"]


@pytest.mark.parametrize(("version", "format_id"), [("1.4", "fmt/18"), ("1.7", "fmt/276"), ("2.0", "fmt/1129")])
def test_a_pdf_is_measured_page_by_page(home: Path, version: str, format_id: str) -> None:
    found = actions.characterise(written(home, pdf(2, min_version=version, force_version=version)))

    assert (found.format_id, found.mime, found.extension) == (format_id, "application/pdf", "pdf")
    assert found.pages == (rules.PageShape(1653, 2339, 200), rules.PageShape(1656, 2339, 200))
    assert found.findings == ()


def test_a_pdf_that_claims_pdfa_is_named_so(home: Path) -> None:
    def claim(document: pikepdf.Pdf) -> None:
        with document.open_metadata() as metadata:
            metadata["pdfaid:part"] = "2"
            metadata["pdfaid:conformance"] = "B"

    assert actions.characterise(written(home, pdf(1, claim))).format_id == "fmt/477"


def add_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def add_launch(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="x.exe"))


def add_attachment(document: pikepdf.Pdf) -> None:
    document.attachments["list.xls"] = b"numbers"


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [(add_script, "N-001", "JavaScript"), (add_launch, "N-001", "Launch"), (add_attachment, "N-002", "1 embedded")],
)
def test_what_a_pdf_could_do_is_flagged_and_not_refused(
    home: Path, change: Callable[[pikepdf.Pdf], object], code: str, word: str
) -> None:
    found = actions.characterise(written(home, pdf(1, change)))

    assert codes(found) == [code]
    assert word in found.findings[0].message


def test_unknown_bytes_after_the_end_are_flagged_and_padding_is_not(home: Path) -> None:
    assert codes(actions.characterise(written(home, jpeg() + b"camera notes"))) == ["N-003"]
    assert codes(actions.characterise(written(home, png() + b"\x00" * 512))) == []
    assert codes(actions.characterise(written(home, pdf() + b"\r\n"))) == []


# --- what is refused ---


def refused(path: Path, name: str = "") -> Refusal:
    with pytest.raises(Refusal) as caught:
        actions.characterise(path, name=name)
    for language in ("zh", "en"):
        assert "…" not in caught.value.message(language)  # every parameter of the sentence was given
    return caught.value


def test_an_empty_file_is_refused(home: Path) -> None:
    assert refused(written(home, b""), "空.jpg").code == "M-001"


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (zipped(), "ZIP"),
        (zipped() + pdf(), "ZIP"),
        (b"GIF89a" + b"\x00" * 20, "GIF"),
        (b"II*\x00" + b"\x00" * 20, "TIFF"),
        (b"MZ\x90\x00", "Windows program"),
        (b"<html>%PDF-1.7", "HTML/XML"),
        (b"only text", "未知 unknown"),
        (b"\n" + pdf(), "未知 unknown"),
    ],
)
def test_another_format_under_a_page_name_is_refused(home: Path, octets: bytes, found: str) -> None:
    refusal = refused(written(home, octets, "page.jpg"), "page.jpg")

    assert (refusal.code, refusal.params["found"]) == ("M-002", found)


@pytest.mark.parametrize(
    "octets",
    [
        jpeg()[:-2],
        jpeg()[: len(jpeg()) // 2],
        jpeg()[:30],
        jpeg()[:3],
        jpeg(progressive=True)[:-600],
        jpeg().replace(b"\xff\xc0", b"\xff\xe5"),  # no frame, so no size
        b"\xff\xd8\xff\xd9",
        png()[:-12],
        png()[:-20],
        png()[:20],
        png()[:50] + b"\x00\x01\x02" + png()[53:],
        pdf()[:-200],
        pdf()[: len(pdf()) // 2],
        b"%PDF-1.7\nnothing else\n%%EOF",
        pdf(0),
    ],
)
def test_a_cut_or_damaged_file_is_refused(home: Path, octets: bytes) -> None:
    assert refused(written(home, octets)).code == "M-003"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def declared(width: int, height: int, body: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_header_before_it_is_decoded(home: Path) -> None:
    bomb = declared(100_000, 100_000, zlib.compress(bytes(1000)))

    before = time.monotonic()
    refusal = refused(written(home, bomb))

    assert (refusal.code, refusal.params["width_px"]) == ("M-004", 100_000)
    assert time.monotonic() - before < 2


def test_a_size_that_the_image_library_fears_is_refused_even_when_the_setting_allows_it(
    home: Path, settings: Settings
) -> None:
    settings.ANJUAN_FORMAT_LIMITS = {"page_pixels": 10**12}

    assert refused(written(home, declared(100_000, 100_000, zlib.compress(bytes(1000))))).code == "M-004"


def test_image_data_shorter_than_the_header_promises_are_damage(home: Path) -> None:
    assert refused(written(home, declared(1000, 1000, zlib.compress(bytes(1000))))).code == "M-003"


def test_a_pdf_page_of_monstrous_size_is_refused(home: Path) -> None:
    def grow(document: pikepdf.Pdf) -> None:
        document.pages[0].MediaBox = [0, 0, 14400, 14400]

    assert refused(written(home, pdf(1, grow))).code == "M-004"


def test_limits_of_pages_and_bytes_are_settings(home: Path, settings: Settings) -> None:
    path = written(home, pdf(3))

    settings.ANJUAN_FORMAT_LIMITS = {"pdf_pages": 2}
    assert refused(path).code == "M-005"
    settings.ANJUAN_FORMAT_LIMITS = {"file_bytes": 100}
    assert refused(path).code == "M-006"
    settings.ANJUAN_FORMAT_LIMITS = {}
    assert len(actions.characterise(path).pages) == 3


@pytest.mark.parametrize("user", ["", "secret"])
def test_an_encrypted_pdf_is_refused_with_or_without_a_password_to_open(home: Path, user: str) -> None:
    octets = pdf(1, encryption=pikepdf.Encryption(user=user, owner="owner"))

    assert refused(written(home, octets)).code == "M-007"


@pytest.mark.parametrize(
    ("octets", "extra", "found"),
    [
        *((page, zipped(), "ZIP") for page in (jpeg(), png(), pdf())),
        *((page, b"\n<script>alert(1)</script>", "HTML") for page in (jpeg(), png(), pdf())),
        *((page, pdf(1), "PDF") for page in (jpeg(), png())),
    ],
)
def test_a_file_of_two_formats_is_refused(home: Path, octets: bytes, extra: bytes, found: str) -> None:
    refusal = refused(written(home, octets + extra))

    assert (refusal.code, refusal.params["found"]) == ("M-008", found)


def test_a_rare_or_long_name_stands_in_the_refusal_and_nowhere_else(home: Path) -> None:
    assert refused(written(home, b""), "𠮷" * 200).params["name"] == "𠮷" * 60


# --- structure, judged without any library ---


@pytest.mark.parametrize("cut", range(0, 600, 7))
def test_every_cut_of_a_small_image_is_noticed(cut: int) -> None:
    small = encoded(picture(24, 16), "JPEG")
    with pytest.raises(rules.Damaged):
        rules.walk_jpeg(small[: min(max(cut, 3), len(small) - 1)])
    small = encoded(picture(24, 16), "PNG")
    with pytest.raises(rules.Damaged):
        rules.walk_png(small[: min(max(cut, 8), len(small) - 1)])


def test_every_flipped_bit_of_a_png_is_noticed() -> None:
    small = encoded(picture(24, 16), "PNG")
    for at in range(8, len(small)):
        with pytest.raises(rules.Damaged):
            rules.walk_png(small[:at] + bytes([small[at] ^ 1]) + small[at + 1 :])


def test_a_png_must_begin_with_its_header_and_have_a_size() -> None:
    signature = b"\x89PNG\r\n\x1a\n"
    with pytest.raises(rules.Damaged, match="begin"):
        rules.walk_png(signature + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    with pytest.raises(rules.Damaged, match="size"):
        rules.walk_png(declared(0, 10, b""))


# --- derivatives ---

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
        actions.ensure_derivatives(SHA, written(home, zipped()), 1)


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


def test_the_task_draws_all_pages_in_chunks_and_does_not_repeat_itself(
    home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "PAGES_AT_ONCE", 2)
    settings.ANJUAN_OPEN_CONTENT = f"{__name__}.open_content"
    path = CONTENT[SHA] = written(home, pdf(3), "a.pdf")
    OPENED.clear()

    tasks.render_pages.call("urn:x", SHA)

    count = actions.page_count(path)
    assert all(queries.derivatives_of(SHA, page) for page in range(1, count + 1))
    assert OPENED == [("urn:x", SHA)] * 2
    stamps = {page: render.page_folder(home / "derivatives", SHA, page).stat().st_mtime_ns for page in (1, count)}
    tasks.render_pages.call("urn:x", SHA)
    assert {
        page: render.page_folder(home / "derivatives", SHA, page).stat().st_mtime_ns for page in (1, count)
    } == stamps
