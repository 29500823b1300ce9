"""Long work of this desk: many volumes sealed, the papers of many volumes printed (批量封卷、批量打印)."""

import datetime as dt
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from django.conf import settings
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, State
from anjuan.desks.filing import actions, queries
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.records import queries as records

VOLUMES_A_PART = 10  # printed in one go, some seconds


def _actor(staff_code: str) -> Actor:
    return accounts.actor_for(staff_code, on=occasions.today())


def _volumes(params: Params) -> list[str]:
    return cast(list[str], params["volumes"])


def _sealing_after(params: Params, key: str, limit: int) -> Sequence[str]:
    """Place, who started it, volume."""
    first = int(key.partition(" ")[0]) + 1 if key else 0
    urns = _volumes(params)[first : first + limit]
    return [f"{place:06} {params['staff']} {urn}" for place, urn in enumerate(urns, first)]


def _seal(key: str) -> None:
    _, staff_code, urn = key.split(" ")
    actor = _actor(staff_code)
    if records.get_volume_for(actor, urn).state is not State.FILING:
        return  # a killed worker's chunk is done again
    actions.seal(occasion=occasions.now(actor), volume_urn=urn)


def _sealing_name(key: str) -> Named:
    urn = key.split(" ")[2]
    found = records.volumes_by_urn([urn])
    return Named(found[urn].reference if urn in found else urn, urn)


def _parts(params: Params) -> int:
    found = queries.print_by_uid(str(params["run"]))
    return -(-len(found.volumes) // VOLUMES_A_PART) if found else 0


def _printing_after(params: Params, key: str, limit: int) -> Sequence[str]:
    first = int(key.partition(" ")[0]) + 1 if key else 0
    return [f"{place:06} {params['run']}" for place in range(first, min(_parts(params), first + limit))]


def _print(key: str) -> None:
    """Set the papers of some volumes; the last that is made puts the whole together. Doing it again gives the same."""
    place, uid = key.split(" ")
    found = queries.print_by_uid(uid)
    if found is None:
        raise Refusal("R-009", what=f"打印 print {uid[:8]}")
    actor = _actor(found.made_by)
    first = int(place) * VOLUMES_A_PART
    parts = []
    for urn in found.volumes[first : first + VOLUMES_A_PART]:
        is_box = records.get_volume_for(actor, urn).arrangement == "BY_ITEM"
        for form in map(FormName, found.forms):
            if form in queries.BY_ITEM_ONLY and not is_box:
                continue
            parts.append(printing.Part(form, queries.printed_facts(actor, urn, form)))
    folder = queries.print_folder(uid)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    octets = (
        printing.print_bundle(parts=parts, title=found.title, at=timezone.now(), practice=settings.PRACTICE)
        if parts
        else b""
    )
    _put(folder / f"{int(place):06}.part", octets)
    made = sorted(folder.glob("*.part"))
    if len(made) == -(-len(found.volumes) // VOLUMES_A_PART):
        _put(folder / "whole.pdf", printing.join_pdfs([path.read_bytes() for path in made if path.stat().st_size]))


def _put(path: Path, octets: bytes) -> None:
    partial = path.with_suffix(f".{os.getpid()}")
    with partial.open("wb") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def _printing_name(key: str) -> Named:
    place, uid = key.split(" ")
    found = queries.print_by_uid(uid)
    first = int(place) * VOLUMES_A_PART
    urn = found.volumes[first] if found else ""
    volumes = records.volumes_by_urn([urn])
    return Named(volumes[urn].reference if urn in volumes else uid[:8], urn)


def clear_prints() -> int:
    """Clear files of print runs made some weeks ago; the papers can be printed again at any time. Returns how many.

    Which run was made by whom stays in its row and its line; no row changes.
    """
    before = timezone.now() - dt.timedelta(days=settings.ANJUAN_SPOOL_DAYS)
    old = queries.stale_prints(before)
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


JOBS = (
    Kind(
        code=actions.SEALING,
        zh="批量封卷编号",
        en="Seal and number many volumes",
        posts=frozenset({Post.FILER}),
        within=dt.timedelta(hours=4),
        count=lambda params: len(_volumes(params)),
        after=_sealing_after,
        do=_seal,
        name=_sealing_name,
    ),
    Kind(
        code=actions.PRINTING,
        zh="批量打印案卷用纸",
        en="Print the papers of many volumes",
        posts=frozenset(queries.BULK_POSTS),
        within=dt.timedelta(hours=4),
        count=_parts,
        after=_printing_after,
        do=_print,
        name=_printing_name,
    ),
)
