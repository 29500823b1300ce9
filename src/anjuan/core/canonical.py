"""One spelling for one value: canonical JSON, so that the same facts always give the same digest.

A subset of RFC 8785: objects with string keys in code-point order, no white space, UTF-8, integers only (no floats),
strings in NFC as given. What cannot be spelled that way is a fault of the caller.
"""

import hashlib
import json
from typing import Any


def spell(value: Any) -> bytes:
    """Canonical bytes of a JSON value.

    Raises:
        TypeError: a float or a key that is not text, which have no single spelling here.
    """
    _admit(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def digest(value: Any) -> str:
    """Lower-case hex SHA-256 of the canonical bytes."""
    return hashlib.sha256(spell(value)).hexdigest()


def _admit(value: Any) -> None:
    if value is None or isinstance(value, bool | int | str):
        return
    if isinstance(value, list | tuple):
        for part in value:
            _admit(part)
        return
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key must be text, not {type(key).__name__}")
            _admit(part)
        return
    raise TypeError(f"{type(value).__name__} has no canonical spelling")
