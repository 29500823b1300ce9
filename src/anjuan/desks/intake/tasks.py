"""Long work of this desk: piles are read and go to their cases; catalogues are checked, taken in and undone."""

import datetime as dt
import logging
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.db import OperationalError

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion, Post
from anjuan.desks.intake import actions, watching
from anjuan.desks.intake.actions import attaching, catalogue, clearing, conflicts, piles, sendings
from anjuan.desks.intake.forms import file_name
from anjuan.desks.intake.queries import business_cases as business_queries
from anjuan.desks.intake.queries import catalogue as catalogue_queries
from anjuan.desks.intake.queries import clearing as clearing_queries
from anjuan.desks.intake.queries import piles as pile_queries
from anjuan.desks.intake.queries import sendings as sendings_queries
from anjuan.desks.intake.rules.catalogue import CHECK_SLICE, SLICE, Purpose
from anjuan.desks.intake.rules.piles import READ_AT_ONCE
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.facilities.screening import actions as judging
from anjuan.facilities.screening import queries as screening
from anjuan.facilities.screening.rules import AWAY, is_kept_aside, is_passing
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

log = logging.getLogger(__name__)

WORKER = Actor("WORKER", "WORKER", "", "")


def _in_the_name_of(staff_code: str) -> Occasion:
    """The occasion of the person who asked for the work: his post counts today, not when he asked.

    Raises:
        A-004: he does not work here any more.
    """
    return occasions.now(accounts.actor_for(staff_code, on=occasions.today()))


# Reading codes -----------------------------------------------------------------------------------------------------


