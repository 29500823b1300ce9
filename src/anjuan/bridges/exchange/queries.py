"""Seeing whom one may ask along, what is found here for others, and who asked whom (联合检索)."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anjuan.bridges.exchange import rules
from anjuan.bridges.exchange.rules import Column, Found, ReplyOutcome, Row, Site
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, Secrecy, SubjectKind
from anjuan.facilities.search import queries as search
from anjuan.facilities.search.queries import exported, kept
from anjuan.facilities.search.rules import ExportColumn
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow, SubjectRow

ASKED, ANSWERED = "exchange:asked", "exchange:answered"  # the units of the journal under which both registers stand
LISTED = 100
MOST_NAMES = 3  # told of one record: others of a list of many are none of the other archive's business
MOST_WALKED = 5  # pages of the index that are gone through for one answer

_TOLD: Mapping[Column, ExportColumn] = {
    Column.TITLE: ExportColumn.TITLE,
    Column.STEP: ExportColumn.STEP,
    Column.CATEGORY: ExportColumn.CATEGORY,
    Column.YEAR: ExportColumn.YEAR,
    Column.FORMED: ExportColumn.FORMED,
    Column.AGENCY: ExportColumn.AGENCY,
    Column.STATE: ExportColumn.STATE,
    Column.PAGES: ExportColumn.PAGES,
}


@dataclass(frozen=True)
class AskedRow:
    """A question that went to other archives: who, what for, whom, and what became of each; empty if it is not known.

    ``replies`` are archive, outcome and number of records.
    """

    at: dt.datetime
    staff_code: str
    who: str
    asked: str
    purpose: str
    sites: tuple[str, ...]
    replies: tuple[tuple[str, ReplyOutcome, int], ...]


@dataclass(frozen=True)
class AnsweredRow:
    """A question that came from another archive: through which account, for whom there, what for, how many records."""

    at: dt.datetime
    staff_code: str
    house: str
    asker: str
    asked: str
    purpose: str
    rows: int


def sites() -> tuple[Site, ...]:
    """The other archives that ``archives.toml`` of the home names; none where there is no such file.

    Raises:
        X-041: it is not as it should be, or others than its owner can read it.
    """
    path = Path(settings.ANJUAN_HOME) / rules.FILE
    try:
        if path.stat().st_mode & 0o077:
            raise Refusal("X-041", why="chmod 600")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as fault:
        raise Refusal("X-041", why=type(fault).__name__) from fault
    return rules.read_sites(text)


def site_names() -> Mapping[str, str]:
    """What other archives are called, by key; none where their list cannot be read: registers are read all the same."""
    try:
        return {site.key: site.name for site in sites()}
    except Refusal:
        return {}


def asking_posts() -> tuple[Post, ...]:
    """The posts that may ask other archives, and through whose accounts others may ask here (待核实)."""
    return tuple(post for post in Post if post.value in settings.ANJUAN_ALONG_POSTS)


def may_ask(actor: Actor) -> bool:
    """Whether one of somebody's posts may ask other archives, and there are any."""
    return actor.holds(*asking_posts()) and (Path(settings.ANJUAN_HOME) / rules.FILE).exists()


def sites_for(actor: Actor) -> tuple[Site, ...]:
    """Whom somebody may ask along.

    Raises:
        A-001: none of his posts may ask others.
        X-040: none is named.
        X-041: the list cannot be read.
    """
    check_may_ask(actor)
    named = sites()
    if not named:
        raise Refusal("X-040")
    return named


def check_may_ask(actor: Actor) -> None:
    """Whether one of somebody's posts may ask other archives, or be asked through.

    Raises:
        A-001: none may.
    """
    if not actor.holds(*asking_posts()):
        raise Refusal("A-001", posts=asking_posts())


def may_read_register(actor: Actor) -> bool:
    """Whether somebody may see which questions went out and came in: auditor, security officer and supervisor."""
    return actor.holds(*kept.READERS)


def house_name(actor: Actor) -> str:
    """What the actor's house is called: the agency at its top."""
    top = actor.agency_path.strip("/").split("/")[0]
    return accounts.agency_names().get(top, top)


