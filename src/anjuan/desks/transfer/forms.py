from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from anjuan.desks.transfer import rules
from anjuan.facilities.corrections.rules import RaisedFault


def read_looks(data: QueryDict, references: Mapping[str, str]) -> dict[str, dict[str, bool]]:
    """What the supervisor ticked: ``look_<volume>`` with paper, images, contents; by 档号 as the deed wants it."""
    return {
        reference: {what: what in data.getlist(f"look_{urn}") for what in rules.LOOKED_AT}
        for urn, reference in references.items()
    }


def read_pages(data: QueryDict, references: Mapping[str, str]) -> dict[str, int]:
    """What the supervisor counted: ``pages_<volume>``, by 档号; what is no number was not counted."""
    return {
        reference: int(text)
        for urn, reference in references.items()
        if (text := data.get(f"pages_{urn}", "").strip()).isascii() and text.isdigit() and len(text) < 7
    }


@dataclass(frozen=True)
class CountForm:
    """What was counted, as typed: kept whole when the deed is refused."""

    typed: Mapping[str, str]
    extra: str
    counted: tuple[rules.Counted, ...]


def read_counts(data: QueryDict, references: Mapping[str, str]) -> CountForm:
    """The count: ``count_<volume>`` in pages, and what was found beyond the register, one 档号 a line."""
    typed = {urn: data.get(f"count_{urn}", "").strip() for urn in references}
    extra = data.get("extra", "")
    counted = [
        rules.Counted(references[urn], int(text))
        for urn, text in typed.items()
        if text.isascii() and text.isdigit() and len(text) < 7
    ]
    counted += [rules.Counted(line.strip(), 0) for line in extra.splitlines() if line.strip()]
    return CountForm(typed, extra, tuple(counted))


@dataclass(frozen=True)
class RefuseForm:
    """The fault for which a volume is sent back, as typed."""

    fault: str
    item: str
    note: str

    def faults(self, items: Sequence[str]) -> tuple[RaisedFault, ...]:
        """What is raised: nothing while no fault is chosen; the first item stands for the whole volume."""
        if not self.fault or not items:
            return ()
        return (RaisedFault(self.fault, self.item or items[0], note=self.note.strip()),)


def read_refusal(data: QueryDict) -> RefuseForm:
    return RefuseForm(data.get("fault", ""), data.get("item", ""), data.get("note", ""))
