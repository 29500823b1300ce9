"""Exercises on copies (测评): samples with known faults, prepared, answered, closed and deleted; records never move."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from anjuan.core import detection, sampling
from anjuan.core.detection import injection
from anjuan.core.detection.copies import CopiedPage, facts_of_copies
from anjuan.core.detection.injection import Mark
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.models import Probe, ProbeAnswer, ProbeSet
from anjuan.desks.inspection.queries import probes as queries
from anjuan.desks.inspection.queries.probes import ProbeRow
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs import actions as jobs
from anjuan.foundation.accounts.queries import archive_path
from anjuan.foundation.journal import actions as journal

PREPARE_JOB = "PREPARE_PROBES"
_SEED_BYTES, _NAME_BYTES = 16, 4


def open_probes(*, occasion: Occasion, count: int) -> str:
    """Have a set of samples prepared from held volumes (准备测评样本), as a job. Returns its number.

    The seed decides what is copied and which faults are put in; it is not said in the journal, for it tells the truth.

    Raises:
        A-001: the actor neither re-checks nor supervises for the archive itself.
        Q-045: too few samples, or too many.
        Q-046: there are not enough volumes to copy from.
        R-009: he does not work with records.

    Standard: S3-R8.
    """
    queries.enter(occasion.actor)
    if not queries.is_preparer(occasion.actor):
        raise Refusal("A-001", posts=queries.PREPARING_POSTS)
    rules.check_probe_count(count)
    seed = sampling.seed_of(occasion.fresh(_SEED_BYTES).hex())
    found = queries.sources(occasion.actor, count, seed)
    if len(found) < count:
        raise Refusal("Q-046", wanted=count, found=len(found))
    plans = injection.plan_set([[page.sheet for page in source.pages] for source in found], seed)
    set_no = f"CP-{occasion.fresh(_NAME_BYTES).hex().upper()}"
    _sweep()

    with journal.writing(occasion=occasion, act="inspection.open_probes", unit=f"probes:{set_no}") as line:
        row = ProbeSet.objects.create(set_no=set_no, seed=seed, made_by=occasion.actor.staff_code, made_at=occasion.at)
        Probe.objects.bulk_create(
            Probe(
                probe_set=row,
                place=place,
                agency_path=source.agency_path,
                source=[
                    [
                        page.item_urn,
                        page.component_pk,
                        page.sha512,
                        page.page_no,
                        page.turn,
                        page.sheet.material,
                        page.sheet.is_main,
                    ]
                    for page in source.pages
                ],
                catalogue=[list(one) for one in source.catalogue],
                copies=[[copy.source, copy.fault, copy.strength] for copy in plan.copies],
                truth=[[one.page, one.code] for one in plan.truth],
            )
            for place, (source, plan) in enumerate(zip(found, plans, strict=True), 1)
        )
        jobs.open_job(line=line, kind=PREPARE_JOB, reference=set_no, agency_path=archive_path(), params={"set": set_no})
        line.say(samples=count)
    return set_no


def prepare_probe(*, occasion: Occasion, set_no: str, place: int) -> None:
    """Copy the pages of one sample, put its faults in, let the detectors judge it (制作测评件). The worker does this.

    Raises:
        B-005, B-007, B-008: the store has no such file any more, or its bytes changed.

    Concurrency: the same plan gives the same bytes; of two workers both write the same, and one keeps the row.
    """
    probe = queries.probe_at(set_no, place)
    if probe is None or probe.is_prepared:
        return
    folder = queries.folder_of(set_no)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number, copy in enumerate(probe.copies, 1):
        page = probe.source[copy.source]
        fault = copy.fault if copy.fault in (*injection.ON_A_PAGE, injection.BLANK, injection.REPEATED) else ""
        octets = formats.copy_page(
            urn=page.item_urn,
            sha512=page.sha512,
            page=page.page_no,
            turn=page.turn,
            fault=fault,
            strength=copy.strength,
        )
        queries.file_of(set_no, place, number).write_bytes(octets)
    said = _judged(probe, occasion)

    with journal.writing(occasion=occasion, act="inspection.prepare_probe", unit=f"probes:{set_no}") as line:
        changed = Probe.objects.filter(pk=probe.pk, prepared_at=None).update(said=said, prepared_at=occasion.at)
        line.say(place=place, pages=len(probe.copies))
    if not changed and not ProbeSet.objects.filter(set_no=set_no).exists():  # deleted meanwhile
        shutil.rmtree(folder, ignore_errors=True)


def answer_probe(*, occasion: Occasion, set_no: str, place: int, verdict: str, marks: Sequence[Mark] = ()) -> None:
    """Say of a sample that it passes, or return it with its faults (测评作答). It is said once.

    Args:
        occasion: one who accepts, and did not prepare the set.
        set_no: the set.
        place: which sample of it.
        verdict: PASS, or RETURN.
        marks: the faults of a return; page 0 for the whole record.

    Raises:
        A-001: exercises are not the actor's business.
        Q-047 to Q-050: he knows the truth, has said already, the set is closed, or the faults cannot be.
        Q-051: it is not prepared yet.
        R-009: there is no such sample that he may see.

    Standard: S3-R8, S3-P7.
    """
    probe = queries.get_probe(occasion.actor, set_no, place)
    catalogue = corrections.fault_catalogue()
    rules.check_probe(
        set_no,
        is_closed=probe.is_closed,
        is_own=queries.knows_truth(occasion.actor, probe.made_by),
        is_answered=place in queries.answered_places(occasion.actor, set_no),
        verdict=verdict,
        marks=len(marks),
        known=all(mark.code in catalogue and 0 <= mark.page <= len(probe.copies) for mark in marks),
    )

    with journal.writing(occasion=occasion, act="inspection.answer_probe", unit=f"probes:{set_no}") as line:
        _, is_first = ProbeAnswer.objects.get_or_create(
            probe_id=probe.pk,
            staff_code=occasion.actor.staff_code,
            defaults={"verdict": verdict, "marks": queries.kept(marks), "answered_at": occasion.at},
        )
        if not is_first:
            raise Refusal("Q-049", set_no=set_no)
        line.say(place=place, verdict=verdict, marks=len(marks))


def close_probes(*, occasion: Occasion, set_no: str) -> None:
    """Close a set (结束测评): nobody answers any more, results and pictures stay until it is deleted.

    Raises:
        A-001: the actor prepares no sets.
        Q-048: it is closed already.
        R-009: there is none.
    """
    found = queries.prepared_set(occasion.actor, set_no)

    with journal.writing(occasion=occasion, act="inspection.close_probes", unit=f"probes:{set_no}") as line:
        if ProbeSet.objects.filter(pk=found.pk, closed_at=None).update(closed_at=occasion.at) != 1:
            raise Refusal("Q-048", set_no=set_no)
        line.say(samples=found.probes)


def delete_probes(*, occasion: Occasion, set_no: str) -> None:
    """Delete a set with all its files, answers and results (删除测评样本). No record is touched.

    Raises:
        A-001: the actor prepares no sets.
        R-009: there is none.

    Concurrency: rows first. Files that a crash leaves behind belong to no set, and go when the next one is prepared.
    """
    found = queries.prepared_set(occasion.actor, set_no)

    with journal.writing(occasion=occasion, act="inspection.delete_probes", unit=f"probes:{set_no}") as line:
        ProbeSet.objects.filter(pk=found.pk).delete()
        line.say(samples=found.probes)
    shutil.rmtree(queries.folder_of(set_no), ignore_errors=True)


def _judged(probe: ProbeRow, occasion: Occasion) -> list[list[object]]:
    """What the detectors find in the copies, under the thresholds of the house."""
    paths = [queries.file_of(probe.set_no, probe.place, number) for number in range(1, len(probe.copies) + 1)]
    measured = formats.measure_copies(pages=[(path.stem, path) for path in paths])
    pages = []
    for copy, path, measures in zip(probe.copies, paths, measured, strict=True):
        shape = formats.characterise(path).pages[0]
        sheet = probe.source[copy.source].sheet
        pages.append(
            CopiedPage(sheet.material, sheet.is_main, shape.width_px, shape.height_px, shape.dpi, path.stem, measures)
        )
    facts = facts_of_copies(pages, paper_pages=len(probe.source), today=occasion.at.date())
    found = detection.judge(facts, codes=set(injection.INJECTED), settings=findings.thresholds())
    said = {(one.code, one.component_pk or injection.WHOLE, one.outcome.value) for one in found}
    return [list(one) for one in sorted(said)]


def _sweep() -> None:
    """Take away folders that no set stands for."""
    known = set(ProbeSet.objects.values_list("set_no", flat=True))
    folder = Path(settings.ANJUAN_HOME) / "probes"
    for left in folder.iterdir() if folder.is_dir() else ():
        if left.name not in known:
            shutil.rmtree(left, ignore_errors=True)
