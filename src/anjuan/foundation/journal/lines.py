"""What a line of the journal on disk says, and whether it is what the log committed to (日志副本核对)."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from anjuan.foundation.journal import rules


def agrees(line: Mapping[str, Any], leaf: bytes) -> bool:
    """Whether a line of the journal on disk is what a leaf committed to: entry, values, members, rows and images."""
    try:
        if line.get("bare"):
            return bool(json.loads(leaf)["uid"] == line["uid"])
        facts = facts_of(line)
        if rules.leaf(facts) != leaf:
            return False
        for name, (salt, value) in line["values"].items():
            ordinal, dot, field = name.partition(".")
            committed = line["members"][int(ordinal)][2][field] if dot else facts.commitments[name]
            if rules.commitment(bytes.fromhex(salt), value) != committed:
                return False
        for _, digest, told in line["members"]:
            if told is not None and rules.member_digest(told) != digest:
                return False
        shapes = line["shapes"]
        if any(rules.shape_no(table, columns) != int(no) for no, (table, columns) in shapes.items()):
            return False
        return all(_row_agrees(row, shapes) for row in line["rows"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return False


def _row_agrees(row: Sequence[Any], shapes: Mapping[str, Any]) -> bool:
    ref, shape_no, digest, sm3, salt, text = row
    table, columns = shapes[str(shape_no)]
    if ref.partition(":")[0] != table:
        return False
    if text is None:
        return True
    octets = bytes.fromhex(salt)
    return bool(
        rules.commitment(octets, text) == digest
        and rules.commitment_sm3(octets, text) == sm3
        and (text == rules.GONE or sorted(json.loads(text)) == columns)
    )


def own_leaf(line: Mapping[str, Any]) -> bytes | None:
    """The leaf that a line spells itself, for one that the log has not taken yet; none if it cannot be read."""
    try:
        return rules.leaf(facts_of(line))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def facts_of(line: Mapping[str, Any]) -> rules.Facts:
    """The entry that a line of the journal on disk tells of; KeyError, TypeError or ValueError if it tells of none."""
    pairs = [(unit, digest) for unit, digest, _ in line["members"]]
    rows = line["rows"]
    return rules.Facts(
        uid=line["uid"],
        position=line["position"],
        at=dt.datetime.fromisoformat(line["at"]),
        act=line["act"],
        unit=line["unit"],
        staff_code=line["staff"],
        agency_code=line["agency"],
        commitments=line["commitments"],
        commitments_sm3=line["commitments_sm3"],
        members_root=rules.members_root(pairs) if pairs else "",
        members_sm3=rules.members_root_sm3(pairs) if pairs and line["version"] > 1 else "",
        members_count=len(pairs),
        rows_root=rules.members_root([(row[0], row[2]) for row in rows]) if rows else "",
        rows_sm3=rules.members_root_sm3([(row[0], row[3]) for row in rows]) if rows else "",
        rows_count=len(rows),
        version=line["version"],
    )
