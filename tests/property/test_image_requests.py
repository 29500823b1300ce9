"""Any request gives a lawful plan or is refused; the size that is given is the one the standard's arithmetic says."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from anjuan.core.refusals import Refusal
from anjuan.facilities.viewer.rules.images import Limits, PageSize, Plan, plan

LIMITS = Limits(width=3000, height=2500, area=4_000_000)
sides = st.integers(1, 5000)
pages = st.builds(PageSize, sides, sides)
numbers = st.one_of(
    st.integers(0, 6000).map(str),
    st.decimals(0, 120, places=2).map(str),
    st.sampled_from(["-1", "nan", "1e9", "٣", ""]),
)
regions = st.one_of(
    st.sampled_from(["full", "square", "pct:0,0,100,100", "all"]),
    st.tuples(numbers, numbers, numbers, numbers).map(",".join),
    st.tuples(numbers, numbers, numbers, numbers).map(lambda parts: "pct:" + ",".join(parts)),
)
sizes = st.tuples(
    st.sampled_from(["", "^", "!", "^!", "^^"]),
    st.one_of(st.just("max"), numbers.map(lambda share: f"pct:{share}"), st.tuples(numbers, numbers).map(",".join)),
).map("".join)
rotations = st.one_of(st.sampled_from(["0", "90", "180", "270", "!90", "360", "45"]), numbers)
lasts = st.sampled_from(["default.jpg", "gray.png", "bitonal.png", "color.jpg", "default.webp", "x.jpg", "default"])
requests = st.one_of(st.tuples(regions, sizes, rotations, lasts).map("/".join), st.text(max_size=60))


def planned(asked: str, page: PageSize) -> Plan | None:
    try:
        return plan(asked, page, LIMITS)
    except Refusal as refusal:
        assert refusal.code in ("M-026", "M-027", "M-028")
        return None


@given(requests, pages)
def test_any_request_gives_a_lawful_plan_or_a_refusal(asked: str, page: PageSize) -> None:
    found = planned(asked, page)
    if found is None:
        return

    assert 0 <= found.left < found.left + found.width <= page.width
    assert 0 <= found.top < found.top + found.height <= page.height
    assert 1 <= found.out_width <= LIMITS.width and 1 <= found.out_height <= LIMITS.height
    assert found.out_width * found.out_height <= LIMITS.area
    if not asked.split("/")[1].startswith("^"):
        assert found.out_width <= found.width and found.out_height <= found.height
    again = planned(found.canonical, page)
    assert again is not None and again.canonical == found.canonical
    assert (again.width, again.height, again.answer_size) == (found.width, found.height, found.answer_size)


@given(pages, st.integers(1, 3000))
def test_a_width_alone_keeps_the_shape_to_the_nearest_pixel(page: PageSize, width: int) -> None:
    found = planned(f"full/{width},/0/default.jpg", page)
    if found is None:
        return

    exact = Fraction(page.height * width, page.width)
    assert found.out_width == width
    assert found.out_height == 1 or abs(found.out_height - exact) <= Fraction(1, 2)


@given(pages, st.integers(1, 4000), st.integers(1, 4000), st.booleans())
def test_a_confined_size_is_the_largest_that_fits(page: PageSize, width: int, height: int, grows: bool) -> None:
    found = planned(f"full/{'^' if grows else ''}!{width},{height}/0/default.jpg", page)

    assert found is not None
    assert found.out_width <= width and found.out_height <= height
    touches = found.out_width in (width, LIMITS.width, page.width) or found.out_height in (
        height,
        LIMITS.height,
        page.height,
    )
    wider = (found.out_width + 1) * (found.out_height + 1)
    assert touches or wider >= LIMITS.area
