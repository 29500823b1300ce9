"""TIFF, OFD and plain text: pages counted before anything is decoded, hostile files refused, words taken out."""

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions, queries, rules
from anjuan.facilities.formats.rules import text
from anjuan.facilities.formats.rules import tiff as structure
from tests.unit.format_builders import (
    MINIMAL,
    PAGE,
    SPACE,
    codes,
    directory,
    head,
    jpeg,
    ofd,
    page_of,
    pdf,
    tiff,
    written,
)


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    return tmp_path


def refused(path: Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        actions.characterise(path)
    for language in ("zh", "en"):
        assert "…" not in caught.value.message(language)  # every parameter of the sentence was given
    return caught.value


def shade(path: Path) -> int:
    with Image.open(path) as image:
        low, _ = image.convert("L").getextrema()
        return int(low)  # type: ignore[arg-type]


# --- TIFF ---


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("1", {"compression": "group4"}),
        ("1", {"compression": "group3"}),
        ("L", {"compression": "tiff_lzw"}),
        ("RGB", {"compression": "tiff_adobe_deflate"}),
        ("RGB", {"compression": "jpeg"}),
        ("RGB", {"compression": "packbits"}),
        ("CMYK", {}),
        ("P", {}),
        ("L", {"big_endian": True}),
    ],
)
def test_a_tiff_is_known_in_every_usual_packing(home: Path, mode: str, options: dict[str, object]) -> None:
    path = written(home, tiff(1, mode, **options))

    found = actions.characterise(path)

    assert (found.format_id, found.mime, found.extension) == ("fmt/353", "image/tiff", "tif")
    assert found.pages == (rules.PageShape(120, 80, 300),)
    assert found.findings == ()
    assert actions.ensure_derivatives("b" * 128, path, 1).width_px == 120


def test_a_tiff_of_twelve_pages_is_twelve_pages(home: Path) -> None:
    path = written(home, tiff(12, "1", compression="group4"))

    found = actions.characterise(path)
    drawn = [actions.ensure_derivatives("b" * 128, path, page) for page in (1, 7, 12)]

    assert [page.width_px for page in found.pages] == [120 + number for number in range(12)]
    assert actions.page_count(path) == 12
    assert [page.width_px for page in drawn] == [120, 126, 131]
    for page in (0, 13):
        with pytest.raises(Refusal, match="M-009"):
            actions.ensure_derivatives("b" * 128, path, page)


def test_a_resolution_in_centimetres_is_turned_into_inches(home: Path) -> None:
    octets = tiff(1, resolution_unit=3, x_resolution=118.11, y_resolution=118.11, dpi=None)

    assert actions.characterise(written(home, octets)).pages[0].dpi == 300
    assert codes(actions.characterise(written(home, tiff(1, dpi=None)))) == ["N-004"]


def test_a_turned_tiff_is_measured_as_it_is_shown(home: Path) -> None:
    path = written(home, tiff(1, tiffinfo={274: 6}))

    assert actions.characterise(path).pages[0] == rules.PageShape(80, 120, 300)
    assert actions.ensure_derivatives("d" * 128, path, 1).width_px == 80


def test_a_thumbnail_in_a_tiff_is_no_page(home: Path) -> None:
    octets = bytearray(tiff(2, tiffinfo={254: 0}))
    at = structure.chain(bytes(octets))[0]
    assert struct.unpack_from("<H", octets, at + 2) == (254,)
    octets[at + 10] = 1  # the first of the two is called a reduced version
    path = written(home, bytes(octets))

    found = actions.characterise(path)

    assert [page.width_px for page in found.pages] == [121]
    assert codes(found) == ["N-010"]
    assert actions.ensure_derivatives("e" * 128, path, 1).width_px == 121


@pytest.mark.parametrize("big_endian", [False, True])
def test_every_cut_of_a_tiff_is_noticed(home: Path, big_endian: bool) -> None:
    octets = tiff(3, "1", compression="group4", big_endian=big_endian)
    end = structure.walk_tiff(octets, structure.chain(octets)).end  # padding may follow
    for cut in (*range(4, end, 10), end - 1):
        assert refused(written(home, octets[:cut])).code == "M-003", cut


