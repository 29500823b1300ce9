"""Taking in what the business system states (接收业务数据): appended, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.business import queries, rules
from anjuan.facilities.business.models import CaseRecord, Completion, Fact, FieldMap
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal


@dataclass(frozen=True)
class Taken:
    """The receipt of a delivery: how many were new, how many were here already."""

    new: int
    known: int


def take_facts(*, occasion: Occasion, source: str, stated: Sequence[rules.StatedFact]) -> Taken:
    """Keep contributions, benefits and payments (接收业务数据). A delivery that comes again changes nothing.

    Raises:
        A-001: the actor is not the business system's account.
        D-001, D-002: the delivery is empty, too large, or a row cannot be kept.
        D-003: a serial comes again for the same time with other content.

    Concurrency: the unique key refuses a doubled row; the whole delivery is one transaction.
    """
    _permit(occasion)
    rules.check_facts(tuple(stated), now=occasion.at)

    with journal.writing(occasion=occasion, act="business.take_facts", unit=f"source:{source}"[:60]) as line:
        known = queries.known_facts(source, [fact.source_serial for fact in stated])
        fresh = []
        for fact in {(fact.source_serial, fact.as_of): fact for fact in stated}.values():
            before = known.get((fact.source_serial, fact.as_of))
            if before is None:
                fresh.append(fact)
            elif before != fact.digest(source):
                raise Refusal("D-003", serial=fact.source_serial)
        Fact.objects.bulk_create(
            Fact(
                source=source,
                source_serial=fact.source_serial,
                kind=fact.kind,
                holder_number=fact.holder_number,
                insurance_line=fact.insurance_line,
                period=fact.period,
                value_fen=fact.value_fen,
                as_of=fact.as_of,
                digest=fact.digest(source),
                taken_at=occasion.at,
            )
            for fact in fresh
        )
        line.include([(f"fact:{fact.source_serial}"[:60], fact.digest(source)) for fact in fresh])
        line.say(source=source, new=len(fresh), known=len(stated) - len(fresh))
    return Taken(len(fresh), len(stated) - len(fresh))


def take_completions(*, occasion: Occasion, source: str, stated: Sequence[rules.StatedCompletion]) -> Taken:
    """Keep that cases were completed (接收办结记录).

    Raises:
        A-001: the actor is not the business system's account over that agency.
        D-001, D-002, D-003: as for `take_facts`.
        R-009: there is no such agency.
    """
    _permit(occasion)
    for agency_code in {case.agency_code for case in stated}:
        accounts.permit(occasion.actor, accounts.agency(agency_code).path, Post.INTERFACE)
    rules.check_completions(tuple(stated), now=occasion.at)

    with journal.writing(occasion=occasion, act="business.take_completions", unit=f"source:{source}"[:60]) as line:
        known = queries.known_completions([(case.agency_code, case.serial) for case in stated])
        fresh = []
        for case in {(case.agency_code, case.serial, case.as_of): case for case in stated}.values():
            before = known.get((case.agency_code, case.serial, case.as_of))
            if before is None:
                fresh.append(case)
            elif before != case.digest(source):
                raise Refusal("D-003", serial=case.serial)
        Completion.objects.bulk_create(
            Completion(
                source=source,
                agency_code=case.agency_code,
                serial=case.serial,
                step_code=case.step_code,
                handled_by=case.handled_by,
                reviewed_by=case.reviewed_by,
                declared_pages=case.declared_pages,
                completed_at=case.completed_at,
                as_of=case.as_of,
                digest=case.digest(source),
                taken_at=occasion.at,
            )
            for case in fresh
        )
        line.include([(f"case:{case.serial}"[:60], case.digest(source)) for case in fresh])
        line.say(source=source, new=len(fresh), known=len(stated) - len(fresh))
    return Taken(len(fresh), len(stated) - len(fresh))


def take_cases(*, occasion: Occasion, source: str, stated: Sequence[rules.StatedCase]) -> Taken:
    """Keep what the business system holds of its cases (接收业务记录), for the counter to take descriptions from.

    Raises:
        A-001: the actor is not the business system's account over that agency.
        D-001, D-002, D-003: as for `take_facts`.
        R-009: there is no such agency.
    """
    _permit(occasion)
    for agency_code in {case.agency_code for case in stated}:
        accounts.permit(occasion.actor, accounts.agency(agency_code).path, Post.INTERFACE)
    rules.check_cases(tuple(stated), now=occasion.at)

    with journal.writing(occasion=occasion, act="business.take_cases", unit=f"source:{source}"[:60]) as line:
        known = queries.known_cases([case.serial for case in stated])
        fresh = []
        for case in {(case.agency_code, case.serial, case.as_of): case for case in stated}.values():
            before = known.get((case.agency_code, case.serial, case.as_of))
            if before is None:
                fresh.append(case)
            elif before != case.digest(source):
                raise Refusal("D-003", serial=case.serial)
        CaseRecord.objects.bulk_create(
            CaseRecord(
                source=source,
                agency_code=case.agency_code,
                serial=case.serial,
                step_code=case.step_code,
                values=dict(case.values),
                as_of=case.as_of,
                digest=case.digest(source),
                taken_at=occasion.at,
            )
            for case in fresh
        )
        line.include([(f"case:{case.serial}"[:60], case.digest(source)) for case in fresh])
        line.say(source=source, new=len(fresh), known=len(stated) - len(fresh))
    return Taken(len(fresh), len(stated) - len(fresh))


def map_fields(*, occasion: Occasion, source: str, step_code: str, names: Mapping[str, str]) -> None:
    """Say how a business system calls our fields (字段对照), for a step or for all that have none of their own.

    Raises:
        A-001: the actor keeps no archive.
        D-070: a field is not known here, has no name, or two share one.
        R-009: no source is named.
    """
    if not occasion.actor.holds(Post.ARCHIVIST):
        raise Refusal("A-001", posts=Post.ARCHIVIST)
    if not source.strip():
        raise Refusal("R-009", what="source")
    rules.check_map(names)

    with journal.writing(occasion=occasion, act="business.map_fields", unit=f"source:{source}"[:60]) as line:
        FieldMap.objects.update_or_create(source=source[:40], step_code=step_code[:40], defaults={"names": dict(names)})
        line.say(step=step_code, names="; ".join(f"{field}={name}" for field, name in names.items()))


def _permit(occasion: Occasion) -> None:
    if not occasion.actor.holds(Post.INTERFACE):
        raise Refusal("A-001", posts=Post.INTERFACE)
