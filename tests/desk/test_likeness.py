"""Pages scanned twice are linked and never dropped: the same bytes elsewhere, or what looks like the same sheet."""

import dataclasses
import io
import random
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from anjuan.core.terms import Post
from anjuan.demo import people, plan, press, story
from anjuan.demo.painting import sheet
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.actions import likeness, reuse
from anjuan.desks.intake.models import Likeness
from anjuan.desks.intake.queries import likeness as queries
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats.models import PageSignature
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast

SAMPLE = Path(story.__file__).parent / "sample"
FORM, CARD = (SAMPLE / name for name in ("010.jpg", "011.jpg"))


def scanned_again(path: Path, seed: int) -> bytes:
    """The same sheet under the scanner once more."""
    dice = random.Random(seed)
    with Image.open(path) as page:
        turned = page.convert("RGB").rotate(
            dice.uniform(-0.6, 0.6), fillcolor="white", translate=(dice.randint(-8, 8), 6)
        )
    octets = io.BytesIO()
    turned.filter(ImageFilter.GaussianBlur(0.6)).point([min(255, v + 6) for v in range(256)] * 3).save(
        octets, "JPEG", quality=60, dpi=(150, 150)
    )
    return octets.getvalue()


def filled(number: int) -> bytes:
    """One blank, filled for one person or for another."""
    cases = next(
        cases
        for group, cases in plan.cases(people.citizens()).items()
        if len(cases) > 1 and any(material == "MAIN_FORM" for material, _ in group.sheets)
    )
    return press.scan(
        dataclasses.replace(sheet(cases[number], "MAIN_FORM", 1, "滨海"), faults=frozenset()), seed=number
    )


def capture(cast: Cast, urn: str, octets: bytes, material: str = "MAIN_FORM") -> int:
    """Key of the captured file."""
    uploads = [builders.upload(material, octets=octets)]
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=uploads)
    return builders.components_of(urn)[-1].pk


def twins(cast: Cast, urn: str, post: Post = Post.HANDLER) -> list[queries.Twin]:
    return queries.twins(cast.actor(post), urn, builders.components_of(urn))


def page_of(cast: Cast, urn: str, page: int = 1) -> str:
    return cast.client(Post.HANDLER).get(f"/intake/{urn}/?page={page}").content.decode()


@pytest.mark.acceptance("S3-P2")
def test_ask_13_the_same_file_in_another_item_is_linked_and_kept(cast: Cast) -> None:
    earlier, later = builders.register(cast, "SL-1"), builders.register(cast, "SL-2", persons=(builders.person(2),))
    capture(cast, earlier, builders.jpeg(5))
    first = capture(cast, earlier, CARD.read_bytes(), "ID_CARD")

    second = capture(cast, later, CARD.read_bytes(), "ID_CARD")

    (one,) = twins(cast, later)
    assert (one.is_exact, one.component_pk, one.other_component_pk, one.reference, one.number) == (
        True,
        second,
        first,
        "SL-1",
        2,
    )
    page = page_of(cast, later)
    assert "文件完全相同" in page and "SL-1 第002页" in page and f"/intake/{earlier}/?page=2#pages" in page
    assert "不是同一页" not in page  # of the same bytes there is nothing to ask
    assert "SL-2 第001页" in page_of(cast, earlier, 2)


def test_what_was_taken_over_on_purpose_is_not_flagged_at_either_end(cast: Cast) -> None:
    earlier, later = builders.register(cast, "SL-1"), builders.register(cast, "SL-2")
    card = capture(cast, earlier, CARD.read_bytes(), "ID_CARD")
    reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=card)
    assert twins(cast, later) == twins(cast, earlier) == []


def test_what_he_may_not_see_is_not_named(cast: Cast) -> None:
    earlier, later = builders.register(cast, "SL-1"), builders.register(cast, "SL-2")
    capture(cast, earlier, CARD.read_bytes(), "ID_CARD")
    capture(cast, later, CARD.read_bytes(), "ID_CARD")
    assert queries.twins(cast.actor(Post.SECURITY_OFFICER), later, builders.components_of(later)) == []


