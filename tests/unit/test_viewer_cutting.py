"""Cutting decoded pages, keeping a bounded number of them, and burning marks into copies."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageStat

from anjuan.facilities.viewer import rules
from anjuan.facilities.viewer.backends import cutting
from anjuan.facilities.viewer.backends.decoded import DecodedPages, Key
from anjuan.facilities.viewer.rules.images import Limits, PageSize, plan

PAGE = PageSize(400, 320)
RED, GREEN, BLUE, GREY = (200, 0, 0), (0, 160, 0), (0, 0, 200), (120, 120, 120)


def quarters() -> Image.Image:
    """Four colours: red and green above, blue and grey below."""
    page = Image.new("RGB", (400, 320))
    for place, colour in zip(((0, 0), (200, 0), (0, 160), (200, 160)), (RED, GREEN, BLUE, GREY), strict=True):
        page.paste(colour, (*place, place[0] + 200, place[1] + 160))
    return page


def given(asked: str, image: Image.Image | None = None) -> Image.Image:
    octets = cutting.cut(image or quarters(), PAGE, plan(asked, PAGE, Limits()))
    made = Image.open(io.BytesIO(octets))
    made.load()
    return made


def is_near(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = image.convert("RGB").getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 12 for one, other in zip(found, colour, strict=True))


@pytest.mark.parametrize("form", ["jpg", "png"])
def test_a_region_is_the_part_that_was_asked_for(form: str) -> None:
    made = given(f"200,0,200,160/max/0/default.{form}")

    assert made.size == (200, 160) and made.format == {"jpg": "JPEG", "png": "PNG"}[form]
    assert is_near(made, (100, 80), GREEN)


@pytest.mark.parametrize(
    ("asked", "size", "top_left"),
    [
        ("full/max/90/default.png", (320, 400), BLUE),
        ("full/max/180/default.png", (400, 320), GREY),
        ("full/max/270/default.png", (320, 400), GREEN),
        ("full/max/!0/default.png", (400, 320), GREEN),
        ("full/max/!90/default.png", (320, 400), GREY),
        ("full/100,/90/default.png", (80, 100), BLUE),
    ],
)
def test_it_is_mirrored_first_and_turned_clockwise(
    asked: str, size: tuple[int, int], top_left: tuple[int, int, int]
) -> None:
    made = given(asked)

    assert made.size == size
    assert is_near(made, (10, 10), top_left)


def test_qualities_are_what_they_are_called() -> None:
    assert given("full/max/0/color.png").mode == "RGB"
    assert given("full/max/0/gray.png").mode == "L"
    bitonal = given("full/max/0/bitonal.png")
    assert bitonal.mode == "1" and set(bitonal.convert("L").get_flattened_data()) <= {0, 255}
    assert given("full/max/0/bitonal.jpg").mode == "L"


@pytest.mark.parametrize("times", [2, 4, 8])
def test_a_page_decoded_smaller_gives_the_same_picture(times: int) -> None:
    asked = f"0,0,400,320/{400 // times},/0/default.png"

    apart = ImageChops.difference(given(asked), given(asked, quarters().reduce(times)))

    assert max(ImageStat.Stat(apart).mean) < 3


def decoder(seen: list[int], mode: str = "L") -> Callable[[int], Image.Image]:
    def decode(times: int) -> Image.Image:
        seen.append(times)
        return Image.new(mode, (80 // times, 80 // times))

    return decode


def key(name: str) -> Key:
    return name, 1, 0


def test_a_page_is_decoded_once_and_made_smaller_from_what_is_held() -> None:
    pages, seen = DecodedPages(100_000), list[int]()

    for shrink in (1, 1, 2, 8, 4):
        assert pages.get(key("a"), shrink, decoder(seen)).width == 80 // shrink

    assert seen == [1]


def test_what_is_held_stays_within_its_bytes_and_the_longest_unused_goes() -> None:
    pages, seen = DecodedPages(3 * 6400), list[int]()
    for name in ("a", "b", "c", "a", "d"):
        pages.get(key(name), 1, decoder(seen))
        assert pages.held_bytes <= pages.most_bytes
    assert len(seen) == 4

    pages.get(key("a"), 1, decoder(seen))
    assert len(seen) == 4
    pages.get(key("b"), 1, decoder(seen))
    assert len(seen) == 5


def test_a_thousand_pages_leave_no_more_than_the_bound() -> None:
    pages, seen = DecodedPages(5 * 6400), list[int]()

    for number in range(1000):
        pages.get(key(str(number)), 1, decoder(seen))

    assert pages.held_bytes == 5 * 6400 and len(pages._pages) == 5


def test_a_page_larger_than_the_bound_is_given_and_not_held() -> None:
    pages, seen = DecodedPages(100), list[int]()

    assert pages.get(key("a"), 1, decoder(seen, "RGB")).width == 80
    assert pages.held_bytes == 0


def test_a_mark_is_burnt_across_the_page_and_below_it() -> None:
    lines = rules.copy_lines(who="周敏 bh05 2026-11-22 09:30", reference="J001", page="3", reason="公证", practice=True)
    page = Image.new("L", (827, 1169), 255)

    marked = cutting.burnt(page, lines)

    assert marked.width == page.width and marked.height > page.height
    for top in (0, 400, 800):  # wherever somebody cuts, some of it is left
        part = marked.crop((0, top, 827, top + 369)).convert("L")
        assert ImageStat.Stat(part).extrema[0][0] < 235
    assert lines[0].startswith("演示 ") and "用途：公证" in lines[1]
    assert cutting.printed(page, lines, title="J001").startswith(b"%PDF")
