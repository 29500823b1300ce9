"""The journal: one deed, one line; numbered without a gap; what is erased leaves every proof standing."""

import datetime as dt
import hashlib
from collections.abc import Sequence

import pytest

from anjuan.core.merkle import proof, tree
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.demo import office as practice
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries, rules
from anjuan.foundation.journal.models import Cursor, Entry, Member, PrivateValue
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as ledger_queries
from tests.builders import everything, one_line
from tests.cast import Cast


def deed(cast: Cast, unit: str = "urn:uuid:1", **fields: object) -> str:
    """Some deed of the handler. Returns the uid of its line."""
    with journal.writing(occasion=cast.occasion(Post.HANDLER), act="intake.register", unit=unit) as line:
        line.say(**fields)
    return line.uid


def test_a_deed_leaves_one_line_with_who_when_what(cast: Cast) -> None:
    with one_line("intake.register"):
        uid = deed(cast, title="养老", note="", left=None, pages=0)

    entry = Entry.objects.get(uid=uid)
    assert (entry.staff_code, entry.agency_code, entry.at) == ("bh01", "BH", cast.clock.at)
    assert set(entry.commitments) == {"title", "pages"}
    assert entry.position is None


def test_values_stand_beside_the_entry_and_the_commitments_recompute(cast: Cast) -> None:
    uid = deed(cast, title="养老", number="11010519491231002X")

    kept = queries.values_of([uid])[uid]

    entry = Entry.objects.get(uid=uid)
    assert kept["title"][1] == "养老"
    for name, (salt, value) in kept.items():
        assert hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest() == entry.commitments[name]
    assert len({salt for salt, _ in kept.values()}) == 2


def test_a_deed_that_fails_leaves_no_line_and_no_value(cast: Cast) -> None:
    before = everything()

    with (
        pytest.raises(ZeroDivisionError),
        journal.writing(occasion=cast.occasion(Post.HANDLER), act="intake.register", unit="urn:uuid:1") as line,
    ):
        line.say(title="x")
        journal.enter(line)
        raise ZeroDivisionError

    assert everything() == before


def test_a_deed_within_a_deed_is_a_fault(cast: Cast) -> None:
    before = everything()

    with (
        pytest.raises(RuntimeError, match="durable"),
        journal.writing(occasion=cast.occasion(Post.HANDLER), act="intake.register", unit="urn:uuid:1"),
        journal.writing(occasion=cast.occasion(Post.HANDLER), act="intake.submit", unit="urn:uuid:1"),
    ):
        pass

    assert everything() == before


def test_numbers_are_contiguous_from_nought(cast: Cast) -> None:
    for place in range(7):
        deed(cast, place=place)

    journal.sequence()

    numbers = list(Entry.objects.order_by("id").values_list("position", flat=True))
    assert numbers == list(range(len(numbers)))
    assert queries.head() == len(numbers)
    assert queries.waiting() == 0


