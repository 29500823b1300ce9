"""L07 签名或时间戳失效: a signature that does not hold over the whole file (DA/T 70-2018, 1-1).

Traps: a signer whom the machine does not know is left to a person; files that carry no signature are not asked for one.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            if file.reading is None or not file.reading.signatures:
                continue
            holds = file.reading.is_signature_valid
            if holds:
                yield Verdict(Outcome.PASS, 0.0, item.urn, file.pk)
            elif holds is None:
                yield Verdict(
                    Outcome.UNSURE,
                    0.5,
                    item.urn,
                    file.pk,
                    zh=f"{file.original_name} 的签名人不在可信名单中",
                    en=f"the signer of {file.original_name} is not known to be trusted",
                )
            else:
                yield Verdict(
                    Outcome.FAIL,
                    1.0,
                    item.urn,
                    file.pk,
                    zh=f"{file.original_name} 的签名不成立",
                    en=f"a signature in {file.original_name} does not hold",
                )


DETECTOR = Detector("L07", Scope.ITEM, _judge)
