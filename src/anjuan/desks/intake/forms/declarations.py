import contextlib
from collections.abc import Mapping, Sequence

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from anjuan.core.terms import Route
from anjuan.desks.intake.actions import Upload
from anjuan.desks.intake.forms import FIELD_OF as COUNTER_FIELDS
from anjuan.desks.intake.forms import RegisterForm, file_name, staged
from anjuan.desks.intake.queries.declarations import Facts
from anjuan.desks.intake.rules import Registration
from anjuan.desks.intake.rules.declarations import CODE_SIGNS
from anjuan.records.rules import Employer, Person

FILE = "file-"  # before the code of the material, in the names of a form's file fields
REASON = "reason-"
NOT_ASKED = ("acceptance_no", "agency", "route", "paper_pages", "paper_state", "paper_note")
FIELD_OF = {code: field for code, field in COUNTER_FIELDS.items() if field not in NOT_ASKED}


class DeclareForm(RegisterForm):
    """What a unit or a citizen fills in: the counter's form without what only the counter knows."""

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        for name in NOT_ASKED:
            del self.fields[name]
        del self.fields["title"]

    def facts(self, persons: Sequence[Person], answers: Mapping[str, bool]) -> Facts:
        """The filled-in form, as the action takes it."""
        typed = self.cleaned_data
        named = typed["employer_name"].strip() or typed["credit_code"].strip()
        return Facts(
            title="",
            formed_date=typed["formed_date"],
            persons=tuple(persons),
            employer=Employer(typed["employer_name"], typed["credit_code"]) if named else None,
            answers=answers,
        )


class AdmitForm(RegisterForm):
    """What a handler confirms when he accepts a declaration."""

    route = forms.ChoiceField(
        label=_("Which way it goes"),
        choices=[
            (Route.TARGET.value, _("The paper is brought too")),
            (Route.SINGLE_SET.value, _("Electronic only")),
        ],
        initial=Route.TARGET,
    )

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)
        for name in ("agency", "paper_state", "paper_note"):
            del self.fields[name]

    def as_registered(self, step_code: str, persons: Sequence[Person], answers: Mapping[str, bool]) -> Registration:
        """The confirmed case, as the action takes it."""
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
            route=Route(typed["route"]),
            answers=answers,
        )


class InquiryForm(forms.Form):
    """Number and code, which open one declaration together."""

    number = forms.CharField(
        label=_("Declaration number"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "form-control code", "autocomplete": "off", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label=_("Inquiry code"),
        max_length=CODE_SIGNS * 2,
        widget=forms.TextInput(attrs={"class": "form-control code", "autocomplete": "off", "spellcheck": "false"}),
    )


def answers_of(data: QueryDict) -> dict[str, bool]:
    """What was ticked; a question left open stays open."""
    return {
        words: data[f"answer-{place}"] == "yes"
        for place, words in enumerate(data.getlist("condition"), 1)
        if data.get(f"answer-{place}") in ("yes", "no")
    }


def reasons_of(data: QueryDict) -> dict[str, str]:
    """Why each material is returned, by its code; empty ones too."""
    return {name.removeprefix(REASON): str(data[name]) for name in data if name.startswith(REASON)}


def uploads_of(files: "MultiValueDict[str, UploadedFile[bytes]]", stack: contextlib.ExitStack) -> list[Upload]:
    """The files of a form by their materials, as files of ours while the stack stands."""
    return [
        Upload(stack.enter_context(staged(one)), file_name(one.name or ""), name.removeprefix(FILE))
        for name in files
        if name.startswith(FILE)
        for one in files.getlist(name)
    ]


def initial_of(declared: Registration) -> dict[str, object]:
    """What was declared, in the fields of the form."""
    employer = declared.employer
    return {
        "formed_date": declared.formed_date,
        "paper_pages": declared.paper_pages,
        "title": declared.title,
        "employer_name": employer.name if employer else "",
        "credit_code": employer.credit_code if employer else "",
    }


def persons_data(declared: Registration) -> QueryDict:
    """The persons who were declared, as a form reads them."""
    data = QueryDict(mutable=True)
    data.setlist("person_name", [person.name for person in declared.persons])
    data.setlist("person_id", [person.id_number for person in declared.persons])
    return data
