"""Every question finds exactly what reading every text through would find, on both engines."""

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from django.db import connection

from anjuan.core.asking import grammar
from anjuan.core.asking.folding import joined, tokens
from anjuan.core.asking.questions import Column, Labelled
from anjuan.facilities.search import rules
from anjuan.facilities.search.backends import Described, File, Index, PageWords, statements, tswords
from anjuan.facilities.search.backends.fts5 import Fts5Index
from anjuan.facilities.search.backends.tsvector import TsvectorIndex
from anjuan.facilities.search.rules import Grant, Order
from tests.search_corpus import PATHS, STEPS, Corpus, Doc
from tests.search_truth import Asked, Questions

QUESTIONS = 600
RECORDS = 150
SEED = 20_261_122
EVERYTHING = (Grant("/"),)
DIGEST = rules.keyed(b"a key of the tests")


@cache
def corpus() -> Corpus:
    return Corpus(SEED, RECORDS)


@cache
def questions() -> list[Asked]:
    asking = Questions(corpus(), SEED + 1)
    found: dict[str, Asked] = {}
    while len(found) < QUESTIONS:
        asked = asking.one()
        if len(asked.typed) <= grammar.MOST_TYPED:
            found.setdefault(asked.typed, asked)
    return list(found.values())


def described(doc: Doc) -> Described:
    catalogue = rules.Catalogue(doc.title, STEPS[doc.step], doc.names, doc.codes, doc.numbers, doc.credit_codes)
    labels = rules.Labels(
        doc.path, doc.agency, doc.category, doc.step, doc.line, doc.state, f"{doc.year:04}", doc.formed
    )
    files = {doc.item * 10: File("0" * 128, len(doc.pages), has_words=True, is_read=False)} if doc.pages else {}
    numbers = rules.digests_of([*doc.numbers, *doc.credit_codes], DIGEST)
    return Described(doc.item, "", labels, rules.fields_of(catalogue), rules.marks_of(catalogue), numbers, files)


