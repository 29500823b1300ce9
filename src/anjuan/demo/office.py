"""The practice office (演示机构): an archive house and one centre, a named account for every post.

Founding it is the installation's own act; every later act is done by the person whose post it is.
"""

import datetime as dt
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from anjuan.core.terms import Actor, AgencyKind, AgencyProfile, Occasion, Post
from anjuan.facilities.copies import actions as copies
from anjuan.facilities.copies import queries as copies_queries
from anjuan.facilities.copies.rules import Medium
from anjuan.facilities.signing import actions as signing
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks import queries as stack_queries
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.accounts import occasions, queries
from anjuan.foundation.schedule import actions as schedule
from anjuan.foundation.schedule import queries as schedule_queries
from anjuan.records import actions as records
from anjuan.records import queries as record_queries

ARCHIVE = ("SJ", "演示市社会保险档案馆")
CENTRE = ("BH", "滨海分中心（演示）")
FONDS = ("J001", "演示市社会保险业务档案")
SCHEDULE_IN_FORCE = "2009-MOHRSS-Order3"


@dataclass(frozen=True)
class Colleague:
    """One person of the practice office."""

    staff_code: str
    name: str
    agency_code: str
    post: Post


STAFF: tuple[Colleague, ...] = (
    Colleague("bh01", "林晓", "BH", Post.HANDLER),
    Colleague("bh02", "陈静", "BH", Post.REVIEWER),
    Colleague("bh03", "吴敏", "BH", Post.FILER),
    Colleague("bh04", "赵强", "BH", Post.CHECKER),
    Colleague("bh05", "周敏", "BH", Post.ARCHIVIST),
    Colleague("bh06", "孙建", "BH", Post.SUPERVISOR),
    Colleague("bh08", "白露", "BH", Post.ASSISTANT),
    Colleague("sj01", "王海", "SJ", Post.ACCEPTOR),
    Colleague("sj02", "郑宇", "SJ", Post.RECEIVER),
    Colleague("sj03", "钱立", "SJ", Post.RECHECKER),
    Colleague("sj04", "陈立", "SJ", Post.KEEPER),
    Colleague("sj05", "李婷", "SJ", Post.READING_DESK),
    Colleague("sj06", "唐伟", "SJ", Post.PROCESSOR),
    Colleague("sj12", "叶知秋", "SJ", Post.ARCHIVIST),
    Colleague("yw01", "业务系统（演示）", "SJ", Post.INTERFACE),
    Colleague("sj90", "何平", "SJ", Post.SYSTEM_ADMIN),
    Colleague("sj91", "许安", "SJ", Post.SECURITY_OFFICER),
    Colleague("sj92", "沈正", "SJ", Post.AUDITOR),
)

# Table, steps and the house's own fonds are kept by the archivist of the top agency.
RULE_KEEPER = "sj12"


