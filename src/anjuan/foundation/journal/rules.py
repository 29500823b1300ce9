"""How an entry is spelled as a leaf of the log, and how its values are committed to."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anjuan.core import canonical
from anjuan.core.merkle import tree
from anjuan.core.sm3 import sm3

FIRST_FORMAT = "anjuan-entry-v1"  # before SM3 and the rows; entries written then keep their spelling
LEAF_FORMAT = "anjuan-entry-v2"
LEAF_VERSION = 2
OPENING_FORMAT = "anjuan-opening-v1"
SALT_BYTES = 16
SLOT_MINUTES = 15
PURPOSES = (
    "intake",
    "review",
    "filing",
    "inspection",
    "transfer",
    "certificates",
    "corrections",
    "linkage",
    "lives",
    "view",
)


@dataclass(frozen=True)
class Facts:
    """An entry as frozen values, for followers and pages.

    Attributes:
        position: its place in the journal, from 0.
        commitments, commitments_sm3: by field, hex, in both families.
        members_root, members_sm3, members_count: of a batch act.
        rows_root, rows_sm3, rows_count: of the rows that the act wrote.
        version: how its leaf is spelled; 1 knew neither SM3 nor rows.
    """

    uid: str
    position: int
    at: dt.datetime
    act: str
    unit: str
    staff_code: str
    agency_code: str
    commitments: Mapping[str, str]
    members_root: str
    members_count: int
    commitments_sm3: Mapping[str, str] = field(default_factory=dict)
    members_sm3: str = ""
    rows_root: str = ""
    rows_sm3: str = ""
    rows_count: int = 0
    version: int = LEAF_VERSION


@dataclass(frozen=True)
class Opening:
    """That a person opened a page of a record for a purpose (查阅): one line a person, page, purpose and quarter hour.

    Attributes:
        unit: URN of the item.
        purpose: the desk it was opened from, or ``view``.
        slot: the beginning of the quarter of an hour, UTC.
        component: the file.
        page: from 1; 0 for the whole file as it was captured.
        at: when it was first opened in that quarter, UTC.
    """

    staff_code: str
    agency_code: str
    unit: str
    purpose: str
    slot: dt.datetime
    component: int
    page: int
    at: dt.datetime

    @property
    def digest(self) -> str:
        """Hex digest of the line: what the journal keeps of it."""
        return canonical.digest(
            {
                "format": OPENING_FORMAT,
                "staff": self.staff_code,
                "agency": self.agency_code,
                "unit": self.unit,
                "purpose": self.purpose,
                "slot": self.slot.isoformat(),
                "component": self.component,
                "page": self.page,
                "at": self.at.isoformat(),
            }
        )


def slot_of(at: dt.datetime) -> dt.datetime:
    """The quarter of an hour that a moment lies in, UTC."""
    utc = at.astimezone(dt.UTC)
    return utc.replace(minute=utc.minute - utc.minute % SLOT_MINUTES, second=0, microsecond=0)


def commitment(salt: bytes, value: str) -> str:
    """Commit to a value without showing it: hex SHA-256(16-byte salt ‖ UTF-8 value).

    The salt is what keeps an ID number, of which there are few enough to try them all, from being guessed.
    """
    return hashlib.sha256(_salted(salt, value)).hexdigest()


def commitment_sm3(salt: bytes, value: str) -> str:
    """The same commitment in the other family: hex SM3(16-byte salt ‖ UTF-8 value) (decision 10)."""
    return sm3(_salted(salt, value)).hex()


def _salted(salt: bytes, value: str) -> bytes:
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 16 bytes")
    return salt + value.encode("utf-8")


def member_digest(commitments: Mapping[str, str]) -> str:
    """Hex digest of what a batch act says of one member: of its fields, spelled as they are in a leaf.

    A certificate shows one member's fields and proves them under the root; the other members stay a digest each.
    """
    return canonical.digest(spelled_fields(commitments))


def spelled_fields(commitments: Mapping[str, str], family: str = "sha256") -> dict[str, str]:
    """Commitments as they stand in the log, by field, with the name of their algorithm."""
    return {name: f"{family}:{value}" for name, value in commitments.items()}


def members_root(members: Sequence[tuple[str, str]]) -> str:
    """Hex Merkle root over pairs in canonical JSON: a batch act's units, or a deed's rows, with their digests."""
    return tree.root([tree.leaf_hash(canonical.spell([unit, digest])) for unit, digest in members]).hex()


def members_root_sm3(members: Sequence[tuple[str, str]]) -> str:
    """The same tree in the other family: RFC 9162's prefixes and shape, with SM3 in the place of SHA-256."""
    level = [sm3(b"\x00" + canonical.spell([unit, digest])) for unit, digest in members]
    while len(level) > 1:
        paired = [sm3(b"\x01" + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0].hex() if level else sm3(b"").hex()


def leaf(facts: Facts) -> bytes:
    """The bytes that stand in the log for an entry: no personal data, only commitments (decision 20)."""
    spelled: dict[str, object] = {
        "format": LEAF_FORMAT if facts.version > 1 else FIRST_FORMAT,
        "sequence": facts.position,
        "uid": facts.uid,
        "at": facts.at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "act": facts.act,
        "unit": facts.unit,
        "staff": facts.staff_code,
        "agency": facts.agency_code,
        "fields": spelled_fields(facts.commitments),
    }
    if facts.version > 1:
        spelled["fields_sm3"] = spelled_fields(facts.commitments_sm3, "sm3")
    if facts.members_count:
        spelled["members"] = _spelled_root(facts.members_root, facts.members_sm3, facts.members_count)
    if facts.rows_count:
        spelled["rows"] = _spelled_root(facts.rows_root, facts.rows_sm3, facts.rows_count)
    return canonical.spell(spelled)


def _spelled_root(root: str, root_sm3: str, count: int) -> dict[str, str | int]:
    spelled: dict[str, str | int] = {"root": f"sha256:{root}", "count": count}
    return spelled | {"sm3": f"sm3:{root_sm3}"} if root_sm3 else spelled


# --- rows that stand in the journal by their digests (decision 3: what the store does not hold, the journal does) ---

GONE = "null"  # the image of a row that was taken away


@dataclass(frozen=True)
class KeptTable:
    """A table whose every row has its digest in the journal line of the deed that wrote it (入志表).

    Attributes:
        model: label of its model, such as ``records.Item``.
        left_out: columns that are not records: secrets, and what changes without a deed.
        filled: what a rebuild puts into a column that is left out and has no default.
    """

    model: str
    left_out: frozenset[str] = frozenset()
    filled: Mapping[str, str] = field(default_factory=dict)


def row_ref(table: str, pk: int) -> str:
    """How a row is named in the journal: ``records_item:17``."""
    return f"{table}:{pk}"


def shape_no(table_name: str, columns: Sequence[str]) -> int:
    """The number of the columns that a table's images have: the same columns, the same number, wherever it is asked."""
    return int(canonical.digest([table_name, list(columns)])[:15], 16)


def columns_of(image_text: str) -> dict[str, object]:
    """The columns of an image, with floats as they were; the other way of `image`.

    Times and dates stay text, for the model's fields to read.
    """
    found: dict[str, object] = {name: _unspelled(value) for name, value in json.loads(image_text).items()}
    return found


def _unspelled(value: object) -> object:
    if isinstance(value, list):
        return [_unspelled(part) for part in value]
    if isinstance(value, dict):
        if value.keys() == {"float"}:
            return float(value["float"])
        return {name: _unspelled(part) for name, part in value.items()}
    return value


def image(values: Mapping[str, object]) -> str:
    """A row as canonical JSON of its columns (行映像): one row, one spelling, on either engine."""
    return canonical.spell({name: _plain(value) for name, value in values.items()}).decode("utf-8")


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return {"float": repr(value)}  # canonical JSON knows no floats; Python's shortest form is exact
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        if value.keys() == {"float"}:
            raise TypeError("an object whose only part is called float is how a float is spelled")
        return {str(name): _plain(part) for name, part in value.items()}
    raise TypeError(f"a column of kind {type(value).__name__} has no spelling in the journal")
