"""Noticing that a page which comes in lies there already, before and within the deed that captures it (疑似同一页)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anjuan.desks.intake.models import Likeness
from anjuan.desks.intake.queries import Collected
from anjuan.desks.intake.queries import likeness as queries
from anjuan.desks.intake.queries.likeness import Found, Page
from anjuan.facilities.formats import actions as formats
from anjuan.foundation.journal.actions import Line
from anjuan.records.models import Item
from anjuan.records.rows import CapturedFile

MOST_FILES = 20  # of one call: a pile in one sending is no page scanned twice by mistake


@dataclass(frozen=True)
class Noticed:
    """The signatures of what comes in, and what it looks like."""

    signatures: dict[Page, bytes]
    found: tuple[Found, ...]


def notice(
    collected: Collected, paths: Sequence[Path], files: Sequence[CapturedFile], *, at: dt.datetime, but: str = ""
) -> Noticed:
    """Sign what comes in and compare it, before any row is written; its thumbnails are drawn on the way.

    Args:
        collected: the item it comes into.
        paths: where the files lie.
        files: what they are; of a longer sending the first twenty are compared.
        at: when.
        but: digest of a file that it is meant to look like.
    """
    signatures: dict[Page, bytes] = {}
    for path, file in list(zip(paths, files, strict=True))[:MOST_FILES]:
        for page, signature in formats.sketch_pages(path=path, sha512=file.sha512, pages=len(file.pages)):
            signatures[file.sha512, page] = signature
    found = queries.look_alike(collected, signatures, at=at) if signatures else []
    return Noticed(signatures, tuple(one for one in found if one.other[0] != but))


def keep(line: Line, urn: str, noticed: Noticed) -> None:
    """Keep it within the deed that captures the pages; the deed's line says how many look alike."""
    formats.keep_signatures(signatures=noticed.signatures)
    found = noticed.found
    if not found:
        return
    keys = dict(Item.objects.filter(urn__in={urn, *(one.other_urn for one in found)}).values_list("urn", "pk"))
    known = set(
        Likeness.objects.filter(item_id=keys[urn], sha512__in={one.page[0] for one in found}).values_list(
            "sha512", "page_no", "other_item_id", "other_sha512", "other_page_no"
        )
    )
    Likeness.objects.bulk_create(
        Likeness(
            item_id=keys[urn],
            sha512=one.page[0],
            page_no=one.page[1],
            other_item_id=keys[one.other_urn],
            other_sha512=one.other[0],
            other_page_no=one.other[1],
            found_at=line.occasion.at,
        )
        for one in found
        if (*one.page, keys[one.other_urn], *one.other) not in known
    )
    line.say(alike=len(found))
