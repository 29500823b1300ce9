"""The evidence that a certificate carries (证据): log entries, their proofs, and the values that it discloses.

``anjuan-evidence-v1`` is one JSON object::

    {"format": "anjuan-evidence-v1", "certificate_no": "…", "facts": {"name": "value", …},
     "checkpoint": "<signed note>",
     "entries": [{"leaf": "<the entry as it stands in the log>", "index": 0, "path": ["base64", …],
                  "disclosed": {"field": {"salt": "32 hex digits", "value": "…"}},
                  "members": [{"unit": "urn:…", "digest": "64 hex digits", "ordinal": 0, "path": ["base64", …]}]}],
     "files": [{"reference_code": "…", "name": "…", "sha256": "64 hex digits", "pages": 1}]}

A leaf is a JSON object whose ``fields`` map names to ``sha256:<hex>``, SHA-256 over salt and value; since
``anjuan-entry-v2`` its ``fields_sm3`` map the same names to ``sm3:<hex>``, and both must fit what is shown. A fact that
has the name of a disclosed field must have its value. A batch act names its units by a Merkle root in the leaf
(``members``: root and count); each member shown is proven under it. What a batch act said of one member alone is
committed to in that member's digest, SHA-256 over the canonical spelling of its ``fields``; then the member has two
more parts, ``fields`` and ``disclosed``, as the leaf and the entry have them. Every sealed record (``record.json``)
among the files must be a member of a sealing act, which is what ties the pages to the log.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anjuan.core import canonical
from anjuan.core.merkle.checkpoint import Checkpoint, MalformedNote, parse_checkpoint, parse_note, verify_note
from anjuan.core.merkle.proof import verify_inclusion
from anjuan.core.merkle.tree import leaf_hash
from anjuan_verify.curves import verify_ed25519
from anjuan_verify.sm3 import sm3
from anjuan_verify.trust import Trust

FORMAT = "anjuan-evidence-v1"
RECORD_NAME = "record.json"
SEALING_ACTS = ("filing.seal", "filing.resubmit")
REGISTERING_ACTS = ("intake.register", "intake.admit")
BATCH_REGISTERING_ACT = "intake.take_in"
_SALT = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class MalformedEvidence(ValueError):
    """The evidence is not written as it must be; the words say where."""


@dataclass(frozen=True)
class Disclosure:
    """A value shown, with the salt that lets anyone recompute its commitment."""

    salt: bytes
    value: str


@dataclass(frozen=True)
class Member:
    """One unit of a batch act, with its proof under the root that the leaf names."""

    unit: str
    digest: str
    ordinal: int
    path: tuple[bytes, ...]
    disclosed: Mapping[str, Disclosure]
    commitments: Mapping[str, str] | None


@dataclass(frozen=True)
class Entry:
    """One entry of the log with its proof."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    disclosed: Mapping[str, Disclosure]
    commitments: Mapping[str, str]
    commitments_sm3: Mapping[str, str]
    act: str
    members: tuple[Member, ...]
    members_root: bytes
    members_count: int


@dataclass(frozen=True)
class AttestedFile:
    """One file that the certificate speaks of."""

    reference_code: str
    name: str
    sha256: str
    pages: int


@dataclass(frozen=True)
class Evidence:
    """Everything that a certificate carries beside its page."""

    certificate_no: str
    facts: Mapping[str, str]
    checkpoint_note: str
    entries: tuple[Entry, ...]
    files: tuple[AttestedFile, ...]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedEvidence("a name stands twice")
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except MalformedEvidence:
        raise
    except (ValueError, RecursionError):  # ValueError: also a number longer than Python reads
        raise MalformedEvidence("not JSON") from None


