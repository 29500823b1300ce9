"""Sixteen volumes sealed at the same moment, on either engine: sixteen numbers in a row, nobody refused."""

import json
from pathlib import Path

import pytest

from tests.journey import commands

SEALERS = 16

SEAL = """
    import dataclasses, datetime as dt, json, sys, threading
    from concurrent.futures import ThreadPoolExecutor
    from django.core.management import call_command
    from django.db import connections
    call_command("migrate", verbosity=0)
    from anjuan.core.terms import Post, State
    from anjuan.demo import office
    from anjuan.desks.filing import actions, queries
    from anjuan.facilities.numbering.models import Claim
    from anjuan.facilities.repository import actions as repository
    from anjuan.facilities.repository import queries as stored
    from anjuan.facilities.repository.rules import Inline
    from anjuan.foundation.journal import actions as journal
    from anjuan.foundation.journal import kept
    from anjuan.foundation.schedule import queries as schedule
    from anjuan.records import models
    from anjuan.records import queries as records
    office.found()
    kept.watch_over()
    count = int(sys.argv[1])
    filer = office.as_post(Post.FILER)
    agency = models.Agency.objects.get(code="BH")
    fonds = records.fonds_for(agency.path)
    step = schedule.step("PERSON_REGISTRATION")
    category = models.Category.objects.get(fonds=fonds, code=step.category_code)
    with journal.writing(occasion=filer, act="intake.take_in", unit="trial") as line:
        rows = models.Item.objects.bulk_create(
            models.Item(urn=filer.urn(), fonds=fonds, agency=agency, category=category, acceptance_no=f"S-{n}",
                        step_code=step.code, insurance_line=step.insurance_line, year=2024, title=f"登记表 {n}",
                        formed_date=dt.date(2024, 3, 1), rule_code="trial", term="PERMANENT", paper_pages=2,
                        route="LEGACY", state=State.REVIEWED, custody="AGENCY", registered_at=filer.at,
                        state_since=filer.at)
            for n in range(count * 2)
        )
    volumes = [
        actions.open_volume(occasion=office.as_post(Post.FILER), item_urns=[one.urn, two.urn]).urn
        for one, two in zip(rows[::2], rows[1::2])
    ]
    barrier = threading.Barrier(count)

    def seal(urn):
        try:
            barrier.wait()
            return actions.seal(occasion=office.as_post(Post.FILER), volume_urn=urn).reference_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as people:
        codes = list(people.map(seal, volumes))
    (run,) = queries.runs_of(filer.actor, 2024)
    print(json.dumps({
        "numbers": sorted(int(code[-4:]) for code in codes), "missing": run.standing.missing,
        "claims": Claim.objects.count(), "whole": run.standing.is_whole,
        "names": sorted(row.reference_code for row in models.Item.objects.all()),
        "sealed": [stored.head(row.urn) for row in rows],
    }))
"""


@pytest.mark.acceptance("S4-N3")
def test_sixteen_who_seal_at_once_get_sixteen_numbers_in_a_row(tmp_path: Path, engine: dict[str, str]) -> None:
    said = json.loads(commands.python(tmp_path / "home", SEAL, str(SEALERS), **engine).splitlines()[-1])

    assert said["numbers"] == list(range(1, SEALERS + 1))
    assert said["missing"] == [] and said["whole"] and said["claims"] == 0
    assert len(set(said["names"])) == SEALERS * 2
    assert said["sealed"] == [1] * SEALERS * 2
