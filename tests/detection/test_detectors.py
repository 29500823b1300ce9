"""Every rule detector on its labelled samples: what is to be found is found, and the known traps raise no alarm."""

import importlib
import pkgutil
from collections import Counter

import pytest

from anjuan.core import detection
from anjuan.core.assurance import Outcome
from tests.detection import samples
from tests.detection.builders import Sample, volume

_SAMPLES = {
    module.name.upper(): importlib.import_module(f"{samples.__name__}.{module.name}").SAMPLES
    for module in pkgutil.iter_modules(samples.__path__)
}
_PROVES = {
    "S01": "S3-C3",
    "S02": "S3-C3",
    "S03": "S3-C3",
    "V06": "S3-C5",
    "I23": "S3-C5",
    "D10": "S3-C8",
    "D01": "S3-C9",
    "V05": "S3-C11",
}
_CASES = [
    pytest.param(
        code,
        one,
        id=f"{code} {one.says}",
        marks=[pytest.mark.acceptance(_PROVES[code])] if code in _PROVES else [],
    )
    for code, rows in _SAMPLES.items()
    for one in rows
]


@pytest.mark.parametrize(("code", "sample"), _CASES)
def test_a_detector_finds_what_is_labelled_and_nothing_else(code: str, sample: Sample) -> None:
    found = detection.judge(sample.volume, codes={code})

    assert Counter(one.outcome for one in found) == Counter(sample.found), [one.zh for one in found]
    assert all(one.zh and one.en for one in found)


@pytest.mark.parametrize("code", sorted(detection.detectors()))
def test_a_detector_has_samples_of_a_fault_of_a_good_record_and_of_a_trap(code: str) -> None:
    rows = _SAMPLES[code]

    assert any(row.found for row in rows)
    assert any(not row.found and not row.is_trap for row in rows)
    assert any(row.is_trap for row in rows)


def test_a_good_volume_passes_every_detector() -> None:
    assert detection.judge(volume()) == []


def test_every_detector_is_in_the_fault_catalogue_and_every_threshold_in_its_range() -> None:
    for code, detector in detection.detectors().items():
        assert detection.faults()[code].code == detector.code == code
        for setting in detector.settings:
            assert setting.least <= setting.default <= setting.most, (code, setting.name)


def test_a_changed_threshold_is_used_and_an_unknown_one_is_not() -> None:
    short = volume(title="2024年退休审批")

    assert not detection.judge(short, codes={"V12"})
    changed = detection.judge(short, codes={"V12"}, settings={"V12": {"least": 20, "nonsense": 1}})
    assert [one.outcome for one in changed] == [Outcome.FAIL]


def test_the_catalogue_has_the_ids_of_the_defect_list_with_a_remedy_and_a_clause() -> None:
    rows = detection.faults()

    for letter, most in (("V", 23), ("S", 12), ("D", 17), ("I", 29), ("L", 12)):
        assert [code for code in rows if code[0] == letter] == [
            f"{letter}{number:02d}" for number in range(1, most + 1)
        ]
    assert all(row.zh and row.en and row.remedy_zh and row.remedy_en and row.clause for row in rows.values())