def test_numbering_again_numbers_nothing_and_goes_in_steps(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SEQUENCE_AT_ONCE", 2)
    waiting = queries.waiting()
    for _ in range(5):
        deed(cast)

    assert journal.sequence() == waiting + 5
    assert journal.sequence() == 0


def test_an_entry_that_commits_late_gets_a_later_number_and_is_not_missed(cast: Cast) -> None:
    early = deed(cast, "urn:uuid:early")
    row = Entry.objects.filter(uid=early).values().get()
    # A slower transaction took its id before, but commits only after its neighbour was numbered and read.
    journal.sequence()
    read: list[str] = []
    follower = journal.Follower("late", lambda entries: read.extend(entry.uid for entry in entries))
    while journal.follow(follower, at=cast.clock.at):
        pass
    late = Entry.objects.create(**row | {"id": row["id"] - 1000, "uid": "0f" * 16, "position": None})

    journal.sequence()
    journal.follow(follower, at=cast.clock.at)

    late.refresh_from_db()
    assert late.position == (queries.position_of(early) or 0) + 1
    assert read[-2:] == [early, late.uid]


def test_a_follower_reads_every_entry_once_in_order_and_goes_on_from_there(cast: Cast) -> None:
    read: list[int] = []
    follower = journal.Follower("reader", lambda entries: read.extend(entry.position for entry in entries))
    for _ in range(5):
        deed(cast)
    journal.sequence()

    while journal.follow(follower, at=cast.clock.at, limit=3):
        pass
    deed(cast)
    journal.sequence()
    journal.follow(follower, at=cast.clock.at)

    assert read == list(range(queries.head()))
    assert next(lag for lag in queries.lags() if lag.follower == "reader").behind == 0


def test_a_follower_that_fails_keeps_its_place(cast: Cast) -> None:
    deed(cast)
    journal.sequence()

    def consume(entries: Sequence[rules.Facts]) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        journal.follow(journal.Follower("weak", consume), at=cast.clock.at)

    assert Cursor.objects.get(follower="weak").position == 0


def test_waiting_for_a_follower_that_is_late_is_j_001(cast: Cast) -> None:
    deed(cast)
    journal.sequence()
    journal.follow(journal.Follower("quick", lambda entries: None), at=cast.clock.at)

    journal.wait_for(queries.head() - 1, follower="quick", timeout_seconds=0)
    with pytest.raises(Refusal) as caught:
        journal.wait_for(queries.head(), follower="quick", timeout_seconds=0)

    assert caught.value.code == "J-001"


def test_a_batch_act_names_its_members_under_one_root(cast: Cast) -> None:
    members = [(f"urn:uuid:{place}", hashlib.sha256(bytes([place])).hexdigest()) for place in range(5)]

    with journal.writing(occasion=cast.occasion(Post.ARCHIVIST), act="transfer.apply", unit="batch:1") as line:
        line.include(members[:2])
        line.include(members[2:])

    entry = Entry.objects.get(uid=line.uid)
    assert (entry.members_count, entry.members_root) == (5, rules.members_root(members))
    assert queries.members_of(line.uid) == members
    assert Member.objects.filter(entry_uid=line.uid).count() == 5


def test_the_story_of_a_unit_tells_single_and_batch_acts_oldest_first(cast: Cast) -> None:
    deed(cast, "urn:uuid:a", title="养老")
    with journal.writing(occasion=cast.occasion(Post.ARCHIVIST), act="transfer.apply", unit="batch:1") as line:
        line.include([("urn:uuid:a", "00" * 32), ("urn:uuid:b", "11" * 32)])
    deed(cast, "urn:uuid:b")

    story = queries.story_of("urn:uuid:a")

    assert [told.act for told in story] == ["intake.register", "transfer.apply"]
    assert story[0].values == {"title": "养老"}
    assert story[0].at < story[1].at


def test_the_newest_entry_of_an_act_is_found_once_it_is_numbered(cast: Cast) -> None:
    deed(cast, "urn:uuid:a")
    assert queries.latest_entry("urn:uuid:a", "intake.register") is None
    journal.sequence()
    second = deed(cast, "urn:uuid:a")
    journal.sequence()

    found = queries.latest_entry("urn:uuid:a", "intake.register")

    assert found is not None
    assert found.uid == second
    with pytest.raises(ValueError, match="not numbered"):
        queries.facts_of(Entry(uid="x"))


def test_erasing_values_leaves_the_leaf_and_its_proof_as_they_were(cast: Cast) -> None:
    uid = deed(cast, number="11010519491231002X", title="养老")
    deed(cast)
    checkpoint = ledger.catch_up(at=cast.clock.at)
    before = rules.leaf(queries.facts_of(Entry.objects.get(uid=uid)))

    with one_line("journal.erase_values"):
        erased = journal.erase_values(
            occasion=cast.occasion(Post.SECURITY_OFFICER), uid=uid, fields=["number"], basis="个人信息保护法 第四十七条"
        )

    facts = queries.facts_of(Entry.objects.get(uid=uid))
    path = ledger_queries.inclusion_proof(facts.position, checkpoint).path
    assert erased == 1
    assert set(queries.values_of([uid])[uid]) == {"title"}
    assert rules.leaf(facts) == before
    assert proof.verify_inclusion(
        leaf=tree.leaf_hash(before),
        index=facts.position,
        size=checkpoint.size,
        path=path,
        root=bytes.fromhex(checkpoint.root),
    )


def test_erasing_without_a_legal_basis_is_j_002(cast: Cast) -> None:
    uid = deed(cast, number="11010519491231002X")

    with pytest.raises(Refusal) as caught:
        journal.erase_values(occasion=cast.occasion(Post.SECURITY_OFFICER), uid=uid, fields=["number"], basis=" ")

    assert caught.value.code == "J-002"
    assert PrivateValue.objects.filter(entry_uid=uid).exists()


def test_an_entry_outlives_the_person_who_made_it(cast: Cast) -> None:
    code = cast.hire("bh77", Post.HANDLER, "BH")
    with journal.writing(occasion=cast.occasion_of(code), act="accounts.log_in", unit="staff:bh77") as line:
        line.say(terminal="x")

    from anjuan.foundation.accounts.models import Staff

    Staff.objects.filter(staff_code=code).update(is_active=False)

    assert queries.story_of("staff:bh77")[-1].staff_code == code
    with pytest.raises(Refusal) as caught:
        cast.occasion_of(code)
    assert caught.value.code == "A-004"


def test_the_founding_of_the_office_left_a_line_for_each_of_its_deeds(office: None) -> None:
    acts = list(Entry.objects.values_list("act", flat=True))

    assert acts.count("accounts.found_agency") == 2
    assert acts.count("accounts.enrol") == acts.count("accounts.appoint") == len(practice.STAFF)
    assert all(at.tzinfo is dt.UTC for at in Entry.objects.values_list("at", flat=True))
    assert accounts.FOUNDER.staff_code in set(Entry.objects.values_list("staff_code", flat=True))
