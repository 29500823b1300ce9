"""档号: one grammar composes, reads, orders and judges."""

import pytest

from anjuan.core import refcode
from anjuan.core.refusals import Refusal

VALUES: dict[str, str | int] = {
    "fonds": "J001",
    "category": "03",
    "year": "2024",
    "agency": "BH",
    "volume": 17,
    "item": 5,
}


def default() -> refcode.Template:
    return refcode.template(refcode.DEFAULT_TEMPLATE)


@pytest.mark.acceptance("STD-5")
def test_a_volume_and_its_item_are_numbered_by_the_default_rule() -> None:
    rule = default()

    assert refcode.compose(rule, "volume", VALUES) == "J001-ZY·SB·03·2024·BH-0017"
    assert refcode.compose(rule, "item", VALUES) == "J001-ZY·SB·03·2024·BH-0017-005"


@pytest.mark.acceptance("STD-5")
def test_a_code_is_read_at_whatever_level_it_stands() -> None:
    rule = default()

    volume = refcode.parse(rule, "J001-ZY·SB·03·2024·BH-0017")
    item = refcode.parse(rule, "J001-ZY·SB·03·2024·BH-0017-005")

    assert dict(volume.values) == {
        "fonds": "J001", "category": "03", "year": "2024", "agency": "BH", "volume": 17,
    }  # fmt: skip
    assert item.values["item"] == 5


@pytest.mark.acceptance("STD-5")
@pytest.mark.parametrize(
    "typed",
    [
        "j001-zy•sb•03•2024•bh-0017-005",
        "J001－ZY・SB・03・2024・BH－0017－005",
        "Ｊ００１-ＺＹ·ＳＢ·０３·２０２４·ＢＨ-００１７-００５",
        " J001-ZY.SB.03.2024.BH-0017-005 ",
        "J001—ZY∙SB⋅03‧2024。BH–0017−005",
        "J001-ZY·SB·03·2024·BH - 0017 - 005",
    ],
)
def test_dots_hyphens_case_and_width_are_folded(typed: str) -> None:
    read = refcode.parse(default(), typed)

    assert read.text == "J001-ZY·SB·03·2024·BH-0017-005"


