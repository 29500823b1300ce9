"""D16 旧机构或全宗代码未对应: an agency or fonds that the house does not know stands in a code.

Traps: the agency's own code stays in the 档号 when its records move; only codes of nobody are unmapped.
"""

from collections.abc import Iterator

from anjuan.core import refcode
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.refusals import Refusal


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    if not volume.reference_code or not volume.known_agencies:
        return
    try:
        read = refcode.parse(refcode.Template(volume.rule.text, volume.rule.upto("volume")), volume.reference_code)
    except Refusal:
        return  # V11 says so
    agency = str(read.values.get("agency", ""))
    if agency and agency not in volume.known_agencies:
        yield Verdict(Outcome.FAIL, zh=f"机构代码 {agency} 没有对应", en=f"nobody is called {agency}")
    else:
        yield Verdict(Outcome.PASS)


DETECTOR = Detector("D16", Scope.VOLUME, _judge)
