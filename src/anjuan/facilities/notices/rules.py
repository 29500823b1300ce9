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
    REMINDED = "REMINDED"  # 催办
    COPY_DAMAGED = "COPY_DAMAGED"  # 副本损坏
    CAPACITY_SHORT = "CAPACITY_SHORT"  # 容量不足
    HELPER_DIVERTED = "HELPER_DIVERTED"  # 辅助人员越岗
    RECORDS_LATE = "RECORDS_LATE"  # 归档、移交逾期
    DEPARTMENT_VACANT = "DEPARTMENT_VACANT"  # 科室无兼职人员
    RECEIPT_DUE = "RECEIPT_DUE"  # 转递待回执
    SIGNATURE_INVALID = "SIGNATURE_INVALID"  # 电子签名验证失败: to the agency that made the record
    SIGNATURE_TO_JUDGE = "SIGNATURE_TO_JUDGE"  # 电子签名验证失败: to the archive


# Nobody clicks a notice away: it ends when its subject has moved on, by one of these acts of the journal.
ENDED_BY: Mapping[NoticeKind, frozenset[str]] = {
    NoticeKind.ITEM_RETURNED: frozenset({"intake.submit"}),
    NoticeKind.VOLUME_RETURNED: frozenset({"filing.resubmit"}),
    NoticeKind.BATCH_APPLIED: frozenset({"inspection.pre_accept", "inspection.pass_spot", "inspection.return_volume"}),
    NoticeKind.BATCH_DISPATCHED: frozenset({"transfer.receive"}),
    NoticeKind.CERTIFICATE_REQUESTED: frozenset({"certificates.issue", "certificates.revoke"}),
    NoticeKind.COPY_DAMAGED: frozenset({"copies.repair"}),
    NoticeKind.CAPACITY_SHORT: frozenset({"copies.open_place"}),
    NoticeKind.HELPER_DIVERTED: frozenset({"workload.explain"}),
    NoticeKind.RECORDS_LATE: frozenset({"progress.tell_late"}),  # the next round takes its place, or says it is over
    NoticeKind.DEPARTMENT_VACANT: frozenset({"rulebook.name_part_timer", "rulebook.close_department"}),
    NoticeKind.RECEIPT_DUE: frozenset({"filing.take_receipt", "filing.cancel_forwarding"}),
    NoticeKind.SIGNATURE_INVALID: frozenset(
        {"assurance.explain_signature", "assurance.note_replacement", "assurance.accept_signature"}
    ),
    NoticeKind.SIGNATURE_TO_JUDGE: frozenset({"assurance.note_replacement", "assurance.accept_signature"}),
    # Whatever moves the record is what it was reminded of.
    NoticeKind.REMINDED: frozenset(
        {
            "corrections.answer_fault",
            "filing.add_item",
            "filing.open_volume",
            "filing.resubmit",
            "filing.seal",
            "inspection.accept",
            "inspection.pass_recheck",
            "inspection.pass_spot",
            "inspection.pre_accept",
            "inspection.return_volume",
            "inspection.sign_self_check",
            "intake.close",
            "intake.submit",
            "review.pass_item",
            "review.return_item",
            "stacks.shelve",
            "transfer.apply",
            "transfer.dispatch",
            "transfer.receive",
            "transfer.refuse_witness",
            "transfer.witness",
            "workshop.finish",
            "workshop.return_volume",
            "workshop.take_in",
        }
    ),
}
# Days a post has; faults bring their own. Ours until the office confirms them (待核实).
WITHIN_DAYS: Mapping[NoticeKind, int] = {
    NoticeKind.BATCH_APPLIED: 5,
    NoticeKind.BATCH_DISPATCHED: 3,
    NoticeKind.CERTIFICATE_REQUESTED: 1,
    NoticeKind.REMINDED: 1,
    NoticeKind.COPY_DAMAGED: 1,
    NoticeKind.CAPACITY_SHORT: 30,
    NoticeKind.HELPER_DIVERTED: 3,
    NoticeKind.RECORDS_LATE: 7,
    NoticeKind.DEPARTMENT_VACANT: 5,
    NoticeKind.RECEIPT_DUE: 30,
    NoticeKind.SIGNATURE_INVALID: 5,
    NoticeKind.SIGNATURE_TO_JUDGE: 15,
}


def kinds_ended_by(act: str) -> frozenset[NoticeKind]:
    """The kinds of notice that an act ends."""
    return frozenset(kind for kind, acts in ENDED_BY.items() if act in acts)


def late_since(today: dt.date, days: int) -> dt.date:
    """The latest due date that goes to the supervisor today: overdue by so many days, by one at least."""
    return today - dt.timedelta(days=max(days, 1))
