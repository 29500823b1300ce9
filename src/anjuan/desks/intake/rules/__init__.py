"""What may be registered at the counter, and what is still missing before review (收集)."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from anjuan.core import canonical
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Post, Route, State
from anjuan.facilities.corrections.rules import ANSWERING_POSTS
from anjuan.foundation.schedule.rules import MATERIAL_CODES, MaterialRow, missing_materials
from anjuan.records.rules import Employer, Person

MOST_PAGES = 2000
MOST_AT_ONCE = 100  # cases, and files, of one request
# Cases of one act: a hundred would hold SQLite's single writer for some 100 ms, and others at the counter would wait.
MOST_IN_ONE_ACT = 50
SENDERS = (Post.HANDLER, Post.PROCESSOR)  # who may send files that are not yet part of a record
EARLIEST = dt.date(1949, 10, 1)


@dataclass(frozen=True)
class Registration:
    """What the counter types when a case is taken in (登记)."""

    acceptance_no: str
    step_code: str
    title: str
    formed_date: dt.date
    paper_pages: int
    persons: tuple[Person, ...]
    employer: Employer | None
    route: Route = Route.TARGET
    answers: Mapping[str, bool] = field(default_factory=dict, hash=False)  # to the conditions of the material list
    paper_state: str = ""  # a kind of bad state in which the paper came in, such as a tied bundle; empty: nothing bad
    paper_note: str = ""


# At which stages pages may be added or replaced, and by whom: at the counter, while a fault is being mended (the paper
# may lie with those who filed it), and in the workshop, where paper-first records are scanned.
CHANGING_POSTS: Mapping[State, tuple[Post, ...]] = {
    State.COLLECTING: (Post.HANDLER, Post.ASSISTANT),
    State.RETURNED: ANSWERING_POSTS,
    State.MENDING: ANSWERING_POSTS,
    State.IN_WORKSHOP: (Post.PROCESSOR,),
}


def check_registration(registration: Registration, *, today: dt.date, concerns_many: bool) -> None:
    """Whether a case can be registered.

    Raises:
        I-002: the formation date lies in the future or before 1949-10-01.
        I-005: the page count is not between 1 and 2,000.
        I-006: nobody is named whom the record concerns.
        I-007: several persons on a form that concerns one.
    """
    if not EARLIEST <= registration.formed_date <= today:
        raise Refusal("I-002", date=registration.formed_date.isoformat())
    if not 1 <= registration.paper_pages <= MOST_PAGES:
        raise Refusal("I-005", pages=registration.paper_pages, most=MOST_PAGES)
    if not registration.persons and registration.employer is None:
        raise Refusal("I-006")
    if len(registration.persons) > 1 and not concerns_many:
        raise Refusal("I-007", persons=len(registration.persons))


def check_answers(answers: Mapping[str, bool], conditions: Sequence[tuple[str, str]], step_name: str) -> None:
    """Whether a case answers only what its material list asks (情形).

    Args:
        answers: by the words of the condition.
        conditions: of the list, in Chinese and English.
        step_name: what the step is called.

    Raises:
        I-075: the list knows no such condition.
    """
    asked = [words for words, _ in conditions]
    for words in answers:
        if words not in asked:
            raise Refusal("I-075", condition=words[:60], step=step_name, asked="；".join(asked) or "—")


def answered(answers: Mapping[str, bool]) -> dict[str, str]:
    """Answers as a journal line names them; nothing where none were given."""
    said = "；".join(f"{words}：{'是' if holds else '否'}" for words, holds in sorted(answers.items()))
    return {"answers": said} if said else {}


def named_subjects(persons: Sequence[Person], employer: Employer | None) -> dict[str, str]:
    """Whom the record concerns, as journal fields: one a person, so that a certificate for one discloses no other."""
    named = {f"person_{place}": f"{person.name} {person.id_number}" for place, person in enumerate(persons, 1)}
    if employer is not None:
        named["employer"] = f"{employer.name} {employer.credit_code}".strip()
    return named


def pages_by_material(files: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Pages of each material, from the material and the page count of each file."""
    pages: dict[str, int] = {}
    for material_code, page_count in files:
        pages[material_code] = pages.get(material_code, 0) + page_count
    return pages


def obstacles(
    *,
    materials: Sequence[MaterialRow],
    pages_by_material: Mapping[str, int],
    paper_pages: int,
    open_faults: int,
    route: Route = Route.TARGET,
    is_completed: bool = True,
    answers: Mapping[str, bool] | None = None,
) -> tuple[Obstacle, ...]:
    """What still stands between the record and its next step, one line each (为什么不能提交).

    A paper-first record needs no image yet; a single-set one waits for the business system.
    """
    found: list[Obstacle] = []
    if route is not Route.LEGACY:
        found += missing_materials(materials, pages_by_material, answers)
        images = sum(pages_by_material.values())
        if images != paper_pages:
            found.append(Obstacle("I-008", {"paper": paper_pages, "images": images}))
    if route is Route.SINGLE_SET and not is_completed:
        found.append(Obstacle("I-017"))
    if open_faults:
        found.append(Obstacle("I-009", {"faults": open_faults}))
    return tuple(found)


def evidence(found: Sequence[Obstacle], route: Route = Route.TARGET) -> frozenset[Evidence]:
    """The evidence that lies on the table, given what is still missing: only what this route looks at."""
    codes = {obstacle.code for obstacle in found}
    table = {
        Evidence.MATERIALS_COMPLETE: MATERIAL_CODES,
        Evidence.PAGES_AGREE: {"I-008"},
        Evidence.FAULTS_ANSWERED: {"I-009"},
        Evidence.BUSINESS_COMPLETED: {"I-017"},
    }
    if route is Route.LEGACY:
        table = {Evidence.FAULTS_ANSWERED: table[Evidence.FAULTS_ANSWERED]}
    elif route is Route.TARGET:
        del table[Evidence.BUSINESS_COMPLETED]
    return frozenset(piece for piece, against in table.items() if not codes & against)


def token_digest(token: str) -> str:
    """What is kept of a phone's token: its SHA-256. The token itself is shown once."""
    return hashlib.sha256(token.encode()).hexdigest()


def sent_digest(agency_code: str, registration: Registration, files: Sequence[tuple[str, str, str]]) -> str:
    """What tells a case that is sent again from another one under its number (重发识别): SHA-256 over facts and bytes.

    It stands beside the facts themselves, in a row and never in the log: of an ID number a digest hides nothing.

    Args:
        agency_code: whose case it is.
        registration: as it was sent.
        files: material, original name and SHA-512 of each.
    """
    employer = registration.employer
    return canonical.digest(
        [
            agency_code,
            registration.acceptance_no.strip(),
            registration.step_code,
            registration.title,
            registration.formed_date.isoformat(),
            registration.paper_pages,
            registration.route.value,
            [[person.name, person.id_number] for person in registration.persons],
            [employer.name, employer.credit_code] if employer else None,
            [list(file) for file in files],
            # Only where some were given: cases sent before answers could be sent keep their digests.
            *([sorted(registration.answers.items())] if registration.answers else []),
        ]
    )


def sent_facts(registration: Registration) -> dict[str, str]:
    """The facts of a case as a page holds them against the record's."""
    employer = registration.employer
    return {
        "step": registration.step_code,
        "title": registration.title,
        "formed_date": registration.formed_date.isoformat(),
        "paper_pages": str(registration.paper_pages),
        "route": registration.route.value,
        "persons": "; ".join(f"{person.name} {person.id_number}" for person in registration.persons),
        "employer": f"{employer.name} {employer.credit_code}".strip() if employer else "",
        **answered(registration.answers),
    }
