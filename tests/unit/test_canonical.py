"""One spelling for one value."""

import hashlib
from typing import Any

import pytest

from anjuan.core import canonical


def test_keys_are_in_code_point_order_without_white_space_in_utf_8() -> None:
    spelled = canonical.spell({"题名": "养老", "b": [1, True, None], "a": {"z": "", "y": -5}})

    assert spelled == '{"a":{"y":-5,"z":""},"b":[1,true,null],"题名":"养老"}'.encode()


def test_the_order_in_which_facts_are_given_does_not_count() -> None:
    one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}

    assert canonical.digest(one) == canonical.digest(other) == hashlib.sha256(b'{"a":1,"b":2}').hexdigest()


def test_a_tuple_is_spelled_as_a_list() -> None:
    assert canonical.spell(("a", 1)) == canonical.spell(["a", 1])


def test_rare_characters_stand_as_they_are() -> None:
    assert canonical.spell("𠮷\u0001") == '"𠮷\\u0001"'.encode()


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, {1: "a"}, {None: 1}, b"bytes", {"a": object()}, {"s": {1, 2}}])
def test_what_has_no_single_spelling_is_a_fault(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical.spell(value)
