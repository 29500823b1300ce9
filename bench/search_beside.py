"""The search engines beside ours: their own statements, tantivy and Whoosh, given the same tokens in the same run."""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any


def percentiles(do: Callable[[], object], rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return [statistics.median(took), statistics.quantiles(took, n=20)[18]]


def beside(size: int, rounds: int, whoosh_size: int, own: str) -> None:
    """The engine's own statement, tantivy and Whoosh, on the same tokens: how many there are, and the first twenty."""
    import search_corpus as corpus
    from anjuan.core.asking import grammar
    from anjuan.core.asking.folding import joined, tokens
    from anjuan.facilities.search import queries, rules
    from anjuan.facilities.search.backends import statements
    from anjuan.facilities.search.backends.fts5 import DIALECT
    from anjuan.facilities.search.rules import Grant, Order

    def plan(asked: str) -> Any:
        return rules.plan(grammar.read(asked).question, digest=lambda part: part, named=lambda _: ())

    asked_kinds = {"name and word": "{} 退休", "phrase": "“退休待遇核定” {}", "common word": "退休"}
    grants = [Grant("/")]
    shown = statements.answering(plan("王伟 退休"), grants, (), DIALECT, order=Order.NEWEST, after=None, limit=21)
    print(f"\nthe statement: {shown.text} {shown.given}\n", flush=True)
    drawn = random.Random(11)
    names = [corpus.made(drawn.randrange(size)).name for _ in range(rounds)]
    rows: dict[str, list[str]] = {}

    def measure(engine: str, ask: Callable[[str], object]) -> None:
        for kind, text in asked_kinds.items():
            given = iter(names)
            cells = percentiles(lambda: ask(text.format(next(given))), rounds)  # noqa: B023 (called at once)
            rows.setdefault(kind, []).append(f"{engine} {cells[0]:.2f} / {cells[1]:.2f} ms")

    def wanted(asked: str) -> list[list[tuple[str, bool]]]:
        """Of each part of a question its tokens, and whether each need only be a beginning."""
        found = []
        for part in asked.replace("“", "").replace("”", "").split():
            needed = rules.plan(grammar.read(f"“{part}”").question, digest=str, named=lambda _: ())
            found.append([(needle.token, needle.is_start) for needle in needed.phrase.needles])  # type: ignore[union-attr]
        return found

    measure(
        f"ours, {own}, whole answer",
        lambda asked: queries.index().answer(plan(asked), grants, order=Order.NEWEST, after=None, limit=21),
    )

    measure(f"{own} itself, all that have the tokens", lambda asked: engine_itself(wanted(asked)))

    def said(one: corpus.Made) -> list[str]:
        return [*tokens(joined([one.title])), *tokens(joined([one.name]))]

    try:
        import tantivy
    except ImportError:
        print("tantivy is not installed", flush=True)
    else:
        shape = (
            tantivy.SchemaBuilder()
            .add_text_field("words", tokenizer_name="whitespace")
            .add_integer_field("item", stored=True)
            .build()
        )
        kept = tantivy.Index(shape)
        began = time.perf_counter()
        writer = kept.writer(200_000_000)
        for one in corpus.corpus(size):
            writer.add_document(tantivy.Document(words=" ".join(said(one)), item=one.serial))
        writer.commit()
        writer.wait_merging_threads()
        print(f"tantivy: {size / (time.perf_counter() - began):,.0f} records/s, tokens included", flush=True)
        kept.reload()
        searcher = kept.searcher()

        def tantivy_ask(asked: str) -> object:
            parts = [
                (tantivy.Occur.Must, tantivy.Query.regex_query(shape, "words", f"{token}.*"))
                if is_start
                else (tantivy.Occur.Must, tantivy.Query.term_query(shape, "words", token))
                for part in wanted(asked)
                for token, is_start in part
            ]
            return searcher.search(tantivy.Query.boolean_query(parts), 20, count=True)

        measure("tantivy", tantivy_ask)
    try:
        from whoosh import fields, filedb
        from whoosh import query as whoosh_query
        from whoosh.analysis import SpaceSeparatedTokenizer
        from whoosh.filedb.filestore import RamStorage

        assert filedb
    except ImportError:
        print("Whoosh is not installed", flush=True)
    else:
        count = min(whoosh_size, size)
        schema = fields.Schema(words=fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False), item=fields.STORED)
        store = RamStorage().create_index(schema)
        began = time.perf_counter()
        pen = store.writer(limitmb=256)
        for one in corpus.corpus(count):
            pen.add_document(words=" ".join(said(one)), item=one.serial)
        pen.commit()
        print(f"Whoosh: {count / (time.perf_counter() - began):,.0f} records/s of {count:,}", flush=True)
        seeker = store.searcher()

        def whoosh_ask(asked: str) -> object:
            parts = [
                whoosh_query.Prefix("words", token) if is_start else whoosh_query.Term("words", token)
                for part in wanted(asked)
                for token, is_start in part
            ]
            return len(seeker.search(whoosh_query.And(parts), limit=20))

        measure(f"Whoosh ({count:,} records)", whoosh_ask)
    for kind, cells in rows.items():
        print(f"{kind}, P50 / P95: " + "; ".join(cells), flush=True)


def engine_itself(parts: list[list[tuple[str, bool]]]) -> int:
    """The engine's own statement: every item that has the tokens of each part, no rights, no text looked at."""
    from django.db import connection

    if connection.vendor == "postgresql":
        each = "SELECT item FROM search_unit WHERE words @@ %s::tsquery"
        asked = [" & ".join(f"'{token}'{':*' if is_start else ''}" for token, is_start in part) for part in parts]
        with connection.cursor() as rows:
            rows.execute(" INTERSECT ".join([each] * len(parts)), asked)
            return len(sorted(rows.fetchall()))
    from anjuan.facilities.search import queries
    from anjuan.facilities.search.backends.file import UNIT_BITS, fetched, reading

    each = f"SELECT rowid >> {UNIT_BITS} FROM search_words WHERE search_words MATCH ?"
    asked = [" AND ".join(f'"{token}"{"*" if is_start else ""}' for token, is_start in part) for part in parts]
    with reading(queries.index().path) as rows:  # type: ignore[attr-defined]
        found = fetched(rows, " INTERSECT ".join([each] * len(parts)), *asked)
    return len(sorted(found))
