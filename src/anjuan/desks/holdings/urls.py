from django.urls import path

from anjuan.desks.holdings import views

app_name = "holdings"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("volumes/", views.volumes, name="volumes"),
    path("rooms/", views.furnish_room, name="furnish_room"),
    path("catalogue/", views.export_catalogue, name="export_catalogue"),
]