def found_for(actor: Actor, asked: str) -> Found:
    """What another archive is told of: records that its account may see here and that are not restricted.

    Raises:
        A-001, X-001 to X-008: see `search.queries.find`.

    Standard: 个人信息保护法 (minimum); restricted records go nowhere, whatever the account may read here (STD-18).
    """
    items: dict[str, ItemRow] = {}
    persons: set[str] = set()
    after, is_whole = "", True
    for _ in range(MOST_WALKED):
        result = search.find(actor, asked, after=after, page_items=rules.MOST_ROWS, explains=False)
        own = () if after else [item for hit in result.persons for item in hit.items]
        persons |= {hit.subject.urn for hit in result.persons}
        items |= {item.urn: item for item in (*own, *result.items) if item.secrecy is Secrecy.OPEN}
        after, is_whole = result.following, result.is_index_whole
        if not after or len(items) > rules.MOST_ROWS:
            break
    shown = list(items.values())[: rules.MOST_ROWS]
    cells = exported.cells(shown, list(_TOLD.values()), shows_numbers=False)
    concerned = records.subjects_of([item.urn for item in shown])
    rows = tuple(
        _row(item, dict(zip(_TOLD, cell, strict=True)), _told_of(concerned[item.urn], persons))
        for item, cell in zip(shown, cells, strict=True)
    )
    return Found(house_name(actor), rows, bool(after) or len(items) > len(shown), is_whole)


def _told_of(concerned: Sequence[SubjectRow], asked_for: Collection[str]) -> Mapping[Column, str]:
    """Of whom a record is: of many persons, those alone who were asked for, and how many there are."""
    people = [subject for subject in concerned if subject.kind == SubjectKind.INSURED_PERSON]
    units = [subject for subject in concerned if subject.kind != SubjectKind.INSURED_PERSON]
    shown = ([one for one in people if one.urn in asked_for] or people)[:MOST_NAMES]
    others = [f"等{len(people)}人"] if len(people) > len(shown) else []
    return {
        Column.NAMES: "、".join([*(one.name for one in shown), *others, *(one.name for one in units[:MOST_NAMES])]),
        Column.NUMBERS: "、".join(one.masked_id for one in shown if one.masked_id),
    }


def _row(item: ItemRow, *told: Mapping[Column, str]) -> Row:
    whole = {Column.REFERENCE: item.reference, **{name: text for part in told for name, text in part.items()}}
    return {name: text[: rules.MOST_TEXT] for name, text in whole.items()}


def register_asked(actor: Actor) -> list[AskedRow]:
    """Which questions went to other archives, newest first: of agencies that the actor's post covers (联合检索登记).

    Raises:
        A-001: it is not his to see.
    """
    lines = _lines(actor, ASKED)
    replies = {
        line.values.get("question", ""): line.values.get("replies", "")
        for line in lines
        if line.act == "exchange.note_replies"
    }
    names = accounts.staff_names({line.staff_code for line in lines})
    return [
        AskedRow(
            line.at,
            line.staff_code,
            names.get(line.staff_code, line.staff_code),
            line.values.get("asked", ""),
            line.values.get("purpose", ""),
            tuple(line.values.get("sites", "").split()),
            read_replies(replies.get(line.values.get("question", ""), "")),
        )
        for line in lines
        if line.act == "exchange.ask"
    ]


def register_answered(actor: Actor) -> list[AnsweredRow]:
    """Which questions came from other archives, newest first: through accounts of the agencies the actor's post covers.

    Raises:
        A-001: it is not his to see.
    """
    return [
        AnsweredRow(
            line.at,
            line.staff_code,
            line.values.get("house", ""),
            line.values.get("asker", ""),
            line.values.get("asked", ""),
            line.values.get("purpose", ""),
            int(line.values.get("rows", "") or 0),
        )
        for line in _lines(actor, ANSWERED)
    ]


def _lines(actor: Actor, unit: str) -> Sequence[journal.StoryLine]:
    paths = tuple(held.agency_path for held in actor.appointments if held.post in kept.READERS)
    if not paths:
        raise Refusal("A-001", posts=kept.READERS)
    covered = {code for code, row in accounts.agencies().items() if row.path.startswith(paths)}
    return journal.newest_of(unit, covered, limit=2 * LISTED)


def said_replies(replies: Sequence[rules.Reply]) -> str:
    """What became of each archive, as the journal keeps it: ``KEY:OUTCOME:ROWS``."""
    return " ".join(
        f"{reply.site.key}:{reply.outcome}:{len(reply.found.rows) if reply.found else 0}" for reply in replies
    )


def read_replies(said: str) -> tuple[tuple[str, ReplyOutcome, int], ...]:
    """The same, read back."""
    parts = [one.split(":") for one in said.split()]
    return tuple((key, ReplyOutcome(outcome), int(rows)) for key, outcome, rows in parts)