@pytest.mark.parametrize(
    ("octets", "word"),
    [
        (head(8) + directory(MINIMAL, 8) + b"\0" * 32, "circle"),
        (head(8) + directory(MINIMAL, 9) + b"\0" * 99, "cut|overlap|empty|circle|outside"),
        (head(0), "no page"),
        (head(4000), "cut"),
        (head(8) + directory([]), "empty"),
        (head(8) + directory([(256, 3, 1, 0), *MINIMAL[1:]]) + b"\0" * 32, "size"),
        (head(8) + directory([*MINIMAL[:3], (273, 4, 1, 8), (279, 4, 1, 999_999)]), "cut"),
        (head(8) + directory([*MINIMAL[:3], (273, 4, 1 << 30, 8)]), "outside"),
        (head(8) + directory(MINIMAL[:3]), "where its image lies"),
        (
            head(8)
            + directory([*MINIMAL[:3], (322, 4, 1, 60_000), (323, 4, 1, 60_000), (324, 4, 1, 8), (325, 4, 1, 8)]),
            "larger than its page",
        ),
        (head(8) + directory([*MINIMAL, (254, 4, 1, 1)]) + b"\0" * 32, "no page"),
    ],
)
def test_a_tiff_that_lies_about_its_structure_is_refused(home: Path, octets: bytes, word: str) -> None:
    refusal = refused(written(home, octets))

    assert refusal.code == "M-003"
    assert any(part in str(refusal.params["reason"]) for part in word.split("|")), refusal.params


def test_a_chain_of_a_hundred_thousand_directories_is_refused_unread(home: Path) -> None:
    count, size = 100_000, 18
    links = (directory([(256, 3, 1, 4)], 8 + size * (at + 1) if at + 1 < count else 0) for at in range(count))
    octets = head(8) + b"".join(links)

    assert refused(written(home, octets)).code == "M-005"
    with pytest.raises(rules.Damaged, match="does not end"):
        longer = 140_000
        structure.chain(head(8) + b"".join(directory([(256, 3, 1, 4)], 8 + size * (at + 1)) for at in range(longer)))


def test_limits_of_pages_and_pixels_hold_for_every_page_of_a_tiff(home: Path, settings: Settings) -> None:
    path = written(home, tiff(3))
    settings.ANJUAN_FORMAT_LIMITS = {"pdf_pages": 2}
    assert refused(path).code == "M-005"
    settings.ANJUAN_FORMAT_LIMITS = {"page_pixels": 121 * 80}  # the third page is one column wider
    assert refused(path).code == "M-004"
    settings.ANJUAN_FORMAT_LIMITS = {"file_pixels": 3 * 120 * 80}
    assert refused(path).code == "M-011"
    settings.ANJUAN_FORMAT_LIMITS = {}
    huge = head(8) + directory([(256, 4, 1, 100_000), (257, 4, 1, 100_000), *MINIMAL[2:]]) + b"\0" * 32
    assert refused(written(home, huge)).code == "M-004"


def test_unknown_bytes_behind_a_tiff_are_flagged(home: Path) -> None:
    assert codes(actions.characterise(written(home, tiff() + b"scanner notes"))) == ["N-003"]
    assert codes(actions.characterise(written(home, tiff() + b"\0" * 64))) == []


# --- OFD ---


def test_an_ofd_is_measured_in_millimetres_and_its_text_is_drawn(home: Path) -> None:
    content = page_of("").replace(
        b"<ofd:Content>", b"<ofd:Area><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:Area><ofd:Content>"
    )
    path = written(home, ofd(3, change={"Doc_0/Pages/Page_2/Content.xml": content}))

    found = actions.characterise(path, name="表.ofd")
    with_text, without = (actions.ensure_derivatives("f" * 128, path, page) for page in (1, 3))

    assert (found.format_id, found.mime, found.extension) == ("anjuan/ofd", "application/ofd", "ofd")
    assert found.pages[:2] == (rules.PageShape(1165, 1654, 200),) * 2
    assert found.pages[2] == rules.PageShape(1654, 2339, 200)
    assert codes(found) == ["N-009"]
    assert (with_text.width_px, without.width_px, actions.page_count(path)) == (1165, 1654, 3)
    assert shade(with_text.view) < 90 and shade(without.view) < 90
    with pytest.raises(Refusal, match="M-009"):
        actions.ensure_derivatives("f" * 128, path, 4)