def password() -> str:
    """The practice accounts' password: made once for this installation, readable by its user only."""
    path = Path(settings.ANJUAN_HOME) / "keys" / "practice-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f".practice.{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text(f"lianxi-{secrets.randbelow(10**6):06d}")
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_text().strip()


def found(
    *,
    say: Callable[[str], None] = lambda _: None,
    occasion: Callable[[Actor], Occasion] = occasions.now,
    seed: bytes | None = None,
) -> bool:
    """Found the practice office on an empty archive; does nothing where people are enrolled already.

    Args:
        say: told what is being done.
        occasion: makes the occasions; the practice city passes its own clock and source of identifiers.
        seed: what the city derives its keys from.

    Concurrency: run before the web server starts; each of its acts is a deed of its own, and it can be run again
    after a crash, since every act is skipped when its result is there.
    """
    everyone = len(queries.staff_names({who.staff_code for who in STAFF})) == len(STAFF)
    if everyone and _has_everything():
        return False

    def founding() -> Occasion:
        return occasion(accounts.FOUNDER)

    say("keys")
    signing.ensure_authority(agency_name=ARCHIVE[1], at=founding().at, seed=seed)
    known = queries.agency_names()
    if ARCHIVE[0] not in known:
        accounts.found_agency(
            occasion=founding(), code=ARCHIVE[0], name=ARCHIVE[1], kind=AgencyKind.ARCHIVE, profile=AgencyProfile.FULL
        )
    if CENTRE[0] not in known:
        accounts.found_agency(
            occasion=founding(),
            code=CENTRE[0],
            name=CENTRE[1],
            kind=AgencyKind.CENTRE,
            profile=AgencyProfile.FULL,
            parent_code=ARCHIVE[0],
        )
    say("people")
    enrol(STAFF, founding)
    say("schedule")
    if not schedule_queries.versions():
        schedule.adopt_version(
            occasion=founding(),
            code=SCHEDULE_IN_FORCE,
            title="社会保险业务档案管理规定（试行）附件",
            effective_date=dt.date(2009, 9, 1),
            approval_document="人力资源和社会保障部、国家档案局令第3号",
            consent_of="",
            rows=schedule.shipped_rows(SCHEDULE_IN_FORCE),
        )
    if not schedule_queries.steps():
        schedule.enter_steps(occasion=founding(), steps=schedule.shipped_steps())
    if not record_queries.has_fonds():
        records.open_fonds(
            occasion=founding(),
            code=FONDS[0],
            name=FONDS[1],
            agency_code=ARCHIVE[0],
            categories=schedule_queries.category_names(),
        )
    if not stack_queries.has_room("K1"):
        stacks.furnish_room(
            occasion=founding(),
            code="K1",
            name="1 库",
            agency_code=ARCHIVE[0],
            racks=6,
            bays=4,
            shelves=6,
            width_mm=900,
        )
    enter_places(founding)
    return True


def enter_places(founding: Callable[[], Occasion]) -> None:
    """The practice places: the store, a removable set beside it, and a folder that stands for a far site."""
    known = copies_queries.by_code()
    copies.ensure_primary(occasion=founding())
    if "local-b" not in known:
        copies.open_place(
            occasion=founding(),
            code="local-b",
            name="移动硬盘（演示）",
            agency_code=ARCHIVE[0],
            medium=Medium.OFFLINE_DISK,
            site="馆内防磁柜（演示）",
            address="copies/local-b",
            is_offline=True,
        )
    if "far" not in known:
        copies.open_place(
            occasion=founding(),
            code="far",
            name="异地副本（演示）",
            agency_code=ARCHIVE[0],
            medium=Medium.DISK,
            site="邻市档案馆（演示）",
            address="copies/far",
            is_far=True,
        )


def enrol(staff: Sequence[Colleague], founding: Callable[[], Occasion]) -> None:
    """Enrol these people and give each the post; who is there already is left alone."""
    enrolled = queries.staff_names({who.staff_code for who in staff})
    password_hash = "" if len(enrolled) == len(staff) else accounts.hash_password(password())
    for who in staff:
        if who.staff_code not in enrolled:
            accounts.enrol(
                occasion=founding(),
                staff_code=who.staff_code,
                name=who.name,
                agency_code=who.agency_code,
                password_hash=password_hash,
            )
        today = timezone.localdate(founding().at)
        if who.post not in queries.actor_for(who.staff_code, on=today).posts:
            accounts.appoint(
                occasion=founding(),
                staff_code=who.staff_code,
                post=who.post,
                agency_code=who.agency_code,
                since_date=today,
            )


def _has_everything() -> bool:
    return (
        bool(schedule_queries.steps())
        and record_queries.has_fonds()
        and stack_queries.has_room("K1")
        and "far" in copies_queries.by_code()
    )


def as_post(post: Post) -> Occasion:
    """An occasion of this moment for the colleague who holds a post."""
    who = next(who for who in STAFF if who.post is post)
    return occasions.now(queries.actor_for(who.staff_code, on=occasions.today()))
