"""Laying down a pile of pages, marking where its cases begin, and letting it go to them (分叠)."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import actions, holding
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import Leaf, Pile, Sending
from anjuan.desks.intake.queries import piles as queries
from anjuan.desks.intake.queries import sendings as sent
from anjuan.desks.intake.rules import MOST_PAGES
from anjuan.desks.intake.rules import piles as rules
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.repository import queries as stored
from anjuan.facilities.screening import actions as screening
from anjuan.facilities.screening import queries as scanner
from anjuan.facilities.screening.rules import AWAY, Door
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules

READ_JOB = "PILE_READ"
CAPTURE_JOB = "PILE_CAPTURE"


@dataclass(frozen=True)
class Mark:
    """What a file of a pile is said to be, and the case or material that begins with it."""

    kind: rules.LeafKind
    number: str = ""
    material: str = ""


def lay_pile(
    *,
    occasion: Occasion,
    agency_code: str,
    files: Sequence[tuple[Path, str]],
    paper_pages: int,
    cases_said: int = 0,
    name: str = "",
    sendings: Sequence[str] = (),
    is_counted: bool = True,
) -> str:
    """Lay down a pile of scanned pages to be split into cases (放入一叠). Returns its uid.

    Args:
        occasion: who, and when.
        agency_code: whose cases they are.
        files: each file and what it was called, in the order of the scanner.
        paper_pages: written sides of paper in the pile, separators not counted, as counted by hand.
        cases_said: how many cases lie in it; 0 when nobody counted.
        name: what people call the pile.
        sendings: files that came in pieces and are among them: they are used up.
        is_counted: the paper was counted; a pile from a watched folder is counted before its split is confirmed.

    Raises:
        A-001: the actor is not a handler of that agency.
        I-005: the page count cannot be.
        I-011: there is no file.
        I-049: too many files.
        I-072: a watched folder brings what it brought before.
        R-009: no such agency, or a file that came in pieces was used up by another pile meanwhile.

    Standard: S0-W11 (afterwards, in bulk); users' ask 11.
    """
    path = queries.agency_path(occasion.actor, agency_code)
    if not files:
        raise Refusal("I-011")
    if len(files) > rules.MOST_FILES:
        raise Refusal("I-049", files=len(files), most=rules.MOST_FILES)
    most = MOST_PAGES * 5
    if is_counted and not 1 <= paper_pages <= most:
        raise Refusal("I-005", pages=paper_pages, most=most)
    uid = occasion.fresh(8).hex()
    called = record_rules.text("名称 name", name or f"{occasion.at:%m%d}-{uid[:4]}", limit=120)
    try:
        laid = spool.lay(queries.SPOOL, uid, files)
        digests = [stored.digest_stream(place) for place, _ in laid]
        if not is_counted and queries.are_known(occasion.actor.staff_code, [digest.sha512 for digest in digests]):
            raise Refusal("I-072", files=len(files))

        with journal.writing(occasion=occasion, act="intake.lay_pile", unit=f"pile:{uid}") as line:
            pile = Pile.objects.create(
                uid=uid,
                agency_code=agency_code,
                agency_path=path,
                owner_code=occasion.actor.staff_code,
                name=called,
                paper_pages=paper_pages,
                cases_said=max(0, cases_said),
                status=rules.PileStatus.READING,
                laid_at=occasion.at,
            )
            Leaf.objects.bulk_create(
                Leaf(
                    pile=pile,
                    ordinal=ordinal,
                    original_name=original[:255],
                    spool_name=place.name,
                    sha512=digest.sha512,
                    size_bytes=digest.size_bytes,
                    kind=rules.LeafKind.PAGE,
                )
                for ordinal, ((place, original), digest) in enumerate(zip(laid, digests, strict=True), 1)
            )
            jobs.open_job(
                line=line, kind=READ_JOB, reference=f"{called} {uid[:4]}", agency_path=path, params={"pile": uid}
            )
            used_up, _ = Sending.objects.filter(uid__in=sendings, owner_code=occasion.actor.staff_code).delete()
            if used_up != len(set(sendings)):  # asked twice at once: the other pile has them
                raise Refusal("R-009", what=sendings[0][:20])
            line.say(name=called, files=len(laid), paper_pages=paper_pages, cases=cases_said)
    except BaseException:
        spool.clear(queries.SPOOL, uid)  # no row stands for these bytes
        raise
    for used in sendings:
        spool.clear(sent.SPOOL, used)
    return uid


def read_pages(*, occasion: Occasion, uid: str, ordinals: Sequence[int]) -> None:
    """Read the codes of some files of a pile and mark where cases begin (识读分隔页). The worker does this.

    A file that cannot be read is marked so and keeps none of the others away.

    Raises:
        M-021: the virus scanner is away; the pile is read when it is back.
    """
    pile = Pile.objects.get(uid=uid)
    seen = [(row, *_look(occasion, pile, row)) for row in queries.read_leaves(uid, ordinals) if not row.is_read]
    said = {code.strip() for _, _, codes, _, _ in seen for code in codes}
    numbers = {number: number for number in queries.known_cases(pile.agency_code, said)}

    with journal.writing(occasion=occasion, act="intake.read_pages", unit=f"pile:{uid}") as line:
        for row, pages, codes, blank, refusal in seen:
            kind, number, material = rules.begin(codes, is_blank=blank, numbers=numbers)
            Leaf.objects.filter(pile=pile, ordinal=row.ordinal, is_read=False).update(
                is_read=True,
                page_count=pages,
                codes=list(codes),
                kind=kind,
                number=number,
                material=material,
                refused_code=refusal.code if refusal else "",
                refused_params={key: str(value) for key, value in refusal.params.items()} if refusal else {},
            )
        if not Leaf.objects.filter(pile=pile, is_read=False).exists():
            Pile.objects.filter(pk=pile.pk, status=rules.PileStatus.READING).update(status=rules.PileStatus.OPEN)
        line.say(read=len(seen), codes=sum(len(codes) for _, _, codes, _, _ in seen))


def mark_page(*, occasion: Occasion, uid: str, ordinal: int, mark: Mark) -> None:
    """Say what a file of a pile is, or where a case begins (移动分界); can be taken back until it is captured.

    Raises:
        I-050: the pile is not open, or this file has been captured.
        R-009: no such pile or file.
    """
    pile = queries.get_pile_for(occasion.actor, uid)

    with journal.writing(occasion=occasion, act="intake.mark_page", unit=f"pile:{uid}") as line:
        row, leaf = _open(pile, ordinal)
        before = [leaf.ordinal, leaf.kind, leaf.number, leaf.material]
        leaf.kind, leaf.number, leaf.material = mark.kind, mark.number.strip()[:40], mark.material.strip()[:40]
        leaf.save(update_fields=["kind", "number", "material"])
        row.steps_back = [*row.steps_back, before][-rules.MOST_STEPS_BACK :]
        row.save(update_fields=["steps_back"])
        line.say(file=ordinal, kind=mark.kind, number=leaf.number, material=leaf.material)


def take_back(*, occasion: Occasion, uid: str) -> int:
    """Take the last mark back (撤销). Returns the ordinal of the file it was on.

    Raises:
        I-050: the pile is not open, or the file has been captured.
        I-051: there is nothing to take back.
        R-009: no such pile.
    """
    pile = queries.get_pile_for(occasion.actor, uid)

    with journal.writing(occasion=occasion, act="intake.take_back", unit=f"pile:{uid}") as line:
        row = Pile.objects.select_for_update().get(uid=uid)
        if not row.steps_back:
            raise Refusal("I-051")
        ordinal, kind, number, material = row.steps_back[-1]
        row, leaf = _open(pile, ordinal)
        leaf.kind, leaf.number, leaf.material = kind, number, material
        leaf.save(update_fields=["kind", "number", "material"])
        row.steps_back = row.steps_back[:-1]
        row.save(update_fields=["steps_back"])
        line.say(file=ordinal, kind=kind, number=number, material=material)
    return int(ordinal)


def recount_pile(*, occasion: Occasion, uid: str, paper_pages: int, cases_said: int) -> None:
    """Correct how many pages of paper and how many cases a pile was said to hold (更正叠内页数).

    Raises:
        I-005: the page count cannot be.
        I-050: the pile is not open.
        R-009: no such pile.
    """
    pile = queries.get_pile_for(occasion.actor, uid)
    most = MOST_PAGES * 5
    if not 1 <= paper_pages <= most:
        raise Refusal("I-005", pages=paper_pages, most=most)

    with journal.writing(occasion=occasion, act="intake.recount_pile", unit=f"pile:{uid}") as line:
        open_ones = Pile.objects.filter(uid=uid, status__in=(rules.PileStatus.READING, rules.PileStatus.OPEN))
        if open_ones.update(paper_pages=paper_pages, cases_said=max(0, cases_said)) != 1:
            raise Refusal("I-050", name=pile.name)
        line.say(before=pile.paper_pages, after=paper_pages, cases=cases_said)


def keep_pile_twins(*, occasion: Occasion, uid: str) -> int:
    """Say that files of a pile with equal bytes are sheets of their own, such as blank backs. Returns how many.

    Raises:
        I-050: the pile is not open.
        I-085: no file of the pile is asked about.
        R-009: no such pile.

    Standard: DA/T 70-2018 1-8 (repeated data is found, and judged by people).
    """
    pile = queries.get_pile_for(occasion.actor, uid)
    found = queries.proposal(pile)
    if not found.twins:
        raise Refusal("I-085", name=pile.name)

    with journal.writing(occasion=occasion, act="intake.keep_pile_twins", unit=f"pile:{uid}") as line:
        open_ones = Pile.objects.filter(uid=uid, status__in=(rules.PileStatus.READING, rules.PileStatus.OPEN))
        if open_ones.update(takes_twins=True) != 1:
            raise Refusal("I-050", name=pile.name)
        line.say(cases=",".join(one.number for one in found.segments if one.twins)[:2000], twins=found.twins)
    return found.twins


def confirm_split(*, occasion: Occasion, uid: str) -> str:
    """Confirm a split: what has its case goes there in the background, the rest stays (确认分叠). Returns the job.

    Raises:
        I-040 to I-043: see `rules.piles.against`.
        I-050: the pile is not open.
        R-009: no such pile.
        Y-002: it is being captured already.

    Standard: S3-C1, S3-C10 (paper = images); users' ask 11.
    """
    pile = queries.get_pile_for(occasion.actor, uid)
    found = queries.proposal(pile)
    if pile.status not in (rules.PileStatus.READING, rules.PileStatus.OPEN):
        raise Refusal("I-050", name=pile.name)
    for obstacle in found.obstacles:
        raise obstacle.as_refusal()

    with journal.writing(occasion=occasion, act="intake.confirm_split", unit=f"pile:{uid}") as line:
        job = jobs.open_job(
            line=line,
            kind=CAPTURE_JOB,
            reference=f"{pile.name} {uid[:4]}",
            agency_path=pile.agency_path,
            params={"pile": uid, "firsts": [one.first for one in found.ready], "staff": occasion.actor.staff_code},
        )
        pages, blanks, separators = found.counted
        line.say(cases=len(found.ready), pages=pages, blanks_set_aside=blanks, separators=separators)
    return job


def capture_segment(*, occasion: Occasion, uid: str, first: int) -> actions.Captured | None:
    """Capture one segment of a confirmed pile into its case (分段入件); None when it is in already.

    Raises:
        A-001, I-010, I-012, M-…: as for `actions.capture`.
        I-044 to I-048: the segment has lost its case, or never had one.
        I-050: the pile was discarded meanwhile.
        L-001: the pile was marked anew meanwhile.
    """
    pile = queries.get_pile_for(occasion.actor, uid)
    if pile.status is rules.PileStatus.DISCARDED:
        raise Refusal("I-050", name=pile.name)
    found = queries.proposal(pile)
    segment = next((one for one in found.segments if one.first == first), None)
    if segment is None:
        raise Refusal("L-001", reference=pile.name)
    if segment.is_taken:
        return None
    if segment.problem is not None or segment.known is None:
        raise (segment.problem or Obstacle("I-044")).as_refusal()
    collected = holding.changeable(occasion, segment.known.urn)
    rows = {row.ordinal: row for row in found.leaves}
    paths = [rows[ordinal].path for ordinal, _ in segment.placed]
    files = [
        holding.measure(
            occasion,
            collected,
            rows[ordinal].path,
            original_name=rows[ordinal].original_name,
            material_code=material,
            holds=False,
        )
        for ordinal, material in segment.placed
    ]
    receipt = holding.deposit(occasion, collected, paths, files, repeats=pile.takes_twins)
    repeated = files_of.count_repeats(files, {one.sha512 for one in collected.components})

    with journal.writing(occasion=occasion, act="intake.capture_segment", unit=segment.known.urn) as line:
        if Pile.objects.select_for_update().get(uid=uid).status == rules.PileStatus.DISCARDED:
            raise Refusal("I-050", name=pile.name)
        mine = Leaf.objects.select_for_update().filter(
            pile__uid=uid, ordinal__in=[ordinal for ordinal, _ in segment.placed], taken_urn=""
        )
        if len(mine) != len(segment.placed):
            raise Refusal("L-001", reference=pile.name)
        holding.take_up(line, collected, receipt, files)
        mine.update(taken_urn=segment.known.urn)
        left = Leaf.objects.filter(pile__uid=uid, kind=rules.LeafKind.PAGE, taken_urn="")
        if not left.exists():
            Pile.objects.filter(uid=uid).update(status=rules.PileStatus.TAKEN)
        line.say(pile=uid, from_page=first, **({"repeated": repeated} if repeated else {}))
    return actions.Captured(segment.known.urn, receipt.version, len(files), sum(len(file.pages) for file in files))


def discard_pile(*, occasion: Occasion, uid: str, reason: str) -> None:
    """Put a pile aside for good: its spooled pages go, what was captured from it stays (作废一叠).

    Raises:
        I-050: it was put aside already.
        R-009: no such pile.
        R-010: no reason is given.
    """
    pile = queries.get_pile_for(occasion.actor, uid)
    why = record_rules.text("原因 reason", reason, limit=200)

    with journal.writing(occasion=occasion, act="intake.discard_pile", unit=f"pile:{uid}") as line:
        if (
            Pile.objects.filter(uid=uid)
            .exclude(status=rules.PileStatus.DISCARDED)
            .update(status=rules.PileStatus.DISCARDED)
            != 1
        ):
            raise Refusal("I-050", name=pile.name)
        left = Leaf.objects.filter(pile__uid=uid, taken_urn="").count()
        line.say(reason=why, files_left=left)
    spool.clear(queries.SPOOL, uid)


def _look(occasion: Occasion, pile: Pile, row: queries.LeafRow) -> tuple[int, tuple[str, ...], bool, Refusal | None]:
    if not row.path.is_file():
        return (
            1,
            (),
            False,
            Refusal("M-003", name=row.original_name[:60], reason="0 B"),
        )  # the scanner would be said to be away
    try:
        scanner.scan(row.path, row.original_name)
        shape = formats.characterise(row.path, name=row.original_name)
    except Refusal as refusal:
        if refusal.code == AWAY:
            raise  # the pile itself waits for the scanner
        screening.keep_aside(
            occasion=dataclasses.replace(
                occasion, actor=dataclasses.replace(occasion.actor, staff_code=pile.owner_code)
            ),
            path=row.path,
            name=row.original_name,
            refusal=refusal,
            door=Door.PILE,
            agency_code=pile.agency_code,
        )
        return 1, (), False, refusal
    codes, blank = formats.read_symbols(row.path)
    return len(shape.pages), tuple(map(rules.legible, codes)), blank and len(shape.pages) == 1, None


def _open(pile: queries.PileRow, ordinal: int) -> tuple[Pile, Leaf]:
    """The rows of an open pile and of a file in it that is not captured, held until the deed ends."""
    row = Pile.objects.select_for_update().get(uid=pile.uid)
    leaf = Leaf.objects.filter(pile=row, ordinal=ordinal).first()
    if leaf is None:
        raise Refusal("R-009", what=f"{pile.name} {ordinal}")
    if row.status not in (rules.PileStatus.READING, rules.PileStatus.OPEN) or leaf.taken_urn:
        raise Refusal("I-050", name=pile.name)
    return row, leaf
