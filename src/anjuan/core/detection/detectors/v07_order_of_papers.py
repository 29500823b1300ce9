"""V07 件内材料次序错: the main form, which is the agency's paper and the conclusion, lies before the evidence.

Traps: the order of evidence among itself is the counter's; material that the list does not name is passed over.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        listed = {material.code for material in item.materials}
        files = [file for file in sorted(item.files, key=lambda one: one.ordinal) if file.material_code in listed]
        if not any(file.material_code in item.main_codes for file in files):
            continue
        early = next(file for file in files)
        if early.material_code in item.main_codes:
            yield Verdict(Outcome.PASS, item_urn=item.urn)
        else:
            yield Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                component_pk=early.pk,
                page_no=1,
                zh="主表之前有其他材料",
                en="other papers lie before the main form",
            )


DETECTOR = Detector("V07", Scope.ITEM, _judge)
