"""Printing the papers of many volumes in one go (批量打印)."""

from collections.abc import Sequence

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.filing import queries
from anjuan.desks.filing.models import PrintRun
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.printing.rules import VOLUME_FORMS, FormName
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as record_queries

PRINTING = "PRINT_VOLUMES"


def start_printing(*, occasion: Occasion, volume_urns: Sequence[str], forms: Sequence[str]) -> str:
    """Have the papers of sealed volumes set in one PDF, as a job (批量打印). Returns the run's uid.

    Raises:
        A-001: the actor's post does not handle volumes.
        F-007: no volume is named.
        P-003: no form is named, or one is not a volume's.
        L-001: a volume is not sealed.
        R-009: one is not to be seen.
    """
    if not volume_urns:
        raise Refusal("F-007")
    wanted = [form for form in VOLUME_FORMS if form in forms]
    if not wanted or set(forms) - {form.value for form in VOLUME_FORMS}:
        raise Refusal("P-003", form="、".join(forms)[:60] or "—")
    found = [record_queries.get_volume_for(occasion.actor, urn) for urn in dict.fromkeys(volume_urns)]
    for volume in found:
        permit(occasion.actor, volume.agency_path, *queries.PRINTING_POSTS)
        if not volume.reference_code:
            raise Refusal("L-001", reference=volume.reference)
    uid = occasion.fresh(16).hex()

    with journal.writing(occasion=occasion, act="filing.start_printing", unit=f"print:{uid}") as line:
        PrintRun.objects.create(
            uid=uid,
            forms=[FormName(form).value for form in wanted],
            volumes=[volume.urn for volume in found],
            title=f"{found[0].reference_code} 等 {len(found)} 卷"[:120],
            made_by=occasion.actor.staff_code,
            made_at=occasion.at,
        )
        jobs.open_job(
            line=line, kind=PRINTING, reference=uid[:8], agency_path=found[0].agency_path, params={"run": uid}
        )
        line.say(forms=",".join(wanted), volumes=",".join(volume.urn for volume in found))
    return uid
