"""A certificate made end to end by the archive's own rooms, for the tests of the verifier."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from anjuan.core import canonical
from anjuan.core.merkle.checkpoint import Checkpoint, encode_vkey, sign_note
from anjuan.core.merkle.proof import inclusion_path
from anjuan.core.merkle.tile import grow, node_reader
from anjuan.core.merkle.tree import leaf_hash, root
from anjuan.facilities.printing.queries import print_form
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.signing import actions

AT = dt.datetime(2026, 8, 1, 2, 0, tzinfo=dt.UTC)
AGENCY = "演示市社会保险档案馆"
ORIGIN = "log.example.invalid/anjuan"
EMPTY_TRUST = {"format": "anjuan-trust-v1", "agency": "", "practice": True, "certificate_authorities": [], "logs": []}
SALT = bytes(range(16))
LOG_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
LOG_VKEY = encode_vkey(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
FACTS = {"certificate_no": "CZ-2026-000123", "person_name": "王秀英", "record_digest": "ab" * 32, "purpose": "办理复核"}
FACTS["subject"] = "王秀英 999001197003120020"
FILE = {"reference_code": "J001-0001-001", "name": "001.jpg", "sha256": "cd" * 32, "pages": 1}

Evidence = dict[str, Any]
Change = Callable[[Evidence], None]


MEMBERS = [(f"urn:uuid:member-{at}", hashlib.sha256(b"%d" % at).hexdigest()) for at in range(5)]
MEMBER_HASHES = [leaf_hash(canonical.spell(list(member))) for member in MEMBERS]
RECORD = {"reference_code": "J001-0001-001", "name": "record.json", "sha256": MEMBERS[3][1], "pages": 0}
SUBJECT = "王秀英 999001197003120020"


def leaf(position: int, values: dict[str, str], act: str = "filing.seal") -> bytes:
    fields = {name: "sha256:" + hashlib.sha256(SALT + value.encode()).hexdigest() for name, value in values.items()}
    spelled: dict[str, Any] = {"format": "anjuan-entry-v1", "sequence": position, "act": act, "fields": fields}
    if act == "filing.seal":
        spelled["members"] = {"root": f"sha256:{root(MEMBER_HASHES).hex()}", "count": len(MEMBERS)}
    return canonical.spell(spelled)


def member(at: int) -> dict[str, Any]:
    def node(level: int, index: int) -> bytes:
        return root(MEMBER_HASHES[index << level : (index + 1) << level])

    path = inclusion_path(at, len(MEMBERS), node)
    unit, digest = MEMBERS[at]
    return {
        "unit": unit,
        "digest": digest,
        "ordinal": at,
        "path": [base64.b64encode(step).decode() for step in path],
    }


LEAVES = [leaf(at, {"note": f"第{at}条"}) for at in range(300)]
LEAVES[41] = leaf(41, {"record_digest": FACTS["record_digest"], "title": "退休待遇核定表"})
LEAVES[12] = leaf(12, {"person_1": "李梅 1", "person_2": SUBJECT}, act="intake.register")
LEAVES[299] = leaf(299, {"certificate_no": FACTS["certificate_no"], "person_name": FACTS["person_name"]})
HASHES = [leaf_hash(each) for each in LEAVES]
TILES = grow(0, HASHES, lambda _: None)


def note(key: ed25519.Ed25519PrivateKey = LOG_KEY, size: int = len(LEAVES), top: bytes | None = None) -> str:
    body = Checkpoint(ORIGIN, size, root(HASHES) if top is None else top).body()
    return sign_note(body, ORIGIN, key.public_key().public_bytes_raw(), key.sign)


def entry(index: int, disclosed: dict[str, str]) -> dict[str, Any]:
    path = inclusion_path(index, len(LEAVES), node_reader(len(LEAVES), TILES.get))
    return {
        "leaf": LEAVES[index].decode(),
        "index": index,
        "path": [base64.b64encode(step).decode() for step in path],
        "disclosed": {name: {"salt": SALT.hex(), "value": value} for name, value in disclosed.items()},
        "members": [member(3)] if index == 41 else [],
    }


def evidence() -> Evidence:
    return {
        "format": "anjuan-evidence-v1",
        "certificate_no": FACTS["certificate_no"],
        "facts": dict(FACTS),
        "checkpoint": note(),
        "entries": [
            entry(41, {"record_digest": FACTS["record_digest"]}),
            entry(299, {"certificate_no": FACTS["certificate_no"], "person_name": FACTS["person_name"]}),
            entry(12, {"person_2": SUBJECT}),
        ],
        "files": [dict(FILE), dict(RECORD)],
    }


def printed(content: bytes | None) -> bytes:
    facts = {
        "title": "查档证明", "certificate_no": FACTS["certificate_no"], "reader_name": "王秀英（本人）",
        "purpose": FACTS["purpose"], "person_name": FACTS["person_name"], "person_id": "999001********0020",
        "statement": "下列材料与原件一致。", "source": "馆藏档案", "as_of_date": "2026-08-01",
        "check_code": "K7QF-29MX", "verify_url": "http://127.0.0.1:8000/verify/K7QF29MX", "agency_name": AGENCY,
        "issue_date": "2026年8月1日",
        "rows": [{"no": 1, "title": "退休待遇核定表", **FILE}],
    }  # fmt: skip
    attachments = {"evidence.json": content} if content is not None else None
    return print_form(form=FormName.CERTIFICATE, facts=facts, at=AT, practice=True, attachments=attachments)


def spelled(found: Evidence) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode()


def sign(pdf: bytes, folder: Path, at: dt.datetime = AT) -> bytes:
    return actions.sign_pdf(pdf=pdf, at=at, reason="出具查档证明", location="演示市", name=AGENCY, folder=folder)
