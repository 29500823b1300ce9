"""What the index is told of records (索引内容), and where it lies."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from anjuan.core.reading.pages import VERSION
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.lives import queries as lives
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.reading import queries as reading
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.search import rules
from anjuan.facilities.search.backends import Index, key
from anjuan.facilities.search.backends.fts5 import Fts5Index
from anjuan.facilities.search.backends.tsvector import TsvectorIndex
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow, WordedRow


def index() -> Index:
    """The index of this edition: tables in PostgreSQL, a file beside SQLite."""
    if connection.vendor == "postgresql":
        return TsvectorIndex()
    return Fts5Index(Path(settings.ANJUAN_HOME) / "search.db")


def digest() -> Callable[[str], str]:
    """The digest of a part of a number, under the key of this home."""
    return _digest(Path(settings.ANJUAN_HOME) / "keys")


def key_mark() -> str:
    """Tells one key from another, and nothing more of it: an index made under another key is made again."""
    return digest()("the key of the index")


def catalogues(items: Sequence[ItemRow] | Sequence[WordedRow]) -> Mapping[str, rules.Catalogue]:
    """What the catalogue says of items in words, by URN (编目文字); four queries.

    Whoever was called otherwise, or is now, is found by every name that stands.
    """
    urns = [item.urn for item in items]
    subjects = records.subjects_of(urns)
    others = lives.names_of({subject.urn for each in subjects.values() for subject in each})
    steps = records.step_names()
    formers = numbering.former_codes_of(urns)
    return {
        item.urn: rules.Catalogue(
            title=item.title,
            step=steps.get(item.step_code, ""),
            names=tuple(
                dict.fromkeys(
                    name
                    for subject in subjects[item.urn]
                    for name in (subject.name, *(row.name for row in others.get(subject.urn, ())))
                )
            ),
            codes=tuple(
                code
                for code in (item.reference_code, item.acceptance_no, *(row.code for row in formers[item.urn]))
                if code
            ),
            numbers=tuple(subject.id_number for subject in subjects[item.urn] if subject.id_number),
            credit_codes=tuple(subject.credit_code for subject in subjects[item.urn] if subject.credit_code),
        )
        for item in items
    }


def page_texts(component: ComponentRow, pages: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """The words of pages of a file, by page: those it holds itself, and those a machine read on its image.

    The bytes of a file that may hold words are verified before they are read.

    Raises:
        B-005, B-007, B-008: the store has no such file, or its bytes changed.
        M-009: no such page.
    """
    wanted = list(pages)
    own: dict[int, str] = {}
    if formats.may_hold_text(component.format_id):
        with repository.open_verified(component.item_urn, component.sha512) as stream:
            path = Path(stream.name)
            own = {page: formats.text_of_page(path, component.format_id, page) for page in wanted}
    read = {
        page: "\n".join(line.text for line in reading.lines_of(component.sha512, page))
        for page in (wanted if is_read(component) else ())
    }
    return {page: tuple(text for text in (own.get(page, ""), read.get(page, "")) if text) for page in wanted}


def is_read(component: ComponentRow) -> bool:
    """Whether a machine reads the pages of a file."""
    return component.mime in reading.IMAGED_MIMES  # an OFD holds its words itself


def readings(digests: Iterable[str]) -> Mapping[str, str]:
    """How far files are read, by digest: the way of reading and the number of pages, as the index keeps it."""
    wanted = list(digests)
    done = reading.read_pages(wanted)
    return {sha512: f"{VERSION}:{len(done.get(sha512, ()))}" for sha512 in wanted}


@lru_cache(maxsize=8)
def _digest(folder: Path) -> Callable[[str], str]:
    return rules.keyed(key.load(folder))
