"""V09: the form of another step."""

from dataclasses import replace
from typing import Any

from anjuan.core.reading.said import PageSaid
from anjuan.core.reading.titles import Title
from tests.detection.builders import MAIN, UNSURE, Sample
from tests.detection.reading import said, told

OWN = (replace(MAIN, name="参保人员登记表"),)
OTHERS: dict[str, Any] = {"materials": OWN, "other_forms": ("失业待遇申领登记表", "缴费申报核定表")}


def _titled(*words: str) -> PageSaid:
    return said(titles=tuple(Title(one, 0.03) for one in words))


SAMPLES = tuple(
    Sample(says, told(page, **OTHERS), found, is_trap)
    for says, page, found, is_trap in (
        ("good", _titled("参保人员登记表"), (), False),
        ("another step's", _titled("缴费申报核定表"), (UNSURE,), False),
        ("a longer title of its own", _titled("社会保险参保人员登记表"), (), True),
        ("neither", _titled("本地业务审批表"), (), True),
        ("no title", _titled(), (), True),
    )
)
