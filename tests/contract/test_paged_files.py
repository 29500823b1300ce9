"""How PDF and OFD files are built: pages that cannot be drawn, fonts left behind, and what reaches outside the file."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from anjuan.core.detection.facts import FormFacts
from anjuan.core.reading.pages import turned
from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.facilities.assurance.queries.facts import facts_of_loose
from anjuan.facilities.formats import actions, queries
from anjuan.facilities.formats.backends import form_check
from anjuan.records import queries as records
from anjuan.records.queries import judged
from tests import builders
from tests.cast import Cast
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


def scanned(
    *, words: bytes = b"", size: tuple[int, int] = (1240, 1754), page: tuple[float, float] = (595, 842)
) -> bytes:
    """A PDF of two pages, each a picture of that many pixels at 150 dots an inch on a page of that many points."""
    octets = io.BytesIO()
    sheets = [Image.new("RGB", size, (250, 250, shade)) for shade in (240, 250)]
    sheets[0].save(octets, "PDF", save_all=True, append_images=sheets[1:], resolution=150.0)
    with pikepdf.open(octets) as document:
        for one in document.pages:
            one.mediabox = pikepdf.Array([0, 0, *page])
            one.obj.Resources.Font = pikepdf.Dictionary(
                F1=pikepdf.Dictionary(
                    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
                )
            )
            if words:
                one.contents_add(words)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


UNSEEN, SEEN = b" BT 3 Tr /F1 12 Tf 50 700 Td (words) Tj ET ", b" BT 0 Tr /F1 12 Tf 50 700 Td (words) Tj ET "


def test_a_pdf_of_pictures_is_a_scan_with_and_without_words_that_nobody_sees(tmp_path: Path) -> None:
    assert looked_at(scanned(), tmp_path).is_scan
    assert looked_at(scanned(words=UNSEEN), tmp_path).is_scan


def test_what_was_made_on_a_computer_is_no_scan(tmp_path: Path) -> None:
    for octets in (
        scanned(words=SEEN),
        scanned(words=b" 50 50 200 100 re S "),
        scanned(page=(1190, 1684)),  # a picture on a part of the page
        pdf(2),
        ofd(1),
    ):
        assert not looked_at(octets, tmp_path).is_scan


def test_seals_are_asked_of_a_form_that_was_scanned_as_pdf(cast: Cast, tmp_path: Path) -> None:
    octets = scanned()
    urn = builders.register(cast)
    intake.capture(
        occasion=cast.occasion(Post.HANDLER),
        urn=urn,
        uploads=[builders.upload("MAIN_FORM", octets=octets, name="表.pdf")],
    )
    (item,) = judged.items_by_urn([urn]).values()
    (row,) = records.components_of([urn])[urn]
    assert not facts_of_loose([item], readings={})[0].items[0].files[0].is_scan  # nobody has looked at the file yet

    path = tmp_path / "form.pdf"
    path.write_bytes(octets)
    actions.check_form(path=path, sha512=row.sha512)

    assert facts_of_loose([item], readings={})[0].items[0].files[0].is_scan
