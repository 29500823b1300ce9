from django.urls import path

from anjuan.facilities.copies import views

app_name = "copies"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("running/", views.running, name="running"),
    path("sweep/", views.sweep, name="sweep"),
    path("replicate/", views.replicate, name="replicate"),
    path("repair/", views.repair, name="repair"),
    path("policy/", views.policy, name="policy"),
    path("places/", views.open_place, name="open_place"),
    path("places/<str:code>/detach/", views.detach, name="detach"),
    path("places/<str:code>/attach/", views.attach, name="attach"),
    path("lacking/<str:fonds>/", views.lacking, name="lacking"),
    path("incidents/<int:pk>/", views.incident, name="incident"),
    path("of/<str:urn>/", views.item, name="item"),
]
