"""Declarations as the agency's handlers see them, and as who sent one sees his own (网上申报)."""

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, AgencyKind, Post
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import Declaration
from anjuan.desks.intake.rules import Registration
from anjuan.desks.intake.rules import declarations as rules
from anjuan.desks.intake.rules.declarations import SentFile as SentFile
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import StepRow
from anjuan.records import queries as records
from anjuan.records.models import Component, Item
from anjuan.records.rows import ItemRow
from anjuan.records.rules import Employer, Person

SPOOL = "declarations"
MOST_SHOWN = 100


@dataclass(frozen=True)
class Facts:
    """What was filled in (申报内容)."""

    title: str
    formed_date: dt.date
    persons: tuple[Person, ...]
    employer: Employer | None
    answers: Mapping[str, bool]


@dataclass(frozen=True)
class DeclarationRow:
    """A declaration with what it holds; particulars and files are none once it is cleared."""

    pk: int
    uid: str
    declaration_no: str
    agency_code: str
    agency_path: str
    step_code: str
    facts: Facts | None
    files: tuple[rules.SentFile, ...]
    returned: Mapping[str, str]
    note: str
    status: rules.DeclarationStatus
    round: int
    lodged_at: dt.datetime
    moved_at: dt.datetime
    judged_by: str
    acceptance_no: str
    item_urn: str
    cleared_at: dt.datetime | None

    @property
    def pages(self) -> int:
        """Pages of all its files."""
        return sum(file.pages for file in self.files)


@dataclass(frozen=True)
class Progress:
    """How far a declaration has come, for who sent it: nothing of anybody else."""

    row: DeclarationRow
    stage: rules.Stage
    agency_name: str
    step: StepRow


def open_agencies() -> list[tuple[str, str]]:
    """Agencies at which units and citizens may send in, with their names: those of the setting that have a handler."""
    named = settings.ANJUAN_SUBMIT_AGENCIES
    if not named:
        return []
    handled = accounts.paths_with(Post.HANDLER, on=timezone.localdate())
    return [
        (row.code, row.name)
        for row in accounts.agencies().values()
        if ((rules.EVERY in named and row.kind != AgencyKind.ARCHIVE) or row.code in named)
        and row.path.startswith(handled)  # where nobody takes it in, nobody sends it
    ]


def open_steps() -> list[StepRow]:
    """Business steps that may be sent in from outside."""
    return [step for step in schedule.steps() if rules.is_marked(step, settings.ANJUAN_SUBMIT_STEPS)]


def get_open(agency_code: str, step_code: str) -> tuple[accounts.AgencyRow, StepRow]:
    """An agency and a step that are open to units and citizens.

    Raises:
        I-100: one of them is not.
    """
    steps = {step.code: step for step in open_steps()}
    if agency_code not in dict(open_agencies()) or step_code not in steps:
        raise Refusal("I-100", agency=agency_code[:20], step=step_code[:40])
    return accounts.agency(agency_code), steps[step_code]


def by_code(number: str, code: str) -> DeclarationRow:
    """The declaration that a number and its inquiry code open together.

    Raises:
        I-101: there is none, or the code is another: which of both is not said.
    """
    read = rules.read_number(number)
    row = Declaration.objects.filter(declaration_no=read).first()
    given = rules.code_digest(read, code)
    if row is None or not secrets.compare_digest(row.code_digest, given):
        raise Refusal("I-101")
    return _row(row)


def progress(row: DeclarationRow) -> Progress:
    """How far it has come, from the record that came of it."""
    state = records.states_of([row.item_urn]).get(row.item_urn) if row.item_urn else None
    return Progress(
        row=row,
        stage=rules.stage(row.status, is_cleared=row.cleared_at is not None, state=state),
        agency_name=accounts.agency_names().get(row.agency_code, row.agency_code),
        step=schedule.step(row.step_code, row.lodged_at),
    )


def number_of_ticket(ticket_digest: str) -> str:
    """Under which number a form was received already; empty where it was not."""
    found = Declaration.objects.filter(ticket_digest=ticket_digest)
    return found.values_list("declaration_no", flat=True).first() or ""


def waiting(actor: Actor) -> list[DeclarationRow]:
    """Declarations that wait for pre-review in the agencies of the actor, longest waiting first."""
    rows = _handled_by(actor).filter(status=rules.DeclarationStatus.RECEIVED, cleared_at=None)
    return [_row(row) for row in rows.order_by("moved_at", "id")[:MOST_SHOWN]]


def count_waiting(actor: Actor) -> int:
    """How many wait for pre-review."""
    return _handled_by(actor).filter(status=rules.DeclarationStatus.RECEIVED, cleared_at=None).count()


