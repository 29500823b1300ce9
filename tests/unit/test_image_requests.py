"""Requests for regions: what is lawful, what is given, and what is refused with which code."""

import pytest

from anjuan.core.refusals import Refusal
from anjuan.facilities.viewer import rules
from anjuan.facilities.viewer.rules import images
from anjuan.facilities.viewer.rules.images import Limits, PageId, PageSize, plan

PAGE = PageSize(1000, 800)
LIMITS = Limits(width=1200, height=1200, area=1_200_000)


@pytest.mark.parametrize(
    ("asked", "region", "size", "canonical"),
    [
        ("full/max/0/default.jpg", (0, 0, 1000, 800), (1000, 800), "full/max/0/default.jpg"),
        ("square/max/0/default.jpg", (100, 0, 800, 800), (800, 800), "100,0,800,800/max/0/default.jpg"),
        ("10,20,30,40/max/0/default.png", (10, 20, 30, 40), (30, 40), "10,20,30,40/max/0/default.png"),
        ("900,700,500,500/max/0/default.jpg", (900, 700, 100, 100), (100, 100), "900,700,100,100/max/0/default.jpg"),
        ("0,0,1000,800/500,/0/gray.jpg", (0, 0, 1000, 800), (500, 400), "full/500,400/0/gray.jpg"),
        (
            "pct:25,25,50,50/,100/0/default.jpg",
            (250, 200, 500, 400),
            (125, 100),
            "250,200,500,400/125,100/0/default.jpg",
        ),
        ("pct:0,0,33.35,100/max/0/default.jpg", (0, 0, 334, 800), (334, 800), "0,0,334,800/max/0/default.jpg"),
        ("full/pct:12.5/0/default.jpg", (0, 0, 1000, 800), (125, 100), "full/125,100/0/default.jpg"),
        ("full/300,300/90/bitonal.png", (0, 0, 1000, 800), (300, 300), "full/300,300/90/bitonal.png"),
        ("full/!300,300/0/color.jpg", (0, 0, 1000, 800), (300, 240), "full/300,240/0/color.jpg"),
        ("full/!5000,5000/0/default.jpg", (0, 0, 1000, 800), (1000, 800), "full/max/0/default.jpg"),
        ("full/^!1100,1100/0/default.jpg", (0, 0, 1000, 800), (1100, 880), "full/^1100,880/0/default.jpg"),
        (
            "10,10,100,100/^200,/!180/default.jpg",
            (10, 10, 100, 100),
            (200, 200),
            "10,10,100,100/^200,200/!180/default.jpg",
        ),
        ("10,10,100,100/^max/0/default.jpg", (10, 10, 100, 100), (1095, 1095), "10,10,100,100/^max/0/default.jpg"),
        (
            "10,10,100,100/^pct:150/360/default.jpg",
            (10, 10, 100, 100),
            (150, 150),
            "10,10,100,100/^150,150/0/default.jpg",
        ),
        ("full/max/90.0/default.jpg", (0, 0, 1000, 800), (1000, 800), "full/max/90/default.jpg"),
    ],
)
def test_a_lawful_request_is_reckoned_as_the_standard_says(
    asked: str, region: tuple[int, ...], size: tuple[int, int], canonical: str
) -> None:
    found = plan(asked, PAGE, LIMITS)

    assert (found.left, found.top, found.width, found.height) == region
    assert (found.out_width, found.out_height) == size
    assert found.canonical == canonical
    again = plan(found.canonical, PAGE, LIMITS)
    assert (again.out_width, again.out_height, again.canonical) == (*size, canonical)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("", "M-026"),
        ("full", "M-026"),
        ("full/max/0", "M-026"),
        ("full/max/0/default", "M-026"),
        ("full/max/0/default.jpg/more", "M-026"),
        ("Full/max/0/default.jpg", "M-026"),
        ("-1,0,10,10/max/0/default.jpg", "M-026"),
        ("0,0,0,10/max/0/default.jpg", "M-026"),
        ("1000,0,10,10/max/0/default.jpg", "M-026"),
        ("0,0,1e3,10/max/0/default.jpg", "M-026"),
        ("٠,٠,١٠,١٠/max/0/default.jpg", "M-026"),
        ("０,0,10,10/max/0/default.jpg", "M-026"),
        ("pct:nan,0,10,10/max/0/default.jpg", "M-026"),
        ("pct:inf,0,10,10/max/0/default.jpg", "M-026"),
        ("pct:0,0,0,10/max/0/default.jpg", "M-026"),
        ("pct:100,0,10,10/max/0/default.jpg", "M-026"),
        ("99999999999999999999,0,1,1/max/0/default.jpg", "M-026"),
        ("0,0,10,10\n/max/0/default.jpg", "M-026"),
        ("full/full/0/default.jpg", "M-026"),
        ("full/,/0/default.jpg", "M-026"),
        ("full/0,/0/default.jpg", "M-026"),
        ("full/!300,/0/default.jpg", "M-026"),
        ("full/pct:0/0/default.jpg", "M-026"),
        ("full/pct:-5/0/default.jpg", "M-026"),
        ("full/1001,/0/default.jpg", "M-028"),
        ("full/pct:101/0/default.jpg", "M-028"),
        ("full/^1201,/0/default.jpg", "M-028"),
        ("full/^1200,1200/0/default.jpg", "M-028"),
        ("0,0,1,800/^9999999999,/0/default.jpg", "M-028"),
        ("full/max/-90/default.jpg", "M-026"),
        ("full/max/361/default.jpg", "M-026"),
        ("full/max/22.5/default.jpg", "M-027"),
        ("full/max/0/native.jpg", "M-026"),
        ("full/max/0/default.exe", "M-026"),
        ("full/max/0/default.webp", "M-027"),
        ("full/max/0/" + "a" * 400 + ".jpg", "M-026"),
    ],
)
def test_what_is_no_request_is_refused(asked: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        plan(asked, PAGE, LIMITS)

    assert caught.value.code == code
    assert caught.value.entry.status == (501 if code == "M-027" else 400)


@pytest.mark.parametrize(
    "text", ["", "1-1", "1-0-0", "0-1-0", "1-1-45", "-1-1-0", "1-1-0 ", "１-1-0", "1/1/0", "9" * 20]
)
def test_what_is_no_identifier_names_nothing(text: str) -> None:
    assert images.read_id(text) is None


def test_an_identifier_names_a_page_and_its_turn() -> None:
    assert images.read_id("17-3-90") == PageId(17, 3, 90)
    assert str(PageId(17, 3, 90)) == "17-3-90"
    assert PAGE.turned(90) == PageSize(800, 1000) and PAGE.turned(180) == PAGE


def test_a_page_is_decoded_no_finer_than_need_be() -> None:
    assert plan("full/500,/0/default.jpg", PAGE, LIMITS).shrink == 2
    assert plan("full/501,/0/default.jpg", PAGE, LIMITS).shrink == 1
    assert plan("full/,20/0/default.jpg", PAGE, LIMITS).shrink == 8
    assert plan("0,0,10,10/^50,/0/default.jpg", PAGE, LIMITS).shrink == 1


def test_only_a_whole_small_page_is_a_thumbnail() -> None:
    assert plan("full/,220/0/default.jpg", PAGE, LIMITS).is_thumbnail_of(PAGE)
    assert not plan("full/,221/0/default.jpg", PAGE, LIMITS).is_thumbnail_of(PAGE)
    assert not plan("0,0,100,100/max/0/default.jpg", PAGE, LIMITS).is_thumbnail_of(PAGE)


def test_the_description_offers_what_is_given() -> None:
    told = images.described("https://archive.example/iiif/3/1-1-0", PageSize(4960, 7016), Limits())

    assert told["profile"] == "level2" and told["type"] == "ImageService3"
    tiles = told["tiles"]
    assert tiles == [{"width": 1024, "height": 1024, "scaleFactors": [1, 2, 4, 8]}]
    sizes = told["sizes"]
    assert isinstance(sizes, list)
    for size in sizes:
        given = plan(f"full/{size['width']},{size['height']}/0/default.jpg", PageSize(4960, 7016), Limits())
        assert given.answer_size == (size["width"], size["height"])


def test_only_named_origins_cross_and_never_all_of_them() -> None:
    assert rules.may_cross("https://a.example", ("https://a.example",))
    assert not rules.may_cross("https://b.example", ("https://a.example",))
    assert (
        not rules.may_cross("*", ("*",)) and not rules.may_cross("null", ("null",)) and not rules.may_cross("", ("",))
    )


def test_words_of_an_address_are_taken_once_and_not_without_end() -> None:
    assert rules.words_to_mark(["退休", " 退休 ", "", "x" * 65]) == ("退休",)
    assert len(rules.words_to_mark([str(number) for number in range(500)])) == rules.MOST_WORDS
