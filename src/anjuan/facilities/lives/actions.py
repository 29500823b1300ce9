"""Deciding of persons and units (一人一档判定): each decision a row of its own, undone by another row.

No record is rewritten. The evidence is named by the reference of a record that the actor may see.
"""

import datetime as dt
import zoneinfo
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction

from anjuan.core.lives.matching import Likeness
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, SubjectKind
from anjuan.facilities.lives import queries, rules
from anjuan.facilities.lives.models import Bond, Naming, PartedItem, Parting, Succession, Withdrawal
from anjuan.facilities.lives.queries.life import Judge, Life, life_of
from anjuan.facilities.lives.rules import DECIDING_POST, NameKind, Pair, SuccessionKind, Tie
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import SubjectRow

MOST_SIGNS = 200


def join(*, occasion: Occasion, one: str, other: str, reason: str, evidence: str = "") -> str:
    """Say that two subjects are one (并为一人、并为一户). Returns the decision's URN.

    Args:
        occasion: an archivist who keeps a record of each.
        one, other: URNs of the subjects.
        reason: in words; 200 characters at most.
        evidence: 档号 or acceptance number of the record that shows it; needed where nothing on record speaks for it.

    Raises:
        A-001: the actor is not archivist of an agency that keeps a record of each.
        L-101 to L-104: see `rules.check_tie`.
        R-009: a subject or the evidence does not exist, or is not his to see.
        R-010: no reason is given.

    Concurrency: of two who decide the same pair at once the second is L-102.
    """
    return _tie(occasion, Tie.JOINED, one, other, reason, evidence)


def keep_apart(*, occasion: Occasion, one: str, other: str, reason: str, evidence: str = "") -> str:
    """Say that two subjects are not one (各为一人、各为一户); the doubt is settled. Returns the decision's URN.

    Raises:
        A-001, L-101 to L-103, R-009, R-010: as for `join`.

    Concurrency: of two who decide the same pair at once the second is L-102.
    """
    return _tie(occasion, Tie.APART, one, other, reason, evidence)


def open_life(*, occasion: Occasion, urn: str) -> Life:
    """Open a life line (查看一人一档): it is put down who looked, durably, before anything is shown.

    Raises:
        A-001, R-009: see `queries.life.life_of`.
        J-003: the look cannot be put down.

    Standard: S4-C8 (a query on a person's rights and interests is on record); decision 21.
    """
    life = life_of(occasion.actor, urn)
    journal.note_opening(occasion=occasion, unit=urn, component=0, page=0, purpose="lives")
    return life


def _tie(occasion: Occasion, tie: Tie, one: str, other: str, reason: str, evidence: str) -> str:
    chosen = rules.pair(one, other)
    found = _subjects(occasion, (one, other))
    rules.check_kinds([row.kind for row in found.values()])
    said = record_rules.text("理由 reason", reason, limit=MOST_SIGNS)
    shown = _evidence(occasion, evidence)
    answer = Judge(list(found.values()), occasion.actor, _known_names(found))(found[one], found[other])
    if tie is Tie.JOINED:
        with journal.writing(occasion=occasion, act="lives.join", unit=one) as line:
            uid = _bind(line, tie, chosen, said, shown, is_likely=answer.likeness is not Likeness.OTHER)
            line.say_of(other, joined_with=one)
            line.say(other=other, reason=said, evidence=shown, signs=",".join(answer.signs), decision=uid)
        return uid
    with journal.writing(occasion=occasion, act="lives.keep_apart", unit=one) as line:
        uid = _bind(line, tie, chosen, said, shown, is_likely=True)
        line.say_of(other, kept_from=one)
        line.say(other=other, reason=said, evidence=shown, signs=",".join(answer.signs), decision=uid)
    return uid


def _bind(line: journal.Line, tie: Tie, chosen: Pair, reason: str, evidence: str, *, is_likely: bool) -> str:
    # Counted before it is judged: who decides in between has the same turn, and the database refuses the later one.
    before = Bond.objects.filter(one_urn=chosen.one, other_urn=chosen.other).count()
    one_life, of_one = queries.joined_with(chosen.one)
    other_life, of_other = queries.joined_with(chosen.other)
    rules.check_tie(
        tie,
        chosen,
        standing={**of_one, **of_other},
        lives=(one_life, other_life),
        is_likely=is_likely,
        has_evidence=bool(evidence),
    )
    fields = {"kind": tie, "one_urn": chosen.one, "other_urn": chosen.other}
    return _decide(line, Bond, reason, evidence, turn=before, **fields)


