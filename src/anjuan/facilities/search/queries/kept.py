"""Seeing what one keeps of one's asking, what was taken out, and how the index stands (存的检索、导出、索引状态)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Count

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.jobs import queries as jobs
from anjuan.facilities.search import rules
from anjuan.facilities.search.backends import Damaged, Held
from anjuan.facilities.search.models import Export, IndexCheck, IndexFault, SavedQuestion
from anjuan.facilities.search.queries.finding import count_newer
from anjuan.facilities.search.queries.indexed import index
from anjuan.facilities.search.rules import ExportColumn, ExportForm, Order
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.records.queries import walks

TENDERS = (Post.SYSTEM_ADMIN, Post.ARCHIVIST)
READERS = (Post.AUDITOR, Post.SECURITY_OFFICER, Post.SUPERVISOR)  # of the register of exports
MOST_NEW = 99
LISTED = 50


@dataclass(frozen=True)
class SavedRow:
    """A saved question: its text with numbers masked, and how many records are new since its owner last looked."""

    uid: str
    name: str
    shown: str
    order: Order
    seen_at: dt.datetime
    newer: int
    is_dropped: bool


@dataclass(frozen=True)
class ExportRow:
    """A list that was taken out, or is being made.

    ``done`` and ``total`` are the parts of the work; ``state`` is WAITING, MADE, STOPPED or CLEARED.
    """

    uid: str
    serial_no: str
    staff_code: str
    who: str
    asked: str
    purpose: str
    form: ExportForm
    columns: tuple[ExportColumn, ...]
    shows_numbers: bool
    wanted_rows: int
    made_rows: int | None
    sha256: str
    asked_at: dt.datetime
    state: str
    job_uid: str
    done: int
    total: int


@dataclass(frozen=True)
class CheckRow:
    """A check of the index: how far, and what differed and was put right."""

    uid: str
    begun_at: dt.datetime
    who: str
    is_anew: bool
    finished_at: dt.datetime | None
    done: int
    total: int
    missing: int
    stale: int
    surplus: int
    pages: int
    strays: int

    @property
    def faults(self) -> int:
        """How many differences there were."""
        return self.missing + self.stale + self.surplus + self.pages + self.strays


@dataclass(frozen=True)
class IndexStanding:
    """How the index stands (索引状态).

    Attributes:
        state: WHOLE, MAKING, MISSING or DAMAGED.
        held: what it holds; None unless it can be read.
        behind: journal entries it has not taken yet.
        since: when the follower last moved.
        made: part of the records that a rebuild has taken, in percent.
        left: how long the rest of the rebuild takes; None while nothing can be said.
        checks: the newest checks.
    """

    state: str
    held: Held | None
    behind: int
    since: dt.datetime | None
    made: int
    left: dt.timedelta | None
    checks: tuple[CheckRow, ...]


def saved_of(actor: Actor, *, counts: bool = True) -> list[SavedRow]:
    """The actor's own questions in the order of their names; one statement more for each, of the index.

    Raises:
        A-001: the actor searches nothing.
    """
    may_ask(actor)
    rows = SavedQuestion.objects.filter(staff_code=actor.staff_code, dropped_at=None).order_by("name", "id")
    return [
        saved_row(row, count_newer(actor, row.asked, than=row.seen_item, most=MOST_NEW) if counts else 0)
        for row in rows
    ]


def saved_row(row: SavedQuestion, newer: int = 0) -> SavedRow:
    """A saved question as pages see it."""
    return SavedRow(
        row.uid, row.name, rules.masked(row.asked), Order(row.order), row.seen_at, newer, row.dropped_at is not None
    )


def saved_for(actor: Actor, uid: str) -> SavedQuestion:
    """One of the actor's own questions, dropped ones included.

    Raises:
        R-009: there is none, or it is another's.
    """
    may_ask(actor)
    row: SavedQuestion | None = SavedQuestion.objects.filter(uid=uid, staff_code=actor.staff_code).first()
    if row is None:
        raise Refusal("R-009", what=f"检索 question {uid[:8]}")
    return row


def may_ask(actor: Actor) -> None:
    """Whether searching is open to somebody.

    Raises:
        A-001: it is not.
    """
    if not actor.may_search:
        raise Refusal("A-001", posts=(Post.ARCHIVIST, Post.READING_DESK))


def row_limit(actor: Actor) -> int:
    """How many rows this person may take out at once: the most that any of his posts allows; nought for none."""
    limits = rules.row_limits(settings.ANJUAN_EXPORT_ROWS)
    return max((limits.get(post.value, 0) for post in actor.posts), default=0)


def may_see_numbers(actor: Actor) -> bool:
    """Whether lists that this person takes out may say numbers of persons whole."""
    return any(post.value in settings.ANJUAN_EXPORT_WHOLE for post in actor.posts)


def number_posts() -> tuple[Post, ...]:
    """The posts that may take numbers of persons out whole."""
    return tuple(post for post in Post if post.value in settings.ANJUAN_EXPORT_WHOLE)


def job_of(row: Export) -> str:
    """The uid of the work that makes an export."""
    return jobs.of_references("EXPORT_LIST", [row.serial_no])[row.serial_no].uid


def export_posts() -> tuple[Post, ...]:
    """The posts that may take lists out."""
    limits = rules.row_limits(settings.ANJUAN_EXPORT_ROWS)
    return tuple(post for post in Post if limits.get(post.value, 0) > 0)


def may_export(actor: Actor) -> None:
    """Whether somebody may take lists out.

    Raises:
        A-001: none of his posts may.
    """
    if not row_limit(actor):
        raise Refusal("A-001", posts=export_posts())


def exports_of(actor: Actor) -> list[ExportRow]:
    """What the actor took out, newest first.

    Raises:
        A-001: he may take nothing out.
    """
    may_export(actor)
    return _export_rows(list(Export.objects.filter(staff_code=actor.staff_code).order_by("-asked_at", "-id")[:LISTED]))


def may_read_register(actor: Actor) -> bool:
    """Whether somebody may see who took what out: auditor, security officer and supervisor."""
    return actor.holds(*READERS)


def register(actor: Actor) -> list[ExportRow]:
    """Who took what out, newest first: of the agencies that the actor's post covers (导出登记).

    Raises:
        A-001: it is not his to see.
    """
    paths = [held.agency_path for held in actor.appointments if held.post in READERS]
    if not paths:
        raise Refusal("A-001", posts=READERS)
    rows = Export.objects.none()
    for path in paths:
        rows = rows | Export.objects.filter(agency_path__startswith=path)
    return _export_rows(list(rows.order_by("-asked_at", "-id")[:LISTED]))


def export_for(actor: Actor, uid: str) -> Export:
    """One's own export, while a post of his may take lists out.

    Raises:
        A-001: none of his posts may any more.
        R-009: there is none, or it is another's.
    """
    row: Export | None = Export.objects.filter(uid=uid, staff_code=actor.staff_code).first()
    if row is None:
        raise Refusal("R-009", what=f"导出 export {uid[:8]}")
    may_export(actor)
    if row.shows_numbers and not may_see_numbers(actor):
        raise Refusal("A-001", posts=number_posts())
    return row


def export_by_uid(uid: str) -> Export | None:
    """An export, rights not judged: for the work that makes it."""
    return Export.objects.filter(uid=uid).first()


def export_file(row: Export) -> Path:
    """Where the file of an export lies, once it is made."""
    return export_folder(row.uid) / f"{row.serial_no}.{row.form.lower()}"


def export_folder(uid: str) -> Path:
    """Where the work of an export lies: in the home, beside no record."""
    return Path(settings.ANJUAN_HOME) / "exports" / uid


def stale_exports(before: dt.datetime) -> list[Path]:
    """Folders of exports asked for before a moment, or that no export names and nobody has touched since."""
    place = Path(settings.ANJUAN_HOME) / "exports"
    folders = {path.name: path for path in place.iterdir() if path.is_dir()} if place.is_dir() else {}
    asked = dict(Export.objects.filter(uid__in=folders).values_list("uid", "asked_at"))
    return [
        path
        for uid, path in sorted(folders.items())
        if (asked[uid] < before if uid in asked else path.stat().st_mtime < before.timestamp())
    ]


def _export_rows(rows: Sequence[Export]) -> list[ExportRow]:
    names = accounts.staff_names({row.staff_code for row in rows})
    work = jobs.of_references("EXPORT_LIST", [row.serial_no for row in rows])
    found = []
    for row in rows:
        job = work.get(row.serial_no)
        if row.made_at is not None:
            state = "MADE" if export_file(row).exists() else "CLEARED"
        else:
            state = "STOPPED" if job is None or job.is_finished else "WAITING"
        found.append(
            ExportRow(
                uid=row.uid,
                serial_no=row.serial_no,
                staff_code=row.staff_code,
                who=names.get(row.staff_code, row.staff_code),
                asked=row.asked,
                purpose=row.purpose,
                form=ExportForm(row.form),
                columns=tuple(ExportColumn(column) for column in row.columns),
                shows_numbers=row.shows_numbers,
                wanted_rows=row.wanted_rows,
                made_rows=row.made_rows,
                sha256=row.sha256,
                asked_at=row.asked_at,
                state=state,
                job_uid=job.uid if job else "",
                done=job.done if job else 0,
                total=job.total if job else 0,
            )
        )
    return found


def may_see_standing(actor: Actor) -> bool:
    """Whether the state of the index is this person's to look at."""
    return actor.holds(*TENDERS)


