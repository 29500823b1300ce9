from django import forms
from django.utils.translation import gettext_lazy as _


class AnswerForm(forms.Form):
    """The answer as typed; its length is judged by the action."""

    answer = forms.CharField(label=_("How it was mended"), required=False, strip=False)
