from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

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
