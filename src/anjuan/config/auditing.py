"""The audit as a job (审计任务): started by the auditor in the job centre, done beside the day's work, its list kept.

A unit is a bundle of entries, a range of rows, or the rest. One that differs is refused with the first difference, and
counts as failed, so that the list of the job is the list of what to look into.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence

from anjuan.core.merkle import tile
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.facilities.repository import restoring
from anjuan.facilities.sealing import queries as sealing
from anjuan.foundation.journal import kept
from anjuan.foundation.ledger import audit
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.ledger.audit import Difference

_ENTRIES, _ROWS, _OTHERS, _FILES = "1-journal", "2-rows", "3-others", "4-files"


def _next(key: str) -> str | None:
    """The unit after one; '' is the beginning. None at the end."""
    kind, _, rest = key.partition(":")
    tables = list(kept.tables().values())
    if kind in ("", _ENTRIES):
        first = int(rest) + tile.WIDTH if rest else 0
        if first < ledger.log().size:
            return f"{_ENTRIES}:{first}"
        return _rows(tables, None)
    if kind == _ROWS:
        name, _, last = rest.split(":")
        at = [table.name for table in tables].index(name)
        return _rows(tables[at:], int(last))
    return _FILES if kind == _OTHERS else None


def _rows(tables: Sequence[kept.Table], after: int | None) -> str:
    """The next range of rows of the first of these tables, or of one behind it."""
    for table in tables:
        found = audit.next_range(table, after)
        if found is not None:
            return f"{_ROWS}:{table.name}:{found[0]}:{found[1]}"
        after = None
    return _OTHERS


def _after(params: Params, key: str, limit: int) -> Sequence[str]:
    found: list[str] = []
    following = _next(key)
    while following is not None and len(found) < limit:
        found.append(following)
        following = _next(following)
    return found


def _count(params: Params) -> int:
    ranges = sum(1 for table in kept.tables().values() for _ in audit.row_ranges(table))
    return -(-ledger.log().size // tile.WIDTH) + ranges + 2


def _differences(key: str) -> Iterator[Difference]:
    kind, _, rest = key.partition(":")
    if kind == _ENTRIES:
        yield from audit.entry_differences(int(rest))
    elif kind == _ROWS:
        name, first, last = rest.split(":")
        yield from audit.range_differences(kept.tables()[name], int(first), int(last))
    elif kind == _OTHERS:
        yield from audit.other_differences()
    else:
        yield from (
            Difference("FILES_CHANGED", urn, (path,))
            for urn, path in itertools.chain(restoring.differing(), sealing.differing())
        )


def _do(key: str) -> None:
    found = list(_differences(key))
    if found:
        zh, en = audit.MEANING[found[0].code]
        what = "、".join([found[0].place, *found[0].columns])
        raise Refusal("G-007", what=what, meaning=f"{zh} / {en}", count=len(found))


def _name(key: str) -> Named:
    kind, _, rest = key.partition(":")
    if kind == _ENTRIES:
        return Named(f"业务日志 journal {int(rest)}–{int(rest) + tile.WIDTH - 1}")
    if kind == _ROWS:
        name, first, last = rest.split(":")
        return Named(f"{name} {first}–{last}")
    return Named(
        "检查点、日志副本、触发器 checkpoints, copies, triggers" if kind == _OTHERS else "文件登记 rows of files"
    )


AUDIT = Kind(
    code="AUDIT",
    zh="数据审计",
    en="Audit of the data",
    posts=frozenset({Post.AUDITOR}),
    within=dt.timedelta(days=2),
    count=_count,
    after=_after,
    do=_do,
    name=_name,
    is_standing=True,
)
