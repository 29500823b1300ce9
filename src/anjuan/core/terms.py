"""The vocabulary (术语): enums and frozen values that every floor shares.

Stored choices are UPPER_SNAKE; labels for people are translations and stand at the edges.
"""

import datetime as dt
import enum
from collections.abc import Callable
from dataclasses import dataclass, field


class Route(enum.StrEnum):
    """The way a record takes (路线)."""

    TARGET = "TARGET"  # scanned while handled, images accepted before paper moves
    LEGACY = "LEGACY"  # paper first, acceptance after receipt, then the workshop
    SINGLE_SET = "SINGLE_SET"  # electronic only


class Arrangement(enum.StrEnum):
    """How items are brought together (整理方式); what each asks for is data, see `anjuan.core.arrangement`."""

    BY_VOLUME = "BY_VOLUME"  # 按卷
    BY_ITEM = "BY_ITEM"  # 按件
    PERSON_DOSSIER = "PERSON_DOSSIER"  # 一人一档
    EMPLOYER_DOSSIER = "EMPLOYER_DOSSIER"  # 一户一档


class Classification(enum.StrEnum):
    """The order in which a fonds is classified (分类方案)."""

    YEAR_STEP = "YEAR_STEP"  # 年度—业务环节
    YEAR_LINE_STEP = "YEAR_LINE_STEP"  # 年度—险种—业务环节


class Closing(enum.StrEnum):
    """Why a dossier was closed for good (停止归集)."""

    DEATH = "DEATH"  # 死亡
    TRANSFER_OUT = "TRANSFER_OUT"  # 转出


class UnitKind(enum.StrEnum):
    """What moves along the lifecycle: the item until it is filed, then the volume."""

    ITEM = "ITEM"
    VOLUME = "VOLUME"


class State(enum.StrEnum):
    """Which desk may act next (环节). A fact such as *on loan* is not a state."""

    COLLECTING = "COLLECTING"  # 收集中: the counter holds it
    IN_REVIEW = "IN_REVIEW"  # 待审核
    REVIEWED = "REVIEWED"  # 已审核: waits for filing
    FILING = "FILING"  # 立卷中: in an open volume
    FILED = "FILED"  # 已立卷: sealed, numbers fixed
    SELF_CHECKED = "SELF_CHECKED"  # 自查通过
    APPLIED = "APPLIED"  # 移交申请已提出, 预验收中
    RETURNED = "RETURNED"  # 整改中: back at the agency
    PRE_ACCEPTED = "PRE_ACCEPTED"  # 预验收通过
    WITNESSED = "WITNESSED"  # 监交通过
    IN_TRANSIT = "IN_TRANSIT"  # 交接中
    RECEIVED = "RECEIVED"  # 已接收
    MENDING = "MENDING"  # 馆内整改: the agency mends it in the archive house, the paper stays
    ACCEPTED = "ACCEPTED"  # 验收通过 (paper first)
    RECHECKED = "RECHECKED"  # 复核通过, 待加工 (paper first)
    IN_WORKSHOP = "IN_WORKSHOP"  # 数字化加工中 (paper first)
    HELD = "HELD"  # 在库保管


# Where faults are being mended: pages may be changed, nothing else may go on.
CORRECTING = frozenset({State.RETURNED, State.MENDING})


class Verb(enum.StrEnum):
    """What may be done to a record along its lifecycle."""

    SUBMIT = "submit"
    CLOSE = "close"
    PASS_ITEM = "pass_item"
    RETURN_ITEM = "return_item"
    ARRANGE = "arrange"
    RELEASE = "release"
    INSERT = "insert"
    SEAL = "seal"
    PASS_SELF_CHECK = "pass_self_check"
    APPLY = "apply"
    PRE_ACCEPT = "pre_accept"
    RETURN_VOLUME = "return_volume"
    RESUBMIT = "resubmit"
    WITNESS = "witness"
    REFUSE_WITNESS = "refuse_witness"
    DISPATCH = "dispatch"
    RECEIVE = "receive"
    ACCEPT = "accept"
    PASS_RECHECK = "pass_recheck"
    TAKE_IN = "take_in"
    FINISH = "finish"


class Post(enum.StrEnum):
    """A post a person may hold (岗位)."""

    HANDLER = "HANDLER"  # 业务经办
    REVIEWER = "REVIEWER"  # 审核岗
    FILER = "FILER"  # 兼职档案员: 立卷
    CHECKER = "CHECKER"  # 检查: 全面自查
    ARCHIVIST = "ARCHIVIST"  # 专职档案管理员: 移交申请
    SUPERVISOR = "SUPERVISOR"  # 分管领导 = 监交人
    ACCEPTOR = "ACCEPTOR"  # 验收岗
    RECEIVER = "RECEIVER"  # 接收岗
    RECHECKER = "RECHECKER"  # 复核岗
    PROCESSOR = "PROCESSOR"  # 加工员: the digitisation workshop
    KEEPER = "KEEPER"  # 库管员
    READING_DESK = "READING_DESK"  # 利用接待员
    ASSISTANT = "ASSISTANT"  # 档案辅助人员: sent by the archive to scan and to help with volumes, and for nothing else
    INTERFACE = "INTERFACE"  # 业务系统接口: an account of a program, which delivers and reads nothing
    SYSTEM_ADMIN = "SYSTEM_ADMIN"  # 系统管理员
    SECURITY_OFFICER = "SECURITY_OFFICER"  # 安全保密管理员
    AUDITOR = "AUDITOR"  # 安全审计员


