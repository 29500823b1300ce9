from django.urls import path

from anjuan.facilities.screening import views

app_name = "screening"
urlpatterns = [
    path("", views.aside, name="aside"),
    path("<str:uid>/release/", views.release, name="release"),
    path("<str:uid>/purge/", views.purge, name="purge"),
]
