from django.urls import path

from anjuan.desks.filing import views

app_name = "filing"
urlpatterns = [
    path("", views.pool, name="pool"),
    path("open/", views.open_volume, name="open"),
    path("faults/<int:pk>/answer/", views.answer, name="answer"),
    path("<str:urn>/", views.volume, name="volume"),
    path("<str:urn>/order/", views.arrange, name="arrange"),
    path("<str:urn>/add/", views.add, name="add"),
    path("<str:urn>/release/", views.release, name="release"),
    path("<str:urn>/seal/", views.seal, name="seal"),
    path("<str:urn>/resubmit/", views.resubmit, name="resubmit"),
    path("<str:urn>/<str:form>.pdf", views.printed, name="print"),
]