@pytest.mark.acceptance("STD-5")
@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "J001-ZY·SB·03·2024·BH-17",
        "J001-ZY·SB·03·2024·BH-0000",
        "J001-ZY·SB·03·2024·BH-0017-000",
        "J001-ZY·SB·03·2024·BH-00017",
        "J001-ZY·SB·3·2024·BH-0017",
        "J001-ZY·SB·03·1799·BH-0017",
        "J001-ZY·SB·03·2024·-0017",
        "J001-ZY·SB·03·2024·BH-0017-005-001",
        "001-ZY·SB·03·2024·BH-0017",
    ],
)
def test_what_does_not_follow_the_rule_is_f_005(wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        refcode.parse(default(), wrong)

    assert caught.value.code == "F-005"


@pytest.mark.acceptance("STD-5")
@pytest.mark.parametrize(
    "text",
    [
        "{fonds}·{category}·{year}·{agency}{volume:4}",  # where does the agency end?
        "{fonds}·{category}·{year}·{agency}A{volume:4}",  # an A may stand in the agency too
        "{fonds}·{category}·{year}·{line}{volume:4}",
        "{fonds}·{category}·{year}·{volume:4}{item:3}",
        "{fonds}·{category}·{agency}{year}-{volume:4}",
        "{fonds}·{category}·{term}{year}-{volume:4}",
        "{fonds}·{category}·{year}{volume:4}",
        "{fonds}·{category}·{year}·{volume:4}-{item:3}{page:3}",
    ],
)
def test_a_template_that_could_be_read_in_two_ways_is_f_002(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        refcode.template(text)

    assert caught.value.code == "F-002"


@pytest.mark.acceptance("STD-5")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "J001-0001",
        "{fonds}-{category}·{year}",  # no number
        "{fonds}-{year}-{volume:4}",  # no category
        "{category}·{year}-{volume:4}",  # no fonds
        "{fonds}-{category}-{volume:4}",  # no year
        "{fonds}-{category}·{year}-{volume}",  # no width
        "{fonds}-{category:2}·{year}-{volume:4}",  # a width where none belongs
        "{fonds}-{category}·{year}·{box}-{volume:4}",  # unknown
        "{fonds}-{category}·{year}·{year}-{volume:4}",  # doubled
        "{fonds}-{category}·{year}-{item:3}-{volume:4}",  # upside down
        "{fonds}-{volume:4}-{category}·{year}",  # numbers come last
        "{fonds}-{category}·{year}-{volume:0}",
        "{fonds}-{category}·{year}-{volume:4",
        "{fonds}-zy·{category}·{year}-{volume:4}",  # not in folded form
        "{fonds}-{category}•{year}-{volume:4}",
    ],
)
def test_a_template_that_is_not_well_formed_is_f_001(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        refcode.template(text)

    assert caught.value.code == "F-001"


@pytest.mark.acceptance("STD-5")
@pytest.mark.parametrize(
    ("level", "changed"),
    [
        ("volume", {"volume": 10_000}),
        ("item", {"item": 1000}),
        ("volume", {"volume": 0}),
        ("volume", {"volume": -1}),
        ("volume", {"volume": "17"}),
        ("volume", {"year": "1066"}),
        ("volume", {"category": "3"}),
        ("volume", {"agency": "B-H"}),
        ("volume", {"agency": "B·H"}),
        ("volume", {"fonds": "001"}),
    ],
)
def test_a_value_that_does_not_fit_or_has_outgrown_its_width_is_f_004(
    level: str, changed: dict[str, str | int]
) -> None:
    with pytest.raises(Refusal) as caught:
        refcode.compose(default(), level, VALUES | changed)

    assert caught.value.code == "F-004"


def test_a_missing_value_or_level_is_f_003() -> None:
    without = {name: value for name, value in VALUES.items() if name != "agency"}

    with pytest.raises(Refusal) as no_value:
        refcode.compose(default(), "volume", without)
    with pytest.raises(Refusal) as no_level:
        refcode.compose(default(), "page", VALUES)

    assert (no_value.value.code, no_level.value.code) == ("F-003", "F-003")


@pytest.mark.acceptance("STD-5")
def test_codes_sort_by_number_not_by_letter() -> None:
    rule = refcode.template("{fonds}·{category}·{year}-{volume:3}-{item:1}")
    written = ["J001·01·2024-002-9", "J001·01·2024-010-1", "J001·01·2023-999-9", "J001·01·2024-002-1"]

    ordered = sorted((refcode.parse(rule, text) for text in written), key=refcode.RefCode.order)

    assert [code.text for code in ordered] == [
        "J001·01·2023-999-9",
        "J001·01·2024-002-1",
        "J001·01·2024-002-9",
        "J001·01·2024-010-1",
    ]


def test_an_agency_may_be_written_in_chinese() -> None:
    text = refcode.compose(default(), "volume", VALUES | {"agency": "滨海"})

    assert refcode.parse(default(), text).values["agency"] == "滨海"


@pytest.mark.parametrize(
    ("numbers", "missing", "doubled"),
    [([], [], []), ([1, 2, 3], [], []), ([1, 3, 3, 6], [2, 4, 5], [3]), ([2], [1], [])],
)
def test_gaps_and_doubles_in_a_run_are_found(numbers: list[int], missing: list[int], doubled: list[int]) -> None:
    assert refcode.gaps(numbers) == (missing, doubled)


def test_what_comes_into_a_numbered_volume_later_takes_the_next_number_of_the_same_width() -> None:
    assert refcode.successor("J001-ZY·SB·01·2024·BH-0001-002", 3) == "J001-ZY·SB·01·2024·BH-0001-003"
    for code, number in (("J001-0001-002", 1000), ("J001-0001-002", 0), ("J001-X", 1)):
        with pytest.raises(Refusal) as caught:
            refcode.successor(code, number)
        assert caught.value.code == "F-004"
