"""Notices: who is told, by when, what ends them, and who hears of it when nothing happens. User ask 9."""

import datetime as dt

import pytest
from django.conf import settings
from pytest_django import Settings

from anjuan.config import followers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Closing, Post, State
from anjuan.desks.certificates import actions as certificates
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.intake import actions as intake
from anjuan.desks.review import actions as review
from anjuan.desks.transfer import actions as transfer
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.notices import actions, queries, rules, tasks
from anjuan.facilities.notices.followers import FOLLOWER
from anjuan.facilities.notices.models import Notice
from anjuan.facilities.notices.queries import NoticeRow, Shown
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.models import Cursor, Entry
from anjuan.records import models
from tests import builders
from tests.builders import at_state, fault, one_line, person, step_to
from tests.cast import Cast


def told(cast: Cast, who: Post | str, shown: Shown = Shown.OPEN, *, days_on: int = 0) -> list[NoticeRow]:
    occasion = cast.occasion(who) if isinstance(who, Post) else cast.occasion_of(who)
    return queries.list_for(occasion.actor, shown, today=cast.today() + dt.timedelta(days=days_on))


def kinds(rows: list[NoticeRow]) -> list[NoticeKind]:
    return [row.kind for row in rows]


def returned_item(cast: Cast, acceptance_no: str = "A-1") -> str:
    urn = builders.submitted(cast, acceptance_no)
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn), fault(urn, "S02")])
    return urn


def answer_all(cast: Cast, *urns: str) -> None:
    for row in correction_queries.of_units(urns):
        corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=row.pk, answer="已整改")


def overdue(*notices: NoticeRow, days: int = 3) -> None:
    """Let these have been due so many days ago."""
    for notice in notices:
        Notice.objects.filter(pk=notice.pk).update(due_date=notice.due_date.today() - dt.timedelta(days=days + 1))


def test_who_handled_an_item_is_told_that_it_came_back_and_by_when(cast: Cast) -> None:
    colleague = cast.hire("bh70", Post.HANDLER, "BH")

    urn = returned_item(cast)

    notice = told(cast, Post.HANDLER)[0]
    assert (notice.kind, notice.unit, notice.params["count"]) == (NoticeKind.ITEM_RETURNED, urn, 2)
    assert notice.due_date == correction_queries.of_units([urn])[0].due_date
    assert told(cast, colleague) == told(cast, Post.REVIEWER) == []


def test_it_is_done_when_the_item_goes_on_and_not_by_reading_it(cast: Cast) -> None:
    urn = returned_item(cast)
    notice = told(cast, Post.HANDLER)[0]
    before = Entry.objects.count()
    actions.read(actor=cast.actor(Post.HANDLER), pk=notice.pk, at=cast.clock.at)
    assert Entry.objects.count() == before
    followers.run_once()
    assert [row.read_at for row in told(cast, Post.HANDLER)] == [cast.clock.at - dt.timedelta(seconds=1)]

    answer_all(cast, urn)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    followers.run_once()

    assert told(cast, Post.HANDLER) == []
    assert kinds(told(cast, Post.HANDLER, Shown.DONE)) == [NoticeKind.ITEM_RETURNED]


def test_reading_the_journal_again_does_not_end_the_next_round(cast: Cast) -> None:
    urn = returned_item(cast)
    answer_all(cast, urn)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn)])
    followers.run_once()
    Cursor.objects.filter(follower=FOLLOWER.name).update(position=0)
    while journal.follow(FOLLOWER, at=cast.clock.at):
        pass

    assert len(told(cast, Post.HANDLER)) == len(told(cast, Post.HANDLER, Shown.DONE)) == 1
    assert actions.settle(act="intake.submit", unit=urn, at=cast.clock.at - dt.timedelta(hours=1)) == 0


def test_a_deed_that_is_refused_tells_nobody(cast: Cast) -> None:
    urn = builders.submitted(cast, "A-1")

    with pytest.raises(Refusal, match="W-001"):
        review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn, "ZZZ")])

    assert not Notice.objects.exists()


def test_a_batch_tells_the_acceptors_until_each_volume_was_judged(cast: Cast) -> None:
    walks = [at_state(cast, State.SELF_CHECKED, f"A-{n}", persons=(person(n),)) for n in (1, 2)]
    transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn for walk in walks])
    assert kinds(told(cast, Post.ACCEPTOR)) == [NoticeKind.BATCH_APPLIED]

    step_to(cast, State.PRE_ACCEPTED, walks[0])
    followers.run_once()
    assert kinds(told(cast, Post.ACCEPTOR)) == [NoticeKind.BATCH_APPLIED]
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR),
        volume_urn=walks[1].volume_urn,
        faults=[fault(walks[1].item_urn)],
    )
    followers.run_once()

    assert told(cast, Post.ACCEPTOR) == []
    assert kinds(told(cast, Post.FILER)) == [NoticeKind.VOLUME_RETURNED]
    answer_all(cast, walks[1].volume_urn, walks[1].item_urn)
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walks[1].volume_urn)
    followers.run_once()
    assert told(cast, Post.FILER) == []


