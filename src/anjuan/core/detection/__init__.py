"""Findings by machine (自动检测): facts in, verdicts out, one detector a fault of the catalogue.

A detector is one file of ``detectors/``: what it is called is the id of the fault catalogue (``faults.toml``), it looks
at a volume as far as its facts were gathered, and says of each place that it judges PASS, FAIL or UNSURE, with a score
and boxes on the page. What is unsure goes to a person. Nothing is read or written here, so that judging anew under
other settings costs nothing and anybody can repeat it.

Standard: S3-W14, S3-W16, S3-C1 to S3-C12; the defect catalogue.
"""

from anjuan.core.detection.catalogue import Fault, Grade, faults
from anjuan.core.detection.frame import Box, Detector, FaultFinding, Scope, Setting, Settings, Verdict
from anjuan.core.detection.running import detectors, judge, outcomes, settings_of

__all__ = [
    "Box",
    "Detector",
    "Fault",
    "FaultFinding",
    "Grade",
    "Scope",
    "Setting",
    "Settings",
    "Verdict",
    "detectors",
    "faults",
    "judge",
    "outcomes",
    "settings_of",
]
