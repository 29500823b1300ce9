from dataclasses import dataclass

from django.http import QueryDict

from anjuan.facilities.condition.rules import Place


@dataclass(frozen=True)
class NoteForm:
    """An entry as typed; what is no number points nowhere and is refused like a page that is not there."""

    kind: str = ""
    note: str = ""
    component: str = ""
    page: str = ""

    @property
    def place(self) -> Place:
        return Place(_number(self.component), _number(self.page))


def read_note(data: QueryDict) -> NoteForm:
    return NoteForm(data.get("kind", ""), data.get("note", ""), data.get("component", ""), data.get("page", ""))


def _number(text: str) -> int:
    tidy = text.strip()
    if not tidy:
        return 0
    return int(tidy) if tidy.isascii() and tidy.isdigit() and len(tidy) < 18 else -1
