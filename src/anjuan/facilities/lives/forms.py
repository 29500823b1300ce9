import datetime as dt
from dataclasses import dataclass, field

from django.http import QueryDict

from anjuan.core.refusals import Refusal


@dataclass(frozen=True)
class Typed:
    """What was typed into one of the forms; shown again where it was refused."""

    verb: str = ""
    other: str = ""
    name: str = ""
    kind: str = ""
    day: str = ""
    reason: str = ""
    evidence: str = ""
    items: tuple[str, ...] = field(default=())
    uid: str = ""

    def date(self) -> dt.date | None:
        """The day, if one was typed.

        Raises:
            L-115: it is no date.
        """
        if not self.day.strip():
            return None
        try:
            return dt.date.fromisoformat(self.day.strip())
        except ValueError:
            raise Refusal("L-115", typed=self.day.strip()[:20]) from None


def read(verb: str, data: QueryDict, *, uid: str = "") -> Typed:
    return Typed(
        verb=verb,
        other=data.get("other", ""),
        name=data.get("name", ""),
        kind=data.get("kind", ""),
        day=data.get("day", ""),
        reason=data.get("reason", ""),
        evidence=data.get("evidence", ""),
        items=tuple(data.getlist("items")),
        uid=uid,
    )