def oldest_waiting(actor: Actor) -> dt.datetime | None:
    """Since when the oldest of them waits."""
    rows = _handled_by(actor).filter(status=rules.DeclarationStatus.RECEIVED, cleared_at=None)
    return rows.order_by("moved_at").values_list("moved_at", flat=True).first()


def judged(actor: Actor) -> list[DeclarationRow]:
    """Declarations that were returned, accepted or cleared, newest first."""
    rows = _handled_by(actor).exclude(status=rules.DeclarationStatus.RECEIVED, cleared_at=None)
    return [_row(row) for row in rows.order_by("-moved_at", "-id")[:MOST_SHOWN]]


def get_declaration_for(actor: Actor, uid: str) -> DeclarationRow:
    """One declaration.

    Raises:
        R-009: there is none, or it is not of an agency where the actor is a handler.
    """
    row = Declaration.objects.filter(uid=uid).first()
    if row is None or not actor.covers(row.agency_path, Post.HANDLER):
        raise Refusal("R-009", what=uid[:20])
    return _row(row)


def path_of(row: DeclarationRow, file: rules.SentFile) -> Path:
    """Where the bytes of a file wait."""
    return spool.folder(SPOOL, row.uid) / file.place


def lying_elsewhere(actor: Actor, files: Sequence[rules.SentFile]) -> Mapping[str, ItemRow]:
    """Records that hold the same bytes already, as far as the actor may see, by SHA-512 of the file (同一文件)."""
    rows = Component.objects.filter(
        sha512__in=[file.sha512 for file in files], superseded_at=None, item__in=records.items_visible_to(actor)
    ).values_list("sha512", "item_id")
    known = dict(rows)
    items = {row.pk: row for row in records.items_by_pk(known.values())}
    return {sha512: items[pk] for sha512, pk in known.items() if pk in items}


def is_taken(agency_code: str, acceptance_no: str) -> bool:
    """Whether an acceptance number is registered already."""
    return Item.objects.filter(agency__code=agency_code, acceptance_no=acceptance_no).exists()


def registration(step_code: str, facts: Facts, *, paper_pages: int, acceptance_no: str = "") -> Registration:
    """What was filled in, as the counter would register it."""
    return Registration(
        acceptance_no=acceptance_no,
        step_code=step_code,
        title=facts.title,
        formed_date=facts.formed_date,
        paper_pages=paper_pages,
        persons=facts.persons,
        employer=facts.employer,
        answers=facts.answers,
    )


def registration_of(row: DeclarationRow, acceptance_no: str = "") -> Registration:
    """A declaration as the counter would register it; its pages are those of its files.

    Raises:
        I-111: it was cleared.
    """
    if row.facts is None:
        raise Refusal("I-111", number=row.declaration_no)
    return registration(row.step_code, row.facts, paper_pages=row.pages, acceptance_no=acceptance_no)


def facts_row(facts: Facts) -> dict[str, object]:
    """What was filled in, as its row keeps it."""
    return {
        "title": facts.title,
        "formed_date": facts.formed_date.isoformat(),
        "persons": [[person.name, person.id_number] for person in facts.persons],
        "employer": [facts.employer.name, facts.employer.credit_code] if facts.employer else None,
        "answers": dict(facts.answers),
    }


def _handled_by(actor: Actor) -> QuerySet[Declaration]:
    return Declaration.objects.filter(accounts.scopes_on("agency_path", actor, Post.HANDLER))


def _row(row: Declaration) -> DeclarationRow:
    return DeclarationRow(
        pk=row.pk,
        uid=row.uid,
        declaration_no=row.declaration_no,
        agency_code=row.agency_code,
        agency_path=row.agency_path,
        step_code=row.step_code,
        facts=_facts(row.facts) if row.facts else None,
        files=tuple(rules.SentFile(**file) for file in row.files),
        returned=row.returned,
        note=row.note,
        status=rules.DeclarationStatus(row.status),
        round=row.round,
        lodged_at=row.lodged_at,
        moved_at=row.moved_at,
        judged_by=row.judged_by,
        acceptance_no=row.acceptance_no,
        item_urn=row.item_urn,
        cleared_at=row.cleared_at,
    )


def _facts(facts: Mapping[str, object]) -> Facts:
    persons, employer, answers = facts["persons"], facts["employer"], facts["answers"]
    assert isinstance(persons, list)  # noqa: S101 - `facts_row` wrote it
    assert isinstance(answers, dict)  # noqa: S101
    return Facts(
        title=str(facts["title"]),
        formed_date=dt.date.fromisoformat(str(facts["formed_date"])),
        persons=tuple(Person(name, number) for name, number in persons),
        employer=Employer(*employer) if isinstance(employer, list) else None,
        answers=answers,
    )


def steps_named(codes: Collection[str]) -> Mapping[str, StepRow]:
    """The steps of these codes as they hold now."""
    return {step.code: step for step in schedule.steps() if step.code in codes} if codes else {}
