"""V22 一表多人缺人员名单: a form for many names one person only, or none, or the list names people whom nobody entered.

Traps: a number that was read badly is nobody's; one of fifteen figures is the same person as that of eighteen; a page
that was not read says nothing.
"""

from collections.abc import Iterator

from anjuan.core import identifiers
from anjuan.core.assurance import Outcome
from anjuan.core.detection.comparing import CLEAR
from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import told_of


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.concerns_many:
            continue
        persons = sum(subject.is_person for subject in item.subjects)
        if persons == 0:
            yield Verdict(Outcome.FAIL, item_urn=item.urn, zh="没有著录任何人员", en="no person is entered")
        elif persons == 1:  # a list of one is rare, not wrong
            yield Verdict(
                Outcome.UNSURE, score=0.5, item_urn=item.urn, zh="只著录了一人", en="one person only is entered"
            )
        else:
            yield _listed(item)


def _listed(item: ItemFacts) -> Verdict:
    """Citizen numbers on the list against those of the catalogue: on the page that names the first who is missing."""
    entered = {identifiers.full(subject.id_number) for subject in item.subjects if subject.is_person}
    lists = [page for page in told_of(item) if page.file.material_code in item.main_codes]
    for page in lists:
        missing = [
            one for one in page.said.citizens if one.is_valid and one.sure >= CLEAR and one.number not in entered
        ]
        if missing:
            first = identifiers.mask_id(missing[0].number)
            words = (
                f"名单上有{len(missing)}人没有著录，如{first}",
                f"{len(missing)} persons of the list are not entered, such as {first}",
            )
            return page.says(Outcome.FAIL, words, score=0.9, boxes=[one.box for one in missing])
    return Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("V22", Scope.ITEM, _judge, version=2)
