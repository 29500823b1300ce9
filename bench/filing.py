"""Filing at scale: items proposed into volumes, volumes opened, sealed and numbered, their papers printed.

    python bench/filing.py [ITEMS] [PAGES] [BY_VOLUME|BY_ITEM]        (default: 1000, then 10000 items of 4 pages)

Makes a throw-away archive (SQLite, or the database that ANJUAN_DATABASE names) with that many reviewed items, each with
one stored file, then does what the filing desk does, through the same deeds: proposes, accepts all in acts of at most
500 items, seals every volume as the job of the desk does, and prints the four papers of every volume in one bundle.
Timings are printed, never asserted: machines are noisy.
"""

import datetime as dt
import hashlib
import itertools
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Took:
    """A moment on the wall and of the processor, or what lies between two."""

    wall: float
    cpu: float

    def __sub__(self, other: "Took") -> "Took":
        return Took(self.wall - other.wall, self.cpu - other.cpu)

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s of processor)"


def main(items: int, pages: int, kind: str) -> None:
    home = Path(tempfile.mkdtemp(prefix="anjuan-filing-"))
    os.environ.update(ANJUAN_HOME=str(home), DJANGO_SETTINGS_MODULE="anjuan.config.settings.base")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from anjuan.core.terms import Custody, Post, Route, State, SubjectKind
    from anjuan.demo import office
    from anjuan.desks.filing import actions, queries, rules
    from anjuan.facilities.printing import queries as printing
    from anjuan.facilities.printing.rules import FormName
    from anjuan.facilities.repository import actions as repository
    from anjuan.facilities.repository.rules import Inline
    from anjuan.foundation.accounts import occasions
    from anjuan.foundation.accounts import queries as accounts
    from anjuan.foundation.journal import actions as journal
    from anjuan.foundation.journal import kept
    from anjuan.foundation.schedule import queries as schedule
    from anjuan.records import models
    from anjuan.records import queries as records

    call_command("migrate", verbosity=0)
    kept.watch_over()
    office.found()
    filer = next(who.staff_code for who in office.STAFF if who.post is Post.FILER)

    def occasion():  # type: ignore[no-untyped-def]
        return occasions.now(accounts.actor_for(filer, on=occasions.today()))

    path = accounts.agency("BH").path
    fonds = records.fonds_for(path)
    agency = models.Agency.objects.get(code="BH")
    step = schedule.step("PERSON_REGISTRATION")
    category = models.Category.objects.get(fonds=fonds, code=step.category_code)
    models.Category.objects.filter(pk=category.pk).update(arrangement=kind)
    at = timezone.now()
    for some in itertools.batched(range(items), 500) if hasattr(itertools, "batched") else _batches(items, 500):
        urns = {number: occasion().urn() for number in some}
        receipts = repository.deposit_new(
            objects={urns[n]: [Inline("0001.jpg", b"page %d" % n * 50)] for n in some},
            message="bench",
            user_name="bench",
            user_address="urn:anjuan:bench",
            at=at,
        )
        with journal.writing(occasion=occasion(), act="intake.take_in", unit="bench:items"):
            repository.record_deposits(list(receipts.values()))
            rows = models.Item.objects.bulk_create(
                models.Item(
                    urn=urns[n],
                    fonds=fonds,
                    agency=agency,
                    category=category,
                    acceptance_no=f"B-{n:06}",
                    step_code=step.code,
                    insurance_line=step.insurance_line,
                    year=2024,
                    title=f"第{n}号参保登记表",
                    formed_date=dt.date(2024, 1, 1) + dt.timedelta(days=n % 366),
                    rule_code="bench",
                    term="PERMANENT",
                    paper_pages=pages,
                    route=Route.TARGET,
                    state=State.REVIEWED,
                    custody=Custody.AGENCY,
                    registered_at=at,
                    state_since=at,
                )
                for n in some
            )
            subjects = models.Subject.objects.bulk_create(
                models.Subject(
                    urn=f"urn:bench:{n}", kind=SubjectKind.INSURED_PERSON, name=f"参保人{n}", id_number=f"{n:018}"
                )
                for n in some
            )
            models.Involvement.objects.bulk_create(
                models.Involvement(item=row, subject=subject, ordinal=1)
                for row, subject in zip(rows, subjects, strict=True)
            )
            models.Component.objects.bulk_create(
                models.Component(
                    item=row,
                    ordinal=ordinal,
                    material_code=code,
                    original_name="p.jpg",
                    logical_name="0001.jpg",
                    format_id="JPEG",
                    mime="image/jpeg",
                    page_count=count,
                    pages=[[1240, 1754, 150]] * count,
                    size_bytes=100,
                    captured_at=at,
                    sha512=receipts[row.urn].contents[0].digests.sha512,
                    sha256=receipts[row.urn].contents[0].digests.sha256,
                    sm3=receipts[row.urn].contents[0].digests.sm3,
                )
                for row in rows
                for ordinal, (code, count) in enumerate((("MAIN_FORM", pages - 1), ("ID_CARD", 1)), 1)
            )

    def clock() -> Took:
        return Took(time.perf_counter(), time.process_time())

    actor = occasion().actor
    began = clock()
    proposed = queries.proposals(actor)
    in_proposing = clock() - began

    began = clock()
    opened = []
    for batch in rules.in_acts([len(row.items) for row in proposed]):
        chosen = [actions.Chosen(proposed[n].title, proposed[n].proposal.urns) for n in batch]
        opened += actions.open_volumes(occasion=occasion(), chosen=chosen)
    in_opening = clock() - began

    began = clock()
    sealed = [actions.seal(occasion=occasion(), volume_urn=volume.urn) for volume in opened]
    in_sealing = clock() - began
    numbers = sorted(int(one.reference_code[-4:]) for one in sealed)
    assert numbers == list(range(1, len(sealed) + 1)), "a gap or a double"

    began = clock()
    size = 0
    forms = (FormName.COVER, FormName.SPINE, FormName.CONTENTS, FormName.NOTE)
    for first in range(0, len(sealed), 10):
        parts = [
            printing.Part(form, queries.printed_facts(actor, one.urn, form))
            for one in sealed[first : first + 10]
            for form in forms
        ]
        size += len(printing.print_bundle(parts=parts, title="bench", at=at, practice=True))
    in_printing = clock() - began

    engine = settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1]
    digest = hashlib.sha256("".join(one.reference_code for one in sealed).encode()).hexdigest()[:8]
    print(
        f"{engine} {kind}: {items} items of {pages} pages into {len(sealed)} volumes: proposed {in_proposing}, "
        f"accepted {in_opening}, sealed and numbered {in_sealing}, "
        f"papers {in_printing}, {size / 1e6:.1f} MB ({digest})"
    )


def _batches(count: int, size: int) -> list[range]:
    return [range(first, min(count, first + size)) for first in range(0, count, size)]


if __name__ == "__main__":
    given = sys.argv[1:]
    if not given:  # each in a process of its own: a home is made once
        import subprocess

        for items in (1000, 10_000):
            subprocess.run([sys.executable, __file__, str(items)], check=True)
    else:
        main(int(given[0]), int(given[1]) if len(given) > 1 else 4, given[2] if len(given) > 2 else "BY_VOLUME")