@pytest.mark.parametrize("size", ["1e300", "-5", "0", "nan", "0.0001", "x"])
@pytest.mark.parametrize("matrix", ["1e308 0 0 1e308 1e308 0", "0 0 0 0 0 0", "1 0 0 1 -9e9 0", "a b"])
def test_numbers_that_no_page_has_are_drawn_somewhere_or_not_at_all(home: Path, size: str, matrix: str) -> None:
    objects = (
        f'<ofd:TextObject Boundary="0 0 9 9" Size="{size}" CTM="{matrix}"><ofd:TextCode X="1" Y="5">社保</ofd:TextCode>'
        "</ofd:TextObject>"
    )
    path = written(home, ofd(1, change={PAGE: page_of(objects)}))

    assert actions.characterise(path).pages[0].width_px == 1165
    assert actions.ensure_derivatives("a" * 128, path, 1).width_px == 1165
    assert queries.text_of_page(path, "anjuan/ofd", 1) in ("社保", "")


def test_seals_and_attachments_of_an_ofd_are_flagged(home: Path) -> None:
    document = ofd_part(ofd(1), "Doc_0/Document.xml").replace(
        b"</ofd:Document>", b"<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>"
    )
    octets = ofd(
        1,
        more="<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures>",
        change={
            "Doc_0/Document.xml": document,
            "Doc_0/Signs/Signatures.xml": f'<ofd:Signatures xmlns:ofd="{SPACE}"><ofd:Signature ID="1" Type="Seal" '
            f'BaseLoc="S1.xml"/><ofd:Signature ID="2" BaseLoc="S2.xml"/></ofd:Signatures>'.encode(),
            "Doc_0/Attachs/Attachments.xml": f'<ofd:Attachments xmlns:ofd="{SPACE}"><ofd:Attachment ID="1"/>'
            "</ofd:Attachments>".encode(),
        },
    )

    found = actions.characterise(written(home, octets))

    assert codes(found) == ["N-009", "N-008", "N-002"]
    assert found.findings[1].params == {"count": 2}


def ofd_part(octets: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return archive.read(name)


def test_a_container_without_the_namespace_of_the_standard_is_only_a_zip(home: Path) -> None:
    found = actions.characterise(written(home, ofd(1, space="http://example.org/other")))

    assert (found.format_id, codes(found)) == ("x-fmt/263", ["N-006"])


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<ofd:Page xmlns:ofd="{SPACE}"><ofd:Content>&b;</ofd:Content></ofd:Page>'
).encode()
OUTSIDE = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><p xmlns="{SPACE}">&a;</p>'.encode()
WIDE: dict[str, bytes | None] = {f"Doc_0/Pages/Page_{n}/Content.xml": page_of("<a/>" * 190_000) for n in range(6)}
COMPOSED = (
    f'<ofd:Res xmlns:ofd="{SPACE}"><ofd:CompositeGraphicUnits>'
    + "".join(
        f'<ofd:CompositeGraphicUnit ID="{n}"><ofd:Content>'
        + f'<ofd:CompositeObject ResourceID="{n + 1}"/>' * 4
        + "</ofd:Content></ofd:CompositeGraphicUnit>"
        for n in range(1, 20)
    )
    + "</ofd:CompositeGraphicUnits></ofd:Res>"
).encode()


def with_resources(resources: bytes, objects: str = '<ofd:CompositeObject ResourceID="1"/>') -> bytes:
    document = ofd_part(ofd(1), "Doc_0/Document.xml").replace(
        b"</ofd:CommonData>", b"<ofd:PublicRes>Res.xml</ofd:PublicRes></ofd:CommonData>"
    )
    return ofd(1, change={"Doc_0/Document.xml": document, "Doc_0/Res.xml": resources, PAGE: page_of(objects)})


