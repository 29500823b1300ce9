from django.urls import path

from anjuan.facilities.secrecy import views

app_name = "secrecy"
urlpatterns = [
    path("", views.home, name="home"),
    path("mark/", views.mark, name="mark"),
    path("grant/", views.grant, name="grant"),
    path("requests/<str:uid>/give/", views.give, name="give"),
    path("requests/<str:uid>/decline/", views.decline, name="decline"),
    path("leaves/<str:uid>/end/", views.end, name="end"),
    path("<str:urn>/", views.standing, name="standing"),
    path("<str:urn>/ask/", views.ask, name="ask"),
]
