"""Having an answer composed by a service (请服务拟答): an act, for words of records leave the house."""

import hashlib
import zoneinfo
from dataclasses import dataclass, field

from django.conf import settings

from anjuan.core.asking import sentences
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.answers import queries, rules
from anjuan.facilities.answers.backends import completions
from anjuan.facilities.answers.queries import Answered
from anjuan.facilities.answers.rules import Mode, Statement
from anjuan.facilities.search import rules as search_rules
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules


@dataclass(frozen=True)
class Composed:
    """An answer that a service composed and the house verified (拟答).

    Attributes:
        answered: the passages, which stand whatever the service says.
        statements: those that rest on what was sent.
        dropped: how many did not.
        sent: how many passages were sent.
        trouble: why there is no answer, if the service gave none.
        number: under which the journal has it; empty if nothing was sent.
    """

    answered: Answered
    statements: tuple[Statement, ...] = ()
    dropped: int = 0
    sent: int = 0
    trouble: Refusal | None = field(default=None)
    number: str = ""


def ask(*, occasion: Occasion, sentence: str, purpose: str) -> Composed:
    """Answer a sentence with passages, and have a service compose an answer from them (拟答).

    Passages of open records alone are sent, numbers of persons hidden; not who asks. What comes back is believed as far
    as it quotes them. A service that is away, slow or talks nonsense is told in ``trouble``, and is no refusal.

    Args:
        occasion: who, and when.
        sentence: as it was typed.
        purpose: what for; it stands in the journal.

    Raises:
        A-001, X-001, X-105: see `queries.look_up`.
        R-010: no purpose is given.
        X-101: no service is set up.
        X-102: the one that is set up may not be used.
        X-108: too many wait for it already.

    Concurrency: the service is asked outside any transaction. It is put down before anything leaves the house, and
    what came of it afterwards: whoever is killed in between has asked.
    """
    if queries.mode() is Mode.WRONG:
        rules.check_address(settings.ANJUAN_ANSWERS)
    if queries.mode() is not Mode.COMPOSED:
        raise Refusal("X-101")
    said = record_rules.text("用途 purpose", purpose, limit=120)
    today = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
    answered = queries.look_up(occasion.actor, sentence, today=today)
    passages = queries.to_send(answered)
    if not passages:
        return Composed(answered, trouble=Refusal("X-106"))
    asked = rules.veiled(sentences.hidden(sentence))
    body = rules.body_of(asked, passages, model=settings.ANJUAN_ANSWERS_MODEL)
    try:
        key = queries.key()
    except (OSError, ValueError):
        return Composed(answered, trouble=Refusal("X-103", why="answers.key"))
    number = occasion.fresh(8).hex()
    with completions.turns.one():
        with journal.writing(occasion=occasion, act="answers.ask", unit=f"answer:{number}") as line:
            line.say(
                sentence=search_rules.masked(asked),
                purpose=said,
                passages=len(passages),
                sha256=hashlib.sha256(body).hexdigest(),
                model=settings.ANJUAN_ANSWERS_MODEL,
            )
        kept: list[Statement] = []
        dropped, trouble = 0, None
        try:
            reply = completions.ask(settings.ANJUAN_ANSWERS, body, key=key, seconds=settings.ANJUAN_ANSWERS_SECONDS)
            found, misshapen = rules.statements_of(reply)
            kept, dropped = rules.proved(found, passages)
            dropped += misshapen
        except Refusal as refusal:
            trouble = refusal

    note_answer(
        occasion=occasion, number=number, kept=len(kept), dropped=dropped, trouble=trouble.code if trouble else ""
    )
    return Composed(answered, tuple(kept), dropped, len(passages), trouble, number)


def note_answer(*, occasion: Occasion, number: str, kept: int, dropped: int, trouble: str) -> None:
    """Put down what came of asking a service: statements kept and left out, or why there are none (登记拟答结果)."""
    with journal.writing(occasion=occasion, act="answers.note_answer", unit=f"answer:{number}") as line:
        line.say(kept=kept, dropped=dropped, trouble=trouble)
