"""The kinds of job that ship: the sweep of the store, and the pages of a batch drawn ahead. User ask 17."""

from pathlib import Path

from django.conf import settings
from django_tasks_db.models import DBTaskResult

from anjuan.core.terms import Post, State
from anjuan.desks.transfer import actions as transfer
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.jobs import actions, queries, tasks
from anjuan.facilities.jobs.rules import JobStatus
from anjuan.facilities.repository import queries as repository
from anjuan.foundation.journal import actions as journal
from tests import builders
from tests.builders import at_state, one_line, refused
from tests.cast import Cast


def work_off() -> None:
    """Do what lies in the queue until it is empty, as a worker does."""
    while waiting := DBTaskResult.objects.filter(status="READY").order_by("enqueued_at").first():
        waiting.delete()
        tasks.run_chunk.call(*waiting.args_kwargs["args"])


def damage(urn: str, sha512: str) -> tuple[Path, bytes]:
    """Turn a byte of a stored file round. Returns where, and what it was."""
    place = next(file for file in repository.where(urn).files if file.sha512 == sha512)
    path = Path(settings.ANJUAN_HOME) / "store" / repository.where(urn).folder / place.content_path
    was = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(was[:-1] + bytes([was[-1] ^ 1]))
    return path, was


def test_the_sweep_reads_every_stored_object_and_names_the_damaged_object(cast: Cast) -> None:
    urns = [builders.captured(cast, f"A-{n}", persons=(builders.person(n),)) for n in (1, 2)]
    broken = builders.components_of(urns[1])[0].sha512
    path, was = damage(urns[1], broken)

    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    work_off()

    ended = queries.get_for(cast.actor(Post.SYSTEM_ADMIN), uid)
    assert (ended.status, ended.done, ended.failed, ended.total) == (JobStatus.DONE_WITH_LIST, 1, 1, 2)
    failed = queries.failed_of(uid)
    assert [(one.urn, one.refusal.code) for one in failed] == [(urns[1], "N-001")]
    assert "修复" in failed[0].refusal.remedy("zh")

    path.write_bytes(was)
    actions.retry(occasion=cast.occasion(Post.KEEPER), uid=uid)
    work_off()
    assert queries.get_for(cast.actor(Post.KEEPER), uid).status is JobStatus.DONE


def test_an_object_that_vanished_from_the_disk_is_an_item_of_the_list_not_the_end_of_the_sweep(cast: Cast) -> None:
    urns = [builders.captured(cast, f"A-{n}", persons=(builders.person(n),)) for n in (1, 2)]
    folder = Path(settings.ANJUAN_HOME) / "store" / repository.where(urns[0]).folder
    folder.rename(folder.with_name("away"))

    uid = actions.start(occasion=cast.occasion(Post.SYSTEM_ADMIN), kind="FIXITY_SWEEP")
    work_off()

    ended = queries.get_for(cast.actor(Post.KEEPER), uid)
    assert (ended.done, ended.failed) == (1, 1)
    assert {one.refusal.code for one in queries.failed_of(uid)} == {"N-001"}


def test_applying_for_a_transfer_has_the_pages_drawn_before_the_acceptor_comes(cast: Cast) -> None:
    walk = at_state(cast, State.SELF_CHECKED, "A-1", materials=("MAIN_FORM", "ID_CARD"))
    parts = builders.components_of(walk.item_urn)
    assert not any(formats.derivatives_of(part.sha512, 1) for part in parts)

    with one_line("transfer.apply"):
        receipt = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])
    with one_line("jobs.finish"):
        work_off()

    assert all(formats.derivatives_of(part.sha512, 1) for part in parts)
    job = queries.list_for(cast.actor(Post.ACCEPTOR))[0]
    assert (job.reference, job.status, job.done) == (receipt.batch_no, JobStatus.DONE, len(parts))
    assert job.owner_code == cast.actor(Post.ARCHIVIST).staff_code


def test_a_batch_of_many_volumes_is_walked_whole_in_small_steps(cast: Cast) -> None:
    walks = [
        at_state(cast, State.SELF_CHECKED, f"A-{n}", persons=(builders.person(n),), materials=("MAIN_FORM", "ID_CARD"))
        for n in range(1, 4)
    ]
    kind = queries.kinds()["DRAW_PAGES"]
    params = {"volumes": [walk.volume_urn for walk in walks]}

    walked: list[str] = []
    while step := kind.after(params, walked[-1] if walked else "", 1):
        walked += step

    assert walked == list(kind.after(params, "", 100)) == sorted(walked)
    assert len(walked) == kind.count(params) == 6
    assert [kind.name(key).urn for key in walked[::2]] == [walk.item_urn for walk in walks]


def test_a_page_that_cannot_be_drawn_is_named_by_its_record(cast: Cast) -> None:
    walk = at_state(cast, State.SELF_CHECKED, "A-1")
    damage(walk.item_urn, builders.components_of(walk.item_urn)[0].sha512)
    transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])
    work_off()

    job = queries.list_for(cast.actor(Post.ARCHIVIST))[0]
    failed = queries.failed_of(job.uid)
    assert job.status is JobStatus.DONE_WITH_LIST
    assert [(one.urn, one.refusal.code) for one in failed] == [(walk.item_urn, "B-008")]
    assert failed[0].reference.endswith("· p1") and "urn:" not in failed[0].reference


def test_work_opened_within_a_deed_stands_and_falls_with_it(cast: Cast) -> None:
    walk = at_state(cast, State.SELF_CHECKED, "A-1")
    params = {"volumes": [walk.volume_urn]}
    path = cast.actor(Post.ARCHIVIST).agency_path
    with journal.writing(occasion=cast.occasion(Post.ARCHIVIST), act="jobs.start", unit="job:x") as line:
        assert actions.open_job(line=line, kind="DRAW_PAGES", reference="B1", agency_path=path, params=params)

    with (
        refused("Y-002"),
        journal.writing(occasion=cast.occasion(Post.ARCHIVIST), act="jobs.start", unit="job:x") as line,
    ):
        actions.open_job(line=line, kind="DRAW_PAGES", reference="B1", agency_path=path, params=params)

    assert DBTaskResult.objects.count() == 1
