"""The evidence inside a certificate: what a stranger needs to check it without us (离线核验证据).

For each attested item: the journal entries that made it a record (registered, reviewed, sealed, received, re-checked),
each with its proof of inclusion under one signed checkpoint, and the fields that are shown with their salts. An item
that came in by batch is one member of its entry: what the act said of it is proven under the members' root, and the
other members are not shown. The sealing entry proves the digest of ``record.json``, which in turn names the digest of
every page.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence

from anjuan.core import canonical
from anjuan.core.merkle import proof, tree
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.rules import Facts, leaf, spelled_fields
from anjuan.foundation.ledger import queries as ledger

FORMAT = "anjuan-evidence-v1"
_NAMES_SUBJECT = re.compile(r"person_\d+$|employer$")
# Acts that make an item a record, and what is shown of each.
SHOWN: Mapping[str, tuple[str, ...]] = {
    "intake.register": ("acceptance_no", "formed_date", "step"),
    "intake.take_in": ("acceptance_no", "formed_date", "step"),
    "intake.admit": ("acceptance_no", "formed_date", "step"),
    "review.pass_item": ("target",),
    "filing.seal": ("reference_code",),
    "filing.resubmit": ("target",),
    "transfer.witness": ("target",),
    "transfer.receive": ("accession_no",),
    "inspection.pass_recheck": ("target",),
}


def bundle(
    *,
    certificate_no: str,
    facts: Mapping[str, str],
    units: Sequence[tuple[str, str]],
    files: Sequence[Mapping[str, str | int]],
    checkpoint: ledger.CheckpointRow,
) -> bytes:
    """The bytes of ``evidence.json``.

    Args:
        certificate_no: the certificate's number.
        facts: what the certificate says, flat.
        units: URN of each attested item and of its volume.
        files: reference_code, name, sha256, pages of each sealed file.
        checkpoint: the checkpoint all proofs stand under.
    """
    entries = _entries(units)
    values = journal.values_of([facts_.uid for facts_, _ in entries])
    log = ledger.log()
    spelled = {
        "format": FORMAT,
        "certificate_no": certificate_no,
        "facts": dict(facts),
        "checkpoint": checkpoint.note,
        "entries": [
            {
                "leaf": leaf(entry).decode("utf-8"),
                "index": entry.position,
                "path": [
                    base64.b64encode(node).decode() for node in log.inclusion_path(entry.position, checkpoint.size)
                ],
                "disclosed": _disclosed(entry.act, values.get(entry.uid, {}), facts),
                "members": [_membership(entry, unit, facts) for unit in members],
            }
            for entry, members in entries
        ],
        "files": [dict(file) for file in files],
    }
    return json.dumps(spelled, ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8")


def _disclosed(act: str, values: Mapping[str, tuple[str, str]], facts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What is shown of an act's fields: those that make the item a record, and of the persons the one attested."""
    return {
        name: {"salt": salt, "value": value}
        for name, (salt, value) in values.items()
        if name in SHOWN[act] or (_NAMES_SUBJECT.match(name) and value == facts.get("subject"))
    }


def _entries(units: Sequence[tuple[str, str]]) -> list[tuple[Facts, list[str]]]:
    """The newest entry of each act on an item or its volume, with the units proven to be its members."""
    found: dict[int, tuple[Facts, list[str]]] = {}
    for item_urn, volume_urn in units:
        for act in SHOWN:
            for unit in (item_urn, volume_urn):
                entry = journal.latest_entry(unit, act)
                if entry is None:
                    continue
                kept = found.setdefault(entry.position, (entry, []))
                if entry.unit != unit and unit not in kept[1]:
                    kept[1].append(unit)
    return [found[position] for position in sorted(found)]


def _membership(entry: Facts, unit: str, facts: Mapping[str, str]) -> Mapping[str, object]:
    members = journal.members_of(entry.uid)
    ordinal = next(place for place, (name, _) in enumerate(members) if name == unit)
    leaves = [tree.leaf_hash(canonical.spell(list(member))) for member in members]

    def node(level: int, index: int) -> bytes:
        return tree.root(leaves[index << level : (index + 1) << level])

    path = proof.inclusion_path(ordinal, len(leaves), node)
    shown: dict[str, object] = {
        "unit": unit,
        "digest": members[ordinal][1],
        "ordinal": ordinal,
        "path": [base64.b64encode(part).decode() for part in path],
    }
    if commitments := journal.member_commitments(entry.uid, unit):
        values = journal.member_values(unit, [entry.uid]).get(entry.uid, {})
        shown |= {"fields": spelled_fields(commitments), "disclosed": _disclosed(entry.act, values, facts)}
    return shown


def record_digest(item_urn: str) -> str:
    """SHA-256 of the item's newest ``record.json``, as the journal committed to it; empty before sealing."""
    entries = [journal.latest_entry(item_urn, act) for act in ("filing.seal", "filing.resubmit")]
    newest = max((entry for entry in entries if entry), key=lambda entry: entry.position, default=None)
    return dict(journal.members_of(newest.uid))[item_urn] if newest else ""
