"""What the name of an image says of its record, without a database."""

import pytest

from anjuan.desks.intake.rules.attaching import Fate, Image, Target, judge, read

CODE = "J001-ZY·SB·01·2019·BH-0001-003"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"{CODE}-002.jpg", (CODE, 2)),
        (f"批/{CODE}-002.jpg", (CODE, 2)),
        (f"{CODE}/002.jpg", (CODE, 2)),
        (f"批\\{CODE}\\12.TIF", (CODE, 12)),
        (f"{CODE.replace('·', '•')}_7.jpg", (CODE, 7)),
        ("扫描002.jpg", ("", 0)),
        ("002.jpg", ("", 0)),
        ("", ("", 0)),
    ],
)
def test_a_name_says_code_and_page_or_nothing(name: str, said: tuple[str, int]) -> None:
    assert read(name) == said


def test_hits_and_misses_are_told_apart_and_pages_that_would_not_agree_are_named() -> None:
    target = Target("urn:1", "t", 3, 1, True, "MAIN_FORM", frozenset({(f"{CODE}-001.jpg", "old")}))
    closed = Target("urn:2", "t", 1, 0, False, "MAIN_FORM", frozenset())
    names = [
        f"{CODE}-002.jpg",
        f"{CODE}-001.jpg",
        f"{CODE}-9.jpg",
        "x.jpg",
        "Q999-1.jpg",
        "C002-1.jpg",
        f"{CODE}-2.tif",
    ]
    digests = ["a", "b", "old", "c", "d", "e", "f"]
    images = [Image(at, *pair) for at, pair in enumerate(zip(names, digests, strict=True), 1)]

    report = judge(images, {CODE: target, "C002": closed})

    assert [one.fate for one in report.judged] == [
        Fate.HIT,
        Fate.CONFLICT,
        Fate.TWIN,
        Fate.NO_CODE,
        Fate.UNKNOWN,
        Fate.CLOSED,
        Fate.CONFLICT,
    ]
    assert report.codes == (CODE,)
    assert report.short == ((CODE, 3, 2),)


def test_equal_pages_are_asked_about_and_a_page_that_came_twice_is_not() -> None:
    target = Target("urn:1", "t", 4, 1, True, "MAIN_FORM", frozenset({(f"{CODE}-001.jpg", "front")}))
    named = [("-001", "front"), ("-002", "back"), ("-003", "page"), ("-004", "back"), ("-005", "front")]
    images = [Image(at, f"{CODE}{page}.jpg", digest) for at, (page, digest) in enumerate(named, 1)]
    images.append(Image(6, f"again/{CODE}-003.jpg", "page"))
    hit, twin, repeat = Fate.HIT, Fate.TWIN, Fate.REPEAT

    asked = judge(images, {CODE: target})
    said = judge(images, {CODE: target}, takes_twins=True)

    assert [one.fate for one in asked.judged] == [repeat, hit, hit, twin, twin, repeat]
    assert [one.fate for one in said.judged] == [repeat, hit, hit, hit, hit, repeat]
