"""Answering a sentence with passages of records (问答): each with its 档号 and page, nothing in other words.

What is found is what ``search.queries.find`` finds: rights are judged there, and no record is looked up here.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anjuan.core.asking import grammar, sentences
from anjuan.core.asking.folding import plain
from anjuan.core.asking.sentences import Kind, Known, Part, Sentence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Secrecy
from anjuan.facilities.answers import rules
from anjuan.facilities.answers.rules import Mode
from anjuan.facilities.lives import queries as lives
from anjuan.facilities.search import queries as search
from anjuan.facilities.search.queries import passages as places
from anjuan.records import queries as records
from anjuan.records.queries import relations
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import ItemRow

MOST_PASSAGES = 8
MOST_ITEMS = 40  # whose pages are looked at
AROUND = 60  # signs of a page before and after each word
NAMES_AT_ONCE = 500
MOST_FORMER = 6  # rows of characters that are looked up as former names


@dataclass(frozen=True)
class Passage:
    """A place that answers (出处).

    Attributes:
        number: on this page, from 1.
        item: the record.
        page: its place among all pages of the item, from 1; 0 for the catalogue (著录).
        pieces: the words, cut where they are marked; folded, numbers of persons hidden.
        covered: how many parts of the sentence stand there.
    """

    number: int
    item: ItemRow
    page: int
    pieces: tuple[tuple[str, bool], ...]
    covered: int

    @property
    def text(self) -> str:
        """The words in one row."""
        return "".join(text for text, _ in self.pieces)

    @property
    def marks(self) -> tuple[str, ...]:
        """The marked words, each once."""
        return tuple(dict.fromkeys(text.strip() for text, is_marked in self.pieces if is_marked))


@dataclass(frozen=True)
class Answered:
    """What a sentence was answered with.

    Attributes:
        sentence: how it was read.
        asked: the question that was put, in the grammar; empty if nothing in the sentence can be asked for.
        given_up: parts that were left out because with them nothing was found.
        passages: most parts of the question first, then the newest.
        total: records the question found.
        looked_at: of how many of them, the newest, pages were looked at.
        is_index_whole: whether the index knows every record.
        waiting: files whose words are not in the index yet.
        counted: parts of the sentence that may stand in texts, those given up too; a time does not.
    """

    sentence: Sentence
    asked: str = ""
    given_up: tuple[Part, ...] = ()
    passages: tuple[Passage, ...] = ()
    total: int = 0
    looked_at: int = 0
    is_index_whole: bool = True
    waiting: int = 0
    counted: int = 0


def mode() -> Mode:
    """How far sentences are answered here, as the settings have it."""
    return rules.mode_of(settings.ANJUAN_ANSWERS)


def is_on() -> bool:
    """Whether sentences are answered at all."""
    return mode() is not Mode.OFF


def key() -> str:
    """What the service knows us by: from the environment, or the file ``answers.key`` of the home; empty if none."""
    if settings.ANJUAN_ANSWERS_KEY:
        return str(settings.ANJUAN_ANSWERS_KEY).strip()
    path = key_file()
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def key_file() -> Path:
    """Where the key lies if the environment has none."""
    return Path(settings.ANJUAN_HOME) / "answers.key"


def look_up(actor: Actor, typed: str, *, today: dt.date) -> Answered:
    """Answer a sentence with passages of records the actor may see (按句检索).

    Args:
        actor: who asks.
        typed: the sentence.
        today: calendar date that 今年 and 去年 are reckoned from.

    Raises:
        A-001: the actor is a workshop operator, who searches nothing (S3-R9).
        X-001: the sentence is too long.
        X-105: nothing in it can be asked for.
    """
    if not actor.may_search:
        raise Refusal("A-001", posts=RECORD_POSTS)
    tidy = " ".join(typed.split())
    if len(tidy) > sentences.MOST_SENTENCE:
        raise Refusal("X-001", length=len(tidy), most=sentences.MOST_SENTENCE)
    sentence = _understood(actor, tidy, today)
    if not sentence.question:
        if tidy:
            raise Refusal("X-105", left="、".join(sentence.left_out))
        return Answered(sentence)
    parts, given_up, result = _found(actor, sentence)
    listed = [item for hit in result.persons for item in hit.items]
    looked_at = list({item.urn: item for item in (*listed, *result.items)}.values())[:MOST_ITEMS]
    # What was given up is no longer asked of a record; a page that has it all the same answers better.
    texts = [part for part in sentence.parts if part.kind is not Kind.TIME]
    found = places.places_of(actor, looked_at, [grammar.read(part.asked).question for part in texts], around=AROUND)
    return Answered(
        sentence=sentence,
        asked=sentences.question_of(parts),
        given_up=given_up,
        passages=tuple(
            Passage(number, place.item, place.page, tuple(place.pieces), len(place.covered))
            for number, place in enumerate(found[:MOST_PASSAGES], 1)
        ),
        total=result.total,
        looked_at=len(looked_at),
        is_index_whole=result.is_index_whole,
        waiting=result.waiting,
        counted=len(texts),
    )


def _found(actor: Actor, sentence: Sentence) -> tuple[tuple[Part, ...], tuple[Part, ...], search.SearchResult]:
    """What the sentence finds, asked softer until it finds something: the parts asked for, and those given up."""
    questions = list(sentences.softer(sentence.parts))
    for parts, given_up in questions:
        result = search.find(actor, sentences.question_of(parts), page_items=MOST_ITEMS, explains=False)
        if result.total or parts == questions[-1][0]:
            return parts, given_up, result
    raise AssertionError("a sentence with a question has parts")


def to_send(answered: Answered) -> list[rules.Sent]:
    """Of these passages those that may leave the house: of open records, numbers hidden, as many as fit."""
    return rules.fitting(
        [
            rules.Sent(passage.number, rules.veiled(sentences.hidden(passage.item.title)), rules.veiled(passage.text))
            for passage in answered.passages
            if passage.item.secrecy is Secrecy.OPEN
        ]
    )


def _understood(actor: Actor, typed: str, today: dt.date) -> Sentence:
    """The sentence, read with the names that the actor may know."""
    terms = frozenset(plain(name) for name in (*records.step_names().values(), *_category_names()) if len(name) > 1)
    names = _names_seen(actor, sorted(sentences.candidates(typed)))
    sentence = sentences.understood(typed, Known(names, terms), today=today)
    rest = [part.said for part in sentence.parts if part.kind is Kind.WORD][:MOST_FORMER]
    former = frozenset(said for said in rest if _is_former(actor, said))
    return sentences.understood(typed, Known(names | former, terms), today=today) if former else sentence


def _names_seen(actor: Actor, candidates: Sequence[str]) -> frozenset[str]:
    """Which of these are names on record, as far as the actor may know; one query for every 500, mostly."""
    found: set[str] = set()
    for first in range(0, len(candidates), NAMES_AT_ONCE):
        left = list(candidates[first : first + NAMES_AT_ONCE])
        while left:
            rows = record_subjects.seen_subjects(actor, names=left)
            found.update(row.name for row in rows)
            # Many namesakes of one may leave no room for the others.
            left = [name for name in left if name not in found] if len(rows) == record_subjects.MOST_NAMESAKES else []
    return frozenset(plain(name) for name in found)


def _is_former(actor: Actor, said: str) -> bool:
    """Whether somebody the actor may know was called so once (曾用名)."""
    return bool(record_subjects.seen_subjects(actor, urns=lives.called(said), limit=1))


def _category_names() -> list[str]:
    return [name for _, name in relations.category_names()]
