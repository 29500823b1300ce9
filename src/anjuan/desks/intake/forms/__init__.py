import contextlib
import json
import os
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Route
from anjuan.desks.intake.rules import MOST_AT_ONCE, MOST_PAGES, Registration
from anjuan.facilities.condition.panels import kind_choices
from anjuan.records.rules import Employer, Person

MOST_ROWS = 200
NAME_BYTES = 255

# The field that a refusal of the registration speaks of.
FIELD_OF = {
    "I-001": "acceptance_no",
    "I-002": "formed_date",
    "I-005": "paper_pages",
    "I-006": "persons",
    "I-007": "persons",
    "R-001": "persons",
    "R-002": "persons",
    "R-003": "persons",
    "R-007": "persons",
    "R-008": "persons",
    "R-004": "credit_code",
    "R-005": "credit_code",
    "H-007": "formed_date",
    "D-080": "paper_state",
}


ROUTES = {
    Route.TARGET: _("Paper and images: the pages are scanned here while the case is handled."),
    Route.LEGACY: _("Paper first: it is handed over on paper and scanned last, in the archive's workshop."),
    Route.SINGLE_SET: _("Electronic only: no paper; it is filed once the business system has completed it."),
}


class RegisterForm(forms.Form):
    """What the counter types, but for the persons, who stand in rows of their own."""

    route = forms.ChoiceField(
        required=False, choices=[(route.value, words) for route, words in ROUTES.items()], initial=Route.TARGET
    )
    agency = forms.ChoiceField(label=_("Agency"))
    acceptance_no = forms.CharField(label=_("Acceptance number"), max_length=40)
    formed_date = forms.DateField(
        label=_("Date of the record"),
        help_text=_("The date on the main form"),
        widget=forms.DateInput(attrs={"type": "date", "min": "1949-10-01"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"],
    )
    paper_pages = forms.IntegerField(
        label=_("Pages of paper"),
        help_text=_("Count the sheets by their written sides, before scanning"),
        widget=forms.NumberInput(attrs={"min": 1, "max": MOST_PAGES, "inputmode": "numeric"}),
    )
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("Left empty, it is the name of the business step")
    )
    paper_state = forms.ChoiceField(label=_("State of the paper"), required=False)
    paper_note = forms.CharField(
        label=_("What is to be seen of it"), max_length=300, required=False, help_text=_("Needed when the paper is bad")
    )
    employer_name = forms.CharField(label=_("Employer"), max_length=120, required=False)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters; old forms may have none"),
        widget=forms.TextInput(attrs={"data-check": "credit", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, agencies: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]
        self.fields["paper_state"].choices = [("", _("nothing bad")), *kind_choices()]  # type: ignore[attr-defined]
        if len(agencies) == 1:
            self.fields["agency"].widget = forms.HiddenInput()
            self.fields["agency"].initial = agencies[0][0]
        for name, field in self.fields.items():
            known = field.widget.attrs.get("class", "")
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs |= {"class": f"{known} {kind}".strip(), "autocomplete": "off"}
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_hint"

    def registration(self, step_code: str, persons: Sequence[Person]) -> Registration:
        """The typed case, as the action takes it."""
        typed = self.cleaned_data
        named = typed["employer_name"].strip() or typed["credit_code"].strip()
        return Registration(
            acceptance_no=typed["acceptance_no"],
            step_code=step_code,
            title=typed["title"],
            formed_date=typed["formed_date"],
            paper_pages=typed["paper_pages"],
            persons=tuple(persons),
            employer=Employer(typed["employer_name"], typed["credit_code"]) if named else None,
            route=Route(typed["route"] or Route.TARGET),
            paper_state=typed["paper_state"],
            paper_note=typed["paper_note"],
        )


@dataclass(frozen=True)
class PersonRow:
    """One row of persons as typed."""

    name: str = ""
    id_number: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.name.strip() or self.id_number.strip())


def person_rows(data: QueryDict | None, *, many: bool, more: bool = False) -> list[PersonRow]:
    """The rows to show: what was typed, and for a form of many some empty ones behind."""
    names = data.getlist("person_name") if data else []
    numbers = data.getlist("person_id") if data else []
    length = min(max(len(names), len(numbers)), MOST_ROWS)
    rows = [
        PersonRow(names[at] if at < len(names) else "", numbers[at] if at < len(numbers) else "")
        for at in range(length)
    ]
    wanted = 3 if many else 1
    if more:
        wanted = len(rows) + 3
    return rows + [PersonRow()] * (min(wanted, MOST_ROWS) - len(rows))


# What of a form is worth keeping while it is not registered; the first ones stand in every form from the start.
STANDING = ("agency", "route")
DRAFTED = (
    *STANDING,
    "acceptance_no",
    "formed_date",
    "paper_pages",
    "title",
    "person_name",
    "person_id",
    "employer_name",
    "credit_code",
)


def to_draft(data: QueryDict) -> dict[str, list[str]]:
    """What is typed into a form; nothing if only what stood there from the start."""
    typed = {name: data.getlist(name) for name in DRAFTED if name in data}
    said = [value for name, values in typed.items() if name not in STANDING for value in values]
    return typed if any(value.strip() for value in said) else {}


def of_draft(fields: Mapping[str, Sequence[str]]) -> QueryDict:
    """A draft as a form reads it."""
    data = QueryDict(mutable=True)
    for name, values in fields.items():
        if name in DRAFTED:
            data.setlist(name, list(values))
    return data


def persons_of(rows: Sequence[PersonRow]) -> list[Person]:
    """The persons named in rows; wholly empty rows name nobody."""
    return [Person(row.name, row.id_number) for row in rows if not row.is_empty]


class PaperPagesForm(forms.Form):
    paper_pages = forms.IntegerField()


def file_name(text: str) -> str:
    """What a file was called, kept as metadata: rare characters stay, folders and control signs go, 255 bytes at most.

    It never names anything on our disks.
    """
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cs"))
    octets = kept.encode()
    if len(octets) <= NAME_BYTES:
        return kept
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = kept, "", ""
    room = NAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


@contextlib.contextmanager
def staged(upload: "UploadedFile[bytes]") -> Iterator[Path]:
    """The uploaded bytes as a file of ours while the block runs; afterwards it is gone, whatever happened."""
    folder = Path(settings.ANJUAN_HOME) / "staging" / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in upload.chunks():
                stream.write(chunk)
        yield path
    finally:
        path.unlink(missing_ok=True)


def manifest(text: str, *, files: int) -> list[object]:
    """The cases of a batch as they were written; each is looked at by itself later.

    Raises:
        A-010: it is not an object with a list of cases, or holds what no text can.
        I-014: there are too many cases or files.
    """
    try:
        whole = json.loads(text)
        plain = _is_plain(whole)
    except (ValueError, RecursionError):  # ValueError: also a number longer than Python reads
        raise Refusal("A-010", fields="manifest: not JSON") from None
    cases = whole.get("cases") if isinstance(whole, dict) else None
    if not isinstance(cases, list) or not cases:
        raise Refusal("A-010", fields="manifest: no cases")
    if len(cases) > MOST_AT_ONCE or files > MOST_AT_ONCE:
        raise Refusal("I-014", most=MOST_AT_ONCE, cases=len(cases), files=files)
    if not plain:
        raise Refusal("A-010", fields="manifest: NUL or half a character")
    return cases


def _is_plain(value: object) -> bool:
    """Whether every text in a JSON value can be kept and sent: JSON can spell NUL and halves of characters."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, list):
        return all(_is_plain(part) for part in value)
    if isinstance(value, dict):
        return all(_is_plain(name) and _is_plain(part) for name, part in value.items())
    return True


class Parts:
    """The file parts of a batch request, by their names."""

    def __init__(self, files: "MultiValueDict[str, UploadedFile[bytes]]") -> None:
        self._files = {name: files.getlist(name) for name in files}

    def __len__(self) -> int:
        return sum(len(found) for found in self._files.values())

    @contextlib.contextmanager
    def staged(self, claims: Iterable[Sequence[str]]) -> Iterator[Mapping[str, "Path | Refusal"]]:
        """The claimed parts as files of ours while the block runs; or why one cannot be had."""
        named = Counter(part for claim in claims for part in claim)
        with contextlib.ExitStack() as stack:
            paths: dict[str, Path | Refusal] = {}
            for part, times in named.items():
                found = self._files.get(part, [])
                if not found:
                    paths[part] = Refusal("I-015", part=part[:60])
                elif times > 1 or len(found) > 1:
                    paths[part] = Refusal("I-016", part=part[:60])
                else:
                    paths[part] = stack.enter_context(staged(found[0]))
            yield paths

    def unclaimed(self, claims: Iterable[Sequence[str]]) -> list[str]:
        """Names of the parts that no case names."""
        return sorted(self._files.keys() - {part for claim in claims for part in claim})


def whole_number(text: str) -> int:
    """A typed number; nought when it is none, which no count accepts."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0
