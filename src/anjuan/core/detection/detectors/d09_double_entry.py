"""D09 重复著录: two items of a volume with the same files, or with the same number, title, day and persons.

Traps: identical batch lists of many units are legitimate: then the persons differ; the same material taken over into
several cases is one file with right, so that all files of the item must be the same.
"""

from collections.abc import Iterator

from anjuan.core import identifiers
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    known: dict[tuple[object, ...], ItemFacts] = {}
    for item in volume.items:
        keys: list[tuple[object, ...]] = [
            ("key", item.title, item.formed_date, item.step_code, _people(item), item.paper_pages),
            ("number", item.agency_code, identifiers.fold(item.acceptance_no)),
        ]
        if item.files:
            keys.append(("files", tuple(sorted(file.sha512 for file in item.files))))
        twin = next((known[key] for key in keys if key in known), None)
        for key in keys:
            known.setdefault(key, item)
        if twin is None:
            yield Verdict(Outcome.PASS, item_urn=item.urn)
            continue
        same_files = bool(item.files) and {file.sha512 for file in item.files} == {file.sha512 for file in twin.files}
        yield Verdict(
            Outcome.FAIL if same_files else Outcome.UNSURE,
            score=1.0 if same_files else 0.6,
            item_urn=item.urn,
            zh=f"与 {twin.reference} 相同",
            en=f"the same as {twin.reference}",
        )


def _people(item: ItemFacts) -> tuple[str, ...]:
    return tuple(sorted(subject.id_number or subject.credit_code or subject.name for subject in item.subjects))


DETECTOR = Detector("D09", Scope.ITEM, _judge)
