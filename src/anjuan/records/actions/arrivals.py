"""Items that arrive together (批量登记): each as `create_item` and `add_components` make it, in statements for all.

How many statements there are does not depend on how many items arrive, but for what an engine takes in one.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Custody, Duty, Occasion, Route, State, SubjectKind
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.schedule.queries import RuleRow, StepRow
from anjuan.records import queries, rules
from anjuan.records.actions import _component, _never_called
from anjuan.records.models import Category, Component, Fonds, Involvement, Item, Participation, Subject
from anjuan.records.rows import CapturedFile


@dataclass(frozen=True)
class Arrival:
    """One new item as it arrives (到件): judged by its desk, its bytes in the store, not on the spine yet."""

    urn: str
    agency_code: str
    step: StepRow
    rule: RuleRow
    acceptance_no: str
    title: str
    formed_date: dt.date
    paper_pages: int
    persons: tuple[rules.Person, ...]
    employer: rules.Employer | None
    files: tuple[CapturedFile, ...]
    route: Route = Route.TARGET
    answers: Mapping[str, bool] = field(default_factory=dict)  # to the conditions of its material list


@dataclass(frozen=True)
class Landing:
    """What became of arrivals. Those in neither were overtaken: their acceptance number was taken meanwhile.

    Attributes:
        pks: items that are on the spine now, by URN.
        refused: why others are not, by URN.
    """

    pks: Mapping[str, int]
    refused: Mapping[str, Refusal]


_Key = tuple[str, str]  # a column of Subject, and what stands in it


def create_items(
    *, line: Line, arrivals: Sequence[Arrival], is_called: Callable[[str, str], bool] = _never_called
) -> Landing:
    """Put items that arrived together on the spine, with their subjects and files (批量登记).

    One that cannot be there does not keep the others away.

    Raises:
        L-001: a person was registered meanwhile, under another name than here; to be sent again.

    Concurrency: of two that bring one acceptance number, the one that commits first has it, and the other finds its
        item in neither list of the landing. Rows are written in one order everywhere, items before subjects and each
        by its number, so that no two wait for one another.
    """
    places, refused = _places(arrivals)
    known = _subjects_of(arrivals)
    refused |= _misnamed([one for one in arrivals if one.urn not in refused], known, is_called)
    fit = sorted(
        (one for one in arrivals if one.urn not in refused), key=lambda one: (one.agency_code, one.acceptance_no)
    )
    Item.objects.bulk_create(
        (_item(line.occasion, one, *places[one.urn]) for one in fit),
        ignore_conflicts=True,  # an acceptance number that was taken meanwhile
    )
    pks = dict(Item.objects.filter(urn__in=[one.urn for one in fit]).values_list("urn", "pk"))
    landed = [one for one in fit if one.urn in pks]
    subjects = _with_new(line.occasion, landed, known, is_called)
    Involvement.objects.bulk_create(
        Involvement(item_id=pks[one.urn], subject=subjects[key], ordinal=ordinal)
        for one in landed
        for ordinal, key in enumerate(_keys(one), 1)
    )
    Component.objects.bulk_create(
        _component(pks[one.urn], ordinal, file, at=line.occasion.at)
        for one in landed
        for ordinal, file in enumerate(one.files, 1)
    )
    Participation.objects.bulk_create(
        Participation(unit=one.urn, duty=Duty.HANDLED, staff_code=line.occasion.actor.staff_code, at=line.occasion.at)
        for one in landed
    )
    return Landing(pks, refused)


def _places(
    arrivals: Sequence[Arrival],
) -> tuple[dict[str, tuple[Agency, Fonds, Category]], dict[str, Refusal]]:
    """Agency, fonds and category of each arrival, by URN; and who has none."""
    agencies = {row.code: row for row in Agency.objects.filter(code__in={one.agency_code for one in arrivals})}
    every_fonds = list(Fonds.objects.select_related("agency").order_by("-agency__path", "code"))
    categories = {(row.fonds_id, row.code): row for row in Category.objects.order_by("id")}
    places: dict[str, tuple[Agency, Fonds, Category]] = {}
    refused: dict[str, Refusal] = {}
    for one in arrivals:
        agency = agencies[one.agency_code]
        above = [row for row in every_fonds if agency.path.startswith(row.agency.path)]
        having = [row for row in above if (row.pk, one.step.category_code) in categories]
        fonds = next(iter(having or above), None)
        category = categories.get((fonds.pk, one.step.category_code)) if fonds else None
        if fonds is None:
            refused[one.urn] = Refusal("R-009", what="全宗 fonds")
        elif category is None:
            refused[one.urn] = Refusal("R-009", what=f"类目 category {one.step.category_code}")
        else:
            places[one.urn] = (agency, fonds, category)
    return places, refused


def _item(occasion: Occasion, one: Arrival, agency: Agency, fonds: Fonds, category: Category) -> Item:
    return Item(
        urn=one.urn,
        fonds=fonds,
        agency=agency,
        category=category,
        acceptance_no=one.acceptance_no,
        step_code=one.step.code,
        insurance_line=one.step.insurance_line,
        year=one.formed_date.year,
        title=one.title,
        formed_date=one.formed_date,
        rule_code=one.rule.code,
        term=str(one.rule.term),
        paper_pages=one.paper_pages,
        route=one.route,
        state=State.COLLECTING,
        custody=Custody.AGENCY,
        registered_at=occasion.at,
        state_since=occasion.at,
    )


def _keys(one: Arrival) -> list[_Key]:
    keys = [("id_number", person.id_number) for person in one.persons]
    if one.employer is not None:
        keys.append(_employer_key(one.employer))
    return keys


def _employer_key(employer: rules.Employer) -> _Key:
    return ("credit_code", employer.credit_code) if employer.credit_code else ("name", employer.name)


def _key_of(subject: Subject) -> _Key:
    if subject.id_number:
        return ("id_number", subject.id_number)
    return ("credit_code", subject.credit_code) if subject.credit_code else ("name", subject.name)


def _subjects_of(arrivals: Sequence[Arrival]) -> dict[_Key, Subject]:
    """The subjects that are on record already, by their key; of several employers of one name the first."""
    named: dict[str, set[str]] = {"id_number": set(), "credit_code": set(), "name": set()}
    for one in arrivals:
        for column, value in _keys(one):
            named[column].add(value)
    found: dict[_Key, Subject] = {}
    for rows in (
        queries.subjects_numbered("id_number", named["id_number"]),
        queries.subjects_numbered("credit_code", named["credit_code"]),
        Subject.objects.filter(kind=SubjectKind.EMPLOYER, credit_code="", name__in=named["name"]),
    ):
        for row in rows.order_by("id"):
            found.setdefault(_key_of(row), row)
    return found


def _misnamed(
    arrivals: Iterable[Arrival], known: Mapping[_Key, Subject], is_called: Callable[[str, str], bool]
) -> dict[str, Refusal]:
    """Arrivals that call a person otherwise than the record does, or than an earlier arrival."""
    urns = {value: row.urn for (column, value), row in known.items() if column == "id_number"}
    names = {value: row.name for (column, value), row in known.items() if column == "id_number"}
    refused: dict[str, Refusal] = {}
    for one in arrivals:
        for person in one.persons:
            name = names.setdefault(person.id_number, person.name)
            is_his = rules.same_name(name, person.name) or is_called(urns.get(person.id_number, ""), person.name)
            if not is_his:
                refused[one.urn] = Refusal("R-008", tail=person.id_number[-4:], known=name, name=person.name)
                break
    return refused


def _with_new(
    occasion: Occasion,
    arrivals: Sequence[Arrival],
    known: Mapping[_Key, Subject],
    is_called: Callable[[str, str], bool],
) -> dict[_Key, Subject]:
    """All subjects of these arrivals, those that were not on record yet put there."""
    fresh: dict[_Key, Subject] = {}
    for one in arrivals:
        for person in one.persons:
            key = ("id_number", person.id_number)
            if key not in known and key not in fresh:
                fresh[key] = Subject(
                    urn=occasion.urn(), kind=SubjectKind.INSURED_PERSON, name=person.name, id_number=person.id_number
                )
        if one.employer is not None and (key := _employer_key(one.employer)) not in known and key not in fresh:
            fresh[key] = Subject(
                urn=occasion.urn(),
                kind=SubjectKind.EMPLOYER,
                name=one.employer.name,
                credit_code=one.employer.credit_code,
            )
    if not fresh:
        return dict(known)
    Subject.objects.bulk_create(
        (fresh[key] for key in sorted(fresh)),
        ignore_conflicts=True,  # registered at another counter a moment ago
    )
    found = dict(known) | _subjects_of(arrivals)
    for one in arrivals:
        for person in one.persons:
            subject = found["id_number", person.id_number]
            if not rules.same_name(subject.name, person.name) and not is_called(subject.urn, person.name):
                raise Refusal("L-001", reference=one.acceptance_no)
    return found
