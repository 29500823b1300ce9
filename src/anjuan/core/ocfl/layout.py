"""Where an object lies in the store (存储布局): extension 0004, two tuples of three digits (decision 24).

The path is worked out from the object's URN alone, so the store can be read without a database, and no name of a
person, a number or a page ever becomes a folder's name.

Standard: OCFL 1.1, 4; OCFL community extension 0004-hashed-n-tuple-storage-layout.
"""

import hashlib
import json
from collections.abc import Mapping

SPECIFICATION = "1.1"
ROOT_DECLARATION = f"0=ocfl_{SPECIFICATION}"
OBJECT_DECLARATION = f"0=ocfl_object_{SPECIFICATION}"
OBJECT_DECLARATION_BYTES = f"ocfl_object_{SPECIFICATION}\n".encode()
LAYOUT_EXTENSION = "0004-hashed-n-tuple-storage-layout"
TUPLE_SIZE = 3
TUPLES = 2


def object_path(urn: str) -> str:
    """The folder of an object, relative to the root of the store (对象路径).

    Args:
        urn: identifier of the object.

    Standard: extension 0004, Procedure.
    """
    digest = hashlib.sha256(urn.encode()).hexdigest()
    tuples = [digest[at * TUPLE_SIZE : (at + 1) * TUPLE_SIZE] for at in range(TUPLES)]
    return "/".join([*tuples, digest])


def _document(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def root_documents() -> Mapping[str, bytes]:
    """The files that make a folder a store, by path; the declaration last, since it says that all is there."""
    return {
        f"extensions/{LAYOUT_EXTENSION}/config.json": _document(
            {
                "extensionName": LAYOUT_EXTENSION,
                "digestAlgorithm": "sha256",
                "tupleSize": TUPLE_SIZE,
                "numberOfTuples": TUPLES,
                "shortObjectRoot": False,
            }
        ),
        "ocfl_layout.json": _document(
            {
                "extension": LAYOUT_EXTENSION,
                "description": (
                    "SHA-256 of the object identifier: two folders named by its first and next three hex digits, "
                    "then the object's folder named by the whole digest."
                ),
            }
        ),
        ROOT_DECLARATION: f"ocfl_{SPECIFICATION}\n".encode(),
    }
