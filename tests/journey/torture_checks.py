"""What must be true of an archive after a crash was survived: one census, and what is wrong by it (user ask 18)."""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from anjuan.config import doctor, ocfl
from anjuan.core.ocfl import layout
from anjuan.core.refusals import Severity
from anjuan.desks.certificates import queries as certificate_queries
from anjuan.desks.certificates.models import Certificate
from anjuan.desks.transfer.models import Batch
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository import queries as repository_queries
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.journal.models import Entry
from anjuan.foundation.journal.rules import leaf
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as ledger_queries
from anjuan.foundation.ledger.models import Checkpoint
from anjuan.records.models import Component, Item, Volume

# Bookkeeping of the machinery may differ between a walk and a resumed walk; records and papers may not. A version whose
# rows the crash cut off stays in the store, and its files are named with the next version's: they are compared there.
MOVING = {"journal.Sequencer", "journal.Cursor", "ledger.Checkpoint", "repository.StoredFile"}
# The deed that stands in the journal once a step of the journey has been said to be done.
SAID = {
    "intake": "intake.register", "capture": "intake.capture", "submit": "intake.submit", "review": "review.pass_item",
    "filing": "filing.open_volume", "seal": "filing.seal", "self-check": "inspection.sign_self_check",
    "apply": "transfer.apply", "pre-acceptance": "inspection.pre_accept", "witness": "transfer.witness",
    "dispatch": "transfer.dispatch", "receive": "transfer.receive", "re-check": "inspection.pass_recheck",
    "shelve": "stacks.shelve", "certificate": "certificates.issue",
}  # fmt: skip
STEP = re.compile(r"^ *\d+  \S+ (\S+) ", re.MULTILINE)


def census() -> dict[str, Any]:
    """What stands in the rows: the part that is the same for every walk of the same scans, and the identifiers."""
    pages: dict[int, list[str]] = {}
    for item_id, sha256 in Component.objects.order_by("item_id", "ordinal").values_list("item_id", "sha256"):
        pages.setdefault(item_id, []).append(sha256)
    items = Item.objects.order_by("acceptance_no")
    return {
        "result": {
            "items": [
                [item.acceptance_no, item.state, item.custody, item.reference_code, pages.get(item.pk, [])]
                for item in items
            ],
            "volumes": [
                [volume.reference_code, volume.state, volume.custody, volume.item_count, volume.page_count]
                for volume in Volume.objects.order_by("reference_code")
            ],
            "batches": [list(row) for row in Batch.objects.values_list("batch_no", "stage", "accession_no")],
            "certificates": [list(row) for row in Certificate.objects.values_list("certificate_no", "status")],
            "acts": dict(sorted(Counter(Entry.objects.values_list("act", flat=True)).items())),
            "rows": {
                model._meta.label: model._default_manager.count()
                for model in apps.get_models()
                if model._meta.label not in MOVING and model._meta.label.split(".")[0] != "contenttypes"
            },
        },
        "known": sorted(
            [f"entry {uid}" for uid in Entry.objects.values_list("uid", flat=True)]
            + [f"item {urn} {number}" for urn, number in Item.objects.values_list("urn", "acceptance_no")]
            + [f"page {row[0]} {row[1]}" for row in Component.objects.values_list("item__urn", "sha512")]
            + [f"checkpoint {row[0]} {row[1]}" for row in Checkpoint.objects.values_list("size", "root")]
            + [
                f"certificate {row[0]} {row[1]}"
                for row in Certificate.objects.exclude(pdf_sha256="").values_list("certificate_no", "pdf_sha256")
            ]
        ),
    }


def wrong(*, said: str, before: dict[str, Any], wanted: dict[str, Any], may_leave_objects: bool = False) -> list[str]:
    """Everything that is wrong after the walk was resumed.

    Args:
        said: what the killed process had printed: its acknowledgements.
        before: the census as the killed process left the rows; empty if it left no tables.
        wanted: the result of a walk that nobody cut off.
        may_leave_objects: whether bytes may stand in the store that no row names, marked for recovery.
    """
    after = census()
    found = _differences(wanted, after["result"])
    found += [f"lost: {known}" for known in sorted(set(before.get("known", [])) - set(after["known"]))]
    acts = before.get("result", {}).get("acts", {})
    for step in STEP.findall(said):
        act = SAID.get(step)
        if act and acts.get(act) != wanted["acts"][act]:
            found.append(f"said {step} was done, but the journal had {acts.get(act, 0)} × {act}")
    return found + _store(may_leave_objects) + _certificates() + _log() + _doctor()


def _differences(wanted: dict[str, Any], got: dict[str, Any]) -> list[str]:
    found = []
    for topic, value in wanted.items():
        if isinstance(value, dict):
            names = sorted(value.keys() | got[topic].keys())
            found += [
                f"{topic} {name}: {got[topic].get(name)} instead of {value.get(name)}"
                for name in names
                if got[topic].get(name) != value.get(name)
            ]
        elif got[topic] != value:
            found.append(f"{topic}: {got[topic]} instead of {value}")
    return found


def _store(may_leave_objects: bool) -> list[str]:
    home = Path(settings.ANJUAN_HOME)
    found = [
        f"OCFL {finding.code} {finding.place}"
        for finding in ocfl.validate(home / "store")
        if finding.severity is Severity.ERROR
    ]
    report = repository.recover()
    found += [f"recovery had more to do: {digest}" for digest in report.rolled_back + report.completed]
    rows = dict(StoredObject.objects.values_list("urn", "head_version"))
    objects = {path.parent.name for path in (home / "store").rglob("0=ocfl_object_1.*")}
    unnamed = objects - {Path(layout.object_path(urn)).name for urn in rows}
    marked = {Path(layout.object_path(urn)).name for urn in report.unrecorded}
    if (unnamed if not may_leave_objects else unnamed - marked) or (not may_leave_objects and marked):
        found.append(f"objects without rows: {sorted(unnamed | marked)}")
    for urn, head in rows.items():
        inventory = repository_queries.store().inventory(urn)
        named = StoredFile.objects.filter(stored_object__urn=urn).values_list("sha512", flat=True)
        if inventory.head != head or sorted(named) != sorted(content.sha512 for content in inventory.contents):
            found.append(f"{urn}: the rows are not those of version {inventory.head}")
    staged = home / "staging" / "ocfl"
    return found + [f"left in staging: {path.name}" for path in staged.iterdir() if path.is_dir()]


def _certificates() -> list[str]:
    found = []
    for number, sha256 in Certificate.objects.filter(status="ISSUED").values_list("certificate_no", "pdf_sha256"):
        path = certificate_queries.pdf_path(number)
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            found.append(f"{number} is not the PDF that was issued")
    folder = Path(settings.ANJUAN_HOME) / "certificates"
    return found + [f"left among the certificates: {path.name}" for path in folder.glob(".*")]


def _log() -> list[str]:
    ledger.catch_up(at=timezone.now())
    entries = journal_queries.entries_from(0, 100_000)
    found = []
    if [entry.position for entry in entries] != list(range(Entry.objects.count())):
        found.append("the journal's positions are not contiguous")
    log = ledger_queries.log()
    if log.size != len(entries) or any(log.leaf(entry.position) != leaf(entry) for entry in entries):
        found.append("the log does not hold the journal")
    for row in Checkpoint.objects.all():
        if not ledger_queries.note_is_genuine(row.note) or log.root(row.size).hex() != row.root:
            found.append(f"checkpoint {row.size} does not hold")
    return found


def _doctor() -> list[str]:
    return [f"doctor: {line.en}" for line in doctor.examine() if not line.is_well and line.topic != "work"]
