from django.urls import path

from anjuan.facilities.assurance import views

app_name = "assurance"
urlpatterns = [
    path("detectors/", views.detectors, name="detectors"),
    path("reports/<str:urn>/<str:stage>.pdf", views.report, name="report"),
    path("detectors/<str:code>/<str:name>/", views.set_threshold, name="set_threshold"),
]
