from django.urls import path

from anjuan.facilities.stacks import views

app_name = "stacks"
urlpatterns = [
    path("", views.rooms, name="rooms"),
    path("shelve/<str:urn>/", views.shelve, name="shelve"),
]
