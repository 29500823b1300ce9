"""Seeing what a new version of the table would change, and what stands in its way (演练)."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import arrangement, retention
from anjuan.core.arrangement import Facet
from anjuan.core.lifecycle import TABLE, Move
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term
from anjuan.core.terms import Actor, Arrangement, Post, Route, State
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import Rulebook, RuleRow, Stepbook
from anjuan.foundation.schedule.rules import RuleFacts
from anjuan.records.models import Item

# What is not sealed yet takes the rule of the new version; what is keeps the rule it was sealed under (S3-P8).
OPEN_STATES = (State.COLLECTING, State.IN_REVIEW, State.REVIEWED, State.FILING)
LISTED = 100


@dataclass(frozen=True)
class Effect:
    """What would become of one item: the rule and the term it has, and those it would have."""

    pk: int
    urn: str
    reference: str
    title: str
    agency_code: str
    step_code: str
    formed_date: dt.date
    state: State
    volume_pk: int | None
    volume_title: str
    before_rule: str
    after_rule: str
    before: Term
    after: Term

    @property
    def changes_term(self) -> bool:
        """Whether it would be kept for another time."""
        return self.before != self.after


@dataclass(frozen=True)
class Rehearsal:
    """What adopting a version would do now (演练结果).

    Attributes:
        effects: items that would fall under it, oldest registered first.
        sealed: items that it would cover, had they not been sealed: they keep the rule they have.
        mixed: open volumes, by title, whose items would have to have different terms.
        homeless: names of steps for which it has no row.
    """

    effects: tuple[Effect, ...]
    sealed: int
    mixed: tuple[str, ...]
    homeless: tuple[str, ...]

    @property
    def retermed(self) -> tuple[Effect, ...]:
        """Items that would be kept for another time."""
        return tuple(effect for effect in self.effects if effect.changes_term)

    @property
    def volumes(self) -> int:
        """How many open volumes hold items that would be kept for another time."""
        return len({effect.volume_pk for effect in self.retermed if effect.volume_pk})

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.mixed and not self.homeless


def permit_rulebook(actor: Actor) -> None:
    """Whether the actor may see the desk of rules: whoever keeps it, and those who lead.

    Raises:
        A-001: neither.
    """
    if not actor.holds(Post.ARCHIVIST, Post.SUPERVISOR):
        raise Refusal("A-001", posts=(Post.ARCHIVIST, Post.SUPERVISOR))


@dataclass(frozen=True)
class DutyRow:
    """One row of the table of moves, and who holds its posts here (岗位责任)."""

    move: Move
    holders: tuple[str, ...]


def duty_matrix(actor: Actor, route: Route, *, on: dt.date) -> list[DutyRow]:
    """The duties of a route at the actor's own agency, in the order of the way; one query a set of posts (S0-F8)."""
    held: dict[frozenset[Post], tuple[str, ...]] = {}
    found = []
    for move in TABLE:
        if move.route is route:
            if move.posts not in held:
                held[move.posts] = tuple(accounts.holders_of(move.posts, actor.agency_path, on=on))
            found.append(DutyRow(move, held[move.posts]))
    return found


def rehearse(code: str, effective_date: dt.date, rows: Sequence[RuleFacts]) -> Rehearsal:
    """What would change if this version came into force now; a handful of queries, however many records there are."""
    book = schedule.rulebook()
    coming = book.with_version(code, effective_date, rows)
    steps = schedule.stepbook()
    effects = tuple(_effects(code, effective_date, book, coming, steps))
    return Rehearsal(
        effects=effects,
        sealed=_sealed_since(code, effective_date, coming),
        mixed=_mixed(effects),
        homeless=_homeless(steps, rows),
    )


def _effects(code: str, effective_date: dt.date, book: Rulebook, coming: Rulebook, steps: Stepbook) -> Iterator[Effect]:
    written = {row.code: row for row in book.rows.values()}
    rows = Item.objects.filter(state__in=OPEN_STATES, reference_code=None, formed_date__gte=effective_date)
    for item in rows.select_related("agency", "volume").order_by("id").iterator(chunk_size=2000):
        step = steps.of(item.step_code, item.registered_at)
        try:
            rule = coming.rule_for(step, item.formed_date)
        except Refusal:
            continue  # the step has no row in the new version; it is named among the homeless
        if rule.version_code != code:
            continue  # a later version is in force for it
        before = retention.parse(item.term)
        yield Effect(
            pk=item.pk,
            urn=item.urn,
            reference=item.acceptance_no,
            title=item.title,
            agency_code=item.agency.code,
            step_code=item.step_code,
            formed_date=item.formed_date,
            state=State(item.state),
            volume_pk=item.volume_id,
            volume_title=item.volume.title if item.volume else "",
            before_rule=item.rule_code,
            after_rule=rule.code,
            before=before,
            after=_term(before, written.get(item.rule_code), rule),
        )


def _term(before: Term, earlier: RuleRow | None, rule: RuleRow) -> Term:
    """The term of the new rule; one that a person has lengthened by hand is not shortened by it."""
    if earlier is None or not (before.is_settled and earlier.term.is_settled) or before == earlier.term:
        return rule.term
    return retention.longest([before, rule.term])


def _sealed_since(code: str, effective_date: dt.date, coming: Rulebook) -> int:
    later = [since for since, version in coming.versions if since > effective_date and version != code]
    rows = Item.objects.filter(formed_date__gte=effective_date, reference_code__isnull=False)
    return rows.filter(formed_date__lt=min(later)).count() if later else rows.count()


def _mixed(effects: Sequence[Effect]) -> tuple[str, ...]:
    """Open volumes of a kind whose items share their term, and that would no longer do so."""
    lying: dict[int, set[Term]] = {}
    titles: dict[int, str] = {}
    for effect in effects:
        if effect.volume_pk is not None:
            lying.setdefault(effect.volume_pk, set()).add(effect.after)
            titles[effect.volume_pk] = effect.volume_title
    if not lying:
        return ()
    moving = {effect.pk for effect in effects}
    kinds: dict[int, Arrangement] = {}
    for pk, volume_pk, term, kind in Item.objects.filter(volume_id__in=lying).values_list(
        "pk", "volume_id", "term", "volume__arrangement"
    ):
        kinds[volume_pk] = Arrangement(kind)
        if pk not in moving:
            lying[volume_pk].add(retention.parse(term))
    known = arrangement.kinds()
    return tuple(
        titles[pk] for pk, terms in sorted(lying.items()) if len(terms) > 1 and Facet.TERM in known[kinds[pk]].shares
    )


def _homeless(steps: Stepbook, rows: Sequence[RuleFacts]) -> tuple[str, ...]:
    keys = {row.key for row in rows}
    newest = (editions[0] for editions in steps.editions.values())
    return tuple(
        sorted(
            step.name for step in newest if not step.is_retired and (step.category_code, step.rule_item_no) not in keys
        )
    )


def changes_of(effects: Sequence[Effect]) -> Mapping[tuple[str, str], Sequence[int]]:
    """Keys of items by the rule code and the term they shall have."""
    found: dict[tuple[str, str], list[int]] = {}
    for effect in effects:
        found.setdefault((effect.after_rule, str(effect.after)), []).append(effect.pk)
    return found


def newest_steps() -> tuple[schedule.StepRow, ...]:
    """The newest edition of every step, by category and code; what is still to come among them."""
    newest = (editions[0] for editions in schedule.stepbook().editions.values())
    return tuple(sorted(newest, key=lambda step: (step.category_code, step.code)))
