"""Attaching images to the records that their names say (按档号挂接): a dry run first, then record by record."""

from collections.abc import Sequence
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import actions, holding
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import ImageSet, Sending
from anjuan.desks.intake.queries import attaching as queries
from anjuan.desks.intake.queries import sendings as sent
from anjuan.desks.intake.rules import SENDERS
from anjuan.desks.intake.rules import attaching as rules
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.repository import queries as stored
from anjuan.foundation.journal import actions as journal

JOB = "ATTACH_IMAGES"
POSTS = SENDERS


def lay_images(
    *, occasion: Occasion, files: Sequence[tuple[Path, str]], name: str, sendings: Sequence[str] = ()
) -> str:
    """Lay images down whose names say their 档号 and page; nothing is attached yet (放入待挂接影像). Returns its uid.

    Args:
        occasion: who, and when.
        files: each file and its name with the folders it lay in.
        name: what people call the set.
        sendings: files that came in pieces and are among them: they are used up.

    Raises:
        A-001: the actor neither scans nor works in the workshop.
        I-011: there is no file.
        I-049: there are too many.
    """
    if not occasion.actor.holds(*POSTS):
        raise Refusal("A-001", posts=POSTS)
    if not files:
        raise Refusal("I-011")
    if len(files) > rules.MOST_IMAGES:
        raise Refusal("I-049", files=len(files), most=rules.MOST_IMAGES)
    uid = occasion.fresh(8).hex()
    spool.lay_whole(queries.SPOOL, uid, [path for path, _ in files])
    images = [[called[:255], stored.digest_stream(path).sha256] for path, called in files]

    with journal.writing(occasion=occasion, act="intake.lay_images", unit=f"images:{uid}") as line:
        ImageSet.objects.create(
            uid=uid,
            owner_code=occasion.actor.staff_code,
            agency_path=occasion.actor.agency_path,
            name=(name.strip() or f"{occasion.at:%m%d}-{uid[:4]}")[:120],
            images=images,
            laid_at=occasion.at,
        )
        Sending.objects.filter(uid__in=sendings, owner_code=occasion.actor.staff_code).delete()
        line.say(files=len(images))
    for used in sendings:
        spool.clear(sent.SPOOL, used)
    return uid


def attach_images(*, occasion: Occasion, uid: str) -> str:
    """Attach what the dry run found a record for; the misses stay in the report (挂接). Returns the job.

    Raises:
        I-071: no image of the set can be attached.
        R-009: no such set of one's own.
        Y-002: it is being attached already.
    """
    row = queries.get_set_for(occasion.actor, uid)
    found, _ = queries.report(occasion.actor, row)
    if not found.codes:
        raise Refusal("I-071", images=len(row.images))

    with journal.writing(occasion=occasion, act="intake.attach_images", unit=f"images:{uid}") as line:
        ImageSet.objects.filter(uid=uid).update(is_started=True)
        job = jobs.open_job(
            line=line,
            kind=JOB,
            reference=f"{row.name} {uid[:4]}",
            agency_path=row.agency_path,
            params={"set": uid, "codes": list(found.codes), "staff": occasion.actor.staff_code},
        )
        line.say(**{fate.lower(): count for fate, count in found.counts.items()})
    return job


def keep_twins(*, occasion: Occasion, uid: str) -> int:
    """Say that pages with equal bytes are sheets of their own, such as blank backs (确认是两页). Returns how many.

    Raises:
        I-074: no page of the set is asked about.
        R-009: no such set of one's own.

    Standard: DA/T 70-2018 1-8 (repeated data is found, and judged by people).
    """
    row = queries.get_set_for(occasion.actor, uid)
    report, _ = queries.report(occasion.actor, row)
    if not report.counts[rules.Fate.TWIN]:
        raise Refusal("I-074", name=row.name)

    with journal.writing(occasion=occasion, act="intake.keep_twins", unit=f"images:{uid}") as line:
        ImageSet.objects.filter(uid=uid).update(takes_twins=True)
        line.say(
            pages="; ".join(f"{one.code} {one.page}" for one in report.judged if one.fate is rules.Fate.TWIN)[:2000],
            twins=report.counts[rules.Fate.TWIN],
        )
    return report.counts[rules.Fate.TWIN]


def attach_to(*, occasion: Occasion, uid: str, code: str) -> actions.Captured | None:
    """Attach the images of one record, in the order of their pages, as its main material (逐件挂接).

    None when nothing is left to attach: it was done before.

    Raises:
        A-001, I-010, I-012, M-…, R-009: as for `actions.capture`.

    Standard: S4-W4 (the image file is named by the 档号), S3-C10.
    """
    row = queries.get_set_for(occasion.actor, uid)
    found, targets = queries.report(occasion.actor, row)
    images = found.of(code)
    if not images:
        return None
    target = targets[code]
    paths = [queries.path_of(uid, one.image.place) for one in images]
    collected = holding.changeable(occasion, target.urn)
    files = [
        holding.measure(
            occasion,
            collected,
            path,
            original_name=one.image.name.rsplit("/", 1)[-1],
            material_code=target.material,
            holds=False,
        )
        for path, one in zip(paths, images, strict=True)
    ]
    receipt = holding.deposit(occasion, collected, paths, files, repeats=row.takes_twins)

    with journal.writing(occasion=occasion, act="intake.attach_to", unit=target.urn) as line:
        holding.take_up(line, collected, receipt, files)
        repeated = files_of.count_repeats(files, {one.sha512 for one in collected.components})
        line.say(images=uid, **({"repeated": repeated} if repeated else {}))
    return actions.Captured(target.urn, receipt.version, len(files), sum(len(file.pages) for file in files))