def named_twice() -> bytes:
    stream = io.BytesIO(ofd(1))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("doc_0/document.XML", b"other")
    return stream.getvalue()


def flagged_encrypted(octets: bytes) -> bytes:
    at = octets.index(b"PK\x01\x02")
    return octets[: at + 8] + b"\x01" + octets[at + 9 :]


@pytest.mark.parametrize(
    ("octets", "code", "word"),
    [
        (ofd(1, change={"Doc_0/Document.xml": None}), "M-003", "missing"),
        (ofd(1, change={PAGE: None}), "M-003", "missing"),
        (ofd(0), "M-003", "no page"),
        (ofd(1, change={PAGE: LAUGHS}), "M-003", "document type"),
        (ofd(1, change={PAGE: OUTSIDE}), "M-003", "document type"),
        (ofd(1, change={PAGE: b"<a" * 50}), "M-003", "XML"),
        (ofd(1, change={PAGE: b"<a>" * 5000 + b"</a>" * 5000}), "M-003", "too many elements"),
        (ofd(6, change=WIDE), "M-003", "too many elements"),
        (ofd(1, change={PAGE: b'<?xml version="1.0" encoding="utf-7"?><a/>'}), "M-003", "UTF-8"),
        (ofd(1, change={"../../etc/cron": b"x"}), "M-003", "leads out"),
        (ofd(1, change={"/etc/cron": b"x"}), "M-003", "leads out"),
        (ofd(1, change={"C:\\x": b"x"}), "M-003", "leads out"),
        (ofd(1, change={PAGE: page_of("").replace(b"<ofd:Content>", b"<ofd:Area/><ofd:Content>")}), "M-003", "no box"),
        (named_twice(), "M-003", "one name"),
        (with_resources(COMPOSED), "M-003", "too many objects"),
        (with_resources(COMPOSED.replace(b'ResourceID="3"', b'ResourceID="1"')), "M-003", "one another"),
        (ofd(1)[:-8], "M-003", "end"),
        (ofd(1) + b"tail", "M-003", "end"),
        (ofd(1, more="<ofd:x/>", change={"Encryptions.xml": b"<x/>"}), "M-007", ""),
        (flagged_encrypted(ofd(1)), "M-007", ""),
        (ofd(1, change={"bomb.bin": bytes(30_000_000)}), "M-010", "times its size"),
        (ofd(1, change={f"f{n}": b"" for n in range(20_001)}), "M-010", "entries"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_or_broken_ofd_is_refused(home: Path, octets: bytes, code: str, word: str) -> None:
    refusal = refused(written(home, octets))

    assert refusal.code == code
    assert word in str(refusal.params.get("reason", ""))


def test_an_ofd_that_unpacks_to_more_than_allowed_is_refused_before_it_is_unpacked(
    home: Path, settings: Settings
) -> None:
    settings.ANJUAN_FORMAT_LIMITS = {"container_bytes": 1000}

    assert refused(written(home, ofd(3))).code == "M-010"


def test_limits_of_pages_and_pixels_hold_for_an_ofd(home: Path, settings: Settings) -> None:
    settings.ANJUAN_FORMAT_LIMITS = {"pdf_pages": 2}
    assert refused(written(home, ofd(3))).code == "M-005"
    settings.ANJUAN_FORMAT_LIMITS = {"page_pixels": 1_000_000}
    assert refused(written(home, ofd(1))).code == "M-004"


def test_every_cut_of_an_ofd_is_noticed(home: Path) -> None:
    octets = ofd(2)
    for cut in range(4, len(octets) - 1, 10):
        assert refused(written(home, octets[:cut])).code == "M-003", cut


# --- plain text ---


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 BOM"), ("utf-16", "UTF-16"), ("gb18030", "GB18030")],
)
def test_a_text_says_how_it_is_encoded(home: Path, encoding: str, said: str) -> None:
    path = written(home, "职工养老保险\r\n𠮷林市 only text\n".encode(encoding), "说明.txt")

    found = actions.characterise(path)

    assert (found.format_id, found.mime, found.extension) == ("x-fmt/111", "text/plain", "txt")
    assert found.pages == (rules.PageShape(1654, 2339, 200),)
    assert [(one.code, one.params) for one in found.findings] == [("N-007", {"encoding": said})]
    assert shade(actions.ensure_derivatives("a" * 128, path, 1).view) < 120
    assert queries.text_of_page(path, "x-fmt/111", 1) == "职工养老保险\n𠮷林市 only text"


def test_a_long_text_is_laid_on_pages_and_no_line_is_lost(home: Path, settings: Settings) -> None:
    lines = [f"第{number}行 " + "社保" * (number % 50) for number in range(300)]
    path = written(home, "\n".join(lines).encode())

    found = actions.characterise(path)
    words = [queries.text_of_page(path, "x-fmt/111", page) for page in range(1, len(found.pages) + 1)]

    assert len(found.pages) == actions.page_count(path) > 5
    assert "".join(words).replace("\n", "") == "".join(lines)
    settings.ANJUAN_FORMAT_LIMITS = {"pdf_pages": 4}
    assert refused(path).code == "M-005"


@pytest.mark.parametrize("octets", [b"\x00", b"text\x00more", b"\x1b[31mred", b"\xff\xfeA", b"\x80\x81\xff", b"a\x7f"])
def test_control_characters_and_broken_encodings_are_no_text(home: Path, octets: bytes) -> None:
    assert actions.characterise(written(home, octets)).format_id == "anjuan/unknown"


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=2000))
def test_no_line_of_a_page_is_too_wide_and_nothing_is_lost(words: str) -> None:
    laid = list(text.pages(io.StringIO(words)))

    assert "".join("".join(page) for page in laid) == words
    for page in laid:
        assert len(page) <= text.LINES
        assert all(sum(2 if text.is_wide(sign) else 1 for sign in line) <= text.COLUMNS for line in page)


