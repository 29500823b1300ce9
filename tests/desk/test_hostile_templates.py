"""Files that claim to be form templates and are none: refused with their code, and nothing is kept."""

import json

import pytest

from anjuan.core.reading.templates import FORMAT, MOST_FILE_BYTES, as_kept
from anjuan.facilities.reading.actions import templates as actions
from anjuan.facilities.reading.models import FormEdition
from tests.builders import refused
from tests.cast import Cast
from tests.template_stage import BOXES, shape

STEP, MATERIAL = "PERSON_REGISTRATION", "MAIN_FORM"
SHAPE = as_kept(shape(boxes=BOXES))
GOOD = {"format": FORMAT, "version": 1, "name": "x", **SHAPE}
BOX = SHAPE["boxes"][0]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe", b"[" * 100_000, b"[]", b'"x"', b"{}", b" " * (MOST_FILE_BYTES + 1),
        json.dumps({**GOOD, "version": 2}).encode(),
        json.dumps({**GOOD, "boxes": "x"}).encode(),
        json.dumps({**GOOD, "boxes": [BOX] * 61}).encode(),
        json.dumps({**GOOD, "anchors": SHAPE["anchors"] * 5}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "kind": "EXEC"}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "name": "PERSON"}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "required": "yes"}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "label": "x\u202ey"}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "label": "长" * 31}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "box": [0, 0, 2, 1]}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "box": [0, 0, -1, 1]}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "box": [True, 0, 1, 1]}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "box": [0, 0, 1]}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "box": [float("nan"), 0, 1, 1]}]}).encode(),
        json.dumps({**GOOD, "boxes": [{**BOX, "box": [float("inf"), 0, 1, 1]}]}).encode(),
        json.dumps({**GOOD, "page": {"width_mm": 1e9}}).encode(),
        json.dumps({**GOOD, "anchors": [{"words": "：", "box": [0, 0, 0.1, 0.1]}]}).encode(),
        json.dumps({**GOOD, "telling": [1]}).encode(),
        b'{"format": "' + FORMAT.encode() + b'", "version": 1, "boxes": [{"box": [1e999, 0, 1, 1]}]}',
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_its_code_and_leaves_nothing(cast: Cast, content: bytes) -> None:
    with refused("Y-080"):
        actions.take_template(
            occasion=cast.rule_keeper(), step_code=STEP, material_code=MATERIAL, name="x", content=content
        )

    assert not FormEdition.objects.exists()
