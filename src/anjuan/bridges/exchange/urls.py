from django.urls import path

from anjuan.bridges.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("register/", views.register, name="register"),
]
