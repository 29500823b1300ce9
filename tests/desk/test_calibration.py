"""Thresholds held against what people said: what another value would have told, asked and lost. S3-C11, S3-W14."""

from typing import Any

import pytest

from anjuan.config import calibrating, cli
from anjuan.core.detection.measures import VERSION
from anjuan.core.terms import Post
from anjuan.facilities.assurance import actions
from anjuan.facilities.assurance.queries import calibration, findings
from anjuan.facilities.assurance.queries.findings import Verdict
from anjuan.facilities.formats.backends.measuring import as_kept
from anjuan.facilities.formats.models import PageMeasure
from anjuan.records import queries as records
from tests.builders import refused, sealed
from tests.cast import Cast
from tests.detection.builders import measures


def judged(cast: Cast) -> str:
    """A volume with two faint pages: people called the fainter one a fault and the other none."""
    walk = sealed(cast)
    faint = dict(zip((20.0, 38.0), (Verdict.CONFIRMED, Verdict.DISMISSED), strict=True))
    for row, contrast in zip(records.components_of([walk.item_urn])[walk.item_urn], faint, strict=True):
        figures = as_kept(measures(contrast=contrast, hash64=""))
        PageMeasure.objects.create(sha512=row.sha512, page_no=1, version=VERSION, figures=figures)
    found = [row for row in findings.found_in([walk.volume_urn])[walk.volume_urn] if row.fault.code == "I08"]
    assert len(found) == 2
    for one in sorted(found, key=lambda one: -one.finding.score):
        actions.answer_finding(
            occasion=cast.occasion(Post.CHECKER),
            volume_urn=walk.volume_urn,
            place=one.finding.place,
            verdict=faint.pop(min(faint)),
        )
    return walk.volume_urn


@pytest.mark.acceptance("S3-W14")
def test_another_threshold_is_proposed_where_it_raises_fewer_false_alarms_and_loses_no_fault(cast: Cast) -> None:
    judged(cast)

    places, calibrations = calibration.calibrate("I08")

    assert places == 2
    proposed = [one for one in calibrations if not one.best.is_now]
    assert proposed
    for one in proposed:
        assert one.best.lost <= one.now.lost
        assert one.best.false < one.now.false
    for one in calibrations:
        for trial in one.trials:
            assert trial.told + trial.asked + trial.lost == 1
            assert trial.false + trial.false_asked <= 1
        assert [trial.value for trial in one.trials] == sorted({trial.value for trial in one.trials})


def test_nothing_is_changed_by_asking_and_unjudged_detectors_are_left_out(cast: Cast) -> None:
    judged(cast)
    before = findings.thresholds()

    told = "\n".join(calibrating.report([]))

    assert findings.thresholds() == before
    assert "I08" in told and "建议 proposed" in told and "I06" not in told
    assert "0 处有人判过" in "\n".join(calibrating.report(["I06"]))


def test_a_detector_that_does_not_exist_is_refused(cast: Cast) -> None:
    with refused("Z-003"):
        calibration.calibrate("X99")


def test_the_command_prints_the_report(cast: Cast, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(cast)
    monkeypatch.setattr(cli, "_boot", lambda: None)

    assert cli.main(["calibrate", "I08"]) == 0

    assert "查准 precision" in capsys.readouterr().out
