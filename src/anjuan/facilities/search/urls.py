from django.urls import path

from anjuan.facilities.search import views

app_name = "search"
urlpatterns = [
    path("find/", views.find, name="find"),
    path("records/", views.listing, name="listing"),
    path("item/<str:urn>/", views.item, name="item"),
    path("volume/<str:urn>/", views.volume, name="volume"),
    path("openings/<str:urn>/", views.openings, name="openings"),
    path("reveal/<str:subject>/", views.reveal, name="reveal"),
]