def test_a_volume_the_witness_declined_is_told_to_who_filed_it(cast: Cast) -> None:
    walk = at_state(cast, State.PRE_ACCEPTED, "A-1")
    transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=walk.batch_no)

    transfer.refuse_witness(
        occasion=cast.occasion(Post.SUPERVISOR),
        batch_no=walk.batch_no,
        volume_urn=walk.volume_urn,
        faults=[fault(walk.item_urn)],
    )

    assert kinds(told(cast, Post.FILER)) == [NoticeKind.VOLUME_RETURNED]


def test_the_receivers_are_told_that_a_batch_is_on_its_way(cast: Cast) -> None:
    walk = at_state(cast, State.IN_TRANSIT, "A-1")
    assert kinds(told(cast, Post.RECEIVER)) == [NoticeKind.BATCH_DISPATCHED]

    step_to(cast, State.RECEIVED, walk)
    followers.run_once()

    assert told(cast, Post.RECEIVER) == []


def test_one_certificate_issued_leaves_the_other_request_open(cast: Cast) -> None:
    walk = at_state(cast, State.HELD, "A-1")
    first, second = (builders.requested(cast, person(1), walk.item_urn) for _ in range(2))
    assert [row.reference for row in told(cast, Post.READING_DESK)] == [first, second]

    certificates.issue(occasion=cast.occasion(Post.READING_DESK), certificate_no=second)
    followers.run_once()

    assert [row.reference for row in told(cast, Post.READING_DESK)] == [first]


@pytest.mark.acceptance("S3-P3")
def test_what_stays_overdue_goes_to_the_supervisor_exactly_once(cast: Cast, settings: Settings) -> None:
    urn = returned_item(cast)
    overdue(*told(cast, Post.HANDLER), days=settings.ANJUAN_ESCALATE_DAYS - 2)
    assert tasks.scan() == 0
    overdue(*told(cast, Post.HANDLER), days=settings.ANJUAN_ESCALATE_DAYS)
    assert kinds(told(cast, Post.HANDLER, Shown.OVERDUE)) == [NoticeKind.ITEM_RETURNED]
    assert told(cast, Post.SUPERVISOR) == []

    with one_line("notices.escalate"):
        assert tasks.scan() == 1
    assert tasks.scan() == 0

    assert [row.unit for row in told(cast, Post.SUPERVISOR)] == [urn]
    assert Entry.objects.get(act="notices.escalate").unit == urn
    pk = told(cast, Post.SUPERVISOR)[0].pk
    with builders.refused("L-001"):  # another worker, a moment later
        actions.escalate(occasion=cast.clock.occasion(tasks.WORKER), pk=pk)


def test_the_supervisor_of_another_agency_is_not_told(cast: Cast) -> None:
    returned_item(cast)
    stranger = cast.hire("hx06", Post.SUPERVISOR, cast.found_elsewhere())
    overdue(*told(cast, Post.HANDLER))

    assert tasks.scan() == 1

    assert told(cast, stranger) == []


def test_a_notice_without_a_named_person_goes_to_the_post(cast: Cast) -> None:
    occasion = cast.occasion(Post.REVIEWER)
    with journal.writing(occasion=occasion, act="review.return_item", unit="urn:x") as line:
        actions.notify(
            line=line,
            kind=NoticeKind.ITEM_RETURNED,
            unit="urn:x",
            reference="SL-9",
            agency_path=cast.actor(Post.HANDLER).agency_path,
            post=Post.HANDLER,
            within_days=5,
            count=1,
        )

    assert [row.reference for row in told(cast, Post.HANDLER)] == ["SL-9"]


def test_every_kind_of_notice_is_ended_by_some_act() -> None:
    assert set(rules.ENDED_BY) == set(NoticeKind)
    assert all(rules.ENDED_BY.values())


@pytest.mark.parametrize("ending", ["receipt", "cancel"])
def test_who_sent_a_dossier_on_is_told_of_its_receipt_and_the_supervisor_when_it_is_overdue(
    cast: Cast, ending: str
) -> None:
    models.Category.objects.update(arrangement=Arrangement.PERSON_DOSSIER)
    urn, filer = builders.filed(cast, builders.reviewed(cast, "SL-1")), cast.occasion(Post.FILER)
    filing.seal(occasion=filer, volume_urn=urn, closing=Closing.TRANSFER_OUT, closed_date=cast.today())
    number = filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="邻市", reason="转移")
    filing.send_forwarding(occasion=filer, notice_no=number, means="机要")

    (notice,) = told(cast, Post.FILER)
    assert (notice.kind, notice.reference) == (NoticeKind.RECEIPT_DUE, number)
    assert notice.due_date == cast.today() + dt.timedelta(days=settings.ANJUAN_RECEIPT_DAYS)
    assert told(cast, Post.SUPERVISOR) == [] and told(cast, Post.FILER, Shown.OVERDUE) == []
    overdue(notice)
    assert kinds(told(cast, Post.FILER, Shown.OVERDUE)) == [NoticeKind.RECEIPT_DUE]
    assert tasks.scan() == 1
    assert kinds(told(cast, Post.SUPERVISOR)) == [NoticeKind.RECEIPT_DUE]

    if ending == "receipt":
        filing.take_receipt(
            occasion=cast.occasion(Post.FILER), notice_no=number, receiver_name="王某", receipt_date=cast.today()
        )
    else:
        filing.cancel_forwarding(occasion=cast.occasion(Post.FILER), notice_no=number, reason="误开")
    followers.run_once()
    assert told(cast, Post.FILER) == told(cast, Post.SUPERVISOR) == []
