from django import forms
from django.utils.translation import gettext_lazy as _


class LogInForm(forms.Form):
    staff_code = forms.CharField(
        label=_("Staff code"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "current-password"}),
    )
