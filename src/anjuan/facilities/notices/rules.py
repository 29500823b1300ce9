"""What people are told of, what ends a notice, and when it goes to the supervisor (通知·待办)."""

import datetime as dt
import enum
from collections.abc import Mapping


class NoticeKind(enum.StrEnum):
    """What a notice is about."""

    ITEM_RETURNED = "ITEM_RETURNED"  # 审核退回
    VOLUME_RETURNED = "VOLUME_RETURNED"  # 退回整改
    BATCH_APPLIED = "BATCH_APPLIED"  # 待预验收
    BATCH_DISPATCHED = "BATCH_DISPATCHED"  # 待清点接收
    CERTIFICATE_REQUESTED = "CERTIFICATE_REQUESTED"  # 待出证


# Nobody clicks a notice away: it ends when its subject has moved on, by one of these acts of the journal.
ENDED_BY: Mapping[NoticeKind, frozenset[str]] = {
    NoticeKind.ITEM_RETURNED: frozenset({"intake.submit"}),
    NoticeKind.VOLUME_RETURNED: frozenset({"filing.resubmit"}),
    NoticeKind.BATCH_APPLIED: frozenset({"inspection.pre_accept", "inspection.pass_spot", "inspection.return_volume"}),
    NoticeKind.BATCH_DISPATCHED: frozenset({"transfer.receive"}),
    NoticeKind.CERTIFICATE_REQUESTED: frozenset({"certificates.issue", "certificates.revoke"}),
}
# Days a post has; faults bring their own. Ours until the office confirms them (待核实).
WITHIN_DAYS: Mapping[NoticeKind, int] = {
    NoticeKind.BATCH_APPLIED: 5,
    NoticeKind.BATCH_DISPATCHED: 3,
    NoticeKind.CERTIFICATE_REQUESTED: 1,
}


def kinds_ended_by(act: str) -> frozenset[NoticeKind]:
    """The kinds of notice that an act ends."""
    return frozenset(kind for kind, acts in ENDED_BY.items() if act in acts)


def late_since(today: dt.date, days: int) -> dt.date:
    """The latest due date that goes to the supervisor today: overdue by so many days, by one at least."""
    return today - dt.timedelta(days=max(days, 1))
