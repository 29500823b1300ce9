"""Files are judged by their content; what cannot be kept is refused with a reason."""

import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions, rules
from tests.unit.format_builders import codes, encoded, jpeg, pdf, picture, png, tiff, written, zipped


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    return tmp_path


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


@pytest.mark.parametrize(
    ("octets", "format_id", "code"),
    [
        (b"\x00\x01\x02 of no kind", "anjuan/unknown", "N-005"),
        (zipped(), "x-fmt/263", "N-006"),
        (zipped("word/document.xml"), "fmt/412", "N-006"),
        (zipped("xl/workbook.xml"), "fmt/214", "N-006"),
        (encoded(picture(), "GIF"), "fmt/3", "N-006"),
        (encoded(picture(), "BMP"), "anjuan/bmp", "N-006"),
        (b"{\\rtf1\\ansi hello}", "anjuan/rtf", "N-006"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "fmt/111", "N-006"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "anjuan/svg", "N-006"),
    ],
)
def test_what_is_no_page_format_is_kept_as_it_is_and_flagged(
    home: Path, settings: Settings, octets: bytes, format_id: str, code: str
) -> None:
    path = written(home, octets)

    found = actions.characterise(path)
    assert (found.format_id, found.mime, codes(found)) == (format_id, "application/octet-stream", [code])
    assert len(found.pages) == actions.page_count(path) == 1
    assert actions.ensure_derivatives("c" * 128, path, 1).width_px == found.pages[0].width_px

    settings.ANJUAN_ACCEPT_UNKNOWN = False
    assert refused(path).code == "M-002"


def test_an_empty_file_is_refused(home: Path) -> None:
    assert refused(written(home, b""), "空.jpg").code == "M-001"


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"MZ\x90\x00", "Windows program"),
        (b"\x7fELF\x02\x01", "Linux program"),
        (b"#!/bin/sh\nrm -r /", "script"),
        ("\ufeff@echo off\r\ndel *".encode(), "script"),
        (b"<html>%PDF-1.7", "HTML"),
        ("\ufeff<HTML><body>".encode("utf-16"), "HTML"),
        (b"\x00\x01<script>alert(1)</script>", "HTML"),
        (b"<svg xmlns='x' onload='alert(1)'/>", "SVG with a script"),
        (b"<svg xmlns='x'>" + b"<g/>" * 100_000 + b"<x:script/></svg>", "SVG with a script"),
        ("\ufeff<svg onload='alert(1)'/>".encode("utf-16"), "SVG with a script"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", "SVG with a script"),
        (zipped("word/vbaProject.bin"), "Office with macros"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"), "Office with macros"),
        (zipped("tools/setup.EXE"), "ZIP with a program"),
        (b"II+\x00\x08\x00\x00\x00", "BigTIFF"),
        (b"\n" + pdf(), "PDF that does not begin with its header"),
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
        pdf(2).replace(b"/Count 2", b"/Count 3"),
        pdf(0),
        zipped()[:-10],
        zipped() + b"x",
        b"II*\x00" + b"\x00" * 20,
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
        *((page, pdf(1), "PDF") for page in (jpeg(), png(), tiff(), zipped())),
        (tiff(2), zipped(), "ZIP"),
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


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("at", [0.3, 0.6, 0.9])
def test_a_sector_that_was_lost_in_the_middle_of_a_jpeg_is_noticed(mode: str, at: float) -> None:
    page = encoded(Image.effect_noise((700, 900), 60).convert(mode), "JPEG", quality=70)
    rules.walk_jpeg(page)
    place = int(len(page) * at)
    with pytest.raises(rules.Damaged, match="empty"):
        rules.walk_jpeg(page[:place] + bytes(512) + page[place + 512 :])


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"progressive": True}, {"restart_marker_blocks": 8}])
@pytest.mark.parametrize("ink", [0, 128, 255])
def test_blank_paper_is_no_hole_however_it_was_packed(mode: str, options: dict[str, Any], ink: int) -> None:
    page = encoded(Image.new("L", (2480, 3508), ink).convert(mode), "JPEG", **options)
    assert rules.walk_jpeg(page).width_px == 2480


def test_zeros_that_mean_blank_paper_pass() -> None:
    page = encoded(Image.new("L", (2480, 3508), 255), "JPEG", optimize=True)
    assert bytes(256) in page, "an optimised blank page is a row of zeros"


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