def add_name(
    *,
    occasion: Occasion,
    subject: str,
    name: str,
    kind: NameKind,
    changed: dt.date | None = None,
    reason: str,
    evidence: str = "",
) -> str:
    """Add a former or the present name of a person or unit (登记曾用名、现用名). Returns the decision's URN.

    Records of the same number may be registered under it from then on; the name on record stays.

    Args:
        occasion: an archivist who keeps a record of this subject.
        subject: URN.
        name: as written.
        kind: FORMER, or PRESENT where the name on record is the former one.
        changed: day of the change, if it is known.
        reason: in words.
        evidence: 档号 or acceptance number of the record that shows it.

    Raises:
        A-001: the actor is not archivist of an agency that keeps a record of this subject.
        L-105, L-106: see `rules.check_name`.
        R-009: the subject or the evidence does not exist, or is not his to see.
        R-010: name or reason cannot be kept.

    Standard: D10 错人; the remedy of R-008.
    Concurrency: of two who add one name at once the second is L-102.
    """
    row = _subjects(occasion, (subject,))[subject]
    said = record_rules.text("理由 reason", reason, limit=MOST_SIGNS)
    tidy = record_rules.text("姓名 name", name, limit=120)
    shown = _evidence(occasion, evidence)
    today = _today(occasion)

    with journal.writing(occasion=occasion, act="lives.add_name", unit=subject) as line:
        before = Naming.objects.filter(subject_urn=subject, name_key=rules.name_key(tidy)).count()
        known = [row.name, *(each.name for each in queries.names_of([subject]).get(subject, []))]
        key = rules.check_name(tidy, kind, known=known, changed=changed, today=today)
        fields = {"kind": kind, "subject_urn": subject, "name": tidy, "name_key": key, "changed_date": changed}
        uid = _decide(line, Naming, said, shown, turn=before, **fields)
        line.say(name=tidy, kind=kind, day=changed, reason=said, evidence=shown, decision=uid)
    return uid


def part(*, occasion: Occasion, subject: str, items: Sequence[str], name: str, reason: str, evidence: str = "") -> str:
    """Say that some records under a subject are another's (拆分): a number that two people had. Returns the new life.

    Args:
        occasion: an archivist who keeps a record of this subject.
        subject: URN.
        items: URNs of the records that are the other's.
        name: what the other is called.
        reason: in words.
        evidence: 档号 or acceptance number of the record that shows it.

    Raises:
        A-001: the actor is not archivist of an agency that keeps a record of this subject.
        L-102, L-108, L-109: see `rules.check_parted`.
        R-009: the subject, a record or the evidence does not exist, or is not his to see.
        R-010: name or reason cannot be kept.

    Concurrency: of two who part one record at once the second is L-102.
    """
    row = _subjects(occasion, (subject,))[subject]
    said = record_rules.text("理由 reason", reason, limit=MOST_SIGNS)
    tidy = record_rules.text("姓名 name", name, limit=120)
    shown = _evidence(occasion, evidence)
    theirs = [item.urn for item, _ in record_subjects.items_by_subject(occasion.actor, [row.pk])]
    wanted = list(dict.fromkeys(items))

    with journal.writing(occasion=occasion, act="lives.part", unit=subject) as line:
        earlier = list(
            PartedItem.objects.filter(subject_urn=subject, item_urn__in=wanted).values_list("item_urn", flat=True)
        )
        parted = {urn for each in queries.partings_of([subject]) for urn in each.item_urns}
        rules.check_parted(wanted, theirs=theirs, parted=parted)
        uid = _decide(line, Parting, said, shown, turn=0, subject_urn=subject, name=tidy)
        try:
            with transaction.atomic():
                PartedItem.objects.bulk_create(
                    PartedItem(parting_uid=uid, subject_urn=subject, item_urn=urn, turn=earlier.count(urn))
                    for urn in wanted
                )
        except IntegrityError:
            raise Refusal("L-102") from None
        for urn in wanted:
            line.say_of(urn, parted_to=uid)
        line.say(name=tidy, reason=said, evidence=shown, decision=uid)
    return uid


