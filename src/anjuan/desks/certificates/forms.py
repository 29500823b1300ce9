from django import forms
from django.utils.translation import gettext_lazy as _

from anjuan.desks.certificates.rules import Relation

RELATIONS = [
    (Relation.SELF.value, _("the person himself")),
    (Relation.PROXY.value, _("a proxy with written authorisation")),
    (Relation.EMPLOYER.value, _("the employer's clerk")),
    (Relation.AUTHORITY.value, _("a body with legal basis")),
]


_TEXT = {"class": "form-control", "autocomplete": "off"}


class AskForm(forms.Form):
    reader_name = forms.CharField(label=_("Reader's name"), max_length=60, widget=forms.TextInput(attrs=_TEXT))
    reader_id_number = forms.CharField(
        label=_("Reader's ID card number"), max_length=20, widget=forms.TextInput(attrs=_TEXT)
    )
    relation = forms.ChoiceField(
        label=_("In what capacity"), choices=RELATIONS, widget=forms.Select(attrs={"class": "form-select"})
    )
    basis = forms.CharField(
        label=_("Basis (authorisation, unit certificate or letter, with number)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=_TEXT),
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=120, widget=forms.TextInput(attrs=_TEXT))


class RevokeForm(forms.Form):
    reason = forms.CharField(label=_("Why it is revoked"), max_length=200)


class FileForm(forms.Form):
    certificate = forms.FileField(label=_("The certificate as a PDF file"))
