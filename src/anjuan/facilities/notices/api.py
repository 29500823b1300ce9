import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from anjuan.facilities.notices import actions, queries
from anjuan.facilities.notices.queries import NoticeRow, Shown
from anjuan.foundation.accounts import occasions

router = Router(tags=["notices"])


class NoticeOut(Schema):
    """What I must know or do, and by when."""

    pk: int
    kind: str
    recipient_code: str
    post: str
    unit: str
    reference: str
    params: dict[str, str | int]
    due_date: dt.date
    created_at: dt.datetime
    read_at: dt.datetime | None
    done_at: dt.datetime | None
    escalated_at: dt.datetime | None


@router.get("/notices", response=list[NoticeOut], operation_id="notices_mine")
def mine(request: HttpRequest, show: Shown = Shown.OPEN) -> list[NoticeRow]:
    """My notices: open, overdue or done; 200 at most."""
    return queries.list_for(occasions.actor_of(request), show, today=occasions.today())


@router.post("/notices/{int:pk}/read", response=NoticeOut, operation_id="notices_read")
def read(request: HttpRequest, pk: int) -> NoticeRow:
    """Note that I have read it; it is done when its subject moves on, not by this."""
    actor = occasions.actor_of(request)
    actions.read(actor=actor, pk=pk, at=timezone.now())
    return queries.get_for(actor, pk)
