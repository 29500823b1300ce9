from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.bridges.exchange import actions, queries
from anjuan.bridges.exchange.rules import Column, Found, ReplyOutcome
from anjuan.foundation.accounts import occasions

router = Router(tags=["exchange"])


class SiteOut(Schema):
    """Another archive that can be asked along, and how many seconds it is waited for."""

    key: str
    name: str
    seconds: float


class ForeignQuestionIn(Schema):
    """A question of another archive: who asks there, what for, and its number in that archive's journal."""

    asked: str
    purpose: str
    house: str
    asker: str
    question: str


class ForeignRecordOut(Schema):
    """A record as another archive is told of it; every value is text, numbers of persons masked."""

    reference: str
    title: str
    names: str
    numbers: str
    step: str
    category: str
    year: str
    formed: str
    agency: str
    state: str
    pages: str


class ForeignAnswerOut(Schema):
    """What was found, fifty records at most; ``is_cut`` if there is more."""

    house: str
    rows: list[ForeignRecordOut]
    is_cut: bool
    is_index_whole: bool


class AlongIn(Schema):
    """A question to other archives; all of them where none is named."""

    asked: str
    purpose: str
    sites: list[str] = []


class SiteReplyOut(Schema):
    """What became of asking one archive; ``answer`` only where it answered, ``code`` and ``said`` of its refusal."""

    key: str
    name: str
    outcome: ReplyOutcome
    answer: ForeignAnswerOut | None
    code: str
    said: str


class GatheredOut(Schema):
    """What the archives said, in the order of the list; ``here`` counts this house's own records, ``is_whole`` if all
    have answered."""

    asked: str
    here: int
    is_whole: bool
    replies: list[SiteReplyOut]


def told(gathered: actions.Gathered) -> dict[str, object]:
    """What was gathered, as the schema has it: the command tells it so as well."""
    return {
        "asked": gathered.asked,
        "here": gathered.here,
        "is_whole": not gathered.missing,
        "replies": [
            {
                "key": reply.site.key,
                "name": reply.site.name,
                "outcome": reply.outcome,
                "answer": _answer(reply.found) if reply.found else None,
                "code": reply.code,
                "said": reply.said,
            }
            for reply in gathered.replies
        ],
    }


def _answer(found: Found) -> dict[str, object]:
    return {
        "house": found.house,
        "rows": [{column.value: row[column] for column in Column} for row in found.rows],
        "is_cut": found.is_cut,
        "is_index_whole": found.is_index_whole,
    }


@router.get("/sites", response=list[SiteOut], operation_id="exchange_sites")
def sites(request: HttpRequest) -> object:
    """The other archives that can be asked along."""
    return list(queries.sites_for(occasions.actor_of(request)))


@router.post("/questions", response=GatheredOut, operation_id="exchange_ask")
def ask(request: HttpRequest, body: AlongIn) -> object:
    """Ask other archives, all at the same time; the answer comes when the slowest has answered or its time is over."""
    occasion = occasions.of(request)
    keys = body.sites or [site.key for site in queries.sites_for(occasion.actor)]
    return told(actions.ask(occasion=occasion, asked=body.asked, purpose=body.purpose, sites=keys))


@router.post("/answers", response=ForeignAnswerOut, operation_id="exchange_answer")
def answer(request: HttpRequest, body: ForeignQuestionIn) -> object:
    """For other archives: what the account they were given may see here; put down with who asks there and what for."""
    return _answer(actions.answer(occasion=occasions.of(request), **body.dict()))