def _object(value: Any, names: Iterable[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise MalformedEvidence(f"{where} has not exactly the parts {', '.join(names)}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        raise MalformedEvidence(f"{where} is not text")
    return value


def _number(value: Any, where: str) -> int:
    if type(value) is not int or value < 0:
        raise MalformedEvidence(f"{where} is not a whole number")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedEvidence(f"{where} is not a list")
    return value


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedEvidence(f"{where} is not an object")
    return value


def _hash(value: Any, where: str) -> bytes:
    try:
        octets = base64.b64decode(_text(value, where), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedEvidence(f"{where} is not base64") from None
    if len(octets) != 32 or base64.b64encode(octets).decode("ascii") != value:
        raise MalformedEvidence(f"{where} is not a hash")
    return octets


def read_evidence(content: bytes) -> Evidence:
    """Evidence read strictly; MalformedEvidence when it is not written as above."""
    try:
        whole = _json(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise MalformedEvidence("not UTF-8") from None
    names = ("format", "certificate_no", "facts", "checkpoint", "entries", "files")
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise MalformedEvidence(f"the format is not {FORMAT}")
    _object(whole, names, "the evidence")
    entries = tuple(_entry(entry, f"entry {at}") for at, entry in enumerate(_list(whole["entries"], "entries")))
    if not entries:
        raise MalformedEvidence("there is no entry of the log")
    return Evidence(
        certificate_no=_text(whole["certificate_no"], "certificate_no"),
        facts={name: _text(value, f"fact {name}") for name, value in _mapping(whole["facts"], "facts").items()},
        checkpoint_note=_text(whole["checkpoint"], "checkpoint"),
        entries=entries,
        files=tuple(_file(file, f"file {at}") for at, file in enumerate(_list(whole["files"], "files"))),
    )


def _entry(value: Any, where: str) -> Entry:
    parts = _object(value, ("leaf", "index", "path", "disclosed", "members"), where)
    leaf = _text(parts["leaf"], f"the leaf of {where}")
    spelled = _mapping(_json(leaf), f"the leaf of {where}")
    fields = _mapping(spelled.get("fields"), f"the fields of {where}")
    root, count = _members_named(spelled.get("members"), where)
    return Entry(
        leaf=leaf.encode("utf-8"),
        index=_number(parts["index"], f"the index of {where}"),
        path=tuple(_hash(step, f"the path of {where}") for step in _list(parts["path"], f"the path of {where}")),
        disclosed=_disclosed(parts["disclosed"], where),
        commitments=_commitments(fields, where),
        commitments_sm3=_commitments(spelled.get("fields_sm3", {}), where),
        act=_text(spelled.get("act"), f"the act of {where}"),
        members=tuple(_member(member, where) for member in _list(parts["members"], f"the members of {where}")),
        members_root=root,
        members_count=count,
    )


def _disclosed(value: Any, where: str) -> dict[str, Disclosure]:
    disclosed: dict[str, Disclosure] = {}
    for name, shown in _mapping(value, f"disclosed of {where}").items():
        both = _object(shown, ("salt", "value"), f"{name} of {where}")
        if not _SALT.fullmatch(_text(both["salt"], f"the salt of {name}")):
            raise MalformedEvidence(f"the salt of {name} is not 32 hex digits")
        disclosed[name] = Disclosure(bytes.fromhex(both["salt"]), _text(both["value"], f"the value of {name}"))
    return disclosed


def _commitments(value: Any, where: str) -> dict[str, str]:
    fields = _mapping(value, f"the fields of {where}")
    return {_text(name, where): _text(each, f"field {name} of {where}") for name, each in fields.items()}


def _members_named(value: Any, where: str) -> tuple[bytes, int]:
    if value is None:
        return b"", 0
    names = ("root", "count", *(("sm3",) if isinstance(value, dict) and "sm3" in value else ()))
    named = _object(value, names, f"the members of the leaf of {where}")
    root = _text(named["root"], f"the members' root of {where}").removeprefix("sha256:")
    if not _DIGEST.fullmatch(root):
        raise MalformedEvidence(f"the members' root of {where} is not a digest")
    return bytes.fromhex(root), _number(named["count"], f"the members' count of {where}")


def _member(value: Any, where: str) -> Member:
    says = isinstance(value, dict) and "fields" in value
    names = ("unit", "digest", "ordinal", "path", *(("fields", "disclosed") if says else ()))
    parts = _object(value, names, f"a member of {where}")
    if not _DIGEST.fullmatch(_text(parts["digest"], f"a member's digest of {where}")):
        raise MalformedEvidence(f"a member's digest of {where} is not 64 hex digits")
    return Member(
        unit=_text(parts["unit"], f"a member of {where}"),
        digest=parts["digest"],
        ordinal=_number(parts["ordinal"], f"a member's place of {where}"),
        path=tuple(_hash(step, f"a member's path of {where}") for step in _list(parts["path"], f"a path of {where}")),
        disclosed=_disclosed(parts["disclosed"], f"a member of {where}") if says else {},
        commitments=_commitments(parts["fields"], f"a member of {where}") if says else None,
    )


def _file(value: Any, where: str) -> AttestedFile:
    parts = _object(value, ("reference_code", "name", "sha256", "pages"), where)
    if not _DIGEST.fullmatch(_text(parts["sha256"], f"sha256 of {where}")):
        raise MalformedEvidence(f"sha256 of {where} is not 64 hex digits")
    return AttestedFile(
        reference_code=_text(parts["reference_code"], f"reference_code of {where}"),
        name=_text(parts["name"], f"name of {where}"),
        sha256=parts["sha256"],
        pages=_number(parts["pages"], f"pages of {where}"),
    )


def read_checkpoint(note: str) -> Checkpoint:
    """The checkpoint of a note, whoever signed it; MalformedNote when it is not one."""
    body, _ = parse_note(note)
    return parse_checkpoint(body)


def checkpoint_fault(note: str, trust: Trust) -> str:
    """Why no log that the reader believes has signed this checkpoint; empty when one has."""
    fault = "the trust file names no log"
    for key in trust.logs:
        try:
            verify_note(note, key, verify_ed25519)
        except MalformedNote as malformed:
            fault = str(malformed)
        else:
            return ""
    return fault


def inclusion_faults(evidence: Evidence, checkpoint: Checkpoint) -> list[str]:
    """Entries that do not stand under the checkpoint, named by their index."""
    return [
        f"entry {entry.index}"
        for entry in evidence.entries
        if not verify_inclusion(
            leaf=leaf_hash(entry.leaf),
            index=entry.index,
            size=checkpoint.size,
            path=entry.path,
            root=checkpoint.root,
        )
    ]


def member_faults(evidence: Evidence) -> list[str]:
    """Members that do not stand under the root their act names, or that say what their digest does not cover.

    And sealed records that no sealing act names.
    """
    faults = [
        f"{member.unit} of entry {entry.index}"
        for entry in evidence.entries
        for member in entry.members
        if (member.commitments is not None and canonical.digest(member.commitments) != member.digest)
        or not verify_inclusion(
            leaf=leaf_hash(canonical.spell([member.unit, member.digest])),
            index=member.ordinal,
            size=entry.members_count,
            path=member.path,
            root=entry.members_root,
        )
    ]
    sealed = {member.digest for entry in evidence.entries if entry.act in SEALING_ACTS for member in entry.members}
    faults += [
        f"{file.reference_code}/{file.name}"
        for file in evidence.files
        if file.name == RECORD_NAME and file.sha256 not in sealed
    ]
    return faults


def _said(evidence: Evidence) -> Iterator[tuple[str, Mapping[str, Disclosure], Mapping[str, str]]]:
    """Entries and members of batch acts: where each stands, what it discloses, what it committed to."""
    for entry in evidence.entries:
        yield f"entry {entry.index}", entry.disclosed, entry.commitments
        for member in entry.members:
            yield f"{member.unit} of entry {entry.index}", member.disclosed, member.commitments or {}


def disclosure_faults(evidence: Evidence) -> list[str]:
    """Disclosed values that are not the ones committed to, in either family of digests."""
    faults = [
        f"{name} of {where}"
        for where, disclosed, commitments in _said(evidence)
        for name, shown in disclosed.items()
        if commitments.get(name) != "sha256:" + hashlib.sha256(_salted(shown)).hexdigest()
    ]
    faults += [
        f"{name} of entry {entry.index} (SM3)"
        for entry in evidence.entries
        for name, shown in entry.disclosed.items()
        if entry.commitments_sm3 and entry.commitments_sm3.get(name) != "sm3:" + sm3(_salted(shown)).hex()
    ]
    return faults


def _salted(shown: Disclosure) -> bytes:
    return shown.salt + shown.value.encode("utf-8")


def fact_faults(evidence: Evidence) -> list[str]:
    """Facts of the certificate that say something else than the disclosed field of the same name.

    The fact ``subject`` must be among the persons and employers that each registration discloses; one by batch, that
    each member shown of it discloses.
    """
    faults = [
        name
        for _, disclosed, _ in _said(evidence)
        for name, shown in disclosed.items()
        if name in evidence.facts and evidence.facts[name] != shown.value
    ]
    subject = evidence.facts.get("subject")
    faults += [
        f"subject, entry {entry.index}"
        for entry in evidence.entries
        if subject is not None and not all(_names(shown, subject) for shown in _registrations(entry))
    ]
    if evidence.facts.get("certificate_no", evidence.certificate_no) != evidence.certificate_no:
        faults.append("certificate_no")
    return faults


def _registrations(entry: Entry) -> list[Mapping[str, Disclosure]]:
    """What each registration in an entry discloses; one by batch that shows no member discloses nothing."""
    if entry.act in REGISTERING_ACTS:
        return [entry.disclosed]
    if entry.act == BATCH_REGISTERING_ACT:
        return [member.disclosed for member in entry.members] or [{}]
    return []


def _names(disclosed: Mapping[str, Disclosure], subject: str) -> bool:
    return any(
        shown.value == subject for name, shown in disclosed.items() if name.startswith("person_") or name == "employer"
    )
