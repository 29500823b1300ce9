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
    target = Target("urn:1", "t", 3, 1, True, "MAIN_FORM", frozenset({"old"}), frozenset({f"{CODE}-001.jpg"}))
    closed = Target("urn:2", "t", 1, 0, False, "MAIN_FORM", frozenset(), frozenset())
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
        Fate.REPEAT,
        Fate.NO_CODE,
        Fate.UNKNOWN,
        Fate.CLOSED,
        Fate.CONFLICT,
    ]
    assert report.codes == (CODE,)
    assert report.short == ((CODE, 3, 2),)
