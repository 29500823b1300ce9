from django.urls import path

from anjuan.facilities.lives import views

app_name = "lives"
urlpatterns = [
    path("", views.doubts, name="doubts"),
    path("decisions/<str:uid>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:urn>/", views.life, name="life"),
    path("<str:urn>/join/", views.join, name="join"),
    path("<str:urn>/apart/", views.apart, name="apart"),
    path("<str:urn>/name/", views.name, name="name"),
    path("<str:urn>/part/", views.part, name="part"),
    path("<str:urn>/succession/", views.succession, name="succession"),
]
