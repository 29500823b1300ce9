"""D07 超出值域: a step that the rule book does not know or that is of another category, a line that is none.

Traps: a step that was retired is still known for the records of its time.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.terms import InsuranceLine


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        wrong = []
        if not item.is_known_step:
            wrong.append((f"业务环节 {item.step_code}", f"step {item.step_code}"))
        if item.insurance_line not in set(InsuranceLine):
            wrong.append((f"险种 {item.insurance_line}", f"line {item.insurance_line}"))
        if item.paper_pages < 1:
            wrong.append((f"页数 {item.paper_pages}", f"pages {item.paper_pages}"))
        yield (
            Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                zh="、".join(zh for zh, _ in wrong),
                en=", ".join(en for _, en in wrong),
            )
            if wrong
            else Verdict(Outcome.PASS, item_urn=item.urn)
        )


DETECTOR = Detector("D07", Scope.ITEM, _judge)
