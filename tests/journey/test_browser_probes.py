"""An exercise on samples in a real browser: pages turned by keys, faults named, results with pictures; both widths."""

from pathlib import Path

import pytest

from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import python, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


# The walked archive holds three volumes: fewer samples than a person may ask for, enough to walk through.
STAGE = """
from dataclasses import astuple
from anjuan.core import sampling
from anjuan.core.detection import injection
from anjuan.demo import office
from anjuan.desks.inspection import actions
from anjuan.desks.inspection.models import Probe, ProbeSet
from anjuan.desks.inspection.queries import probes
from anjuan.foundation.accounts import occasions, queries
actor = queries.actor_for("sj03", on=occasions.today())
seed = sampling.seed_of("walk")
found = probes.sources(actor, 3, seed)
row = ProbeSet.objects.create(set_no="CP-WALK", seed=seed, made_by="sj03", made_at=occasions.now(actor).at)
faults = (["I02"], [], ["I06"])
for place, (source, chosen) in enumerate(zip(found, faults), 1):
    plan = injection.plan_record([page.sheet for page in source.pages], chosen, seed)
    Probe.objects.create(
        probe_set=row, place=place, agency_path=source.agency_path, catalogue=[list(one) for one in source.catalogue],
        source=[[*astuple(page)[:5], page.sheet.material, page.sheet.is_main] for page in source.pages],
        copies=[list(astuple(copy)) for copy in plan.copies], truth=[list(astuple(one)) for one in plan.truth],
    )
    actions.prepare_probe(occasion=occasions.now(actor), set_no="CP-WALK", place=place)
truth = Probe.objects.get(place=1).truth[0][0]
print(office.password(), truth)
"""


@pytest.mark.acceptance("S3-R8", "S3-P7")
def test_an_acceptor_walks_through_a_set_and_learns_what_he_overlooked(own_home: Path, tmp_path: Path) -> None:
    password, truth = python(own_home, STAGE).split()

    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        desk = Desk(browser, base, "sj01", password)
        desk.visit("/inspection/probes/")
        desk.look("probes-acceptor")
        desk.page.click("a.btn-primary[href$='/CP-WALK/']")
        desk.look("probes-how")
        desk.primary()
        pages = desk.turn_all_pages()
        desk.page.wait_for_timeout(1500)
        assert f"已看 {pages} / {pages}" in desk.page.inner_text("#seen")
        desk.look("probes-judge")
        desk.page.keyboard.press("x")
        desk.page.select_option("#return-fault", "I02")
        desk.page.select_option("#return-page", f"{int(truth):03d}")
        desk.press("#return button[value=return]")
        assert "第 2 件" in desk.page.inner_text("h1")
        desk.primary()
        assert "第 3 件" in desk.page.inner_text("h1")
        desk.primary()
        desk.look("probes-mine")
        said = desk.page.inner_text("main")
        assert "50 %" in said and "影像模糊" in said
        desk.visit("/inspection/faults/")
        desk.page.wait_for_load_state("networkidle")
        widths = desk.page.evaluate("[...document.querySelectorAll('.examples img')].map(one => one.naturalWidth)")
        assert len(widths) == 9 and min(widths[:6]) > 100
        desk.look("probes-faults")
        desk.close()

        desk = Desk(browser, base, "sj03", password)
        desk.visit("/inspection/probes/")
        assert "王海" in desk.page.inner_text("main")
        desk.look("probes-all")
        desk.page.click("section[aria-labelledby=sets] details summary")
        desk.press("section[aria-labelledby=sets] details button")
        assert "已删除" in desk.page.inner_text("main")
        desk.look("probes-none")
        desk.close()
    assert not (own_home / "probes" / "CP-WALK").exists()