@pytest.mark.acceptance("S3-P2")
def test_ask_13_a_sheet_that_is_scanned_twice_is_noticed_linked_and_answered(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1", paper_pages=3)
    first = capture(cast, urn, FORM.read_bytes())
    capture(cast, urn, CARD.read_bytes(), "ID_CARD")

    with one_line("intake.capture"):
        again = capture(cast, urn, scanned_again(FORM, 1))

    (one,) = twins(cast, urn)
    assert (one.is_exact, one.component_pk, one.other_component_pk, one.number) == (False, again, first, 1)
    assert len(builders.components_of(urn)) == 3  # linked, never dropped
    page = page_of(cast, urn, 3)
    assert "可能是同一页" in page and "本件第001页" in page and "不是同一页" in page
    assert "可能是同一页" not in page_of(cast, urn, 2)

    with one_line("intake.tell_apart"):
        assert likeness.tell_apart(occasion=cast.occasion(Post.HANDLER), likeness_pk=one.pk or 0) == urn

    assert twins(cast, urn) == [] and "可能是同一页" not in page_of(cast, urn, 3)
    assert len(builders.components_of(urn)) == 3
    with refused("L-001"):
        likeness.tell_apart(occasion=cast.occasion(Post.HANDLER), likeness_pk=one.pk or 0)


def test_taking_one_of_the_two_down_answers_it_as_well(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1")
    capture(cast, urn, FORM.read_bytes())
    again = capture(cast, urn, scanned_again(FORM, 2))
    assert twins(cast, urn)
    assert cast.client(Post.HANDLER).post(f"/intake/page/{again}/withdraw/").status_code == 302
    assert twins(cast, urn) == []


@pytest.mark.acceptance("S3-P2")
def test_pages_of_the_same_person_are_compared_and_nobody_elses(cast: Cast) -> None:
    earlier, later = builders.register(cast, "SL-1"), builders.register(cast, "SL-2")
    stranger = builders.register(cast, "SL-3", persons=(builders.person(9),))
    capture(cast, earlier, FORM.read_bytes())

    capture(cast, later, scanned_again(FORM, 3))
    capture(cast, stranger, scanned_again(FORM, 4))

    assert [one.reference for one in twins(cast, later)] == ["SL-1"] and twins(cast, stranger) == []


def test_other_forms_of_one_blank_and_blank_pages_are_left_in_peace(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1", paper_pages=4)
    capture(cast, urn, filled(0))
    capture(cast, urn, filled(1))
    for grey in (250, 252):
        octets = io.BytesIO()
        Image.new("L", (1240, 1754), grey).save(octets, "JPEG", dpi=(150, 150))
        capture(cast, urn, octets.getvalue(), "ID_CARD")
    assert not Likeness.objects.exists()


def test_a_better_scan_is_not_said_to_be_like_what_it_replaces(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1")
    first = capture(cast, urn, FORM.read_bytes())
    better = builders.upload("MAIN_FORM", octets=scanned_again(FORM, 5))
    intake.replace_page(occasion=cast.occasion(Post.HANDLER), component_pk=first, upload=better)
    assert not Likeness.objects.exists()


def test_two_scans_in_one_call_are_noticed_once(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1")
    pages = [builders.upload("MAIN_FORM", octets=octets) for octets in (FORM.read_bytes(), scanned_again(FORM, 6))]
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=pages)
    (one,) = twins(cast, urn)
    assert (one.number, one.other_component_pk) == (1, builders.components_of(urn)[0].pk)


def test_who_may_not_change_the_item_tells_nothing_apart(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1")
    capture(cast, urn, FORM.read_bytes())
    capture(cast, urn, scanned_again(FORM, 7))
    (one,) = twins(cast, urn)
    with refused("A-001"):
        likeness.tell_apart(occasion=cast.occasion(Post.REVIEWER), likeness_pk=one.pk or 0)
    with refused("R-009"):
        likeness.tell_apart(occasion=cast.occasion(Post.HANDLER), likeness_pk=10**6)
    assert cast.client(Post.REVIEWER).post(f"/intake/page/alike/{one.pk}/apart/").status_code == 403
    assert cast.client(Post.HANDLER).post(f"/intake/page/alike/{one.pk}/apart/").status_code == 302
    assert twins(cast, urn) == []


@pytest.mark.acceptance("S3-P2")
def test_the_reviewer_sees_what_looked_alike(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1", paper_pages=3)
    first = capture(cast, urn, FORM.read_bytes())
    capture(cast, urn, CARD.read_bytes(), "ID_CARD")
    capture(cast, urn, scanned_again(FORM, 8))
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    client = cast.client(Post.REVIEWER)

    assert f'hx-get="/intake/{urn}/twins/"' in client.get(f"/review/{urn}/").content.decode()
    part = client.get(f"/intake/{urn}/twins/").content.decode()

    assert "第 003 页" in part and "可能是同一页" in part and f"{first}/1/view.jpg" in part
    assert cast.client(Post.SECURITY_OFFICER).get(f"/intake/{urn}/twins/").status_code == 404


def test_a_program_reads_the_likes_and_tells_them_apart(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1")
    capture(cast, urn, FORM.read_bytes())
    capture(cast, urn, scanned_again(FORM, 9))
    client = cast.program(cast.actor(Post.HANDLER).staff_code)
    (one,) = client.get(f"/api/v1/intake/items/{urn}/twins").json()
    assert (one["is_exact"], one["number"], one["reference"]) == (False, 1, "SL-1")
    assert client.post(f"/api/v1/intake/likenesses/{one['pk']}/apart").status_code == 204
    assert client.get(f"/api/v1/intake/items/{urn}/twins").json() == []


def test_what_is_no_image_has_no_signature_and_one_that_lies_there_is_left(cast: Cast) -> None:
    assert formats.sketch_pages(path=SAMPLE / "005.pdf", sha512="0" * 128, pages=1) == []
    ((page, signature),) = formats.sketch_pages(path=FORM, sha512="0" * 128, pages=1)
    for _ in range(2):
        formats.keep_signatures(signatures={("b" * 128, page): signature})
    assert PageSignature.objects.get().page_no == 1


def test_what_was_told_apart_is_not_asked_again_when_it_comes_in_anew(cast: Cast) -> None:
    urn = builders.register(cast, "SL-1")
    capture(cast, urn, FORM.read_bytes())
    again = capture(cast, urn, scanned_again(FORM, 10))
    (one,) = twins(cast, urn)
    likeness.tell_apart(occasion=cast.occasion(Post.HANDLER), likeness_pk=one.pk or 0)
    intake.withdraw_page(occasion=cast.occasion(Post.HANDLER), component_pk=again)

    capture(cast, urn, scanned_again(FORM, 10))

    assert twins(cast, urn) == [] and Likeness.objects.count() == 1
