"""L03 文件命名不合规或重复: two files of an item under one name, capitals aside, or a name that a system cannot take.

Traps: the name a person gave is kept as it is; judged is the name in the store.
"""

import re
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict

_NAME = re.compile(r'[^\x00-\x1f<>:"\\|?*]{1,200}')


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        seen: set[str] = set()
        for file in item.files:
            name = file.logical_name
            folded = name.casefold()
            said = ("重名", "stands twice") if folded in seen else None
            if said is None and (not _NAME.fullmatch(name) or ".." in name.split("/")):
                said = ("不合命名规则", "breaks the rule")
            seen.add(folded)
            yield (
                Verdict(Outcome.FAIL, 1.0, item.urn, file.pk, zh=f"{name} {said[0]}", en=f"{name} {said[1]}")
                if said
                else Verdict(Outcome.PASS, 0.0, item.urn, file.pk)
            )


DETECTOR = Detector("L03", Scope.ITEM, _judge)
