"""D01 著录与影像不符: the main form says another name or number than the catalogue.

Traps: a form names others too (handlers, relatives); what was read badly is asked about; where neither name nor number
is the catalogued one it is somebody else's page (D10); forms of many persons are held against none of them alone.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.comparing import Agreement, Compared, agreements
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import main_form

_WORST = (Agreement.OTHER, Agreement.DOUBTFUL)


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        pages = main_form(item)
        if not pages or item.concerns_many:
            continue
        by_subject: dict[int, list[list[Compared]]] = {}
        for page in pages:
            for number, rows in enumerate(agreements(page, item.subjects)):
                by_subject.setdefault(number, []).append(rows)
        found = None
        has_persons = any(subject.is_person for subject in item.subjects)
        for number, rows_of_pages in by_subject.items():
            entries = list(zip(*rows_of_pages, strict=True))  # each entry on every page
            best = [_best(entry) for entry in entries]
            is_judged_there = item.subjects[number].is_person or not has_persons
            if is_judged_there and all(one.agreement in (Agreement.OTHER, Agreement.SILENT) for one in best):
                continue  # somebody else, or nobody that the page names: D10
            found = next((one for worst in _WORST for one in best if one.agreement is worst), None) or found
        if found is None:
            if by_subject:
                yield pages[0].passes()
            continue
        page = next(one for one in pages if any(found in rows for rows in agreements(one, item.subjects)))
        zh, en = found.entry
        words = (
            f"{zh}：影像为“{found.seen}”，著录为“{found.wanted}”",
            f"{en}: the image says {found.seen}, the catalogue {found.wanted}",
        )
        outcome = Outcome.FAIL if found.agreement is Agreement.OTHER else Outcome.UNSURE
        yield page.says(
            outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.5, boxes=[found.box] if found.box else []
        )


def _best(entries: tuple[Compared, ...]) -> Compared:
    """What the pages of a form say of one entry together: agreement on one is enough."""
    order = (Agreement.SAME, Agreement.OTHER, Agreement.DOUBTFUL, Agreement.SILENT)
    return min(entries, key=lambda one: order.index(one.agreement))


DETECTOR = Detector("D01", Scope.ITEM, _judge)