@pytest.fixture(params=["fts5", "tsvector"])
def index(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> Index:
    if request.param == "fts5":
        made: Index = Fts5Index(tmp_path / "search.db")
    elif connection.vendor == "postgresql":
        made = TsvectorIndex()
    else:
        pytest.skip("tables of PostgreSQL")
    made.begin(position=0)
    made.keep([described(doc) for doc in corpus().docs], expected=0)
    for doc in corpus().docs:
        texts = {number + 1: doc.page(number) for number in range(len(doc.pages))}
        made.keep_pages(
            doc.item * 10,
            {no: PageWords(joined([text]), rules.digests_of([text], DIGEST)) for no, text in texts.items()},
        )
    return made


def named(asked: Labelled) -> Sequence[str]:
    if asked.column is Column.STEP:
        return [code for code, name in STEPS.items() if asked.value in (code, name)]
    return [asked.value]


def planned(typed: str) -> rules.Plan:
    return rules.plan(grammar.read(typed).question, digest=DIGEST, named=named)


def found(index: Index, typed: str, grants: Sequence[Grant] = EVERYTHING) -> set[int]:
    answer = index.answer(planned(typed), grants, order=Order.NEWEST, after=None, limit=RECORDS)
    assert answer.total == len(answer.rows)
    return {item for item, _ in answer.rows}


@pytest.mark.acceptance("S0-C8")
@pytest.mark.parametrize("few", [statements.FEW, 3])
def test_every_question_finds_what_reading_everything_finds(
    index: Index, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the rare part of a question decides and the others are looked at, or all that each finds is joined."""
    monkeypatch.setattr(statements, "FEW", few)
    wrong = []
    telling = 0
    for asked in questions():
        truth = {doc.item for doc in corpus().docs if asked.judge(doc)}
        telling += 0 < len(truth) < RECORDS
        if (answer := found(index, asked.typed)) != truth:
            wrong.append((asked.typed, sorted(answer - truth)[:5], sorted(truth - answer)[:5]))

    assert not wrong, f"{len(wrong)} of {QUESTIONS}: {wrong[:5]}"
    assert telling > QUESTIONS // 2  # most of them tell something: neither nothing nor everything


def test_rights_cut_totals_kinds_and_pages_alike(index: Index) -> None:
    grants = (Grant("/SJ/BH/Z1/"), Grant("/SJ/HX/", ("HELD",)))

    def may_see(doc: Doc) -> bool:
        return doc.path == "/SJ/BH/Z1/" or (doc.path == "/SJ/HX/" and doc.state == "HELD")

    for asked in questions()[:150]:
        truth = [doc for doc in corpus().docs if may_see(doc) and asked.judge(doc)]
        answer = index.answer(planned(asked.typed), grants, order=Order.NEWEST, after=None, limit=RECORDS)

        assert [item for item, _ in answer.rows] == [doc.item for doc in reversed(truth)], asked.typed
        assert answer.total == len(truth)
        years: dict[str, int] = {}
        for doc in truth:
            years[str(doc.year)] = years.get(str(doc.year), 0) + 1
        assert answer.facets.get("YEAR", {}) == years
        assert sum(answer.facets.get("AGENCY", {}).values()) == len(truth)


def test_counting_so_far_counts_what_is_found_and_says_where_it_broke_off(index: Index) -> None:
    grants = (Grant("/SJ/BH/Z1/"), Grant("/SJ/HX/", ("HELD",)))
    broken_off = 0
    for asked in questions()[:150]:
        plan = planned(asked.typed)
        total = index.answer(plan, grants, order=Order.NEWEST, after=None, limit=0).total

        assert index.count_some(plan, grants, limit=100_000) == (total, False), asked.typed
        some, is_more = index.count_some(plan, grants, limit=2)
        assert some <= min(total, 2)
        assert is_more or some == total, asked.typed
        broken_off += is_more
    assert broken_off > 20


@pytest.mark.parametrize("order", list(Order))
def test_pages_follow_one_another_without_gap_or_double(index: Index, order: Order) -> None:
    plan = planned("养老保险 OR 退休 OR 医疗")
    whole = index.answer(plan, EVERYTHING, order=order, after=None, limit=RECORDS)
    walked: list[tuple[int, str]] = []
    while rows := index.answer(
        plan, EVERYTHING, order=order, after=(walked[-1][1], walked[-1][0]) if walked else None, limit=7
    ).rows:
        walked += rows

    assert walked == list(whole.rows) and len(walked) > 20
    keys = {doc.item: (doc.formed, doc.item) for doc in corpus().docs}
    items = [item for item, _ in walked]
    by = (lambda item: keys[item]) if order in (Order.FORMED, Order.FORMED_FIRST) else (lambda item: ("", item))
    assert items == sorted(items, key=by, reverse=order in (Order.NEWEST, Order.FORMED))


def test_what_is_listed_elsewhere_is_left_out_however_much_it_is(index: Index) -> None:
    plan = planned("养老保险")
    whole = index.answer(plan, EVERYTHING, order=Order.NEWEST, after=None, limit=RECORDS)
    listed = [whole.rows[0][0], whole.rows[2][0], *range(RECORDS + 1, 50_000)]

    rest = index.answer(plan, EVERYTHING, order=Order.NEWEST, after=None, limit=RECORDS, without=listed)

    assert rest.total == whole.total - 2
    assert rest.rows == tuple(row for row in whole.rows if row[0] not in listed[:2])


def test_what_is_taken_away_is_found_no_more(index: Index) -> None:
    doc = next(doc for doc in corpus().docs if doc.pages and doc.numbers)
    number = doc.numbers[0]
    assert doc.item in found(index, f"id:{number}")

    index.keep_pages(doc.item * 10, {})
    bare = Doc(**{**vars(doc), "numbers": (), "names": ("某某",), "title": "某", "pages": []})
    index.keep([described(bare)], expected=0)

    assert doc.item not in found(index, f"id:{number}")
    assert doc.item not in found(index, "text:养老保险")
    assert doc.item in found(index, "name:某某")


def test_numbers_of_persons_stand_nowhere_in_clear(index: Index, tmp_path: Path) -> None:
    if not isinstance(index, Fts5Index):
        pytest.skip("read from the file")
    octets = index.path.read_bytes() + index.path.with_name("search.db-wal").read_bytes()

    for number in corpus().people:
        assert number.encode() not in octets
        assert number[6:14].encode() not in octets
    assert PATHS and "养老保险".encode() in octets


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the other engine is given all tokens")
def test_the_engine_cuts_pages_as_we_do(db: None) -> None:
    """Whatever is on a page, PostgreSQL's own cutting of its text gives the tokens that ours gives."""
    signs = "社保局艾𠮷々〇·•，。 \n-ABz9é１Ａ㈱①ªǅ'\\:&|!()" + "110101199003078515"
    dice = random.Random(SEED)
    pages = [
        *(doc.page(number) for doc in corpus().docs for number in range(len(doc.pages))),
        "",
        "，",
        "单",
        "A" * 90,
        "A中" * 50,
    ]
    pages += ["".join(dice.choices(signs, k=dice.randrange(1, 60))) for _ in range(2_000)]
    texts = [text for text in (joined([page, page[:3]]) for page in pages) if text]
    with connection.cursor() as rows:
        rows.execute(
            "SELECT body, tsvector_to_array(search_tokens(body)) FROM unnest(%s::text[]) AS given (body)", [texts]
        )
        cut = rows.fetchall()
    assert len(cut) == len(texts) > 2_000
    for text, found in cut:
        assert sorted(found) == sorted(tokens(text)), text


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of the other engine")
@pytest.mark.parametrize("asked", ["退休", "特殊工种", "text:特殊工种", "“港，务”"])
def test_words_are_found_by_their_index_and_one_item_is_looked_at_without_it(db: None, asked: str) -> None:
    """Else the whole list of a common word would be gone through for every item that is looked at."""
    plan = planned(asked)
    assert isinstance(plan, rules.Holding)
    finding = tswords.DIALECT.holding(plan.phrase, plan.field)
    checking = tswords.DIALECT.checking(plan.phrase, plan.field)
    assert checking is not None

    def way(text: str, given: Sequence[str | int]) -> str:
        with connection.cursor() as rows:
            rows.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
            rows.execute(f"EXPLAIN {text}".replace("?", "%s"), list(given))
            return "\n".join(line for (line,) in rows.fetchall())

    assert "search_unit_words" in way(finding.text, finding.given)
    looked = way(f"SELECT {checking.text} FROM search_item i", checking.given)
    assert "search_unit_pkey" in looked and "search_unit_words" not in looked
