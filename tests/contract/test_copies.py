"""Copies and fixity over the ledger: made, verified, counted; damage found, named, told, repaired. User asks 19, 20."""

import datetime as dt
import errno
import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from anjuan.config import doctor
from anjuan.core.ocfl.validate import validate_root
from anjuan.core.refusals import Refusal, Severity
from anjuan.core.terms import Actor, Post, State
from anjuan.demo import tamper as touching
from anjuan.desks.intake import actions as intake
from anjuan.facilities.copies import actions, queries
from anjuan.facilities.copies.actions.finding import find_damage, note_outcome, reference_of, subject_of
from anjuan.facilities.copies.actions.mending import close_found_whole, mend_copy
from anjuan.facilities.copies.backends.shelf import FolderShelf
from anjuan.facilities.copies.models import Incident, ObjectCopy
from anjuan.facilities.copies.rules import Damage, DamageKind, Lack, Outcome, Policy
from anjuan.facilities.jobs import actions as job_actions
from anjuan.facilities.jobs import queries as jobs
from anjuan.facilities.jobs.rules import JobStatus
from anjuan.facilities.notices import queries as notices
from anjuan.facilities.notices.queries import Shown
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.backends.disk import FolderTree
from anjuan.facilities.repository.models import StoredObject
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests import copies_stage as stage
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off

WORKER = Actor("WORKER", "WORKER", "", "")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def pk(code: str) -> int:
    return queries.place(code).pk


def page_of(urn: str, place: str = "local") -> Path:
    """A content file of an object at a place."""
    folder = stage.object_folder(urn, place)
    return folder / next(path for path in stage.files_of(folder) if "/content/" in path)


def is_valid(urn: str) -> bool:
    return not [found for found in repository.findings_of(urn) if found.severity is Severity.ERROR]


def open_paths(cast: Cast) -> list[tuple[str, str]]:
    rows = queries.incidents_for(cast.actor(Post.KEEPER), is_open=True)
    return [(row.place.code, row.path) for row in rows]


@pytest.mark.acceptance("S2-C6", "S2-W3", "S0-C6")
def test_a_sealed_record_is_archived_once_its_copies_are_verified_and_not_before(cast: Cast) -> None:
    walk = builders.at_state(cast, State.FILED)
    actor = cast.actor(Post.KEEPER)
    before = queries.item_copies(actor, walk.item_urn, now())
    assert before.is_sealed and before.verdict.lacks == {Lack.COPIES: 3, Lack.MEDIA: 2, Lack.FAR: 1}

    with one_line("jobs.start"):
        uid = actions.start_replication(occasion=cast.occasion(Post.KEEPER))
    work_off()

    job = jobs.get_for(actor, uid)
    assert (job.status, job.done, job.failed) == (JobStatus.DONE, 2, 0)
    after = queries.item_copies(actor, walk.item_urn, now())
    assert after.verdict.is_met and after.verdict.counted == ("far", "local", "local-b")
    for place in ("local-b", "far"):
        folder = stage.object_folder(walk.item_urn, place)
        assert not [f for f in validate_root(FolderTree(folder.parents[2])) if f.severity is Severity.ERROR]
        assert stage.files_of(folder) == stage.files_of(stage.object_folder(walk.item_urn, "local"))
        copied = stage.line(walk.item_urn, place)
        assert copied.inventory_sha512 == stage.line(walk.item_urn, "local").inventory_sha512 != ""
    with refused("Y-007"):
        actions.start_replication(occasion=cast.occasion(Post.KEEPER))
    # Nothing of this is stored: with the policy, or with time, the verdict changes by itself.
    later = queries.item_copies(actor, walk.item_urn, now() + dt.timedelta(days=181))
    assert not later.verdict.is_met
    actions.set_policy(occasion=cast.occasion(Post.KEEPER), fonds_code="J001", policy=Policy(4, 2, 1), basis="会议纪要")
    assert queries.item_copies(actor, walk.item_urn, now()).verdict.lacks == {Lack.COPIES: 1}
    assert [row.verdict.lacks for row in queries.lacking(actor, "J001", now())] == [{Lack.COPIES: 1}]


