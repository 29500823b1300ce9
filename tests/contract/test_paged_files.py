"""How PDF and OFD files are built: pages that cannot be drawn, fonts left behind, and what reaches outside the file."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from anjuan.core.detection.facts import FormFacts
from anjuan.core.reading.pages import turned
from anjuan.facilities.formats import actions, queries
from anjuan.facilities.formats.backends import form_check
from tests.desk.test_searchable_pdf import LINES, composed, paper
from tests.seal_builders import packed, parts_of
from tests.unit.format_builders import PAGE, SPACE, ofd, page_of, pdf, picture

pytestmark = pytest.mark.django_db
DIGEST = "ab" * 64


def looked_at(octets: bytes, tmp_path: Path) -> FormFacts:
    path = tmp_path / "file"
    path.write_bytes(octets)
    actions.check_form(path=path, sha512=DIGEST)
    return queries.forms_of([DIGEST])[DIGEST]


def font(**more: pikepdf.Object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.TrueType, BaseFont=pikepdf.Name("/SimSun"), **more
    )


def with_font(made: Callable[[pikepdf.Pdf], pikepdf.Dictionary], *, has_picture: bool = False) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=made(document)))
        if has_picture:
            image = pikepdf.Stream(document, picture().convert("L").tobytes())
            image.stream_dict = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=320, Height=200,
                ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
            )  # fmt: skip
            resources.XObject = pikepdf.Dictionary(Im=image)
        document.pages[0].obj.Resources = resources

    return pdf(2, change)


def carried(document: pikepdf.Pdf) -> pikepdf.Dictionary:
    described = pikepdf.Dictionary(Type=pikepdf.Name.FontDescriptor, FontFile2=document.make_stream(b"glyphs"))
    return font(FontDescriptor=described)


def test_a_file_that_carries_everything_is_whole(tmp_path: Path) -> None:
    assert looked_at(pdf(3), tmp_path) == FormFacts(3)
    assert looked_at(with_font(carried), tmp_path) == FormFacts(2)
    assert looked_at(ofd(2), tmp_path) == FormFacts(2)


def test_a_font_left_behind_is_named_and_a_scan_under_it_makes_it_less_grave(tmp_path: Path) -> None:
    bare = looked_at(with_font(lambda _: font()), tmp_path)
    assert (bare.loose_fonts, bare.has_loose_text) == (("SimSun",), True)
    scanned = looked_at(with_font(lambda _: font(), has_picture=True), tmp_path)
    assert (scanned.loose_fonts, scanned.has_loose_text) == (("SimSun",), False)

    composed = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type0, BaseFont=pikepdf.Name("/Hei"))
    composed.DescendantFonts = pikepdf.Array([font()])
    assert looked_at(with_font(lambda _: composed), tmp_path).loose_fonts == ("Hei",)


@pytest.mark.parametrize(
    ("action", "reaches", "links"),
    [
        ({"S": pikepdf.Name.URI, "URI": "https://example.invalid"}, (), 1),
        ({"S": pikepdf.Name.GoToR, "F": "other.pdf"}, ("GoToR",), 0),
        ({"S": pikepdf.Name.Launch, "F": "calc"}, ("Launch",), 0),
        ({"S": pikepdf.Name.SubmitForm, "F": "https://example.invalid"}, ("SubmitForm",), 0),
        ({"S": pikepdf.Name.JavaScript, "JS": "app.alert(1)"}, ("JavaScript",), 0),
    ],
    ids=["URI", "GoToR", "Launch", "SubmitForm", "JavaScript"],
)
def test_what_reaches_outside_the_file_is_named(
    tmp_path: Path, action: dict[str, object], reaches: tuple[str, ...], links: int
) -> None:
    octets = pdf(1, lambda document: document.Root.__setattr__("OpenAction", pikepdf.Dictionary(**action)))
    found = looked_at(octets, tmp_path)

    assert (found.reaches, found.links) == (reaches, links)


def test_content_that_lies_in_another_file_is_named(tmp_path: Path) -> None:
    def change(document: pikepdf.Pdf) -> None:
        outside = document.make_stream(b"")
        outside.F = "picture.jpg"
        document.Root.Outside = outside

    assert looked_at(pdf(1, change), tmp_path).reaches == ("external stream",)


def test_an_ofd_says_the_same_of_its_fonts_its_media_and_its_links(tmp_path: Path) -> None:
    parts = parts_of(ofd())
    parts["Doc_0/Document.xml"] = parts["Doc_0/Document.xml"].replace(
        b"<ofd:PageArea>", b"<ofd:PublicRes>Res.xml</ofd:PublicRes><ofd:PageArea>"
    )
    resources = (
        f'<ofd:Res xmlns:ofd="{SPACE}" BaseLoc="Res"><ofd:Fonts><ofd:Font ID="1" FontName="仿宋"/>'
        '<ofd:Font ID="2" FontName="宋体"><ofd:FontFile>song.ttf</ofd:FontFile></ofd:Font></ofd:Fonts><ofd:MultiMedias>'
        '<ofd:MultiMedia ID="3" Type="Image"><ofd:MediaFile>gone.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'
        "</ofd:Res>"
    )
    parts["Doc_0/Res.xml"] = resources.encode()
    parts["Doc_0/Res/song.ttf"] = b"glyphs"
    parts[PAGE] = page_of(
        '<ofd:TextObject ID="9" Boundary="0 0 9 9" Size="5"><ofd:Actions><ofd:Action Event="CLICK">'
        '<ofd:URI URI="https://example.invalid"/></ofd:Action></ofd:Actions><ofd:TextCode X="0" Y="5">一</ofd:TextCode>'
        "</ofd:TextObject>"
    )
    found = looked_at(packed(parts), tmp_path)

    assert (found.loose_fonts, found.has_loose_text) == (("仿宋",), True)
    assert (found.reaches, found.links, found.undrawn) == (("gone.png",), 1, ())


def test_looking_again_replaces_what_was_kept_and_other_formats_have_no_form(tmp_path: Path) -> None:
    looked_at(pdf(1), tmp_path)
    assert looked_at(pdf(4), tmp_path).pages == 4

    path = tmp_path / "text"
    path.write_text("一行字\n" * 3, encoding="utf-8")
    actions.check_form(path=path, sha512="cd" * 64)
    assert queries.forms_of(["cd" * 64]) == {}


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_text_that_a_page_carries_is_told_with_its_place_as_the_page_is_shown(tmp_path: Path, turn: int) -> None:
    made, _ = composed(tmp_path, paper(), "a.jpg", "image/jpeg", 0, dpi=(100, 100))
    with pikepdf.open(io.BytesIO(made)) as document:
        for page in document.pages:
            page.rotate(turn, relative=False)
        document.save(tmp_path / "turned.pdf")

    found = looked_at((tmp_path / "turned.pdf").read_bytes(), tmp_path)

    (text,) = found.texts  # the first page is empty
    assert text.page_no == 2
    # Of words that stand head down PDFium gives the runs of a line in the other order: the letters are the same.
    told = [sorted("".join(words.split())) for words, _ in text.lines]
    assert told == [sorted("".join(line.text.split())) for line in LINES]
    for (_, box), line in zip(text.lines, LINES, strict=True):
        assert box == pytest.approx(turned(line.box, turn), abs=0.02)
    assert form_check.from_kept(json.loads(json.dumps(form_check.as_kept(found)))) == found
