"""How an entry is spelled as a leaf of the log, and how its values are committed to."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import canonical
from anjuan.core.merkle import tree

LEAF_FORMAT = "anjuan-entry-v1"
OPENING_FORMAT = "anjuan-opening-v1"
SALT_BYTES = 16
SLOT_MINUTES = 15
PURPOSES = ("intake", "review", "filing", "inspection", "transfer", "certificates", "corrections", "view")


@dataclass(frozen=True)
class Facts:
    """An entry as frozen values, for followers and pages."""

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
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 16 bytes")
    return hashlib.sha256(salt + value.encode("utf-8")).hexdigest()


def member_digest(commitments: Mapping[str, str]) -> str:
    """Hex digest of what a batch act says of one member: of its fields, spelled as they are in a leaf.

    A certificate shows one member's fields and proves them under the root; the other members stay a digest each.
    """
    return canonical.digest(spelled_fields(commitments))


def spelled_fields(commitments: Mapping[str, str]) -> dict[str, str]:
    """Commitments as they stand in the log, by field, with the name of their algorithm."""
    return {name: f"sha256:{value}" for name, value in commitments.items()}


def members_root(members: Sequence[tuple[str, str]]) -> str:
    """Hex Merkle root over a batch act's members, each spelled as canonical JSON of its unit and digest."""
    return tree.root([tree.leaf_hash(canonical.spell([unit, digest])) for unit, digest in members]).hex()


def leaf(facts: Facts) -> bytes:
    """The bytes that stand in the log for an entry: no personal data, only commitments (decision 20)."""
    spelled: dict[str, object] = {
        "format": LEAF_FORMAT,
        "sequence": facts.position,
        "uid": facts.uid,
        "at": facts.at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "act": facts.act,
        "unit": facts.unit,
        "staff": facts.staff_code,
        "agency": facts.agency_code,
        "fields": spelled_fields(facts.commitments),
    }
    if facts.members_count:
        spelled["members"] = {"root": f"sha256:{facts.members_root}", "count": facts.members_count}
    return canonical.spell(spelled)
