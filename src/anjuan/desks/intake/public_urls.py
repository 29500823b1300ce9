"""Addresses for units and citizens, who have no account here."""

from django.urls import path

from anjuan.desks.intake.views import submitting

app_name = "submit"
urlpatterns = [
    path("", submitting.choose, name="choose"),
    path("progress/", submitting.progress, name="progress"),
    path("progress/again/", submitting.lodge_again, name="again"),
    path("progress/receipt.pdf", submitting.receipt, name="receipt"),
    path("<str:agency>/<str:step>/", submitting.declare, name="declare"),
]
