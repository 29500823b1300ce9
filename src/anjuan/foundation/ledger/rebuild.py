"""An empty database made whole again (重建): journal, rows and checkpoints, from what lies on disk.

The journal on disk gives entries, values and the image of every kept row; nothing is believed that does not give the
leaf which the log holds at that place. What the log knows beyond the end of the journal on disk comes back as bare
entries, without values, and is named.
"""

import contextlib
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from anjuan.core.refusals import Refusal
from anjuan.foundation.journal import kept, lines, restoring
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.ledger import audit, queries
from anjuan.foundation.ledger.models import Checkpoint

ENTRIES_AT_ONCE = 200


@dataclass
class Rebuilt:
    """What was brought back (重建结果).

    Attributes:
        entries: entries of the journal, bare ones included.
        unconfirmed: positions of entries that the log has not taken yet: the journal on disk alone tells of them.
        bare: positions of entries that only the log still knew: their values and rows are lost.
        rows: rows by table.
        lost: rows whose last image is not on disk; they stand as an earlier entry wrote them, or not at all.
    """

    entries: int = 0
    unconfirmed: list[int] = field(default_factory=list)
    bare: list[int] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def rebuild(*, work: Path, at: dt.datetime, say: audit.Say = lambda what, done, total: None) -> Rebuilt:
    """Bring back the journal, the kept rows and the checkpoints into an empty database.

    Args:
        work: a folder for what is put aside meanwhile.
        at: now.
        say: told what is being done, how much is done, and of how much.

    Raises:
        G-004: the database is not empty.
        G-008: there is no log.
        G-005: the journal on disk is not what the log committed to.
    """
    if not restoring.is_empty():
        raise Refusal("G-004")
    if not queries.log().size:  # nothing vouches for the lines on disk, or there is nothing at all
        raise Refusal("G-008")
    found = Rebuilt()
    with contextlib.closing(restoring.Aside(work / "rebuild.db")) as aside, transaction.atomic():
        restoring.begin()
        tail = _journal(found, aside, say)
        for table in kept.tables().values():
            found.rows[table.name] = restoring.write_rows(table, aside, say)
        found.lost = aside.lost()
        _checkpoints(at)
        cursors = {"segments": found.entries - tail, "ledger": min(found.entries, queries.log().size)}
        restoring.end(next_position=found.entries, cursors=cursors, at=at)
        restoring.reset_sequences()
    kept.watch_over()
    return found


def _journal(found: Rebuilt, aside: restoring.Aside, say: audit.Say) -> int:
    """Entries and what stands beside them. Returns how many the log alone knew, at the end."""
    total = queries.log().size
    leaves = audit.log_leaves()
    batch: list[Mapping[str, Any]] = []
    rows = 0
    for position, line in enumerate(journal.segments().entries()):
        leaf = next(leaves) if position < total else lines.own_leaf(line)
        if leaf is None or line.get("position") != position or not lines.agrees(line, leaf):
            raise Refusal("G-005", position=position)
        if position >= total:
            found.unconfirmed.append(position)
        found.entries = position + 1
        if line.get("bare"):  # an earlier rebuild had the log alone to go by
            restoring.write_bare(position, json.loads(leaf))
            found.bare.append(position)
            continue
        batch.append(line)
        rows += len(line["rows"])
        if len(batch) == ENTRIES_AT_ONCE or rows > journal.ROWS_AT_ONCE:
            restoring.write_lines(batch, aside)
            say("journal", position, total)
            batch, rows = [], 0
    restoring.write_lines(batch, aside)
    tail = 0
    for leaf in leaves:  # what the log has taken and the journal on disk has not
        restoring.write_bare(found.entries, json.loads(leaf))
        found.bare.append(found.entries)
        found.entries += 1
        tail += 1
    return tail


def _checkpoints(at: dt.datetime) -> None:
    """Every checkpoint that the log keeps. A note says no time: that of the last entry under it stands for it."""
    for size, note in queries.kept_checkpoints():
        published_at = journal.time_of(size - 1) or at
        Checkpoint.objects.create(size=size, root=queries.log().root(size).hex(), note=note, published_at=published_at)
