"""Finding (检索): what was typed is recognised and said, then looked up exactly. Page, API and command ask here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from anjuan.core import identifiers, refcode
from anjuan.core.asking import fields, grammar, numbers
from anjuan.core.asking.folding import plain, whole
from anjuan.core.asking.pinyin import readings
from anjuan.core.asking.questions import (
    Column,
    Key,
    Keyed,
    Labelled,
    Leaf,
    Masked,
    Number,
    Question,
    Words,
    leaves,
    some,
)
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, InsuranceLine, Post, Secrecy, State
from anjuan.core.words import word
from anjuan.facilities.lives import queries as lives
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.search import rules
from anjuan.facilities.search.backends import Damaged, Index
from anjuan.facilities.search.queries import matching
from anjuan.facilities.search.queries.indexed import digest, index
from anjuan.facilities.search.queries.matching import Hit
from anjuan.facilities.search.rules import Order, Plan
from anjuan.foundation.accounts import queries as accounts
from anjuan.records import queries as records
from anjuan.records.queries import inside, relations, restricted
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import ItemRow, SubjectRow, VolumeRow, volume_row

MOST_ITEMS = 500  # of one person or unit on one page
PAGE_ITEMS = 20  # found by the index on one page
MOST_ALIKE = 8
MOST_COUNTED = 1_000  # places at which such a term stands: all of a common one would take longer than the question
LONGEST_NAME = 6  # characters of a name whose sound is tried
MOST_ALONE = 5  # terms whose own hits are counted where all together find nothing
IN_WORKSHOP = (State.RECHECKED.value, State.IN_WORKSHOP.value)


@dataclass(frozen=True)
class PersonHit:
    """A person or unit with the records that concern it, as far as the actor may see them; ``is_cut`` if not all."""

    subject: SubjectRow
    items: tuple[ItemRow, ...]
    is_cut: bool


@dataclass(frozen=True)
class Alone:
    """How many records one term finds by itself (单独检索); ``is_more`` where counting was broken off."""

    asked: str
    total: int
    is_more: bool


@dataclass(frozen=True)
class SearchResult:
    """What was found.

    Attributes:
        typed: what was asked, trimmed.
        recognised: ID_CARD, CREDIT_CODE, REFERENCE_CODE, ACCEPTANCE_NO, NUMBER, PART_OF_NUMBER, PHONE, NAME, PINYIN,
            WORDS, QUESTION or NOTHING.
        advice: a refusal to be shown as advice, such as a wrong check digit; the search went on all the same.
        persons: hits grouped by person or unit.
        items: items found by their own number, or by the index: one page of them.
        volumes: volumes found by their own number.
        cut: whether more persons of one name, or more records of one person, were found than are listed under them;
            what is not listed under them is among the items.
        is_index_whole: whether the index knows every record; while it is being made again, it does not.
        waiting: files whose words are not in the index yet, here or anywhere.
        listed: records listed under persons, and by their own number.
        more: records the index found beside these, on this page and on others.
        hits: why each item was found, by URN.
        facets: how many of ``more`` have which year, category, step, agency and stage.
        order: of the items.
        following: what asks for the next page; empty on the last.
        notes: what of the question was mended or left out.
        alone: where nothing was found, what each term finds by itself.
        alike: where nothing was found, names that sound alike and are found; they are offered, never asked instead.
        narrowing: the question in a form behind which one more field can be written.
    """

    typed: str
    recognised: str
    advice: Refusal | None
    persons: tuple[PersonHit, ...]
    items: tuple[ItemRow, ...]
    volumes: tuple[VolumeRow, ...]
    cut: bool = False
    is_index_whole: bool = True
    waiting: int = 0
    more: int = 0
    hits: Mapping[str, Hit] = field(default_factory=dict)
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    order: Order = Order.NEWEST
    following: str = ""
    notes: tuple[grammar.Note, ...] = ()
    alone: tuple[Alone, ...] = ()
    alike: tuple[str, ...] = ()
    listed: frozenset[str] = frozenset()
    narrowing: str = ""

    @property
    def total(self) -> int:
        """Number of records found, on all pages."""
        return len(self.listed) + self.more + len(self.volumes)


def find(
    actor: Actor,
    text: str,
    *,
    order: Order = Order.NEWEST,
    after: str = "",
    page_items: int | None = None,
    explains: bool = True,
) -> SearchResult:
    """Look up a number, a code or a name, exactly; and ask the index for everything else (检索).

    Everything is cut by what the actor may see: a person without a visible record is not shown at all, and no record
    beyond his rights is counted.

    Args:
        actor: who asks.
        text: as it was typed.
        order: of the items the index finds.
        after: ``following`` of the page before.
        page_items: how many items the index gives on one page; as many as a screen shows where nothing is said.
        explains: whether why each was found, and what else might be, is told.

    Raises:
        A-001: the actor is a workshop operator, who searches nothing (S3-R9).
        X-001 to X-008: the question cannot be read.
        X-009: the page after which more was asked for is not known.
    """
    if not actor.may_search:
        raise Refusal("A-001", posts=RECORD_POSTS)
    typed = " ".join(text.split())
    if len(typed) > grammar.MOST_TYPED:
        raise Refusal("X-001", length=len(typed), most=grammar.MOST_TYPED)
    if not typed:
        return SearchResult("", "NOTHING", None, (), (), (), order=order)
    number = identifiers.fold(typed)
    is_number = _looks_like_id(number) or _looks_like_credit_code(number)
    if not is_number and (coded := _by_code(actor, typed)):
        return coded
    asked = grammar.read(typed)
    question = asked.question
    shown = SearchResult(typed, "NAME" if asked.is_plain else "QUESTION", None, (), (), (), notes=asked.notes)
    shown = replace(shown, narrowing=typed if asked.is_plain else f"({typed})")
    if is_number:
        shown = replace(_by_number(actor, shown, number), narrowing=number)
        question = _whole_number(number, question)
    else:
        named, cut = _people(actor, _named(actor, typed))
        shown = replace(shown, persons=named, cut=cut, recognised=_recognised(typed, shown, named, question))
        if asked.is_plain and (sound := fields.by_pinyin(typed)) is not None:
            question = some([question, sound])
    shown = replace(shown, order=order, listed=frozenset(item.urn for hit in shown.persons for item in hit.items))
    result = _with_index(
        actor, shown, question, asked.question, _after(after), page_items=page_items or PAGE_ITEMS, explains=explains
    )
    # A bar code or an acceptance number may be as long as a person's number; that is looked for first.
    return (_by_code(actor, typed) if is_number and not result.total else None) or result


def _named(actor: Actor, typed: str) -> tuple[list[SubjectRow], bool]:
    """Who bears a name on record, and who bore it or bears it now by decision (曾用名、现用名)."""
    found, cut = record_subjects.find_subjects(actor, name=typed)
    known = {subject.urn for subject in found}
    others = record_subjects.seen_subjects(actor, urns=lives.called(typed) - known)
    return found + others, cut


def count_newer(actor: Actor, text: str, *, than: int, most: int) -> int:
    """How many records registered after one a question finds, counted up to ``most``; none if it cannot be read now.

    Only the index is asked, in one statement: persons, codes and former codes are found through it as well.
    """
    try:
        question = grammar.read(" ".join(text.split())).question
        return index().count_newer(_planner(digest())(question), _grants(actor), than=than, limit=most)
    except (Refusal, Damaged):
        return 0


def _by_code(actor: Actor, typed: str) -> SearchResult | None:
    """Records under a 档号, a former one or an acceptance number; a volume brings the items in it."""
    code = refcode.normalise(typed)
    is_code, former = relations.is_code(code, typed), numbering.units_formerly(code)
    if not (is_code or former):
        return None  # nearly every question: whose records they are need not be asked
    items = records.items_called(actor, "reference_code", [code])
    volumes = _volumes(actor, reference_code=code)
    if not items and not volumes and former:  # numbered anew: the former code leads to the record as it is called now
        items, volumes = records.items_called(actor, "urn", former), _volumes(actor, urn__in=former)
    if items or volumes:
        held = [item for volume in volumes for item in inside.items_seen_in(actor, volume.urn)]
        return _listed(SearchResult(typed, "REFERENCE_CODE", None, (), tuple(items + held), tuple(volumes)))
    accepted = records.items_called(actor, "acceptance_no", [typed])
    return _listed(SearchResult(typed, "ACCEPTANCE_NO", None, (), tuple(accepted), ())) if accepted else None


def _volumes(actor: Actor, **called: object) -> list[VolumeRow]:
    rows = records.volumes_visible_to(actor).filter(**called).select_related("fonds", "category", "agency")
    return [volume_row(row) for row in rows.order_by("id")]


def _listed(result: SearchResult) -> SearchResult:
    return replace(result, listed=frozenset(item.urn for item in result.items))


def _by_number(actor: Actor, result: SearchResult, number: str) -> SearchResult:
    """Persons and units of a whole number; eighteen digits may be either, and then both are looked for."""
    advice: Refusal | None = None
    people: tuple[PersonHit, ...] = ()
    units: tuple[PersonHit, ...] = ()
    cut = unit_cut = False
    if _looks_like_id(number):
        try:
            wanted = identifiers.citizen_id(number)
        except Refusal as wrong:  # a stored number with a wrong check digit must still be found
            wanted, advice = number, wrong
        people, cut = _people(actor, record_subjects.find_subjects(actor, id_number=wanted))
    if _looks_like_credit_code(number):
        slip: Refusal | None = None
        try:
            identifiers.credit_code(number)
        except Refusal as wrong:
            slip = wrong
        if not (slip and people):  # it is a person's, and no right credit code
            units, unit_cut = _people(actor, record_subjects.find_subjects(actor, credit_code=number))
        if not _looks_like_id(number):
            advice = slip
        elif slip is None:
            advice = None  # as a credit code it is right
    is_unit = bool(units and not people) or not _looks_like_id(number)
    return replace(
        result,
        recognised="CREDIT_CODE" if is_unit else "ID_CARD",
        advice=advice,
        persons=people + units,
        cut=cut or unit_cut,
    )


def _whole_number(number: str, question: Question) -> Question:
    """A number typed in groups or with blanks is one number."""
    return Number(number, number) if numbers.is_citizen_shape(number) else question


def _recognised(typed: str, result: SearchResult, named: Sequence[PersonHit], question: Question) -> str:
    if named:
        return "NAME"
    found = plain(typed)
    if isinstance(question, Masked):
        return "PART_OF_NUMBER"
    if isinstance(question, Number):
        return "NUMBER"
    if len(found) == 11 and found.isascii() and found.isdigit() and found[0] == "1" and found[1] in "3456789":
        return "PHONE"
    if found.removesuffix("*").isascii() and found.removesuffix("*").isdigit() and 6 <= len(found.rstrip("*")) <= 17:
        return "PART_OF_NUMBER"
    return result.recognised


def _with_index(
    actor: Actor,
    result: SearchResult,
    question: Question,
    typed: Question,
    after: tuple[str, int] | None,
    *,
    page_items: int,
    explains: bool,
) -> SearchResult:
    """The result, with what the index finds beside it."""
    make = digest()
    look_up = _planner(make)
    kept = index()
    try:
        standing = kept.standing()
        without = [item.pk for hit in result.persons for item in hit.items]
        plan, grants = look_up(question), _grants(actor)
        found = kept.answer(plan, grants, order=result.order, after=after, limit=page_items + 1, without=without)
        rows = found.rows[:page_items]
        # The grants were applied by the index already; what moved since it was told is judged again.
        items = {row.pk: row for row in records.items_keyed(actor, [pk for pk, _ in rows])}
        listed = [items[pk] for pk, _ in rows if pk in items]
        closed = restricted.closed_to(actor, [row.urn for row in listed if row.secrecy is not Secrecy.OPEN])
        hits = matching.why(kept, listed, list(leaves(question)), make, closed) if explains else {}
        alone: tuple[Alone, ...] = ()
        alike: tuple[str, ...] = ()
        if explains and not found.total and not result.persons:
            alone = _alone(kept, typed, look_up, grants)
            alike = _alike(actor, kept, typed, grants)
    except Damaged:  # the worker makes it again; numbers, codes and names are found all the same
        return replace(result, is_index_whole=False)
    recognised = result.recognised
    if recognised == "NAME" and not result.persons:
        recognised = "PINYIN" if found.total and question is not typed and _by_sound(hits) else recognised
        recognised = "WORDS" if found.total and recognised == "NAME" else recognised
    last = rows[-1] if len(found.rows) > page_items else None
    return replace(
        result,
        recognised=recognised,
        items=tuple(listed),
        more=found.total,
        hits=hits,
        facets=found.facets,
        following=f"{last[1]}~{last[0]}" if last else "",
        alone=alone,
        alike=alike,
        waiting=standing.behind if standing else 0,
        is_index_whole=standing is not None and standing.rebuilt_to is None,
    )


def _by_sound(hits: Mapping[str, Hit]) -> bool:
    return any(reason.kind == "SOUND" for hit in hits.values() for reason in hit.reasons)


def _planner(make: Callable[[str], str]) -> Callable[[Question], Plan]:
    names: dict[Column, Sequence[tuple[str, str]]] = {}

    def named(asked: Labelled) -> list[str]:
        if asked.column not in names:
            names[asked.column] = _names(asked.column)
        wanted = whole(asked.value)
        return [code for code, name in names[asked.column] if wanted and wanted in (whole(code), whole(name))]

    return lambda question: rules.plan(question, digest=make, named=named)


def _names(column: Column) -> list[tuple[str, str]]:
    """Codes with what they are called; a code may be called several things."""
    match column:
        case Column.STEP:
            return list(records.step_names().items())
        case Column.AGENCY:
            return list(accounts.agency_names().items())
        case Column.CATEGORY:
            return relations.category_names()
        case Column.STATE:
            return [(state.value, word(state, language)) for state in State for language in ("zh", "en")]
        case _:
            return [(line.value, word(line, language)) for line in InsuranceLine for language in ("zh", "en")]


def _alone(
    kept: Index, question: Question, look_up: Callable[[Question], Plan], grants: Sequence[rules.Grant]
) -> tuple[Alone, ...]:
    """What each term finds by itself: which of them leaves nothing over is what people ask next."""
    parts = list(dict.fromkeys(leaves(question)))
    if len(parts) < 2:
        return ()
    return tuple(
        Alone(part.asked, *kept.count_some(look_up(part), grants, limit=MOST_COUNTED)) for part in parts[:MOST_ALONE]
    )


def _alike(actor: Actor, kept: Index, question: Question, grants: Sequence[rules.Grant]) -> tuple[str, ...]:
    """Names that sound like one that was asked and nobody has: a wrong character is the commonest slip."""
    asked = [leaf for leaf in dict.fromkeys(leaves(question)) if _may_be_name(leaf)]
    if len(asked) != 1:
        return ()
    sounds = {way for way, _ in readings(asked[0].asked)}
    plan = rules.Either(tuple(rules.Marked(Key.PINYIN.value, sound) for sound in sorted(sounds)))
    rows = kept.answer(plan, grants, order=Order.NEWEST, after=None, limit=PAGE_ITEMS).rows
    urns = [item.urn for item in records.items_keyed(actor, [pk for pk, _ in rows])]
    names = {
        subject.name
        for subjects in records.subjects_of(urns).values()
        for subject in subjects
        if sounds & {way for way, _ in readings(subject.name)}
    }
    return tuple(sorted(names))[:MOST_ALIKE]


def _may_be_name(leaf: Leaf) -> TypeGuard[Words | Keyed]:
    is_name = isinstance(leaf, Words) or (isinstance(leaf, Keyed) and leaf.key is Key.NAME and not leaf.is_start)
    return is_name and 2 <= len(leaf.asked) <= LONGEST_NAME and not leaf.asked.isascii()


def facet_names() -> Mapping[str, Mapping[str, str]]:
    """What codes in facets are called: categories, business steps and agencies."""
    return {column.value: dict(_names(column)) for column in (Column.CATEGORY, Column.STEP, Column.AGENCY)}


def _grants(actor: Actor) -> list[rules.Grant]:
    """What an actor may see, as the index judges it: the same as ``records.items_visible_to``."""
    return [
        rules.Grant(held.agency_path, () if held.post in RECORD_POSTS else IN_WORKSHOP)
        for held in actor.appointments
        if held.post in RECORD_POSTS or held.post is Post.PROCESSOR
    ]


def _after(cursor: str) -> tuple[str, int] | None:
    if not cursor:
        return None
    key, _, item = cursor.rpartition("~")
    if not (item.isascii() and item.isdigit() and len(item) < 19):
        raise Refusal("X-009", cursor=cursor[:40])
    return key, int(item)


def _people(actor: Actor, found: tuple[list[SubjectRow], bool]) -> tuple[tuple[PersonHit, ...], bool]:
    """The hits, and whether anything was left out."""
    hits = []
    subjects, cut = found
    each = record_subjects.items_of_each(actor, [subject.pk for subject in subjects], limit=MOST_ITEMS + 1)
    for subject in subjects:
        items = each[subject.pk]
        hits.append(PersonHit(subject, tuple(items[:MOST_ITEMS]), len(items) > MOST_ITEMS))
    return tuple(hits), cut or any(hit.is_cut for hit in hits)


def _looks_like_id(number: str) -> bool:
    return numbers.is_citizen_shape(number)


def _looks_like_credit_code(number: str) -> bool:
    return len(number) == 18 and number.isascii() and number.isalnum() and not number.isalpha()