def test_a_form_feed_begins_a_page() -> None:
    assert list(text.pages(io.StringIO("一\f二\n三"))) == [["一"], ["二", "三"]]


# --- words ---


def test_the_words_of_a_page_are_read_from_pdf_and_ofd_and_pictures_have_none(home: Path) -> None:
    assert "养老待遇核定表 2" in queries.text_of_page(written(home, ofd(2)), "anjuan/ofd", 2)
    assert "养老待遇核定表 1" in queries.text_of_page(ofd(2), "anjuan/ofd", 1)
    assert queries.text_of_page(spoken_pdf("Hello"), "fmt/276", 1).strip() == "Hello"
    assert queries.text_of_page(written(home, jpeg()), "fmt/43", 1) == ""
    for source, format_id in ((ofd(1), "anjuan/ofd"), (pdf(1), "fmt/276"), (b"x", "x-fmt/111")):
        for page in (0, 2):
            with pytest.raises(Refusal, match="M-009"):
                queries.text_of_page(source, format_id, page)
    with pytest.raises(Refusal, match="M-009"):
        queries.text_of_page(jpeg(), "fmt/43", 0)


def spoken_pdf(words: str) -> bytes:
    import pikepdf

    def speak(document: pikepdf.Pdf) -> None:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        document.pages[0].obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        document.pages[0].Contents = document.make_stream(f"BT /F1 24 Tf 72 700 Td ({words}) Tj ET".encode())

    return pdf(1, speak)


# --- the page for archivists ---


def test_the_reference_page_names_every_flag_and_every_own_id() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/formats.md").read_text(encoding="utf-8")
    words = queries._words()

    for code, said in words.items():
        assert f"| {code} | {said['zh_name']}" in page and said["en_name"] in page
    assert {"anjuan/ofd", "anjuan/unknown", "x-fmt/111", "fmt/353"} <= set(re.findall(r"`([\w/-]+)`", page))
