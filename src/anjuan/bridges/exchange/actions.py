"""Asking other archives along, and answering them (联合检索): each question stands in both houses' journals."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anjuan.bridges.exchange import backends, queries, rules
from anjuan.bridges.exchange.rules import Found, Reply, ReplyOutcome
from anjuan.core.asking.grammar import MOST_TYPED
from anjuan.core.terms import Occasion
from anjuan.facilities.search import queries as search
from anjuan.facilities.search.rules import masked
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules


@dataclass(frozen=True)
class Gathered:
    """What the archives that were asked along said (联合检索结果).

    Attributes:
        asked: the question, trimmed.
        here: how many records this house has for whoever asked.
        replies: one for each archive that was asked, in the order of the list.
    """

    asked: str
    here: int
    replies: tuple[Reply, ...]

    @property
    def missing(self) -> tuple[Reply, ...]:
        """Those that gave no answer: what they have is not among the records."""
        return tuple(reply for reply in self.replies if reply.outcome is not ReplyOutcome.ANSWERED)

    @property
    def total(self) -> int:
        """Records of other archives that are shown."""
        return sum(len(reply.found.rows) for reply in self.replies if reply.found)


def ask(*, occasion: Occasion, asked: str, purpose: str, sites: Sequence[str]) -> Gathered:
    """Ask other archives the same question, at the same time (联合检索).

    It is put down before anything leaves the house, numbers masked; what became of it is put down afterwards. Whoever
    is killed in between has asked, and the register says that the answers are not known.

    Args:
        occasion: who asks, and when.
        asked: the question, as it is asked here.
        purpose: what for; the other archives are told as well, and put it down.
        sites: keys of the archives.

    Raises:
        A-001: none of the actor's posts may ask others, or search.
        R-010: no purpose is given, or no question.
        X-001 to X-008: the question cannot be read: nothing is sent then.
        X-040 to X-042: there are no other archives, their list cannot be read, or none was chosen.
        X-043: too many wait for other archives already.

    Standard: 个人信息保护法 (minimum, purpose); 社会保险个人权益记录管理办法 (use is recorded).

    Concurrency: the network is spoken to outside of any transaction; as long as the slowest archive, at most its time.
    """
    actor = occasion.actor
    chosen = rules.chosen(queries.sites_for(actor), sites)
    said = record_rules.text("用途 purpose", purpose, limit=120)
    here = search.count_rows(actor, asked)
    typed = record_rules.text("检索 question", " ".join(asked.split()), limit=MOST_TYPED)
    uid = occasion.fresh(16).hex()
    with backends.turns.one():
        with journal.writing(occasion=occasion, act="exchange.ask", unit=queries.ASKED) as line:
            line.say(question=uid, asked=masked(typed), purpose=said, sites=" ".join(site.key for site in chosen))
        question = {
            "question": uid,
            "asked": typed,
            "purpose": said,
            "house": queries.house_name(actor),
            "asker": f"{actor.name}（{actor.staff_code}）",
        }
        replies = backends.ask_all(chosen, question, folder=Path(settings.ANJUAN_HOME))

    note_replies(occasion=occasion, question=uid, replies=replies)
    return Gathered(typed, here, tuple(replies))


def note_replies(*, occasion: Occasion, question: str, replies: Sequence[Reply]) -> None:
    """Put down what became of a question to other archives: who answered, and with how many records (登记答复)."""
    with journal.writing(occasion=occasion, act="exchange.note_replies", unit=queries.ASKED) as line:
        line.say(question=question, replies=queries.said_replies(replies))


def answer(*, occasion: Occasion, asked: str, purpose: str, house: str, asker: str, question: str) -> Found:
    """Answer another archive (答复其他档案馆): what its account may see and is not restricted, numbers masked.

    Args:
        occasion: the account that the other archive was given, and when.
        asked: the question.
        purpose: what it is for there.
        house: which archive asks.
        asker: who there.
        question: the number under which the other archive has it in its journal.

    Raises:
        A-001: the account is of no post that others may ask through.
        R-010: purpose, archive, person, number or question is missing.
        X-001 to X-008: the question cannot be read.

    Standard: 个人信息保护法 (minimum, purpose); 社会保险个人权益记录管理办法 (use is recorded).
    """
    queries.check_may_ask(occasion.actor)
    said = {
        "question": record_rules.text("编号 number", question, limit=64),
        "purpose": record_rules.text("用途 purpose", purpose, limit=120),
        "house": record_rules.text("检索单位 archive", house, limit=80),
        "asker": record_rules.text("检索人 person", asker, limit=80),
    }
    found = queries.found_for(occasion.actor, asked)
    typed = record_rules.text("检索 question", " ".join(asked.split()), limit=MOST_TYPED)
    with journal.writing(occasion=occasion, act="exchange.answer", unit=queries.ANSWERED) as line:
        line.say(**said, asked=masked(typed), rows=len(found.rows), more="1" if found.is_cut else "")
    return found
