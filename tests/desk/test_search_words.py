"""Finding by words: catalogue and page text, rights first, and an index that can be lost."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from django.conf import settings
from django.test import Client

from anjuan.config import doctor, followers
from anjuan.core.terms import Post, State
from anjuan.desks.intake import actions as intake
from anjuan.facilities.search import actions, queries
from anjuan.facilities.search.actions import keeping
from anjuan.facilities.search.queries import finding
from anjuan.foundation.journal import queries as journal_queries
from anjuan.records import queries as records
from tests import builders
from tests.cast import Cast

on_sqlite = pytest.mark.skipif("settings.DATABASES['default']['ENGINE'].endswith('postgresql')")


def caught_up() -> None:
    while followers.run_once():
        pass
    while actions.tend(seconds=5):
        pass


def text_file(text: str) -> intake.Upload:
    path = Path(settings.ANJUAN_HOME) / "说明.txt"
    path.write_text(text, encoding="utf-8")
    return intake.Upload(path, "说明.txt", "MAIN_FORM")


def written(cast: Cast, acceptance_no: str, text: str, serial: int = 1) -> str:
    """An item one of whose pages is a text."""
    urn = builders.register(cast, acceptance_no, persons=(builders.person(serial),))
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[text_file(text)])
    return urn


def found(cast: Cast, text: str, post: Post = Post.HANDLER) -> list[str]:
    return [item.urn for item in queries.find(cast.actor(post), text).items]


def test_titles_steps_names_and_page_text_are_found_by_words(cast: Cast) -> None:
    urn = written(cast, "SL-1", "兹有欧阳𬭎同志，一九八五年调入纺织一厂。")
    other = builders.captured(cast, "SL-2", persons=(builders.person(2, "买买提·艾力"),))
    caught_up()

    assert found(cast, "纺织一厂") == [urn]
    assert found(cast, "欧阳𬭎 1985") == []
    assert found(cast, "纺织一厂 参保人〇〇一") == [urn]
    assert found(cast, "艾力") == [other]
    assert found(cast, "厂纺织") == []
    assert queries.find(cast.actor(Post.HANDLER), "纺织一厂").recognised == "WORDS"
    assert set(found(cast, records.step_names()["PERSON_REGISTRATION"])) == {urn, other}


def test_whole_names_numbers_and_codes_mean_what_they_meant(cast: Cast) -> None:
    urn = written(cast, "SL-1", f"证明人王伟，{builders.number(9)}", serial=1)
    own = builders.captured(cast, "SL-2", persons=(builders.person(2, "王伟"),))
    caught_up()
    actor = cast.actor(Post.HANDLER)

    named = queries.find(actor, "王伟")

    assert named.recognised == "NAME"
    assert [item.urn for hit in named.persons for item in hit.items] == [own]
    assert [item.urn for item in named.items] == [urn]
    assert queries.find(actor, "SL-1").recognised == "ACCEPTANCE_NO"
    assert [item.urn for item in queries.find(actor, builders.number(9)).items] == [urn]


def test_words_are_cut_by_what_the_actor_may_see(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    written(cast, "SL-1", "纺织一厂")
    caught_up()
    stranger = outsider(Post.HANDLER)

    assert "SL-1" in cast.client(Post.HANDLER).get("/find/", {"q": "纺织一厂"}).content.decode()
    assert "SL-1" not in stranger.get("/find/", {"q": "纺织一厂"}).content.decode()
    assert found(cast, "纺织一厂", Post.SYSTEM_ADMIN) == []


def test_rights_come_before_the_cut(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    own = written(cast, "SL-1", "纺织一厂")
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())
    for place in range(4):
        registration = builders.registration(f"HX-{place}", persons=(builders.person(900),), title="纺织一厂")
        intake.register(occasion=cast.occasion_of(elsewhere), agency_code="HX", registration=registration)
    caught_up()
    monkeypatch.setattr(finding, "PAGE_ITEMS", 1)

    result = queries.find(cast.actor(Post.HANDLER), "纺织一厂")

    assert ([item.urn for item in result.items], result.total, result.following) == ([own], 1, "")


def test_a_replaced_page_is_no_longer_found_and_a_given_code_is(cast: Cast) -> None:
    urn = written(cast, "SL-1", "旧的说明")
    caught_up()
    (component,) = builders.components_of(urn)
    intake.replace_page(occasion=cast.occasion(Post.HANDLER), component_pk=component.pk, upload=text_file("新的说明"))
    walk = builders.at_state(cast, State.FILED, "SL-9", persons=(builders.person(9),))
    caught_up()

    assert (found(cast, "旧的说明"), found(cast, "新的说明")) == ([], [urn])
    (reference,) = records.references_of(walk.item_urns)
    assert found(cast, f"{reference} 参保人〇〇九") == list(walk.item_urns)


def test_reading_entries_again_changes_nothing(cast: Cast) -> None:
    written(cast, "SL-1", "纺织一厂")
    caught_up()
    before = queries.index().count()

    actions.follow(journal_queries.entries_from(0, 1000))

    assert queries.index().count() == before


@on_sqlite
def test_numbers_of_persons_stand_nowhere_in_the_file(cast: Cast) -> None:
    written(cast, "SL-1", f"身份证号 {builders.number(77)} {' '.join(builders.number(78))}", serial=5)
    caught_up()

    rows = apsw.Connection(str(Path(settings.ANJUAN_HOME) / "search.db"))
    rows.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'search_words', 'row')")
    tokens = {str(token) for (token,) in rows.execute("SELECT term FROM vocabulary").fetchall()}

    assert "身份" in tokens
    for serial in (5, 77, 78):
        whole = builders.number(serial).casefold()
        assert not [token for token in tokens if len(token) > 5 and token in whole]
        assert not rows.execute("SELECT 1 FROM search_unit WHERE body LIKE ?", (f"%{whole[6:14]}%",)).fetchall()
        assert not rows.execute("SELECT 1 FROM search_mark WHERE value LIKE ?", (f"%{whole[6:14]}%",)).fetchall()


@on_sqlite
@pytest.mark.parametrize("harm", ["lost", "garbled", "of another time"])
def test_an_index_that_was_lost_is_made_again_without_loss(cast: Cast, home: Path, harm: str) -> None:
    urn = written(cast, "SL-1", "纺织一厂")
    caught_up()
    path = home / "search.db"
    for end in ("-wal", "-shm"):
        (home / f"search.db{end}").unlink(missing_ok=True)
    if harm == "lost":
        path.unlink()
    elif harm == "garbled":
        path.write_bytes(b"\0" * 5000)
    else:
        queries.index().begin(position=0)
        queries.index().rebuilt()
    if harm != "of another time":
        (line,) = [line for line in doctor.examine() if line.topic == "search"]
        assert not line.is_well and "search rebuild" in line.en
        result = queries.find(cast.actor(Post.HANDLER), "纺织一厂")
        assert (result.total, result.is_index_whole) == (0, False)
        assert "索引正在建立" in cast.client(Post.HANDLER).get("/find/", {"q": "纺织一厂"}).content.decode()

    caught_up()

    assert found(cast, "纺织一厂") == [urn]
    assert queries.find(cast.actor(Post.HANDLER), "纺织一厂").is_index_whole
    assert all(line.is_well for line in doctor.examine() if line.topic == "search")


def test_a_rebuild_goes_on_where_it_was_cut_off(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    urns = [builders.register(cast, f"SL-{n}", persons=(builders.person(n),)) for n in range(1, 6)]
    caught_up()
    monkeypatch.setattr(keeping, "AT_ONCE_ANEW", 2)

    taken = []
    while actions.tend(seconds=0, begin_anew=True):
        taken.append(queries.index().count().items)

    assert taken == [2, 4, 5]
    assert set(found(cast, "参保人")) == set(urns)


def test_a_file_that_cannot_be_read_is_counted_and_holds_nobody_up(cast: Cast, home: Path) -> None:
    written(cast, "SL-1", "纺织一厂")
    for path in (home / "store").rglob("*.txt"):
        path.chmod(0o644)
        path.write_bytes(b"changed")
    other = written(cast, "SL-2", "纺织二厂", serial=2)
    caught_up()

    held = queries.index().count()

    assert (held.unreadable, held.waiting) == (1, 0)
    assert (found(cast, "纺织一厂"), found(cast, "纺织二厂")) == ([], [other])
