from django.urls import path

from anjuan.facilities.assurance import views

app_name = "assurance"
urlpatterns = [
    path("detectors/", views.detectors, name="detectors"),
    path("scheme/", views.scheme, name="scheme"),
    path("scheme/add/", views.add_test, name="add_test"),
    path("scheme/<str:code>/withdraw/", views.withdraw_test, name="withdraw_test"),
    path("records/<str:urn>/", views.record, name="record"),
    path("records/<str:urn>/examine/", views.examine, name="examine"),
    path("reports/<str:urn>/<str:stage>.pdf", views.report, name="report"),
    path("detectors/<str:code>/<str:name>/", views.set_threshold, name="set_threshold"),
]
