from django import forms

from anjuan.facilities.copies.rules import MOST_COPIES, Medium


class PolicyForm(forms.Form):
    fonds = forms.CharField(max_length=8)
    copies = forms.IntegerField(min_value=1, max_value=MOST_COPIES)
    kinds = forms.IntegerField(min_value=1, max_value=MOST_COPIES)
    far = forms.IntegerField(min_value=0, max_value=MOST_COPIES)
    basis = forms.CharField(max_length=200)


class PlaceForm(forms.Form):
    code = forms.CharField(max_length=20)
    name = forms.CharField(max_length=80)
    medium = forms.ChoiceField(choices=[(medium.value, medium.value) for medium in Medium])
    site = forms.CharField(max_length=80)
    address = forms.CharField(max_length=400)
    is_far = forms.BooleanField(required=False)
    is_offline = forms.BooleanField(required=False)
    capacity_gib = forms.IntegerField(required=False, min_value=1)