def _stretches(params: Params) -> list[str]:
    uid = cast(str, params["pile"])
    waiting = pile_queries.waiting_leaves(uid)
    return [f"{uid} {at:05}" for at in sorted({(one - 1) // READ_AT_ONCE for one in waiting})]


def _next_stretches(params: Params, key: str, limit: int) -> Sequence[str]:
    return [unit for unit in _stretches(params) if unit > key][:limit]


def _read(key: str) -> None:
    uid, at = key.split(" ")
    first = int(at) * READ_AT_ONCE + 1
    piles.read_pages(occasion=occasions.now(WORKER), uid=uid, ordinals=range(first, first + READ_AT_ONCE))


def _named_stretch(key: str) -> Named:
    uid, at = key.split(" ")
    return Named(f"{_pile_name(uid)} · p{int(at) * READ_AT_ONCE + 1}")


def watch() -> int:
    """Take what scanners have left in the watched folders as piles, once nobody writes there any more (监视文件夹).

    What cannot be taken is moved aside with its reason, and keeps nothing else away. Nothing is taken away before it
    lies flushed in the spool. Returns how many piles were laid.
    """
    now, laid = occasions.now(WORKER).at, 0
    for heap in watching.settled(now):
        try:
            piles.lay_pile(
                occasion=_in_the_name_of(heap.staff_code),
                agency_code=heap.agency_code,
                files=[(path, file_name(path.name)) for path in heap.files],
                paper_pages=0,
                is_counted=False,
            )
        except Refusal as refusal:
            _move_aside(heap, refusal, now)
        except FileNotFoundError:
            continue  # somebody took it back meanwhile: what is left is looked at in the next round
        except OperationalError:
            raise  # the database was away: nothing is wrong with the files
        except Exception as fault:
            number = secrets.token_hex(4).upper()
            log.exception("a watched folder of %s stumbled: %s", heap.staff_code, number)
            _move_aside(heap, Refusal("Y-006", fault=type(fault).__name__, number=number), now)
        else:
            laid += 1
            try:
                watching.clear(heap)
            except OSError:
                log.exception("a watched folder of %s was not cleared", heap.staff_code)
    return laid


def _move_aside(heap: watching.Heap, refusal: Refusal, at: dt.datetime) -> None:
    try:
        watching.move_aside(heap, refusal, at)
    except OSError:
        log.exception("a watched folder of %s was not moved aside", heap.staff_code)


# Capturing segments ------------------------------------------------------------------------------------------------


def _segments(params: Params) -> list[str]:
    firsts = cast(list[int], params["firsts"])
    return sorted(f"{params['pile']} {first:05} {params['staff']}" for first in firsts)


def _next_segments(params: Params, key: str, limit: int) -> Sequence[str]:
    return [unit for unit in _segments(params) if unit > key][:limit]


def _capture(key: str) -> None:
    uid, first, staff = key.split(" ", 2)
    piles.capture_segment(occasion=_in_the_name_of(staff), uid=uid, first=int(first))


def _named_segment(key: str) -> Named:
    uid, first, _ = key.split(" ", 2)
    return Named(f"{_pile_name(uid)} · p{int(first)}")


def _pile_name(uid: str) -> str:
    try:
        return pile_queries.owner_of(uid)[1]
    except Refusal:
        return uid


# Catalogues --------------------------------------------------------------------------------------------------------


def _slices(params: Params, size: int) -> range:
    return range(0, catalogue_queries.sheet_of(cast(str, params["sheet"])).row_count, size)


def _after_slice(params: Params, key: str, limit: int, size: int) -> list[str]:
    begin = int(key.split(" ")[1]) + size if key else 0
    wanted = [at for at in _slices(params, size) if at >= begin][:limit]
    return [f"{params['sheet']} {at:07} {params['staff']}" for at in wanted]


def _check_rows(key: str) -> None:
    uid, first, _ = key.split(" ", 2)
    catalogue.check_rows(occasion=occasions.now(WORKER), uid=uid, first=int(first))


def _change_slices(params: Params, *, undo: bool) -> list[int]:
    places = catalogue_queries.change_places(cast(str, params["sheet"]), made=undo)
    return sorted({place // SLICE * SLICE for place in places})


def _is_edit(params: Params) -> bool:
    return catalogue_queries.sheet_of(cast(str, params["sheet"])).purpose is Purpose.EDIT


def _count_taking(params: Params) -> int:
    return len(_change_slices(params, undo=False)) if _is_edit(params) else len(_slices(params, SLICE))


def _next_taking(params: Params, key: str, limit: int) -> Sequence[str]:
    if not _is_edit(params):
        return _after_slice(params, key, limit, SLICE)
    return _next_changes(params, key, limit, undo=False)


def _next_changes(params: Params, key: str, limit: int, *, undo: bool) -> list[str]:
    begin = int(key.split(" ")[1]) + 1 if key else 0
    wanted = [at for at in _change_slices(params, undo=undo) if at >= begin][:limit]
    return [f"{params['sheet']} {at:07} {params['staff']}" for at in wanted]


def _take(key: str) -> None:
    uid, first, staff = key.split(" ", 2)
    occasion = _in_the_name_of(staff)
    if catalogue_queries.sheet_of(uid).purpose is Purpose.EDIT:
        places = range(int(first), int(first) + SLICE)
        catalogue.change_rows(occasion=occasion, uid=uid, places=places, undo=False)
    else:
        catalogue.take_rows(occasion=occasion, uid=uid, first=int(first))


def _undo(key: str) -> None:
    uid, first, staff = key.split(" ", 2)
    places = range(int(first), int(first) + SLICE)
    catalogue.change_rows(occasion=_in_the_name_of(staff), uid=uid, places=places, undo=True)


def _named_slice(key: str) -> Named:
    uid, first, _ = key.split(" ", 2)
    return Named(f"{catalogue_queries.sheet_of(uid).name[:150]} · {int(first) + 1}")


# Single sets that file themselves ------------------------------------------------------------------------------------


def file_completed() -> int:
    """File the single-set cases that the business system has completed (办结自动归档); the worker looks every while.

    Each in the name of who took it in and is a handler there today; one that cannot is listed with its reason, keeps
    none of the others away, and is tried again when it changes. Returns how many were filed.
    """
    filed = 0
    for one in business_queries.to_file(at=occasions.now(WORKER).at):
        try:
            actions.close(occasion=_in_the_name_of_a_handler(one), urn=one.urn, automatic=True)
        except Refusal as refusal:
            _note_unfiled(one, refusal)
        except OperationalError:
            raise  # the database was away: nothing is wrong with the case
        except Exception as fault:
            number = secrets.token_hex(4).upper()
            log.exception("%s stumbled when it filed itself: %s", one.urn, number)
            _note_unfiled(one, Refusal("Y-006", fault=type(fault).__name__, number=number))
        else:
            filed += 1
    return filed


def _in_the_name_of_a_handler(one: business_queries.ToFile) -> Occasion:
    """Who scans a page takes part too, and people change posts: only a handler of today files.

    Raises:
        A-001: none of them is a handler there any more.
    """
    for staff_code in one.staff_codes:
        try:
            occasion = _in_the_name_of(staff_code)
        except Refusal:
            continue  # he has left
        if occasion.actor.covers(one.agency_path, Post.HANDLER):
            return occasion
    raise Refusal("A-001", posts=Post.HANDLER)


def _note_unfiled(one: business_queries.ToFile, refusal: Refusal) -> None:
    try:
        conflicts.note_unfiled(occasion=occasions.now(WORKER), urn=one.urn, seen=one.seen, refusal=refusal)
    except Refusal:
        log.exception("why %s did not file itself was not noted", one.urn)


# Sendings that nobody used ------------------------------------------------------------------------------------------


def clear_sendings() -> int:
    """Clear files that were sent, or broken off, some days ago and never used. Returns how many."""
    now = occasions.now(WORKER).at
    old = sendings_queries.stale(now - dt.timedelta(days=settings.ANJUAN_SENDING_DAYS))
    for uid, owner in old:
        # In the name of its owner, even if he has left: nobody else may touch it, and it must not lie here for ever.
        occasion = occasions.now(Actor(owner, owner, "", ""))
        sendings.drop_sending(occasion=occasion, uid=uid, because=f"{settings.ANJUAN_SENDING_DAYS} d")
    return len(old)


def clear_spent() -> int:
    """Clear what was brought some weeks ago and lies in the store by now. Returns how many deliveries."""
    before = occasions.now(WORKER).at - dt.timedelta(days=settings.ANJUAN_SPOOL_DAYS)
    left = clearing_queries.leftovers(before)
    for path in left:  # their rows said so before, or never were: no line
        shutil.rmtree(path, ignore_errors=True)
    gone = len(left)
    for one in clearing_queries.spent(before):
        try:
            clearing.clear_delivery(occasion=occasions.now(WORKER), spent=one)
        except Refusal as refusal:
            log.info("%s was not cleared: %s", one.unit, refusal.code)  # another worker was quicker
        else:
            gone += 1
    return gone


# What waited for the virus scanner -----------------------------------------------------------------------------------


@dataclass
class Turn:
    """Where the last round stopped: what was held back by its own fault keeps nobody waiting behind it (轮到)."""

    file: str = ""
    pile: str = ""


def go_on_held(turn: Turn | None = None) -> int:
    """Once the scanner is back, take in what was held, in the name of who sent it; the worker looks every while.

    What a passing refusal keeps out stays held, and keeps none of the others away: the next round begins behind the
    last file of this one. Returns how many went on.

    Args:
        turn: where the last round stopped; it is moved on. Without one the round begins with the oldest.
    """
    turn = turn or Turn()
    waiting = screening.held(after=turn.file)
    # Without a scanner no pile waits for it.
    unread = pile_queries.unread_piles(after=turn.pile) if screening.has_scanner() else []
    if not (waiting or unread) or not screening.is_scanner_there():
        return 0
    went = 0
    for one in waiting:
        try:
            went += _go_on(one)
        except Refusal as refusal:
            if refusal.code == AWAY:
                return went
            log.info("%s is still held: %s", one.uid, refusal.code)
        except OperationalError:
            raise  # the database was away: nothing is wrong with the file
        except Exception:
            log.exception("the held file %s stumbled", one.uid)
        turn.file = one.uid
    for uid, ordinals in unread:
        try:
            piles.read_pages(occasion=occasions.now(WORKER), uid=uid, ordinals=ordinals[:READ_AT_ONCE])
        except Refusal as refusal:
            if refusal.code == AWAY:
                return went
            log.info("the pile %s is still unread: %s", uid, refusal.code)
        except OperationalError:
            raise
        except Exception:
            log.exception("the pile %s stumbled", uid)
        else:
            went += 1
        turn.pile = uid
    return went


def _go_on(one: screening.AsideRow) -> int:
    """Take a held file in, or say why it is not.

    Raises:
        B-…, L-001: store or record could not take it just now; it stays held.
        M-021: the scanner is away again.
    """
    refusal: Refusal | None = None
    path = screening.place_of(one.uid)
    if not path.exists():
        raise FileNotFoundError(path)  # the scanner would be said to be away
    try:
        upload = actions.Upload(path, one.name, one.material)
        actions.capture(occasion=_in_the_name_of(one.sender_code), urn=one.unit, uploads=[upload])
    except Refusal as said:
        if said.code == AWAY or is_passing(said):
            raise
        refusal = said if said.code != "I-012" else None  # it went in before this worker's forerunner died
    if refusal is None or not is_kept_aside(refusal):
        judging.settle_held(occasion=occasions.now(WORKER), uid=one.uid, refusal=refusal)
    return 1


# Images by their 档号 -----------------------------------------------------------------------------------------------


def _attachments(params: Params) -> list[str]:
    return sorted(f"{params['set']} {params['staff']} {code}" for code in cast(list[str], params["codes"]))


def _attach(key: str) -> None:
    uid, staff, code = key.split(" ", 2)
    attaching.attach_to(occasion=_in_the_name_of(staff), uid=uid, code=code)


JOBS = (
    Kind(
        code=piles.READ_JOB,
        zh="识读一叠的分隔页和条码",
        en="Read the separators and barcodes of a pile",
        posts=frozenset({Post.HANDLER}),
        within=dt.timedelta(hours=1),
        count=lambda params: len(_stretches(params)),
        after=_next_stretches,
        do=_read,
        name=_named_stretch,
        at_once=5,
    ),
    Kind(
        code=piles.CAPTURE_JOB,
        zh="把一叠分给各件",
        en="Bring a pile to its cases",
        posts=frozenset({Post.HANDLER}),
        within=dt.timedelta(hours=2),
        count=lambda params: len(_segments(params)),
        after=_next_segments,
        do=_capture,
        name=_named_segment,
        at_once=10,
    ),
    Kind(
        code=catalogue.CHECK_JOB,
        zh="核对目录表",
        en="Check a catalogue sheet",
        posts=frozenset({Post.HANDLER}),
        within=dt.timedelta(hours=2),
        count=lambda params: len(_slices(params, CHECK_SLICE)),
        after=lambda params, key, limit: _after_slice(params, key, limit, CHECK_SLICE),
        do=_check_rows,
        name=_named_slice,
        at_once=10,
    ),
    Kind(
        code=catalogue.TAKE_JOB,
        zh="导入目录表",
        en="Take a catalogue sheet in",
        posts=frozenset({Post.HANDLER}),
        within=dt.timedelta(hours=8),
        count=_count_taking,
        after=_next_taking,
        do=_take,
        name=_named_slice,
        at_once=50,
    ),
    Kind(
        code=catalogue.UNDO_JOB,
        zh="整批撤销目录改动",
        en="Undo the changes of a sheet",
        posts=frozenset({Post.HANDLER}),
        within=dt.timedelta(hours=8),
        count=lambda params: len(_change_slices(params, undo=True)),
        after=lambda params, key, limit: _next_changes(params, key, limit, undo=True),
        do=_undo,
        name=_named_slice,
        at_once=50,
    ),
    Kind(
        code=attaching.JOB,
        zh="按档号挂接影像",
        en="Attach images by their reference codes",
        posts=frozenset(attaching.POSTS),
        within=dt.timedelta(hours=4),
        count=lambda params: len(_attachments(params)),
        after=lambda params, key, limit: [unit for unit in _attachments(params) if unit > key][:limit],
        do=_attach,
        name=lambda key: Named(key.split(" ", 2)[2]),
        at_once=10,
    ),
)