def record_succession(
    *,
    occasion: Occasion,
    predecessor: str,
    successor: str = "",
    kind: SuccessionKind,
    day: dt.date,
    reason: str,
    evidence: str = "",
) -> str:
    """Record that a unit came from another, or ended (登记单位沿革). Returns the decision's URN.

    Args:
        occasion: an archivist who keeps a record of each.
        predecessor: URN of the unit that was before.
        successor: URN of the one that came after; empty where it ended.
        kind: RENAMED, MERGED, DIVIDED, or ABOLISHED.
        day: of the change, in the agency's calendar.
        reason: in words.
        evidence: 档号 or acceptance number of the record that shows it.

    Raises:
        A-001: the actor is not archivist of an agency that keeps a record of each.
        L-102, L-106, L-107, L-110, L-111: see `rules.check_succession`.
        R-009: a unit or the evidence does not exist, or is not his to see.
        R-010: no reason is given.

    Concurrency: of two who record one succession at once the second is L-102.
    """
    found = _subjects(occasion, [urn for urn in (predecessor, successor) if urn])
    for row in found.values():
        rules.check_is(row.kind, SubjectKind.EMPLOYER)
    said = record_rules.text("理由 reason", reason, limit=MOST_SIGNS)
    shown = _evidence(occasion, evidence)
    today = _today(occasion)

    with journal.writing(occasion=occasion, act="lives.record_succession", unit=predecessor) as line:
        before = Succession.objects.filter(predecessor_urn=predecessor, successor_urn=successor).count()
        edges = [(edge.predecessor, edge.successor) for edge in queries.graph_of(list(found))]
        rules.check_succession(kind, predecessor, successor, edges=edges, day=day, today=today)
        fields = {"kind": kind, "predecessor_urn": predecessor, "successor_urn": successor, "happened_date": day}
        uid = _decide(line, Succession, said, shown, turn=before, **fields)
        if successor:
            line.say_of(successor, came_from=predecessor)
        line.say(successor=successor, kind=kind, day=day, reason=said, evidence=shown, decision=uid)
    return uid


def withdraw(*, occasion: Occasion, uid: str, reason: str) -> None:
    """Withdraw a decision (撤销判定): everything stands as before it; the decision stays readable.

    Raises:
        A-001: the actor is not archivist of an agency that keeps a record of everybody it is about.
        L-112: it was withdrawn already.
        R-009: there is no such decision, or whom it is about is not his to see.
        R-010: no reason is given.

    Concurrency: of two who withdraw it at once the second is L-112.
    """
    row = queries.decision(uid)
    _subjects(occasion, row.subjects)
    said = record_rules.text("理由 reason", reason, limit=MOST_SIGNS)

    with journal.writing(occasion=occasion, act="lives.withdraw", unit=row.subjects[0]) as line:
        if Withdrawal.objects.filter(uid=uid).exists():
            raise Refusal("L-112")
        try:
            with transaction.atomic():
                Withdrawal.objects.create(
                    uid=uid,
                    reason=said,
                    agency_code=occasion.actor.agency_code,
                    withdrawn_by=occasion.actor.staff_code,
                    withdrawn_at=occasion.at,
                )
        except IntegrityError:
            raise Refusal("L-112") from None
        for urn in row.subjects[1:]:
            line.say_of(urn, withdrawn=uid)
        line.say(decision=uid, reason=said)


def _decide(line: journal.Line, model: type, reason: str, evidence: str, *, turn: int, **fields: object) -> str:
    uid = line.occasion.urn()
    try:
        with transaction.atomic():
            model.objects.create(  # type: ignore[attr-defined]
                uid=uid,
                turn=turn,
                reason=reason,
                evidence_urn=evidence,
                agency_code=line.occasion.actor.agency_code,
                decided_by=line.occasion.actor.staff_code,
                decided_at=line.occasion.at,
                **fields,
            )
    except IntegrityError:  # somebody decided the same a moment ago
        raise Refusal("L-102") from None
    return uid


def _subjects(occasion: Occasion, urns: Sequence[str]) -> dict[str, SubjectRow]:
    """Subjects the actor may see and, as archivist, decide of."""
    found = {row.urn: row for row in record_subjects.seen_subjects(occasion.actor, urns=urns)}
    for urn in urns:
        if urn not in found:
            raise Refusal("R-009", what=urn)
    if not queries.may_decide(occasion.actor, urns):
        raise Refusal("A-001", posts=DECIDING_POST)
    return found


def _known_names(found: dict[str, SubjectRow]) -> dict[str, frozenset[str]]:
    return {urn: frozenset(row.name for row in rows) for urn, rows in queries.names_of(list(found)).items()}


def _evidence(occasion: Occasion, reference: str) -> str:
    if not reference.strip():
        return ""
    urn = record_subjects.item_urn_of(occasion.actor, reference.strip())
    if not urn:
        raise Refusal("R-009", what=reference.strip()[:60])
    return urn


def _today(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
