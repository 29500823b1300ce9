from django.urls import path

from anjuan.facilities.answers import views

app_name = "answers"
urlpatterns = [path("", views.ask, name="ask")]
