"""Two people at one record at the same moment: one is done, the other is told, nothing is doubled."""

import subprocess
import sys
import textwrap
from pathlib import Path

from tests.journey import commands

PREPARE = """
    import hashlib, io
    from pathlib import Path
    import django; django.setup()
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    from anjuan.demo import folder, office
    from anjuan.demo.journey import SAMPLE, Journey
    office.found()
    from anjuan.foundation.schedule import queries as schedule
    walk = Journey(folder=SAMPLE)
    walk.cases = folder.read(SAMPLE, schedule.steps())[:1]
    walk._register(); walk._capture(); walk._submit()
    from anjuan.core.terms import Post, State
    from anjuan.records import actions, queries
    occasion = office.as_post(Post.REVIEWER)
    item = queries.items_at(occasion.actor, State.IN_REVIEW, Post.REVIEWER)[0]
    for row in queries.components_of([item.urn])[item.urn]:
        for page in range(1, row.page_count + 1):
            actions.look(actor=occasion.actor, component_pk=row.pk, page_no=page, at=occasion.at)
    print(item.urn)
"""
PASS = """
    import sys, time
    import django; django.setup()
    from anjuan.core.refusals import Refusal
    from anjuan.core.terms import Post
    from anjuan.demo import office
    from anjuan.desks.review import actions
    time.sleep(max(0, float(sys.argv[2]) - time.time()))
    try:
        actions.pass_item(occasion=office.as_post(Post.REVIEWER), urn=sys.argv[1])
        print("moved")
    except Refusal as refusal:
        print(refusal.code)
"""
COUNT = """
    import sys
    import django; django.setup()
    from anjuan.foundation.journal.models import Entry
    from anjuan.records.models import Item
    print(Entry.objects.filter(act="review.pass_item").count(), Item.objects.get(urn=sys.argv[1]).state)
"""


def python(home: Path, script: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        env=commands.clean_environment(home, DJANGO_SETTINGS_MODULE="anjuan.config.settings.base"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err[-2000:]
    return out.strip()


def test_of_two_reviewers_at_the_same_moment_one_passes_and_the_other_is_told(tmp_path: Path) -> None:
    import time

    home = tmp_path / "home"
    urn = said(python(home, PREPARE)).splitlines()[-1]

    start = str(time.time() + 3)
    first, second = python(home, PASS, urn, start), python(home, PASS, urn, start)
    answers = sorted([said(first), said(second)])

    assert answers == ["L-001", "moved"]
    assert said(python(home, COUNT, urn)) == "1 REVIEWED"
