from django.urls import path

from anjuan.facilities.assurance import views
from anjuan.facilities.assurance.views import signatures

app_name = "assurance"
urlpatterns = [
    path("detectors/", views.detectors, name="detectors"),
    path("scheme/", views.scheme, name="scheme"),
    path("scheme/add/", views.add_test, name="add_test"),
    path("scheme/<str:code>/withdraw/", views.withdraw_test, name="withdraw_test"),
    path("signatures/", signatures.register, name="signatures"),
    path("signatures/closed/", signatures.closed, name="signatures_closed"),
    path("signatures/register.csv", signatures.sheet, name="signatures_sheet"),
    path("signatures/records/<str:urn>/", signatures.record, name="signatures_of"),
    path("signatures/<int:pk>/explain/", signatures.explain, name="explain_signature"),
    path("signatures/<int:pk>/replaced/", signatures.replaced, name="note_replacement"),
    path("signatures/<int:pk>/accept/", signatures.accept, name="accept_signature"),
    path("records/<str:urn>/", views.record, name="record"),
    path("records/<str:urn>/examine/", views.examine, name="examine"),
    path("reports/<str:urn>/<str:stage>.pdf", views.report, name="report"),
    path("detectors/<str:code>/<str:name>/", views.set_threshold, name="set_threshold"),
]