ADMINISTRATORS = frozenset({Post.SYSTEM_ADMIN, Post.SECURITY_OFFICER, Post.AUDITOR})
# Posts that work with records and may look for them. A workshop operator sees what lies in the workshop, and searches
# nothing; a business system's account only delivers.
RECORD_POSTS = tuple(post for post in Post if post not in ADMINISTRATORS | {Post.INTERFACE, Post.PROCESSOR})


class Duty(enum.StrEnum):
    """The part a person took in one record: what separation of duty is judged on (职责)."""

    HANDLED = "HANDLED"  # 经办
    REVIEWED = "REVIEWED"  # 审核
    FILED = "FILED"  # 立卷
    CHECKED = "CHECKED"  # 检查
    MENDED = "MENDED"  # 整改
    APPLIED = "APPLIED"  # 申请
    WITNESSED = "WITNESSED"  # 监交 (批准)
    ACCEPTED = "ACCEPTED"  # 验收
    RECEIVED = "RECEIVED"  # 接收
    RECHECKED = "RECHECKED"  # 复核
    PROCESSED = "PROCESSED"  # 加工
    DESTROYED = "DESTROYED"  # 销毁
    SUPERVISED_DESTRUCTION = "SUPERVISED_DESTRUCTION"  # 监销


class Custody(enum.StrEnum):
    """Who answers for the record now (保管权)."""

    AGENCY = "AGENCY"  # 分中心
    IN_TRANSIT = "IN_TRANSIT"  # 交接中
    ARCHIVE = "ARCHIVE"  # 档案馆
    FORWARDED = "FORWARDED"  # 已转出: another office answers for it


class Secrecy(enum.StrEnum):
    """How closely the pages of a record are kept (密级标识); what is not OPEN needs a leave that runs out (STD-18)."""

    OPEN = "OPEN"  # 一般
    SENSITIVE = "SENSITIVE"  # 敏感: known to all who work with records, its pages closed
    SECRET = "SECRET"  # 涉密: not even known


class InsuranceLine(enum.StrEnum):
    """Insurance line (险种)."""

    PENSION = "PENSION"
    MEDICAL = "MEDICAL"
    UNEMPLOYMENT = "UNEMPLOYMENT"
    WORK_INJURY = "WORK_INJURY"
    MATERNITY = "MATERNITY"
    ALL = "ALL"


class SubjectKind(enum.StrEnum):
    """Whom a record concerns."""

    INSURED_PERSON = "INSURED_PERSON"  # 参保人
    EMPLOYER = "EMPLOYER"  # 参保单位


class RestraintKind(enum.StrEnum):
    """Something that forbids a move for now (限制)."""

    ON_LOAN = "ON_LOAN"
    HOLD = "HOLD"  # 冻结


class AgencyProfile(enum.StrEnum):
    """FULL offices have every post; SMALL ones borrow some from the parent (decision 4)."""

    FULL = "FULL"
    SMALL = "SMALL"


class AgencyKind(enum.StrEnum):
    """What an agency is to the archive (机构类型)."""

    ARCHIVE = "ARCHIVE"  # 档案馆
    CENTRE = "CENTRE"  # 分中心
    COUNTY = "COUNTY"
    TOWN = "TOWN"


@dataclass(frozen=True)
class Appointment:
    """One post at one agency: it covers that agency and everything below it (任职)."""

    post: Post
    agency_code: str
    agency_path: str


@dataclass(frozen=True)
class Actor:
    """Who acts (操作人): a frozen view of a person and the posts held today."""

    staff_code: str
    name: str
    agency_code: str
    agency_path: str
    appointments: tuple[Appointment, ...] = field(default=())

    def holds(self, *posts: Post) -> bool:
        """Whether any of these posts is held anywhere."""
        return any(appointment.post in posts for appointment in self.appointments)

    def covers(self, agency_path: str, *posts: Post) -> bool:
        """Whether one of these posts (any post, if none named) is held over that agency."""
        return any(
            (not posts or appointment.post in posts) and agency_path.startswith(appointment.agency_path)
            for appointment in self.appointments
        )

    def holds_for_all(self, *posts: Post) -> bool:
        """Whether one of these posts is held at the top of the house: what binds every agency is decided there."""
        return any(held.post in posts and held.agency_path.count("/") == 2 for held in self.appointments)

    @property
    def posts(self) -> frozenset[Post]:
        """The posts held anywhere."""
        return frozenset(appointment.post for appointment in self.appointments)

    @property
    def may_search(self) -> bool:
        """Whether searching is open to this person at all: a mere workshop operator searches nothing (S3-R9)."""
        return self.holds(*RECORD_POSTS) or not self.holds(Post.PROCESSOR)


@dataclass(frozen=True)
class Occasion:
    """Who acts, when, and whence fresh identifiers come (场合).

    Actions neither read the clock nor draw random numbers: an edge makes one occasion for one act. ``fresh(n)`` gives
    n unpredictable bytes; the practice city passes a seeded source, so that two loads give the same journal.

    Attributes:
        actor: who acts.
        at: aware UTC time.
        fresh: source of fresh bytes.
    """

    actor: Actor
    at: dt.datetime
    fresh: Callable[[int], bytes]

    def urn(self) -> str:
        """A fresh random-based, time-ordered identifier: UUIDv7 (RFC 9562, 5.7) as a URN."""
        milliseconds = int(self.at.timestamp() * 1000)
        number = (milliseconds << 80) | int.from_bytes(self.fresh(10), "big")
        number = (number & ~(0xF << 76)) | (0x7 << 76)
        number = (number & ~(0x3 << 62)) | (0x2 << 62)
        digits = f"{number:032x}"
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return "urn:uuid:" + "-".join(parts)
