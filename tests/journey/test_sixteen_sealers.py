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


TWO_AGENCIES = """
    import datetime as dt, json, threading
    from concurrent.futures import ThreadPoolExecutor
    from django.core.management import call_command
    from django.db import connections
    call_command("migrate", verbosity=0)
    from anjuan.core.terms import AgencyKind, AgencyProfile, Post, State
    from anjuan.demo import office
    from anjuan.desks.filing import actions
    from anjuan.facilities.numbering.models import Claim
    from anjuan.foundation.accounts import actions as accounts
    from anjuan.foundation.accounts import occasions
    from anjuan.foundation.journal import actions as journal
    from anjuan.foundation.journal import kept
    from anjuan.foundation.schedule import queries as schedule
    from anjuan.records import models
    from anjuan.records import queries as records
    office.found()
    kept.watch_over()
    founder = accounts.FOUNDER
    accounts.found_agency(occasion=occasions.now(founder), code="HX", name="河西分中心（演示）", kind=AgencyKind.CENTRE,
                          profile=AgencyProfile.FULL, parent_code="SJ")
    who = office.as_post(Post.FILER).actor.staff_code
    accounts.appoint(occasion=occasions.now(founder), staff_code=who, post=Post.FILER, agency_code="HX",
                     since_date=dt.date(2020, 1, 1))
    filer = office.as_post(Post.FILER)
    step = schedule.step("PERSON_REGISTRATION")
    fonds = records.fonds_for(models.Agency.objects.get(code="HX").path)
    category = models.Category.objects.get(fonds=fonds, code=step.category_code)
    rows = []
    with journal.writing(occasion=filer, act="intake.take_in", unit="trial") as line:
        models.Fonds.objects.filter(pk=fonds.pk).update(
            numbering_template="{fonds}-ZY·SB·{category}·{year}-{volume:4}-{item:3}")
        models.Category.objects.filter(pk=category.pk).update(arrangement="BY_ITEM")
        for code in ("BH", "HX"):
            agency = models.Agency.objects.get(code=code)
            rows.append(models.Item.objects.bulk_create(
                models.Item(urn=filer.urn(), fonds=fonds, agency=agency, category=category,
                            acceptance_no=f"{code}-{n}", step_code=step.code, insurance_line=step.insurance_line,
                            year=2024, title=f"登记表 {n}", formed_date=dt.date(2024, 3, 1), rule_code="trial",
                            term="PERMANENT", paper_pages=2, route="LEGACY", state=State.REVIEWED, custody="AGENCY",
                            registered_at=filer.at, state_since=filer.at)
                for n in range(12)
            ))
    boxes = [
        [actions.open_volume(occasion=office.as_post(Post.FILER), item_urns=[one.urn, two.urn]).urn
         for one, two in zip(held[::2], held[1::2])]
        for held in rows
    ]
    barrier, refused = threading.Barrier(2), []

    def seal(urns):
        try:
            for urn in urns:
                barrier.wait()
                try:
                    actions.seal(occasion=office.as_post(Post.FILER), volume_urn=urn)
                except Exception as refusal:
                    refused.append(repr(refusal))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as people:
        list(people.map(seal, boxes))
    codes = sorted(code or "" for code in models.Item.objects.values_list("reference_code", flat=True))
    print(json.dumps({
        "refused": refused, "claims": Claim.objects.count(),
        "agencies": sorted(set(models.Volume.objects.values_list("agency__code", flat=True))),
        "serials": sorted(int(code[-5:]) if code else 0 for code in codes),
    }))
"""


@pytest.mark.acceptance("S4-N3")
def test_two_agencies_that_share_a_run_of_items_do_not_meet(tmp_path: Path, engine: dict[str, str]) -> None:
    said = json.loads(commands.python(tmp_path / "home", TWO_AGENCIES, **engine).splitlines()[-1])

    assert said["refused"] == [] and said["agencies"] == ["BH", "HX"]
    assert said["serials"] == list(range(1, 25)) and said["claims"] == 0


HELD_RUN = """
    import json, threading, time
    from concurrent.futures import ThreadPoolExecutor
    from django.core.management import call_command
    from django.db import connection, connections, transaction
    from django.utils import timezone
    call_command("migrate", verbosity=0)
    from anjuan.facilities.numbering import actions
    held, order = threading.Event(), []

    def claim(run, unit, count):
        return actions.claim(run_key=run, unit=unit, count=count, floor=0, most=99, at=timezone.now())

    claim("shared", "before", 1)
    claim("another", "before", 1)

    def first():
        with transaction.atomic():
            numbers = claim("shared", "first", 2)
            held.set()
            time.sleep(1)
            order.append("first leaves")
        connections.close_all()
        return numbers

    def second(run):
        held.wait(10)
        numbers = claim(run, "second", 1)
        order.append(run)
        connections.close_all()
        return numbers

    with ThreadPoolExecutor(3) as people:
        got = [people.submit(first), people.submit(second, "shared"), people.submit(second, "another")]
        numbers = [one.result() for one in got]
    print(json.dumps({"numbers": numbers, "order": order, "engine": connection.vendor}))
"""


@pytest.mark.acceptance("S4-N3")
def test_who_takes_a_number_waits_for_who_holds_the_run_and_for_nobody_else(
    tmp_path: Path, engine: dict[str, str]
) -> None:
    said = json.loads(commands.python(tmp_path / "home", HELD_RUN, **engine).splitlines()[-1])

    assert said["numbers"] == [[2, 3], [4], [2]]
    assert said["order"].index("first leaves") < said["order"].index("shared")
    if said["engine"] == "postgresql":  # SQLite has one writer: there the other run waits too
        assert said["order"][0] == "another"
