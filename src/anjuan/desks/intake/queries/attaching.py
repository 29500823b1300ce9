"""Sets of images as their owner sees them, with what attaching them would do (挂接试运行)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, State
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import ImageSet
from anjuan.desks.intake.rules import CHANGING_POSTS, attaching
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records

SPOOL = "images"
MOST_SHOWN = 50


@dataclass(frozen=True)
class ImageSetRow:
    """A set of images."""

    uid: str
    owner_code: str
    agency_path: str
    name: str
    images: tuple[attaching.Image, ...]
    laid_at: dt.datetime
    is_started: bool
    takes_twins: bool


def sets_of(actor: Actor) -> list[ImageSetRow]:
    """One's own sets, newest first."""
    return [_row(row) for row in ImageSet.objects.filter(owner_code=actor.staff_code).order_by("-id")[:MOST_SHOWN]]


def get_set_for(actor: Actor, uid: str) -> ImageSetRow:
    """One of one's own sets.

    Raises:
        R-009: there is none.
    """
    row = ImageSet.objects.filter(uid=uid, owner_code=actor.staff_code).first()
    if row is None:
        raise Refusal("R-009", what=uid[:20])
    return _row(row)


def report(actor: Actor, row: ImageSetRow) -> tuple[attaching.Report, Mapping[str, attaching.Target]]:
    """What attaching would do as things stand now; only records that the actor may see are records here."""
    codes = {code for image in row.images if (code := attaching.read(image.name)[0])}
    items = {
        item.reference_code or "": item
        for item in records.items_visible_to(actor).filter(reference_code__in=codes).select_related("agency")
    }
    parts = records.components_of([item.urn for item in items.values()])
    steps = {step.code: step for step in schedule.steps()}
    targets = {}
    for code, item in items.items():
        posts = CHANGING_POSTS.get(State(item.state), ())
        here = parts[item.urn]
        materials = sorted(steps[item.step_code].materials, key=lambda one: not one.is_main)
        targets[code] = attaching.Target(
            urn=item.urn,
            title=item.title,
            paper_pages=item.paper_pages,
            image_pages=sum(part.page_count for part in here),
            takes_images=bool(posts) and actor.covers(item.agency.path, *posts) and bool(materials),
            material=materials[0].code if materials else "",
            held=frozenset((part.original_name, part.sha256) for part in here),
        )
    return attaching.judge(row.images, targets, takes_twins=row.takes_twins), targets


def path_of(uid: str, place: int) -> Path:
    """Where the bytes of one image lie."""
    return spool.folder(SPOOL, uid) / f"{place:05}"


def _row(row: ImageSet) -> ImageSetRow:
    return ImageSetRow(
        uid=row.uid,
        owner_code=row.owner_code,
        agency_path=row.agency_path,
        name=row.name,
        images=tuple(attaching.Image(at, name, sha256) for at, (name, sha256) in enumerate(row.images, 1)),
        laid_at=row.laid_at,
        is_started=row.is_started,
        takes_twins=row.takes_twins,
    )
