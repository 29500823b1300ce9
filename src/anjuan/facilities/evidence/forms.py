from django import forms


class EntryForm(forms.Form):
    """Which entry is to be proven."""

    entry = forms.CharField(max_length=80, required=False)


class ConnectForm(forms.Form):
    """Which two checkpoints are to be compared, by their sizes."""

    old = forms.IntegerField(min_value=0, max_value=10**15, required=False)
    new = forms.IntegerField(min_value=0, max_value=10**15, required=False)

    def is_asked(self) -> bool:
        return self.cleaned_data["old"] is not None and self.cleaned_data["new"] is not None
