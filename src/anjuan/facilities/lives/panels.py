"""How life lines and doubts are shown: words, pictures, and who may do what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.lives import drawing
from anjuan.core.lives.matching import Judgement, Sign
from anjuan.core.lives.months import Stretch
from anjuan.core.terms import Actor, InsuranceLine, Post, SubjectKind
from anjuan.facilities.lives import queries
from anjuan.facilities.lives.queries import DecisionRow, NameRow
from anjuan.facilities.lives.queries.doubts import DoubtPage, doubts
from anjuan.facilities.lives.queries.life import Life, Months
from anjuan.facilities.lives.rules import DECIDING_POST, NameKind, SuccessionKind
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import RailEntry
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow, SubjectRow

SIGNS: Mapping[Sign, Promise] = {
    Sign.SAME_NUMBER: gettext_lazy("the same ID number"),
    Sign.WIDENED_NUMBER: gettext_lazy("the 15 digits of the old ID number are the same"),
    Sign.NEAR_NUMBER: gettext_lazy("one slip apart: a digit wrong, lost or added, or two exchanged"),
    Sign.OTHER_NUMBER: gettext_lazy("another ID number"),
    Sign.WRONG_NUMBER: gettext_lazy("an ID number that is not valid"),
    Sign.NO_NUMBER: gettext_lazy("an ID number is missing"),
    Sign.SAME_NAME: gettext_lazy("the same name"),
    Sign.KNOWN_NAME: gettext_lazy("a name that was registered as former or present one"),
    Sign.OTHER_NAME: gettext_lazy("another name"),
    Sign.SAME_BIRTH: gettext_lazy("the same date of birth"),
    Sign.NEAR_BIRTH: gettext_lazy("dates of birth that differ in year, month or day alone"),
    Sign.OTHER_BIRTH: gettext_lazy("another date of birth"),
    Sign.OTHER_SEX: gettext_lazy("the other sex"),
    Sign.SAME_REGION: gettext_lazy("numbers given in the same place"),
    Sign.SAME_UNIT: gettext_lazy("the same employer on their records"),
    Sign.SAME_CODE: gettext_lazy("the same organisation code"),
    Sign.NO_CODE: gettext_lazy("a credit code is missing"),
    Sign.OTHER_CODE: gettext_lazy("another credit code"),
}
_WHAT: Mapping[str, Promise] = {
    "JOINED": gettext_lazy("Joined into one"),
    "APART": gettext_lazy("Kept apart"),
    "FORMER": gettext_lazy("Former name"),
    "PRESENT": gettext_lazy("Present name"),
    "": gettext_lazy("Records parted off"),
    "RENAMED": pgettext_lazy("unit", "Renamed"),
    "MERGED": pgettext_lazy("unit", "Merged"),
    "DIVIDED": pgettext_lazy("unit", "Divided"),
    "ABOLISHED": pgettext_lazy("unit", "Ended"),
}
DONE: Mapping[str, Promise] = {
    "join": gettext_lazy("Joined. Their records stand on one line; it can be withdrawn below."),
    "apart": gettext_lazy("Kept apart. The doubt is settled; it can be withdrawn below."),
    "name": gettext_lazy("The name was added. Records are found by it, and may be registered under it."),
    "part": gettext_lazy("Parted. The chosen records have a life line of their own."),
    "succession": gettext_lazy("The succession was recorded."),
    "withdraw": gettext_lazy("Withdrawn. Everything stands as before; the decision stays on record."),
}
_CHANGES = (SuccessionKind.RENAMED, SuccessionKind.MERGED, SuccessionKind.DIVIDED, SuccessionKind.ABOLISHED)


@dataclass(frozen=True)
class DoubtLine:
    """A doubt as drawn: whom, why, and where his own line is."""

    one: SubjectRow
    other: SubjectRow
    why: str


@dataclass(frozen=True)
class RecordLine:
    """One record in the list by phase."""

    item: ItemRow
    step: str
    agency: str
    line: str
    anchor: str


@dataclass(frozen=True)
class PhaseLines:
    """One phase and its records; none is said quietly."""

    title: str
    rows: tuple[RecordLine, ...]


@dataclass(frozen=True)
class MonthsLine:
    """What the business system states of one insurance line, in words."""

    name: str
    months: Months
    paid: str
    gaps: str
    benefits: str


@dataclass(frozen=True)
class DecisionLine:
    """One decision as drawn."""

    row: DecisionRow
    what: str
    about: str
    by: str
    withdrawn_by: str
    may_withdraw: bool


def why(judgement: Judgement) -> str:
    """The signs of a judgement as one sentence."""
    comma = "，" if _is_zh() else ", "
    return comma.join(str(SIGNS[sign]) for sign in judgement.signs)


def doubts_page(actor: Actor, after: str) -> dict[str, Any]:
    """Doubtful pairs, name by name."""
    found: DoubtPage = doubts(actor, after=after)
    return {
        "doubts": [DoubtLine(row.one, row.other, why(row.judgement)) for row in found.rows],
        "following": found.following,
        "names": found.names,
        "after": after,
    }


def life_page(actor: Actor, life: Life) -> dict[str, Any]:
    """Everything the page of a life shows."""
    steps, agencies = records.step_names(), accounts.agency_names()
    lines = _record_lines(life, steps, agencies)
    lanes = _lanes(life, steps)
    staff = {row.decided_by for row in life.decisions} | {row.withdrawn_by for row in life.decisions}
    visits = journal.visits([life.urn], limit=200) if _may_see_visitors(actor, life) else []
    names = accounts.staff_names((staff | {visit.staff_code for visit in visits}) - {""})
    return {
        "life": life,
        "is_person": life.kind is SubjectKind.INSURED_PERSON,
        "former": [(row.name, _name_day(row)) for row in life.names],
        "agency_count": len({item.agency_code for item in life.items}),
        "doubts": [DoubtLine(life.subjects[0], doubt.subject, why(doubt.judgement)) for doubt in life.doubts],
        "wide": drawing.draw(lanes),
        "tall": drawing.draw(lanes, is_tall=True),
        "months": [_months_line(each) for each in life.months],
        "phases": [PhaseLines(_phase_name(code), lines[code]) for code in life.phases],
        "decisions": [_decision_line(row, life, names) for row in life.decisions],
        "ended": [row for row in life.graph if not row.successor and row.predecessor == life.urn],
        "graphs": _graphs(life),
        "edges": _edge_words(life),
        "changes": [(change.value, _WHAT[change.value]) for change in _CHANGES],
        "name_kinds": [(kind.value, _WHAT[kind.value]) for kind in NameKind],
        "parent": life.subjects[0] if life.parting else None,
        "visits": [(visit, names.get(visit.staff_code, visit.staff_code)) for visit in visits],
        "may_see_visits": _may_see_visitors(actor, life),
        "may_certify": actor.holds(Post.READING_DESK),
    }


def _may_see_visitors(actor: Actor, life: Life) -> bool:
    return any(actor.covers(item.agency_path, Post.SUPERVISOR) for item in life.items)


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


def _phase_name(code: str) -> str:
    for phase in queries.phases():
        if phase.code == code:
            return phase.zh if _is_zh() else phase.en
    return _("Other business")


def _record_lines(
    life: Life, steps: Mapping[str, str], agencies: Mapping[str, str]
) -> Mapping[str, tuple[RecordLine, ...]]:
    seen: set[int] = set()
    found: dict[str, tuple[RecordLine, ...]] = {}
    for code, items in life.phases.items():
        rows = []
        for item in items:
            anchor = "" if item.formed_date.year in seen else f"y{item.formed_date.year}"
            seen.add(item.formed_date.year)
            rows.append(
                RecordLine(
                    item,
                    steps.get(item.step_code, item.step_code),
                    agencies.get(item.agency_code, item.agency_code),
                    labels.label(InsuranceLine(item.insurance_line)),
                    anchor,
                )
            )
        found[code] = tuple(rows)
    return found


def _lanes(life: Life, steps: Mapping[str, str]) -> list[drawing.Lane]:
    months = {each.line: each for each in life.months}
    lanes = []
    for line in InsuranceLine:
        stated = months.get(line.value)
        spots = tuple(
            drawing.Spot(
                f"{item.formed_date:%Y-%m}",
                reverse("search:item", kwargs={"urn": item.urn}),
                f"{item.formed_date} {steps.get(item.step_code, item.step_code)}",
            )
            for item in life.items
            if item.insurance_line == line.value
        )
        if stated or spots:
            lanes.append(
                drawing.Lane(
                    labels.label(line),
                    stated.paid if stated else (),
                    stated.gaps if stated else (),
                    stated.benefits if stated else (),
                    spots,
                )
            )
    return lanes


def _months_line(months: Months) -> MonthsLine:
    return MonthsLine(
        labels.label(InsuranceLine(months.line)),
        months,
        _stretches(months.paid),
        _stretches(months.gaps),
        _stretches(months.benefits),
    )


def _stretches(rows: Sequence[Stretch]) -> str:
    """1998-07 – 2004-03（69 个月）; 2004-05 – …"""
    spoken = []
    for row in rows:
        count = ngettext("%(n)s month", "%(n)s months", row.count) % {"n": row.count}
        span = row.first if row.first == row.last else f"{row.first} – {row.last}"
        spoken.append(f"{span}（{count}）" if _is_zh() else f"{span} ({count})")
    return ("；" if _is_zh() else "; ").join(spoken)


def _name_day(row: NameRow) -> str:
    if row.changed_date is None:
        return ""
    words = _("until %(day)s") if row.kind is NameKind.FORMER else _("from %(day)s")
    return words % {"day": row.changed_date.isoformat()}


def _decision_line(row: DecisionRow, life: Life, names: Mapping[str, str]) -> DecisionLine:
    own = {subject.urn for subject in life.subjects}
    others = [life.units[urn] for urn in row.subjects if urn in life.units and (len(own) > 1 or urn not in own)]
    about = row.name or " · ".join(f"{each.name} {each.masked_id}".strip() for each in others)
    return DecisionLine(
        row,
        str(_WHAT[row.kind]),
        about,
        names.get(row.decided_by, row.decided_by),
        names.get(row.withdrawn_by, row.withdrawn_by),
        life.may_decide and row.stands,
    )


def _graphs(life: Life) -> list[tuple[str, drawing.Graph]]:
    named = [(row.urn, row.name) for row in life.units.values()]
    edges = [(edge.uid, edge.predecessor, edge.successor) for edge in life.graph]
    own = [subject.urn for subject in life.subjects]
    found = []
    for name, is_tall in (("wide", False), ("tall", True)):
        graph = drawing.draw_graph(own, named, edges, is_tall=is_tall)
        if graph:
            found.append((name, graph))
    return found


def _edge_words(life: Life) -> list[dict[str, Any]]:
    return [
        {
            "uid": edge.uid,
            "day": edge.day,
            "what": _WHAT[edge.kind],
            "before": life.units[edge.predecessor],
            "after": life.units.get(edge.successor),
        }
        for edge in life.graph
    ]


RAIL = (
    RailEntry(
        gettext_lazy("Life lines"), "lives:doubts", "timeline", frozenset({DECIDING_POST}), group="USE", order=15
    ),
)
