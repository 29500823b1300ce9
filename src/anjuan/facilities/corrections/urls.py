from django.urls import path

from anjuan.facilities.corrections import views

app_name = "corrections"
urlpatterns = [
    path("", views.waiting, name="waiting"),
    path("quality/", views.quality, name="quality"),
    path("<int:pk>/", views.one, name="one"),
    path("<int:pk>/answer/", views.answer, name="answer"),
]