def may_reconcile(actor: Actor) -> bool:
    """Whether he may have it held against the records."""
    return actor.covers(accounts.archive_path(), *TENDERS)


def standing(actor: Actor, *, at: dt.datetime) -> IndexStanding:
    """How the index stands.

    Raises:
        A-001: the actor looks after neither the system nor an archive.
    """
    if not may_see_standing(actor):
        raise Refusal("A-001", posts=TENDERS)
    kept = index()
    state, held, made, left, position = "WHOLE", None, 100, None, 0
    try:
        found = kept.standing()
        held = kept.count() if found is not None else None
    except Damaged:
        found, state = None, "DAMAGED"
    if found is None:
        state = state if state == "DAMAGED" else "MISSING"
        made = 0
    else:
        position = found.position
        if found.rebuilt_to is not None:
            state, made = "MAKING", min(99, found.rebuilt_to * 100 // max(walks.newest_item(), 1))
            begun = dt.datetime.fromisoformat(found.begun_at) if found.begun_at else None
            left = (at - begun) / made * (100 - made) if begun is not None and made else None
    lag = next((lag for lag in journal.lags() if lag.follower == "search"), None)
    return IndexStanding(
        state=state,
        held=held,
        behind=max(journal.head() - position, 0) + journal.waiting(),
        since=lag.moved_at if lag else None,
        made=made,
        left=left,
        checks=tuple(checks()),
    )


def checks(*, limit: int = 10) -> list[CheckRow]:
    """The newest checks of the index; three queries."""
    rows = list(IndexCheck.objects.order_by("-begun_at", "-id")[:limit])
    names = accounts.staff_names({row.begun_by for row in rows})
    counts: dict[tuple[int, str], int] = {}
    for found in IndexFault.objects.filter(check_run__in=rows).values("check_run", "kind").annotate(many=Count("id")):
        counts[found["check_run"], found["kind"]] = found["many"]
    return [_check_row(row, names, {kind: many for (pk, kind), many in counts.items() if pk == row.pk}) for row in rows]


def _check_row(row: IndexCheck, names: Mapping[str, str], counts: Mapping[str, int]) -> CheckRow:
    return CheckRow(
        uid=row.uid,
        begun_at=row.begun_at,
        who=names.get(row.begun_by, ""),
        is_anew=row.is_anew,
        finished_at=row.finished_at,
        done=min(row.next_place, row.places),
        total=row.places,
        missing=counts.get("MISSING", 0),
        stale=counts.get("STALE", 0),
        surplus=counts.get("SURPLUS", 0),
        pages=counts.get("PAGES", 0),
        strays=row.strays,
    )


def check_by_uid(uid: str) -> CheckRow | None:
    """One check, rights not judged: for the work that does it."""
    row = IndexCheck.objects.filter(uid=uid).first()
    if row is None:
        return None
    kinds = IndexFault.objects.filter(check_run=row).values_list("kind").annotate(many=Count("id"))
    return _check_row(row, {}, dict(kinds))


def unfinished_check() -> CheckRow | None:
    """A check that was cut off and that no job goes on with: a command may."""
    row = IndexCheck.objects.order_by("-begun_at", "-id").first()
    return check_by_uid(row.uid) if row is not None and row.finished_at is None else None