def test_what_is_captured_and_not_sealed_is_verified_and_not_copied(cast: Cast) -> None:
    builders.captured(cast, "A-1")

    with refused("Y-007"):
        actions.start_replication(occasion=cast.occasion(Post.KEEPER))
    stage.sweep(cast)

    assert list(ObjectCopy.objects.values_list("place__code", "outcome")) == [("local", Outcome.GOOD)]


def test_a_new_version_makes_copies_behind_until_they_are_brought_up_to_date(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    StoredObject.objects.filter(urn=urn).update(head_version=1)  # as if the copies had been made then
    ObjectCopy.objects.exclude(place__code="local").update(version=1)
    head = repository.inventory_of(urn).head
    StoredObject.objects.filter(urn=urn).update(head_version=head)

    found = queries.item_copies(cast.actor(Post.KEEPER), urn, now())
    assert found.verdict.counted == ("local",) and queries.behind_by_place() == {"far": 1, "local-b": 1}

    actions.start_replication(occasion=cast.occasion(Post.KEEPER))
    work_off()
    assert queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met


@pytest.mark.acceptance("S2-C1", "S4-P9")
@pytest.mark.parametrize("place", stage.PLACES)
def test_a_planted_byte_at_any_place_is_an_incident_a_notice_and_no_success(cast: Cast, place: str) -> None:
    urn = stage.replicated(cast).item_urn
    page = page_of(urn, place)
    was = stage.turn_byte(page)

    uid = stage.sweep(cast)

    job = jobs.get_for(cast.actor(Post.KEEPER), uid)
    assert (job.status, job.done, job.failed) == (JobStatus.DONE_WITH_LIST, 2, 1)
    assert [one.refusal.code for one in jobs.failed_of(uid)] == ["N-001"]
    assert len(open_paths(cast)) == 1 and open_paths(cast)[0][0] == place
    for post in (Post.KEEPER, Post.SYSTEM_ADMIN):
        told = notices.list_for(cast.actor(post), Shown.OPEN, today=cast.today())
        assert [row.kind for row in told] == [NoticeKind.COPY_DAMAGED]
    assert not queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met
    assert not {line.topic: line for line in doctor.examine()}["copies"].is_well

    stage.sweep(cast)
    assert Incident.objects.count() == 1, "the same damage is one incident"

    with one_line("copies.repair"):
        receipt = actions.repair(occasion=cast.occasion(Post.KEEPER), urn=urn, place_code=place)

    assert page.read_bytes() == was and set(receipt.sources) <= set(stage.PLACES) - {place}
    closed = queries.incidents_for(cast.actor(Post.AUDITOR), is_open=False)[0]
    assert closed.repaired_by == "sj04" and closed.repaired_from in receipt.sources
    assert closed.evidence_digest == closed.found_sha512 != closed.expected_sha512 == closed.restored_sha512
    entry = Entry.objects.filter(act="copies.repair").get()
    said = journal.values_of([entry.uid])[entry.uid]
    assert said["damaged_0"][1] == closed.found_sha512 and said["good_0"][1] == closed.expected_sha512
    assert entry.unit == urn
    for post in (Post.KEEPER, Post.SYSTEM_ADMIN):
        assert not notices.list_for(cast.actor(post), Shown.OPEN, today=cast.today())
    assert queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met
    with refused("N-009"):
        actions.repair(occasion=cast.occasion(Post.KEEPER), urn=urn, place_code=place)


@pytest.mark.parametrize("kind", ["byte", "missing", "inventory"])
def test_what_demo_tamper_does_is_found_and_repaired(cast: Cast, kind: str) -> None:
    urn = stage.replicated(cast).item_urn

    done = touching.tamper(kind=kind)

    assert done.urn == urn and done.reference.startswith("J001")
    stage.sweep(cast)
    assert ("local", done.path) in open_paths(cast)
    actions.repair(occasion=cast.occasion(Post.SYSTEM_ADMIN), urn=urn, place_code="local")
    assert open_paths(cast) == [] and is_valid(urn)


def test_only_a_practice_archive_with_something_sealed_is_tampered_with(cast: Cast, settings: Settings) -> None:
    builders.captured(cast, "A-1")
    with refused("E-008"):
        touching.tamper()
    settings.PRACTICE = False
    with refused("E-004"):
        touching.tamper()


def test_an_object_gone_from_a_place_is_restored_whole(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    folder = stage.object_folder(urn, "local")
    files = stage.files_of(folder)
    shutil.rmtree(folder)

    stage.sweep(cast)
    assert {path for _, path in open_paths(cast)} >= {"inventory.json", "inventory.json.sha512"}
    actions.repair(occasion=cast.occasion(Post.KEEPER), urn=urn, place_code="local")

    assert stage.files_of(folder) == files and is_valid(urn)


def test_a_file_that_cannot_be_read_is_damage(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    urn = stage.replicated(cast).item_urn
    name = str(page_of(urn)).rpartition("/")[2]
    whole = FolderShelf.chunks

    def failing(self: FolderShelf, path: str):  # type: ignore[no-untyped-def]
        if path.endswith(name) and self.mark == "":
            raise OSError(errno.EIO, "the medium does not give it")
        return whole(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(FolderShelf, "chunks", failing)
        stage.sweep(cast)
    assert [row.kind for row in queries.incidents_for(cast.actor(Post.KEEPER), is_open=True)] == [DamageKind.UNREADABLE]

    # Somebody mended the disk: the next look closes the incident, and says so.
    stage.sweep(cast)
    assert open_paths(cast) == [] and Entry.objects.filter(act="copies.find_whole").count() == 1


@pytest.mark.acceptance("S0-C6")
def test_a_place_that_is_away_is_said_once_and_damages_nothing(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    far = stage.object_folder(urn, "far").parents[3]
    far.rename(far.with_name("unmounted"))

    uid = stage.sweep(cast)

    assert [one.refusal.code for one in jobs.failed_of(uid)] == ["N-002"]
    assert Incident.objects.count() == 0 and stage.line(urn, "far").outcome == Outcome.UNREACHABLE
    assert queries.place("far").unreachable_since is not None
    assert not queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met
    far.with_name("unmounted").rename(far)
    job_actions.retry(occasion=cast.occasion(Post.KEEPER), uid=uid)
    work_off()
    assert queries.place("far").unreachable_since is None
    assert queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met


def test_no_good_copy_left_is_said_and_nothing_is_touched(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    for place in stage.PLACES:
        stage.turn_byte(page_of(urn, place))
    stage.sweep(cast)
    bad = page_of(urn).read_bytes()

    with refused("N-003"):
        actions.repair(occasion=cast.occasion(Post.KEEPER), urn=urn, place_code="local")

    assert page_of(urn).read_bytes() == bad and len(open_paths(cast)) == 3


def test_a_damaged_source_is_found_while_copying_and_another_source_serves(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    shutil.rmtree(stage.object_folder(urn, "far"))
    ObjectCopy.objects.filter(place__code="far").delete()
    stage.turn_byte(page_of(urn))

    actions.replicate(occasion=cast.clock.occasion(WORKER), urn=urn, place_pk=pk("far"))

    assert [place for place, _ in open_paths(cast)] == ["local"]
    assert stage.line(urn, "far").outcome == Outcome.GOOD
    shutil.rmtree(stage.object_folder(urn, "far"))
    ObjectCopy.objects.filter(place__code="far").delete()
    stage.turn_byte(page_of(urn, "local-b"))
    with pytest.raises(Refusal) as caught:
        actions.replicate(occasion=cast.clock.occasion(WORKER), urn=urn, place_pk=pk("far"))
    assert caught.value.code == "N-008"
    assert not ObjectCopy.objects.filter(place__code="far", outcome=Outcome.GOOD).exists()


def test_a_full_place_is_no_copy_and_goes_on_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = builders.at_state(cast, State.FILED)

    def full(self: FolderShelf, path: str, chunks: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(FolderShelf, "receive", full)
        uid = actions.start_replication(occasion=cast.occasion(Post.KEEPER))
        work_off()
    assert {one.refusal.code for one in jobs.failed_of(uid)} == {"N-004"}
    assert not ObjectCopy.objects.filter(outcome=Outcome.GOOD).exclude(place__code="local").exists()

    job_actions.retry(occasion=cast.occasion(Post.KEEPER), uid=uid)
    work_off()
    assert queries.item_copies(cast.actor(Post.KEEPER), walk.item_urn, now()).verdict.is_met


def test_with_the_setting_damage_is_repaired_as_it_is_found(cast: Cast, settings: Settings) -> None:
    urn = stage.replicated(cast).item_urn
    was = stage.turn_byte(page_of(urn))
    settings.ANJUAN_REPAIR_AUTO = True

    uid = stage.sweep(cast)

    assert jobs.get_for(cast.actor(Post.KEEPER), uid).status is JobStatus.DONE
    assert page_of(urn).read_bytes() == was
    (row,) = queries.incidents_for(cast.actor(Post.KEEPER), is_open=False)
    assert row.repaired_by == "WORKER" and row.repaired_from


def test_a_repair_cut_off_between_bytes_and_rows_is_finished_by_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = stage.replicated(cast).item_urn
    was = stage.turn_byte(page_of(urn))
    stage.sweep(cast)
    from anjuan.facilities.copies.actions import mending

    def killed(*said: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(mending, "_close", killed)
        mend_copy(occasion=cast.occasion(Post.KEEPER), row=queries.place("local"), urn=urn)
    assert page_of(urn).read_bytes() == was and len(open_paths(cast)) == 1

    receipt = actions.repair(occasion=cast.occasion(Post.KEEPER), urn=urn, place_code="local")
    (row,) = queries.incidents_for(cast.actor(Post.KEEPER), is_open=False)
    assert row.repaired_from in receipt.sources and row.evidence_digest == row.found_sha512


# --- the pieces the deeds are made of ---------------------------------------------------------------------------------


def test_damage_entered_by_hand_is_closed_when_a_look_finds_the_copy_whole(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    row = queries.place("far")
    damage = Damage(DamageKind.MISSING, "v1/content/x", "ab")
    assert reference_of(urn).startswith("J001") and len(subject_of(urn, row)) <= 60

    with one_line("copies.find_damage"):
        find_damage(occasion=cast.occasion(Post.KEEPER), row=row, urn=urn, damages=[damage])
    find_damage(occasion=cast.occasion(Post.KEEPER), row=row, urn=urn, damages=[damage])
    note_outcome(cast.occasion(Post.KEEPER), row, urn, Outcome.DAMAGED)
    with one_line("copies.find_whole"):
        close_found_whole(occasion=cast.occasion(Post.KEEPER), row=row, urn=urn)

    assert Incident.objects.get().repaired_from is None


def test_a_page_added_later_leaves_the_ledger_as_it_is(cast: Cast) -> None:
    urn = builders.captured(cast, "A-1")
    stage.sweep(cast)
    first = stage.line(urn, "local")
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload("MAIN_FORM")])
    actions.check(occasion=cast.clock.occasion(WORKER), urn=urn, place_pk=pk("local"))

    assert stage.line(urn, "local").version == first.version + 1
    with pytest.raises(Refusal) as caught:
        stage.turn_byte(page_of(urn))
        actions.check(occasion=cast.clock.occasion(WORKER), urn=urn, place_pk=pk("local"))
    assert caught.value.code == "N-001"


def test_a_sweep_that_is_cut_short_has_done_what_it_told_and_nothing_more(cast: Cast) -> None:
    stage.replicated(cast)
    long_ago = now() - dt.timedelta(days=30)
    ObjectCopy.objects.update(verified_at=long_ago, checked_at=long_ago)
    units = [(row.place_id, row.urn) for row in ObjectCopy.objects.order_by("pk")]

    looks = actions.check_many(moment=lambda: cast.clock.occasion(WORKER), units=units)
    assert [next(looks), next(looks)] == [None, None]
    looks.close()

    lines = list(ObjectCopy.objects.order_by("pk"))
    assert [line.verified_at != long_ago for line in lines] == [True, True, False]
    assert all(line.checked_at == line.verified_at for line in lines)
