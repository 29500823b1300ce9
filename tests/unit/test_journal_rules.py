"""How an entry is committed to and spelled as a leaf."""

import dataclasses
import datetime as dt
import hashlib
import json

import pytest

from anjuan.core.merkle import tree
from anjuan.foundation.journal import rules
from anjuan.foundation.journal.rules import Facts

FACTS = Facts(
    uid="ab" * 16,
    position=7,
    at=dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
    act="intake.register",
    unit="urn:uuid:0",
    staff_code="bh01",
    agency_code="BH",
    commitments={"title": "00" * 32},
    members_root="",
    members_count=0,
)


def test_a_commitment_is_sha_256_of_salt_and_value() -> None:
    assert rules.commitment(b"s" * 16, "养老") == hashlib.sha256(b"s" * 16 + "养老".encode()).hexdigest()


def test_the_same_value_under_another_salt_is_another_commitment() -> None:
    assert rules.commitment(b"a" * 16, "x") != rules.commitment(b"b" * 16, "x")


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_salt_has_sixteen_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        rules.commitment(b"s" * length, "x")


def test_a_leaf_is_canonical_json_of_the_entry_without_any_value() -> None:
    assert json.loads(rules.leaf(FACTS)) == {
        "format": "anjuan-entry-v1",
        "sequence": 7,
        "uid": "ab" * 16,
        "at": "2026-01-02T03:04:05.000006Z",
        "act": "intake.register",
        "unit": "urn:uuid:0",
        "staff": "bh01",
        "agency": "BH",
        "fields": {"title": "sha256:" + "00" * 32},
    }


def test_a_moment_is_spelled_in_utc_whatever_zone_it_came_in() -> None:
    shanghai = FACTS.at.astimezone(dt.timezone(dt.timedelta(hours=8)))

    assert rules.leaf(dataclasses.replace(FACTS, at=shanghai)) == rules.leaf(FACTS)


@pytest.mark.parametrize(
    "changed",
    [
        {"uid": "cd" * 16},
        {"position": 8},
        {"at": FACTS.at + dt.timedelta(microseconds=1)},
        {"act": "intake.submit"},
        {"unit": "urn:uuid:1"},
        {"staff_code": "bh02"},
        {"agency_code": "SJ"},
        {"commitments": {}},
        {"members_root": "11" * 32, "members_count": 1},
    ],
    ids=str,
)
def test_whatever_is_changed_in_an_entry_changes_its_leaf(changed: dict[str, object]) -> None:
    assert rules.leaf(dataclasses.replace(FACTS, **changed)) != rules.leaf(FACTS)  # type: ignore[arg-type]


def test_the_members_root_is_a_merkle_root_over_canonical_pairs() -> None:
    members = [("urn:a", "11"), ("urn:b", "22"), ("urn:c", "33")]

    leaves = [tree.leaf_hash(json.dumps(list(pair), separators=(",", ":")).encode()) for pair in members]

    assert rules.members_root(members) == tree.root(leaves).hex()
    assert rules.members_root(members) != rules.members_root(list(reversed(members)))
