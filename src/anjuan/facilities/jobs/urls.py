from django.urls import path

from anjuan.facilities.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.listing, name="listing"),
    path("start/", views.start, name="start"),
    path("<str:uid>/", views.one, name="one"),
    path("<str:uid>/pause/", views.pause, name="pause"),
    path("<str:uid>/go-on/", views.go_on, name="go_on"),
    path("<str:uid>/retry/", views.retry, name="retry"),
    path("<str:uid>/cancel/", views.cancel, name="cancel"),
]
