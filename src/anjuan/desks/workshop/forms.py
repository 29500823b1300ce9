from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from anjuan.desks.workshop.rules import Criteria
from anjuan.facilities.corrections.rules import RaisedFault


@dataclass(frozen=True)
class ReturnForm:
    """The fault for which a volume is returned, as typed."""

    fault: str = ""
    item: str = ""
    note: str = ""

    def faults(self, items: Sequence[str]) -> tuple[RaisedFault, ...]:
        """What is raised: nothing while no fault is chosen; the first item stands for the whole volume."""
        if not self.fault or not items:
            return ()
        return (RaisedFault(self.fault, self.item or items[0], note=self.note.strip()),)


def read_return(data: QueryDict) -> ReturnForm:
    return ReturnForm(data.get("fault", ""), data.get("item", ""), data.get("note", ""))


def read_criteria(data: QueryDict) -> Criteria:
    """By what volumes are selected, as chosen; what is no number asks for nothing."""
    return Criteria(
        category=data.get("category", ""),
        step=data.get("step", ""),
        year=_number(data.get("year", "")),
        agency=data.get("agency", ""),
        risk=data.get("risk", ""),
        least_damage=_number(data.get("least_damage", "")),
        least_uses=_number(data.get("least_uses", "")),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
