from django.http import Http404, HttpRequest
from ninja import Router, Schema

from anjuan.core.asking.sentences import Kind
from anjuan.core.terms import Secrecy
from anjuan.facilities.answers import actions, queries
from anjuan.facilities.answers.actions import Composed
from anjuan.foundation.accounts import occasions

router = Router(tags=["answers"])


class SentenceIn(Schema):
    """``composes`` has a service compose an answer, for which a purpose is needed."""

    sentence: str
    purpose: str = ""
    composes: bool = False


class SentencePartOut(Schema):
    """One thing the sentence asks for; ``added`` by the term bank."""

    kind: Kind
    said: str
    asked: str
    added: list[str]


class PassagePieceOut(Schema):
    text: str
    is_marked: bool


class PassageOut(Schema):
    """A place in a record: ``page`` among all its pages, 0 for the catalogue; ``covered`` parts of the question."""

    number: int
    urn: str
    reference: str
    reference_code: str
    acceptance_no: str
    title: str
    secrecy: Secrecy
    page: int
    covered: int
    pieces: list[PassagePieceOut]


class AnswerSourceOut(Schema):
    passage: int
    reference: str
    page: int
    quote: str


class StatementOut(Schema):
    """One sentence that a machine wrote, with what it quotes."""

    text: str
    sources: list[AnswerSourceOut]


class ComposedOut(Schema):
    """What a service composed: not confirmed (待核实). ``dropped`` had no evidence; ``trouble`` is a code."""

    number: str
    statements: list[StatementOut]
    dropped: int
    sent: int
    trouble: str


class AnswerOut(Schema):
    """Passages for a sentence, and how it was read; ``asked`` is the question in the grammar of search."""

    sentence: str
    asked: str
    parts: list[SentencePartOut]
    left_out: list[str]
    beyond: list[str]
    given_up: list[str]
    passages: list[PassageOut]
    total: int
    looked_at: int
    counted: int
    is_index_whole: bool
    waiting: int
    composed: ComposedOut | None


def told(answered: queries.Answered, composed: Composed | None = None) -> dict[str, object]:
    """An answer as the schema has it: the command tells it so as well."""
    return {
        "sentence": answered.sentence.typed,
        "asked": answered.asked,
        "parts": [
            {"kind": part.kind, "said": part.said, "asked": part.asked, "added": list(part.added)}
            for part in answered.sentence.parts
        ],
        "left_out": list(answered.sentence.left_out),
        "beyond": list(answered.sentence.beyond),
        "given_up": [part.said for part in answered.given_up],
        "passages": [
            {
                "number": passage.number,
                "urn": passage.item.urn,
                "reference": passage.item.reference,
                "reference_code": passage.item.reference_code,
                "acceptance_no": passage.item.acceptance_no,
                "title": passage.item.title,
                "secrecy": passage.item.secrecy,
                "page": passage.page,
                "covered": passage.covered,
                "pieces": [{"text": text, "is_marked": is_marked} for text, is_marked in passage.pieces],
            }
            for passage in answered.passages
        ],
        "total": answered.total,
        "looked_at": answered.looked_at,
        "counted": answered.counted,
        "is_index_whole": answered.is_index_whole,
        "waiting": answered.waiting,
        "composed": _composed(answered, composed) if composed else None,
    }


def _composed(answered: queries.Answered, composed: Composed) -> dict[str, object]:
    return {
        "number": composed.number,
        "statements": [
            {
                "text": statement.text,
                "sources": [
                    {
                        "passage": source.passage,
                        "reference": answered.passages[source.passage - 1].item.reference,
                        "page": answered.passages[source.passage - 1].page,
                        "quote": source.quote,
                    }
                    for source in statement.sources
                ],
            }
            for statement in composed.statements
        ],
        "dropped": composed.dropped,
        "sent": composed.sent,
        "trouble": composed.trouble.code if composed.trouble else "",
    }


@router.post("/answers", response=AnswerOut, operation_id="answers_ask")
def ask(request: HttpRequest, body: SentenceIn) -> object:
    """Ask in a sentence: passages with 档号 and page; 404 where the house has it off (``ANJUAN_ANSWERS``)."""
    if not queries.is_on():
        raise Http404
    if body.composes:
        composed = actions.ask(occasion=occasions.of(request), sentence=body.sentence, purpose=body.purpose)
        return told(composed.answered, composed)
    return told(queries.look_up(occasions.actor_of(request), body.sentence, today=occasions.today()))
