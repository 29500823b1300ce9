"""Questions that somebody keeps for himself (存的检索). No record is touched: no deeds, and no journal line.

What is typed may hold numbers of persons, and the journal can never be erased (decision 20).
"""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction

from anjuan.core.asking import grammar
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.search.models import SavedQuestion
from anjuan.facilities.search.queries import kept
from anjuan.facilities.search.rules import Order
from anjuan.records import rules as record_rules
from anjuan.records.queries import walks

LONGEST_NAME = 60
_DROPPED_FOR = dt.timedelta(days=1)  # so long a dropped question can be brought back


def save_question(*, occasion: Occasion, name: str, asked: str, order: Order = Order.NEWEST) -> str:
    """Keep a question (存检索). Returns its uid.

    Raises:
        A-001: the actor searches nothing.
        R-010: it has no name.
        X-001 to X-008: the question cannot be read.
        X-011: he keeps as many as there may be.
        X-012: he has one of this name, or the question is empty.

    Concurrency: of two windows that keep one name at once, one is told.
    """
    kept.may_ask(occasion.actor)
    called = record_rules.text("名称 name", name, limit=LONGEST_NAME)
    typed = " ".join(asked.split())
    if not typed:
        raise Refusal("X-012", name=called)
    if len(typed) > grammar.MOST_TYPED:
        raise Refusal("X-001", length=len(typed), most=grammar.MOST_TYPED)
    grammar.read(typed)
    mine = SavedQuestion.objects.filter(staff_code=occasion.actor.staff_code)
    mine.filter(dropped_at__lt=occasion.at - _DROPPED_FOR).delete()
    if mine.filter(dropped_at=None).count() >= settings.ANJUAN_SAVED_QUESTIONS:
        raise Refusal("X-011", most=settings.ANJUAN_SAVED_QUESTIONS)
    uid = occasion.fresh(16).hex()
    try:
        with transaction.atomic():
            SavedQuestion.objects.create(
                uid=uid,
                staff_code=occasion.actor.staff_code,
                name=called,
                asked=typed,
                order=order.value,
                seen_item=walks.newest_item(),
                seen_at=occasion.at,
                saved_at=occasion.at,
            )
    except IntegrityError as error:
        raise Refusal("X-012", name=called) from error
    return uid


def rename_question(*, occasion: Occasion, uid: str, name: str) -> None:
    """Call a question otherwise (改名).

    Raises:
        R-009: there is none, or it is another's.
        R-010: the name is empty.
        X-012: he has another of this name.
    """
    row = kept.saved_for(occasion.actor, uid)
    called = record_rules.text("名称 name", name, limit=LONGEST_NAME)
    try:
        with transaction.atomic():
            SavedQuestion.objects.filter(pk=row.pk).update(name=called)
    except IntegrityError as error:
        raise Refusal("X-012", name=called) from error


def drop_question(*, occasion: Occasion, uid: str) -> None:
    """Throw a question away (删除); it can be brought back for a day.

    Raises:
        R-009: there is none, or it is another's.
    """
    row = kept.saved_for(occasion.actor, uid)
    SavedQuestion.objects.filter(pk=row.pk, dropped_at=None).update(dropped_at=occasion.at)


def restore_question(*, occasion: Occasion, uid: str) -> None:
    """Bring a dropped question back (撤销删除).

    Raises:
        R-009: there is none, or it is another's.
        X-012: another has its name by now.
    """
    row = kept.saved_for(occasion.actor, uid)
    try:
        with transaction.atomic():
            SavedQuestion.objects.filter(pk=row.pk).update(dropped_at=None)
    except IntegrityError as error:
        raise Refusal("X-012", name=row.name) from error


def open_question(*, occasion: Occasion, uid: str) -> tuple[str, Order]:
    """Look at what a question finds: what is there now is new no more (打开). Returns what was asked, and the order.

    Raises:
        R-009: there is none, or it is another's.
    """
    row = kept.saved_for(occasion.actor, uid)
    SavedQuestion.objects.filter(pk=row.pk).update(seen_item=walks.newest_item(), seen_at=occasion.at)
    return row.asked, Order(row.order)
